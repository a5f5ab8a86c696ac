/* handseg bench: that it measures what it says, not how fast: times are the machine's. */
#include "segment/bench.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <stdlib.h>
#include <string.h>

static double number_after(const char *text, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\": ", key);
    const char *at = strstr(text, quoted);
    ck_assert_msg(at != NULL, "'%s' lacks %s", text, quoted);
    return strtod(at + strlen(quoted), NULL);
}

START_TEST(json_holds_every_figure)
{
    if (!hs_test_tiny_model())
        return;
    const char *json = hs_test_shell("$H bench net.ini --batch 3 --threads 1 --seconds 0.01 --json",
                                     0, "\"isa\": ");
    ck_assert_double_eq(number_after(json, "batch"), 3);
    ck_assert_double_eq(number_after(json, "threads"), 1);
    ck_assert_double_eq(number_after(json, "parameters"), 267);
    ck_assert_double_gt(number_after(json, "peak_gflops_per_second"), 0);
    double latency = number_after(json, "latency_ms");
    ck_assert_double_gt(latency, 0);
    ck_assert_double_eq(number_after(strstr(json, "\"frame\""), "ms"), latency);
    ck_assert_double_gt(number_after(json, "png_latency_ms"), 0);
    ck_assert_double_ge(number_after(json, "page_faults_per_step"), 0);
    ck_assert_double_gt(number_after(json, "planned_memory_bytes"), 0);
    ck_assert_double_gt(number_after(json, "peak_resident_bytes"), 0);
    ck_assert_double_lt(number_after(json, "error_to_reference"), 1e-3);
    double step = number_after(strstr(json, "\"training_step\""), "ms");
    ck_assert_double_eq_tol(number_after(json, "train_images_per_second") * step, 3000, 1e-6);
}
END_TEST

/* Operations of a layer forward, and of a step: the weights' gradients as many again, those of the
 * inputs too but for the first layer. */
START_TEST(operations_are_counted_by_layer)
{
    if (!hs_test_tiny_model())
        return;
    const char *json =
        hs_test_shell("$H bench net.ini --batch 2 --seconds 0.01 --json", 0, "\"layers\"");
    double conv = 2.0 * 4 * 16 * 9 * 12, transposed = 2.0 * 4 * 3 * 16 * 9 * 12;
    ck_assert_double_eq(number_after(strstr(json, "\"frame\""), "flops"), conv + transposed);
    ck_assert_double_eq(number_after(strstr(json, "\"training_step\""), "flops"),
                        2 * (2 * conv + 3 * transposed));
    const char *layer = strstr(json, "\"dec1\"");
    ck_assert_double_eq(number_after(strstr(layer, "\"forward\""), "flops"), 2 * transposed);
    ck_assert_double_eq(number_after(strstr(layer, "\"backward\""), "flops"), 4 * transposed);
    ck_assert_double_gt(number_after(strstr(layer, "\"forward\""), "ms"), 0);
    ck_assert_double_gt(number_after(strstr(layer, "\"backward\""), "ms"), 0);
}
END_TEST

/* Bytes of real arrays of `pixels` with `channels`, as they lie in memory. */
static double tensor_bytes(int pixels, int channels)
{
    return (double)sizeof(hs_real) * pixels * hs_pitch_of(channels);
}

/* Enc1 is a convolution and a batch norm with its activation, which dec1, the last layer before the
 * loss, applies while it reads. The convolution is so cheap here that its output is not kept but
 * made again from the images, for the backward pass of dec1. */
START_TEST(bytes_are_counted_by_layer)
{
    if (!hs_test_tiny_model())
        return;
    const char *json =
        hs_test_shell("$H bench net.ini --batch 2 --seconds 0.01 --json", 0, "\"layers\"");
    enum { IN = 2 * 18 * 24, MID = 2 * 9 * 12 };
    double images = tensor_bytes(IN, 1), mid = tensor_bytes(MID, 4), logits = tensor_bytes(IN, 3);
    /* Weight and bias; what a norm keeps for its readers and its backward pass. */
    double norm = tensor_bytes(2, 4), kept = tensor_bytes(5, 4);
    double enc = tensor_bytes(16, 4) + norm, statistics = norm;
    const char *layer = strstr(json, "\"enc1\"");
    ck_assert_double_eq(number_after(strstr(layer, "\"forward\""), "bytes"),
                        images + mid + enc + statistics + kept);
    ck_assert_double_eq(number_after(strstr(layer, "\"backward\""), "bytes"),
                        2 * mid + images + kept + enc);
    /* [R][S][big_c][small_c] and a bias of the big side's channels. */
    double dec = tensor_bytes(16 * 3, 4) + tensor_bytes(1, 3);
    layer = strstr(json, "\"dec1\"");
    ck_assert_double_eq(number_after(strstr(layer, "\"forward\""), "bytes"), mid + logits + dec);
    ck_assert_double_eq(number_after(strstr(layer, "\"backward\""), "bytes"),
                        logits + images + 2 * mid + 2 * dec);
    /* What it reads and makes lies in memory while it runs. */
    ck_assert_double_ge(number_after(strstr(layer, "\"backward\""), "memory_bytes"),
                        logits + 2 * mid);
    double frame =
        (images / 2 + mid / 2 + tensor_bytes(16, 4) + 2 * norm) + (mid / 2 + logits / 2 + dec);
    ck_assert_double_eq(number_after(strstr(json, "\"frame\""), "bytes"), frame);
}
END_TEST

START_TEST(totals_are_sums)
{
    if (!hs_test_tiny_model())
        return;
    const char *json =
        hs_test_shell("$H bench net.ini --batch 2 --seconds 0.01 --json", 0, "\"layers\"");
    static const char *const passes[] = {"\"forward\"", "\"backward\""};
    const char *layers = strstr(json, "\"layers\""), *total = strstr(json, "\"layers_total\"");
    ck_assert_ptr_nonnull(total);
    for (int p = 0; p < 2; p++) {
        double bytes = 0, flops = 0, most = 0;
        for (const char *at = layers; (at = strstr(at, passes[p])) != NULL && at < total; at++) {
            double memory = number_after(at, "memory_bytes");
            bytes += number_after(at, "bytes");
            flops += number_after(at, "flops");
            most = memory > most ? memory : most;
        }
        const char *sum = strstr(total, passes[p]);
        ck_assert_double_eq(number_after(sum, "bytes"), bytes);
        ck_assert_double_eq(number_after(sum, "flops"), flops);
        ck_assert_double_eq(number_after(sum, "memory_bytes"), most);
    }
}
END_TEST

START_TEST(kernels_and_files_can_be_chosen)
{
    if (!hs_test_tiny_model())
        return;
    const char *text =
        hs_test_shell("HS_ISA=ref TMPDIR=$PWD $H bench tiny.ini --set enc1.filters=5 "
                      "--seconds 0.01",
                      0, "kernels     ref");
    ck_assert_ptr_nonnull(strstr(text, "batch 4"));
    ck_assert_ptr_nonnull(strstr(text, "conv, batch_norm, leaky_relu"));
    ck_assert_ptr_nonnull(strstr(text, "within 0.0e+00 of the reference"));
    ck_assert_ptr_nonnull(strstr(text, "from a 16-bit PNG file of 640x480 to labels"));
    ck_assert_ptr_nonnull(strstr(text, " page faults a step"));
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "handseg-bench"), 0);
    hs_test_shell("$H bench run/best.h5 --seconds 0.01", 0, "run/best.h5");
    hs_test_shell("$H bench --help", 0, "handseg bench configs/nets/handseg.ini");
    hs_test_shell("$H bench tiny.h5", 1, "expected a checkpoint");
    hs_test_shell("$H bench none.ini", 1, "none.ini");
    hs_test_shell("TMPDIR=$PWD/none $H bench net.ini --seconds 0.01", 1, "set TMPDIR to a folder");
    hs_test_shell("$H bench net.ini --batch 0", 2, "--batch");
}
END_TEST

/* A score that begins at zero gives no logits to compare, and no gradients before it. */
START_TEST(weights_are_random_whatever_they_begin_with)
{
    if (!hs_test_tiny_model())
        return;
    static const char net[] = "[input]\nheight=16\nwidth=16\n[conv a]\nfilters=4\nkernel=3\npad=1\n"
                              "act=relu\n[conv score]\nfilters=3\nkernel=1\ninit=zero\n";
    hs_test_write(hs_test_path("zero.ini"), net, sizeof net - 1);
    const char *json = hs_test_shell("$H bench zero.ini --seconds 0.01 --json", 0, "\"isa\": ");
    ck_assert_double_lt(number_after(json, "error_to_reference"), 1e-3);
}
END_TEST

START_TEST(ceiling_is_positive_for_every_instruction_set)
{
    hs_isa isa = hs_kernels_isa();
    for (int i = HS_ISA_ref; i <= HS_ISA_avx512; i++)
        if (hs_kernels_force((hs_isa)i))
            ck_assert_double_gt(hs_bench_ceiling(), 0);
    hs_kernels_force(isa);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, json_holds_every_figure);
    tcase_add_test(tests, operations_are_counted_by_layer);
    tcase_add_test(tests, bytes_are_counted_by_layer);
    tcase_add_test(tests, totals_are_sums);
    tcase_add_test(tests, kernels_and_files_can_be_chosen);
    tcase_add_test(tests, weights_are_random_whatever_they_begin_with);
    tcase_add_test(tests, ceiling_is_positive_for_every_instruction_set);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

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
    ck_assert_double_gt(number_after(json, "latency_ms"), 0);
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

START_TEST(kernels_and_files_can_be_chosen)
{
    if (!hs_test_tiny_model())
        return;
    const char *text = hs_test_shell("HS_ISA=ref $H bench tiny.ini --set enc1.filters=5 "
                                     "--seconds 0.01",
                                     0, "kernels     ref");
    ck_assert_ptr_nonnull(strstr(text, "batch 4"));
    ck_assert_ptr_nonnull(strstr(text, "conv, batch_norm, leaky_relu"));
    ck_assert_ptr_nonnull(strstr(text, "within 0.0e+00 of the reference"));
    hs_test_shell("$H bench run/best.h5 --seconds 0.01", 0, "run/best.h5");
    hs_test_shell("$H bench --help", 0, "handseg bench configs/nets/handseg.ini");
    hs_test_shell("$H bench tiny.h5", 1, "expected a checkpoint");
    hs_test_shell("$H bench none.ini", 1, "none.ini");
    hs_test_shell("$H bench net.ini --batch 0", 2, "--batch");
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
    tcase_add_test(tests, kernels_and_files_can_be_chosen);
    tcase_add_test(tests, ceiling_is_positive_for_every_instruction_set);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Forward, backward and training of the proposed network against PyTorch's numbers, in every
 * instruction set of this machine; and updates over several passes against one large batch. */
#include "handseg/train.h"
#include "kernels/kernels.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include "support/trace.h"
#include "train/checkpoint.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char golden_path[] = "tests/golden/net.h5";

/* Bounds on sqrt(mean of squared differences / mean of squares), and for logits on the largest
 * difference over the largest logit too. */
static const double logits_bound = 1e-4, tensor_bound = 1e-3;

static hs_real *read_reals(hs_h5 *file, const char *name, hs_h5_type type, int64_t *count)
{
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
    hs_real *values;
    ck_assert_ok(hs_h5_shape(file, name, NULL, &rank, dims));
    *count = 1;
    for (int i = 0; i < rank; i++)
        *count *= dims[i];
    ck_assert_ok(hs_allocate(sizeof *values * (size_t)*count, name, (void **)&values));
    ck_assert_ok(hs_h5_read(file, name, type, rank, dims, values));
    return values;
}

/* Differences of two arrays of one name, as shares of the second. */
typedef struct difference {
    double rms, max;
} difference;

static difference compare(hs_h5 *got_file, hs_h5 *expected_file, const char *name)
{
    int64_t count, expected_count;
    hs_real *got = read_reals(got_file, name, HS_TRACE_REAL, &count);
    hs_real *expected = read_reals(expected_file, name, HS_TRACE_REAL, &expected_count);
    ck_assert_msg(count == expected_count, "%s: got %lld, expected %lld", name, (long long)count,
                  (long long)expected_count);
    double error = 0, size = 0, most_error = 0, most = 0;
    for (int64_t i = 0; i < count; i++) {
        double e = (double)got[i] - (double)expected[i], x = (double)expected[i];
        error += e * e;
        size += x * x;
        most_error = fabs(e) > most_error ? fabs(e) : most_error;
        most = fabs(x) > most ? fabs(x) : most;
    }
    free(got);
    free(expected);
    ck_assert_msg(size > 0, "%s: all zero", name);
    return (difference){sqrt(error / size), most_error / most};
}

static void assert_group_close(hs_h5 *got, hs_h5 *expected, const char *group, double bound,
                               const char *what)
{
    hs_arena arena = {0};
    int n_layers, n_names, compared = 0;
    const char *const *layers, *const *names;
    ck_assert_ok(hs_h5_list(expected, group, &arena, &n_layers, &layers));
    for (int i = 0; i < n_layers; i++) {
        const char *layer = hs_arena_format(&arena, "%s/%s", group, layers[i]);
        ck_assert_ok(hs_h5_list(expected, layer, &arena, &n_names, &names));
        for (int k = 0; k < n_names; k++, compared++) {
            const char *name = hs_arena_format(&arena, "%s/%s", layer, names[k]);
            double rms = compare(got, expected, name).rms;
            ck_assert_msg(rms <= bound, "%s: %s: got a difference of %.2e, expected at most %.0e",
                          what, name, rms, bound);
        }
    }
    ck_assert_int_gt(compared, 0);
    hs_arena_free(&arena);
}

/* ---- PyTorch's numbers ------------------------------------------------------------------------
 */
static hs_isa best;

static void remember_isa(void)
{
    best = hs_kernels_isa();
}

static void restore_isa(void)
{
    ck_assert(hs_kernels_force(best));
}

START_TEST(equals_pytorch)
{
    hs_isa isa = (hs_isa)_i;
    if (!hs_kernels_force(isa)) {
        hs_skip("%s is not an instruction set of this machine", hs_isa_name(isa));
        return;
    }
    const char *what = hs_isa_name(isa), *out = hs_test_path("trace.h5");
    hs_h5 *got, *expected;
    ck_assert_ok(hs_trace_run(golden_path, out));
    ck_assert_ok(hs_h5_open(out, &got));
    ck_assert_ok(hs_h5_open(golden_path, &expected));
    static const char *const logits[] = {"/inference", "/logits"};
    for (int i = 0; i < 2; i++) {
        difference d = compare(got, expected, logits[i]);
        ck_assert_msg(d.max <= logits_bound && d.rms <= logits_bound,
                      "%s: %s: got differences of %.2e (max) and %.2e (RMS), expected at most %.0e",
                      what, logits[i], d.max, d.rms, logits_bound);
    }
    ck_assert_double_le(compare(got, expected, "/loss").max, logits_bound);
    assert_group_close(got, expected, "/gradients", tensor_bound, what);
    assert_group_close(got, expected, "/after", tensor_bound, what);
    hs_h5_close(got);
    hs_h5_close(expected);
}
END_TEST

/* ---- several passes an update -----------------------------------------------------------------
 */
/* Without batch norm an update does not know how its batch was cut into passes. */
static const char net_text[] = "[input]\nheight = 18\nwidth = 24\n"
                               "[init]\nscheme = he\n"
                               "[conv enc]\nfilters = 8\nkernel = 4\nstride = 2\npad = 1\n"
                               "act = leaky\nslope = 0.2\n"
                               "[conv mid]\nfilters = 20\nkernel = 3\npad = 1\nact = relu\n"
                               "[conv_transpose dec]\nfilters = 3\nkernel = 4\nstride = 2\n"
                               "pad = 1\n";
/* The loss is a mean over pixels weighted by class: unequal weights would make the mean of two
 * passes another number than that of the whole. */
static const char train_text[] = "[augment]\nflip = no\ntranslate = 0\nscale = 0\n"
                                 "[loss]\nbalance = none\n"
                                 "[optimizer]\nmethod = adam\nlr = 1e-3\n"
                                 "[train]\nepochs = 5\nseed = 3\n"
                                 "[data]\ntrain = all\nvalidate = none\n";

static const char *train(const char *data, int batch, int accumulate)
{
    const char *config = hs_test_path("train.ini");
    char *text;
    ck_assert_int_gt(asprintf(&text, "[net]\nfile = net.ini\n%s", train_text), 0);
    hs_test_write(config, text, strlen(text));
    hs_test_write(hs_test_path("net.ini"), net_text, sizeof net_text - 1);
    free(text);
    char file[700], sets[3][700], name[32];
    snprintf(name, sizeof name, "run%d", accumulate);
    snprintf(file, sizeof file, "data.file=%s", data);
    snprintf(sets[0], sizeof sets[0], "train.out=%s", hs_test_path(name));
    snprintf(sets[1], sizeof sets[1], "train.batch=%d", batch);
    snprintf(sets[2], sizeof sets[2], "train.accumulate=%d", accumulate);
    ck_assert_ok(
        hs_train(config, (const char *const[]){file, sets[0], sets[1], sets[2]}, 4, false));
    snprintf(name, sizeof name, "run%d/last.h5", accumulate);
    return hs_test_path(name);
}

START_TEST(two_passes_equal_one_of_double_size)
{
    char output[4096], command[2048];
    const char *data = hs_test_path("data.h5");
    snprintf(command, sizeof command, "pack %s --out %s", hs_test_frames("frames", 3, 8), data);
    ck_assert_msg(hs_test_run(command, output, sizeof output) == 0, "%s", output);
    hs_h5 *once, *twice;
    ck_assert_ok(hs_h5_open(train(data, 8, 1), &once));
    ck_assert_ok(hs_h5_open(train(data, 4, 2), &twice));
    int64_t steps[2];
    ck_assert_ok(hs_h5_read(once, "/train", HS_H5_I64, 0, NULL, &steps[0]));
    ck_assert_ok(hs_h5_read(twice, "/train", HS_H5_I64, 0, NULL, &steps[1]));
    ck_assert_int_eq(steps[0], 15);
    ck_assert_int_eq(steps[1], 15);
    assert_group_close(twice, once, "/params", 1e-5, "accumulate = 2");
    hs_h5_close(once);
    hs_h5_close(twice);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parity");
    TCase *golden = tcase_create("golden"), *passes = tcase_create("passes");
#define HS_ISA(name, features) +1
    int isas = 0
#include "kernels/isa.def"
        ;
#undef HS_ISA
    tcase_add_unchecked_fixture(golden, remember_isa, restore_isa);
    tcase_add_loop_test(golden, equals_pytorch, 0, isas);
    tcase_add_test(passes, two_passes_equal_one_of_double_size);
    suite_add_tcase(suite, golden);
    suite_add_tcase(suite, passes);
    return hs_run_suite(suite);
}

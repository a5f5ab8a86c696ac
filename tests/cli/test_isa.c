/* HS_ISA: the program runs with the instruction set asked for and says so, refuses what it cannot
 * run, and trains and labels the same with each. */
#include "io/hdf5.h"
#include "kernels/kernels.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A command with HS_ISA=isa: what it says, after status and text were checked. */
static const char *run_with(const char *isa, const char *command, int status, const char *text)
{
    char line[1024];
    snprintf(line, sizeof line, "export HS_ISA=%s; %s", isa, command);
    return hs_test_shell(line, status, text);
}

/* Whether a test of `isa` can run; says why not. */
static bool can_run(hs_isa isa)
{
    if (!hs_test_tiny_model())
        return false;
    if (!hs_isa_supported(isa))
        hs_skip("%s is not an instruction set of this machine", hs_isa_name(isa));
    return hs_isa_supported(isa);
}

START_TEST(the_set_asked_for_runs)
{
    hs_isa isa = (hs_isa)_i;
    char text[64];
    if (can_run(isa)) {
        snprintf(text, sizeof text, "\"isa\": \"%s\"", hs_isa_name(isa));
        run_with(hs_isa_name(isa), "$H bench net.ini --seconds 0.01 --json", 0, text);
    } else if (hs_test_tiny_model()) {
        run_with(hs_isa_name(isa), "$H bench net.ini --seconds 0.01", 2, "which does not run here");
    }
}
END_TEST

START_TEST(others_are_refused)
{
    static const char *const commands[] = {"$H bench net.ini",
                                           "$H train tiny.ini --set train.out=x",
                                           "$H segment run/best.h5 frames --out x"};
    if (!hs_test_tiny_model())
        return;
    for (int i = 0; i < 3; i++) {
        const char *said = run_with("sse9", commands[i], 2, "HS_ISA: got 'sse9', expected ");
        for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++)
            ck_assert_ptr_nonnull(strstr(said, hs_isa_name((hs_isa)isa)));
    }
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "x"), 0);
}
END_TEST

/* ---- the same results -------------------------------------------------------------------------
 */
static double distance(const float *a, const float *b, int64_t n)
{
    double apart = 0, length = 0;
    for (int64_t i = 0; i < n; i++) {
        apart += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        length += (double)b[i] * b[i];
    }
    return sqrt(apart / length);
}

static float *read_array(hs_h5 *file, const char *name, int64_t *n)
{
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
    *n = 1;
    ck_assert_ok(hs_h5_shape(file, name, NULL, &rank, dims));
    for (int i = 0; i < rank; i++)
        *n *= dims[i];
    float *values = malloc(sizeof *values * (size_t)*n);
    ck_assert_ok(hs_h5_read(file, name, HS_H5_F32, rank, dims, values));
    return values;
}

/* The largest relative distance of an array of two checkpoints. */
static double parameters_apart(const char *a_path, const char *b_path)
{
    hs_h5 *a, *b;
    hs_arena arena = {0};
    const char *const *layers, *const *names;
    int n_layers, n_names;
    double most = 0;
    ck_assert_ok(hs_h5_open(a_path, &a));
    ck_assert_ok(hs_h5_open(b_path, &b));
    ck_assert_ok(hs_h5_list(b, "/params", &arena, &n_layers, &layers));
    ck_assert_int_eq(n_layers, 2);
    for (int i = 0; i < n_layers; i++) {
        const char *layer = hs_arena_format(&arena, "/params/%s", layers[i]);
        ck_assert_ok(hs_h5_list(b, layer, &arena, &n_names, &names));
        for (int k = 0; k < n_names; k++) {
            const char *name = hs_arena_format(&arena, "%s/%s", layer, names[k]);
            int64_t n, m;
            float *x = read_array(a, name, &n), *y = read_array(b, name, &m);
            ck_assert_int_eq(n, m);
            double apart = distance(x, y, n);
            most = apart > most ? apart : most;
            free(x);
            free(y);
        }
    }
    hs_arena_free(&arena);
    hs_h5_close(a);
    hs_h5_close(b);
    return most;
}

/* The relative distance of the logits of two files of `segment`. */
static double logits_apart(const char *a_path, const char *b_path)
{
    enum { FRAMES = HS_TINY_SUBJECTS * HS_TINY_FRAMES, SIZE = 3 * 18 * 24 };
    static const int64_t dims[] = {3, 18, 24};
    const char *const paths[] = {a_path, b_path};
    static float logits[2][FRAMES * SIZE];
    for (int k = 0; k < 2; k++) {
        hs_h5 *file;
        hs_h5_frames *frames;
        hs_h5_block block = {0};
        ck_assert_ok(hs_h5_open(paths[k], &file));
        ck_assert_ok(hs_h5_frames_open(file, "/logits", HS_H5_F32, 3, dims, &frames));
        ck_assert_int_eq(hs_h5_frames_count(frames), FRAMES);
        for (int i = 0; i < FRAMES; i++)
            ck_assert_ok(hs_h5_frames_read(frames, i, logits[k] + i * SIZE, &block));
        hs_h5_block_free(&block);
        hs_h5_close(file);
    }
    return distance(logits[0], logits[1], FRAMES * SIZE);
}

/* As the kernels are: to rounding, which some dozen updates of Adam make larger. */
static const double logits_bound = 1e-5, parameters_bound = 1e-4;

START_TEST(trains_and_labels_as_the_reference)
{
    hs_isa isa = (hs_isa)_i;
    if (!can_run(isa))
        return;
    const char *const names[] = {hs_isa_name(HS_ISA_ref), hs_isa_name(isa)};
    char command[256];
    for (int k = 0; k < 2; k++) {
        snprintf(command, sizeof command,
                 "rm -rf of%d && $H train tiny.ini --set train.out=of%d && "
                 "$H segment run/best.h5 frames --out of%d/frames --logits of%d/logits.h5",
                 k, k, k, k);
        run_with(names[k], command, 0, "done");
    }
    double parameters = parameters_apart(hs_test_path("of1/last.h5"), hs_test_path("of0/last.h5"));
    double logits = logits_apart(hs_test_path("of1/logits.h5"), hs_test_path("of0/logits.h5"));
    /* Vectors round otherwise than the reference: equal bits would mean that it was the reference.
     */
    ck_assert((logits > 0 && parameters > 0) == (isa != HS_ISA_ref));
    ck_assert_msg(parameters <= parameters_bound, "%s: parameters are %.2g apart, expected %g",
                  hs_isa_name(isa), parameters, parameters_bound);
    ck_assert_msg(logits <= logits_bound, "%s: logits are %.2g apart, expected %g",
                  hs_isa_name(isa), logits, logits_bound);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isa");
    TCase *tests = tcase_create("all");
    tcase_add_loop_test(tests, the_set_asked_for_runs, HS_ISA_ref, HS_ISA_avx512 + 1);
    tcase_add_test(tests, others_are_refused);
    tcase_add_loop_test(tests, trains_and_labels_as_the_reference, HS_ISA_ref, HS_ISA_avx512 + 1);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Training as a whole, in this process: it learns, ends when it should, and writes what it says. */
#include "support/fault.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "io/hdf5.h"
#include "train/checkpoint.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A number of metrics.json. */
static double metric(const char *out, const char *key)
{
    size_t size;
    char *text = (char *)hs_test_read(hs_tiny_path(out, "metrics.json"), &size), quoted[64];
    text[size] = 0;
    snprintf(quoted, sizeof quoted, "\"%s\": ", key);
    const char *at = strstr(text, quoted);
    ck_assert_msg(at != NULL, "metrics.json lacks %s: %s", key, text);
    double value = strtod(at + strlen(quoted), NULL);
    free(text);
    return value;
}

/* Column `column` of row `row` of log.csv, both from 0; NAN where it is empty. */
static double logged(const char *out, int row, int column)
{
    FILE *file = fopen(hs_tiny_path(out, "log.csv"), "r");
    ck_assert_ptr_nonnull(file);
    char line[1024] = "";
    for (int i = 0; i <= row + 1; i++)
        ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    fclose(file);
    const char *at = line;
    for (int i = 0; i < column; i++)
        at = strchr(at, ',') + 1;
    return *at == ',' || *at == '\n' ? NAN : strtod(at, NULL);
}

enum { RATE = 2, LOSS = 3, NORM = 4, VAL_LOSS = 7, VAL_MIOU = 8 };

START_TEST(learns_slanted_squares)
{
    ck_assert_ok(hs_tiny_train("learn",
                               "train.epochs=60 train.accumulate=1 train.checkpoint_minutes=10 "
                               "schedule.method=cosine",
                               false));
    ck_assert_double_gt(metric("learn", "best_validation_miou"),
                        0.8); /* 0.97 when it was written */
    ck_assert_double_eq(metric("learn", "epochs"), 60);
    ck_assert_double_eq(metric("learn", "steps"), 300);
    ck_assert_double_eq(metric("learn", "train_frames"), HS_TINY_TRAIN);
    ck_assert_double_eq(metric("learn", "validation_frames"), HS_TINY_VAL);
    ck_assert_int_eq(hs_test_lines(hs_tiny_path("learn", "log.csv")), 301);
    ck_assert_double_lt(logged("learn", 299, LOSS), logged("learn", 0, LOSS) / 5);
    double best = 0;
    for (int row = 0; row < 300; row++) { /* validation stands in the last row of each epoch */
        double miou = logged("learn", row, VAL_MIOU);
        ck_assert_int_eq(isnan(miou), row % 5 != 4);
        ck_assert_int_eq(isnan(logged("learn", row, VAL_LOSS)), row % 5 != 4);
        best = miou > best ? miou : best;
    }
    ck_assert_double_eq_tol(metric("learn", "best_validation_miou"), best, 1e-8);
}
END_TEST

START_TEST(subsets_are_what_is_trained_on)
{
    ck_assert_ok(hs_tiny_train("subset", "train.epochs=1 data.subset=4", false));
    ck_assert_double_eq(metric("subset", "train_frames"), 4);
    ck_assert_error(hs_tiny_train("large", "data.subset=1000", false), HS_ERR_CONFIG,
                    "data.subset: got 1000, expected at most the split's");
    ck_assert_error(hs_tiny_train("unit", "data.subset=2 data.subset_by=person", false),
                    HS_ERR_CONFIG, "subset_by");
}
END_TEST

/* ---- optimisers, schedules, clipping ----------------------------------------------------------
 */
static double rate_after(int row)
{
    return logged("rates", row, RATE);
}

START_TEST(schedules_set_the_rate)
{
    static const struct {
        const char *more;
        double rates[4]; /* of updates 0, 2, 4, 5 */
    } cases[] = {
        {"schedule.method=constant", {.01, .01, .01, .01}},
        {"schedule.method=constant schedule.warmup=4", {.0025, .0075, .01, .01}},
        {"schedule.method=step schedule.every=2 schedule.gamma=0.5", {.01, .005, .0025, .0025}},
        {"schedule.method=poly schedule.power=1", {.01, .01 * 4 / 6, .01 * 2 / 6, .01 / 6}},
        {"schedule.method=cosine", {.01, .0075, .0025, .01 * .0669872981077807}},
    };
    static const int rows[] = {0, 2, 4, 5};
    char more[256];
    snprintf(more, sizeof more, "train.epochs=2 %s", cases[_i].more);
    char command[700];
    snprintf(command, sizeof command, "rm -rf %s", hs_test_path("rates"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_ok(hs_tiny_train("rates", more, false));
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq_tol(rate_after(rows[i]), cases[_i].rates[i], 1e-9);
}
END_TEST

START_TEST(optimisers_and_clipping_work)
{
    ck_assert_ok(
        hs_tiny_train("sgd", "train.epochs=6 optimizer.method=sgd optimizer.lr=0.05", false));
    ck_assert_double_lt(logged("sgd", 17, LOSS), logged("sgd", 0, LOSS));
    ck_assert_ok(hs_tiny_train("decay", "train.epochs=1 optimizer.weight_decay=0.1", false));
    /* sgd without momentum moves parameters by the rate times the clipped norm: step 1 of a tight
     * bound is the same loss, and step 2 a loss that hardly differs. */
    const char *tight =
        "train.epochs=1 optimizer.method=sgd optimizer.momentum=0 optimizer.lr=0.05 "
        "optimizer.clip_norm=1e-6";
    ck_assert_ok(hs_tiny_train("clip", tight, false));
    ck_assert_double_gt(logged("clip", 0, NORM), 0.01); /* the norm before clipping */
    hs_h5 *file;
    float before[3], after[3];
    const int64_t dims[] = {3};
    ck_assert_ok(
        hs_tiny_train("still", "train.epochs=1 optimizer.method=sgd optimizer.lr=0", false));
    ck_assert_ok(hs_h5_open(hs_tiny_path("still", "last.h5"), &file));
    ck_assert_ok(hs_h5_read(file, "/params/score/bias", HS_H5_F32, 1, dims, before));
    hs_h5_close(file);
    ck_assert_ok(hs_h5_open(hs_tiny_path("clip", "last.h5"), &file));
    ck_assert_ok(hs_h5_read(file, "/params/score/bias", HS_H5_F32, 1, dims, after));
    hs_h5_close(file);
    for (int i = 0; i < 3; i++)
        ck_assert(fabsf(after[i] - before[i]) <= 3 * 0.05f * 1e-6f);
}
END_TEST

/* ---- ends -------------------------------------------------------------------------------------
 */
static void assert_ended_well(const char *out)
{
    static const char *const files[] = {"config.ini", "log.csv", "best.h5", "last.h5",
                                        "metrics.json"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        ck_assert_msg(access(hs_tiny_path(out, files[i]), R_OK) == 0, "%s lacks %s", out, files[i]);
    ck_assert_int_eq(hs_test_count(hs_test_path(out), "tmp"), 0);
}

START_TEST(patience_ends_a_run)
{
    /* Rate 0 and no dropout's effect on validation: only the first epochs can be better. */
    ck_assert_ok(hs_tiny_train(
        "patient", "train.epochs=50 train.patience=3 optimizer.method=sgd optimizer.lr=0", false));
    double epochs = metric("patient", "epochs"), best = metric("patient", "best_epoch");
    ck_assert_double_eq(epochs, best + 3);
    ck_assert_double_lt(epochs, 50);
    assert_ended_well("patient");
}
END_TEST

START_TEST(the_time_budget_ends_a_run)
{
    ck_assert_ok(hs_tiny_train("hasty", "train.epochs=100000 train.minutes=0.005", false));
    ck_assert_double_lt(metric("hasty", "epochs"), 100000);
    ck_assert_double_ge(metric("hasty", "steps"), 1);
    ck_assert_double_gt(metric("hasty", "seconds"), 0);
    assert_ended_well("hasty");
    size_t size, now;
    unsigned char *bytes = hs_test_read(hs_tiny_path("hasty", "last.h5"), &size);
    ck_assert_ok(hs_tiny_train("hasty", "train.epochs=100000 train.minutes=0.005", true));
    unsigned char *kept = hs_test_read(hs_tiny_path("hasty", "last.h5"), &now);
    ck_assert_uint_eq(now, size); /* it has ended: nothing is added, and nothing written */
    ck_assert_mem_eq(kept, bytes, size);
    free(bytes);
    free(kept);
}
END_TEST

START_TEST(a_number_of_steps_ends_a_run_and_more_go_on)
{
    const char *more = "train.epochs=6 train.accumulate=1 data.validate=none";
    char few[256];
    snprintf(few, sizeof few, "%s train.steps=4", more);
    ck_assert_ok(hs_tiny_train("stepped", few, false));
    ck_assert_double_eq(metric("stepped", "steps"), 4);
    ck_assert_ok(hs_tiny_train("stepped", few, true));
    ck_assert_double_eq(metric("stepped", "steps"), 4);
    ck_assert_ok(hs_tiny_train("stepped", more, true));
    ck_assert_ok(hs_tiny_train("straight", more, false));
    hs_tiny_assert_same(hs_tiny_path("straight", "last.h5"), hs_tiny_path("stepped", "last.h5"));
    ck_assert_ok(hs_tiny_train("validated", "train.epochs=6 train.steps=4", false));
    assert_ended_well("validated");
}
END_TEST

/* Where the budget ends is left to chance; what comes of it is not. */
START_TEST(a_new_budget_goes_on_within_the_epoch)
{
    const char *more = "train.epochs=6 train.accumulate=1 data.validate=none";
    char hasty[256];
    snprintf(hasty, sizeof hasty, "%s train.minutes=0.0003", more);
    ck_assert_ok(hs_tiny_train("budget", hasty, false));
    ck_assert_ok(hs_tiny_train("budget", more, true));
    ck_assert_ok(hs_tiny_train("unbounded", more, false));
    hs_tiny_assert_same(hs_tiny_path("unbounded", "last.h5"), hs_tiny_path("budget", "last.h5"));
    hs_tiny_assert_same_log(hs_tiny_path("unbounded", "log.csv"),
                            hs_tiny_path("budget", "log.csv"));
}
END_TEST

START_TEST(training_without_validation_keeps_the_last)
{
    ck_assert_ok(hs_tiny_train("blind", "train.epochs=2 data.validate=none", false));
    ck_assert_double_eq(metric("blind", "validation_frames"), 0);
    hs_tiny_assert_same(hs_tiny_path("blind", "best.h5"), hs_tiny_path("blind", "last.h5"));
    ck_assert(isnan(logged("blind", 5, VAL_MIOU)));
}
END_TEST

START_TEST(the_resolved_configuration_is_a_configuration)
{
    ck_assert_ok(hs_tiny_train(
        "first", "train.epochs=2 optimizer.lr=0.003 net.width=48 net.normalize=mean", false));
    ck_assert_ok(hs_tiny_train_file("second", hs_tiny_path("first", "config.ini")));
    hs_tiny_assert_same(hs_tiny_path("first", "last.h5"), hs_tiny_path("second", "last.h5"));
}
END_TEST

/* ---- checkpoints ------------------------------------------------------------------------------
 */
START_TEST(checkpoints_have_the_shapes_of_pytorch)
{
    static const struct {
        const char *name;
        int rank;
        int64_t dims[4];
    } arrays[] = {{"down/weight", 4, {8, 1, 4, 4}},  {"down/bn_weight", 1, {8}},
                  {"down/bn_bias", 1, {8}},          {"down/bn_mean", 1, {8}},
                  {"down/bn_var", 1, {8}},           {"mid/weight", 4, {12, 8, 3, 3}},
                  {"up/weight", 4, {12, 8, 4, 4}}, /* transposed: in, out */
                  {"score/weight", 4, {3, 8, 3, 3}}, {"score/bias", 1, {3}}};
    ck_assert_ok(hs_tiny_train("shapes", "train.epochs=1", false));
    const char *path = hs_tiny_path("shapes", "last.h5");
    hs_h5 *file;
    ck_assert_ok(hs_h5_open(path, &file));
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        static const char *const prefixes[] = {"/params", "/optimizer/m", "/optimizer/v"};
        for (int k = 0; k < 3; k++) {
            char name[128];
            snprintf(name, sizeof name, "%s/%s", prefixes[k], arrays[i].name);
            bool statistic = strstr(name, "bn_mean") || strstr(name, "bn_var");
            ck_assert_msg(hs_h5_exists(file, name) == !(statistic && k > 0), "%s", name);
            if (statistic && k > 0)
                continue;
            hs_h5_type type;
            int rank;
            int64_t dims[HS_H5_MAX_RANK];
            ck_assert_ok(hs_h5_shape(file, name, &type, &rank, dims));
            ck_assert(type == HS_H5_F32 && rank == arrays[i].rank);
            for (int d = 0; d < rank; d++)
                ck_assert_int_eq(dims[d], arrays[i].dims[d]);
        }
    }
    ck_assert(!hs_h5_exists(file, "/params/down/bias")); /* under batch norm */
    int64_t step;
    ck_assert_ok(hs_h5_read(file, "/optimizer/step", HS_H5_I64, 0, NULL, &step));
    ck_assert_int_eq(step, 3);
    hs_h5_close(file);
    hs_arena arena = {0};
    hs_checkpoint_info info;
    ck_assert_ok(hs_checkpoint_read_info(path, &arena, &info));
    ck_assert_int_eq(info.classes, 3);
    ck_assert_str_eq(info.labels[1], "right");
    ck_assert_ptr_nonnull(strstr(info.config, "[conv_transpose up]"));
    ck_assert(info.state.step == 3 && info.state.epoch == 1 && info.state.batch == 0);
    hs_arena_free(&arena);
}
END_TEST

START_TEST(a_run_can_start_from_another)
{
    char more[600];
    hs_h5 *a, *b;
    float x[3], y[3];
    const int64_t dims[] = {3};
    ck_assert_ok(hs_tiny_train("source", "train.epochs=2", false));
    snprintf(more, sizeof more, "train.epochs=1 optimizer.method=sgd optimizer.lr=0 train.init=%s",
             hs_tiny_path("source", "best.h5"));
    ck_assert_ok(hs_tiny_train("target", more, false));
    ck_assert_ok(hs_h5_open(hs_tiny_path("source", "best.h5"), &a));
    ck_assert_ok(hs_h5_open(hs_tiny_path("target", "last.h5"), &b));
    ck_assert_ok(hs_h5_read(a, "/params/score/bias", HS_H5_F32, 1, dims, x));
    ck_assert_ok(hs_h5_read(b, "/params/score/bias", HS_H5_F32, 1, dims, y));
    ck_assert(memcmp(x, y, sizeof x) == 0 && x[0] != 0);
    hs_h5_close(a);
    hs_h5_close(b);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    omp_set_num_threads(1); /* the runs are too small for more */
    Suite *suite = suite_create("learning");
    TCase *tests = tcase_create("learning");
    tcase_add_test(tests, learns_slanted_squares);
    tcase_add_test(tests, subsets_are_what_is_trained_on);
    tcase_add_loop_test(tests, schedules_set_the_rate, 0, 5);
    tcase_add_test(tests, optimisers_and_clipping_work);
    tcase_add_test(tests, patience_ends_a_run);
    tcase_add_test(tests, the_time_budget_ends_a_run);
    tcase_add_test(tests, a_number_of_steps_ends_a_run_and_more_go_on);
    tcase_add_test(tests, a_new_budget_goes_on_within_the_epoch);
    tcase_add_test(tests, training_without_validation_keeps_the_last);
    tcase_add_test(tests, the_resolved_configuration_is_a_configuration);
    tcase_add_test(tests, checkpoints_have_the_shapes_of_pytorch);
    tcase_add_test(tests, a_run_can_start_from_another);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

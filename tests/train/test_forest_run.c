/* Runs of `handseg train` on a forest: the same bits for any threads and after any kill; what is
 * refused; commands. The program runs as a child, because it is killed. */
#include "support/fault.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "base/rng.h"
#include "handseg/segment.h"
#include "io/hdf5.h"
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* HDF5 loses memory of its own where metadata are damaged; ours is still looked after. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

static char output[8192]; /* what the last program said */
static const char one_thread[] = "export OMP_NUM_THREADS=1";

static const char forest_text[] = "[input]\nheight = 48\nwidth = 64\n"
                                  "[forest]\ntrees = 2\ndepth = 7\ncandidates = 60\n"
                                  "thresholds = 10\npixels = 300\noffset = 20\nleast = 2\n";
static const char train_text[] = "[net]\nfile = forest.ini\n[data]\nfile = %s\n"
                                 "[augment]\ntranslate = 0.1\nscale = 0.1\n"
                                 "[train]\nout = run\ncheckpoint_minutes = 0.001\n";

/* Writes data and configuration, once; options of `handseg train` into the run folder `out`. */
static const char *options(const char *out, const char *more)
{
    static char text[4][2048], config[512];
    static int turn;
    turn = (turn + 1) % 4;
    if (!config[0]) {
        char file[1024];
        hs_tiny_config(); /* makes tiny.h5 */
        hs_test_write(hs_test_path("forest.ini"), forest_text, sizeof forest_text - 1);
        int size = snprintf(file, sizeof file, train_text, hs_test_path("tiny.h5"));
        snprintf(config, sizeof config, "%s", hs_test_path("forest_train.ini"));
        hs_test_write(config, file, (size_t)size);
    }
    snprintf(text[turn], sizeof text[turn], "train %s --quiet --set train.out=%s %s", config,
             hs_test_path(out), more);
    return text[turn];
}

static void collect(void)
{
    size_t size;
    unsigned char *text = hs_test_read(hs_test_path("output"), &size);
    size = size < sizeof output - 1 ? size : sizeof output - 1;
    memcpy(output, text, size);
    output[size] = 0;
    free(text);
}

static pid_t start(const char *before, const char *out, const char *more)
{
    const char *arguments = options(out, more); /* makes the files */
    return hs_test_start(before, arguments, hs_test_path("output"));
}

static void run_to_end(const char *before, const char *out, const char *more)
{
    int status = hs_test_wait(start(before, out, more));
    collect();
    ck_assert_msg(status == 0, "status %d: %s", status, output);
}

/* Expects the program to refuse, with `status` and a message that has `text`. */
static void expect(int status, const char *out, const char *more, const char *text)
{
    int got = hs_test_wait(start(one_thread, out, more));
    collect();
    ck_assert_msg(got == status, "%s: status %d, expected %d: %s", more, got, status, output);
    ck_assert_msg(strstr(output, text) != NULL, "%s: '%s' lacks '%s'", more, output, text);
}

/* ---- comparing --------------------------------------------------------------------------------
 */
static void assert_same_array(hs_h5 *a, hs_h5 *b, int tree, const char *array)
{
    char name[64];
    hs_h5_type type;
    int rank[2];
    int64_t dims[2][HS_H5_MAX_RANK];
    snprintf(name, sizeof name, "/forest/tree%d/%s", tree, array);
    ck_assert_ok(hs_h5_shape(a, name, &type, &rank[0], dims[0]));
    ck_assert_ok(hs_h5_shape(b, name, NULL, &rank[1], dims[1]));
    ck_assert_int_eq(rank[0], rank[1]);
    size_t bytes = hs_h5_type_size(type);
    for (int i = 0; i < rank[0]; i++) {
        ck_assert_int_eq(dims[0][i], dims[1][i]);
        bytes *= (size_t)dims[0][i];
    }
    unsigned char *x = malloc(bytes), *y = malloc(bytes);
    ck_assert_ok(hs_h5_read(a, name, type, rank[0], dims[0], x));
    ck_assert_ok(hs_h5_read(b, name, type, rank[0], dims[0], y));
    ck_assert_msg(memcmp(x, y, bytes) == 0, "%s differs", name);
    free(x);
    free(y);
}

static void assert_same_files(const char *a_path, const char *b_path)
{
    static const char *const arrays[] = {"offsets", "threshold", "left", "counts"};
    static const char *const integers[] = {"seed",  "step",       "epoch",
                                           "batch", "best_epoch", "best_step"};
    hs_h5 *a, *b;
    hs_arena arena = {0};
    const char *const *names;
    int n, m;
    ck_assert_ok(hs_h5_open(a_path, &a));
    ck_assert_ok(hs_h5_open(b_path, &b));
    ck_assert_ok(hs_h5_list(a, "/forest", &arena, &n, &names));
    ck_assert_ok(hs_h5_list(b, "/forest", &arena, &m, &names));
    ck_assert_int_eq(n, m);
    for (int tree = 0; tree < n; tree++)
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
            assert_same_array(a, b, tree, arrays[i]);
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        int64_t x, y;
        ck_assert_ok(hs_h5_get_i64(a, "/train", integers[i], &x));
        ck_assert_ok(hs_h5_get_i64(b, "/train", integers[i], &y));
        ck_assert_msg(x == y, "%s: %lld and %lld", integers[i], (long long)x, (long long)y);
    }
    hs_h5_close(a);
    hs_h5_close(b);
    hs_arena_free(&arena);
}

/* Rows of log.csv but for the column of seconds, the seventh. */
static void assert_same_logs(const char *a_path, const char *b_path)
{
    FILE *a = fopen(a_path, "r"), *b = fopen(b_path, "r");
    char x[2][1024];
    ck_assert(a != NULL && b != NULL);
    for (;;) {
        bool more = fgets(x[0], sizeof x[0], a) != NULL;
        ck_assert(more == (fgets(x[1], sizeof x[1], b) != NULL));
        if (!more)
            break;
        for (int i = 0; i < 2; i++) {
            char *from = x[i];
            for (int column = 0; column < 6; column++)
                from = strchr(from, ',') + 1;
            memmove(from, strchr(from, ','), strlen(strchr(from, ',')) + 1);
        }
        ck_assert_str_eq(x[0], x[1]);
    }
    fclose(a);
    fclose(b);
}

static void assert_same_runs(const char *a, const char *b)
{
    assert_same_files(hs_tiny_path(a, "last.h5"), hs_tiny_path(b, "last.h5"));
    assert_same_files(hs_tiny_path(a, "best.h5"), hs_tiny_path(b, "best.h5"));
    assert_same_logs(hs_tiny_path(a, "log.csv"), hs_tiny_path(b, "log.csv"));
    ck_assert_int_eq(hs_test_count(hs_test_path(b), ".tmp"), 0);
}

/* The run nobody disturbs, made once. */
static const char *whole(void)
{
    static bool made;
    if (!made)
        run_to_end(one_thread, "whole", "");
    made = true;
    return "whole";
}

/* ---- the same bits ----------------------------------------------------------------------------
 */
START_TEST(threads_and_workers_do_not_change_a_bit)
{
    run_to_end("export OMP_NUM_THREADS=2", "two", "--set data.workers=2");
    run_to_end("export OMP_NUM_THREADS=3", "three", "--set data.workers=3");
    assert_same_runs(whole(), "two");
    assert_same_runs(whole(), "three");
}
END_TEST

START_TEST(instruction_sets_do_not_change_a_bit)
{
    run_to_end("export OMP_NUM_THREADS=1 HS_ISA=ref", "ref", "");
    assert_same_runs(whole(), "ref");
}
END_TEST

/* Kills at a random moment after each row of the log. */
START_TEST(killed_runs_end_in_the_same_bits)
{
    whole();
    hs_rng rng = hs_rng_make(4, 0, 0, HS_PURPOSE_TEST);
    int levels = hs_test_lines(hs_tiny_path("whole", "log.csv")) - 1, status = -SIGKILL, kills = 0;
    char path[512];
    snprintf(path, sizeof path, "%s", hs_tiny_path("killed", "log.csv"));
    for (int lines = 1; lines <= levels && status == -SIGKILL; lines++) {
        pid_t child = start(one_thread, "killed", "--resume");
        status = hs_test_stop_at(child, path, lines, (int)hs_rng_below(&rng, 3000), SIGKILL);
        kills += status == -SIGKILL;
    }
    if (status != 0)
        run_to_end(one_thread, "killed", "--resume");
    ck_assert_int_ge(kills, 4);
    assert_same_runs(whole(), "killed");
}
END_TEST

START_TEST(stopped_runs_say_so_and_go_on)
{
    int number = _i ? SIGINT : SIGTERM;
    const char *out = _i ? "int" : "term";
    char log[512];
    snprintf(log, sizeof log, "%s", hs_tiny_path(out, "log.csv"));
    pid_t child = start(one_thread, out, "");
    ck_assert_int_eq(hs_test_stop_at(child, log, 4, 0, number), 1);
    collect();
    ck_assert_msg(strstr(output, "handseg: train: stopped at tree ") != NULL, "%s", output);
    ck_assert_msg(strstr(output, "go on with --resume") != NULL, "%s", output);
    ck_assert_int_eq(access(hs_tiny_path(out, "metrics.json"), F_OK), -1);
    run_to_end(one_thread, out, "--resume");
    assert_same_runs(whole(), out);
}
END_TEST

START_TEST(a_finished_run_stays_as_it_is)
{
    run_to_end(one_thread, whole(), "--resume");
    assert_same_runs("whole", "whole");
    expect(1, whole(), "", "the folder holds a run already");
}
END_TEST

/* Which of few trees label a validation split best is chance: the model is all of them. */
START_TEST(the_model_is_every_tree)
{
    char best[512];
    run_to_end(one_thread, "stumps", "--set forest.depth=1 --set forest.candidates=1");
    snprintf(best, sizeof best, "%s", hs_tiny_path("stumps", "best.h5"));
    assert_same_files(best, hs_tiny_path("stumps", "last.h5"));
    ck_assert_int_eq(unlink(best), 0);
    run_to_end(one_thread, "stumps",
               "--resume --set forest.depth=1 --set forest.candidates=1 --set forest.memory=700");
    assert_same_files(best, hs_tiny_path("stumps", "last.h5"));
}
END_TEST

/* ---- refusals ---------------------------------------------------------------------------------
 */
START_TEST(bad_configurations_are_refused)
{
    static const struct {
        const char *more, *text;
    } cases[] = {
        {"--set optimizer.lr=0.1", "[optimizer]: got a section for networks, expected none"},
        {"--set loss.ignore=2", "[loss]: got a section for networks"},
        {"--set schedule.warmup=2", "[schedule]: got a section for networks"},
        {"--set train.epochs=3", "'epochs'"},
        {"--set forest.deph=3", "depth"},
        {"--set forest.depth=31", "forest.depth"},
        {"--set forest.trees=0", "forest.trees"},
        {"--set forest.offset=256", "forest.offset"},
        {"--set input.normalize=mean", "'normalize'"},
        {"--set net.normalize=mean", "'normalize'"},
        {"--set data.file=none.h5", "none.h5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int got = hs_test_wait(start(one_thread, "refused", cases[i].more));
        collect();
        ck_assert_msg(got != 0 && strstr(output, cases[i].text) != NULL, "%s: %d: %s",
                      cases[i].more, got, output);
        ck_assert_int_eq(access(hs_test_path("refused"), F_OK), -1);
    }
    expect(1, "small", "--set forest.memory=1", "training on 18 frames needs");
    expect(2, "small", "--set forest.pixels=2", "[forest] pixels: got 2, expected at least");
}
END_TEST

START_TEST(another_run_is_not_gone_on_with)
{
    char more[600];
    whole();
    expect(2, "whole", "--resume --set forest.depth=8",
           "--resume: [forest] depth: got 8, expected 7");
    expect(2, "whole", "--resume --set augment.flip=no", "[augment] flip: got no, expected yes");
    hs_tiny_dataset(hs_test_path("shifted.h5"), "right", "left", 7);
    snprintf(more, sizeof more, "--resume --set data.file=%s", hs_test_path("shifted.h5"));
    expect(1, "whole", more, "another data set");
    run_to_end(one_thread, "whole", "--resume --set data.workers=2");
}
END_TEST

START_TEST(damaged_files_are_refused)
{
    char last[512];
    size_t size;
    hs_model *model;
    whole();
    snprintf(last, sizeof last, "%s", hs_tiny_path("whole", "last.h5"));
    hs_test_copy(last, hs_test_path("good.h5"), (size_t)-1);
    free(hs_test_read(last, &size));
    const size_t cuts[] = {0, 100, size / 2, size - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        hs_test_copy(hs_test_path("good.h5"), hs_test_path("cut.h5"), cuts[i]);
        ck_assert(hs_model_load(hs_test_path("cut.h5"), 1, &model) != HS_OK);
        ck_assert_ptr_null(model);
    }
    hs_rng rng = hs_rng_make(5, 0, 0, HS_PURPOSE_TEST);
    int refused = 0;
    for (int i = 0; i < 80; i++) {
        hs_test_copy(hs_test_path("good.h5"), hs_test_path("byte.h5"), (size_t)-1);
        hs_test_flip(hs_test_path("byte.h5"), (long)hs_rng_below(&rng, (uint32_t)size));
        if (hs_model_load(hs_test_path("byte.h5"), 1, &model) == HS_OK)
            assert_same_files(hs_test_path("good.h5"), hs_test_path("byte.h5"));
        else
            refused++;
        hs_model_destroy(model);
    }
    ck_assert_int_gt(refused, 8);
    hs_test_copy(hs_test_path("tiny.h5"), last, (size_t)-1);
    expect(1, "whole", "--resume", "expected a checkpoint");
    hs_test_copy(hs_test_path("good.h5"), last, (size_t)-1);
}
END_TEST

/* ---- the model --------------------------------------------------------------------------
 */
static void expect_command(const char *arguments, int status, const char *text)
{
    int got = hs_test_run(arguments, output, sizeof output);
    ck_assert_msg(got == status && strstr(output, text) != NULL, "%s: %d: %s", arguments, got,
                  output);
}

START_TEST(commands_take_a_forest)
{
    char line[2048], best[512];
    whole();
    snprintf(best, sizeof best, "%s", hs_tiny_path("whole", "best.h5"));
    snprintf(line, sizeof line, "info %s", best);
    expect_command(line, 0, "tree  nodes  leaves  depth");
    snprintf(line, sizeof line, "info %s --json", best);
    expect_command(line, 0, "\"kind\": \"forest\"");
    snprintf(line, sizeof line, "info %s", hs_test_path("forest_train.ini"));
    expect_command(line, 0, "memory      at most");
    snprintf(line, sizeof line, "verify %s", best);
    expect_command(line, 0, "sound");
    snprintf(line, sizeof line, "bench %s --seconds 0.01", best);
    expect_command(line, 0, "one frame");
    snprintf(line, sizeof line, "bench %s", hs_test_path("forest.ini"));
    expect_command(line, 1, "without a finished tree");
    snprintf(line, sizeof line, "train %s", hs_test_path("forest.ini"));
    expect_command(line, 2, "got a forest without [data] and [train]");
    snprintf(line, sizeof line, "evaluate %s --data %s --format csv --quiet", best,
             hs_test_path("tiny.h5"));
    expect_command(line, 0, "right");
    snprintf(line, sizeof line, "segment %s %s --out %s", best, hs_test_path("tiny.h5"),
             hs_test_path("labelled"));
    expect_command(line, 0, "");
    ck_assert_int_eq(hs_test_count(hs_test_path("labelled/masks"), ".png"), 24);
    snprintf(line, sizeof line, "segment %s %s --out %s --logits %s", best, hs_test_path("tiny.h5"),
             hs_test_path("more"), hs_test_path("logits.h5"));
    expect_command(line, 2, "logits");
}
END_TEST

/* A file of a run that has not finished a tree is no model yet. */
START_TEST(an_unfinished_forest_is_no_model)
{
    hs_model *model;
    char log[512];
    snprintf(log, sizeof log, "%s", hs_tiny_path("begun", "log.csv"));
    pid_t child = start(one_thread, "begun", "");
    ck_assert_int_eq(hs_test_stop_at(child, log, 3, 0, SIGTERM), 1);
    ck_assert_error(hs_model_load(hs_tiny_path("begun", "last.h5"), 1, &model), HS_ERR_DATA,
                    "without a finished tree");
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    omp_set_num_threads(1);
    Suite *suite = suite_create("forest run");
    TCase *tests = tcase_create("forest run");
    if (hs_have_program()) {
        tcase_add_test(tests, threads_and_workers_do_not_change_a_bit);
        tcase_add_test(tests, instruction_sets_do_not_change_a_bit);
        tcase_add_test(tests, killed_runs_end_in_the_same_bits);
        tcase_add_loop_test(tests, stopped_runs_say_so_and_go_on, 0, 2);
        tcase_add_test(tests, a_finished_run_stays_as_it_is);
        tcase_add_test(tests, the_model_is_every_tree);
        tcase_add_test(tests, bad_configurations_are_refused);
        tcase_add_test(tests, another_run_is_not_gone_on_with);
        tcase_add_test(tests, damaged_files_are_refused);
        tcase_add_test(tests, commands_take_a_forest);
        tcase_add_test(tests, an_unfinished_forest_is_no_model);
    }
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

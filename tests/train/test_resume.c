/* Runs that are killed, stopped and resumed end in the bits of runs that were not; what may not be
 * resumed is refused. The program runs as a child, because it is killed. */
#include "support/fault.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "base/rng.h"
#include <fcntl.h>
#include <hdf5.h>
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* HDF5 loses memory of its own where metadata are damaged; ours is still looked after. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

static char output[8192]; /* what the last program said */

/* Reads the file of a started program into `output`. */
static void collect(void)
{
    size_t size;
    unsigned char *text = hs_test_read(hs_test_path("output"), &size);
    size = size < sizeof output - 1 ? size : sizeof output - 1;
    memcpy(output, text, size);
    output[size] = 0;
    free(text);
}

/* One thread where the test is not about threads: the runs are too small for more. */
static const char one_thread[] = "export OMP_NUM_THREADS=1";

static pid_t start(const char *before, const char *out, const char *more)
{
    return hs_test_start(before, hs_tiny_options(out, more), hs_test_path("output"));
}

static void run_to_end(const char *before, const char *out, const char *more)
{
    int status = hs_test_wait(start(before, out, more));
    collect();
    ck_assert_msg(status == 0, "status %d: %s", status, output);
}

/* Expects the program to refuse, with `status` and a message that has all of `texts`. */
static void expect(int status, const char *out, const char *more, const char *const *texts)
{
    int got = hs_test_wait(start(one_thread, out, more));
    collect();
    ck_assert_msg(got == status, "status %d, expected %d: %s", got, status, output);
    for (; *texts; texts++)
        ck_assert_msg(strstr(output, *texts) != NULL, "'%s' lacks '%s'", output, *texts);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void assert_same_runs(const char *a, const char *b)
{
    hs_tiny_assert_same(hs_tiny_path(a, "last.h5"), hs_tiny_path(b, "last.h5"));
    hs_tiny_assert_same(hs_tiny_path(a, "best.h5"), hs_tiny_path(b, "best.h5"));
    hs_tiny_assert_same_log(hs_tiny_path(a, "log.csv"), hs_tiny_path(b, "log.csv"));
    ck_assert_int_eq(hs_test_count(hs_test_path(b), ".tmp"), 0);
}

enum { STEPS = 24 };

/* The run nobody disturbs, made once. */
static const char *whole(void)
{
    static bool made;
    if (!made) {
        run_to_end(one_thread, "whole", "");
        ck_assert_int_eq(hs_test_lines(hs_tiny_path("whole", "log.csv")), 1 + STEPS);
        made = true;
    }
    return "whole";
}

START_TEST(threads_and_workers_do_not_change_a_bit)
{
    run_to_end(one_thread, "one", "--set train.epochs=2 --set data.workers=1");
    run_to_end("export OMP_NUM_THREADS=2", "two", "--set train.epochs=2 --set data.workers=2");
    run_to_end("export OMP_NUM_THREADS=3", "three", "--set train.epochs=2 --set data.workers=3");
    assert_same_runs("one", "two");
    assert_same_runs("one", "three");
}
END_TEST

/* Kills at a random moment after the next row or the one after it, again and again. */
START_TEST(killed_runs_end_in_the_same_bits)
{
    char out[32];
    snprintf(out, sizeof out, "killed%d", _i);
    hs_rng rng = hs_rng_make(4, (uint32_t)_i, 0, HS_PURPOSE_TEST);
    const char *log = hs_tiny_path(out, "log.csv");
    char path[512];
    snprintf(path, sizeof path, "%s", log);
    int status = -SIGKILL, kills = 0;
    while (status == -SIGKILL) {
        int lines = hs_test_lines(path) + 1 + (int)hs_rng_below(&rng, 4);
        pid_t child = start(one_thread, out, "--resume");
        status = hs_test_stop_at(child, path, lines, (int)hs_rng_below(&rng, 30000), SIGKILL);
        kills += status == -SIGKILL;
        ck_assert_int_lt(kills, 60);
    }
    collect();
    ck_assert_msg(status == 0, "status %d: %s", status, output);
    ck_assert_int_ge(kills, 3);
    assert_same_runs(whole(), out);
}
END_TEST

START_TEST(killed_before_the_first_step)
{
    pid_t child = start(one_thread, "early", "");
    while (access(hs_test_path("early"), F_OK) != 0)
        usleep(500);
    kill(child, SIGKILL);
    hs_test_wait(child);
    run_to_end(one_thread, "early", "--resume");
    assert_same_runs(whole(), "early");
}
END_TEST

START_TEST(stopped_runs_say_so_and_go_on)
{
    int number = _i ? SIGINT : SIGTERM;
    const char *out = _i ? "int" : "term";
    char log[512];
    snprintf(log, sizeof log, "%s", hs_tiny_path(out, "log.csv"));
    pid_t child = start(one_thread, out, "");
    ck_assert_int_eq(hs_test_stop_at(child, log, 6, 0, number), 1);
    collect();
    ck_assert_msg(strstr(output, "handseg: train: stopped at step ") != NULL, "%s", output);
    ck_assert_msg(strstr(output, "go on with --resume") != NULL, "%s", output);
    int step = atoi(strstr(output, "at step ") + 8);
    ck_assert(step >= 5 && step < STEPS);
    ck_assert_int_eq(hs_test_lines(log), 1 + step);
    ck_assert_int_eq(access(hs_tiny_path(out, "metrics.json"), F_OK), -1);
    run_to_end(one_thread, out, "--resume");
    assert_same_runs(whole(), out);
}
END_TEST

START_TEST(a_finished_run_stays_as_it_is)
{
    run_to_end(one_thread, "again", "--set train.epochs=2");
    hs_test_copy(hs_tiny_path("again", "last.h5"), hs_test_path("kept.h5"), (size_t)-1);
    run_to_end(one_thread, "again", "--set train.epochs=2 --resume");
    hs_tiny_assert_same(hs_test_path("kept.h5"), hs_tiny_path("again", "last.h5"));
    ck_assert_int_eq(hs_test_lines(hs_tiny_path("again", "log.csv")), 1 + 6);
}
END_TEST

START_TEST(what_a_kill_left_is_cleared_away)
{
    run_to_end(one_thread, "litter", "--set train.epochs=1");
    hs_test_write(hs_tiny_path("litter", "last.h5.99999999.tmp"), "half", 4);
    hs_test_write(hs_tiny_path("litter", "notes.tmp"), "mine", 4);
    run_to_end(one_thread, "litter", "--set train.epochs=1 --resume");
    ck_assert_int_eq(hs_test_count(hs_test_path("litter"), "99999999"), 0);
    ck_assert_int_eq(hs_test_count(hs_test_path("litter"), "notes.tmp"), 1);
}
END_TEST

/* Takes a key out of the configuration a checkpoint was made with. */
static void forget(const char *path, const char *line)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t config = H5Aopen(file, "config", H5P_DEFAULT), type = H5Aget_type(config);
    char text[8192];
    ck_assert(file >= 0 && config >= 0 && H5Tget_size(type) < sizeof text);
    ck_assert(H5Aread(config, type, text) >= 0);
    char *at = strstr(text, line);
    ck_assert_msg(at != NULL, "%s: has no \"%s\"", path, line);
    *at = ';'; /* a comment of the same length */
    ck_assert(H5Awrite(config, type, text) >= 0);
    H5Tclose(type);
    H5Aclose(config);
    H5Fclose(file);
}

START_TEST(a_run_from_before_a_key_goes_on_with_its_default)
{
    run_to_end(one_thread, "older", "--set train.epochs=1");
    forget(hs_tiny_path("older", "last.h5"), "subset_seed=1\n");
    run_to_end(one_thread, "older", "--set train.epochs=1 --resume");
    expect(2, "older", "--resume --set data.subset_seed=2",
           TEXTS("--resume: [data] subset_seed: got 2, expected 1 as in"));
}
END_TEST

/* ---- refusals ---------------------------------------------------------------------------------
 */
START_TEST(a_folder_with_a_run_is_not_overwritten)
{
    expect(1, whole(), "", TEXTS("the folder holds a run already", "--resume", "train.out"));
    assert_same_runs(whole(), whole());
}
END_TEST

START_TEST(another_configuration_is_refused)
{
    expect(2, whole(), "--resume --set optimizer.lr=0.5",
           TEXTS("--resume: [optimizer] lr: got 0.5, expected 0.01 as in", "last.h5"));
    expect(2, whole(), "--resume --set train.batch=5", TEXTS("[train] batch: got 5, expected 4"));
    expect(2, whole(), "--resume --set drop.p=0.3",
           TEXTS("[dropout drop] p: got 0.3, expected 0.1"));
    /* What says when a run ends, or how it is made, may change. */
    run_to_end(one_thread, whole(), "--resume --set train.patience=3 --set data.workers=2");
}
END_TEST

/* Writes a net.ini of another shape beside the run's, for a training file of its own. */
static const char *other_net(const char *net)
{
    static const char train[] = "--set net.file=other.ini ";
    hs_test_write(hs_test_path("other.ini"), net, strlen(net));
    return train;
}

#define DOWN \
    "[conv down]\nfilters = 8\nkernel = 4\nstride = 2\npad = 1\nnorm = batch\nact = leaky\n"
#define MID "[conv mid]\nfilters = 12\nkernel = 3\npad = 1\nnorm = batch\nact = relu\n"
#define UP                                                                                    \
    "[conv_transpose up]\nfilters = 8\nkernel = 4\nstride = 2\npad = 1\nnorm = batch\nact = " \
    "relu\n"
#define SCORE "[conv score]\nfilters = 3\nkernel = 3\npad = 1\n"

START_TEST(another_network_is_refused)
{
    const char *input = "[input]\nheight = 48\nwidth = 64\n";
    char net[2048], more[256];
    whole();
    /* A layer less. */
    snprintf(net, sizeof net, "%s" DOWN MID UP SCORE, input);
    snprintf(more, sizeof more, "--resume %s", other_net(net));
    expect(2, "whole", more,
           TEXTS("layer 3: got [conv_transpose up], expected [dropout drop]", "last.h5"));
    /* The same layers in another order. */
    snprintf(net, sizeof net, "%s" DOWN "[dropout drop]\np = 0.1\n" MID UP SCORE, input);
    snprintf(more, sizeof more, "--resume %s", other_net(net));
    expect(2, "whole", more, TEXTS("layer 2: got [dropout drop], expected [conv mid]", "last.h5"));
}
END_TEST

START_TEST(another_data_set_is_refused)
{
    char more[600];
    whole();
    hs_tiny_dataset(hs_test_path("shifted.h5"), "right", "left", 7);
    hs_tiny_dataset(hs_test_path("renamed.h5"), "right", "sinister", 0);
    hs_test_copy(hs_test_path("tiny.h5"), hs_test_path("copy.h5"), (size_t)-1);
    snprintf(more, sizeof more, "--resume --set data.file=%s", hs_test_path("shifted.h5"));
    expect(1, "whole", more, TEXTS("shifted.h5", "another data set"));
    snprintf(more, sizeof more, "--resume --set data.file=%s", hs_test_path("renamed.h5"));
    expect(1, "whole", more, TEXTS("renamed.h5", "other labels"));
    /* The same content in another place is the same data set. */
    snprintf(more, sizeof more, "--resume --set data.file=%s", hs_test_path("copy.h5"));
    run_to_end(one_thread, "whole", more);
    snprintf(more, sizeof more, "--set train.init=%s --set data.file=%s",
             hs_tiny_path("whole", "best.h5"), hs_test_path("renamed.h5"));
    expect(1, "relabelled", more, TEXTS("best.h5", "other labels"));
}
END_TEST

START_TEST(two_runs_in_one_folder_are_refused)
{
    whole();
    int fd = open(hs_test_path("whole"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    expect(1, "whole", "--resume", TEXTS("another process trains in this folder"));
    close(fd);
    run_to_end(one_thread, "whole", "--resume");
}
END_TEST

START_TEST(damaged_checkpoints_are_refused)
{
    char last[512];
    size_t size;
    run_to_end(one_thread, "damaged", "--set train.epochs=1");
    snprintf(last, sizeof last, "%s", hs_tiny_path("damaged", "last.h5"));
    const char *more = "--set train.epochs=1 --resume";
    hs_test_copy(last, hs_test_path("good.h5"), (size_t)-1);
    free(hs_test_read(last, &size));
    const size_t cuts[] = {0, 1, 100, size / 2, size - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        hs_test_copy(hs_test_path("good.h5"), last, cuts[i]);
        expect(1, "damaged", more, TEXTS("handseg: ", "last.h5"));
    }
    hs_test_write(last, "not a checkpoint\n", 17);
    expect(1, "damaged", more, TEXTS("last.h5"));
    hs_test_copy(hs_test_path("tiny.h5"), last, (size_t)-1);
    expect(1, "damaged", more, TEXTS("last.h5", "expected a checkpoint"));
    hs_test_copy(hs_test_path("good.h5"), last, (size_t)-1);
    run_to_end(one_thread, "damaged", more);
}
END_TEST

/* No byte of a checkpoint changes unseen: a run either refuses the file, or the byte belonged to
 * no content. */
START_TEST(no_wrong_byte_goes_unseen)
{
    char last[512];
    size_t size;
    ck_assert_ok(hs_tiny_train("byte", "train.epochs=1", false));
    snprintf(last, sizeof last, "%s", hs_tiny_path("byte", "last.h5"));
    hs_test_copy(last, hs_test_path("byte.h5"), (size_t)-1);
    free(hs_test_read(last, &size));
    hs_rng rng = hs_rng_make(5, 0, 0, HS_PURPOSE_TEST);
    int refused = 0;
    enum { ROUNDS = 60 };
    for (int i = 0; i < ROUNDS; i++) {
        hs_test_copy(hs_test_path("byte.h5"), last, (size_t)-1);
        hs_test_flip(last, (long)hs_rng_below(&rng, (uint32_t)size));
        hs_status status = hs_tiny_train("byte", "train.epochs=1", true);
        if (status == HS_OK)
            hs_tiny_assert_same(hs_test_path("byte.h5"), last);
        refused += status != HS_OK;
    }
    ck_assert_int_gt(refused, ROUNDS / 10);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    omp_set_num_threads(1);
    Suite *suite = suite_create("resume");
    TCase *tests = tcase_create("resume");
    if (hs_have_program()) {
        tcase_add_test(tests, threads_and_workers_do_not_change_a_bit);
        tcase_add_loop_test(tests, killed_runs_end_in_the_same_bits, 0, 2);
        tcase_add_test(tests, killed_before_the_first_step);
        tcase_add_loop_test(tests, stopped_runs_say_so_and_go_on, 0, 2);
        tcase_add_test(tests, a_finished_run_stays_as_it_is);
        tcase_add_test(tests, what_a_kill_left_is_cleared_away);
        tcase_add_test(tests, a_run_from_before_a_key_goes_on_with_its_default);
        tcase_add_test(tests, a_folder_with_a_run_is_not_overwritten);
        tcase_add_test(tests, another_configuration_is_refused);
        tcase_add_test(tests, another_network_is_refused);
        tcase_add_test(tests, another_data_set_is_refused);
        tcase_add_test(tests, two_runs_in_one_folder_are_refused);
        tcase_add_test(tests, damaged_checkpoints_are_refused);
        tcase_add_test(tests, no_wrong_byte_goes_unseen);
    }
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* What goes wrong during training: numbers that overflow, memory that is not there, a full disk.
 * The program runs as a child, so that its exit status, its memory and its leftovers can be seen.
 */
#include "support/fault.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "io/hdf5.h"
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char output[8192]; /* what the last program said */

static void collect(void)
{
    size_t size;
    unsigned char *text = hs_test_read(hs_test_path("output"), &size);
    size = size < sizeof output - 1 ? size : sizeof output - 1;
    memcpy(output, text, size);
    output[size] = 0;
    free(text);
}

/* Runs `handseg OPTIONS` after a piece of shell, and expects its status and a text. */
static void expect(int status, const char *text, const char *before, const char *options)
{
    int got = hs_test_wait(hs_test_start(before, options, hs_test_path("output")));
    collect();
    ck_assert_msg(got == status, "%s: status %d, expected %d: %s", options, got, status, output);
    ck_assert_msg(strstr(output, text) != NULL, "%s: '%s' lacks '%s'", options, output, text);
}

static const char one_thread[] = "export OMP_NUM_THREADS=1";

/* ---- numbers ----------------------------------------------------------------------------------
 */
/* Counts the arrays of all layers, and asserts that every number is finite. */
static int assert_finite(const char *path)
{
    hs_h5 *file;
    hs_arena arena = {0};
    const char *const *layers, *const *names;
    int n_layers, n_names, arrays = 0;
    ck_assert_ok(hs_h5_open(path, &file));
    ck_assert_ok(hs_h5_list(file, "/params", &arena, &n_layers, &layers));
    for (int i = 0; i < n_layers; i++) {
        char name[256];
        snprintf(name, sizeof name, "/params/%s", layers[i]);
        ck_assert_ok(hs_h5_list(file, name, &arena, &n_names, &names));
        for (int k = 0; k < n_names; k++, arrays++) {
            int rank;
            int64_t dims[HS_H5_MAX_RANK], count = 1;
            snprintf(name, sizeof name, "/params/%s/%s", layers[i], names[k]);
            ck_assert_ok(hs_h5_shape(file, name, NULL, &rank, dims));
            for (int d = 0; d < rank; d++)
                count *= dims[d];
            float *values = malloc(sizeof *values * (size_t)count);
            ck_assert_ok(hs_h5_read(file, name, HS_H5_F32, rank, dims, values));
            bool finite = true;
            for (int64_t v = 0; v < count; v++)
                finite = finite && isfinite(values[v]);
            ck_assert_msg(finite, "%s is not finite", name);
            free(values);
        }
    }
    hs_arena_free(&arena);
    hs_h5_close(file);
    return arrays;
}

/* A network without norms, in which numbers grow freely. */
static const char *plain_net(const char *layers)
{
    char text[1024];
    int size = snprintf(text, sizeof text,
                        "[input]\nheight=48\nwidth=64\n%s"
                        "[conv score]\nfilters=3\nkernel=3\npad=1\n",
                        layers);
    hs_tiny_config();
    hs_test_write(hs_test_path("plain.ini"), text, (size_t)size);
    return "--set net.file=plain.ini --set train.accumulate=5 --set train.epochs=40 "
           "--set optimizer.method=sgd --set optimizer.lr=1000 ";
}

#define UNSEEN "--set data.validate=none "

START_TEST(a_loss_that_overflows_ends_the_run)
{
    char more[512];
    snprintf(more, sizeof more, UNSEEN "%s",
             plain_net("[conv a]\nfilters=8\nkernel=3\npad=1\nact=leaky\n"
                       "[conv b]\nfilters=8\nkernel=3\npad=1\nact=leaky\n"));
    expect(1, "expected a finite number; first in layer '", one_thread,
           hs_tiny_options("diverged", more));
    ck_assert_msg(strstr(output, "train: step ") && strstr(output, ", epoch "), "%s", output);
    ck_assert_msg(strstr(output, "frames images/tiny-"), "%s", output);
    ck_assert_msg(strstr(output, "lower optimizer.lr or set optimizer.clip_norm"), "%s", output);
    ck_assert_int_eq(assert_finite(hs_tiny_path("diverged", "last.h5")), 6);
    ck_assert_int_eq(hs_test_count(hs_test_path("diverged"), "tmp"), 0);
}
END_TEST

/* The decay alone multiplies the weights by a million a step, while loss and gradient stay finite:
 * it is the update that overflows, and only the checkpoint would show it. */
START_TEST(parameters_that_overflow_are_not_kept)
{
    char more[512];
    snprintf(more, sizeof more,
             UNSEEN "%s --set optimizer.weight_decay=1000 --set optimizer.momentum=0",
             plain_net(""));
    expect(1, "got a parameter of layer 'score' that is not finite", one_thread,
           hs_tiny_options("decayed", more));
    ck_assert_int_eq(assert_finite(hs_tiny_path("decayed", "last.h5")), 2);
}
END_TEST

/* The same where the frames of the validation are the first to meet what the update made. */
START_TEST(outputs_that_overflow_end_the_validation)
{
    char more[512];
    snprintf(more, sizeof more, "%s --set optimizer.weight_decay=1000 --set optimizer.momentum=0",
             plain_net(""));
    expect(1, ": validation: got outputs of infinity or NaN, first in layer 'score'", one_thread,
           hs_tiny_options("judged", more));
    ck_assert_msg(strstr(output, "train: step ") && strstr(output, ", epoch "), "%s", output);
    ck_assert_int_eq(assert_finite(hs_tiny_path("judged", "last.h5")), 2);
}
END_TEST

START_TEST(input_that_overflows_names_layer_and_frames)
{
    expect(1, "got a loss of", one_thread,
           hs_tiny_options("overflow", "--set input.scale=1e-44 --set train.epochs=1"));
    ck_assert_msg(strstr(output, "train: step 1, epoch 1:"), "%s", output);
    ck_assert_msg(strstr(output, "first in layer 'down'; frames images/tiny-"), "%s", output);
    ck_assert_int_eq(access(hs_tiny_path("overflow", "last.h5"), F_OK), -1);
    /* Nothing of it blocks a run. */
    expect(0, "", one_thread, hs_tiny_options("overflow", "--set train.epochs=1"));
}
END_TEST

/* ---- memory -----------------------------------------------------------------------------------
 */
START_TEST(a_batch_beyond_memory_is_refused_at_once)
{
    expect(1, "train.batch = 400: needs ", one_thread,
           hs_tiny_options("vast", "--set net.height=4096 --set net.width=4096 "
                                   "--set train.batch=400"));
    ck_assert_msg(strstr(output, " GiB, available "), "%s", output);
    ck_assert_msg(strstr(output, "raise train.accumulate"), "%s", output);
    ck_assert_uint_lt(hs_test_peak(), (size_t)1 << 30);
    expect(2, "expected at most 2^24 channels, rows and columns and 1e12 elements", one_thread,
           hs_tiny_options("vast", "--set net.height=4096 --set net.width=4096 "
                                   "--set train.batch=4096"));
    ck_assert_uint_lt(hs_test_peak(), (size_t)1 << 30);
    expect(0, "", one_thread, hs_tiny_options("vast", "--set train.epochs=1"));
}
END_TEST

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

/* Trains with these options, and compares the memory it took with what it said it would. */
static void check_planned(const char *out, const char *more)
{
    char options[1024];
    snprintf(options, sizeof options, "train %s --set train.out=%s --set train.epochs=1 %s",
             hs_tiny_config(), hs_test_path(out), more);
    expect(0, "memory: ", "export OMP_NUM_THREADS=2", options);
    double planned = strtod(strstr(output, "memory: ") + 8, NULL) * (1 << 30);
    double used = (double)hs_test_peak();
    ck_assert_msg(planned > 200e6, "%.0f MB planned: too little to measure", planned / 1e6);
    ck_assert_msg(fabs(used / planned - 1) < 0.15, "%.0f MB used, %.0f MB planned", used / 1e6,
                  planned / 1e6);
}

/* Large images; then a large parameter, which is stored with two moments but neither a gradient nor
 * a copy for the kernels or the checkpoint. */
START_TEST(planned_memory_is_what_a_run_takes)
{
    if (SANITIZED) {
        hs_skip("planned memory: the sanitizer's own memory would be counted");
        return;
    }
    static const char wide[] = "[input]\nheight=48\nwidth=64\n"
                               "[conv down]\nfilters=512\nkernel=8\nstride=8\n"
                               "[conv wide]\nfilters=704\nkernel=7\npad=3\nact=relu\n"
                               "[conv score]\nfilters=3\nkernel=1\n"
                               "[upsample_bilinear whole]\nfactor=8\n";
    check_planned("large", "--set net.height=240 --set net.width=320 --set train.batch=8 "
                           "--set data.validate_frames=1");
    hs_test_write(hs_test_path("wide.ini"), wide, sizeof wide - 1);
    check_planned("wide", "--set net.file=wide.ini --set train.accumulate=1 "
                          "--set data.validate=none --set train.checkpoint_minutes=10");
    ck_assert_ptr_nonnull(strstr(output, "gradients 0.00"));
}
END_TEST

/* ---- disks ------------------------------------------------------------------------------------
 */
START_TEST(a_full_disk_leaves_the_last_checkpoint)
{
    char log[512], last[512];
    snprintf(log, sizeof log, "%s", hs_tiny_path("full", "log.csv"));
    snprintf(last, sizeof last, "%s", hs_tiny_path("full", "last.h5"));
    pid_t child = hs_test_start(one_thread, hs_tiny_options("full", ""), hs_test_path("output"));
    ck_assert_int_eq(hs_test_stop_at(child, log, 3, 0, SIGTERM), 1);
    hs_test_copy(last, hs_test_path("kept.h5"), (size_t)-1);
    /* No file may grow beyond 64 blocks, as on a disk that is full: EFBIG in place of ENOSPC. */
    expect(1, ".h5: cannot write: ", "export OMP_NUM_THREADS=1; ulimit -f 64",
           hs_tiny_options("full", "--resume"));
    ck_assert_msg(strstr(output, hs_test_path("full")), "%s", output);
    ck_assert_msg(strstr(output, "free some space or write elsewhere"), "%s", output);
    size_t a, b;
    unsigned char *x = hs_test_read(last, &a), *y = hs_test_read(hs_test_path("kept.h5"), &b);
    ck_assert(a == b && memcmp(x, y, a) == 0);
    free(x);
    free(y);
    ck_assert_int_eq(hs_test_count(hs_test_path("full"), "tmp"), 0);
    expect(0, "", one_thread, hs_tiny_options("full", "--resume"));
    expect(0, "", one_thread, hs_tiny_options("roomy", ""));
    hs_tiny_assert_same(last, hs_tiny_path("roomy", "last.h5"));
    hs_tiny_assert_same_log(log, hs_tiny_path("roomy", "log.csv"));
}
END_TEST

START_TEST(folders_that_cannot_be_written)
{
    hs_tiny_config();
    expect(1, "Not a directory", one_thread, hs_tiny_options("tiny.h5/run", ""));
    expect(1, "got a file of this name, expected a folder", one_thread,
           hs_tiny_options("net.ini", ""));
    if (geteuid() == 0) {
        hs_skip("a folder without write permission: root may write anywhere");
        return;
    }
    expect(1, "Permission denied", "mkdir -m 555 locked", hs_tiny_options("locked/run", ""));
}
END_TEST

START_TEST(data_that_goes_bad_names_the_frame)
{
    char more[700];
    size_t size;
    hs_tiny_config();
    free(hs_test_read(hs_test_path("tiny.h5"), &size));
    /* A chunk in the middle of the file: depth or mask of some frame. */
    hs_test_copy(hs_test_path("tiny.h5"), hs_test_path("rotten.h5"), (size_t)-1);
    for (long at = (long)size / 4; at < (long)size * 3 / 4; at += 97)
        hs_test_flip(hs_test_path("rotten.h5"), at);
    snprintf(more, sizeof more, "--set data.file=%s", hs_test_path("rotten.h5"));
    expect(1, "rotten.h5", one_thread, hs_tiny_options("rotten", more));
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("failures");
    TCase *tests = tcase_create("failures");
    if (hs_have_program()) {
        tcase_add_test(tests, a_loss_that_overflows_ends_the_run);
        tcase_add_test(tests, parameters_that_overflow_are_not_kept);
        tcase_add_test(tests, outputs_that_overflow_end_the_validation);
        tcase_add_test(tests, input_that_overflows_names_layer_and_frames);
        tcase_add_test(tests, a_batch_beyond_memory_is_refused_at_once);
        tcase_add_test(tests, planned_memory_is_what_a_run_takes);
        tcase_add_test(tests, a_full_disk_leaves_the_last_checkpoint);
        tcase_add_test(tests, folders_that_cannot_be_written);
        tcase_add_test(tests, data_that_goes_bad_names_the_frame);
    }
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Beginning with the tensors of another net's checkpoint, by name. */
#include "support/files.h"
#include "support/net_params.h"
#include "support/suite.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "io/hdf5.h"
#include "train/checkpoint.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* FCN's way: a net, and the next one, which has a layer less, one more, and one of another shape.
 */
static const char coarse[] = "[input]\nheight = 32\nwidth = 32\n"
                             "[conv a]\nfilters = 4\nkernel = 3\npad = 1\nnorm = batch\n"
                             "[conv b]\nfilters = 6\nkernel = 3\npad = 1\n"
                             "[conv wide]\nfilters = 5\nkernel = 3\npad = 1\n"
                             "[conv gone]\nfilters = 5\nkernel = 1\n"
                             "[conv score]\nfilters = 3\nkernel = 1\n";
static const char fine[] = "[input]\nheight = 32\nwidth = 32\n"
                           "[conv a]\nfilters = 4\nkernel = 3\npad = 1\nnorm = batch\n"
                           "[conv b]\nfilters = 6\nkernel = 3\npad = 1\n"
                           "[conv wide]\nfilters = 5\nkernel = 1\n"
                           "[conv skip]\nfilters = 5\nkernel = 1\nnorm = batch\n"
                           "[conv score]\nfilters = 3\nkernel = 1\n";

static const hs_dataset_info *data(void)
{
    static hs_dataset_info info;
    info = hs_test_labels("right", "left");
    return &info;
}

START_TEST(tensors_are_taken_by_name)
{
    const char *path = hs_test_path("coarse.h5");
    hs_test_net from = hs_test_net_make(coarse, 1), to = hs_test_net_make(fine, 2),
                untouched = hs_test_net_make(fine, 2);
    hs_pretrained_report report;
    hs_test_net_write(&from, path);
    ck_assert_ok(hs_pretrained_read(path, data(), to.params, &report));
    static const char *const taken[] = {"a/weight",   "a/bn_weight", "a/bn_bias", "a/bn_mean",
                                        "a/bn_var",   "b/weight",    "b/bias",    "wide/bias",
                                        "score/bias", "score/weight"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        hs_test_fate(&report, taken[i], HS_FATE_TAKEN, "");
        hs_test_net_assert_same(&from, &to, taken[i]);
    }
    static const char *const fresh[] = {"skip/weight", "skip/bn_weight", "skip/bn_bias",
                                        "skip/bn_mean", "skip/bn_var"};
    for (size_t i = 0; i < sizeof fresh / sizeof *fresh; i++) {
        hs_test_fate(&report, fresh[i], HS_FATE_FRESH, "");
        hs_test_net_assert_same(&untouched, &to, fresh[i]);
    }
    hs_test_fate(&report, "gone/weight", HS_FATE_LEFT, "");
    hs_test_fate(&report, "gone/bias", HS_FATE_LEFT, "");
    hs_test_fate(&report, "wide/weight", HS_FATE_DIFFERS, "");
    hs_test_net_assert_same(&untouched, &to, "wide/weight");
    const hs_pretrained_row *row = hs_test_row(&report, "wide/weight");
    ck_assert_str_eq(row->file_shape, "5x6x3x3");
    ck_assert_str_eq(row->net_shape, "5x6x1x1");
    ck_assert_int_eq(report.count, 18); /* every tensor once */
    hs_pretrained_report_free(&report);
    hs_test_net_free(&from);
    hs_test_net_free(&to);
    hs_test_net_free(&untouched);
}
END_TEST

START_TEST(a_file_without_one_tensor_is_refused)
{
    static const char other[] = "[input]\nheight = 32\nwidth = 32\n"
                                "[conv x]\nfilters = 3\nkernel = 3\npad = 1\n";
    const char *path = hs_test_path("other.h5");
    hs_test_net from = hs_test_net_make(other, 1), to = hs_test_net_make(fine, 2);
    hs_pretrained_report report;
    hs_test_net_write(&from, path);
    ck_assert_error(hs_pretrained_read(path, data(), to.params, &report), HS_ERR_DATA,
                    "other.h5 (checkpoint): got 2 tensors, none with the name and shape of one "
                    "of the net: the first is x/bias in the file, a/weight in the net");
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), "by name"));
    hs_pretrained_report_free(&report);
    hs_test_net_free(&from);
    hs_test_net_free(&to);
}
END_TEST

/* As many classes with other names are a mistake; another number of them is another last layer. */
START_TEST(other_labels_are_refused)
{
    const char *path = hs_test_path("labels.h5");
    hs_test_net from = hs_test_net_make(coarse, 1), to = hs_test_net_make(fine, 2);
    hs_pretrained_report report;
    hs_test_net_write(&from, path);
    hs_dataset_info swapped = hs_test_labels("left", "right"), two = hs_test_labels("hand", "");
    two.classes = 2;
    ck_assert_error(hs_pretrained_read(path, &swapped, to.params, &report), HS_ERR_DATA,
                    "other labels: class 1 is 'right', expected 'left'");
    hs_pretrained_report_free(&report);
    ck_assert_ok(hs_pretrained_read(path, &two, to.params, &report));
    hs_pretrained_report_free(&report);
    hs_test_net_free(&from);
    hs_test_net_free(&to);
}
END_TEST

START_TEST(numbers_that_are_not_finite_are_refused)
{
    const char *path = hs_test_path("nan.h5");
    hs_test_net from = hs_test_net_make(coarse, 1), to = hs_test_net_make(fine, 2);
    hs_pretrained_report report;
    const hs_real bias[] = {0, 0, 0, 0, 0, (hs_real)NAN};
    hs_params_set(from.params, hs_test_net_find(&from, "b/bias"), bias);
    hs_test_net_write(&from, path);
    ck_assert_error(hs_pretrained_read(path, data(), to.params, &report), HS_ERR_NONFINITE,
                    "nan.h5: layer 'b': got a number that is not finite");
    hs_pretrained_report_free(&report);
    hs_test_net_free(&from);
    hs_test_net_free(&to);
}
END_TEST

/* --resume reads all of a checkpoint or nothing. */
START_TEST(a_checkpoint_of_another_net_is_not_resumed)
{
    const char *path = hs_test_path("strict.h5");
    hs_test_net from = hs_test_net_make(coarse, 1), to = hs_test_net_make(fine, 2);
    hs_test_net_write(&from, path);
    ck_assert_error(hs_checkpoint_read(path, to.params, NULL), HS_ERR_DATA,
                    "got a checkpoint of another net, 8 tensors differ: wide/weight is 5x6x3x3 in "
                    "the file and 5x6x1x1 in the net; skip/weight is in the net only");
    hs_test_net_free(&from);
    hs_test_net_free(&to);
}
END_TEST

/* ---- runs -------------------------------------------------------------------------------------
 */
static char output[16384];

static void expect(int status, const char *out, const char *more, const char *text)
{
    char options[2048];
    snprintf(options, sizeof options, "train %s --set train.out=%s --set train.epochs=1 %s",
             hs_tiny_config(), hs_test_path(out), more);
    int got = hs_test_run(options, output, sizeof output);
    ck_assert_msg(got == status, "%s: status %d, expected %d: %s", options, got, status, output);
    ck_assert_msg(strstr(output, text) != NULL, "'%s' lacks '%s'", output, text);
}

static const char middle_net[] =
    "[input]\nheight = 48\nwidth = 64\n"
    "[conv down]\nfilters = 8\nkernel = 2\nstride = 2\nnorm = batch\nact = leaky\n"
    "[conv middle]\nfilters = 12\nkernel = 3\npad = 1\nnorm = batch\nact = relu\n"
    "[conv_transpose up]\nfilters = 8\nkernel = 4\nstride = 2\npad = 1\nnorm = batch\nact = relu\n"
    "[conv score]\nfilters = 3\nkernel = 3\npad = 1\n";

START_TEST(a_run_says_what_it_took)
{
    static const char csv[] = "layer,tensor,fate,done,file_tensor,file_shape,net_shape\n"
                              "down,weight,differs,,down/weight,8x1x4x4,8x1x2x2\n"
                              "down,bn_weight,taken,,down/bn_weight,8,8\n";
    char more[1024];
    size_t size;
    hs_tiny_config();
    hs_test_write(hs_test_path("middle.ini"), middle_net, sizeof middle_net - 1);
    expect(0, "first", "", "");
    snprintf(more, sizeof more, "--set net.file=middle.ini --set train.init=%s",
             hs_tiny_path("first", "last.h5"));
    expect(0, "second", more,
           "last.h5 (checkpoint): 11 of the net's 17 tensors taken, 5 fresh, 1 of another shape; 5 "
           "left in the file\n");
    ck_assert_ptr_nonnull(strstr(output, "weight (got 8x1x4x4, expected 8x1x2x2)"));
    char *text = (char *)hs_test_read(hs_tiny_path("second", "init.csv"), &size);
    ck_assert_msg(strncmp(text, csv, sizeof csv - 1) == 0, "%s", text);
    int lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    ck_assert_int_eq(lines, 1 + 17 + 5);
    free(text);
    /* Going on needs the file no more. */
    ck_assert_int_eq(unlink(hs_tiny_path("first", "last.h5")), 0);
    strcat(more, " --resume");
    expect(0, "second", more, "resuming at step 3");
    ck_assert_ptr_null(strstr(output, "of another shape"));
}
END_TEST

START_TEST(a_refused_beginning_leaves_nothing)
{
    char more[1024];
    hs_tiny_config();
    hs_test_net from = hs_test_net_make(fine, 1);
    hs_test_net_write(&from, hs_test_path("fine.h5"));
    hs_test_net_free(&from);
    snprintf(more, sizeof more, "--set train.init=%s", hs_test_path("fine.h5"));
    static const char none[] =
        "[input]\nheight = 48\nwidth = 64\n[conv only]\nfilters = 3\nkernel = 1\n";
    hs_test_write(hs_test_path("only.ini"), none, sizeof none - 1);
    strcat(more, " --set net.file=only.ini");
    expect(1, "refused", more, "none with the name and shape of one of the net");
    ck_assert_int_eq(access(hs_tiny_path("refused", "last.h5"), F_OK), -1);
    ck_assert_int_eq(access(hs_tiny_path("refused", "init.csv"), F_OK), -1);
    ck_assert_int_eq(hs_test_count(hs_test_path("refused"), "tmp"), 0);
    expect(0, "refused", "", "");
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("pretrained");
    TCase *tests = tcase_create("checkpoints");
    tcase_add_test(tests, tensors_are_taken_by_name);
    tcase_add_test(tests, a_file_without_one_tensor_is_refused);
    tcase_add_test(tests, other_labels_are_refused);
    tcase_add_test(tests, numbers_that_are_not_finite_are_refused);
    tcase_add_test(tests, a_checkpoint_of_another_net_is_not_resumed);
    if (hs_have_program()) {
        setenv("OMP_NUM_THREADS", "1", 1); /* the runs are too small for more */
        tcase_add_test(tests, a_run_says_what_it_took);
        tcase_add_test(tests, a_refused_beginning_leaves_nothing);
    }
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

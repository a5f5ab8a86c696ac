/* Data sets that label one hand: left and right count as one, in evaluation, report and validation
 * alike. */
#include "handseg/dataset.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 12, AREA = HS_TEST_WIDTH * HS_TEST_HEIGHT };
static const char remark[] = "left and right count as one: the set labels left hands only";

/* The frames of the tiny model in all three splits, with the labels of `kept` alone. */
static void make_dataset(const char *name, uint8_t kept)
{
    static const hs_split splits[] = {HS_SPLIT_TRAIN, HS_SPLIT_VAL, HS_SPLIT_TEST};
    hs_dataset_spec spec = {.height = HS_TEST_HEIGHT,
                            .width = HS_TEST_WIDTH,
                            .classes = 3,
                            .labels = {"background", "right", "left"},
                            .depth_unit = HS_SR300_DEPTH_UNIT,
                            .split_method = "lists"};
    hs_dataset_writer *writer;
    ck_assert_ok(hs_dataset_create(hs_test_path(name), &spec, &writer));
    for (int i = 0; i < FRAMES; i++) {
        uint16_t depth[AREA];
        uint8_t mask[AREA];
        char source[32];
        snprintf(source, sizeof source, "%d.png", i);
        for (int p = 0; p < AREA; p++) {
            int x = p % HS_TEST_WIDTH, y = p / HS_TEST_WIDTH;
            uint8_t label = (uint8_t)hs_test_label(1 + i % 3, i, x, y);
            depth[p] = (uint16_t)hs_test_depth(1 + i % 3, i, x, y);
            mask[p] = label == kept ? label : 0;
        }
        hs_frame_info info = {1 + i % 3, i, splits[i % 3], source};
        ck_assert_ok(hs_dataset_append(writer, 1, &info, depth, mask));
    }
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
}

static bool prepare(void)
{
    static bool made;
    if (!made && hs_test_tiny_model()) {
        make_dataset("left.h5", 2);
        made = true;
    }
    return made;
}

/* The number a shell command prints. */
static double number(const char *command)
{
    const char *text = hs_test_shell(command, 0, "");
    char *end;
    double value = strtod(text, &end);
    ck_assert_msg(end != text, "%s: '%s'", command, text);
    return value;
}

/* A column of the last line of a CSV file. */
#define COLUMN(file, name)                                                          \
    "awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == \"" name "\") c = i } " \
    "END { print $c }' " file

START_TEST(evaluate_merges_them_and_says_so)
{
    if (!prepare())
        return;
    hs_test_shell("$H evaluate run/best.h5 --data left.h5 --quiet --out auto", 0, remark);
    hs_test_shell("cat auto/table.csv", 0, "\nhand,");
    hs_test_shell("grep -c '^right\\|^left' auto/table.csv", 1, "0");
    /* Asking for it changes nothing. */
    hs_test_shell("$H evaluate run/best.h5 --data left.h5 --quiet --merge-hands --out asked && "
                  "diff -r auto asked",
                  0, "");
    /* Nothing is said of a set that labels both. */
    hs_test_shell("$H evaluate run/best.h5 --data tiny.h5 --quiet | grep 'count as one'", 1, "");
    hs_test_shell("$H evaluate run/best.h5 --data tiny.h5 --quiet", 0, "\nleft ");
}
END_TEST

START_TEST(validation_merges_them_in_the_mean)
{
    if (!prepare())
        return;
    /* The parameters stay what they are, those of a network that finds both hands. */
    hs_test_shell("$H train tiny.ini --set data.file=left.h5 --set train.init=run/best.h5 --set "
                  "optimizer.lr=1e-12 --set train.epochs=1 --set train.out=one",
                  0, remark);
    double mean = number(COLUMN("one/log.csv", "val_miou"));
    double left = number(COLUMN("one/log.csv", "val_iou_left"));
    double right = number(COLUMN("one/log.csv", "val_iou_right"));
    ck_assert_double_eq(right, 0); /* found, though nobody labelled one */
    ck_assert_double_gt(left, 0);
    ck_assert_double_gt(fabs(mean - left / 2), 1e-3);
    hs_test_shell("$H evaluate one/best.h5 --data left.h5 --split val --quiet --out val", 0, "");
    ck_assert_double_eq_tol(number("sed -n 's/^mean of hands,\\([0-9.]*\\),.*/\\1/p' "
                                   "val/table.csv"),
                            mean, 1e-6);
    ck_assert_double_eq_tol(number("sed -n 's/.*\"best_validation_miou\": //p' one/metrics.json"),
                            mean, 1e-6);
}
END_TEST

START_TEST(the_report_merges_them_and_says_so)
{
    if (!prepare())
        return;
    hs_test_shell("$H train tiny.ini --quiet --set data.file=left.h5 --set train.epochs=1 --set "
                  "train.out=short",
                  0, "");
    hs_test_shell("$H report short run --data left.h5 --split all --samples 200 --quiet --out "
                  "a.html",
                  0, remark);
    hs_test_shell("grep -c 'class=\"note\">In all figures left and right count as one: the set' "
                  "a.html",
                  0, "2");
    hs_test_shell("head -n 1 a.short.frames.csv", 0, "frame,subject,iou_background,iou_hand,miou,");
    hs_test_shell("grep -o 'hands green, wrong' a.html", 0, "");
    /* The figures are evaluate's; the curves are those of the training, of each class. */
    hs_test_shell("$H evaluate run/best.h5 --data left.h5 --quiet --split all > t.txt; "
                  "grep -F \"Hand mIoU <b>$(sed -n 's/^hand mIoU (iou)  *//p' t.txt)</b>\" a.html",
                  0, "interval");
    hs_test_shell("grep -o '>right</t[a-z]*>' a.html", 0, "right");
    /* Of both hands on demand. */
    hs_test_shell("$H report run --split all --merge-hands --samples 200 --quiet --out b.html", 0,
                  "run: left and right count as one, as was asked for");
    hs_test_shell("$H evaluate run/best.h5 --data tiny.h5 --merge-hands --quiet --split all > "
                  "t.txt; grep -F \"Hand mIoU <b>$(sed -n 's/^hand mIoU (iou)  *//p' t.txt)</b>\" "
                  "b.html",
                  0, "interval");
    hs_test_shell("$H report run --split all --samples 200 --quiet --out b.html; "
                  "grep -c 'count as one' b.html",
                  1, "0");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("one hand");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, evaluate_merges_them_and_says_so);
    tcase_add_test(tests, validation_merges_them_in_the_mean);
    tcase_add_test(tests, the_report_merges_them_and_says_so);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

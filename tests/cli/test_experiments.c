/* scripts/ablation.py and cross_dataset.py on a data set of seconds: tables, going on, what is
 * refused before anything is trained. */
#include "support/files.h"
#include "support/scripts.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include "support/tiny_run.h"

#define ABLATION HS_TEST_SCRIPT("ablation.py") "--seconds 0.1 train.ini tiny.h5 --out "
#define CROSS HS_TEST_SCRIPT("cross_dataset.py") "--seconds 0.1 train.ini --out "

START_TEST(sizes_make_a_table_and_a_plot)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(ABLATION "table3 --sizes 4,8,16", 0, "16 frames");
    hs_test_shell("cat table3/table3.txt table3/fit.txt", 0, "mIoU = ");
    hs_test_shell("head -c 300 table3/figure6.svg", 0, "<svg");
    hs_test_shell("test -s table3/figure6.png && tail -n +2 table3/table3.csv | cut -d, -f1,2", 0,
                  "4,8\n8,8\n16,16");
    hs_test_shell("grep -h train_frames table3/frames_8/metrics.json", 0, "8");
    /* What is trained stays so; a run cut off after its last checkpoint goes on from there. */
    hs_test_shell("rm table3/frames_8/metrics.json && " ABLATION "table3 --sizes 4,8,16", 0,
                  "4 frames: trained already");
    hs_test_shell("test -e table3/frames_8/metrics.json", 0, "");
}
END_TEST

START_TEST(finished_work_is_reused_for_the_same_question_only)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(ABLATION "same --sizes 4,8 --set train.epochs=1", 0, "8 frames");
    hs_test_shell(ABLATION "same --sizes 4,8 --set train.epochs=1 --plan", 0,
                  "8 frames: trained already");
    hs_test_shell(ABLATION "same --sizes 4,8 --set train.epochs=2", 1,
                  "frames_4 was trained otherwise: handseg: --resume: [train] epochs: got 2, "
                  "expected 1");
    hs_test_shell(ABLATION "same --sizes 4,8 --set train.epochs=1 --set train.steps=7", 1,
                  "frames_4: train.steps: got 7, expected 0, with which it was trained");
    hs_test_shell(ABLATION "same --sizes 4,8 --seed 2 --set train.epochs=1", 1, "subset_seed");
    /* Other data under the same name. */
    hs_test_shell("mv tiny.h5 kept.h5", 0, "");
    hs_tiny_dataset(hs_test_path("tiny.h5"), "right", "left", 900);
    hs_test_shell(ABLATION "same --sizes 4,8 --set train.epochs=1", 1, "another data set");
    hs_test_shell("mv kept.h5 tiny.h5 && rm same/frames_8/last.h5", 0, "");
    hs_test_shell(ABLATION "same --sizes 4,8 --set train.epochs=1", 1,
                  "frames_8: got metrics.json without last.h5");
    hs_test_shell("mv same/frames_4/best.h5 kept.h5", 0, "");
    hs_test_shell(ABLATION "same --sizes 4,8 --set train.epochs=1", 1,
                  "frames_4: got metrics.json without best.h5, the model; choose another --out");
    hs_test_shell("mv kept.h5 same/frames_4/best.h5", 0, "");
    hs_test_shell("grep steps same/frames_4/metrics.json", 0, "\"steps\": 1");
    /* What was cut off is compared as it goes on. */
    hs_test_shell("rm same/*/metrics.json && " ABLATION "same --sizes 4,8 --set train.epochs=2", 1,
                  "frames_4: handseg train refused, see above");
}
END_TEST

START_TEST(what_fails_later_fails_at_once)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(ABLATION "none --sizes 4,100", 1, "--sizes: got 100, expected at most the 18");
    hs_test_shell(ABLATION "none --sizes 4,many", 1, "--sizes: got 'many'");
    hs_test_shell(ABLATION "none --sizes 4", 1, "expected two or more");
    hs_test_shell(CROSS "none a=tiny.h5 --set x", 1, "expected two or more");
    hs_test_shell(CROSS "none a=tiny.h5 b=absent.h5", 1, "absent.h5");
    hs_test_shell(CROSS "none a=tiny.h5 b", 1, "got 'b', expected NAME=DATA.h5");
    hs_test_shell(CROSS "none a=tiny.h5 b=train.ini", 1, "train.ini: got no data set");
    hs_test_shell(ABLATION "none --sizes 4,8 --set data.subset=3", 1,
                  "--set: got data.subset, which this script sets for each run; --sizes chooses");
    hs_test_shell(CROSS "none a=tiny.h5 b=tiny.h5 --set data.file=x.h5", 1, "got data.file");
    hs_test_shell("test -e none", 1, "");
    hs_test_shell("touch plain && " ABLATION "plain --sizes 4,8", 1, "--out: ");
    hs_test_shell(CROSS "plain/below a=tiny.h5 b=tiny.h5", 1, "--out: ");
}
END_TEST

START_TEST(an_interrupt_is_passed_on_and_waited_for)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(ABLATION
                  "stopped --sizes 4,8 --set train.epochs=100000 & script=$!; tries=0; "
                  "until [ -s stopped/frames_4/log.csv ] || [ $((tries += 1)) -gt 600 ]; do "
                  "sleep 0.1; done; kill -TERM $script; wait $script",
                  1, "frames_4/last.h5 is saved");
    hs_test_shell("test -s stopped/frames_4/last.h5", 0, "");
}
END_TEST

START_TEST(numbers_and_files_are_checked_before_they_are_used)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(ABLATION "none --sizes 4,8 --set train.batch=two", 1,
                  "train.ini: train.batch: got 'two', expected a number");
    hs_test_shell("echo junk >junk.ini", 0, "");
    hs_test_shell(HS_TEST_SCRIPT("ablation.py") "junk.ini tiny.h5 --sizes 4,8 --out none", 1,
                  "junk.ini: got no INI file");
    hs_test_shell(ABLATION "none --sizes 4,8 --set net.file=absent.ini", 1,
                  "absent.ini: cannot read: ");
}
END_TEST

START_TEST(each_set_is_tested_on_all)
{
    if (!hs_test_scripts())
        return;
    hs_tiny_dataset(hs_test_path("far.h5"), "right", "left", 900);
    hs_test_shell(CROSS "table4 near=tiny.h5 far=far.h5 --set train.epochs=2", 0,
                  "trained on  near");
    hs_test_shell("cat table4/table4.csv", 0, "near,");
    hs_test_shell("ls table4/near/on_far/frames.csv table4/far/on_near/frames.csv", 0, "");
    hs_test_shell("/usr/bin/python3 -c 'from PIL import Image\n"
                  "print(Image.open(\"table4/table4.png\").size)'",
                  0, "(656, 556)"); /* a caption, and of each set its name and two frames */
}
END_TEST

START_TEST(left_and_right_are_one_where_a_set_has_one_hand)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell("$H synth --profile nyu --frames 24 --subjects 8 --seed 1 --size 64x48 "
                  "--out rendered && $H pack rendered --out left.h5",
                  0, "left");
    hs_test_shell(HS_TEST_SCRIPT("ablation.py") "--seconds 0.1 train.ini left.h5 --sizes 4,8 --set "
                                                "train.epochs=1 --out one_hand",
                  0, "- - ");
    hs_test_shell(CROSS "merged both=tiny.h5 left=left.h5 --set train.epochs=1", 0, "left hands");
    hs_test_shell("grep -E '^both  +[0-9.]+  +[0-9.]+[*]' merged/table4.txt", 0, "");
    hs_test_shell("grep -E '^left  +[0-9.]+[*]  +[0-9.]+[*]' merged/table4.txt", 0, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli/experiments");
    TCase *tests = tcase_create("experiments");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, sizes_make_a_table_and_a_plot);
    tcase_add_test(tests, finished_work_is_reused_for_the_same_question_only);
    tcase_add_test(tests, what_fails_later_fails_at_once);
    tcase_add_test(tests, an_interrupt_is_passed_on_and_waited_for);
    tcase_add_test(tests, numbers_and_files_are_checked_before_they_are_used);
    tcase_add_test(tests, each_set_is_tested_on_all);
    tcase_add_test(tests, left_and_right_are_one_where_a_set_has_one_hand);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* handseg report: what the page says, that it says it again, and what it refuses. */
#include "handseg/dataset.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <stdlib.h>
#include <string.h>

#define REPORT "$H report --quiet --samples 200 "

/* Not by a message that would hold the page. */
static void says(const char *page, const char *text)
{
    char command[512];
    snprintf(command, sizeof command, "grep -m1 -oF -e '%s' %s", text, page);
    hs_test_shell(command, 0, text);
}

START_TEST(the_page_stands_alone_and_agrees_with_evaluate)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(REPORT "run --split all --worst 2 --out a.html", 0, "6 people");
    hs_test_shell("grep -o 'src=\"[^,]*' a.html | sort | uniq -c", 0,
                  "2 src=\"data:image/png;base64");
    hs_test_shell("! grep -E 'https?:|<script|<link|@import|url\\(' a.html", 0, "");
    static const char *const said[] = {"handseg: report of run",
                                       "training loss",
                                       "Confusion",
                                       "Expected calibration error",
                                       "200 resamples of 6 people",
                                       "a.run.frames.csv",
                                       "IoU on the validation split",
                                       "filters=4",
                                       "best_validation_miou",
                                       "tiny.h5, all split, 18",
                                       "the data set it was trained on",
                                       "</html>"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        says("a.html", said[i]);
    hs_test_shell("! grep 'class=\"note\"' a.html", 0, "");
    /* The frames and the mean are those of evaluate. */
    hs_test_shell("$H evaluate run/best.h5 --data tiny.h5 --quiet --split all --out t > t.txt", 0,
                  "");
    hs_test_shell("cut -d, -f1-6 a.run.frames.csv | diff - t/frames.csv", 0, "");
    hs_test_shell("head -n 1 a.run.frames.csv", 0, "iou_left,miou,boundary_f\n");
    hs_test_shell("grep -F \"Hand mIoU <b>$(sed -n 's/^hand mIoU (iou)  *//p' t.txt)</b>\" a.html",
                  0, "interval");
    ck_assert_int_eq(hs_test_count(hs_test_folder(), ".tmp"), 0);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_bytes)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(REPORT "run --split all --out b.html && cp b.html b1.html", 0, "");
    hs_test_shell("OMP_NUM_THREADS=3 " REPORT "run --split all --out b.html && "
                  "sed 's/3 threads/1 thread/' b.html | diff - b1.html",
                  0, "");
    hs_test_shell(REPORT "run --split all --out b.html --seed 2 && ! cmp -s b.html b1.html", 0, "");
    hs_test_shell(REPORT "run --split all --out b.html --by frame && ! grep class=.note b.html", 0,
                  "18 frames");
}
END_TEST

/* Of processes that are gone; what another is writing now stays. */
START_TEST(what_killed_runs_left_is_removed)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("mkdir killed && for f in k.html k.run.frames.csv killed/table.csv "
                  "killed/frames.csv killed/confusion.csv killed/sheet.png; do "
                  "touch $f.99999999.tmp $f.$$.tmp; done && " REPORT
                  "run --split all --out k.html && $H evaluate run/best.h5 --data tiny.h5 --quiet "
                  "--out killed --overlays killed && ! ls . killed | grep '[.]99999999[.]tmp'",
                  0, "");
    hs_test_shell("ls . killed | grep -c tmp && rm *.tmp killed/*.tmp", 0, "6");
}
END_TEST

START_TEST(few_people_are_said_to_be_few)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(REPORT "run --out c.html", 0, "3 frames");
    hs_test_shell("grep class=.note c.html", 0, "only 1 person, expected at least 6");
}
END_TEST

START_TEST(runs_are_held_against_each_other)
{
    if (!hs_test_tiny_model())
        return;
    static const char rule[] =
        "[input]\nheight = 18\nwidth = 24\n[nearest]\nwithin = 0.1\nstep = 0.02\n";
    hs_test_write(hs_test_path("near.ini"), rule, sizeof rule - 1);
    hs_test_shell("mkdir -p other && cp -r run other/ && cp -r run moved && "
                  "sed 's/tiny.h5/few.h5/' run/config.ini > moved/config.ini && "
                  "$H pack frames --out few.h5 --ratio 3:1:2",
                  0, "");
    hs_test_shell(REPORT "run other/run near.ini --split all --data tiny.h5 --out d.html", 0,
                  "run-2");
    hs_test_shell("grep -c 'not shown to be real' d.html", 0, "");
    hs_test_shell("grep -A1 '>run</th><th scope=\"row\">run-2' d.html", 0,
                  "<td>0.00</td><td>0.00 to 0.00</td>");
    hs_test_shell("grep -A1 '>run</th><th scope=\"row\">run-2' d.html", 0,
                  "<td>1.0000<small>all 64 ways</small></td>");
    says("d.html", "no probabilities: this model gives labels only");
    says("d.html", "A rule: nothing was trained.");
    hs_test_shell("cmp d.run.frames.csv d.run-2.frames.csv && wc -l < d.near.frames.csv", 0, "19");
    /* Each on its own data: nothing to pair. */
    hs_test_shell(REPORT "run moved --out e.html && grep 'not compared' e.html", 0,
                  "they were evaluated on other data");
    says("e.html", "; it was trained on another, ");
}
END_TEST

START_TEST(an_unfinished_run_is_reported_as_far_as_it_came)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(
        "cp -r run cut && rm cut/metrics.json && printf '99,3,0.0' >> cut/log.csv && " REPORT
        "cut --split all --out f.html",
        0, "");
    hs_test_shell("grep class=.note f.html", 0, "The last line of log.csv has no end");
    hs_test_shell("grep class=.note f.html", 0, "There is no metrics.json");
}
END_TEST

START_TEST(wrong_use_is_refused_before_any_work)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("$H report --help", 0, "handseg report runs/handseg runs/segnet --out");
    hs_test_shell(REPORT "run", 2, "--out");
    hs_test_shell(REPORT "--out g.html", 2, "got 0 arguments");
    hs_test_shell(REPORT "run --out g.html --by person", 2, "expected subject or frame");
    hs_test_shell(REPORT "run --out g.html --split tests", 2, "test");
    hs_test_shell(REPORT "nowhere --out g.html", 1, "nowhere: cannot read: No such file");
    hs_test_shell(REPORT "frames --out g.html", 1, "frames: got a folder without config.ini");
    hs_test_shell("mkdir early && cp run/config.ini run/log.csv early && " REPORT
                  "early --out g.html",
                  1, "early: got a folder without best.h5");
    hs_test_shell(REPORT "run/best.h5 --out g.html", 1, "a file that is no text");
    hs_test_shell(REPORT "net.ini --data tiny.h5 --out g.html", 1, "which has no parameters");
    hs_test_shell(REPORT "run --out none/g.html", 1, "none/g.html: cannot write");
    hs_test_shell(REPORT "run --out frames", 1, "frames: got a folder of this name");
    hs_test_shell("cp -r run lost && sed -i s/tiny.h5/gone.h5/ lost/config.ini && " REPORT
                  "lost --out g.html",
                  1, "lost: data.file: got gone.h5, which cannot be read");
    hs_test_shell("cp -r run odd && sed -i 2s/^1,/one,/ odd/log.csv && " REPORT "odd --out g.html",
                  1, "odd/log.csv:2: step: got 'one', expected a number");
    hs_test_shell("cp -r run bad && head -c 3000 run/best.h5 > bad/best.h5 && " REPORT
                  "bad --out g.html",
                  1, "bad/best.h5");
    hs_test_shell("ls", 0, "run");
    hs_test_shell("! ls g.* 2> /dev/null", 0, "");
}
END_TEST

/* Frames of the test split, each of another person, or of people who are not known. */
static void make_dataset(const char *name, int classes, int frames, bool unknown)
{
    enum { AREA = HS_TEST_WIDTH * HS_TEST_HEIGHT };
    hs_dataset_spec spec = {.height = HS_TEST_HEIGHT,
                            .width = HS_TEST_WIDTH,
                            .classes = classes,
                            .labels = {"background", "right", "left"},
                            .depth_unit = HS_SR300_DEPTH_UNIT,
                            .split_method = "lists",
                            .subjects_unknown = unknown};
    hs_dataset_writer *writer;
    ck_assert_ok(hs_dataset_create(hs_test_path(name), &spec, &writer));
    for (int i = 0; i < frames; i++) {
        static uint16_t depth[AREA];
        static uint8_t mask[AREA];
        hs_frame_info info = {i, i, HS_SPLIT_TEST, "a.png"};
        ck_assert_ok(hs_dataset_append(writer, 1, &info, depth, mask));
    }
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
}

START_TEST(data_that_do_not_serve_are_refused)
{
    if (!hs_test_tiny_model())
        return;
    make_dataset("two.h5", 2, 4, false);
    make_dataset("short.h5", 3, 2, false);
    make_dataset("empty.h5", 3, 3, false);
    make_dataset("empty6.h5", 3, 6, false);
    hs_test_shell(REPORT "run --data two.h5 --out h.html", 1,
                  "two.h5: got the labels (background, right), expected those of run/best.h5");
    hs_test_shell(REPORT "run --data short.h5 --out h.html", 1,
                  "short.h5: got 2 frames in the test split, expected at least 3");
    /* Frames without a hand or any depth are frames. */
    hs_test_shell(REPORT "run --data empty.h5 --out h.html", 0, "3 frames");
    hs_test_shell(REPORT "run --data empty6.h5 --out h.html", 0, "6 people");
    hs_test_shell("! grep -i '[^a-z]nan' h.html", 0, "");
}
END_TEST

START_TEST(where_people_are_unknown_frames_are_resampled)
{
    if (!hs_test_tiny_model())
        return;
    make_dataset("nobody.h5", 3, 4, true);
    hs_test_shell("$H info nobody.h5", 0, "frames         4 of 24x18, subjects unknown\n");
    hs_test_shell("$H info nobody.h5 --json", 0, "\"subjects\": null,");
    hs_test_shell(REPORT "run --data nobody.h5 --out i.html", 0, "4 frames");
    hs_test_shell("grep class=.note i.html", 0, "the data set does not say who is in them");
    hs_test_shell(REPORT "run --data nobody.h5 --out i.html --by frame && "
                         "! grep class=.note i.html | grep 'who is in them'",
                  0, "4 frames");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, the_page_stands_alone_and_agrees_with_evaluate);
    tcase_add_test(tests, the_same_seed_gives_the_same_bytes);
    tcase_add_test(tests, what_killed_runs_left_is_removed);
    tcase_add_test(tests, few_people_are_said_to_be_few);
    tcase_add_test(tests, runs_are_held_against_each_other);
    tcase_add_test(tests, an_unfinished_run_is_reported_as_far_as_it_came);
    tcase_add_test(tests, wrong_use_is_refused_before_any_work);
    tcase_add_test(tests, where_people_are_unknown_frames_are_resampled);
    tcase_add_test(tests, data_that_do_not_serve_are_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

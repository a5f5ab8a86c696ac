/* Heuristics as models: evaluate, segment and info on data sets, PNG files and recordings, hands
 * merged, and what is refused. */
#include "handseg/segment.h"
#include "io/file.h"
#include "io/png.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/recordings.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <stdlib.h>
#include <string.h>

enum { W = HS_TEST_DEPTH_WIDTH, H = HS_TEST_DEPTH_HEIGHT, AREA = W * H };

/* Rules of the size of the frames they are used on, and a data set and recordings. */
static bool make_files(void)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"reach.ini", "[input]\nheight = 18\nwidth = 24\n[hands]\nsmallest = 3\n"
                      "[reach]\nfarthest = 0.6\n"},
        {"far.ini", "[input]\nheight = 14\nwidth = 20\n[hands]\nsmallest = 3\n"
                    "[reach]\nnearest = 0.1\nfarthest = 0.42\n"},
        {"skin.ini", "[input]\nheight = 14\nwidth = 20\n[hands]\nsmallest = 1\n[skin]\n"},
    };
    static const double depth[] = {0, 0.1, 0.2}, color[] = {0.001, 0.201};
    if (!hs_test_tiny_model())
        return false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        hs_test_write(hs_test_path(files[i].name), files[i].text, strlen(files[i].text));
    hs_test_recording("film", depth, 3, color, 2, 1);
    hs_test_recording("blind", depth, 3, color, 2, 0);
    return true;
}

/* The number after `key`, which is searched for from `from` on. */
static double number_after(const char *text, const char *from, const char *key)
{
    const char *at = strstr(text, from);
    at = at ? strstr(at, key) : NULL;
    ck_assert_msg(at != NULL, "'%s' lacks '%s' after '%s'", text, key, from);
    return strtod(at + strlen(key), NULL);
}

START_TEST(a_data_set_is_evaluated_and_segmented)
{
    if (!make_files())
        return;
    hs_test_shell("$H evaluate reach.ini --data tiny.h5 --quiet", 0,
                  "reach.ini on tiny.h5, test split, 3 frames");
    hs_test_shell("$H segment reach.ini tiny.h5 frames/images/user-1.00001.png --out o --quiet", 2,
                  "two frames named user-1.00001");
    hs_test_shell("$H segment reach.ini tiny.h5 --out set --quiet", 0, "18 frames");
    hs_test_shell("$H segment reach.ini frames/images/user-1.00001.png --out png", 0, "1 frame");
    hs_test_shell("cmp set/masks/user-1.00001.png png/masks/user-1.00001.png", 0, "");
    hs_test_shell("$H segment reach.ini tiny.h5 --out l --logits l.h5", 2,
                  "reach.ini: got the INI file of a heuristic, which has no logits");
    hs_test_shell("$H evaluate reach.ini --data tiny.h5 --quiet --overlays pictures", 0, "");
    ck_assert_int_gt(hs_test_count(hs_test_path("pictures"), ".png"), 1);
    hs_test_shell("$H verify reach.ini", 0, "reach.ini: sound");
}
END_TEST

START_TEST(info_says_what_it_is)
{
    if (!make_files())
        return;
    hs_test_shell("$H info reach.ini", 0, "reach.ini: reach, needs no training");
    hs_test_shell("$H info reach.ini", 0, "farthest    0.6");
    hs_test_shell("$H info skin.ini --json", 0, "\"rule\": \"skin\"");
    hs_test_shell("$H info skin.ini", 0, "depth and colour, 20x14");
    hs_test_shell("$H info reach.ini --set reach.farthest=0.7", 0, "farthest    0.7");
    hs_test_shell("$H info reach.ini --set reach.farther=0.7", 2, "farthest");
    hs_test_shell("printf '[reach]\\nfarthst = 1\\n' > bad.ini; $H evaluate bad.ini --data tiny.h5",
                  2, "bad.ini:2");
}
END_TEST

/* What evaluate counts is what the masks of segment say. */
START_TEST(recordings_are_evaluated_against_their_truth)
{
    static const int numbers[] = {0, 2}; /* the frame between has no partner */
    if (!make_files())
        return;
    hs_test_shell("$H segment far.ini film --out seen --quiet", 0, "2 frames");
    double count[3][3] = {{0}};
    for (int k = 0; k < 2; k++) {
        char name[64];
        uint8_t *mask;
        int w, h;
        snprintf(name, sizeof name, "seen/masks/user-3.%08d.png", numbers[k]);
        ck_assert_ok(hs_png_read_u8(hs_test_path(name), &mask, &w, &h));
        ck_assert(w == W && h == H);
        for (int i = 0; i < AREA; i++) {
            bool measured = hs_test_recorded_depth(numbers[k], i) > 0;
            count[measured ? hs_test_recorded_label(numbers[k], i) : 0][mask[i]]++;
        }
        free(mask);
    }
    ck_assert_double_gt(count[1][1] + count[2][2], 0);
    static const char *const names[] = {"background", "right", "left"};
    const char *json =
        hs_test_shell("$H evaluate far.ini --data film --format json --quiet", 0, "\"confusion\"");
    json = strstr(json, "\"confusion\"");
    for (int t = 0; t < 3; t++)
        for (int p = 0; p < 3; p++) {
            char row[64], column[64];
            snprintf(row, sizeof row, "\"truth\": \"%s\"", names[t]);
            snprintf(column, sizeof column, "\"%s\": ", names[p]);
            ck_assert_double_eq(number_after(json, row, column), count[t][p]);
        }
    hs_test_shell("$H evaluate far.ini --data film --quiet", 0, "far.ini on film, 2 frames");
    hs_test_shell("$H evaluate far.ini --data film --split all --batch 1 --quiet > one; "
                  "$H evaluate far.ini --data film --quiet | diff - one",
                  0, "");
    json = hs_test_shell("$H evaluate far.ini --data film --merge-hands --format json --quiet", 0,
                         "\"confusion\"");
    json = strstr(json, "\"confusion\"");
    ck_assert_double_eq(number_after(json, "\"truth\": \"hand\"", "\"hand\": "),
                        count[1][1] + count[1][2] + count[2][1] + count[2][2]);
    ck_assert_double_eq(number_after(json, "\"truth\": \"background\"", "\"hand\": "),
                        count[0][1] + count[0][2]);
    /* Networks take recordings as well. */
    hs_test_shell("$H evaluate run/best.h5 --data film --quiet --overlays of_net --out tables", 0,
                  "run/best.h5 on film, 2 frames");
    hs_test_shell("cat tables/frames.csv", 0, "\nuser-3.00000002,3,");
    hs_test_shell("$H evaluate run/best.h5 --data film --quiet --frames user-3.00000002 "
                  "--overlays of_one && ls of_one",
                  0, "user-3.00000002.png");
}
END_TEST

START_TEST(colours_come_from_recordings_and_folders)
{
    if (!make_files())
        return;
    hs_test_shell("$H evaluate skin.ini --data film --quiet --overlays skins", 0, "2 frames");
    hs_test_shell("$H segment skin.ini film blind/ --out o --quiet", 2, "two frames named user-3");
    hs_test_shell("$H segment skin.ini blind --out from_film --quiet", 0, "2 frames");
    hs_test_shell("$H evaluate skin.ini --data tiny.h5 --quiet", 1,
                  "tiny.h5: got a data set, which holds depth alone");
    hs_test_shell(
        "$H segment skin.ini frames --out o --quiet", 1,
        "user-1.00000.png: got depth alone, expected the colours beside it that skin.ini");
    hs_test_shell("$H segment skin.ini tiny.h5 --out o --quiet", 1, "tiny.h5: got depth alone");
    /* Colours of a folder: a patch of skin in a black picture. */
    static uint16_t depth[AREA];
    static uint8_t color[3 * AREA];
    for (int i = 0; i < AREA; i++) {
        static const uint8_t skin[] = {210, 150, 120};
        depth[i] = 4000;
        if (i % W >= 12 && i % W < 15)
            memcpy(color + 3 * i, skin, 3);
    }
    ck_assert_ok(hs_folder_make(hs_test_path("both/images")));
    ck_assert_ok(hs_folder_make(hs_test_path("both/color")));
    ck_assert_ok(hs_png_write_u16(hs_test_path("both/images/a.png"), depth, W, H));
    ck_assert_ok(hs_png_write_rgb(hs_test_path("both/color/a.png"), color, W, H));
    hs_test_shell("$H segment skin.ini both --out of_both --quiet", 0, "1 frame");
    uint8_t *mask;
    int w, h;
    ck_assert_ok(hs_png_read_u8(hs_test_path("of_both/masks/a.png"), &mask, &w, &h));
    for (int i = 0; i < AREA; i++)
        ck_assert_int_eq(mask[i], i % W >= 12 && i % W < 15 ? 2 : 0);
    free(mask);
    ck_assert_ok(hs_png_write_rgb(hs_test_path("both/color/a.png"), color, W, H - 1));
    hs_test_shell("$H segment skin.ini both --out worse --quiet", 1, "color/a.png: got 20x13");
}
END_TEST

START_TEST(the_library_takes_colours)
{
    if (!make_files())
        return;
    hs_model *model;
    uint16_t depth[AREA];
    uint8_t color[3 * AREA], labels[AREA];
    ck_assert_ok(hs_model_load(hs_test_path("skin.ini"), 1, &model));
    ck_assert(hs_model_needs_color(model) && hs_model_logits_shape(model).c == 0);
    for (int i = 0; i < AREA; i++) {
        depth[i] = 4000;
        color[3 * i] = 210, color[3 * i + 1] = 150, color[3 * i + 2] = 120;
    }
    ck_assert_error(hs_model_segment(model, depth, H, W, labels), HS_ERR_DATA, "depth alone");
    ck_assert_ok(hs_model_segment_color(model, depth, color, H, W, labels));
    for (int i = 0; i < AREA; i++)
        ck_assert_int_eq(labels[i], 2); /* one part, its centre not left of the middle */
    float p[3 * AREA];
    ck_assert_error(hs_model_probabilities(model, p), HS_ERR_USAGE, "labels only");
    hs_model_destroy(model);
}
END_TEST

START_TEST(what_cannot_be_evaluated_is_said)
{
    if (!make_files())
        return;
    hs_test_shell("$H evaluate far.ini --data blind", 1,
                  "blind: got recordings without true labels");
    hs_test_shell("$H evaluate far.ini --data film --split test", 2, "expected all");
    hs_test_shell("$H evaluate far.ini --data frames", 1, "neither a recording nor a folder");
    hs_test_shell("rm film/truth/00000002.png; $H evaluate far.ini --data film", 1, "00000002.png");
}
END_TEST

/* Rendered recordings of bare hands have what skin needs, and no calibration shots. */
START_TEST(bare_hands_are_rendered)
{
    if (!make_files())
        return;
    hs_test_shell(
        "$H synth --recording --gloves none --frames 4 --subjects 2 --seed 3 --size 160x120 "
        "--out bare && ls bare",
        0, "synth.ini\nuser-1\nuser-2\n");
    const char *json = hs_test_shell(
        "printf '[skin]\\n[hands]\\nsmallest = 20\\n' > small.ini; $H evaluate small.ini "
        "--data bare --merge-hands --format json --quiet",
        0, "\"hand\"");
    ck_assert_double_gt(number_after(json, "\"class\": \"hand\"", "\"recall\": "), 0.4);
    hs_test_shell("$H segment small.ini bare --out labelled && ls labelled/masks", 0,
                  "user-1.00000000.png\nuser-1.00000001.png\nuser-2.00000000.png\n");
    hs_test_shell("$H synth --recording --frames 4 --subjects 2 --seed 3 --size 160x120 --out bare",
                  2, "holds something else");
    hs_test_shell("$H synth --gloves none --frames 4 --out x", 2, "--recording");
    hs_test_shell("$H synth --recording --gloves red --frames 4 --out x", 2, "coloured or none");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heuristics as models");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, a_data_set_is_evaluated_and_segmented);
    tcase_add_test(tests, info_says_what_it_is);
    tcase_add_test(tests, recordings_are_evaluated_against_their_truth);
    tcase_add_test(tests, colours_come_from_recordings_and_folders);
    tcase_add_test(tests, the_library_takes_colours);
    tcase_add_test(tests, what_cannot_be_evaluated_is_said);
    tcase_add_test(tests, bare_hands_are_rendered);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

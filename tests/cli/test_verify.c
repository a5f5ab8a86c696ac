/* handseg verify: what it prints of many findings, and its exit status. */
#include "io/png.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECTS = 5, FRAMES = 6, EMPTY = 23 }; /* of 30 frames */

static int occurrences(const char *text, const char *part)
{
    int count = 0;
    while ((text = strstr(text, part)) != NULL) {
        count++;
        text += strlen(part);
    }
    return count;
}

START_TEST(twenty_of_a_kind_are_printed_and_json_has_all)
{
    if (!hs_have_program())
        return;
    static const uint8_t nothing[HS_TEST_WIDTH * HS_TEST_HEIGHT];
    const char *folder = hs_test_frames("frames", SUBJECTS, FRAMES);
    for (int i = 0; i < EMPTY; i++)
        ck_assert_ok(
            hs_png_write_u8(hs_test_frame_path(folder, "masks", 1 + i / FRAMES, i % FRAMES),
                            nothing, HS_TEST_WIDTH, HS_TEST_HEIGHT));
    hs_test_shell("$H pack frames --out frames.h5", 0, "");
    const char *text = hs_test_shell("$H verify frames.h5", 0, "frames.h5: sound");
    ck_assert_int_eq(occurrences(text, "no pixel is a hand's"), 20);
    ck_assert(strstr(text, "and 3 more of the kind \"empty\": --json lists all\n"));
    ck_assert(strstr(text, "30 frames, 23 without a hand"));
    const char *json = hs_test_shell("$H verify frames.h5 --json", 0, "\"sound\": true");
    ck_assert_int_eq(occurrences(json, "no pixel is a hand's"), EMPTY);
    ck_assert(!strstr(json, " more of the kind"));
}
END_TEST

START_TEST(what_is_unsound_ends_with_1)
{
    if (!hs_have_program())
        return;
    static uint16_t same[HS_TEST_WIDTH * HS_TEST_HEIGHT];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        same[i] = 777;
    const char *folder = hs_test_frames("constant", SUBJECTS, FRAMES);
    ck_assert_ok(hs_png_write_u16(hs_test_frame_path(folder, "images", 2, 3), same, HS_TEST_WIDTH,
                                  HS_TEST_HEIGHT));
    hs_test_shell("$H pack constant --out constant.h5", 0, "");
    hs_test_shell("$H verify constant.h5", 1, "user-2.00003.png): depth is the same everywhere");
    hs_test_shell("$H verify constant.h5 --json", 1, "\"sound\": false");
    hs_test_shell("$H verify nowhere.h5", 1, "nowhere.h5");
    hs_test_shell("$H verify constant", 1,
                  "constant: got a folder, expected a data set or a model\n"
                  "    hint: frames are packed first: handseg pack DIR --out FILE.h5");
    hs_test_shell("mkdir -p film/color film/depth; : >film/camera.ini; $H verify film", 1,
                  "film: got a recording, expected a data set or a model");
    hs_test_shell("head -c 5000 constant.h5 >cut.h5; $H verify cut.h5 --json 2>/dev/null", 1,
                  "\"file\": \"cut.h5\",\n  \"sound\": false,\n  \"error\": \"cut.h5: ");
    hs_test_shell("echo no model >junk.ini; $H verify junk.ini --json 2>/dev/null", 2,
                  "\"sound\": false,\n  \"error\": \"junk.ini");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, twenty_of_a_kind_are_printed_and_json_has_all);
    tcase_add_test(tests, what_is_unsound_ends_with_1);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* handseg info of recordings: folders, bags, and folders of them. */
#include "support/files.h"
#include "support/recordings.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

static char output[1 << 16];

static const double depth_times[] = {0, .02, .04, .1}, color_times[] = {.003, .044, .104};

/* Runs `handseg info ARGUMENTS` and asserts its exit status and what its output contains. */
static void check(const char *arguments, int status, const char *text)
{
    char command[1024];
    snprintf(command, sizeof command, "info %s", arguments);
    int got = hs_test_run(command, output, sizeof output);
    ck_assert_msg(got == status, "%s: got %d, expected %d: %s", command, got, status, output);
    ck_assert_msg(strstr(output, text) != NULL, "%s: '%s' lacks '%s'", command, output, text);
}

START_TEST(a_folder_is_described)
{
    const char *path = hs_test_recording("rec", depth_times, 4, color_times, 3, 1);
    check(path, 0, "rec: folder, subject 3, with true masks\n");
    check(path, 0,
          "depth        4 frames of 20x14, f 15.25 15.50, centre 9.75 7.12, inverse Brown");
    check(path, 0,
          "colour       3 frames of 24x18, f 20.00 20.00, centre 12.00 9.00, no distortion");
    check(path, 0, "depth unit   0.125 mm\n");
    check(path, 0, "baseline     30.28 mm, turned by 0.000 degrees\n");
    check(path, 0, "duration     0.10 s, 20.00 pairs a second, biggest gap 60.0 ms\n");
    check(path, 0, "pairs        3 within 10 ms, the widest 4.00 ms\n");
    check(path, 0, "depth alone  1: 1\n");
    check(path, 0, "colour alone 0\n");
    char arguments[600];
    snprintf(arguments, sizeof arguments, "%s --tolerance 0.0035", path);
    check(arguments, 0, "pairs        1 within 3.5 ms");
    snprintf(arguments, sizeof arguments, "%s --json", path);
    check(arguments, 0, "\"unpaired_depth\": [\n        1\n      ]");
    check(arguments, 0, "\"tolerance\": 0.01,");
}
END_TEST

START_TEST(a_bag_is_described)
{
    check("tests/golden/recorded.bag", 0, "recorded.bag: bag\n");
    check("tests/golden/recorded.bag", 0, "pairs        3 within 12 ms, the widest 6.00 ms\n");
    check("tests/golden/recorded.bag", 0, "baseline     26.02 mm, turned by 17.189 degrees\n");
    check("tests/golden/unclosed.bag", 1, "--salvage");
    check("tests/golden/unclosed.bag --salvage", 0, "damages      1; the first: ");
    check("tests/golden/recorded.bag --json", 0, "\"kind\": \"bag\"");
}
END_TEST

START_TEST(recordings_of_a_folder_are_summed_up)
{
    hs_test_recording("all/user-2", depth_times, 4, color_times, 3, 1);
    const char *path = hs_test_recording("all/user-10", depth_times, 4, color_times, 3, 0);
    char folder[512];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    check(folder, 0, "\n2 recordings, 6 pairs, 2 frames alone, 0.21 s\n");
    ck_assert(strstr(output, "user-2: folder") < strstr(output, "user-10: folder"));
}
END_TEST

START_TEST(what_is_no_recording_says_so)
{
    check("src", 1, "src: got neither a recording nor a folder of recordings");
    check("tests/golden/recorded.bag --set a.b=c", 2,
          "got a recording, expected a model or its configuration");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("info of recordings");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, a_folder_is_described);
    tcase_add_test(tests, a_bag_is_described);
    tcase_add_test(tests, recordings_of_a_folder_are_summed_up);
    tcase_add_test(tests, what_is_no_recording_says_so);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

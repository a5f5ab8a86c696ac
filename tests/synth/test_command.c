/* handseg synth as a user meets it: threads, interrupted runs, wrong command lines, full disks. */
#include "support/suite.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char output[4096]; /* what the last command printed */

/* Runs a shell command; %B stands for the program, %D for the test's folder. Returns its status. */
static int shell(const char *pattern)
{
    const char *program = getenv("HS_TEST_BIN"), *folder = hs_test_folder();
    char command[4096];
    size_t n = 0;
    for (const char *p = pattern; *p && n + 512 < sizeof command; p++) {
        const char *word = *p != '%' ? NULL : p[1] == 'B' ? program : p[1] == 'D' ? folder : NULL;
        if (word)
            n += (size_t)snprintf(command + n, sizeof command - n, "%s", word), p++;
        else
            command[n++] = *p;
    }
    snprintf(command + n, sizeof command - n, " 2>&1");
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    size_t got = fread(output, 1, sizeof output - 1, pipe);
    output[got] = '\0';
    int status = pclose(pipe);
    return status < 0 || status & 0x7f ? -1 : status >> 8;
}

static void expect(const char *command, int status, const char *text)
{
    int got = shell(command);
    ck_assert_msg(got == status, "%s: status %d, expected %d: %s", command, got, status, output);
    ck_assert_msg(strstr(output, text) != NULL, "%s: '%s' lacks '%s'", command, output, text);
}

START_TEST(threads_do_not_change_a_byte)
{
    if (!hs_have_program())
        return;
    expect("OMP_NUM_THREADS=1 %B synth --frames 10 --seed 9 --size 320x240 --out %D/one", 0, "");
    expect("OMP_NUM_THREADS=2 %B synth --frames 10 --seed 9 --size 320x240 --out %D/two", 0, "");
    expect("diff -r %D/one %D/two", 0, "");
    /* A frame does not depend on how many there are. */
    expect("%B synth --frames 4 --subjects 4 --seed 9 --size 320x240 --out %D/few", 0, "");
    expect("cd %D/few && for f in images/* masks/*; do cmp $f ../one/$f || exit 1; done", 0, "");
    expect("%B synth --frames 4 --seed 8 --size 320x240 --out %D/other", 0, "");
    expect("cmp -s %D/other/images/user-1.00000000.png %D/one/images/user-1.00000000.png", 1, "");
}
END_TEST

START_TEST(folder_has_the_released_layout)
{
    if (!hs_have_program())
        return;
    expect("%B synth --frames 7 --subjects 3 --seed 2 --size 320x240 --out %D/set", 0, "");
    expect("cd %D/set && ls images masks", 0,
           "images:\nuser-1.00000000.png\nuser-1.00000001.png\nuser-1.00000002.png\n"
           "user-2.00000000.png\nuser-2.00000001.png\nuser-3.00000000.png\nuser-3.00000001.png\n"
           "\nmasks:\nuser-1.00000000.png\n");
    expect("cat %D/set/camera.ini", 0, "depth_unit = 0.000124986");
    expect("cat %D/set/camera.ini", 0, "width = 320\nheight = 240\nfx = 23");
}
END_TEST

START_TEST(interrupted_runs_go_on)
{
    if (!hs_have_program())
        return;
    expect("%B synth --frames 6 --seed 3 --size 320x240 --out %D/run", 0, "");
    expect("cp -r %D/run %D/whole", 0, "");
    expect("rm %D/run/masks/user-2.00000000.png %D/run/*/user-1.00000001.png", 0, "");
    expect("touch %D/run/images/user-2.00000000.png.99999999.tmp %D/run/camera.ini.99999999.tmp", 0,
           "");
    expect("%B synth --frames 6 --seed 3 --size 320x240 --out %D/run", 0, "");
    expect("diff -r %D/run %D/whole", 0, "");
    expect("%B synth --frames 6 --seed 4 --size 320x240 --out %D/run", 2, "holds something else");
    expect("%B synth --frames 6 --seed 4 --size 320x240 --out %D/run", 2, "choose another --out");
    expect("mkdir %D/mine && touch %D/mine/file && %B synth --frames 1 --out %D/mine", 2,
           "holds something else");
}
END_TEST

START_TEST(recordings_have_the_folders_of_recordings)
{
    if (!hs_have_program())
        return;
    expect("OMP_NUM_THREADS=1 %B synth --recording --frames 9 --subjects 2 --seed 5 --size 96x72 "
           "--out %D/film",
           0, "");
    expect("cd %D/film && ls . user-2 user-2/truth calibration", 0,
           ".:\ncalibration\nsynth.ini\nuser-1\nuser-2\n\ncalibration:\nleft\nright\n\nuser-2:\n"
           "camera.ini\ncolor\ndepth\nepisodes.csv\ntruth\n\nuser-2/truth:\n00000000.png\n");
    expect("ls %D/film/user-1/depth %D/film/user-1/color | wc -l", 0, "13"); /* 5 + 5 frames */
    expect("ls %D/film/calibration/*/*/*.png | wc -l", 0, "100");
    expect("ls %D/film/calibration/left", 0, "camera.ini\ncolor\ndepth\n");
    expect("cat %D/film/user-2/episodes.csv", 0, "frame,episode,strength\n00000000,good,0.000\n");
    expect("cat %D/film/user-2/camera.ini", 0, "subject=2");
    expect("cat %D/film/calibration/right/camera.ini", 0, "subject=0");
    expect("OMP_NUM_THREADS=2 %B synth --recording --frames 9 --subjects 2 --seed 5 --size 96x72 "
           "--out %D/film2",
           0, "");
    expect("diff -r %D/film %D/film2", 0, "");
    /* Interrupted: what is there stays, what is missing comes back. */
    expect("cd %D/film2 && rm user-1/*/00000002.png user-2/color/00000001.png user-2/camera.ini "
           "calibration/left/color/00000007.png && rm -r user-1/truth",
           0, "");
    expect("%B synth --recording --frames 9 --subjects 2 --seed 5 --size 96x72 --out %D/film2", 0,
           "");
    expect("diff -r %D/film %D/film2", 0, "");
    expect("%B synth --recording --frames 9 --subjects 2 --seed 6 --size 96x72 --out %D/film2", 2,
           "holds something else");
    expect("%B synth --frames 9 --subjects 2 --seed 5 --size 96x72 --out %D/film2", 2,
           "holds something else");
}
END_TEST

START_TEST(wrong_command_lines_are_refused)
{
    if (!hs_have_program())
        return;
    expect("%B synth --out %D/x", 2, "--frames: got nothing");
    expect("%B synth --frames 4", 2, "--out: got nothing");
    expect("%B synth --frames 0 --out %D/x", 2, "--frames: got 0, expected 1 to");
    expect("%B synth --frames -3 --out %D/x", 2, "--frames: got -3");
    expect("%B synth --frames many --out %D/x", 2, "got 'many'");
    expect("%B synth --frames 4 --subjects 0 --out %D/x", 2, "--subjects: got 0");
    expect("%B synth --frames 4 --size big --out %D/x", 2, "--size: got 'big'");
    expect("%B synth --frames 4 --size 640x480x3 --out %D/x", 2, "--size: got '640x480x3'");
    expect("%B synth --frames 4 --size 99999x480 --out %D/x", 2, "got 99999x480");
    expect("%B synth --frames 4 --profile handsge --out %D/x", 2, "did you mean 'handseg'?");
    expect("%B synth --recording --profile nyu --frames 4 --out %D/x", 2, "has no colour camera");
    expect("%B synth --recording --interval 0.01 --frames 4 --out %D/x", 2, "--interval: got 0.01");
    expect("%B synth --frame 4 --out %D/x", 2, "did you mean '--frames'?");
    expect("test -e %D/x", 1, ""); /* nothing was made */
    expect("%B synth --help", 0, "example:");
}
END_TEST

/* One message, whatever the number of threads that meet the error. */
static void expect_one_error(const char *command, const char *text)
{
    expect(command, 1, text);
    int lines = 0;
    for (const char *p = output; (p = strstr(p, "handseg: ")) != NULL; p++)
        lines++;
    ck_assert_msg(lines == 1, "%s: %s", command, output);
}

START_TEST(what_the_system_refuses_is_said_once)
{
    if (!hs_have_program())
        return;
    expect_one_error("%B synth --frames 4 --out /dev/null/x", "/dev/null/x");
    expect_one_error("touch %D/file; %B synth --frames 4 --out %D/file/x", "Not a directory");
    expect_one_error("ulimit -f 4; %B synth --frames 8 --out %D/full", "%D/full" + 2);
    if (geteuid() == 0) {
        hs_skip("a read-only folder stops nobody who is root");
        return;
    }
    expect_one_error("mkdir -m 555 %D/closed && %B synth --frames 4 --out %D/closed", "closed");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/command");
    TCase *tests = tcase_create("command");
    tcase_add_test(tests, threads_do_not_change_a_byte);
    tcase_add_test(tests, folder_has_the_released_layout);
    tcase_add_test(tests, interrupted_runs_go_on);
    tcase_add_test(tests, recordings_have_the_folders_of_recordings);
    tcase_add_test(tests, wrong_command_lines_are_refused);
    tcase_add_test(tests, what_the_system_refuses_is_said_once);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

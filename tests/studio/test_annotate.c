/* Annotation from recordings to a folder that can be packed; interruptions, damage, wrong input. */
#include "base/log.h"
#include "data/camera_file.h"
#include "data/layout.h"
#include "data/quality_table.h"
#include "data/selection.h"
#include "io/file.h"
#include "io/png.h"
#include "studio/annotate.h"
#include "support/files.h"
#include "support/film.h"
#include "support/suite.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { W = HS_FILM_WIDTH, H = HS_FILM_HEIGHT, FRAMES = 40 };

static const char calib[] = "[glove right]\nhue = 50, 62\nsaturation = 60, 180\nvalue = 90, 255\n"
                            "[glove left]\nhue = 175, 8\nsaturation = 150, 255\nvalue = 90, 255\n";

/* Which hand a pixel shows: two discs that move to and fro, one more than the other. */
static int hand_at(int number, int x, int y)
{
    double sway = number % 8 < 4 ? number % 4 : 4 - number % 4;
    if (hypot(x - 40 - sway, y - 60) < 18)
        return 1;
    return hypot(x - 115, y - 58 - 0.5 * sway) < 16 ? 2 : 0;
}

/* In frame 5 nobody wears gloves, in frame 6 the left one is off. A column of each hand has no
 * depth. */
static void paint_hands(int number, int x, int y, uint8_t rgb[3], uint16_t *depth)
{
    static const uint8_t colours[3][3] = {{120, 110, 100}, {140, 235, 130}, {240, 50, 40}};
    int hand = hand_at(number, x, y);
    bool bare = number == 5 || (number == 6 && hand == 2);
    memcpy(rgb, colours[bare ? 0 : hand], 3);
    *depth = (uint16_t)(hand ? (x % 60 == 40 ? 0 : 500 + (x + y) % 9) : 1200);
}

static const char *film(const char *name, int subject)
{
    return hs_test_film(name, subject, FRAMES, 7, paint_hands);
}

static const char *path_of(const char *folder, const char *name)
{
    static char paths[4][1024];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

/* A request to annotate folder `recordings` into folder `out` of the test's folder. */
typedef struct setting {
    hs_annotate_request request;
    char recordings[512], calib[512], out[512];
    const char *paths[1];
} setting;

static hs_annotate_request *set(setting *s, const char *recordings, const char *out)
{
    *s = (setting){0};
    snprintf(s->recordings, sizeof s->recordings, "%s", hs_test_path(recordings));
    snprintf(s->calib, sizeof s->calib, "%s", hs_test_path("calib.ini"));
    snprintf(s->out, sizeof s->out, "%s", hs_test_path(out));
    hs_test_write(s->calib, calib, sizeof calib - 1);
    s->paths[0] = s->recordings;
    s->request =
        (hs_annotate_request){.recordings = s->paths, .n = 1, .calib = s->calib, .out = s->out};
    return &s->request;
}

static void assert_same(const char *a, const char *b)
{
    char command[1200];
    snprintf(command, sizeof command, "diff -r %s %s", a, b);
    ck_assert_msg(system(command) == 0, "%s", command);
}

START_TEST(frames_become_a_data_set)
{
    setting s;
    hs_annotate_request *request = set(&s, "people", "labelled");
    hs_annotate_result result;
    film("people/user-3", 3);
    film("people/user-12", 12);
    ck_assert_ok(hs_annotate_recordings(request, &result));
    const hs_quality_counts *c = &result.counts;
    ck_assert_int_eq(c->frames, 2 * FRAMES);
    ck_assert_int_eq(c->keep + c->reject + c->unlabelled, c->frames);
    ck_assert_int_eq(c->unlabelled, 4);
    ck_assert_int_eq(c->unpaired, 2);
    ck_assert_int_eq(c->no_glove, 2);
    ck_assert_int_ge(c->reject, 2); /* the frames without a left hand */

    hs_layout layout = {0};
    ck_assert_ok(hs_layout_scan(&layout, &hs_layout_handseg, s.out));
    ck_assert_int_eq(layout.count, 2 * FRAMES - 4);
    int64_t i = 0;
    for (int number = 0; number < FRAMES; number++) {
        uint16_t *depth;
        uint8_t *mask;
        if (number == 5 || number == 7)
            continue;
        ck_assert_int_eq(layout.frames[i].subject, 3);
        ck_assert_ok(hs_layout_read(&layout, i++, &depth, &mask));
        int wrong = 0;
        for (int p = 0; p < W * H; p++) {
            int hand = hand_at(number, p % W, p / W);
            hand = depth[p] == 0 || (number == 6 && hand == 2) ? 0 : hand;
            wrong += mask[p] != hand;
        }
        ck_assert_int_le(wrong, 8); /* the opening takes the tips of the discs */
        free(depth);
        free(mask);
    }
    hs_layout_free(&layout);
    ck_assert_int_eq(hs_test_count(path_of(s.out, "color"), ".png"), 2 * FRAMES - 4);
    ck_assert_int_eq(hs_test_count(s.out, "partial"), 0);

    hs_camera_file camera;
    ck_assert_ok(hs_camera_file_read(path_of(s.out, "camera.ini"), &camera));
    ck_assert_int_eq(camera.width, W);
    ck_assert_double_eq(camera.intrinsics.cx, 79.5);
    ck_assert_double_eq(camera.depth_unit, 0.001);
}
END_TEST

START_TEST(every_frame_has_a_row)
{
    setting s;
    hs_annotate_request *request = set(&s, "rows", "rows_out");
    hs_annotate_result result;
    film("rows", 3);
    ck_assert_ok(hs_annotate_recordings(request, &result));
    hs_quality_table table = {0};
    ck_assert_ok(hs_quality_table_read(&table, s.out));
    ck_assert_int_eq(table.count, FRAMES);
    for (int i = 0; i < FRAMES; i++) {
        char name[32];
        snprintf(name, sizeof name, "user-3.%08d", i);
        ck_assert_str_eq(table.rows[i].frame, name);
    }
    ck_assert_int_eq(table.rows[5].verdict, HS_VERDICT_NONE);
    ck_assert_str_eq(table.rows[5].reasons, "right_no_color;left_no_color");
    ck_assert_str_eq(table.rows[7].reasons, "no_color_frame");
    ck_assert_int_eq(table.rows[6].verdict, HS_VERDICT_REJECT);
    ck_assert_ptr_nonnull(strstr(table.rows[6].reasons, "no_left_glove"));
    ck_assert(table.rows[8].score > table.rows[6].score);
    hs_quality_table_free(&table);
    size_t size;
    char *text = (char *)hs_test_read(path_of(s.out, "quality.csv"), &size);
    text[size] = 0;
    ck_assert_ptr_nonnull(strstr(text, "frame,recording,number,time,score,verdict,reasons,"));
    ck_assert_ptr_nonnull(strstr(text, "\nuser-3.00000008,rows,8,0.800000,"));
    free(text);
}
END_TEST

START_TEST(a_second_recording_is_numbered_on)
{
    setting s;
    hs_annotate_request *request = set(&s, "twice", "twice_out");
    hs_annotate_result result;
    film("twice/morning", 4);
    film("twice/noon", 4);
    ck_assert_ok(hs_annotate_recordings(request, &result));
    ck_assert_int_eq(result.counts.frames, 2 * FRAMES);
    ck_assert_int_eq(access(path_of(s.out, "masks/user-4.00000039.png"), F_OK), 0);
    ck_assert_int_eq(access(path_of(s.out, "masks/user-4.00000040.png"), F_OK), 0);
    ck_assert_int_eq(access(path_of(s.out, "masks/user-4.00000079.png"), F_OK), 0);
    request = set(&s, "twice", "other_out");
    request->subject = 77;
    ck_assert_ok(hs_annotate_recordings(request, &result));
    ck_assert_int_eq(access(path_of(s.out, "masks/user-77.00000079.png"), F_OK), 0);
}
END_TEST

START_TEST(threads_do_not_change_a_byte)
{
    setting one, three;
    hs_annotate_result result;
    film("threads", 1);
    omp_set_num_threads(1);
    ck_assert_ok(hs_annotate_recordings(set(&one, "threads", "one"), &result));
    omp_set_num_threads(3);
    ck_assert_ok(hs_annotate_recordings(set(&three, "threads", "three"), &result));
    assert_same(one.out, three.out);
}
END_TEST

static ino_t inode_of(const char *folder, const char *name)
{
    struct stat info;
    ck_assert_int_eq(stat(path_of(folder, name), &info), 0);
    return info.st_ino;
}

/* A frame beyond the first group cannot be read: what was done before is kept, nothing is half
 * there, and the same command goes on once the frame is in order. */
START_TEST(an_interrupted_run_goes_on)
{
    setting whole, broken;
    hs_annotate_result result;
    char frame[1024];
    size_t size;
    film("stop", 1);
    ck_assert_ok(hs_annotate_recordings(set(&whole, "stop", "whole"), &result));
    set(&broken, "stop", "broken");
    snprintf(frame, sizeof frame, "%s", path_of(broken.recordings, "depth/00000038.png"));
    unsigned char *bytes = hs_test_read(frame, &size);
    hs_test_write(frame, bytes, size / 2);
    ck_assert_error(hs_annotate_recordings(&broken.request, &result), HS_ERR_FORMAT,
                    "00000038.png: truncated PNG");
    ck_assert_int_eq(access(path_of(broken.out, "quality.csv"), F_OK), -1);
    ck_assert_int_eq(access(path_of(broken.out, "annotate.partial"), F_OK), 0);
    ck_assert_int_eq(hs_test_count(path_of(broken.out, "masks"), ".png"), HS_LABELLER_GROUP - 1);
    ck_assert_error(hs_selection_check(broken.out), HS_ERR_DATA, "unfinished annotation");

    /* as after a kill: a line cut off, and a file that was being written */
    hs_test_write(frame, bytes, size);
    char *journal = (char *)hs_test_read(path_of(broken.out, "annotate.partial"), &size);
    hs_test_write(path_of(broken.out, "annotate.partial"), journal, size - 20);
    hs_test_write(path_of(broken.out, "masks/user-1.00000034.png.99999999.tmp"), "x", 1);
    ino_t kept = inode_of(broken.out, "masks/user-1.00000003.png");
    ck_assert_ok(hs_annotate_recordings(&broken.request, &result));
    assert_same(whole.out, broken.out);
    ck_assert_ok(hs_selection_check(broken.out));
    ck_assert_uint_eq(inode_of(broken.out, "masks/user-1.00000003.png"), kept);
    ck_assert_int_eq(result.spent.frames, FRAMES - 1 - (HS_LABELLER_GROUP - 1));
    free(bytes);
    free(journal);
}
END_TEST

/* A run that is done is not done again; pictures can still be asked for. */
START_TEST(a_complete_folder_is_left_as_it_is)
{
    setting s;
    hs_annotate_request *request = set(&s, "done", "done_out");
    hs_annotate_result first, second;
    film("done", 1);
    ck_assert_ok(hs_annotate_recordings(request, &first));
    ino_t table = inode_of(s.out, "quality.csv"),
          mask = inode_of(s.out, "masks/user-1.00000003.png");
    char debug[512];
    snprintf(debug, sizeof debug, "%s", hs_test_path("done_pictures"));
    request->debug = debug;
    request->debug_frames = "3";
    ck_assert_ok(hs_annotate_recordings(request, &second));
    ck_assert_mem_eq(&first.counts, &second.counts, sizeof first.counts);
    ck_assert_int_eq(second.counts.unpaired, 1);
    ck_assert_int_eq(second.counts.no_glove, 1);
    ck_assert_int_eq(second.spent.frames, 0);
    ck_assert_int_eq(second.pictures, 1);
    ck_assert_uint_eq(inode_of(s.out, "quality.csv"), table);
    ck_assert_uint_eq(inode_of(s.out, "masks/user-1.00000003.png"), mask);
    ck_assert_int_eq(hs_test_count(s.out, "partial"), 0);
}
END_TEST

START_TEST(another_calibration_is_refused)
{
    setting s;
    hs_annotate_request *request = set(&s, "again", "again_out");
    hs_annotate_result result;
    film("again", 1);
    ck_assert_ok(hs_annotate_recordings(request, &result));
    ino_t before = inode_of(s.out, "quality.csv");
    size_t right = (size_t)(strstr(calib, "[glove left]") - calib);
    hs_test_write(s.calib, calib, right);
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_USAGE,
                    "which holds something else");
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), "another calibration"));
    ck_assert_uint_eq(inode_of(s.out, "quality.csv"), before);
}
END_TEST

START_TEST(damaged_frames_are_listed_on_request)
{
    setting s;
    hs_annotate_request *request = set(&s, "damaged", "damaged_out");
    hs_annotate_result result;
    film("damaged", 1);
    hs_test_write(path_of(s.recordings, "color/00000009.png"), "GIF", 3);
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_FORMAT, "not a PNG");
    request->reading.salvage = true;
    ck_assert_ok(hs_annotate_recordings(request, &result));
    ck_assert_int_eq(result.counts.damaged, 1);
    ck_assert_int_eq(result.counts.keep + result.counts.reject + result.counts.unlabelled, FRAMES);
    hs_quality_table table = {0};
    ck_assert_ok(hs_quality_table_read(&table, s.out));
    ck_assert_str_eq(table.rows[9].reasons, "damaged");
    hs_quality_table_free(&table);
    char debug[512];
    snprintf(debug, sizeof debug, "%s", hs_test_path("damaged_pictures"));
    request->debug = debug;
    request->debug_frames = "8-10";
    ck_assert_ok(hs_annotate_recordings(request, &result));
    ck_assert_int_eq(result.counts.damaged, 1);
    ck_assert_int_eq(hs_test_count(debug, ".png"), 2);
}
END_TEST

START_TEST(stages_are_drawn_for_chosen_frames)
{
    setting s;
    hs_annotate_request *request = set(&s, "debug", "debug_out");
    hs_annotate_result result;
    char debug[512];
    film("debug", 9);
    snprintf(debug, sizeof debug, "%s", hs_test_path("pictures"));
    request->debug = debug;
    request->debug_frames = "user-9.00000003,user-8.00000004,5-7,20";
    ck_assert_ok(hs_annotate_recordings(request, &result));
    ck_assert_int_eq(result.pictures, 4); /* 3, 5, 6, 20; 7 has no colour */
    ck_assert_int_eq(hs_test_count(debug, ".png"), 4);
    uint8_t *rgb;
    int w, h;
    ck_assert_ok(hs_png_read_rgb(path_of(debug, "user-9.00000003.png"), &rgb, &w, &h));
    ck_assert(w > 4 * W && h > 2 * H);
    free(rgb);
    request->debug_frames = "user-1.00000003";
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_USAGE,
                    "got 'user-1.00000003', which is no frame");
    static const char *const wrong[] = {"", "x", "3-", "-3", "9-8", "1,,2", "user-1", "user-1.x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        request->debug_frames = wrong[i];
        ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_USAGE,
                        "expected names, numbers and ranges");
    }
}
END_TEST

START_TEST(wrong_input_is_refused)
{
    setting s;
    hs_annotate_request *request = set(&s, "nobody", "wrong_out");
    hs_annotate_result result;
    film("nobody", 0);
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_DATA,
                    "nobody: does not say whose hands it shows");
    request->subject = 1;
    hs_test_write(s.calib, "[glove right]\nhue=1\n", 20);
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_CONFIG, "calib.ini:1:");
    unlink(s.calib);
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_IO,
                    "calib.ini: cannot open it");
    hs_test_write(s.calib, calib, sizeof calib - 1);
    const char *overrides[] = {"annotate.joint=3"};
    request->overrides = overrides;
    request->override_count = 1;
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_CONFIG, "unknown key 'joint'");
    request->override_count = 0;
    s.paths[0] = hs_test_path("absent");
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_IO, "absent: cannot read");
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "wrong_out"), 0);
    s.paths[0] = s.recordings;
    ck_assert_ok(hs_folder_make(s.out));
    hs_test_write(path_of(s.out, "precious.txt"), "x", 1);
    ck_assert_error(hs_annotate_recordings(request, &result), HS_ERR_USAGE,
                    "wrong_out', which holds something else");
    ck_assert_int_eq(hs_test_count(s.out, ""), 3); /* . and .. and precious.txt */
}
END_TEST

START_TEST(the_command_adds_up)
{
    setting s;
    char line[2000], output[4000];
    set(&s, "cli", "cli_out");
    film("cli", 2);
    snprintf(line, sizeof line, "annotate %s --calib %s --out %s --set quality.threshold=0.4",
             s.recordings, s.calib, s.out);
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    long long frames, kept, rejected, unlabelled, unpaired, bare, damaged;
    const char *summary = strstr(output, "40 depth frames:");
    ck_assert_msg(summary != NULL, "%s", output);
    ck_assert_int_eq(
        sscanf(summary,
               "%lld depth frames: %lld kept, %lld rejected by their score, %lld without "
               "labels\nwithout labels: %lld have no colour frame, %lld show no glove, "
               "%lld cannot be read",
               &frames, &kept, &rejected, &unlabelled, &unpaired, &bare, &damaged),
        7);
    ck_assert_int_eq(frames, kept + rejected + unlabelled);
    ck_assert_int_eq(unlabelled, unpaired + bare + damaged);
    ck_assert_ptr_nonnull(strstr(output, "frames/s (from decoded frames)"));
    static const char *const wrong[][2] = {
        {"--out x", "annotate: --calib: got nothing"},
        {"--calib x", "annotate: --out: got nothing"},
        {"--calib x --out y --frames 3", "--frames: got a list, but no --debug DIR"},
        {"--calib x --out y --tolerance 0", "--tolerance: got 0"},
        {"--calib x --out y --subjekt 3", "did you mean '--subject'?"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(line, sizeof line, "annotate %s %s", s.recordings, wrong[i][0]);
        ck_assert_int_eq(hs_test_run(line, output, sizeof output), 2);
        ck_assert_msg(strstr(output, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], output);
    }
    ck_assert_int_eq(hs_test_run("annotate", output, sizeof output), 2);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("annotate recordings");
    TCase *tests = tcase_create("annotate recordings");
    tcase_add_test(tests, frames_become_a_data_set);
    tcase_add_test(tests, every_frame_has_a_row);
    tcase_add_test(tests, a_second_recording_is_numbered_on);
    tcase_add_test(tests, threads_do_not_change_a_byte);
    tcase_add_test(tests, an_interrupted_run_goes_on);
    tcase_add_test(tests, a_complete_folder_is_left_as_it_is);
    tcase_add_test(tests, another_calibration_is_refused);
    tcase_add_test(tests, damaged_frames_are_listed_on_request);
    tcase_add_test(tests, stages_are_drawn_for_chosen_frames);
    tcase_add_test(tests, wrong_input_is_refused);
    tcase_add_test(tests, the_command_adds_up);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

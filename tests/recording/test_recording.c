/* Recordings: camera.ini, pairs by time, folders, what is missing or wrong. */
#include "recording/pairing.h"
#include "recording/recording.h"
#include "support/files.h"
#include "support/recordings.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DEPTH_PIXELS = HS_TEST_DEPTH_WIDTH * HS_TEST_DEPTH_HEIGHT,
    COLOR_VALUES = HS_TEST_COLOR_WIDTH * HS_TEST_COLOR_HEIGHT * 3
};

static const double four[] = {0, .02, .04, .06}, late[] = {.003, .024, .045, .066};

/* ---- pairs ---- */

typedef struct pairs_case {
    double depth[6], color[6];
    int depths, colors;
    int64_t expected[6];
} pairs_case;

static const pairs_case pair_cases[] = {
    {{0, 20, 40}, {3, 23, 43}, 3, 3, {0, 1, 2}},
    {{0, 20, 40}, {11, 31}, 3, 2, {-1, 0, 1}},         /* the nearest, within 10 */
    {{0, 20, 40}, {10, 50}, 3, 2, {0, -1, 1}},         /* just within; 10 goes to the earlier */
    {{0, 4, 8}, {5}, 3, 1, {-1, 0, -1}},               /* one colour frame, used once */
    {{0, 20, 40, 60}, {19, 61}, 4, 2, {-1, 0, -1, 1}}, /* gaps of the colour stream */
    {{0}, {30, 31}, 1, 2, {-1}},                       /* too late */
    {{100}, {0, 20, 91, 95, 104, 111}, 1, 6, {4}},     /* far into the other list */
    {{0, 1}, {0}, 2, 0, {-1, -1}},                     /* no colour at all */
    {{5, 5, 5}, {5, 5}, 3, 2, {0, -1, -1}},            /* clocks that stand still */
};

START_TEST(frames_are_paired_with_the_nearest)
{
    const pairs_case *c = &pair_cases[_i];
    hs_stamp depth[6], color[6];
    int64_t partner[6];
    for (int i = 0; i < 6; i++) {
        depth[i] = (hs_stamp){c->depth[i], i};
        color[i] = (hs_stamp){c->color[i], i};
    }
    hs_pair_frames(&(hs_stamps){depth, c->depths}, &(hs_stamps){color, c->colors}, 10, partner);
    for (int i = 0; i < c->depths; i++)
        ck_assert_msg(partner[i] == c->expected[i], "case %d, frame %d: got %d, expected %d", _i, i,
                      (int)partner[i], (int)c->expected[i]);
}
END_TEST

/* ---- camera.ini ---- */

START_TEST(a_camera_file_is_read_as_it_was_written)
{
    hs_stamp depth[] = {{0, 0}, {.020833, 1}, {1234.567891, 99999999}}, color[] = {{.0061, 4}};
    hs_rig_file file = {7, .0085, hs_test_rig(), {depth, 3}, {color, 1}}, back = {0};
    double c = cos(.3), s = sin(.3);
    memcpy(file.rig.rotation, (double[]){c, 0, -s, 0, 1, 0, s, 0, c}, sizeof file.rig.rotation);
    const char *path = hs_test_path("camera.ini");
    FILE *out = fopen(path, "w");
    hs_rig_file_write(&file, out);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_ok(hs_rig_file_read(path, &back));
    ck_assert(back.subject == 7 && back.tolerance == .0085);
    for (int i = 0; i < 9; i++)
        ck_assert_double_eq_tol(back.rig.rotation[i], file.rig.rotation[i], 1e-10);
    memcpy(back.rig.rotation, file.rig.rotation, sizeof file.rig.rotation);
    ck_assert_mem_eq(&back.rig.depth, &file.rig.depth, sizeof(hs_lens));
    ck_assert_mem_eq(&back.rig.color, &file.rig.color, sizeof(hs_lens));
    ck_assert_mem_eq(back.rig.translation, file.rig.translation, sizeof file.rig.translation);
    ck_assert(back.rig.depth_unit == file.rig.depth_unit);
    ck_assert_int_eq(back.depth.count, 3);
    ck_assert_int_eq(back.color.count, 1);
    for (int i = 0; i < 3; i++)
        ck_assert(back.depth.items[i].number == depth[i].number &&
                  fabs(back.depth.items[i].time - depth[i].time) < 1e-9);
    ck_assert(back.color.items[0].number == 4 && back.color.items[0].time == .0061);
    hs_rig_file_free(&back);
}
END_TEST

/* Replaces `from` by `to` in the camera.ini of a recording. */
static void edit(const char *folder, const char *from, const char *to)
{
    char path[512];
    snprintf(path, sizeof path, "%s/camera.ini", folder);
    size_t size;
    char *text = (char *)hs_test_read(path, &size);
    text[size] = 0;
    char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "%s lacks '%s'", path, from);
    FILE *out = fopen(path, "w");
    fprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    fclose(out);
    free(text);
}

static const struct {
    const char *from, *to, *message;
} bad_files[] = {
    {"[recording]", "[recordings]", "unknown section type 'recordings'"},
    {"[depth_times]", "[color_times2]", "unknown section type"},
    {"fx=15.25", "fx=0", "[depth] fx: got '0', expected a number from 1"},
    {"unit=0.000125", "unit=0", "[depth] unit: got '0'"},
    {"unit=0.000125\n", "", "'unit' is missing"},
    {"model=none", "model=fisheye", "model: got 'fisheye', expected one of: none, brown_conrady"},
    {"rotation=1, 0, 0, 0, 1", "rotation=1, 0, 0, 0", "rotation: got 8 numbers, expected 9"},
    {"translation=0.03", "translation=0.03, 1", "translation: got 4 numbers, expected 3"},
    {"00000001=0.02", "0000001=0.02", "got the key '0000001', expected a frame's name: 8 digits"},
    {"00000001=0.02", "00000000=0.02", "'00000000' is already set"},
    {"00000001=0.020000", "00000001=soon", "00000001: got 'soon', expected seconds"},
    {"00000001=0.020000", "00000001=-1", "expected seconds since the start"},
    {"00000001=0.020000", "00000001=nan", "got 'nan', expected seconds"},
    {"tolerance=0.01", "tolerance=0", "tolerance: got '0', expected a number"},
};

START_TEST(wrong_camera_files_are_refused_with_their_line)
{
    const char *folder = hs_test_recording("wrong", four, 4, late, 4, 0);
    hs_recording *recording;
    edit(folder, bad_files[_i].from, bad_files[_i].to);
    ck_assert_error(hs_recording_open(folder, NULL, &recording), HS_ERR_CONFIG,
                    bad_files[_i].message);
    ck_assert_ptr_nonnull(strstr(hs_error_message(), "camera.ini"));
    ck_assert_ptr_null(recording);
}
END_TEST

/* ---- folders ---- */

static void check_pair(const hs_recording *recording, int64_t i, hs_recording_pair *pair)
{
    ck_assert_ok(hs_recording_read(recording, i, pair));
    for (int p = 0; p < DEPTH_PIXELS; p++)
        ck_assert_int_eq(pair->depth[p], hs_test_recorded_depth(pair->depth_stamp.number, p));
    for (int p = 0; p < COLOR_VALUES; p++)
        ck_assert_int_eq(pair->color[p], hs_test_recorded_color(pair->color_stamp.number, p));
}

START_TEST(a_folder_is_read_pair_by_pair)
{
    static const double color[] = {.003, .0245, .052, .066, .2};
    const char *folder = hs_test_recording("rec", four, 4, color, 5, 1);
    hs_recording *recording;
    hs_recording_pair pair = {0};
    ck_assert_ok(hs_recording_open(folder, NULL, &recording));
    const hs_recording_info *info = hs_recording_get_info(recording);
    ck_assert_int_eq(info->kind, HS_RECORDING_FOLDER);
    ck_assert_str_eq(info->name, "rec");
    ck_assert(info->subject == 3 && info->tolerance == .01 && info->truth && !info->damage);
    ck_assert_int_eq(info->pair_count, 3);
    ck_assert(info->unpaired_depth_count == 1 && info->unpaired_depth[0] == 2);
    ck_assert(info->unpaired_color_count == 2 && info->unpaired_color[0] == 2);
    ck_assert_double_eq_tol(info->duration, .2, 1e-9);
    ck_assert_double_eq_tol(info->rate, 2 / .06, 1e-6);
    ck_assert_double_eq_tol(info->biggest_gap, .04, 1e-9);
    ck_assert_double_eq_tol(info->widest_offset, .006, 1e-9);
    for (int i = 2; i >= 0; i--)
        check_pair(recording, i, &pair);
    hs_recording_read(recording, 2, &pair);
    ck_assert(pair.depth_stamp.number == 3 && pair.color_stamp.number == 3);
    uint8_t *mask;
    ck_assert_ok(hs_recording_read_truth(recording, 2, &mask));
    for (int p = 0; p < DEPTH_PIXELS; p++)
        ck_assert_int_eq(mask[p], hs_test_recorded_label(3, p));
    free(mask);
    hs_recording_pair_free(&pair);
    hs_recording_close(recording);
}
END_TEST

START_TEST(the_tolerance_is_the_recordings_or_what_is_asked)
{
    const char *folder = hs_test_recording("tolerance", four, 4, late, 4, 0);
    hs_recording *recording;
    ck_assert_ok(
        hs_recording_open(folder, &(hs_recording_options){.tolerance = .0042}, &recording));
    const hs_recording_info *info = hs_recording_get_info(recording);
    ck_assert_int_eq(info->pair_count, 2); /* 3 and 4 ms, not 5 and 6 */
    ck_assert(info->tolerance == .0042 && !info->truth);
    uint8_t *mask;
    ck_assert_error(hs_recording_read_truth(recording, 0, &mask), HS_ERR_STATE, "no true masks");
    hs_recording_close(recording);
}
END_TEST

START_TEST(pairs_may_be_read_by_many_threads)
{
    const char *folder = hs_test_recording("threads", four, 4, late, 4, 0);
    hs_recording *recording;
    ck_assert_ok(hs_recording_open(folder, NULL, &recording));
    int wrong = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : wrong)
    for (int i = 0; i < 64; i++) {
        hs_recording_pair pair = {0};
        wrong += hs_recording_read(recording, i % 4, &pair) != HS_OK;
        for (int p = 0; p < DEPTH_PIXELS && pair.depth; p++)
            wrong += pair.depth[p] != hs_test_recorded_depth(i % 4, p);
        hs_recording_pair_free(&pair);
    }
    ck_assert_int_eq(wrong, 0);
    hs_recording_close(recording);
}
END_TEST

static void remove_frame(const char *folder, const char *frame)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, frame);
    ck_assert_int_eq(unlink(path), 0);
}

START_TEST(missing_frames_are_named_and_left_out_on_request)
{
    const char *folder = hs_test_recording("missing", four, 4, late, 4, 0);
    const hs_recording_options salvage = {.salvage = true};
    hs_recording *recording;
    remove_frame(folder, "color/00000002.png");
    ck_assert_error(hs_recording_open(folder, NULL, &recording), HS_ERR_DATA,
                    "color/00000002.png: missing, though camera.ini has its time (1 such");
    ck_assert_ok(hs_recording_open(folder, &salvage, &recording));
    const hs_recording_info *info = hs_recording_get_info(recording);
    ck_assert_int_eq(info->pair_count, 3);
    ck_assert_int_eq(info->damages, 1);
    ck_assert_ptr_nonnull(strstr(info->damage, "00000002.png: missing"));
    hs_recording_pair pair = {0};
    check_pair(recording, 2, &pair);
    hs_recording_pair_free(&pair);
    hs_recording_close(recording);
    edit(folder, "00000003=0.060000\n", "");
    ck_assert_error(hs_recording_open(folder, NULL, &recording), HS_ERR_DATA,
                    "depth: got 4 frames, but camera.ini has the times of 3");
}
END_TEST

START_TEST(folders_that_are_no_recordings_say_why)
{
    hs_recording *recording;
    ck_assert_error(hs_recording_open(hs_test_path("absent"), NULL, &recording), HS_ERR_IO,
                    "absent: cannot read");
    const char *folder = hs_test_recording("empty", NULL, 0, late, 4, 0);
    ck_assert_error(hs_recording_open(folder, NULL, &recording), HS_ERR_DATA,
                    "got 0 depth frames and 4 colour frames, expected both");
    folder = hs_test_recording("size", four, 4, late, 4, 1);
    edit(folder, "width=20", "width=21");
    hs_recording_pair pair = {0};
    uint8_t *mask;
    ck_assert_ok(hs_recording_open(folder, NULL, &recording));
    ck_assert_error(hs_recording_read(recording, 0, &pair), HS_ERR_DATA,
                    "00000000.png: got 20x14, expected 21x14");
    ck_assert_error(hs_recording_read_truth(recording, 0, &mask), HS_ERR_DATA, "expected 21x14");
    ck_assert_ptr_null(mask);
    hs_recording_pair_free(&pair);
    hs_recording_close(recording);
}
END_TEST

START_TEST(recordings_of_a_folder_are_listed_in_order)
{
    static const char *const names[] = {"all/user-10", "all/user-2", "all/calibration/right",
                                        "all/calibration"};
    for (int i = 0; i < 4; i++)
        hs_test_recording(names[i], four, 1, late, 1, 0);
    hs_test_write(hs_test_path("all/session.bag"), "x", 1);
    hs_test_write(hs_test_path("all/notes.txt"), "x", 1);
    hs_recording_list list = {0};
    ck_assert_ok(hs_recording_list_read(hs_test_path("all"), &list));
    ck_assert_int_eq(list.count, 3);
    ck_assert_ptr_nonnull(strstr(list.paths[0], "/all/session.bag"));
    ck_assert_ptr_nonnull(strstr(list.paths[1], "/all/user-2"));
    ck_assert_ptr_nonnull(strstr(list.paths[2], "/all/user-10"));
    hs_recording_list_free(&list);
    ck_assert_ok(hs_recording_list_read(hs_test_path("all/user-2"), &list));
    ck_assert_int_eq(list.count, 1);
    hs_recording_list_free(&list);
    ck_assert_error(hs_recording_list_read(hs_test_path("all/user-2/depth"), &list), HS_ERR_DATA,
                    "neither a recording nor a folder of recordings");
    hs_recording_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recording");
    TCase *tests = tcase_create("recording");
    tcase_add_loop_test(tests, frames_are_paired_with_the_nearest, 0,
                        sizeof pair_cases / sizeof *pair_cases);
    tcase_add_test(tests, a_camera_file_is_read_as_it_was_written);
    tcase_add_loop_test(tests, wrong_camera_files_are_refused_with_their_line, 0,
                        sizeof bad_files / sizeof *bad_files);
    tcase_add_test(tests, a_folder_is_read_pair_by_pair);
    tcase_add_test(tests, the_tolerance_is_the_recordings_or_what_is_asked);
    tcase_add_test(tests, pairs_may_be_read_by_many_threads);
    tcase_add_test(tests, missing_frames_are_named_and_left_out_on_request);
    tcase_add_test(tests, folders_that_are_no_recordings_say_why);
    tcase_add_test(tests, recordings_of_a_folder_are_listed_in_order);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Bags of librealsense as recordings: what its own recorder wrote, and what is damaged of it. */
#include "recording/bag_messages.h"
#include "recording/golden_bags.h"
#include "recording/recording.h"
#include "support/files.h"
#include "support/recordings.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const hs_recording_options salvage = {.salvage = true};

static void check_lenses(const golden_bag *golden, const hs_rig *rig)
{
    static const double k[] = {.1, .2, .003, .002, -.1};
    ck_assert(rig->depth.width == golden->width[0] && rig->depth.height == golden->height[0]);
    ck_assert(rig->color.width == golden->width[1] && rig->color.height == golden->height[1]);
    ck_assert_int_eq(rig->depth.model, HS_LENS_INVERSE_BROWN_CONRADY);
    ck_assert_int_eq(rig->color.model, HS_LENS_NONE);
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(rig->depth.k[i], k[i], 1e-7);
    bool tiny = golden->width[0] == 8;
    ck_assert(rig->depth.fx == (tiny ? 6 : 15.25) && rig->depth.fy == (tiny ? 6 : 15.5));
    ck_assert(rig->depth.cx == (tiny ? 3.5 : 9.75) && rig->depth.cy == (tiny ? 2.5 : 7.125));
    ck_assert(rig->color.fx == (tiny ? 5 : 20) && rig->color.cy == (tiny ? 2 : 9));
    double c = cos(bag_angle), s = sin(bag_angle);
    const double rotation[] = {c, 0, s, 0, 1, 0, -s, 0, c};
    for (int i = 0; i < 9; i++)
        ck_assert_double_eq_tol(rig->rotation[i], rotation[i], 1e-6);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(rig->translation[i], bag_move[i], 1e-8);
    ck_assert_double_eq_tol(rig->depth_unit, golden->unit, 1e-11);
}

static void check_pair(const hs_recording *recording, int64_t i, hs_recording_pair *pair)
{
    const hs_rig *rig = &hs_recording_get_info(recording)->rig;
    ck_assert_ok(hs_recording_read(recording, i, pair));
    ck_assert(pair->depth_stamp.number == i && pair->color_stamp.number == i);
    for (int p = 0; p < rig->depth.width * rig->depth.height; p++)
        ck_assert_int_eq(pair->depth[p], hs_test_recorded_depth((int)i, p));
    for (int p = 0; p < 3 * rig->color.width * rig->color.height; p++)
        ck_assert_int_eq(pair->color[p], hs_test_recorded_color((int)i, p));
}

START_TEST(a_bag_is_read_as_it_was_recorded)
{
    const golden_bag *golden = &golden_bags[_i];
    hs_recording *recording;
    hs_recording_pair pair = {0};
    ck_assert_ok(hs_recording_open(golden->path, NULL, &recording));
    const hs_recording_info *info = hs_recording_get_info(recording);
    ck_assert_int_eq(info->kind, HS_RECORDING_BAG);
    ck_assert_str_eq(info->name, strrchr(golden->path, '/') + 1);
    ck_assert(!info->damage && info->damages == 0 && !info->truth && !info->arrival_times);
    ck_assert_int_eq(info->pair_count, BAG_FRAMES);
    ck_assert(info->unpaired_depth_count == 0 && info->unpaired_color_count == 0);
    ck_assert_double_eq_tol(info->duration, .046, 1e-6);
    ck_assert_double_eq_tol(info->rate, 50, 1e-3);
    ck_assert_double_eq_tol(info->widest_offset, .006, 1e-6);
    ck_assert(info->tolerance == HS_PAIR_TOLERANCE && info->subject == 0);
    check_lenses(golden, &info->rig);
    for (int i = BAG_FRAMES - 1; i >= 0; i--)
        check_pair(recording, i, &pair);
    hs_recording_pair_free(&pair);
    hs_recording_close(recording);
}
END_TEST

START_TEST(a_bag_that_was_never_closed_is_read_on_request)
{
    static const char path[] = "tests/golden/unclosed.bag";
    hs_recording *recording;
    hs_recording_pair pair = {0};
    ck_assert_error(hs_recording_open(path, NULL, &recording), HS_ERR_FORMAT,
                    "unclosed.bag: byte 38983, at topic /device_0/");
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), "--salvage"));
    ck_assert_ok(hs_recording_open(path, &salvage, &recording));
    const hs_recording_info *info = hs_recording_get_info(recording);
    ck_assert_int_ge(info->pair_count, 2);
    ck_assert_int_ge(info->damages, 1);
    ck_assert_ptr_nonnull(strstr(info->damage, "unclosed.bag: byte"));
    for (int i = 0; i < info->pair_count; i++)
        check_pair(recording, i, &pair);
    hs_recording_pair_free(&pair);
    hs_recording_close(recording);
}
END_TEST

/* Opens a damaged bag and reads what there is; every frame must be one that was recorded. Returns
 * the number of pairs. */
static int64_t read_salvaged(const char *path)
{
    hs_recording *recording;
    hs_recording_pair pair = {0};
    if (hs_recording_open(path, &salvage, &recording) != HS_OK)
        return 0;
    const hs_recording_info *info = hs_recording_get_info(recording);
    int64_t count = info->pair_count;
    for (int64_t i = 0; i < count; i++)
        check_pair(recording, i, &pair);
    hs_recording_pair_free(&pair);
    hs_recording_close(recording);
    return count;
}

START_TEST(a_bag_cut_anywhere_is_refused_and_salvaged)
{
    size_t size;
    unsigned char *bytes = hs_test_read("tests/golden/older.bag", &size);
    const char *path = hs_test_path("cut.bag");
    int64_t most = 0;
    hs_recording *recording;
    for (size_t cut = 0; cut < size; cut++) {
        hs_test_write(path, bytes, cut);
        ck_assert_int_eq(hs_recording_open(path, NULL, &recording), HS_ERR_FORMAT);
        ck_assert_ptr_nonnull(strstr(hs_error_message(), "cut.bag: byte "));
        int64_t pairs = read_salvaged(path);
        ck_assert_int_ge(pairs, most); /* a longer rest never holds less */
        most = pairs;
    }
    ck_assert_int_eq(most, BAG_FRAMES);
    free(bytes);
}
END_TEST

/* The pairs on both sides of a chunk that cannot be read. */
START_TEST(what_follows_a_damage_is_still_read)
{
    size_t size;
    unsigned char *bytes = hs_test_read("tests/golden/older.bag", &size);
    const char *path = hs_test_path("damaged.bag");
    unsigned char *lz4 = memmem(bytes, size, "compression=lz4", 15);
    ck_assert_ptr_nonnull(lz4);
    hs_recording *recording;
    memcpy(lz4 + 12, "bz2", 3);
    hs_test_write(path, bytes, size);
    ck_assert_error(hs_recording_open(path, NULL, &recording), HS_ERR_FORMAT, "compressed by bz2");
    ck_assert_ok(hs_recording_open(path, &salvage, &recording));
    const hs_recording_info *info = hs_recording_get_info(recording);
    ck_assert_int_eq(info->pair_count, 2);
    ck_assert_int_eq(info->damages, 1);
    ck_assert_double_eq_tol(info->biggest_gap, .04, 1e-6);
    hs_recording_close(recording);
    memcpy(lz4 + 12, "lz4", 3);
    lz4[-4] ^= 0x40; /* the length of its field: nothing says any more where the record ends */
    hs_test_write(path, bytes, size);
    ck_assert_error(hs_recording_open(path, NULL, &recording), HS_ERR_FORMAT, "no record begins");
    ck_assert_ok(hs_recording_open(path, &salvage, &recording));
    ck_assert_int_eq(hs_recording_get_info(recording)->pair_count, 2);
    hs_recording_close(recording);
    free(bytes);
}
END_TEST

/* Replaces the first `from` in the bytes by `to`, of the same length. */
static void replace(unsigned char *bytes, size_t size, const char *from, const char *to)
{
    unsigned char *at = memmem(bytes, size, from, strlen(from));
    ck_assert_msg(at != NULL, "lacks '%s'", from);
    memcpy(at, to, strlen(to));
}

static const struct {
    const char *from, *to; /* once in the messages of the first chunk, of older.bag */
    hs_status status;
    const char *message;
} foreign[] = {
    {"#ROSBAG V2.0", "#ROSBAG V1.2", HS_ERR_FORMAT, "byte 0: got a rosbag of another version"},
    {"#ROSBAG V2.0", "PK\3\4 no bag", HS_ERR_FORMAT, "byte 0: got a file that is no rosbag"},
    {"/file_version", "/file_Version", HS_ERR_FORMAT, "another topic has the same number"},
    {"mono16", "mono32", HS_ERR_FORMAT,
     "topic /device_0/sensor_0/Depth_0/image/data: got pixels 'mono32', expected mono16"},
    {"rgb8", "yuv4", HS_ERR_FORMAT, "got pixels 'yuv4', expected rgb8, bgr8, rgba8 or bgra8"},
    {"Inverse Brown Conrady", "Inverse Green Conrady", HS_ERR_DATA,
     "got the distortion 'Inverse Green Conrady'"},
};

START_TEST(foreign_bags_say_what_is_foreign)
{
    size_t size;
    unsigned char *bytes = hs_test_read("tests/golden/older.bag", &size);
    const char *path = hs_test_path("foreign.bag");
    hs_recording *recording;
    replace(bytes, size, foreign[_i].from, foreign[_i].to);
    hs_test_write(path, bytes, size);
    ck_assert_error(hs_recording_open(path, NULL, &recording), foreign[_i].status,
                    foreign[_i].message);
    free(bytes);
}
END_TEST

/* A bag of another program: sound, but without the topics of a camera. */
START_TEST(bags_without_cameras_are_refused)
{
    size_t size;
    unsigned char *bytes = hs_test_read("tests/golden/older.bag", &size);
    const char *path = hs_test_path("other.bag");
    for (unsigned char *at; (at = memmem(bytes, size, "/Depth_0/", 9)) != NULL;)
        memcpy(at, "/Thing_0/", 9);
    hs_test_write(path, bytes, size);
    hs_recording *recording;
    ck_assert_error(hs_recording_open(path, NULL, &recording), HS_ERR_DATA,
                    "topic /device_0/sensor_0/Depth_0/image/data: got no message");
    free(bytes);
}
END_TEST

/* ---- messages ---- */

START_TEST(images_are_checked_before_their_sizes_are_used)
{
    enum { HEAD = 12 + 4 + 8 + 4 + 6 + 1 + 8, PIXELS = 2 * 3 * 2 };
    uint8_t m[HEAD + PIXELS + 4] = {0};
    hs_bag_image image;
    m[16] = 2, m[20] = 3, m[24] = 6; /* height, width, length of the encoding */
    memcpy(m + 28, "mono16", 6);
    m[35] = 6, m[39] = PIXELS; /* step, bytes */
    ck_assert_ok(hs_bag_image_decode(m, sizeof m, sizeof m, 1, &image));
    ck_assert(image.width == 3 && image.height == 2 && image.pixels == HEAD && image.step == 6);
    ck_assert_uint_eq(image.unit, HEAD + PIXELS);
    ck_assert_ok(hs_bag_image_decode(m, sizeof m - 4, sizeof m - 4, 1, &image));
    ck_assert_uint_eq(image.unit, 0);
    for (size_t size = 0; size < sizeof m; size++) /* cut: only without the unit it is whole */
        ck_assert(hs_bag_image_decode(m, size, size, 1, &image) ==
                  (size == HEAD + PIXELS ? HS_OK : HS_ERR_FORMAT));
    static const struct {
        int at, value;
    } wrong[] = {{16, 3}, {20, 4}, {20, 0}, {19, 255}, {23, 255}, {27, 255},
                 {34, 1}, {35, 5}, {38, 1}, {39, 11},  {42, 255}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t copy[sizeof m];
        memcpy(copy, m, sizeof m);
        copy[wrong[i].at] = (uint8_t)wrong[i].value;
        ck_assert_msg(hs_bag_image_decode(copy, sizeof copy, sizeof copy, 1, &image) ==
                          HS_ERR_FORMAT,
                      "byte %d", wrong[i].at);
    }
}
END_TEST

START_TEST(transforms_go_from_stream_to_stream)
{
    /* Two frames turned by +-90 degrees about z and moved along x. */
    double h = sqrt(.5), values[2][7] = {{1, 0, 0, 0, 0, h, h}, {2, 0, 0, 0, 0, -h, h}};
    hs_bag_transform transforms[2];
    for (int i = 0; i < 2; i++)
        ck_assert_ok(hs_bag_transform_decode((uint8_t *)values[i], 56, &transforms[i]));
    double rotation[9], move[3];
    hs_bag_transform_between(&transforms[0], &transforms[1], rotation, move);
    /* The point p of the reference is (-y + 1, x, z) in the first, (y + 2, -x, z) in the second. */
    const double expected[] = {-1, 0, 0, 0, -1, 0, 0, 0, 1}, moved[] = {3, 0, 0};
    for (int i = 0; i < 9; i++)
        ck_assert_double_eq_tol(rotation[i], expected[i], 1e-12);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(move[i], moved[i], 1e-12);
    values[0][6] = 3;
    ck_assert_error(hs_bag_transform_decode((uint8_t *)values[0], 56, &transforms[0]),
                    HS_ERR_FORMAT, "no rigid motion");
    ck_assert_error(hs_bag_transform_decode((uint8_t *)values[1], 55, &transforms[0]),
                    HS_ERR_FORMAT, "no rigid motion");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bag");
    TCase *tests = tcase_create("bag");
    tcase_add_loop_test(tests, a_bag_is_read_as_it_was_recorded, 0,
                        sizeof golden_bags / sizeof *golden_bags);
    tcase_add_test(tests, a_bag_that_was_never_closed_is_read_on_request);
    tcase_add_test(tests, a_bag_cut_anywhere_is_refused_and_salvaged);
    tcase_add_test(tests, what_follows_a_damage_is_still_read);
    tcase_add_loop_test(tests, foreign_bags_say_what_is_foreign, 0,
                        sizeof foreign / sizeof *foreign);
    tcase_add_test(tests, bags_without_cameras_are_refused);
    tcase_add_test(tests, images_are_checked_before_their_sizes_are_used);
    tcase_add_test(tests, transforms_go_from_stream_to_stream);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

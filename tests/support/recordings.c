#include "support/recordings.h"

#include "io/file.h"
#include "io/png.h"
#include "support/files.h"
#include "support/suite.h"
#include <stdlib.h>

enum {
    DEPTH_PIXELS = HS_TEST_DEPTH_WIDTH * HS_TEST_DEPTH_HEIGHT,
    COLOR_PIXELS = HS_TEST_COLOR_WIDTH * HS_TEST_COLOR_HEIGHT
};

uint16_t hs_test_recorded_depth(int number, int i)
{
    return (uint16_t)(i % 7 == 0 ? 0 : 3000 + 256 * number + i);
}

uint8_t hs_test_recorded_color(int number, int i)
{
    return (uint8_t)(number * 40 + i * 3);
}

uint8_t hs_test_recorded_label(int number, int i)
{
    return (uint8_t)((number + i / 5) % 3);
}

hs_rig hs_test_rig(void)
{
    return (hs_rig){
        .depth = {HS_TEST_DEPTH_WIDTH,
                  HS_TEST_DEPTH_HEIGHT,
                  15.25,
                  15.5,
                  9.75,
                  7.125,
                  HS_LENS_INVERSE_BROWN_CONRADY,
                  {.1, .2, .003, .002, -.1}},
        .color = {HS_TEST_COLOR_WIDTH, HS_TEST_COLOR_HEIGHT, 20, 20, 12, 9, HS_LENS_NONE, {0}},
        .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
        .translation = {.03, .001, .004},
        .depth_unit = 0.000125};
}

static void write_part(const char *folder, const char *part, int number)
{
    char path[512];
    uint16_t depth[DEPTH_PIXELS];
    uint8_t labels[DEPTH_PIXELS], color[3 * COLOR_PIXELS];
    snprintf(path, sizeof path, "%s/%s/%08d.png", folder, part, number);
    for (int i = 0; i < DEPTH_PIXELS; i++) {
        depth[i] = hs_test_recorded_depth(number, i);
        labels[i] = hs_test_recorded_label(number, i);
    }
    for (int i = 0; i < 3 * COLOR_PIXELS; i++)
        color[i] = hs_test_recorded_color(number, i);
    if (*part == 'd')
        ck_assert_ok(hs_png_write_u16(path, depth, HS_TEST_DEPTH_WIDTH, HS_TEST_DEPTH_HEIGHT));
    else if (*part == 't')
        ck_assert_ok(hs_png_write_u8(path, labels, HS_TEST_DEPTH_WIDTH, HS_TEST_DEPTH_HEIGHT));
    else
        ck_assert_ok(hs_png_write_rgb(path, color, HS_TEST_COLOR_WIDTH, HS_TEST_COLOR_HEIGHT));
}

static hs_stamps stamps_of(const double *times, int count)
{
    hs_stamps stamps = {0};
    int64_t capacity = 0;
    for (int i = 0; i < count; i++)
        ck_assert_ok(hs_stamps_add(&stamps, &capacity, (hs_stamp){times[i], i}));
    return stamps;
}

const char *hs_test_recording(const char *name, const double *depth, int depths,
                              const double *color, int colors, int truth)
{
    const char *folder = hs_test_path(name);
    static const char *const parts[] = {"depth", "color", "truth"};
    const int counts[] = {depths, colors, truth ? depths : 0};
    char path[512];
    for (int p = 0; p < (truth ? 3 : 2); p++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[p]);
        ck_assert_ok(hs_folder_make(path));
        for (int i = 0; i < counts[p]; i++)
            write_part(folder, parts[p], i);
    }
    hs_rig_file file = {.subject = 3,
                        .tolerance = 0.01,
                        .rig = hs_test_rig(),
                        .depth = stamps_of(depth, depths),
                        .color = stamps_of(color, colors)};
    snprintf(path, sizeof path, "%s/camera.ini", folder);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    hs_rig_file_write(&file, out);
    ck_assert_int_eq(fclose(out), 0);
    hs_rig_file_free(&file);
    return folder;
}

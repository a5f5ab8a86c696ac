/* Real frames: a hand painted red, seen by a Kinect, from calibration to the label; and the colour
 * frame of the paper's figure 2 against its authors' own mask. Skipped where the frames are not
 * there. */
#include "base/log.h"
#include "glove/annotate.h"
#include "glove/probe.h"
#include "io/file.h"
#include "io/png.h"
#include "recording/rig_file.h"
#include "studio/annotate.h"
#include "studio/calibrate.h"
#include "support/files.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { W = 640, H = 480, PIXELS = W * H };

#define DATA "../shared/data/"

static bool have(const char *folder)
{
    bool there = access(folder, F_OK) == 0;
    if (!there)
        hs_skip("%s: no such folder", folder);
    return there;
}

static uint8_t *read_rgb(const char *path)
{
    uint8_t *rgb;
    int w, h;
    ck_assert_ok(hs_png_read_rgb(path, &rgb, &w, &h));
    ck_assert(w == W && h == H);
    return rgb;
}

static uint8_t *read_u8(const char *path)
{
    uint8_t *grey;
    int w, h;
    ck_assert_ok(hs_png_read_u8(path, &grey, &w, &h));
    ck_assert(w == W && h == H);
    return grey;
}

/* ---- the red hand ---- */

/* The pair as a recording: the depth is registered to the colour already, so both cameras are one.
 */
static void write_recording(const char *folder)
{
    const hs_lens lens = {W, H, 525, 525, 319.5, 239.5, HS_LENS_NONE, {0}};
    hs_rig_file file = {.subject = 1,
                        .tolerance = 0.01,
                        .rig = {.depth = lens,
                                .color = lens,
                                .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                                .depth_unit = 0.001}};
    int64_t capacity[2] = {0};
    char path[600];
    static const char *const parts[] = {"depth", "color"};
    for (int part = 0; part < 2; part++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[part]);
        ck_assert_ok(hs_folder_make(path));
        snprintf(path, sizeof path, DATA "red_hand_kinect1/%s_0.png", parts[part]);
        size_t size;
        unsigned char *bytes = hs_test_read(path, &size);
        snprintf(path, sizeof path, "%s/%s/00000000.png", folder, parts[part]);
        hs_test_write(path, bytes, size);
        free(bytes);
    }
    ck_assert_ok(hs_stamps_add(&file.depth, &capacity[0], (hs_stamp){0}));
    ck_assert_ok(hs_stamps_add(&file.color, &capacity[1], (hs_stamp){0}));
    snprintf(path, sizeof path, "%s/camera.ini", folder);
    FILE *out = fopen(path, "w");
    hs_rig_file_write(&file, out);
    ck_assert_int_eq(fclose(out), 0);
    hs_rig_file_free(&file);
}

START_TEST(a_hand_painted_red_is_labelled_and_nothing_else)
{
    if (!have(DATA "red_hand_kinect1"))
        return;
    char recording[512], calib[512], out[512], path[600];
    snprintf(recording, sizeof recording, "%s", hs_test_path("red"));
    snprintf(calib, sizeof calib, "%s", hs_test_path("red.ini"));
    snprintf(out, sizeof out, "%s", hs_test_path("red_out"));
    write_recording(recording);
    hs_calibrate_request calibrate = {.recordings = {recording, NULL},
                                      .boxed = true,
                                      .box = {188, 305, 25, 78}, /* palm and wrist */
                                      .rule = hs_probe_standard,
                                      .out = calib};
    hs_calibrate_result calibrated;
    ck_assert_ok(hs_calibrate(&calibrate, &calibrated));
    const char *paths[] = {recording};
    hs_annotate_request annotate = {.recordings = paths, .n = 1, .calib = calib, .out = out};
    hs_annotate_result result;
    ck_assert_ok(hs_annotate_recordings(&annotate, &result));
    ck_assert_int_eq(result.counts.unlabelled, 0);

    /* A paint red beyond doubt, where there is depth: all of it is labelled, but for the edges, and
     * whatever is labelled lies in or beside it. */
    snprintf(path, sizeof path, "%s/masks/user-1.00000000.png", out);
    uint8_t *mask = read_u8(path), *rgb = read_rgb(DATA "red_hand_kinect1/color_0.png");
    uint16_t *depth;
    int w, h, red = 0, both = 0, label = 0, near = 0;
    ck_assert_ok(hs_png_read_u16(DATA "red_hand_kinect1/depth_0.png", &depth, &w, &h));
    static uint8_t is_red[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        is_red[i] =
            rgb[3 * i] > 70 && rgb[3 * i] > 3 * rgb[3 * i + 1] && rgb[3 * i] > 3 * rgb[3 * i + 2];
    for (int i = 0; i < PIXELS; i++) {
        bool close = false;
        for (int dy = -4; dy <= 4; dy++)
            for (int dx = -4; dx <= 4; dx++) {
                int x = i % W + dx, y = i / W + dy;
                close |= x >= 0 && y >= 0 && x < W && y < H && is_red[y * W + x];
            }
        bool measured = is_red[i] && depth[i] > 0 && depth[i] < 1200;
        red += measured;
        both += measured && mask[i] == 1;
        label += mask[i] == 1;
        near += mask[i] == 1 && close;
    }
    printf(
        "red hand: %d pixels labelled; %.1f %% of its red pixels with depth, %.1f %% of the label "
        "within 4 pixels of red\n",
        label, 100.0 * both / red, 100.0 * near / label);
    ck_assert(red > 5000 && both > 0.95 * red && near > 0.98 * label);
    free(mask);
    free(rgb);
    free(depth);
}
END_TEST

/* ---- figure 2 ---- */

typedef struct outline {
    double x, y; /* centroid */
    int pixels;
} outline;

static outline outline_of(const uint8_t *mask, int label)
{
    outline o = {0};
    for (int i = 0; i < PIXELS; i++)
        if (mask[i] == label) {
            o.x += i % W;
            o.y += i / W;
            o.pixels++;
        }
    o.x /= o.pixels;
    o.y /= o.pixels;
    return o;
}

/* IoU of ours, scaled about its centroid and moved by (dx, dy) from centroid to centroid, with
 * theirs. */
static double overlap(const uint8_t *ours, const outline *a, const uint8_t *theirs, int label,
                      const outline *b, double scale, int dx, int dy)
{
    int both = 0, either = 0;
    for (int i = 0; i < PIXELS; i++) {
        int x = (int)lround((i % W - dx - b->x) / scale + a->x);
        int y = (int)lround((i / W - dy - b->y) / scale + a->y);
        bool mine = x >= 0 && y >= 0 && x < W && y < H && ours[y * W + x];
        both += mine && theirs[i] == label;
        either += mine || theirs[i] == label;
    }
    return (double)both / either;
}

/* The authors' mask is in the depth camera's view and smoothed, the frame in the colour camera's:
 * what can be compared are the shapes of each hand, after the scale and shift that fit best. */
START_TEST(thresholds_of_figure_2_have_the_authors_shapes)
{
    if (!have(DATA "handseg_figures"))
        return;
    /* boxes of the gloves, in light and in shade: palm and fingers */
    static const int boxes[HS_GLOVES][4] = {{190, 130, 60, 50}, {395, 115, 60, 60}};
    static uint8_t mask[PIXELS];
    static uint16_t depth[PIXELS];
    uint8_t *rgb = read_rgb(DATA "handseg_figures/fig2_color_640x480.png");
    uint8_t *theirs = read_u8(DATA "handseg_figures/fig2_mask_hsv_640x480.png");
    hs_gloves gloves = {.worn = {true, true}};
    hs_annotate_params params = hs_annotate_defaults();
    hs_annotator *annotator;
    for (int g = 0; g < HS_GLOVES; g++) {
        hs_colour_cloud *cloud = calloc(1, sizeof *cloud);
        for (int y = boxes[g][1]; y < boxes[g][1] + boxes[g][3]; y++)
            hs_colour_cloud_add(cloud, rgb + 3 * (y * W + boxes[g][0]), (size_t)boxes[g][2]);
        gloves.range[g] = hs_colour_cloud_range(cloud, &hs_probe_standard);
        free(cloud);
        char text[64];
        hs_glove_range_format(&gloves.range[g], text, sizeof text);
        printf("figure 2, %s: %s\n", hs_glove_names[g], text);
    }
    for (int i = 0; i < PIXELS; i++)
        depth[i] = 1000;
    ck_assert_ok(hs_annotator_create(H, W, &gloves, &params, 0.001, &annotator));
    hs_annotate(annotator, depth, rgb, mask);
    for (int g = 0; g < HS_GLOVES; g++) {
        const uint8_t *ours = annotator->stages[g].joined;
        outline a = outline_of(ours, 1), b = outline_of(theirs, g + 1);
        double best = 0;
        for (double scale = 0.6; scale < 0.95; scale += 0.02)
            for (int dx = -9; dx <= 9; dx += 3)
                for (int dy = -9; dy <= 9; dy += 3)
                    best = fmax(best, overlap(ours, &a, theirs, g + 1, &b, scale, dx, dy));
        printf("figure 2, %s glove: shapes agree with IoU %.3f\n", hs_glove_names[g], best);
        ck_assert(best > 0.65);
    }
    hs_annotator_destroy(annotator);
    free(rgb);
    free(theirs);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("real frames");
    TCase *tests = tcase_create("real frames");
    tcase_add_test(tests, a_hand_painted_red_is_labelled_and_nothing_else);
    tcase_add_test(tests, thresholds_of_figure_2_have_the_authors_shapes);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Calibration from recordings of probes to calib.ini, and everything it refuses. */
#include "base/log.h"
#include "image/hsv.h"
#include "io/png.h"
#include "studio/calibrate.h"
#include "support/files.h"
#include "support/film.h"
#include "support/suite.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOTS = 7 };

static const double green[3] = {140, 235, 130}, red[3] = {240, 50, 40};

/* A shaded ball of this colour at another place in each shot, before a grey wall. */
static bool paint_ball(int number, int x, int y, const double colour[3], uint8_t rgb[3],
                       uint16_t *depth)
{
    double cx = 30 + 16 * number, cy = 45 + 30 * (number % 2), radius = 16 + number % 3;
    double dx = (x - cx) / radius, dy = (y - cy) / radius, z2 = 1 - dx * dx - dy * dy;
    *depth = (uint16_t)(z2 > 0 ? 600 : 1000);
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)(z2 > 0 ? colour[c] * (0.6 + 0.4 * sqrt(z2)) : 110 + (x * y) % 7);
    return z2 > 0;
}

static void paint_green(int number, int x, int y, uint8_t rgb[3], uint16_t *depth)
{
    paint_ball(number, x, y, green, rgb, depth);
}

static void paint_red(int number, int x, int y, uint8_t rgb[3], uint16_t *depth)
{
    paint_ball(number, x, y, red, rgb, depth);
}

/* The probe in three shots only. */
static void paint_seldom(int number, int x, int y, uint8_t rgb[3], uint16_t *depth)
{
    if (paint_ball(number, x, y, green, rgb, depth) && number >= 3)
        memset(rgb, 113, 3);
}

static void paint_odd(int number, int x, int y, uint8_t rgb[3], uint16_t *depth)
{
    paint_ball(number, x, y, number == 4 ? red : green, rgb, depth);
}

static hs_calibrate_request request_of(const char *right, const char *left, const char *out)
{
    return (hs_calibrate_request){
        .recordings = {right, left}, .rule = hs_probe_standard, .out = hs_test_path(out)};
}

static bool is_there(const char *name)
{
    return access(hs_test_path(name), F_OK) == 0;
}

/* Whether the colour of a ball in full light and in the shade of its rim is inside. */
static void assert_inside(const hs_glove_range *range, const double colour[3])
{
    for (int shade = 8; shade <= 10; shade++) {
        uint8_t rgb[3], h, s, v, in;
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(colour[c] * shade / 10);
        hs_rgb_to_hsv(rgb, 1, &h, &s, &v);
        hs_hsv_in_box(&h, &s, &v, 1,
                      (uint8_t[]){range->hue[0], range->saturation[0], range->value[0]},
                      (uint8_t[]){range->hue[1], range->saturation[1], range->value[1]}, &in);
        ck_assert_msg(in == 1, "%d,%d,%d is outside", h, s, v);
    }
}

START_TEST(probes_give_the_ranges_of_both_gloves)
{
    hs_test_film("right", 0, SHOTS, -1, paint_green);
    hs_test_film("left", 0, SHOTS, -1, paint_red);
    char right[512], left[512];
    snprintf(right, sizeof right, "%s", hs_test_path("right"));
    snprintf(left, sizeof left, "%s", hs_test_path("left"));
    hs_calibrate_request request = request_of(right, left, "calib.ini");
    hs_calibrate_result result;
    omp_set_num_threads(1);
    ck_assert_ok(hs_calibrate(&request, &result));
    ck_assert_int_eq(result.evidence.shots[0], SHOTS);
    ck_assert_int_eq(result.evidence.shots[1], SHOTS);
    double inside = 0; /* pixels within .85 of the radius */
    for (int i = 0; i < SHOTS; i++)
        inside += M_PI * pow(0.85 * (16 + i % 3), 2);
    ck_assert(fabs((double)result.evidence.pixels[0] / inside - 1) < 0.1);
    assert_inside(&result.gloves.range[0], green);
    assert_inside(&result.gloves.range[1], red);
    ck_assert(result.gloves.range[1].hue[0] > result.gloves.range[1].hue[1]); /* red wraps */

    hs_ini ini = {0};
    hs_gloves gloves;
    hs_glove_evidence evidence;
    ck_assert_ok(hs_ini_read(&ini, request.out));
    ck_assert_ok(hs_gloves_read(&ini, request.out, &gloves, &evidence));
    ck_assert_mem_eq(&gloves, &result.gloves, sizeof gloves);
    ck_assert_mem_eq(&evidence, &result.evidence, sizeof evidence);
    hs_ini_free(&ini);
    uint8_t *rgb;
    int w, h;
    ck_assert_str_eq(result.picture, hs_test_path("calib.png"));
    ck_assert_ok(hs_png_read_rgb(result.picture, &rgb, &w, &h));
    free(rgb);

    /* again, with more threads: the same bytes, but only where that is asked for */
    size_t size, now;
    unsigned char *bytes = hs_test_read(request.out, &size);
    omp_set_num_threads(3);
    ck_assert_error(hs_calibrate(&request, &result), HS_ERR_STATE, "there is such a file already");
    request.force = true;
    ck_assert_ok(hs_calibrate(&request, &result));
    unsigned char *again = hs_test_read(request.out, &now);
    ck_assert_uint_eq(size, now);
    ck_assert_mem_eq(bytes, again, size);
    free(bytes);
    free(again);
}
END_TEST

/* Refused, saying why; the picture is there, calib.ini is not. */
static void refused(const hs_calibrate_request *request, const char *text)
{
    hs_calibrate_result result;
    ck_assert_error(hs_calibrate(request, &result), HS_ERR_DATA, text);
    ck_assert_int_eq(access(request->out, F_OK), -1);
    ck_assert_int_eq(access(result.picture, F_OK), 0);
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), result.picture));
}

START_TEST(bad_shots_are_refused)
{
    char seldom[512], odd[512];
    snprintf(seldom, sizeof seldom, "%s", hs_test_film("seldom", 0, SHOTS, -1, paint_seldom));
    snprintf(odd, sizeof odd, "%s", hs_test_film("odd", 0, SHOTS, -1, paint_odd));
    hs_calibrate_request request = request_of(seldom, NULL, "few.ini");
    refused(&request, "seldom: right glove: got the probe in 3 of 7 shots, expected at least 5");
    request = request_of(NULL, odd, "odd.ini");
    refused(&request, "odd: left glove: shot 00000004 disagrees with the others: got hue ");
    request = request_of(odd, NULL, "radius.ini");
    request.search.radius[0] = 30;
    request.search.radius[1] = 50;
    refused(&request, "got the probe in 0 of 7 shots");
}
END_TEST

START_TEST(gloves_of_one_colour_are_refused)
{
    char green_one[512], green_two[512];
    snprintf(green_one, sizeof green_one, "%s", hs_test_film("one", 0, SHOTS, -1, paint_green));
    snprintf(green_two, sizeof green_two, "%s", hs_test_film("two", 0, SHOTS, -1, paint_green));
    hs_calibrate_request request = request_of(green_one, green_two, "same.ini");
    refused(&request, "the gloves have colours in common: right ");
    request = request_of(green_one, NULL, "same.ini");
    ck_assert_ok(hs_gloves_parse("left=40-80,0-255,0-255", &request.given));
    refused(&request, "left 40-80,0-255,0-255");
}
END_TEST

START_TEST(a_box_needs_no_probe)
{
    char path[512];
    snprintf(path, sizeof path, "%s", hs_test_film("box", 0, 2, -1, paint_red));
    hs_calibrate_request request = request_of(path, NULL, "box.ini");
    hs_calibrate_result result;
    request.boxed = true;
    memcpy(request.box, (int32_t[]){0, 0, 10, 5}, sizeof request.box); /* wall */
    ck_assert_ok(hs_calibrate(&request, &result));
    ck_assert_int_eq(result.evidence.pixels[0], 100);
    ck_assert_int_eq(result.evidence.shots[0], 2);
    ck_assert_uint_le(result.gloves.range[0].value[0], 110 - 20);
    ck_assert_uint_ge(result.gloves.range[0].value[1], 116 + 20);
    ck_assert_uint_eq(result.gloves.range[0].saturation[0], 0);
    static const int32_t wrong[][4] = {
        {-1, 0, 5, 5}, {0, 0, 0, 5}, {151, 0, 10, 5}, {0, 119, 1, 2}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(request.box, wrong[i], sizeof request.box);
        request.force = true;
        ck_assert_error(hs_calibrate(&request, &result), HS_ERR_DATA,
                        "expected one inside 160x120");
    }
}
END_TEST

START_TEST(the_command_reads_its_options)
{
    char line[2000], output[4000], folder[512];
    snprintf(folder, sizeof folder, "%s", hs_test_path("probes"));
    hs_test_film("probes/right", 0, SHOTS, -1, paint_green);
    hs_test_film("probes/left", 0, SHOTS, -1, paint_red);
    snprintf(line, sizeof line, "calibrate %s --out %s", folder, hs_test_path("c.ini"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_ptr_nonnull(strstr(output, "of 7 of 7 shots"));
    ck_assert(is_there("c.ini") && is_there("c.png"));
    snprintf(
        line, sizeof line,
        "calibrate --range right=28-70,35-200,100-255 --range left=3-15,160-255,100-255 --out %s",
        hs_test_path("hand.ini"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert(is_there("hand.ini") && is_there("hand.png"));
    static const char *const wrong[][2] = {
        {"", "calibrate: got no recording"},
        {"--right %s/right --box 1,2,3", "--box: got '1,2,3', expected X,Y,W,H"},
        {"%s --box 1,2,3,4", "--box: got two recordings, expected one"},
        {"%s --radius 9", "--radius: got '9', expected LEAST-MOST"},
        {"%s --range right=1", "range of a glove: got 'right=1'"},
        {"%s --range right=1-2,3-4,5-6", "got a range and a recording for the right glove"},
        {"%s/right", "got neither right/ nor left/ in it"},
        {"%s --shots 0", "--shots: got 0, expected 1 to 64"},
        {"%s --bocks 1", "did you mean '--box'?"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char arguments[1200];
        snprintf(arguments, sizeof arguments, wrong[i][0], folder);
        snprintf(line, sizeof line, "calibrate %s --out %s", arguments, hs_test_path("w.ini"));
        ck_assert_int_eq(hs_test_run(line, output, sizeof output), 2);
        ck_assert_msg(strstr(output, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], output);
        ck_assert(!is_there("w.ini"));
    }
    ck_assert_int_eq(hs_test_run("calibrate x", output, sizeof output), 2);
    ck_assert_ptr_nonnull(strstr(output, "--out: got nothing"));
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("calibrate");
    TCase *tests = tcase_create("calibrate");
    tcase_add_test(tests, probes_give_the_ranges_of_both_gloves);
    tcase_add_test(tests, bad_shots_are_refused);
    tcase_add_test(tests, gloves_of_one_colour_are_refused);
    tcase_add_test(tests, a_box_needs_no_probe);
    tcase_add_test(tests, the_command_reads_its_options);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

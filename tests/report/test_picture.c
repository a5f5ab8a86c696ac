/* Pictures, captions, sheets and overlays, by what their pixels must be. */
#include "report/overlay.h"
#include "support/suite.h"
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const hs_colour black = {{0, 0, 0}}, red = {{255, 0, 0}};

static const uint8_t *at(const hs_picture *picture, int x, int y)
{
    return picture->rgb + 3 * (y * picture->width + x);
}

static int count_colour(const hs_picture *picture, hs_colour colour)
{
    int count = 0;
    for (int i = 0; i < picture->width * picture->height; i++)
        count += memcmp(picture->rgb + 3 * i, colour.rgb, 3) == 0;
    return count;
}

START_TEST(pasting_leaves_out_what_is_outside)
{
    hs_picture big, small;
    ck_assert_ok(hs_picture_init(&small, 5, 4, red));
    static const struct {
        int x, y, painted;
    } cases[] = {{2, 3, 20}, {-2, -1, 9}, {8, 9, 2},  {-5, 0, 0},
                 {10, 0, 0}, {0, -4, 0},  {0, 10, 0}, {-9, -9, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_ok(hs_picture_init(&big, 10, 10, black));
        hs_picture_paste(&big, cases[i].x, cases[i].y, &small);
        ck_assert_int_eq(count_colour(&big, red), cases[i].painted);
        hs_picture_free(&big);
    }
    hs_picture_free(&small);
}
END_TEST

START_TEST(the_font_is_ascii_in_order)
{
    static const char characters[] = {
#define HS_GLYPH(character, ...) character,
#include "report/font.def"
#undef HS_GLYPH
    };
    ck_assert_int_eq((int)sizeof characters, 95);
    for (int i = 0; i < 95; i++)
        ck_assert_int_eq(characters[i], ' ' + i);
}
END_TEST

START_TEST(text_has_the_pixels_of_its_glyphs)
{
    hs_picture picture;
    ck_assert_ok(hs_picture_init(&picture, 40, 20, black));
    hs_picture_write(&picture, 0, 0, 1, red, "L");
    ck_assert_int_eq(count_colour(&picture, red), 11); /* a column of 7 and a row of 5 */
    ck_assert(memcmp(at(&picture, 0, 3), red.rgb, 3) == 0);
    ck_assert(memcmp(at(&picture, 4, 6), red.rgb, 3) == 0);
    hs_picture_write(&picture, 8, 0, 2, red, "-");
    ck_assert_int_eq(count_colour(&picture, red), 11 + 5 * 4);
    /* Out of the picture, and bytes that are no ASCII: nothing breaks. */
    hs_picture_write(&picture, -3, -3, 3, red, "edge");
    hs_picture_write(&picture, 35, 15, 3, red, "\x01\xC3\xA9");
    hs_picture_free(&picture);
}
END_TEST

START_TEST(sheets_hold_every_picture)
{
    hs_picture pictures[5], sheet;
    const char *captions[5] = {"one", NULL, "a caption far too long for its picture", "", "five"};
    for (int i = 0; i < 5; i++)
        ck_assert_ok(hs_picture_init(&pictures[i], 60, 30 - i, red));
    ck_assert_ok(hs_picture_sheet(pictures, captions, 5, 2, &sheet));
    ck_assert_int_eq(count_colour(&sheet, red), 60 * (30 + 29 + 28 + 27 + 26));
    ck_assert_int_eq(sheet.width, 6 + 2 * 66);
    int rows = (sheet.height - 6) / 3;
    ck_assert_int_eq(rows, 30 + 6 + HS_GLYPH_HEIGHT + 3);
    hs_picture_free(&sheet);
    ck_assert_ok(hs_picture_sheet(pictures, NULL, 1, 4, &sheet));
    ck_assert_int_eq(sheet.height, 30 + 12);
    hs_picture_free(&sheet);
    for (int i = 0; i < 5; i++)
        hs_picture_free(&pictures[i]);
}
END_TEST

enum { W = 64, H = 48 };

/* A near plate in the left half, a far one in the right, nothing in the lower third; hands in two
 * rectangles. */
static void make_frame(uint16_t depth[H * W], uint8_t labels[H * W])
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            depth[y * W + x] = (uint16_t)(y >= 32 ? 0 : x < W / 2 ? 4000 : 9000);
            bool rows = y >= 8 && y < 24;
            labels[y * W + x] = (uint8_t)(rows && x >= 6 && x < 26    ? 1
                                          : rows && x >= 38 && x < 58 ? 2
                                                                      : 0);
        }
}

START_TEST(near_is_bright_missing_is_dark_hands_have_their_colours)
{
    uint16_t depth[H * W];
    uint8_t labels[H * W];
    hs_picture plain, overlay;
    make_frame(depth, labels);
    ck_assert_ok(hs_overlay_frame(depth, NULL, W, H, &plain));
    ck_assert_ok(hs_overlay_frame(depth, labels, W, H, &overlay));
    ck_assert_int_gt(at(&plain, 16, 16)[1], at(&plain, 48, 16)[1] + 50);
    ck_assert_int_gt(at(&plain, 48, 16)[1], at(&plain, 48, 40)[1] + 50);
    const uint8_t *right = at(&overlay, 16, 16), *left = at(&overlay, 48, 16);
    ck_assert(right[1] > right[0] + 30 && right[1] > right[2] + 30);
    ck_assert(left[0] > left[1] + 60 && left[0] > left[2] + 60);
    /* Outside hands the two are the same; a hand's outermost pixels are outline, the next not. */
    ck_assert(memcmp(at(&plain, 2, 2), at(&overlay, 2, 2), 3) == 0);
    ck_assert(memcmp(at(&overlay, 6, 16), right, 3) != 0);
    ck_assert(memcmp(at(&overlay, 7, 16), right, 3) == 0);
    hs_picture_free(&plain);
    hs_picture_free(&overlay);
}
END_TEST

START_TEST(wrong_pixels_are_marked_and_unknown_ones_are_not)
{
    uint16_t depth[H * W];
    uint8_t truth[H * W], prediction[H * W];
    hs_picture clean, marked;
    make_frame(depth, truth);
    memcpy(prediction, truth, sizeof prediction);
    ck_assert_ok(hs_overlay_compare(depth, truth, prediction, W, H, &clean));
    ck_assert_int_eq(clean.width, 2 * W + 4);
    for (int y = 0; y < H; y++)
        ck_assert(memcmp(at(&clean, 0, y), at(&clean, W + 4, y), 3 * W) == 0);
    prediction[2 * W + 3] = 1;
    truth[4 * W + 40] = 255;
    prediction[4 * W + 40] = 2;
    prediction[16 * W + 48] = 0;
    ck_assert_ok(hs_overlay_compare(depth, truth, prediction, W, H, &marked));
    int magenta = 0;
    for (int y = 0; y < H; y++)
        for (int x = W + 4; x < marked.width; x++) {
            const uint8_t *p = at(&marked, x, y);
            magenta += p[0] > 180 && p[1] < 60 && p[2] > 140;
        }
    ck_assert_int_eq(magenta, 2);
    hs_picture_free(&clean);
    hs_picture_free(&marked);
}
END_TEST

START_TEST(any_frame_can_be_shown_and_threads_do_not_matter)
{
    enum { N = 40 };
    static uint16_t depth[N * N];
    static uint8_t labels[N * N];
    hs_picture one, many;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < N * N; i++) { /* nothing; one depth; the extremes; a mixture */
            const uint16_t depths[] = {0, 1, (uint16_t)(i % 2 ? 65535 : 1), (uint16_t)(i * 7919)};
            depth[i] = depths[round];
            labels[i] = (uint8_t)(i * 31);
        }
        omp_set_num_threads(1);
        ck_assert_ok(hs_overlay_compare(depth, labels, labels + 1, N, N - 1, &one));
        omp_set_num_threads(3);
        ck_assert_ok(hs_overlay_compare(depth, labels, labels + 1, N, N - 1, &many));
        ck_assert(memcmp(one.rgb, many.rgb, 3 * (size_t)one.width * (size_t)one.height) == 0);
        hs_picture_free(&one);
        hs_picture_free(&many);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("picture");
    TCase *tests = tcase_create("picture");
    tcase_add_test(tests, pasting_leaves_out_what_is_outside);
    tcase_add_test(tests, the_font_is_ascii_in_order);
    tcase_add_test(tests, text_has_the_pixels_of_its_glyphs);
    tcase_add_test(tests, sheets_hold_every_picture);
    tcase_add_test(tests, near_is_bright_missing_is_dark_hands_have_their_colours);
    tcase_add_test(tests, wrong_pixels_are_marked_and_unknown_ones_are_not);
    tcase_add_test(tests, any_frame_can_be_shown_and_threads_do_not_matter);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

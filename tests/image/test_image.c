/* The image algorithms against what OpenCV made (tests/golden/image.inc) and against plain loops
 * over all pixels, at odd sizes, borders, empty and full masks. */
#include "base/rng.h"
#include "image/components.h"
#include "image/hsv.h"
#include "image/median.h"
#include "image/morphology.h"
#include "support/guard.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "golden/image.inc"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { LARGEST = 64, PIXELS = LARGEST * LARGEST, ROUNDS = 150 };

/* A mask of random size whose kind goes round: empty, full, noise, rectangles, one pixel. */
static void draw_mask(hs_rng *rng, int round, int32_t *height, int32_t *width, uint8_t *mask)
{
    *height = 1 + (int32_t)hs_rng_below(rng, LARGEST);
    *width = 1 + (int32_t)hs_rng_below(rng, LARGEST);
    int32_t n = *height * *width;
    double density = hs_rng_uniform(rng);
    memset(mask, round % 5 == 1, (size_t)n);
    for (int32_t i = 0; i < n && round % 5 == 2; i++)
        mask[i] = hs_rng_uniform(rng) < density;
    for (int rectangles = round % 5 == 3 ? 7 : 0; rectangles > 0; rectangles--) {
        int32_t top = (int32_t)hs_rng_below(rng, (uint32_t)*height);
        int32_t left = (int32_t)hs_rng_below(rng, (uint32_t)*width);
        for (int32_t y = top; y < *height && y < top + 8; y++)
            for (int32_t x = left; x < *width && x < left + 6; x++)
                mask[y * *width + x] = 1;
    }
    if (round % 5 == 4)
        mask[hs_rng_below(rng, (uint32_t)n)] = 1;
}

static hs_rng test_rng(uint32_t sample)
{
    return hs_rng_make(1, 0, sample, HS_PURPOSE_TEST);
}

/* ---- golden -----------------------------------------------------------------------------------
 */

START_TEST(all_colours_equal_those_of_opencv)
{
    enum { N = 65536 };
    static uint8_t rgb[N * 3], planes[3 * N];
    uLong crc = crc32(0, NULL, 0);
    for (int red = 0; red < 256; red++) {
        for (int i = 0; i < N; i++) {
            rgb[3 * i] = (uint8_t)red;
            rgb[3 * i + 1] = (uint8_t)(i >> 8);
            rgb[3 * i + 2] = (uint8_t)i;
        }
        hs_rgb_to_hsv(rgb, N, planes, planes + N, planes + 2 * N);
        crc = crc32(crc, planes, sizeof planes);
    }
    ck_assert_uint_eq(crc, golden_hsv);
}
END_TEST

static void assert_shows(const uint8_t *mask, const char *picture, const char *what, int number)
{
    for (int i = 0; i < GOLDEN_HEIGHT * GOLDEN_WIDTH; i++)
        ck_assert_msg(mask[i] == (picture[i] == '#'),
                      "%s of mask %d, pixel %d,%d: got %d, not '%c'", what, number,
                      i % GOLDEN_WIDTH, i / GOLDEN_WIDTH, mask[i], picture[i]);
}

START_TEST(masks_equal_those_of_opencv)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    enum { N = GOLDEN_HEIGHT * GOLDEN_WIDTH };
    uint8_t mask[N], room[N], out[N];
    hs_components c;
    hs_element circle = hs_element_ellipse(5);
    ck_assert_ok(hs_components_init(&c, GOLDEN_HEIGHT, GOLDEN_WIDTH));
    for (int m = 0; m < COUNT(golden_masks); m++) {
        const struct golden_mask *golden = &golden_masks[m];
        for (int i = 0; i < N; i++)
            mask[i] = golden->mask[i] == '#';
        hs_open(mask, GOLDEN_HEIGHT, GOLDEN_WIDTH, &circle, room, out);
        assert_shows(out, golden->opened, "opening", m);
        hs_components_find(&c, mask);
        for (int i = 0; i < c.n_runs; i++)
            for (int x = c.runs[i].first; x <= c.runs[i].last; x++)
                ck_assert_int_eq(letters[c.runs[i].component],
                                 golden->components[c.runs[i].y * GOLDEN_WIDTH + x]);
        for (int i = 0; i < c.n_components; i++) {
            hs_component_paint(&c, i, out);
            for (int k = 0; k < N; k++)
                ck_assert_int_eq(out[k], golden->components[k] == letters[i]);
        }
        hs_components_join(&c, GOLDEN_HEIGHT + GOLDEN_WIDTH);
        hs_point points[2 * GOLDEN_HEIGHT], corners[2 * GOLDEN_HEIGHT + 1];
        hs_span rows[GOLDEN_HEIGHT];
        int32_t n = hs_convex_hull(points, hs_component_ends(&c, 0, points), corners);
        hs_convex_spans(corners, n, GOLDEN_HEIGHT, rows);
        hs_fill_spans(rows, GOLDEN_HEIGHT, GOLDEN_WIDTH, out);
        assert_shows(out, golden->hull, "hull", m);
    }
    hs_components_free(&c);
}
END_TEST

START_TEST(polygons_equal_those_of_opencv)
{
    for (int p = 0; p < COUNT(golden_polygons); p++) {
        const struct golden_polygon *golden = &golden_polygons[p];
        hs_span rows[GOLDEN_ROWS];
        hs_convex_spans(golden->corners, golden->n, GOLDEN_ROWS, rows);
        for (int y = 0; y < GOLDEN_ROWS; y++) {
            hs_span got = rows[y], expected = golden->rows[y];
            bool empty = got.first > got.last && expected.first > expected.last;
            ck_assert_msg(empty || (got.first == expected.first && got.last == expected.last),
                          "polygon %d, row %d: got %d..%d, expected %d..%d", p, y, got.first,
                          got.last, expected.first, expected.last);
        }
    }
}
END_TEST

/* ---- plain loops ------------------------------------------------------------------------------
 */

START_TEST(boxes_of_colours_wrap_in_hue)
{
    uint8_t hue[180], rest[180], mask[180];
    memset(rest, 100, sizeof rest);
    for (int i = 0; i < 180; i++)
        hue[i] = (uint8_t)i;
    static const uint8_t ends[][2] = {{0, 179}, {20, 40}, {170, 10}, {90, 90}, {91, 90}, {179, 0}};
    for (int e = 0; e < COUNT(ends); e++) {
        int low = ends[e][0], high = ends[e][1];
        for (int v = 98; v <= 102; v++) {
            hs_hsv_in_box(hue, rest, rest, 180, (uint8_t[]){(uint8_t)low, 99, (uint8_t)v},
                          (uint8_t[]){(uint8_t)high, 100, 101}, mask);
            for (int i = 0; i < 180; i++)
                ck_assert_int_eq(mask[i], v <= 100 && (low <= high ? i >= low && i <= high
                                                                   : i >= low || i <= high));
        }
    }
    hs_hsv_in_box(hue, rest, rest, 180, (uint8_t[]){0, 101, 0}, (uint8_t[]){179, 255, 255}, mask);
    ck_assert(!memchr(mask, 1, sizeof mask));
}
END_TEST

/* Whether all (erosion) or any (dilation) pixels under the element are set. */
static uint8_t naive_pixel(const uint8_t *mask, int32_t height, int32_t width,
                           const hs_element *element, int32_t y, int32_t x, bool erode)
{
    for (int32_t dy = -element->radius; dy <= element->radius; dy++) {
        int32_t reach = element->reach[dy + element->radius];
        for (int32_t dx = -reach; dx <= reach; dx++) {
            bool outside = y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width;
            if (!outside && mask[(y + dy) * width + x + dx] != erode)
                return !erode;
        }
    }
    return erode;
}

START_TEST(shapes_change_as_under_a_moving_element)
{
    static uint8_t mask[PIXELS];
    static const int32_t diameters[] = {1, 3, 5, 7, 31};
    for (int round = 0; round < ROUNDS; round++) {
        hs_rng rng = test_rng((uint32_t)round);
        int32_t height, width;
        draw_mask(&rng, round, &height, &width, mask);
        hs_element element = hs_element_ellipse(diameters[round % COUNT(diameters)]);
        hs_guarded out = hs_guard_allocate((size_t)height * width, 7);
        for (int erode = 0; erode < 2; erode++) {
            (erode ? hs_erode : hs_dilate)(mask, height, width, &element, out.data);
            for (int32_t i = 0; i < height * width; i++)
                ck_assert_int_eq(
                    ((uint8_t *)out.data)[i],
                    naive_pixel(mask, height, width, &element, i / width, i % width, erode));
        }
        ck_assert(hs_guard_intact(&out));
        hs_guard_free(&out);
    }
}
END_TEST

/* Gives the label of (x, y) to all pixels nearer than `distance` to one that has it. */
static void naive_flood(const uint8_t *mask, int32_t height, int32_t width, double distance,
                        int32_t *label)
{
    int32_t n = height * width, next = 0;
    int32_t *stack = malloc((size_t)n * sizeof *stack);
    memset(label, 0xFF, (size_t)n * sizeof *label);
    for (int32_t seed = 0; seed < n; seed++) {
        if (!mask[seed] || label[seed] >= 0)
            continue;
        int32_t top = 0;
        stack[top++] = seed;
        label[seed] = next;
        while (top > 0) {
            int32_t at = stack[--top];
            for (int32_t i = 0; i < n; i++) {
                int32_t dy = i / width - at / width, dx = i % width - at % width;
                if (mask[i] && label[i] < 0 && dy * dy + dx * dx < distance * distance) {
                    label[i] = next;
                    stack[top++] = i;
                }
            }
        }
        next++;
    }
    free(stack);
}

/* Components as plain pixels have them: numbers, areas, boxes, and what is painted. */
static void assert_components(const hs_components *c, const int32_t *label)
{
    int32_t n = c->height * c->width, runs = 0;
    hs_component *expected = calloc((size_t)n + 1, sizeof *expected);
    for (int32_t i = 0; i < n; i++) {
        if (label[i] < 0)
            continue;
        hs_component *e = &expected[label[i]];
        int32_t y = i / c->width, x = i % c->width;
        if (e->area++ == 0)
            *e = (hs_component){.area = 1, .left = x, .top = y, .right = x};
        e->left = x < e->left ? x : e->left;
        e->right = x > e->right ? x : e->right;
        e->bottom = y;
        runs += x == 0 || label[i - 1] < 0;
    }
    ck_assert_int_eq(c->n_runs, runs);
    for (int32_t k = 0; k < c->n_components; k++) {
        const hs_component *got = &c->components[k], *e = &expected[k];
        ck_assert(got->area == e->area && got->left == e->left && got->right == e->right);
        ck_assert(got->top == e->top && got->bottom == e->bottom);
    }
    ck_assert_int_eq(expected[c->n_components].area, 0);
    for (int32_t i = 0; i < c->n_runs; i++)
        for (int32_t x = c->runs[i].first; x <= c->runs[i].last; x++)
            ck_assert_int_eq(c->runs[i].component, label[c->runs[i].y * c->width + x]);
    free(expected);
}

START_TEST(components_equal_a_flood_of_pixels)
{
    static uint8_t mask[PIXELS];
    static int32_t label[PIXELS];
    for (int round = 0; round < ROUNDS; round++) {
        hs_rng rng = test_rng(1000 + (uint32_t)round);
        int32_t height, width;
        draw_mask(&rng, round, &height, &width, mask);
        hs_components c;
        ck_assert_ok(hs_components_init(&c, height, width));
        hs_components_find(&c, mask);
        naive_flood(mask, height, width, 1.5, label); /* the eight neighbours */
        assert_components(&c, label);
        int32_t parts = c.n_components, sum = 0;
        double distance = hs_rng_range(&rng, 1.5, 30);
        distance = round % 2 ? distance : (int)distance + 1;
        hs_components_join(&c, distance);
        naive_flood(mask, height, width, distance, label);
        assert_components(&c, label);
        for (int32_t i = 0; i < c.n_components; i++)
            sum += c.components[i].parts;
        ck_assert_int_eq(sum, parts);
        hs_components_free(&c);
    }
}
END_TEST

START_TEST(joining_is_for_less_than_the_distance)
{
    static uint8_t mask[40 * 40];
    hs_components c;
    ck_assert_ok(hs_components_init(&c, 40, 40));
    mask[0] = mask[15 * 40 + 20] = mask[15 * 40 + 21] = 1; /* 20 and 15 apart: 25 exactly */
    hs_components_find(&c, mask);
    hs_components_join(&c, 25);
    ck_assert_int_eq(c.n_components, 2);
    ck_assert_int_eq(hs_components_largest(&c), 1);
    hs_components_join(&c, 25.01);
    ck_assert_int_eq(c.n_components, 1);
    ck_assert_int_eq(c.components[0].parts, 2);
    ck_assert_int_eq(c.components[0].largest, 2);
    mask[1] = 1; /* two of two pixels */
    hs_components_find(&c, mask);
    ck_assert_int_eq(hs_components_largest(&c), 0);
    mask[2] = 1;
    hs_components_find(&c, mask);
    hs_components_join(&c, 50);
    ck_assert_int_eq(c.components[0].largest, 3);
    memset(mask, 0, sizeof mask);
    hs_components_find(&c, mask);
    ck_assert_int_eq(hs_components_largest(&c), -1);
    hs_components_free(&c);
}
END_TEST

/* A point is a corner where it is outside the hull of all others: no two others have it between
 * them and no three around it. By directions: seen from it, all others lie within less than a half
 * turn. */
static bool naive_corner(const hs_point *points, int n, int at)
{
    for (int i = 0; i < n; i++) {
        hs_point a = {points[i].x - points[at].x, points[i].y - points[at].y};
        bool first = a.x || a.y; /* a is the first direction, clockwise */
        for (int k = 0; k < n && first; k++) {
            hs_point b = {points[k].x - points[at].x, points[k].y - points[at].y};
            int32_t cross = a.x * b.y - a.y * b.x, dot = a.x * b.x + a.y * b.y;
            first = cross > 0 || (cross == 0 && dot >= 0);
        }
        if (first)
            return true;
    }
    return false;
}

START_TEST(hulls_have_the_corners_that_see_all_others_in_half_a_turn)
{
    enum { SIZE = 12 };
    for (uint32_t round = 0; round < 400; round++) {
        hs_rng rng = test_rng(2000 + round);
        hs_point points[SIZE * SIZE], corners[SIZE * SIZE + 1];
        double density = hs_rng_uniform(&rng);
        int n = 0, expected = 0;
        for (int i = 0; i < SIZE * SIZE; i++)
            if (hs_rng_uniform(&rng) < density * density)
                points[n++] = (hs_point){i % SIZE, i / SIZE};
        for (int i = 0; i < n; i++)
            expected += n > 1 && naive_corner(points, n, i);
        expected = n == 1 ? 1 : expected;
        int got = hs_convex_hull(points, n, corners);
        ck_assert_int_eq(got, expected);
        for (int i = 0; i < got && n > 1; i++) {
            int at = 0;
            while (points[at].x != corners[i].x || points[at].y != corners[i].y)
                at++;
            ck_assert(naive_corner(points, n, at));
            hs_point b = corners[(i + 1) % got], d = corners[(i + 2) % got];
            ck_assert(got < 3 ||
                      (b.x - corners[i].x) * (d.y - b.y) - (b.y - corners[i].y) * (d.x - b.x) >
                          0); /* clockwise, corners only */
        }
    }
}
END_TEST

START_TEST(filled_polygons_hold_the_pixels_inside)
{
    enum { SIZE = 60 };
    for (uint32_t round = 0; round < 100; round++) {
        hs_rng rng = test_rng(3000 + round);
        hs_point points[SIZE], corners[SIZE + 1];
        int n = 0;
        for (int y = 0; y < SIZE; y++)
            if (hs_rng_below(&rng, 6) == 0)
                points[n++] = (hs_point){(int32_t)hs_rng_below(&rng, SIZE), y};
        hs_guarded rows = hs_guard_allocate(SIZE * sizeof(hs_span), 7);
        n = hs_convex_hull(points, n, corners);
        hs_convex_spans(corners, n, SIZE, rows.data);
        const hs_span *row = rows.data;
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                bool inside = n > 2;
                for (int i = 0; i < n; i++) {
                    hs_point a = corners[i], b = corners[(i + 1) % n];
                    inside &= (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) >= 0;
                }
                ck_assert(!inside || (row[y].first <= x && x <= row[y].last));
            }
            ck_assert(row[y].first > row[y].last || (row[y].first >= 0 && row[y].last < SIZE));
        }
        ck_assert(hs_guard_intact(&rows));
        hs_guard_free(&rows);
    }
}
END_TEST

static int ascending(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

START_TEST(medians_are_in_the_middle_of_the_order)
{
    static uint16_t values[700];
    ck_assert_int_eq(hs_median_u16(values, 0), 0);
    for (uint32_t round = 0; round < 200; round++) {
        hs_rng rng = test_rng(4000 + round);
        size_t n = 1 + hs_rng_below(&rng, COUNT(values));
        uint32_t most = (uint32_t[]){1, 3, 300, 65536}[round % 4];
        for (size_t i = 0; i < n; i++)
            values[i] = (uint16_t)(65535 - hs_rng_below(&rng, most));
        uint16_t got = hs_median_u16(values, n);
        qsort(values, n, sizeof *values, ascending);
        ck_assert_int_eq(got, values[(n - 1) / 2]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image");
    TCase *tests = tcase_create("image");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, all_colours_equal_those_of_opencv);
    tcase_add_test(tests, masks_equal_those_of_opencv);
    tcase_add_test(tests, polygons_equal_those_of_opencv);
    tcase_add_test(tests, boxes_of_colours_wrap_in_hue);
    tcase_add_test(tests, shapes_change_as_under_a_moving_element);
    tcase_add_test(tests, components_equal_a_flood_of_pixels);
    tcase_add_test(tests, joining_is_for_less_than_the_distance);
    tcase_add_test(tests, hulls_have_the_corners_that_see_all_others_in_half_a_turn);
    tcase_add_test(tests, filled_polygons_hold_the_pixels_inside);
    tcase_add_test(tests, medians_are_in_the_middle_of_the_order);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

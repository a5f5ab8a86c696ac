/* Heuristics against versions that say the same by growing sets until nothing changes; ties,
 * missing depth, empty frames; and what configurations are refused. */
#include "base/rng.h"
#include "heuristic/heuristic.h"
#include "support/suite.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LARGEST = 24, AREA = LARGEST * LARGEST, ROUNDS = 400 };

static const double unit = 0.001; /* metres of a count in these frames */

static hs_status open_rule(hs_ini *ini, const char *text, hs_heuristic **h)
{
    *h = NULL;
    hs_status status = hs_ini_parse(ini, "rule.ini", text, strlen(text));
    return status == HS_OK ? hs_heuristic_create(ini, h) : status;
}

/* ---- the same, said simply ------------------------------------------------------------------- */

typedef struct image {
    int32_t height, width, smallest;
    bool facing;
    uint16_t depth[AREA];
} image;

static bool touch(const image *m, int32_t a, int32_t b)
{
    int32_t dy = a / m->width - b / m->width, dx = a % m->width - b % m->width;
    return a != b && dy * dy <= 1 && dx * dx <= 1;
}

/* Everything of `able` that hangs together with `seed`, neighbours differing by at most `step`. */
static int32_t grow(const image *m, const bool *able, int32_t seed, double step, bool *in)
{
    int32_t n = m->height * m->width, count = 1;
    memset(in, 0, AREA * sizeof *in);
    in[seed] = true;
    for (bool more = true; more;) {
        more = false;
        for (int32_t a = 0; a < n; a++)
            for (int32_t b = 0; b < n && able[a] && !in[a]; b++)
                if (in[b] && touch(m, a, b) && fabs((double)m->depth[a] - m->depth[b]) <= step) {
                    in[a] = more = true;
                    count++;
                }
    }
    return count;
}

static void two_largest(const image *m, const bool *mask, uint8_t *parts)
{
    int32_t n = m->height * m->width, area[2] = {0, 0};
    bool left[AREA], in[2][AREA] = {{0}}, found[AREA];
    memcpy(left, mask, sizeof left);
    for (int32_t i = 0; i < n; i++) {
        if (!left[i])
            continue;
        int32_t count = grow(m, left, i, 1e9, found);
        for (int32_t k = 0; k < n; k++)
            left[k] = left[k] && !found[k];
        int place = count > area[0] ? 0 : count > area[1] ? 1 : 2;
        if (count < m->smallest || place == 2)
            continue;
        if (place == 0) {
            memcpy(in[1], in[0], sizeof in[0]);
            area[1] = area[0];
        }
        memcpy(in[place], found, sizeof found);
        area[place] = count;
    }
    for (int32_t i = 0; i < n; i++)
        parts[i] = in[0][i] ? 1 : in[1][i] ? 2 : 0;
}

static void nearest(const image *m, double within, double step, uint8_t *parts)
{
    int32_t n = m->height * m->width;
    bool left[AREA], able[AREA], in[AREA];
    double last = 1e9;
    int number = 0;
    memset(parts, 0, AREA);
    for (int32_t i = 0; i < n; i++)
        left[i] = m->depth[i] > 0;
    while (number < 2) {
        int32_t seed = -1;
        for (int32_t i = 0; i < n; i++)
            if (left[i] && (seed < 0 || m->depth[i] < m->depth[seed]))
                seed = i;
        if (seed < 0 || m->depth[seed] > last)
            return;
        for (int32_t i = 0; i < n; i++)
            able[i] = left[i] && m->depth[i] <= m->depth[seed] + within;
        int32_t count = grow(m, able, seed, step, in);
        for (int32_t i = 0; i < n; i++)
            left[i] = left[i] && !in[i];
        if (count < m->smallest)
            continue;
        number++;
        last = number == 1 ? m->depth[seed] + within : last;
        for (int32_t i = 0; i < n; i++)
            parts[i] = in[i] ? (uint8_t)number : parts[i];
    }
}

/* Twice the mean column of a part, less the middle's, times its pixels; 0 pixels: 0. */
static void give_sides(const image *m, uint8_t *parts)
{
    int32_t n = m->height * m->width, count[3] = {0}, sum[3] = {0};
    for (int32_t i = 0; i < n; i++) {
        count[parts[i]]++;
        sum[parts[i]] += i % m->width;
    }
    bool first_left = 2 * sum[1] < count[1] * (m->width - 1);
    if (count[2] > 0)
        first_left = sum[1] * count[2] <= sum[2] * count[1];
    int first = first_left ? 1 : 2;
    first = m->facing ? first : 3 - first;
    for (int32_t i = 0; i < n; i++)
        parts[i] = (uint8_t)(parts[i] == 0 ? 0 : parts[i] == 1 ? first : 3 - first);
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* Few depths, so that many are equal: boxes on a ground that may be missing. */
static void draw(hs_rng *rng, int round, image *m)
{
    m->height = 1 + (int32_t)hs_rng_below(rng, LARGEST);
    m->width = 1 + (int32_t)hs_rng_below(rng, LARGEST);
    m->smallest = 1 + (int32_t)hs_rng_below(rng, 12);
    m->facing = hs_rng_below(rng, 2) > 0;
    memset(m->depth, 0, sizeof m->depth);
    if (round % 20 == 0)
        return; /* nothing measured */
    bool noise = round % 2;
    for (int32_t i = 0; i < m->height * m->width; i++)
        m->depth[i] = (uint16_t)(noise ? 300 + hs_rng_below(rng, 5) * 10 : 0);
    for (int boxes = (int)hs_rng_below(rng, 6); boxes > 0; boxes--) {
        int32_t top = (int32_t)hs_rng_below(rng, (uint32_t)m->height);
        int32_t side = (int32_t)hs_rng_below(rng, (uint32_t)m->width);
        uint16_t z = (uint16_t)(200 + 20 * hs_rng_below(rng, 10));
        for (int32_t y = top; y < m->height && y < top + 7; y++)
            for (int32_t x = side; x < m->width && x < side + 6; x++)
                m->depth[y * m->width + x] = (uint16_t)(z + 3 * ((x + y) % 3));
    }
    for (int32_t i = 0; i < m->height * m->width; i++)
        if (hs_rng_below(rng, 5) == 0)
            m->depth[i] = 0;
}

static void check(const image *m, const char *rule, const uint8_t *color, const uint8_t *expected)
{
    char text[512];
    hs_ini ini = {0};
    hs_heuristic *h;
    uint8_t labels[AREA];
    snprintf(text, sizeof text,
             "[input]\nheight = %d\nwidth = %d\n[hands]\nsmallest = %d\nfacing = %s\n%s\n",
             m->height, m->width, m->smallest, m->facing ? "yes" : "no", rule);
    ck_assert_ok(open_rule(&ini, text, &h));
    hs_heuristic_frame frame = {m->depth, color, unit};
    for (int times = 0; times < 2; times++) { /* nothing is left over from a frame before */
        memset(labels, 99, sizeof labels);
        hs_heuristic_label(h, &frame, labels);
        ck_assert_mem_eq(labels, expected, (size_t)(m->height * m->width));
    }
    hs_heuristic_destroy(h);
    hs_ini_free(&ini);
}

START_TEST(reach_is_what_lies_between_two_distances)
{
    hs_rng rng = hs_rng_make(1, 0, 1, HS_PURPOSE_TEST);
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
        static image m;
        bool mask[AREA];
        uint8_t expected[AREA];
        char rule[128];
        draw(&rng, round, &m);
        int low = 200 + (int)hs_rng_below(&rng, 6) * 20,
            high = low + (int)hs_rng_below(&rng, 8) * 20;
        snprintf(rule, sizeof rule, "[reach]\nnearest = %.17g\nfarthest = %.17g", low * unit,
                 high * unit);
        for (int32_t i = 0; i < m.height * m.width; i++)
            mask[i] = m.depth[i] > 0 && m.depth[i] >= low && m.depth[i] <= high;
        two_largest(&m, mask, expected);
        give_sides(&m, expected);
        check(&m, rule, NULL, expected);
        found += memchr(expected, 1, (size_t)(m.height * m.width)) != NULL;
    }
    ck_assert_int_gt(found, ROUNDS / 4);
}
END_TEST

START_TEST(nearest_is_the_closest_point_and_what_hangs_on_it)
{
    hs_rng rng = hs_rng_make(1, 0, 2, HS_PURPOSE_TEST);
    int found = 0, two = 0;
    for (int round = 0; round < ROUNDS; round++) {
        static image m;
        uint8_t expected[AREA];
        char rule[128];
        draw(&rng, round, &m);
        /* Between two counts: the last bit of a division decides nothing. */
        double within = 10 * hs_rng_below(&rng, 12) + 0.5, step = hs_rng_below(&rng, 15) + 0.5;
        snprintf(rule, sizeof rule, "[nearest]\nwithin = %.17g\nstep = %.17g", within * unit,
                 step * unit);
        nearest(&m, within, step, expected);
        give_sides(&m, expected);
        check(&m, rule, NULL, expected);
        bool right = memchr(expected, 1, (size_t)(m.height * m.width)) != NULL;
        bool left = memchr(expected, 2, (size_t)(m.height * m.width)) != NULL;
        found += right || left;
        two += right && left;
    }
    ck_assert_int_gt(found, ROUNDS / 3);
    ck_assert_int_gt(two, ROUNDS / 20);
}
END_TEST

/* By the definition of BT.601, in real numbers; false where rounding decides. */
static bool box_of(const uint8_t rgb[3], const int box[4], bool *inside)
{
    double r = rgb[0], g = rgb[1], b = rgb[2], y = 0.299 * r + 0.587 * g + 0.114 * b;
    double plane[2] = {128 + 112.0 / 255 * (b - y) / (1 - 0.114),
                       128 + 112.0 / 255 * (r - y) / (1 - 0.299)};
    *inside = r + g + b > 0;
    for (int i = 0; i < 2; i++) {
        if (fabs(plane[i] - floor(plane[i]) - 0.5) < 0.01)
            return false;
        *inside = *inside && lround(plane[i]) >= box[2 * i] && lround(plane[i]) <= box[2 * i + 1];
    }
    return true;
}

START_TEST(skin_is_a_box_of_colours)
{
    const int box[4] = {77, 127, 133, 173};
    const uint16_t depth = 500;
    hs_ini ini = {0};
    hs_heuristic *h;
    int known = 0, skin = 0;
    ck_assert_ok(
        open_rule(&ini, "[input]\nheight = 1\nwidth = 1\n[hands]\nsmallest = 1\n[skin]\n", &h));
    ck_assert(hs_heuristic_needs_color(h));
    for (int r = 0; r < 256; r += 5)
        for (int g = 0; g < 256; g += 3)
            for (int b = 0; b < 256; b += 5) {
                const uint8_t rgb[3] = {(uint8_t)r, (uint8_t)g, (uint8_t)b};
                uint8_t label;
                bool inside;
                if (!box_of(rgb, box, &inside))
                    continue;
                hs_heuristic_label(h, &(hs_heuristic_frame){&depth, rgb, unit}, &label);
                ck_assert_msg((label != 0) == inside, "colour %d %d %d", r, g, b);
                known++;
                skin += inside;
            }
    ck_assert_int_gt(known, 200000);
    ck_assert_int_gt(skin, 20000);
    hs_heuristic_destroy(h);
    hs_ini_free(&ini);
}
END_TEST

/* Even in a box of all colours. */
START_TEST(black_is_a_pixel_of_unknown_colour)
{
    image m = {.height = 1, .width = 4, .smallest = 1, .facing = true};
    const uint8_t color[] = {0, 0, 0, 0, 0, 1, 255, 255, 255, 0, 0, 0};
    check(&m, "[skin]\ncb = 0, 255\ncr = 0, 255", color, (const uint8_t[]){0, 2, 2, 0});
}
END_TEST

START_TEST(skin_takes_the_two_largest_parts)
{
    static const uint8_t tints[][3] = {{210, 150, 120}, {0, 0, 0}, {60, 90, 200}, {255, 255, 255}};
    hs_rng rng = hs_rng_make(1, 0, 3, HS_PURPOSE_TEST);
    for (int round = 0; round < ROUNDS / 2; round++) {
        static image m;
        bool mask[AREA];
        uint8_t color[3 * AREA], expected[AREA];
        draw(&rng, round, &m);
        for (int32_t i = 0; i < m.height * m.width; i++) {
            uint32_t tint = hs_rng_below(&rng, 8);
            mask[i] = tint >= 4 || tint == 0;
            memcpy(color + 3 * i, tints[mask[i] ? 0 : tint], 3);
        }
        two_largest(&m, mask, expected);
        give_sides(&m, expected);
        check(&m, "[skin]", color, expected);
    }
}
END_TEST

/* Two hands of one depth, one column each, and nothing else: what is equal goes by the order of
 * reading, sides by columns. */
START_TEST(ties_go_by_the_order_of_reading)
{
    image m = {.height = 2, .width = 5, .smallest = 2, .facing = true};
    const uint8_t one[] = {1, 0, 2, 0, 0, 1, 0, 2, 0, 0}, other[] = {2, 0, 1, 0, 0, 2, 0, 1, 0, 0};
    for (int32_t y = 0; y < 2; y++)
        for (int32_t x = 0; x < 5; x += 2)
            m.depth[5 * y + x] = 400;
    check(&m, "[nearest]\nwithin = 0.1", NULL, one);
    check(&m, "[reach]\nfarthest = 1", NULL, one);
    m.facing = false;
    check(&m, "[nearest]\nwithin = 0.1", NULL, other);
    /* One part in the middle is neither in the left half. */
    image middle = {.height = 1, .width = 3, .smallest = 1, .facing = true, .depth = {0, 400, 0}};
    check(&middle, "[reach]\nfarthest = 1", NULL, (const uint8_t[]){0, 2, 0});
    middle = (image){.height = 1, .width = 4, .smallest = 1, .facing = true, .depth = {0, 400}};
    check(&middle, "[reach]\nfarthest = 1", NULL, (const uint8_t[]){0, 1, 0, 0});
}
END_TEST

START_TEST(wrong_configurations_are_refused)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[reach]\nfarthest = 1\n[skin]\n",
         "rule.ini:3: got a second rule, expected one beside [reach]"},
        {"[reach]\n", "farthest"},
        {"[reach]\nfarthest = 1\nnearst = 0\n", "nearest"},
        {"[nearest]\nwithin = -1\n", "within"},
        {"[skin]\ncb = 7, 300\n", "cb"},
        {"[reach]\nfarthest = 0.1\n", "rule.ini:1: [reach]: got 0.2 to 0.1 m"},
        {"[skin]\ncr = 9, 8\n", "rule.ini:1: [skin]: got cb = 77, 127 and cr = 9, 8"},
        {"[skin]\n[hand]\n", "hands"},
        {"[skin]\n[input]\nheight = 0\n", "height"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_ini ini = {0};
        hs_heuristic *h;
        hs_status status = open_rule(&ini, cases[i].text, &h);
        ck_assert_int_eq(status, HS_ERR_CONFIG);
        ck_assert_msg(strstr(hs_error_message(), cases[i].message) ||
                          strstr(hs_error_hint(), cases[i].message),
                      "'%s' lacks '%s'", hs_error_message(), cases[i].message);
        ck_assert_ptr_null(h);
        hs_ini_free(&ini);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heuristic");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, reach_is_what_lies_between_two_distances);
    tcase_add_test(tests, nearest_is_the_closest_point_and_what_hangs_on_it);
    tcase_add_test(tests, skin_is_a_box_of_colours);
    tcase_add_test(tests, black_is_a_pixel_of_unknown_colour);
    tcase_add_test(tests, skin_takes_the_two_largest_parts);
    tcase_add_test(tests, ties_go_by_the_order_of_reading);
    tcase_add_test(tests, wrong_configurations_are_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

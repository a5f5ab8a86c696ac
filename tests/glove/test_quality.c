/* Each measure of quality on a frame where its value can be said, and the score made of them. */
#include "glove/config.h"
#include "glove/quality.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { H = 160, W = 200, N = H * W, NEAR = 4000, FAR = 9000 };

#define UNIT 0.000125
#define FOCAL 400.0
#define PIXEL (NEAR * UNIT / FOCAL) /* metres of a pixel at NEAR */

/* Hue, saturation and value 60 +- 20, 128 +- 64, 128 +- 64; the left hand's is another hue. */
static const hs_gloves gloves = {
    {{{40, 80}, {64, 192}, {64, 192}}, {{100, 140}, {64, 192}, {64, 192}}}, {true, true}};
static const uint8_t green[3] = {64, 128, 64};      /* 60, 128, 128: amid the range */
static const uint8_t pale_green[3] = {96, 128, 96}; /* 60, 64, 128: at its end */
static const uint8_t blue[3] = {64, 64, 128};       /* 120, 128, 128: amid the left's */
static const uint8_t grey[3] = {128, 128, 128};

typedef struct frame {
    uint16_t depth[N];
    uint8_t color[N][3], mask[N];
} frame;

static void draw(frame *f, int x, int y, int width, int height, const uint8_t color[3], int depth)
{
    for (int v = y; v < y + height; v++)
        for (int u = x; u < x + width; u++) {
            memcpy(f->color[v * W + u], color, 3);
            f->depth[v * W + u] = (uint16_t)depth;
        }
}

static frame *new_frame(void)
{
    frame *f = calloc(1, sizeof *f);
    ck_assert_ptr_nonnull(f);
    draw(f, 0, 0, W, H, grey, FAR);
    return f;
}

/* Measures a frame with an opening that leaves rectangles as they are. */
static hs_quality_frame measure_worn(const hs_gloves *worn, frame *f)
{
    hs_annotator *a;
    hs_annotate_params params = {.opening = 1, .join = 25, .smallest = 50, .radius = 0.1};
    hs_quality_frame q = {.time = 1, .time_gap = -0.01, .focal = FOCAL};
    ck_assert_ok(hs_annotator_create(H, W, worn, &params, UNIT, &a));
    hs_annotate(a, f->depth, f->color[0], f->mask);
    hs_quality_measure(a, f->depth, f->mask, 100 * PIXEL * PIXEL, &q);
    hs_annotator_destroy(a);
    return q;
}

static hs_quality_frame measure(frame *f)
{
    return measure_worn(&gloves, f);
}

static void assert_near(double got, double expected)
{
    ck_assert_double_eq_tol(got, expected, 1e-9);
}

#define M(name) measures.value[HS_MEASURE_##name]

START_TEST(a_clean_hand_has_no_defect)
{
    frame *f = new_frame();
    draw(f, 20, 30, 40, 40, green, NEAR);
    draw(f, 120, 30, 40, 40, blue, NEAR);
    hs_quality_frame q = measure(f);
    for (int i = 0; i < HS_MEASURES; i++) {
        bool expected =
            i == HS_MEASURE_odd_size || i == HS_MEASURE_time_gap || i == HS_MEASURE_hands_close;
        ck_assert_msg(expected || q.measures.value[i] < 0.02, "%s: got %g",
                      hs_measure_name((hs_measure)i), q.measures.value[i]);
    }
    assert_near(q.M(odd_size), 4); /* 1600 pixels, 100 are usual */
    assert_near(q.M(time_gap), 0.01);
    assert_near(q.M(hands_close), 1 - 61 * PIXEL / 0.2);
    ck_assert(q.hands[0].found && q.hands[1].found);
    assert_near(q.hands[0].z, NEAR * UNIT);
    assert_near(q.hands[0].x, (39.5 - 100) * PIXEL);
    assert_near(q.hands[0].y, (49.5 - 80) * PIXEL);
    assert_near(q.hands[0].area, 1600 * PIXEL * PIXEL);
    free(f);
}
END_TEST

START_TEST(shapes_of_the_group_are_shares)
{
    frame *f = new_frame();
    draw(f, 20, 30, 40, 10, green, NEAR); /* three bars of a hull of 40 x 60 */
    draw(f, 20, 50, 40, 10, green, NEAR);
    draw(f, 20, 80, 40, 10, green, NEAR);
    draw(f, 20, 40, 40, 10, grey, NEAR);    /* labelled: at the hand's depth */
    draw(f, 150, 130, 20, 15, green, NEAR); /* too far to be joined */
    hs_quality_frame q = measure(f);
    assert_near(q.M(hull_unfilled), 0.5);
    assert_near(q.M(uncolored), 400.0 / 1600);
    assert_near(q.M(parts), 2);
    assert_near(q.M(broken), 2.0 / 3);
    assert_near(q.M(stray), 300.0 / 1500);
    assert_near(q.M(no_left_glove), 1);
    assert_near(q.M(no_right_glove), 0);
    free(f);
}
END_TEST

START_TEST(depths_of_the_group_are_shares)
{
    frame *f = new_frame();
    draw(f, 20, 30, 40, 40, green, NEAR);
    draw(f, 20, 30, 40, 4, green, NEAR + 400); /* half the radius further */
    draw(f, 20, 34, 40, 4, green, NEAR + 900); /* beyond it */
    draw(f, 20, 38, 40, 4, green, 0);
    hs_quality_frame q = measure(f);
    assert_near(q.M(beyond), 4.0 / 36);
    assert_near(q.M(depth_spread), 0.5 * 4 / 32);
    free(f);
}
END_TEST

START_TEST(edges_look_at_what_is_beyond)
{
    frame *f = new_frame();
    draw(f, 0, 0, 40, 40, green, NEAR); /* in the corner: half of its edge */
    hs_quality_frame q = measure(f);
    assert_near(q.M(cut_by_border), 0.5);
    assert_near(q.M(body_close) + q.M(invalid_edge), 0);
    draw(f, 40, 0, 10, 40, grey, NEAR + 200); /* 25 mm behind */
    draw(f, 0, 40, 40, 10, grey, 0);
    q = measure(f);
    assert_near(q.M(body_close), 0.25);
    assert_near(q.M(invalid_edge), 0.25);
    draw(f, 40, 0, 10, 40, grey, NEAR + 300); /* 37.5 mm */
    q = measure(f);
    assert_near(q.M(body_close), 0);
    free(f);
}
END_TEST

START_TEST(what_the_colour_camera_does_not_see_is_missed)
{
    static const uint8_t unseen[3] = {0, 0, 0};
    frame *f = new_frame();
    draw(f, 60, 50, 40, 40, green, NEAR);
    assert_near(measure(f).M(uncovered), 0);
    draw(f, 100, 50, 10, 40, unseen, NEAR + 40); /* 5 mm behind, of one surface with the hand */
    assert_near(measure(f).M(uncovered), 400.0 / 2000);
    draw(f, 110, 50, 10, 40, unseen, NEAR + 200); /* 20 mm behind that */
    draw(f, 50, 50, 10, 40, grey, NEAR);          /* of another colour */
    draw(f, 60, 90, 40, 10, unseen, 0);
    assert_near(measure(f).M(uncovered), 400.0 / 2000);
    draw(f, 108, 40, 2, 10, unseen, NEAR + 40); /* around corners, there and back */
    draw(f, 70, 38, 40, 2, unseen, NEAR + 40);
    draw(f, 70, 40, 2, 6, unseen, NEAR + 40);
    assert_near(measure(f).M(uncovered), (400.0 + 20 + 80 + 12) / (2000 + 20 + 80 + 12));
    free(f);
}
END_TEST

START_TEST(colours_at_the_ends_of_the_range_have_no_margin)
{
    frame *f = new_frame();
    draw(f, 20, 30, 40, 40, pale_green, NEAR);
    assert_near(measure(f).M(color_margin), 1);
    draw(f, 20, 30, 40, 10, green, NEAR);
    assert_near(measure(f).M(color_margin), 0.75);
    /* The ends of the scales of saturation and value are no ends of a range; hue has no end. */
    static const hs_gloves wide = {{{{170, 10}, {0, 255}, {200, 255}}}, {true, false}};
    static const struct {
        uint8_t color[3];
        double margin;
    } cases[] = {{{255, 0, 0}, 0},     /* hue 0, amid 170..10 */
                 {{255, 240, 240}, 0}, /* the same, nearly white */
                 {{240, 80, 0}, 1},    /* hue 10 */
                 {{255, 0, 43}, 0.5}}; /* hue 175 */
    for (int i = 0; i < 4; i++) {
        draw(f, 20, 30, 40, 40, cases[i].color, NEAR);
        assert_near(measure_worn(&wide, f).M(color_margin), cases[i].margin);
    }
    static const hs_gloves zero = {{{{0, 20}, {0, 255}, {200, 255}}}, {true, false}};
    draw(f, 20, 30, 40, 40, cases[0].color, NEAR);
    assert_near(measure_worn(&zero, f).M(color_margin), 1);
    free(f);
}
END_TEST

START_TEST(hands_are_close_in_space_not_in_the_image)
{
    frame *f = new_frame();
    draw(f, 20, 30, 40, 40, green, NEAR);
    draw(f, 60, 30, 40, 40, blue, NEAR);
    assert_near(measure(f).M(hands_close), 1 - PIXEL / 0.2);
    assert_near(measure(f).M(body_close), 0);
    draw(f, 60, 30, 40, 40, blue, NEAR + 1600); /* 0.2 m behind */
    assert_near(measure(f).M(hands_close), 0);
    draw(f, 60, 30, 40, 40, grey, FAR);
    draw(f, 63, 73, 40, 40, blue, NEAR); /* 4 columns and 4 rows from corner to corner */
    assert_near(measure(f).M(hands_close), 1 - sqrt(32) * PIXEL / 0.2);
    draw(f, 0, 0, W, H, grey, FAR);
    draw(f, 80, 30, 40, 40, green, NEAR); /* the right hand on the other side */
    draw(f, 20, 30, 40, 40, blue, NEAR);
    assert_near(measure(f).M(hands_close), 1 - 21 * PIXEL / 0.2);
    free(f);
}
END_TEST

static hs_quality_frame moment(double time, double x, double z, double area)
{
    hs_quality_frame q = {.time = time, .time_gap = 0.01, .focal = FOCAL};
    q.hands[0] = (hs_quality_hand){true, x, 0, z, area};
    return q;
}

START_TEST(neighbours_tell_what_jumps)
{
    hs_quality_frame before = moment(0, 0, 1, 0.01), after = moment(0.2, 0.2, 1, 0.01);
    hs_quality_frame steady = moment(0.1, 0.1, 1, 0.01);
    hs_quality_compare(&before, &after, &steady);
    assert_near(steady.M(jump), 1);
    assert_near(steady.M(depth_jump), 0);
    assert_near(steady.M(area_jump), 0);
    assert_near(steady.M(slip), 1 * FOCAL * 0.01);
    hs_quality_frame wrong = moment(0.1, 0.6, 1.1, 0.04);
    hs_quality_compare(&before, &after, &wrong);
    assert_near(wrong.M(jump), 4); /* the smaller of 6 and 4 */
    assert_near(wrong.M(depth_jump), 1);
    assert_near(wrong.M(area_jump), 2);
    hs_quality_frame last = moment(0.1, 0.6, 1.1, 0.04);
    hs_quality_compare(&before, NULL, &last);
    assert_near(last.M(jump), 6);
    hs_quality_frame first = moment(0.1, 0.6, 1.1, 0.04);
    hs_quality_compare(NULL, &after, &first);
    assert_near(first.M(jump), 4);
    hs_quality_frame alone = moment(0.1, 0.6, 1.1, 0.04);
    after.hands[0].found = false;
    hs_quality_compare(NULL, &after, &alone);
    assert_near(alone.M(jump) + alone.M(slip), 0);
}
END_TEST

START_TEST(the_score_is_a_product_of_what_penalties_leave)
{
    hs_quality_params p = {.threshold = 0.5};
    hs_measures m = {{0}};
    for (int i = 0; i < HS_MEASURES; i++)
        p.limits[i] = (hs_quality_limit){1, 3, 0.5};
    assert_near(hs_quality_score(&m, &p), 1);
    m.value[HS_MEASURE_parts] = 2;
    m.value[HS_MEASURE_stray] = 100;
    assert_near(hs_quality_penalty(&m, &p, HS_MEASURE_parts), 0.25);
    assert_near(hs_quality_penalty(&m, &p, HS_MEASURE_stray), 0.5);
    assert_near(hs_quality_score(&m, &p), 0.75 * 0.5);
    hs_measure reasons[HS_MEASURES];
    m.value[HS_MEASURE_jump] = 1.3; /* a penalty of 0.075 */
    ck_assert_int_eq(hs_quality_reasons(&m, &p, reasons), 2);
    ck_assert(reasons[0] == HS_MEASURE_stray && reasons[1] == HS_MEASURE_parts);
    m.value[HS_MEASURE_jump] = 0;
    p.limits[HS_MEASURE_stray].weight = 1;
    assert_near(hs_quality_score(&m, &p), 0);
}
END_TEST

START_TEST(limits_are_read_and_checked)
{
    hs_glove_config config = {0};
    const char *set[] = {"quality.stray=0.25,0.75,0.5"};
    ck_assert_ok(hs_glove_config_read(&config, "configs/glove/sr300.ini", set, 1));
    assert_near(config.quality.limits[HS_MEASURE_stray].bad, 0.75);
    hs_glove_config_free(&config);
    const char *const wrong[] = {"quality.stray=0.5,0.5,1", "quality.stray=0.5,1",
                                 "quality.stray=0,1,2", "quality.stray=0,1,-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_error(hs_glove_config_read(&config, NULL, &wrong[i], 1), HS_ERR_CONFIG, "stray");
        hs_glove_config_free(&config);
    }
    for (int i = 0; i < HS_MEASURES; i++)
        ck_assert_int_gt((int)strlen(hs_measure_meaning((hs_measure)i)), 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quality");
    TCase *tests = tcase_create("quality");
    tcase_add_test(tests, a_clean_hand_has_no_defect);
    tcase_add_test(tests, shapes_of_the_group_are_shares);
    tcase_add_test(tests, depths_of_the_group_are_shares);
    tcase_add_test(tests, edges_look_at_what_is_beyond);
    tcase_add_test(tests, what_the_colour_camera_does_not_see_is_missed);
    tcase_add_test(tests, colours_at_the_ends_of_the_range_have_no_margin);
    tcase_add_test(tests, hands_are_close_in_space_not_in_the_image);
    tcase_add_test(tests, neighbours_tell_what_jumps);
    tcase_add_test(tests, the_score_is_a_product_of_what_penalties_leave);
    tcase_add_test(tests, limits_are_read_and_checked);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

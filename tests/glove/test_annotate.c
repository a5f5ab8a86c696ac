/* The steps of annotation on frames made by hand, where the answer can be said, and on noise, where
 * only what must always hold can. */
#include "base/rng.h"
#include "glove/annotate.h"
#include "glove/config.h"
#include "support/guard.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { H = 120, W = 161, N = H * W };

#define UNIT 0.000125 /* metres */
static const uint8_t green[3] = {150, 220, 160}, orange[3] = {230, 90, 30},
                     skin[3] = {200, 150, 130};
static const hs_gloves both = {
    {{{28, 80}, {35, 200}, {100, 255}}, {{3, 15}, {160, 255}, {100, 255}}}, {true, true}};

typedef struct frame {
    uint16_t depth[N];
    uint8_t color[N][3], mask[N];
} frame;

static frame *new_frame(void)
{
    frame *f = calloc(1, sizeof *f);
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < N; i++) {
        f->depth[i] = 12000;
        memcpy(f->color[i], skin, 3);
    }
    return f;
}

/* Colours a rectangle and sets its depth. */
static void draw(frame *f, int x, int y, int width, int height, const uint8_t color[3], int depth)
{
    for (int v = y; v < y + height; v++)
        for (int u = x; u < x + width; u++) {
            memcpy(f->color[v * W + u], color, 3);
            f->depth[v * W + u] = (uint16_t)depth;
        }
}

static hs_annotator *annotator_of(const hs_gloves *gloves)
{
    hs_annotator *a;
    hs_annotate_params params = hs_annotate_defaults();
    ck_assert_ok(hs_annotator_create(H, W, gloves, &params, UNIT, &a));
    return a;
}

static hs_annotation annotate(const hs_gloves *gloves, frame *f)
{
    hs_annotator *a = annotator_of(gloves);
    hs_annotation found = hs_annotate(a, f->depth, f->color[0], f->mask);
    hs_annotator_destroy(a);
    return found;
}

/* Asserts the label of a rectangle. */
static void assert_label(const frame *f, int x, int y, int width, int height, int label)
{
    for (int v = y; v < y + height; v++)
        for (int u = x; u < x + width; u++)
            ck_assert_msg(f->mask[v * W + u] == label, "pixel %d,%d: got %d, expected %d", u, v,
                          f->mask[v * W + u], label);
}

START_TEST(a_hand_of_two_parts_is_hulled_and_what_is_far_taken_out)
{
    frame *f = new_frame();
    draw(f, 10, 10, 20, 40, green, 6000);
    draw(f, 40, 10, 20, 40, green, 6100); /* joined: 11 columns apart */
    draw(f, 30, 10, 10, 20, skin, 6050);  /* inside the hull and near in depth */
    draw(f, 30, 30, 10, 20, skin, 7000);  /* 0.12 m behind */
    draw(f, 45, 20, 3, 3, green, 0);      /* no depth */
    draw(f, 90, 60, 4, 4, green, 6000);   /* too small for the circle */
    draw(f, 90, 80, 20, 20, green, 6000); /* a smaller group, far away */
    hs_annotation found = annotate(&both, f);
    ck_assert_int_eq(found.outcome[0], HS_OUTCOME_labelled);
    ck_assert_int_eq(found.outcome[1], HS_OUTCOME_no_color);
    ck_assert(hs_annotation_labelled(&found));
    /* Of 1991 depths 800 are 6000, 200 are 6050, 791 are 6100 and 200 are 7000. The circle does not
     * fit into the four corners of the hull and takes two pixels of each at most. */
    ck_assert_int_eq(found.median[0], 6050);
    ck_assert_int_le(found.pixels[0], 1991 - 200);
    ck_assert_int_ge(found.pixels[0], 1991 - 200 - 8);
    ck_assert_int_eq(found.pixels[1], 0);
    assert_label(f, 12, 10, 33, 10, 1);
    assert_label(f, 10, 12, 20, 36, 1);
    assert_label(f, 30, 10, 10, 20, 1);
    assert_label(f, 30, 30, 10, 20, 0);
    assert_label(f, 45, 20, 3, 3, 0);
    assert_label(f, 48, 12, 12, 36, 1);
    assert_label(f, 61, 0, 100, 120, 0);
    assert_label(f, 0, 51, 161, 69, 0);
    free(f);
}
END_TEST

START_TEST(depth_may_differ_by_the_radius_and_no_more)
{
    frame *f = new_frame();
    draw(f, 20, 20, 40, 40, green, 6000);
    draw(f, 22, 30, 5, 5, green, 6800);
    draw(f, 30, 30, 5, 5, green, 6801);
    draw(f, 40, 30, 5, 5, green, 5200);
    draw(f, 50, 30, 5, 5, green, 5199);
    annotate(&both, f);
    assert_label(f, 20, 22, 40, 8, 1);
    assert_label(f, 20, 30, 10, 5, 1);
    assert_label(f, 30, 30, 5, 5, 0);
    assert_label(f, 35, 30, 15, 5, 1);
    assert_label(f, 50, 30, 5, 5, 0);
    free(f);
}
END_TEST

START_TEST(a_pixel_of_both_goes_by_colour_then_by_depth)
{
    frame *f = new_frame();
    draw(f, 10, 20, 14, 60, green, 6000); /* a bracket around the left hand's upper end */
    draw(f, 10, 20, 60, 10, green, 6000);
    draw(f, 56, 20, 14, 60, green, 6000);
    draw(f, 35, 45, 10, 60, orange, 6400);
    draw(f, 40, 40, 3, 3, skin, 6100);   /* in the right hull only */
    draw(f, 38, 85, 3, 3, skin, 6100);   /* in the left hull only */
    draw(f, 36, 50, 2, 3, skin, 6100);   /* in both, nearer to the right's depth */
    draw(f, 42, 50, 2, 3, skin, 6300);   /* in both, nearer to the left's */
    draw(f, 36, 60, 2, 3, skin, 6200);   /* as near to both: right */
    draw(f, 38, 70, 3, 3, orange, 6050); /* at the right's depth, in the left's colour */
    hs_annotation found = annotate(&both, f);
    ck_assert_int_eq(found.median[0], 6000);
    ck_assert_int_eq(found.median[1], 6400);
    assert_label(f, 38, 70, 3, 3, 2);
    assert_label(f, 10, 22, 14, 56, 1);
    assert_label(f, 40, 40, 3, 3, 1);
    assert_label(f, 38, 85, 3, 3, 2);
    assert_label(f, 38, 48, 4, 20, 2); /* orange inside the hull of green */
    assert_label(f, 36, 50, 2, 3, 1);
    assert_label(f, 42, 50, 2, 3, 2);
    assert_label(f, 36, 60, 2, 3, 1);
    free(f);
}
END_TEST

START_TEST(what_cannot_be_labelled_says_why)
{
    frame *f = new_frame();
    hs_gloves right = both;
    right.worn[1] = false;
    draw(f, 10, 10, 14, 14, green, 6000); /* 196 pixels, less the corners of the circle */
    draw(f, 50, 10, 40, 40, orange, 0);
    hs_annotation found = annotate(&both, f);
    ck_assert_int_eq(found.outcome[0], HS_OUTCOME_too_small);
    ck_assert_int_eq(found.outcome[1], HS_OUTCOME_no_depth);
    ck_assert(!hs_annotation_labelled(&found));
    ck_assert(!memchr(f->mask, 1, N) && !memchr(f->mask, 2, N));
    found = annotate(&right, f);
    ck_assert_int_eq(found.outcome[1], HS_OUTCOME_not_worn);
    ck_assert_str_eq(hs_outcome_name(HS_OUTCOME_too_small), "too_small");
    for (int i = HS_OUTCOME_labelled; i <= HS_OUTCOME_no_depth; i++)
        ck_assert_int_gt((int)strlen(hs_outcome_meaning((hs_outcome)i)), 10);
    free(f);
}
END_TEST

START_TEST(unknown_colour_is_no_glove)
{
    frame *f = new_frame();
    hs_gloves dark = {{{{0, 179}, {0, 255}, {0, 255}}}, {true, false}};
    for (int i = 0; i < N; i++)
        memset(f->color[i], i % W > 80, 3);
    hs_annotation found = annotate(&dark, f);
    ck_assert_int_eq(found.pixels[0], 80 * H);
    assert_label(f, 0, 0, 81, H, 0);
    free(f);
}
END_TEST

/* At most half of the depths inside a hull are below its median, at least half of them up to it. */
static void assert_median(const hs_annotator *a, const hs_glove_stages *s, const uint16_t *depth)
{
    int32_t n = 0, below = 0, up_to = 0;
    for (int32_t i = 0; i < a->height * a->width; i++) {
        bool counts = s->hull[i] && depth[i] > 0;
        n += counts;
        below += counts && depth[i] < s->median;
        up_to += counts && depth[i] <= s->median;
    }
    ck_assert(n == 0 ? s->median == 0 : 2 * below < n && 2 * up_to >= n);
}

/* Every pixel of the mask has depth near the median and lies in the hull; steps only shrink or grow
 * as they should. */
static void assert_sound(const hs_annotator *a, const hs_annotation *found, const uint16_t *depth,
                         const uint8_t *mask)
{
    int32_t pixels[HS_GLOVES] = {0};
    for (int32_t i = 0; i < a->height * a->width; i++) {
        ck_assert_int_le(mask[i], 2);
        for (int g = 0; g < HS_GLOVES; g++) {
            const hs_glove_stages *s = &a->stages[g];
            ck_assert(s->opened[i] <= s->threshold[i] && s->joined[i] <= s->opened[i]);
            ck_assert(s->joined[i] <= s->hull[i]);
            bool near = abs(depth[i] - s->median) <= a->params.radius / a->depth_unit;
            ck_assert_int_eq(s->kept[i], s->hull[i] && depth[i] > 0 && near);
            pixels[g] += mask[i] == g + 1;
        }
        uint8_t right = a->stages[0].kept[i], left = a->stages[1].kept[i];
        ck_assert(right && left ? mask[i] == 1 || mask[i] == 2 : mask[i] == right + 2 * left);
    }
    for (int g = 0; g < HS_GLOVES; g++) {
        assert_median(a, &a->stages[g], depth);
        ck_assert_int_eq(pixels[g], found->pixels[g]);
        ck_assert_int_eq(found->median[g], a->stages[g].median);
        ck_assert(found->outcome[g] == HS_OUTCOME_labelled || pixels[g] == 0);
    }
}

START_TEST(noise_of_any_size_keeps_the_rules)
{
    for (uint32_t round = 0; round < 60; round++) {
        hs_rng rng = hs_rng_make(2, 0, round, HS_PURPOSE_TEST);
        int32_t height = 1 + (int32_t)hs_rng_below(&rng, 60),
                width = 1 + (int32_t)hs_rng_below(&rng, 60);
        size_t n = (size_t)height * width;
        hs_guarded color = hs_guard_allocate(3 * n, 0), depth = hs_guard_allocate(2 * n, 0);
        hs_guarded mask = hs_guard_allocate(n, 7);
        hs_annotate_params params = {1 + 2 * (int32_t)hs_rng_below(&rng, 3),
                                     hs_rng_range(&rng, 0, 30), 1 + (int32_t)hs_rng_below(&rng, 50),
                                     hs_rng_range(&rng, 0, 2)};
        uint32_t density = 1 + hs_rng_below(&rng, 20);
        for (size_t i = 0; i < n; i++) {
            const uint8_t *choice[] = {green, orange, skin};
            bool glove = hs_rng_below(&rng, density) > 0;
            memcpy((uint8_t *)color.data + 3 * i, choice[glove ? (i / 7) % 2 : 2], 3);
            uint32_t raw = hs_rng_u32(&rng);
            ((uint16_t *)depth.data)[i] = raw % 3 ? (uint16_t)raw : 0;
        }
        hs_annotator *a;
        ck_assert_ok(hs_annotator_create(height, width, &both, &params, UNIT, &a));
        for (int again = 0; again < 2; again++) { /* nothing stays from the frame before */
            hs_annotation found = hs_annotate(a, depth.data, color.data, mask.data);
            assert_sound(a, &found, depth.data, mask.data);
            memset(color.data, 0, 3 * n / 2);
        }
        ck_assert(hs_guard_intact(&mask) && hs_guard_intact(&depth) && hs_guard_intact(&color));
        hs_annotator_destroy(a);
        hs_guard_free(&color);
        hs_guard_free(&depth);
        hs_guard_free(&mask);
    }
}
END_TEST

START_TEST(parameters_are_checked)
{
    hs_annotator *a;
    hs_annotate_params params = hs_annotate_defaults();
    ck_assert_int_eq(params.opening, 5);
    ck_assert_double_eq(params.join, 25);
    ck_assert_error(hs_annotator_create(0, W, &both, &params, UNIT, &a), HS_ERR_CONFIG, "height");
    ck_assert_ptr_null(a);
    ck_assert_error(hs_annotator_create(H, W, &both, &params, 0, &a), HS_ERR_CONFIG, "depth unit");
    params.opening = 4;
    ck_assert_error(hs_annotator_create(H, W, &both, &params, UNIT, &a), HS_ERR_CONFIG, "odd");
    hs_annotator_destroy(NULL);
}
END_TEST

START_TEST(configuration_is_read_over_the_defaults)
{
    hs_glove_config config = {0};
    ck_assert_ok(hs_glove_config_read(&config, "configs/glove/sr300.ini", NULL, 0));
    ck_assert_int_eq(config.annotate.opening, 5);
    hs_glove_config_free(&config);
    const char *set[] = {"annotate.join=12.5"};
    ck_assert_ok(hs_glove_config_read(&config, NULL, set, 1));
    ck_assert_double_eq(config.annotate.join, 12.5);
    ck_assert_ptr_nonnull(hs_ini_entry_find(hs_ini_find(&config.ini, "annotate"), "radius"));
    hs_glove_config_free(&config);
    const char *wrong[] = {"annotate.jion=1"};
    ck_assert_error(hs_glove_config_read(&config, NULL, wrong, 1), HS_ERR_CONFIG, "jion");
    hs_glove_config_free(&config);
    const char *even[] = {"annotate.opening=4"};
    ck_assert_error(hs_glove_config_read(&config, NULL, even, 1), HS_ERR_CONFIG, "odd");
    hs_glove_config_free(&config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("annotate");
    TCase *tests = tcase_create("annotate");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_hand_of_two_parts_is_hulled_and_what_is_far_taken_out);
    tcase_add_test(tests, depth_may_differ_by_the_radius_and_no_more);
    tcase_add_test(tests, a_pixel_of_both_goes_by_colour_then_by_depth);
    tcase_add_test(tests, what_cannot_be_labelled_says_why);
    tcase_add_test(tests, unknown_colour_is_no_glove);
    tcase_add_test(tests, noise_of_any_size_keeps_the_rules);
    tcase_add_test(tests, parameters_are_checked);
    tcase_add_test(tests, configuration_is_read_over_the_defaults);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* The boundary F-score: against lists of points and all their distances, and by hand. */
#include "base/rng.h"
#include "eval/boundary.h"
#include "support/suite.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct point {
    int y, x;
} point;

/* The label at (y, x); outside the image and where nothing is known, that of `self`. */
static int label_at(const uint8_t *labels, const uint8_t *truth, int h, int w, point at, int self)
{
    bool inside = at.y >= 0 && at.x >= 0 && at.y < h && at.x < w;
    return inside && truth[at.y * w + at.x] != 255 ? labels[at.y * w + at.x] : self;
}

static int find_points(const uint8_t *labels, const uint8_t *truth, int h, int w, int label,
                       point *points)
{
    static const point around[] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};
    int n = 0;
    for (int i = 0; i < h * w; i++) {
        bool edge = false;
        for (int k = 0; k < 4; k++) {
            point next = {i / w + around[k].y, i % w + around[k].x};
            edge |= label_at(labels, truth, h, w, next, label) != label;
        }
        if (edge && labels[i] == label && truth[i] != 255)
            points[n++] = (point){i / w, i % w};
    }
    return n;
}

static double share_near(const point *from, int n, const point *to, int m, double reach)
{
    int near = 0;
    for (int i = 0; i < n; i++) {
        double least = 1e9;
        for (int k = 0; k < m; k++)
            least = fmin(least, hypot(from[i].y - to[k].y, from[i].x - to[k].x));
        near += least <= reach;
    }
    return (double)near / n;
}

static double naive_score(const uint8_t *truth, const uint8_t *prediction, int h, int w, int label)
{
    point *a = malloc(sizeof *a * h * w), *b = malloc(sizeof *b * h * w);
    int n = find_points(truth, truth, h, w, label, a);
    int m = find_points(prediction, truth, h, w, label, b);
    double reach = 0.0075 * sqrt(h * h + w * w), score = n + m > 0 ? 0 : NAN;
    if (n > 0 && m > 0) {
        double precision = share_near(b, m, a, n, reach), recall = share_near(a, n, b, m, reach);
        score = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
    }
    free(a);
    free(b);
    return score;
}

/* A disc of `label`. */
static void draw_disc(uint8_t *labels, int h, int w, double y, double x, double r, uint8_t label)
{
    for (int i = 0; i < h * w; i++)
        if (hypot(i / w - y, i % w - x) <= r)
            labels[i] = label;
}

static void compare_sizes(int h, int w)
{
    hs_boundary b = {0};
    uint8_t *truth = malloc(h * w), *prediction = malloc(h * w);
    hs_rng rng = hs_rng_make(3, 0, (uint32_t)(h * w), HS_PURPOSE_TEST);
    ck_assert_ok(hs_boundary_init(&b, h, w));
    for (int round = 0; round < 12; round++) {
        memset(truth, 0, h * w);
        memset(prediction, 0, h * w);
        for (int k = 0; k < 4; k++) {
            double y = hs_rng_range(&rng, 0, h), x = hs_rng_range(&rng, 0, w);
            double r = hs_rng_range(&rng, 0, 0.3 * h);
            uint8_t label = (uint8_t)(k == 3 && round % 2 ? 255 : 1 + k % 2);
            draw_disc(truth, h, w, y, x, r, label);
            if (label != 255)
                draw_disc(prediction, h, w, y + hs_rng_range(&rng, -2, 2), x, r + 0.5, label);
        }
        for (int k = 0; k < round; k++)
            prediction[hs_rng_below(&rng, h * w)] = (uint8_t)hs_rng_below(&rng, 3);
        for (uint8_t label = 1; label <= 3; label++) {
            double got = hs_boundary_score(&b, truth, prediction, label);
            double expected = naive_score(truth, prediction, h, w, label);
            ck_assert_msg(fabs(got - expected) < 1e-14 || (isnan(got) && isnan(expected)),
                          "%dx%d round %d label %d: got %.17g, expected %.17g", h, w, round, label,
                          got, expected);
        }
    }
    hs_boundary_free(&b);
    free(truth);
    free(prediction);
}

START_TEST(scores_are_those_of_all_distances)
{
    compare_sizes(1, 1);
    compare_sizes(1, 131);
    compare_sizes(37, 53);
    compare_sizes(96, 128);
    compare_sizes(211, 307); /* reaches 2.8 pixels */
}
END_TEST

START_TEST(cases_by_hand)
{
    enum { SIDE = 100 }; /* diagonal 141.4: reaches 1.06 pixels */
    static uint8_t truth[SIDE * SIDE], prediction[SIDE * SIDE];
    hs_boundary b = {0};
    ck_assert_ok(hs_boundary_init(&b, SIDE, SIDE));
    ck_assert_int_eq(b.count, 5);
    /* Neither has it; one alone has it. */
    ck_assert(isnan(hs_boundary_score(&b, truth, prediction, 1)));
    draw_disc(truth, SIDE, SIDE, 50, 50, 20, 1);
    ck_assert_double_eq(hs_boundary_score(&b, truth, prediction, 1), 0);
    ck_assert_double_eq(hs_boundary_score(&b, prediction, truth, 1), 0);
    ck_assert(isnan(hs_boundary_score(&b, truth, prediction, 2)));
    /* The same; one pixel aside; far off. */
    ck_assert_double_eq(hs_boundary_score(&b, truth, truth, 1), 1);
    draw_disc(prediction, SIDE, SIDE, 51, 50, 20, 1);
    ck_assert_double_eq(hs_boundary_score(&b, truth, prediction, 1), 1);
    memset(prediction, 0, sizeof prediction);
    draw_disc(prediction, SIDE, SIDE, 20, 20, 5, 1);
    ck_assert_double_eq(hs_boundary_score(&b, truth, prediction, 1), 0);
    /* Lines of 100 and 50 pixels: all of the prediction and half (and one) of the truth match. */
    memset(truth, 0, sizeof truth);
    memset(prediction, 0, sizeof prediction);
    memset(truth + 40 * SIDE, 1, SIDE);
    memset(prediction + 40 * SIDE, 1, 50);
    double recall = 0.51;
    ck_assert_double_eq_tol(hs_boundary_score(&b, truth, prediction, 1), 2 * recall / (1 + recall),
                            1e-14);
    /* What fills the image has no boundary, nor has what ends where nothing is known. */
    memset(truth, 1, sizeof truth);
    ck_assert(isnan(hs_boundary_score(&b, truth, truth, 1)));
    memset(truth, 255, sizeof truth / 2);
    ck_assert(isnan(hs_boundary_score(&b, truth, truth, 1)));
    hs_boundary_free(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boundary");
    TCase *tests = tcase_create("boundary");
    tcase_add_test(tests, scores_are_those_of_all_distances);
    tcase_add_test(tests, cases_by_hand);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Intervals by the bootstrap: against resamples made pixel by pixel, and against theory. */
#include "base/rng.h"
#include "eval/bootstrap.h"
#include "support/suite.h"
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS = 37, UNITS = 7, CLASSES = 3, SAMPLES = 101 };

static uint8_t truth[UNITS][PIXELS], prediction[UNITS][PIXELS];

/* Random labels, mostly right, some of them unknown. */
static hs_unit_counts make_units(void)
{
    hs_unit_counts counts;
    hs_rng rng = hs_rng_make(5, 0, 0, HS_PURPOSE_TEST);
    ck_assert_ok(hs_unit_counts_init(&counts, CLASSES, UNITS));
    for (uint32_t u = 0; u < UNITS; u++) {
        hs_confusion confusion = {.classes = CLASSES};
        for (int i = 0; i < PIXELS; i++) {
            truth[u][i] = (uint8_t)(hs_rng_below(&rng, 9) ? hs_rng_below(&rng, CLASSES) : 255);
            bool right = hs_rng_below(&rng, 10) < u + 3 && truth[u][i] != 255;
            prediction[u][i] = right ? truth[u][i] : (uint8_t)hs_rng_below(&rng, CLASSES);
        }
        ck_assert_ok(hs_confusion_add(&confusion, truth[u], prediction[u], PIXELS));
        hs_unit_counts_add(&counts, u, &confusion);
    }
    return counts;
}

/* Mean IoU of labels 1 and 2, by sets of pixels. */
static double naive_iou(const uint8_t *t, const uint8_t *p, int n)
{
    double sum = 0;
    int classes = 0;
    for (int c = 1; c < CLASSES; c++) {
        int both = 0, either = 0;
        for (int i = 0; i < n; i++) {
            both += t[i] == c && p[i] == c;
            either += t[i] != 255 && (t[i] == c || p[i] == c);
        }
        sum += either ? (double)both / either : 0;
        classes += either > 0;
    }
    return classes ? sum / classes : NAN;
}

START_TEST(resamples_are_those_of_the_pixels)
{
    hs_unit_counts counts = make_units();
    double figures[SAMPLES], again[SAMPLES];
    hs_bootstrap_draw(&counts, 11, SAMPLES, figures);
    int different = 0;
    for (uint32_t s = 0; s < SAMPLES; s++) {
        hs_rng rng = hs_rng_make(11, 0, s, HS_PURPOSE_BOOTSTRAP);
        uint8_t t[UNITS * PIXELS], p[UNITS * PIXELS];
        for (int i = 0; i < UNITS; i++) {
            uint32_t unit = hs_rng_below(&rng, UNITS);
            memcpy(t + i * PIXELS, truth[unit], PIXELS);
            memcpy(p + i * PIXELS, prediction[unit], PIXELS);
        }
        ck_assert_double_eq_tol(figures[s], naive_iou(t, p, UNITS * PIXELS), 1e-14);
        different += s > 0 && figures[s] != figures[0];
    }
    ck_assert_int_gt(different, SAMPLES / 2);
    /* Another seed draws others; the number of threads is nothing to it. */
    hs_bootstrap_draw(&counts, 12, SAMPLES, again);
    ck_assert(memcmp(figures, again, sizeof again) != 0);
    int threads = omp_get_max_threads();
    omp_set_num_threads(threads == 1 ? 3 : 1);
    hs_bootstrap_draw(&counts, 11, SAMPLES, again);
    omp_set_num_threads(threads);
    ck_assert_mem_eq(figures, again, sizeof again);
    hs_unit_counts_free(&counts);
}
END_TEST

START_TEST(units_of_one_key_are_summed)
{
    static const int32_t keys[UNITS] = {9, -2, 9, 4, 4, 4, -2};
    hs_unit_counts counts = make_units(), groups;
    ck_assert_ok(hs_unit_counts_group(&counts, keys, &groups));
    ck_assert_uint_eq(groups.units, 3);
    static const int32_t order[] = {-2, 4, 9};
    for (int g = 0; g < 3; g++)
        for (int k = 0; k < CLASSES * CLASSES; k++) {
            uint64_t sum = 0;
            for (int u = 0; u < UNITS; u++)
                sum += keys[u] == order[g] ? counts.counts[u * CLASSES * CLASSES + k] : 0;
            ck_assert_uint_eq(groups.counts[g * CLASSES * CLASSES + k], sum);
        }
    hs_unit_counts_free(&groups);
    hs_unit_counts_free(&counts);
}
END_TEST

/* Units of one pixel of a hand, found or not: the figure is a mean of zeros and ones. */
static hs_unit_counts make_coins(uint32_t units, uint32_t found)
{
    hs_unit_counts counts;
    ck_assert_ok(hs_unit_counts_init(&counts, 2, units));
    for (uint32_t u = 0; u < units; u++) {
        hs_confusion c = {.classes = 2};
        c.count[1][u < found] = 1;
        hs_unit_counts_add(&counts, u, &c);
    }
    return counts;
}

START_TEST(the_interval_of_a_mean_is_that_of_theory)
{
    enum { COINS = 400, MANY = 4000 };
    hs_unit_counts counts = make_coins(COINS, 300);
    static double figures[MANY];
    hs_interval interval;
    hs_bootstrap_draw(&counts, 1, MANY, figures);
    ck_assert_ok(hs_bootstrap_interval(figures, MANY, hs_bootstrap_tail(COINS, 0.95), &interval));
    double half = 1.96 * sqrt(0.75 * 0.25 / COINS);
    ck_assert_uint_eq(interval.used, MANY);
    ck_assert_double_eq_tol(interval.low, 0.75 - half, 0.1 * half);
    ck_assert_double_eq_tol(interval.high, 0.75 + half, 0.1 * half);
    hs_unit_counts_free(&counts);
}
END_TEST

/* scipy: norm.cdf(-sqrt(n / (n - 1)) * t.ppf(0.975, n - 1)). */
START_TEST(the_tails_of_few_units_are_further_out)
{
    static const struct {
        uint32_t units;
        double tail;
    } cases[] = {{2, 1.6952190726e-72}, {3, 6.8341373111e-08}, {6, 0.0024318031747},
                 {7, 0.0041091538156},  {10, 0.0085506390244}, {20, 0.015880829920},
                 {41, 0.020369190559},  {100, 0.023064387207}, {10000, 0.024980410010934}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_double_eq_tol(hs_bootstrap_tail(cases[i].units, 0.95), cases[i].tail,
                                1e-6 * cases[i].tail);
    ck_assert_double_eq(hs_bootstrap_tail(1, 0.95), 0);
    ck_assert_double_eq_tol(hs_bootstrap_tail(4000000, 0.95), 0.025, 3e-5);
    ck_assert_double_eq_tol(hs_bootstrap_tail(5, 0.5), 0.2038, 1e-5);
}
END_TEST

START_TEST(equal_models_do_not_differ_and_a_better_one_does)
{
    hs_unit_counts a = make_coins(50, 40), b = make_coins(50, 20);
    double x[SAMPLES], y[SAMPLES], z[SAMPLES];
    hs_interval interval;
    hs_bootstrap_draw(&a, 3, SAMPLES, x);
    hs_bootstrap_draw(&b, 3, SAMPLES, y);
    hs_bootstrap_draw(&a, 3, SAMPLES, z);
    for (int i = 0; i < SAMPLES; i++) {
        ck_assert_double_eq(x[i], z[i]);
        /* What b finds a finds: the same frames were drawn. */
        ck_assert_double_ge(x[i], y[i]);
        y[i] = x[i] - y[i];
    }
    ck_assert_ok(hs_bootstrap_interval(y, SAMPLES, 0.025, &interval));
    ck_assert(interval.low > 0.2 && interval.high < 0.6);
    hs_unit_counts_free(&a);
    hs_unit_counts_free(&b);
}
END_TEST

START_TEST(quantiles_and_figures_that_are_none)
{
    const double figures[] = {NAN, 4, 0, 2, NAN, 1, 3};
    hs_interval interval;
    ck_assert_ok(hs_bootstrap_interval(figures, 7, 0.125, &interval));
    ck_assert_uint_eq(interval.used, 5);
    ck_assert_double_eq(interval.low, 0.5); /* a quarter of a half of the way from 0 to 4 */
    ck_assert_double_eq(interval.high, 3.5);
    ck_assert_ok(hs_bootstrap_interval(figures, 2, 0.025, &interval));
    ck_assert(interval.used == 1 && interval.low == 4 && interval.high == 4);
    ck_assert_ok(hs_bootstrap_interval(figures, 1, 0.025, &interval));
    ck_assert(interval.used == 0 && isnan(interval.low) && isnan(interval.high));
    /* No hand anywhere. */
    hs_unit_counts empty;
    double none[3];
    ck_assert_ok(hs_unit_counts_init(&empty, 3, 4));
    hs_bootstrap_draw(&empty, 1, 3, none);
    ck_assert(isnan(none[0]) && isnan(none[1]) && isnan(none[2]));
    hs_unit_counts_free(&empty);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bootstrap");
    TCase *tests = tcase_create("bootstrap");
    tcase_add_test(tests, resamples_are_those_of_the_pixels);
    tcase_add_test(tests, units_of_one_key_are_summed);
    tcase_add_test(tests, the_interval_of_a_mean_is_that_of_theory);
    tcase_add_test(tests, the_tails_of_few_units_are_further_out);
    tcase_add_test(tests, equal_models_do_not_differ_and_a_better_one_does);
    tcase_add_test(tests, quantiles_and_figures_that_are_none);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* The paired test: against a naive one, by hand, and by how often it calls equals different. */
#include "base/rng.h"
#include "eval/paired_test.h"
#include "support/suite.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 3, SAMPLES = 2000 };

static hs_paired_counts of(const hs_unit_counts *counts)
{
    return (hs_paired_counts){counts, 1};
}

/* Units in which class 1 is found in `found[u]` of 10 pixels. */
static hs_unit_counts make(uint32_t units, const uint64_t *found)
{
    hs_unit_counts counts;
    ck_assert_ok(hs_unit_counts_init(&counts, 2, units));
    for (uint32_t u = 0; u < units; u++) {
        hs_confusion c = {.classes = 2, .count = {{100, 0}, {10 - found[u], found[u]}}};
        hs_unit_counts_add(&counts, u, &c);
    }
    return counts;
}

START_TEST(cases_by_hand)
{
    /* The second finds one pixel more in each: the way observed and its mirror, of 2^6. */
    hs_unit_counts a = make(6, (const uint64_t[]){4, 5, 6, 7, 8, 1});
    hs_unit_counts b = make(6, (const uint64_t[]){5, 6, 7, 8, 9, 2});
    hs_paired_result r = hs_paired_test(of(&a), of(&b), 1, 100);
    ck_assert(r.exact && r.ways == 64);
    ck_assert_double_eq(r.p, 2. / 64);
    ck_assert_double_eq(hs_paired_test(of(&b), of(&a), 1, 100).p, 2. / 64);
    /* Nothing differs: every way is as large. */
    ck_assert_double_eq(hs_paired_test(of(&a), of(&a), 1, 100).p, 1);
    hs_unit_counts_free(&b);
    /* More in five, less in one: by exchanging that one the difference only grows, by exchanging
     * one of the five and that one it stays: 1 + 1 + 5 ways, and their mirrors. */
    b = make(6, (const uint64_t[]){5, 6, 7, 8, 9, 0});
    ck_assert_double_eq(hs_paired_test(of(&a), of(&b), 1, 100).p, 14. / 64);
    /* Random ways of the same: about as many. */
    r = hs_paired_test(of(&a), of(&b), 1, 31);
    ck_assert(!r.exact && r.ways == 31 && r.p > 0.03 && r.p < 0.5);
    hs_unit_counts_free(&a);
    hs_unit_counts_free(&b);
    /* One unit can show nothing; without a hand there is no figure. */
    a = make(1, (const uint64_t[]){1});
    b = make(1, (const uint64_t[]){9});
    ck_assert_double_eq(hs_paired_test(of(&a), of(&b), 1, 100).p, 1);
    hs_unit_counts_free(&a);
    hs_unit_counts_free(&b);
    ck_assert_ok(hs_unit_counts_init(&a, 3, 4));
    ck_assert(isnan(hs_paired_test(of(&a), of(&a), 1, 100).p));
    hs_unit_counts_free(&a);
}
END_TEST

/* ---- equals -----------------------------------------------------------------------------------
 */
/* Two models that are as good on the whole, and on each person now one, now the other. People
 * differ in how much there is of their hands, and in how hard they are to label. */
static void draw_equals(hs_rng *rng, uint32_t people, hs_unit_counts pair[2])
{
    for (int m = 0; m < 2; m++)
        ck_assert_ok(hs_unit_counts_init(&pair[m], CLASSES, people));
    for (uint32_t u = 0; u < people; u++) {
        double size = 20000 * exp(0.5 * hs_rng_normal(rng)), hard = 0.5 * hs_rng_normal(rng);
        for (int m = 0; m < 2; m++) {
            hs_confusion c = {.classes = CLASSES, .count = {{1000000}}};
            for (int hand = 1; hand < CLASSES; hand++) {
                double missed = 1 / (1 + exp(2 - hard - 0.5 * hs_rng_normal(rng)));
                double found = 1 / (1 + exp(2 - hard - 0.5 * hs_rng_normal(rng)));
                c.count[hand][0] = (uint64_t)(size * missed);
                c.count[hand][hand] = (uint64_t)(size * (1 - missed));
                c.count[0][hand] = (uint64_t)(size * found);
            }
            hs_unit_counts_add(&pair[m], u, &c);
        }
    }
}

static double hands_of(const hs_unit_counts *counts, const bool *from, const hs_unit_counts *other)
{
    hs_confusion sum = {.classes = CLASSES};
    for (uint32_t u = 0; u < counts->units; u++)
        for (int k = 0; k < CLASSES * CLASSES; k++)
            sum.count[k / CLASSES][k % CLASSES] +=
                (from[u] ? other : counts)->counts[u * CLASSES * CLASSES + (uint32_t)k];
    return hs_metrics_of(&sum).hands.iou;
}

START_TEST(ways_are_those_of_a_naive_loop)
{
    enum { PEOPLE = 8 };
    hs_rng rng = hs_rng_make(3, 0, 0, HS_PURPOSE_TEST);
    for (int trial = 0; trial < 5; trial++) {
        hs_unit_counts pair[2];
        bool none[PEOPLE] = {false};
        draw_equals(&rng, PEOPLE, pair);
        double observed =
            fabs(hands_of(&pair[0], none, &pair[1]) - hands_of(&pair[1], none, &pair[0]));
        int as_large = 0;
        for (int way = 0; way < 1 << PEOPLE; way++) {
            bool from[PEOPLE];
            for (int u = 0; u < PEOPLE; u++)
                from[u] = way >> u & 1;
            double d = hands_of(&pair[0], from, &pair[1]) - hands_of(&pair[1], from, &pair[0]);
            as_large += fabs(d) > observed - 1e-9;
        }
        hs_paired_result r = hs_paired_test(of(&pair[0]), of(&pair[1]), 1, 1 << (PEOPLE - 1));
        ck_assert(r.exact);
        ck_assert_double_eq_tol(r.p, as_large / (double)(1 << PEOPLE), 1e-14);
        /* Random ways come near, for any number of threads alike. */
        hs_paired_result some = hs_paired_test(of(&pair[0]), of(&pair[1]), 1, 127);
        ck_assert(!some.exact);
        ck_assert_double_eq_tol(some.p, r.p, 0.15);
        int threads = omp_get_max_threads();
        omp_set_num_threads(threads == 1 ? 3 : 1);
        ck_assert_double_eq(hs_paired_test(of(&pair[0]), of(&pair[1]), 1, 127).p, some.p);
        omp_set_num_threads(threads);
        /* The same model at four times as many pixels is the same. */
        hs_unit_counts large = {0};
        ck_assert_ok(hs_unit_counts_init(&large, CLASSES, PEOPLE));
        for (int k = 0; k < PEOPLE * CLASSES * CLASSES; k++)
            large.counts[k] = 4 * pair[1].counts[k];
        hs_paired_counts a = {&pair[0], 100}, b = {&large, 400};
        ck_assert_double_eq(hs_paired_test(a, b, 1, 1 << (PEOPLE - 1)).p, r.p);
        hs_unit_counts_free(&large);
        hs_unit_counts_free(&pair[0]);
        hs_unit_counts_free(&pair[1]);
    }
}
END_TEST

/* Percent of pairs of equals that the test calls different, and whose interval excludes 0. */
static void count_errors(uint32_t people, int pairs, double *tested, double *excluded)
{
    hs_rng rng = hs_rng_make(1, people, 0, HS_PURPOSE_TEST);
    static double x[SAMPLES], y[SAMPLES];
    int real = 0, outside = 0;
    for (int i = 0; i < pairs; i++) {
        hs_unit_counts pair[2];
        hs_interval interval;
        uint64_t seed = (uint64_t)i;
        draw_equals(&rng, people, pair);
        real += hs_paired_test(of(&pair[0]), of(&pair[1]), seed, SAMPLES).p < 0.05;
        hs_bootstrap_draw(&pair[0], seed, SAMPLES, x);
        hs_bootstrap_draw(&pair[1], seed, SAMPLES, y);
        for (int s = 0; s < SAMPLES; s++)
            x[s] -= y[s];
        ck_assert_ok(hs_bootstrap_interval(x, SAMPLES, hs_bootstrap_tail(people, 0.95), &interval));
        outside += interval.low > 0 || interval.high < 0;
        hs_unit_counts_free(&pair[0]);
        hs_unit_counts_free(&pair[1]);
    }
    *tested = 100. * real / pairs;
    *excluded = 100. * outside / pairs;
}

/* Of six people 2 of 64 ways are the most below .05. Each bound is some three standard errors from
 * what many more pairs give. */
START_TEST(equals_are_called_different_once_in_twenty)
{
    static const struct {
        uint32_t people;
        double least, most;
    } cases[] = {{6, 1.4, 5}, {10, 3, 7}, {20, 3, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double tested, excluded;
        count_errors(cases[i].people, 1000, &tested, &excluded);
        ck_assert_msg(tested > cases[i].least && tested < cases[i].most, "%u people: %g %%",
                      cases[i].people, tested);
        ck_assert_msg(excluded < 8, "%u people: %g %% of the intervals", cases[i].people, excluded);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paired test");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, cases_by_hand);
    tcase_add_test(tests, ways_are_those_of_a_naive_loop);
    tcase_add_test(tests, equals_are_called_different_once_in_twenty);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Subsets of the training frames: nested, by frame or person, the same everywhere. */
#include "data/subset.h"

#include "data/layout.h"
#include "data/pack.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 6, OF_EACH = 5, FRAMES = PEOPLE * OF_EACH };

static hs_arena arena;

static hs_dataset *people(void)
{
    hs_dataset *dataset;
    hs_pack_config config = {.folder = hs_test_frames("in", PEOPLE, OF_EACH),
                             .out = hs_test_path("in.h5"),
                             .ratio = {8, 1, 1},
                             .seed = 1,
                             .force = true};
    ck_assert_ok(hs_pack(&config));
    ck_assert_ok(hs_dataset_open(config.out, &dataset));
    return dataset;
}

static const uint32_t *drawn(const hs_dataset *dataset, double wanted, hs_subset_unit unit,
                             uint64_t seed, uint32_t *count)
{
    const uint32_t *all, *subset;
    ck_assert_ok(hs_dataset_split(dataset, HS_SPLIT_ALL, &all, count));
    ck_assert_ok(hs_subset_draw(&arena, dataset, all, wanted, unit, seed, &subset, count));
    for (uint32_t i = 1; i < *count; i++)
        ck_assert_uint_lt(subset[i - 1], subset[i]);
    return subset;
}

START_TEST(larger_subsets_hold_smaller_ones)
{
    hs_dataset *dataset = people();
    for (int unit = 0; unit < 2; unit++) {
        uint32_t n, m;
        const uint32_t *small = drawn(dataset, 2, (hs_subset_unit)unit, 7, &n);
        for (int wanted = 3; wanted <= FRAMES; wanted++) {
            const uint32_t *large = drawn(dataset, wanted, (hs_subset_unit)unit, 7, &m);
            ck_assert_uint_eq(m, wanted);
            for (uint32_t i = 0, k = 0; i < n; i++, k++) {
                while (k < m && large[k] != small[i])
                    k++;
                ck_assert_uint_lt(k, m);
            }
            small = large;
            n = m;
        }
    }
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(shares_and_bounds)
{
    hs_dataset *dataset = people();
    uint32_t n;
    const uint32_t *all, *subset;
    drawn(dataset, 0.5, HS_SUBSET_FRAME, 1, &n);
    ck_assert_uint_eq(n, FRAMES / 2);
    drawn(dataset, 0.001, HS_SUBSET_FRAME, 1, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_ok(hs_dataset_split(dataset, HS_SPLIT_ALL, &all, &n));
    ck_assert_ok(hs_subset_draw(&arena, dataset, all, 0, HS_SUBSET_FRAME, 1, &subset, &n));
    ck_assert(subset == all && n == FRAMES);
    ck_assert_error(
        hs_subset_draw(&arena, dataset, all, FRAMES + 1, HS_SUBSET_FRAME, 1, &subset, &n),
        HS_ERR_CONFIG, "data.subset: got 31, expected at most the split's 30 frames");
    static const double wrong[] = {1, 1.5, 2.25, 24.5};
    for (int i = 0; i < 4; i++) {
        char message[80];
        snprintf(message, sizeof message, "data.subset: got %g, expected 0 for all frames",
                 wrong[i]);
        ck_assert_error(
            hs_subset_draw(&arena, dataset, all, wrong[i], HS_SUBSET_FRAME, 1, &subset, &n),
            HS_ERR_CONFIG, message);
    }
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(people_come_one_after_the_other)
{
    hs_dataset *dataset = people();
    uint32_t n;
    const uint32_t *subset = drawn(dataset, 2 * OF_EACH + 1, HS_SUBSET_SUBJECT, 3, &n);
    int of_subject[PEOPLE + 1] = {0}, whole = 0, single = 0;
    for (uint32_t i = 0; i < n; i++)
        of_subject[hs_dataset_get_frame(dataset, subset[i])->subject]++;
    for (int s = 1; s <= PEOPLE; s++) {
        whole += of_subject[s] == OF_EACH;
        single += of_subject[s] == 1;
    }
    ck_assert(whole == 2 && single == 1);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(people_nobody_knows_are_not_drawn)
{
    hs_dataset *dataset;
    const uint32_t *all, *subset;
    uint32_t n;
    hs_pack_config config = {.folder = "tests/golden/layouts/freiburg",
                             .out = hs_test_path("nobody.h5"),
                             .layout = &hs_layout_freiburg,
                             .ratio = {8, 1, 1},
                             .seed = 1};
    ck_assert_ok(hs_pack(&config));
    ck_assert_ok(hs_dataset_open(config.out, &dataset));
    ck_assert_ok(hs_dataset_split(dataset, HS_SPLIT_ALL, &all, &n));
    ck_assert_error(hs_subset_draw(&arena, dataset, all, 2, HS_SUBSET_SUBJECT, 1, &subset, &n),
                    HS_ERR_CONFIG, "data.subset_by: got subject, expected frame");
    ck_assert_ok(hs_subset_draw(&arena, dataset, all, 2, HS_SUBSET_FRAME, 1, &subset, &n));
    hs_dataset_close(dataset);
}
END_TEST

/* Drawn once and written down: another machine, compiler or number of threads draws the same. */
START_TEST(draws_are_the_same_everywhere)
{
    static const uint32_t expected[2][2][6] = {
        {{1, 5, 6, 24, 27, 28}, {0, 2, 7, 22, 24, 27}},
        {{20, 21, 22, 23, 24, 28}, {20, 21, 22, 23, 24, 27}},
    };
    hs_dataset *dataset = people();
    for (int unit = 0; unit < 2; unit++)
        for (uint32_t seed = 1; seed <= 3; seed += 2) {
            uint32_t n;
            const uint32_t *subset = drawn(dataset, 6, (hs_subset_unit)unit, seed, &n);
            for (int i = 0; i < 6; i++)
                ck_assert_uint_eq(subset[i], expected[unit][seed / 2][i]);
        }
    hs_dataset_close(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/subset");
    TCase *tests = tcase_create("subset");
    tcase_add_test(tests, larger_subsets_hold_smaller_ones);
    tcase_add_test(tests, shares_and_bounds);
    tcase_add_test(tests, people_come_one_after_the_other);
    tcase_add_test(tests, people_nobody_knows_are_not_drawn);
    tcase_add_test(tests, draws_are_the_same_everywhere);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Frames that show nearly the same are found among many, whatever their order. */
#include "data/near.h"

#include "base/rng.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { W = 128, H = 96, FRAMES = 3000, COPIES = 100 };

/* A few slanted boxes before nothing. */
static void draw(hs_rng *rng, uint16_t *depth)
{
    memset(depth, 0, sizeof *depth * W * H);
    for (int box = 0; box < 6; box++) {
        int x0 = (int)hs_rng_below(rng, W - 8), y0 = (int)hs_rng_below(rng, H - 8);
        int x1 = x0 + 8 + (int)hs_rng_below(rng, W), y1 = y0 + 8 + (int)hs_rng_below(rng, H);
        int base = 3000 + (int)hs_rng_below(rng, 5000), slant = (int)hs_rng_below(rng, 40);
        for (int y = y0; y < y1 && y < H; y++)
            for (int x = x0; x < x1 && x < W; x++)
                depth[y * W + x] = (uint16_t)(base + slant * x);
    }
}

typedef struct seen {
    int64_t pairs;
    bool copies[COPIES];
} seen;

static void found(void *user, int64_t i, int64_t j)
{
    seen *s = user;
    s->pairs++;
    ck_assert_int_lt(i, FRAMES);
    ck_assert_int_eq(j - FRAMES, i / 30); /* copy k is of frame 30 k */
    s->copies[j - FRAMES] = true;
}

/* One pixel in so many has no depth in a copy. */
static const uint32_t dropped[] = {200, 20, 10};

START_TEST(most_copies_are_found_and_nothing_else)
{
    static hs_gist gists[FRAMES + COPIES];
    static uint8_t groups[FRAMES + COPIES];
    uint16_t depth[W * H];
    seen s = {0};
    hs_rng rng = hs_rng_make(5, 0, 0, HS_PURPOSE_TEST);
    for (int f = 0; f < FRAMES; f++) {
        draw(&rng, depth);
        hs_gist_make(depth, H, W, &gists[f]);
        if (f % 30)
            continue;
        for (int p = 0; p < W * H; p++) /* noise, and pixels without depth */
            depth[p] = hs_rng_below(&rng, dropped[_i]) == 0 ? 0
                       : depth[p] ? (uint16_t)(depth[p] - 8 + (int)hs_rng_below(&rng, 17))
                                  : 0;
        hs_gist_make(depth, H, W, &gists[FRAMES + f / 30]);
        groups[FRAMES + f / 30] = 2;
    }
    ck_assert_ok(hs_near_pairs(gists, groups, FRAMES + COPIES, 60, found, &s));
    int copies = 0;
    for (int k = 0; k < COPIES; k++)
        copies += s.copies[k];
    ck_assert_int_eq(s.pairs, copies); /* each once */
    ck_assert_int_ge(copies, 95); /* neighbours in no order of the bits: 1 when it was written */
    memset(groups, 1, sizeof groups);
    s = (seen){0};
    ck_assert_ok(hs_near_pairs(gists, groups, FRAMES + COPIES, 60, found, &s));
    ck_assert_int_eq(s.pairs, 0);
}
END_TEST

START_TEST(distance_is_the_mean_of_the_cells)
{
    hs_gist a = {0}, b = {0};
    a.cells[0][0] = b.cells[0][0] = (hs_gist_cell){500, HS_GIST_ALL};
    ck_assert_double_eq(hs_gist_distance(&a, &b), 0);
    b.cells[0][0].mean = 636;
    ck_assert_double_eq(hs_gist_distance(&a, &b), 1);
    a.cells[0][0].measured = HS_GIST_ALL * 7 / 8; /* what scatters, and what both have */
    ck_assert_double_eq(hs_gist_distance(&a, &b), 7. / 8);
    ck_assert_double_eq(hs_gist_distance(&b, &a), 7. / 8);
    a.cells[0][0] = (hs_gist_cell){0, 0}; /* a hole */
    ck_assert_double_eq(hs_gist_distance(&a, &b), 636. / 136 * 7 / 8);
    ck_assert_double_eq(hs_gist_distance(&b, &a), 636. / 136 * 7 / 8);
    b.cells[0][0].measured = 8; /* little is not nothing */
    ck_assert_double_eq(hs_gist_distance(&a, &b), 636. / 136 * 7 / HS_GIST_ALL);
}
END_TEST

START_TEST(cells_are_of_what_is_measured)
{
    enum { CELL = (W / HS_GIST_COLUMNS) * (H / HS_GIST_ROWS) };
    uint16_t depth[W * H] = {0};
    hs_gist gist;
    hs_gist_make(depth, H, W, &gist);
    ck_assert(gist.cells[0][0].mean == 0 && gist.cells[0][0].measured == 0);
    depth[0] = 3000;
    depth[W] = 5000;
    hs_gist_make(depth, H, W, &gist);
    ck_assert_int_eq(gist.cells[0][0].mean, 4000);
    ck_assert_int_eq(gist.cells[0][0].measured, HS_GIST_ALL * 2 / CELL);
    ck_assert_int_eq(gist.cells[0][1].measured, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/near");
    TCase *tests = tcase_create("near");
    tcase_add_loop_test(tests, most_copies_are_found_and_nothing_else, 0, 3);
    tcase_add_test(tests, cells_are_of_what_is_measured);
    tcase_add_test(tests, distance_is_the_mean_of_the_cells);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* What the net sees of a frame: exact samples, flips that swap hands, normalisation. */
#include "data/sample.h"

#include "data/frame_stats.h"
#include "data/sampler.h"
#include "data/split.h"
#include "support/suite.h"
#include <math.h>
#include <string.h>

static void map_of(hs_axis axis, int32_t *map)
{
    hs_axis_map(&axis, map);
}

START_TEST(sizes_take_exact_samples)
{
    int32_t map[640];
    map_of(hs_axis_resize(640, 320), map);
    for (int i = 0; i < 320; i++)
        ck_assert_int_eq(map[i], 2 * i);
    map_of(hs_axis_resize(480, 160), map);
    for (int i = 0; i < 160; i++)
        ck_assert_int_eq(map[i], 3 * i + 1); /* the middle one of three */
    map_of(hs_axis_resize(17, 17), map);
    for (int i = 0; i < 17; i++)
        ck_assert_int_eq(map[i], i);
    map_of(hs_axis_resize(2, 8), map);
    static const int32_t up[] = {0, 0, 0, 0, 1, 1, 1, 1};
    ck_assert_mem_eq(map, up, sizeof up);
    map_of(hs_axis_resize(3, 2), map);
    ck_assert(map[0] == 0 && map[1] == 2);
    map_of(hs_axis_resize(640, 300), map); /* never outside, never back */
    for (int i = 1; i < 300; i++)
        ck_assert(map[i] > map[i - 1] && map[i] < 640);
}
END_TEST

START_TEST(shifts_and_scales_move_the_content)
{
    int32_t map[8];
    map_of((hs_axis){.in = 4, .out = 4, .shift = 1, .scale = 1}, map);
    static const int32_t right[] = {-1, 0, 1, 2};
    ck_assert_mem_eq(map, right, sizeof right);
    map_of((hs_axis){.in = 4, .out = 4, .flip = true, .shift = 1, .scale = 1}, map);
    static const int32_t flipped[] = {-1, 3, 2, 1};
    ck_assert_mem_eq(map, flipped, sizeof flipped);
    map_of((hs_axis){.in = 8, .out = 8, .scale = 2}, map);
    static const int32_t larger[] = {2, 2, 3, 3, 4, 4, 5, 5};
    ck_assert_mem_eq(map, larger, sizeof larger);
    map_of((hs_axis){.in = 8, .out = 8, .scale = 0.5}, map);
    static const int32_t smaller[] = {-1, -1, 0, 2, 4, 6, -1, -1};
    ck_assert_mem_eq(map, smaller, sizeof smaller);
}
END_TEST

enum { W = 6, H = 4, N = W * H };
static uint16_t raw[N];
static uint8_t labels[N];
static int32_t row_room[H], column_room[W];
static uint16_t view[N];
static const hs_sample_room room = {row_room, column_room, view};

static hs_sample_config plain(void)
{
    for (int i = 0; i < N; i++) {
        raw[i] = (uint16_t)(i % 5 == 0 ? 0 : 1000 + 10 * i);
        labels[i] = (uint8_t)(i % 3);
    }
    return (hs_sample_config){H, W, H, W, HS_NORMALIZE_CONSTANT, 10000, 2, 1, false};
}

START_TEST(constant_is_raw_over_it)
{
    float depth[N];
    uint8_t mask[N];
    hs_sample_config config = plain();
    hs_sample_make(&config, &(hs_augmentation){.scale = 1}, raw, labels, &room, depth, mask);
    for (int i = 0; i < N; i++)
        ck_assert(depth[i] == (float)raw[i] / 10000.0f && mask[i] == labels[i]);
}
END_TEST

START_TEST(mean_does_not_see_the_unit)
{
    float depth[N], half[N];
    uint8_t mask[N];
    hs_sample_config config = plain();
    config.normalization = HS_NORMALIZE_MEAN;
    hs_sample_make(&config, &(hs_augmentation){.scale = 1}, raw, labels, &room, depth, mask);
    double sum = 0;
    int measured = 0;
    for (int i = 0; i < N; i++) {
        ck_assert((depth[i] == 0) == (raw[i] == 0));
        sum += depth[i];
        measured += raw[i] != 0;
        raw[i] /= 2;
    }
    ck_assert_double_eq_tol(sum / measured, 1, 1e-6);
    hs_sample_make(&config, &(hs_augmentation){.scale = 1}, raw, labels, &room, half, mask);
    for (int i = 0; i < N; i++)
        ck_assert_float_eq_tol(half[i], depth[i], 1e-6f);
    memset(raw, 0, sizeof raw);
    hs_sample_make(&config, &(hs_augmentation){.scale = 1}, raw, labels, &room, half, mask);
    ck_assert_float_eq(half[7], 0); /* not a NaN */
}
END_TEST

START_TEST(a_flip_swaps_left_and_right)
{
    float depth[N];
    uint8_t mask[N];
    hs_sample_config config = plain();
    hs_augmentation flip = {.flip = true, .scale = 1};
    static const uint8_t swapped[] = {0, 2, 1};
    hs_sample_make(&config, &flip, raw, labels, &room, depth, mask);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int from = y * W + W - 1 - x;
            ck_assert_float_eq(depth[y * W + x], (float)raw[from] / 10000.0f);
            ck_assert_uint_eq(mask[y * W + x], swapped[labels[from]]);
        }
}
END_TEST

START_TEST(outside_is_missing_background)
{
    float depth[N];
    uint8_t mask[N];
    hs_sample_config config = plain();
    hs_augmentation down = {.shift_x = -1.0 / W, .shift_y = 1.0 / H, .scale = 1};
    hs_sample_make(&config, &down, raw, labels, &room, depth, mask);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            bool inside = y >= 1 && x + 1 < W;
            int from = inside ? (y - 1) * W + x + 1 : 0;
            ck_assert_float_eq(depth[y * W + x], inside ? (float)raw[from] / 10000.0f : 0);
            ck_assert_uint_eq(mask[y * W + x], inside ? labels[from] : 0);
        }
}
END_TEST

START_TEST(larger_is_nearer_where_asked)
{
    float depth[N], nearer[N];
    uint8_t mask[N];
    hs_sample_config config = plain();
    hs_augmentation larger = {.scale = 1.25};
    hs_sample_make(&config, &larger, raw, labels, &room, depth, mask);
    config.scale_depth = true;
    hs_sample_make(&config, &larger, raw, labels, &room, nearer, mask);
    for (int i = 0; i < N; i++)
        ck_assert_float_eq_tol(nearer[i] * 1.25f, depth[i], 1e-6f);
}
END_TEST

START_TEST(draws_stay_within_their_bounds)
{
    enum { DRAWS = 20000 };
    const hs_augment_config config = {.flip = true, .translate = 0.2, .scale = 0.2};
    double shift = 0, logarithm = 0, widest = 0, largest = 0;
    int flips = 0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        hs_augmentation a = hs_augmentation_draw(&config, 5, 1, i);
        ck_assert(fabs(a.shift_x) <= 0.2 && fabs(a.shift_y) <= 0.2);
        ck_assert(a.scale <= 1.2 + 1e-12 && a.scale >= 1 / 1.2 - 1e-12);
        flips += a.flip;
        shift += a.shift_x;
        logarithm += log(a.scale);
        widest = fmax(widest, fabs(a.shift_y));
        largest = fmax(largest, a.scale);
    }
    ck_assert_double_lt(fabs(flips / (double)DRAWS - 0.5), 0.02);
    ck_assert_double_lt(fabs(shift / DRAWS), 0.005);
    ck_assert_double_lt(fabs(logarithm / DRAWS), 0.005);
    ck_assert(widest > 0.195 && largest > 1.195);
    hs_augmentation a = hs_augmentation_draw(&config, 5, 1, 7);
    hs_augmentation b = hs_augmentation_draw(&config, 5, 1, 7);
    hs_augmentation c = hs_augmentation_draw(&config, 5, 2, 7);
    ck_assert(a.shift_x == b.shift_x && a.scale == b.scale && a.shift_x != c.shift_x);
    hs_augmentation none = hs_augmentation_draw(&(hs_augment_config){0}, 5, 1, 7);
    ck_assert(!none.flip && none.shift_x == 0 && none.shift_y == 0 && none.scale == 1);
}
END_TEST

START_TEST(epochs_take_every_frame_once)
{
    uint32_t frames[50], order[50], other[50];
    for (uint32_t i = 0; i < 50; i++)
        frames[i] = 100 + i;
    hs_epoch_order(frames, 50, true, 3, 7, order);
    uint64_t seen = 0;
    int moved = 0;
    for (int i = 0; i < 50; i++) {
        seen |= (uint64_t)1 << (order[i] - 100);
        moved += order[i] != frames[i];
    }
    ck_assert(seen == ((uint64_t)1 << 50) - 1 && moved > 40);
    hs_epoch_order(frames, 50, true, 3, 8, other);
    ck_assert_mem_ne(order, other, sizeof order);
    hs_epoch_order(frames, 50, false, 3, 8, other);
    ck_assert_mem_eq(other, frames, sizeof frames);
    ck_assert(hs_epoch_steps(50, 16) == 4 && hs_epoch_steps(48, 16) == 3 &&
              hs_epoch_steps(5, 16) == 1);
}
END_TEST

START_TEST(quotas_leave_no_part_empty)
{
    static const struct {
        int64_t n;
        int ratio[3];
        int64_t expected[3];
    } cases[] = {
        {10, {8, 1, 1}, {8, 1, 1}}, {3, {8, 1, 1}, {1, 1, 1}}, {14, {8, 1, 1}, {11, 2, 1}},
        {5, {1, 1, 8}, {1, 1, 3}},  {7, {4, 0, 1}, {6, 0, 1}}, {100, {8, 1, 1}, {80, 10, 10}},
    };
    int64_t quotas[3];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_ok(hs_split_quotas(cases[i].n, cases[i].ratio, quotas));
        for (int p = 0; p < 3; p++)
            ck_assert_int_eq(quotas[p], cases[i].expected[p]);
    }
    ck_assert_error(hs_split_quotas(2, cases[0].ratio, quotas), HS_ERR_DATA, "got 2");
}
END_TEST

START_TEST(weights_balance_by_the_median)
{
    /* Two images of 100 pixels; class 2 only in one of them. */
    hs_class_counts counts = {{180, 15, 5}, {200, 200, 100}};
    double weights[4];
    hs_median_frequency_weights(&counts, 3, weights); /* frequencies .9, .075, .05 */
    ck_assert_double_eq_tol(weights[0], 0.075 / 0.9, 1e-12);
    ck_assert_double_eq_tol(weights[1], 1, 1e-12);
    ck_assert_double_eq_tol(weights[2], 1.5, 1e-12);
    hs_median_frequency_weights(&counts, 4, weights); /* the fourth does not occur */
    ck_assert(weights[3] == 0 && fabs(weights[1] - 1) < 1e-12);
}
END_TEST

START_TEST(a_hand_of_mirrored_frames_only_weighs_as_the_other)
{
    double left_only[] = {0.5, 0, 2}, both[] = {0.5, 1, 2}, none[] = {1, 0, 0};
    hs_mirror_weights(2, 1, left_only);
    ck_assert(left_only[0] == 0.5 && left_only[1] == 2 && left_only[2] == 2);
    hs_mirror_weights(1, 2, left_only);
    hs_mirror_weights(2, 1, both);
    ck_assert(both[0] == 0.5 && both[1] == 1 && both[2] == 2);
    hs_mirror_weights(2, 1, none);
    ck_assert(none[0] == 1 && none[1] == 0 && none[2] == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sample");
    TCase *tests = tcase_create("sample");
    tcase_add_test(tests, sizes_take_exact_samples);
    tcase_add_test(tests, shifts_and_scales_move_the_content);
    tcase_add_test(tests, constant_is_raw_over_it);
    tcase_add_test(tests, mean_does_not_see_the_unit);
    tcase_add_test(tests, a_flip_swaps_left_and_right);
    tcase_add_test(tests, outside_is_missing_background);
    tcase_add_test(tests, larger_is_nearer_where_asked);
    tcase_add_test(tests, draws_stay_within_their_bounds);
    tcase_add_test(tests, epochs_take_every_frame_once);
    tcase_add_test(tests, quotas_leave_no_part_empty);
    tcase_add_test(tests, weights_balance_by_the_median);
    tcase_add_test(tests, a_hand_of_mirrored_frames_only_weighs_as_the_other);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* The places max pooling keeps: how they lie in memory, and which of equal values they name. */
#include "base/rng.h"
#include "graph/graph.h"
#include "kernels/kernels.h"
#include "ops/op.h"
#include "support/suite.h"
#include <math.h>

/* Row and column, as one number, of the first largest pixel in window (i, j) of a channel. */
static int place_of(const hs_max_pool2d_attr *a, const hs_real *x, hs_shape s, int i, int j)
{
    int best = -1, at = 0;
    for (int p = 0; p < a->kernel[0] * a->kernel[1]; p++) {
        int h = i * a->stride[0] - a->pad[0] + p / a->kernel[1];
        int w = j * a->stride[1] - a->pad[1] + p % a->kernel[1];
        bool inside = h >= 0 && h < s.h && w >= 0 && w < s.w;
        if (inside && (best < 0 || x[h * s.w + w] > x[at])) {
            best = p;
            at = h * s.w + w;
        }
    }
    return best;
}

/* Places are read as a byte each, however they lie in memory. */
static void check_places(hs_max_pool2d_attr attr, size_t bytes)
{
    enum { C = 17, H = 7, W = 9 };
    static hs_real x[C * H * W];
    static uint8_t places[C * H * W];
    hs_rng rng = hs_rng_make(3, 0, 0, HS_PURPOSE_TEST);
    for (int i = 0; i < C * H * W; i++)
        x[i] = (hs_real)hs_rng_below(&rng, 5);
    hs_graph *g;
    hs_plan *plan;
    hs_params *params;
    ck_assert_ok(hs_graph_create(&g));
    hs_value in = hs_graph_input(g, "x", HS_F32, (hs_shape){1, C, H, W}, false);
    hs_value kept = hs_graph_sibling(g, hs_max_pool2d(g, "pool", in, attr), 1);
    hs_graph_output(g, kept);
    ck_assert_ok(hs_plan_create(g, HS_INFERENCE, &plan));
    ck_assert_ok(hs_params_create(g, false, &params));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    ck_assert_ok(hs_plan_set(plan, in, x));
    ck_assert_ok(hs_plan_forward(plan, 0, 0));
    ck_assert_ok(hs_plan_get(plan, kept, places));
    hs_shape s = hs_graph_shape(g, kept);
    ck_assert_uint_eq(hs_value_bytes(&g->values[kept]), (size_t)(s.h * s.w) * bytes);
    for (int p = 0; p < C * s.h * s.w; p++)
        ck_assert_int_eq(places[p], place_of(&attr, x + p / (s.h * s.w) * H * W,
                                             (hs_shape){1, C, H, W}, p / s.w % s.h, p % s.w));
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}

START_TEST(places_take_two_bits_or_a_byte_and_are_read_as_bytes)
{
    check_places((hs_max_pool2d_attr){{2, 2}, {2, 2}, {0, 0}, true}, 8);
    check_places((hs_max_pool2d_attr){{1, 4}, {3, 1}, {0, 2}, false}, 8);
    check_places((hs_max_pool2d_attr){{3, 2}, {2, 2}, {1, 0}, true}, 32);
}
END_TEST

/* ---- equal values -----------------------------------------------------------------------------
 */

/* One window of 2x2 over one block of channels: its largest values, and its places as bytes. */
static void pool_one_window(const hs_real *big, hs_real *small, uint8_t *places)
{
    const hs_pool_geometry g = {.n = 1,
                                .c = HS_CHANNEL_BLOCK,
                                .big_h = 2,
                                .big_w = 2,
                                .big_pitch = HS_CHANNEL_BLOCK,
                                .small_h = 1,
                                .small_w = 1,
                                .small_pitch = HS_CHANNEL_BLOCK,
                                .kernel = {2, 2},
                                .stride = {2, 2}};
    uint32_t packed;
    hs_tensor tensor = {&packed, {1, g.c, 1, 1}, g.small_pitch, hs_place_dtype(g.kernel)};
    ck_assert_uint_eq(hs_pixel_bytes(tensor.dtype, tensor.pitch), sizeof packed);
    hs_kernels_get()->max_pool(&g, big, NULL, small, (uint8_t *)&packed);
    hs_tensor_to_nchw(&tensor, places);
}

START_TEST(a_nan_wins_a_pool)
{
    const hs_real big[4 * 16] = {[0] = 5, [16] = 7, [32] = (hs_real)NAN, [48] = 9};
    hs_real small[16];
    uint8_t places[16];
    pool_one_window(big, small, places);
    ck_assert(isnan((double)small[0]));
    ck_assert_int_eq(places[0], 2);
    ck_assert(small[1] == 0);
}
END_TEST

START_TEST(the_first_of_equals_wins_a_pool)
{
    hs_real big[4 * 16] = {[0] = 1, [16] = 7, [32] = 7, [48] = 7}, small[16];
    uint8_t places[16];
    for (int c = 2; c < 16; c++)
        big[c * 7 % 4 * 16 + c] = 1;
    pool_one_window(big, small, places);
    ck_assert_int_eq(places[0], 1);
    ck_assert_int_eq(places[1], 0);
    for (int c = 2; c < 16; c++)
        ck_assert_int_eq(places[c], c * 7 % 4);
}
END_TEST

/* Beside minimal filtering, values that differ by less than it rounds are equal, by more are not;
 * what is pooled is the largest all the same. */
START_TEST(rounding_does_not_choose_a_place)
{
    if (!hs_kernels_force((hs_isa)_i)) {
        hs_skip("this machine does not run %s", hs_isa_name((hs_isa)_i));
        return;
    }
    hs_real big[4 * 16], small[16];
    uint8_t places[16];
    for (int i = 0; i < 4 * 16; i++)
        big[i] = 1;
    const hs_real close = 1 + (hs_real)0x1p-20, larger = 1 + (hs_real)0x1p-16;
    big[2 * 16] = close;
    big[2 * 16 + 1] = larger;
    pool_one_window(big, small, places);
    ck_assert(small[0] == close);
    ck_assert(small[1] == larger);
    ck_assert_int_eq(places[0], _i == HS_ISA_ref ? 2 : 0);
    ck_assert_int_eq(places[1], 2);
    for (int c = 0; c < 16; c++)
        big[2 * 16 + c] = (hs_real)INFINITY;
    pool_one_window(big, small, places);
    ck_assert_int_eq(places[0], 2);
}
END_TEST

enum { SIZE = 41, CHANNELS = 32, FRAME = 10, POOLED = SIZE / 2 };

/* The first layers of an encoder, as SegNet's; the places its pool keeps. */
static hs_value build_encoder(hs_graph *g, hs_value x)
{
    static const char *const names[][3] = {
        {"c1", "n1", "r1"}, {"c2", "n2", "r2"}, {"c3", "n3", "r3"}};
    for (int i = 0; i < 3; i++) {
        x = hs_conv2d(g, names[i][0], x, (hs_conv2d_attr){CHANNELS, {3, 3}, .pad = {1, 1}});
        x = hs_batch_norm2d(g, names[i][1], x, (hs_batch_norm2d_attr){0});
        x = hs_relu(g, names[i][2], x);
    }
    return hs_graph_sibling(g, hs_max_pool2d(g, "pool", x, (hs_max_pool2d_attr){.kernel = {2, 2}}),
                            1);
}

/* Depth where there is a frame of it around a hole. */
static void draw_hole(hs_real x[SIZE][SIZE])
{
    hs_rng rng = hs_rng_make(5, 0, 0, HS_PURPOSE_TEST);
    for (int h = 0; h < SIZE; h++) {
        for (int w = 0; w < SIZE; w++) {
            bool hole = h >= FRAME && w >= FRAME && h < SIZE - FRAME && w < SIZE - FRAME;
            x[h][w] = hole ? 0 : (hs_real)hs_rng_range(&rng, 0.5, 1.5);
        }
    }
}

/* Windows of which no layer sees anything but the hole keep the first of their equal values. */
static void check_hole(const hs_graph *g, hs_mode mode, hs_params *params, hs_value in,
                       hs_value kept)
{
    static hs_real x[SIZE][SIZE];
    static uint8_t places[CHANNELS][POOLED][POOLED];
    hs_plan *plan;
    draw_hole(x);
    ck_assert_ok(hs_plan_create(g, mode, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    ck_assert_ok(hs_plan_set(plan, in, x));
    ck_assert_ok(hs_plan_forward(plan, 0, 0));
    ck_assert_ok(hs_plan_get(plan, kept, places));
    const int first = (FRAME + 3 + 1) / 2, last = (SIZE - FRAME - 3) / 2;
    for (int c = 0; c < CHANNELS; c++)
        for (int h = first; h < last; h++)
            for (int w = first; w < last; w++)
                ck_assert_msg(places[c][h][w] == 0, "%s, %s: channel %d, window (%d, %d): place %d",
                              hs_isa_name(hs_kernels_isa()),
                              mode == HS_TRAINING ? "training" : "inference", c, h, w,
                              places[c][h][w]);
    hs_plan_destroy(plan);
}

START_TEST(a_hole_in_the_depth_is_pooled_from_its_first_places)
{
    if (!hs_kernels_force((hs_isa)_i)) {
        hs_skip("this machine does not run %s", hs_isa_name((hs_isa)_i));
        return;
    }
    hs_graph *g;
    hs_params *params;
    ck_assert_ok(hs_graph_create(&g));
    hs_value in = hs_graph_input(g, "x", HS_F32, (hs_shape){1, 1, SIZE, SIZE}, false);
    hs_value kept = build_encoder(g, in);
    hs_graph_output(g, kept);
    ck_assert_ok(hs_params_create(g, true, &params));
    hs_params_initialize(params, &(hs_init){HS_INIT_HE, 0, 0.2}, 1);
    check_hole(g, HS_TRAINING, params, in, kept); /* which moves the running statistics */
    check_hole(g, HS_INFERENCE, params, in, kept);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("places");
    TCase *tests = tcase_create("places");
    tcase_add_test(tests, places_take_two_bits_or_a_byte_and_are_read_as_bytes);
    tcase_add_test(tests, a_nan_wins_a_pool);
    tcase_add_test(tests, the_first_of_equals_wins_a_pool);
    tcase_add_loop_test(tests, rounding_does_not_choose_a_place, HS_ISA_ref, HS_ISA_avx512 + 1);
    tcase_add_loop_test(tests, a_hole_in_the_depth_is_pooled_from_its_first_places, HS_ISA_ref,
                        HS_ISA_avx512 + 1);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

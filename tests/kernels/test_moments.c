/* What a convolution leaves of the moments of its output, pass by pass, is bit for bit what is
 * found in the whole output. Images here take minimal filtering many passes. */
#include "base/rng.h"
#include "kernels/prototypes.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

static hs_conv_geometry geometry(int n, int size, int taps, int stride, int pad, int big_c,
                                 int small_c)
{
    int small = (size + 2 * pad - taps) / stride + 1;
    return (hs_conv_geometry){.n = n,
                              .big_h = size,
                              .big_w = size,
                              .big_c = big_c,
                              .big_pitch = hs_pitch_of(big_c),
                              .small_h = small,
                              .small_w = small,
                              .small_c = small_c,
                              .small_pitch = hs_pitch_of(small_c),
                              .kernel = {taps, taps},
                              .stride = {stride, stride},
                              .pad = {pad, pad},
                              .dilation = {1, 1},
                              .weight_pitch = hs_pitch_of(small_c)};
}

static void *take(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* Pixels of `pitch` reals, random up to `channels`. */
static hs_real *draw(int64_t pixels, int channels, hs_rng *rng)
{
    int pitch = hs_pitch_of(channels);
    hs_real *x = take(sizeof *x * (size_t)(pixels * pitch));
    for (int64_t i = 0; i < pixels * pitch; i++)
        x[i] = i % pitch < channels ? (hs_real)hs_rng_range(rng, -1, 2) : 0;
    return x;
}

static void check_moments(hs_conv_geometry g, hs_conv_direction direction, hs_rng *rng)
{
    const hs_kernels *k = hs_kernels_get();
    bool down = direction == HS_CONV_DOWN;
    int64_t big = (int64_t)g.n * g.big_h * g.big_w, small = (int64_t)g.n * g.small_h * g.small_w;
    int64_t pixels = down ? small : big;
    int channels = down ? g.small_c : g.big_c, pitch = hs_pitch_of(channels);
    hs_real *in = draw(down ? big : small, down ? g.big_c : g.small_c, rng);
    hs_real *weights = draw((int64_t)g.kernel[0] * g.kernel[1] * g.big_c, g.small_c, rng);
    hs_real *out = take(sizeof *out * (size_t)(pixels * pitch));
    size_t packed = k->conv_packed_size(&g, direction), doubles = k->channel_scratch(pixels, pitch);
    hs_real *scratch =
        take(sizeof *scratch * (packed + k->conv_scratch(&g, direction, hs_threads())));
    double *left = take(sizeof *left * doubles), *expected = take(sizeof *expected * doubles);
    memset(left, 0xFF, sizeof *left * doubles);
    ck_assert(k->conv_maps(&g));
    g.moments = left;
    k->conv_pack(&g, direction, weights, scratch);
    k->conv_run(&g, direction, packed ? scratch : weights, NULL, (hs_real)0.5, in, out, false,
                scratch + packed);
    k->channel_partial_moments(out, pitch, pixels, pitch, 0, pixels, expected);
    ck_assert_msg(memcmp(left, expected, sizeof *left * doubles) == 0, "%s, %dx%d %s, %d channels",
                  hs_isa_name(hs_kernels_isa()), g.kernel[0], g.kernel[1], down ? "down" : "up",
                  channels);
    void *all[] = {in, weights, out, scratch, left, expected};
    for (int i = 0; i < 6; i++)
        free(all[i]);
}

START_TEST(moments_are_those_of_the_output)
{
    if (!hs_kernels_force((hs_isa)_i)) {
        hs_skip("this machine does not run %s", hs_isa_name((hs_isa)_i));
        return;
    }
    hs_rng rng = hs_rng_make(11, 0, 0, HS_PURPOSE_TEST);
    bool slow = _i == HS_ISA_ref;
    for (int direction = HS_CONV_DOWN; direction <= HS_CONV_UP; direction++) {
        hs_conv_direction way = (hs_conv_direction)direction;
        check_moments(geometry(1, slow ? 17 : 121, 3, 1, 1, 40, 33), way, &rng);
        check_moments(geometry(3, slow ? 12 : 94, 4, 2, 1, 32, 48), way, &rng);
        check_moments(geometry(2, slow ? 13 : 101, 4, 2, 3, 64, 36), way, &rng);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("moments");
    TCase *tests = tcase_create("moments");
    tcase_add_loop_test(tests, moments_are_those_of_the_output, HS_ISA_ref, HS_ISA_avx512 + 1);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

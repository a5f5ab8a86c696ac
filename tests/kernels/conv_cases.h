/* Cases of convolution: three kernels over one geometry. */
#ifndef HS_TESTS_KERNELS_CONV_CASES_H
#define HS_TESTS_KERNELS_CONV_CASES_H

#include "kernels/work.h"

/* Shapes a random draw seldom meets, small sizes left to follow from the others. */
static const hs_conv_geometry special_convs[] = {
    /* more channels than a block, more taps than a group, an image wider than a strip */
    {1, 3, 4, 530, 0, 0, 0, 17, 0, {2, 2}, {1, 1}, {0, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 4, 3, 17, 0, 0, 0, 530, 0, {2, 2}, {2, 1}, {1, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 2, 2, 520, 0, 0, 0, 530, 0, {1, 1}, {1, 1}, {0, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 12, 13, 3, 0, 0, 0, 5, 0, {9, 8}, {1, 1}, {4, 3}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {2, 12, 11, 5, 0, 0, 0, 3, 0, {10, 11}, {2, 3}, {5, 5}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 35, 34, 1, 0, 0, 0, 2, 0, {32, 32}, {1, 1}, {0, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 2, 701, 3, 0, 0, 0, 4, 0, {2, 3}, {1, 1}, {0, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {2, 3, 1301, 2, 0, 0, 0, 3, 0, {3, 4}, {2, 2}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 700, 2, 2, 0, 0, 0, 3, 0, {4, 1}, {2, 1}, {1, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    /* few channels out of many, either way */
    {2, 4, 5, 530, 0, 0, 0, 3, 0, {3, 2}, {1, 1}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {2, 4, 5, 2, 0, 0, 0, 530, 0, {3, 2}, {2, 1}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 11, 12, 3, 0, 0, 0, 40, 0, {9, 8}, {1, 2}, {4, 3}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 11, 12, 40, 0, 0, 0, 1, 0, {9, 8}, {2, 1}, {4, 3}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    /* the same out of images higher than a work item and wider than what is near at a time */
    {2, 74, 22, 3, 0, 0, 0, 40, 0, {4, 4}, {2, 2}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 27, 109, 2, 0, 0, 0, 33, 0, {4, 4}, {2, 2}, {1, 2}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {3, 43, 8, 4, 0, 0, 0, 17, 0, {5, 3}, {2, 1}, {0, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 41, 7, 1, 0, 0, 0, 65, 0, {3, 4}, {1, 2}, {4, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 40, 61, 65, 0, 0, 0, 3, 0, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {2, 35, 9, 33, 0, 0, 0, 4, 0, {4, 3}, {1, 1}, {3, 0}, {2, 1}, 0, NULL, NULL, NULL, NULL},
    /* kernels smaller than the stride: phases without taps; pads larger than the image */
    {2, 9, 8, 3, 0, 0, 0, 17, 0, {1, 2}, {3, 3}, {0, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 2, 1, 5, 0, 0, 0, 7, 0, {3, 3}, {4, 5}, {6, 7}, {2, 2}, 0, NULL, NULL, NULL, NULL},
    {3, 1, 1, 65, 0, 0, 0, 33, 0, {7, 7}, {1, 1}, {3, 3}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    /* 3x3 at stride 1 with many channels: whole and cut tiles, every pad */
    {2, 13, 15, 32, 0, 0, 0, 40, 0, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 22, 19, 65, 0, 0, 0, 33, 0, {3, 3}, {1, 1}, {0, 2}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {7, 5, 8, 48, 0, 0, 0, 130, 0, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 27, 18, 530, 0, 0, 0, 64, 0, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 18, 27, 64, 0, 0, 0, 530, 0, {3, 3}, {1, 1}, {2, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 27, 27, 32, 0, 0, 0, 32, 0, {3, 3}, {1, 1}, {3, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    /* kernels of 2 or 3 taps a step, of strides 1 and 2: the same, with every phase */
    {1, 38, 31, 64, 0, 0, 0, 65, 0, {4, 4}, {2, 2}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {3, 21, 24, 33, 0, 0, 0, 48, 0, {4, 4}, {2, 2}, {0, 3}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {2, 30, 24, 40, 0, 0, 0, 32, 0, {4, 4}, {2, 2}, {2, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 36, 36, 130, 0, 0, 0, 32, 0, {4, 4}, {2, 2}, {3, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 36, 35, 32, 0, 0, 0, 130, 0, {4, 4}, {2, 2}, {1, 2}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {2, 13, 14, 32, 0, 0, 0, 40, 0, {2, 2}, {1, 1}, {0, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {2, 33, 34, 32, 0, 0, 0, 36, 0, {6, 6}, {2, 2}, {2, 5}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {4, 33, 20, 48, 0, 0, 0, 32, 0, {6, 6}, {2, 2}, {1, 3}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    /* so many tiles that larger ones pay */
    {2, 97, 71, 32, 0, 0, 0, 40, 0, {4, 4}, {2, 2}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1, 131, 96, 33, 0, 0, 0, 32, 0, {4, 4}, {2, 2}, {3, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {3, 76, 74, 34, 0, 0, 0, 33, 0, {2, 2}, {1, 1}, {1, 0}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    /* weights too large to pack: borders, phases, more pixels and channels than an item takes */
    {1, 5, 7, 520, 0, 0, 0, 530, 0, {4, 4}, {2, 1}, {2, 1}, {1, 2}, 0, NULL, NULL, NULL, NULL},
    {1, 2, 3, 2050, 0, 0, 0, 2060, 0, {1, 1}, {1, 1}, {9, 9}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    {1,
     20,
     21,
     1030,
     0,
     0,
     0,
     1040,
     0,
     {2, 2},
     {1, 1},
     {0, 0},
     {18, 19},
     0,
     NULL,
     NULL,
     NULL,
     NULL},
    {2, 3, 2, 17, 0, 0, 0, 8200, 0, {6, 6}, {2, 3}, {3, 2}, {1, 1}, 0, NULL, NULL, NULL, NULL},
    /* the proposed net's own */
    {1, 8, 10, 64, 0, 0, 0, 65, 0, {4, 4}, {2, 2}, {1, 1}, {1, 1}, 0, NULL, NULL, NULL, NULL},
};

enum {
    SPECIAL_CONVS = sizeof special_convs / sizeof *special_convs,
    MOST_PRODUCTS = 1000000,
};

static int conv_size(int size, int kernel, int stride, int pad, int dilation)
{
    int room = size + 2 * pad - dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / stride + 1;
}

/* Weights that are not packed. */
static bool is_vast(const hs_conv_geometry *g)
{
    return (int64_t)g->kernel[0] * g->kernel[1] * g->big_c * g->weight_pitch > 1 << 22;
}

/* Fills in what follows from the other numbers; returns the multiplications, 0 where nothing fits.
 */
static double complete_conv(hs_conv_geometry *g)
{
    g->small_h = conv_size(g->big_h, g->kernel[0], g->stride[0], g->pad[0], g->dilation[0]);
    g->small_w = conv_size(g->big_w, g->kernel[1], g->stride[1], g->pad[1], g->dilation[1]);
    g->big_pitch = hs_pitch_of(g->big_c);
    g->small_pitch = g->weight_pitch = hs_pitch_of(g->small_c);
    return (double)g->n * g->small_h * g->small_w * g->kernel[0] * g->kernel[1] * g->big_c *
           g->small_c;
}

static void draw_conv(hs_conv_geometry *g, hs_rng *rng)
{
    double products;
    do {
        *g = (hs_conv_geometry){.n = between(rng, 1, 3),
                                .big_h = between(rng, 1, 23),
                                .big_w = between(rng, 1, 23),
                                .big_c = pick_channels(rng),
                                .small_c = pick_channels(rng)};
        for (int axis = 0; axis < 2; axis++) {
            g->kernel[axis] = between(rng, 1, 7);
            g->stride[axis] = between(rng, 1, 3);
            g->dilation[axis] = between(rng, 1, 2);
            g->pad[axis] = between(rng, 0, 4);
        }
        products = complete_conv(g);
    } while (products == 0 || products > MOST_PRODUCTS);
    if (g->small_h > 1 && hs_rng_below(rng, 4) == 0)
        g->small_h--; /* a transposed convolution with more output padding */
}

static void setup_conv_geometry(work *w, hs_rng *rng, int round)
{
    if (round < SPECIAL_CONVS) {
        w->g.conv = special_convs[round];
        ck_assert(complete_conv(&w->g.conv) > 0);
    } else {
        draw_conv(&w->g.conv, rng);
    }
    w->g.conv.big_pitch = draw_pitch(rng, w->g.conv.big_c);
    w->g.conv.small_pitch = draw_pitch(rng, w->g.conv.small_c);
}

static int64_t big_pixels(const hs_conv_geometry *g)
{
    return (int64_t)g->n * g->big_h * g->big_w;
}

static int64_t small_pixels(const hs_conv_geometry *g)
{
    return (int64_t)g->n * g->small_h * g->small_w;
}

/* Mean, scale and shift of the map of an image that is read. */
static void add_map(work *w, int channels, hs_rng *rng)
{
    w->mapped = hs_rng_below(rng, 2);
    for (int i = 0; i < 3 && w->mapped; i++)
        add_tensor(w, INPUT, 1, channels, hs_pitch_of(channels), true, rng);
}

/* Input, weights, bias, output of a direction. */
static void setup_conv(work *w, hs_rng *rng, int round, hs_conv_direction direction)
{
    const hs_conv_geometry *g = &w->g.conv;
    setup_conv_geometry(w, rng, round);
    bool down = direction == HS_CONV_DOWN;
    w->accumulate = hs_rng_below(rng, 2);
    w->flag = hs_rng_below(rng, 2); /* with a bias */
    w->slope = round % 3 ? 1 : (hs_real)0.2;
    int64_t taps = (int64_t)g->kernel[0] * g->kernel[1];
    if (down)
        add_tensor(w, INPUT, big_pixels(g), g->big_c, g->big_pitch, true, rng);
    else
        add_tensor(w, INPUT, small_pixels(g), g->small_c, g->small_pitch, true, rng);
    add_tensor(w, INPUT, taps * g->big_c, g->small_c, g->weight_pitch, true, rng);
    int channels = down ? g->small_c : g->big_c;
    add_tensor(w, INPUT, 1, channels, hs_pitch_of(channels), true, rng);
    add_tensor(w, OUTPUT, down ? small_pixels(g) : big_pixels(g), channels,
               down ? g->small_pitch : g->big_pitch, w->accumulate, rng);
    add_map(w, down ? g->big_c : g->small_c, rng);
}

/* The image as the kernel takes it: with its map, or changed before where the kernel cannot. */
static const hs_real *take_mapped(work *w, int image, bool is_big, hs_conv_geometry *g,
                                  hs_affine *map)
{
    const hs_kernels *k = hs_kernels_get();
    const hs_real *x = data_of(w, image);
    int *x_pitch = is_big ? &g->big_pitch : &g->small_pitch;
    int pitch = hs_pitch_of(is_big ? g->big_c : g->small_c);
    int64_t pixels = is_big ? big_pixels(g) : small_pixels(g);
    if (!w->mapped)
        return x;
    *map = (hs_affine){.mean = data_of(w, w->n - 3),
                       .scale = data_of(w, w->n - 2),
                       .shift = data_of(w, w->n - 1),
                       .slope = (hs_real)0.1};
    if (k->conv_maps_input(g, is_big ? HS_CONV_DOWN : HS_CONV_UP)) {
        *(is_big ? &g->big_map : &g->small_map) = map;
        return x;
    }
    hs_real *y = take_scratch(w, sizeof(hs_real) * (size_t)(pixels * pitch));
    k->channel_affine(x, *x_pitch, pixels, pitch, map, y);
    *x_pitch = pitch;
    return y;
}

static void run_conv(work *w, hs_conv_direction direction)
{
    const hs_kernels *k = hs_kernels_get();
    hs_conv_geometry g = w->g.conv;
    hs_affine map;
    bool down = direction == HS_CONV_DOWN;
    const hs_real *x = take_mapped(w, 0, down, &g, &map);
    size_t packed = k->conv_packed_size(&g, direction);
    const hs_real *weights = data_of(w, 1);
    if (packed > 0) {
        hs_real *to = take_scratch(w, sizeof(hs_real) * packed);
        k->conv_pack(&g, direction, weights, to);
        weights = to;
    }
    k->conv_run(&g, direction, weights, w->flag ? data_of(w, 2) : NULL, w->slope, x, data_of(w, 3),
                w->accumulate,
                take_scratch(w, sizeof(hs_real) * k->conv_scratch(&g, direction, hs_threads())));
}

static void setup_down(work *w, hs_rng *rng, int round)
{
    setup_conv(w, rng, round, HS_CONV_DOWN);
}

static void run_down(work *w)
{
    run_conv(w, HS_CONV_DOWN);
}

static void setup_up(work *w, hs_rng *rng, int round)
{
    setup_conv(w, rng, round, HS_CONV_UP);
}

static void run_up(work *w)
{
    run_conv(w, HS_CONV_UP);
}

enum { PIECES_BASE = 12345 };

/* Big and small image, gradient, and in pieces what they sum up to. */
static void setup_gradient(work *w, hs_rng *rng, int round, bool pieces)
{
    const hs_conv_geometry *g = &w->g.conv;
    setup_conv_geometry(w, rng, round);
    if (is_vast(g)) /* matters to the other kernels alone */
        draw_conv(&w->g.conv, rng);
    add_tensor(w, INPUT, big_pixels(g), g->big_c, g->big_pitch, true, rng);
    add_tensor(w, INPUT, small_pixels(g), g->small_c, g->small_pitch, true, rng);
    add_tensor(w, OUTPUT, (int64_t)g->kernel[0] * g->kernel[1] * g->big_c, g->small_c,
               g->weight_pitch, true, rng);
    if (pieces)
        add_tensor(w, OUTPUT, 1, 2, 2, false, rng);
    w->flag = hs_rng_below(rng, 2); /* whose map, if any: the big image's */
    add_map(w, w->flag ? g->big_c : g->small_c, rng);
}

/* Adds a piece: one that is handed over twice, or not at all, shows. The sum would round
 * differently in another order. */
static double take_piece(void *context, int64_t first, int64_t count, const hs_real *values)
{
    const work *w = context;
    hs_real *gradient = data_of(w, 2);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        gradient[first - PIECES_BASE + i] += values[i];
        sum += (double)values[i] * (double)values[i];
    }
    return sum;
}

static void run_gradient(work *w, bool pieces)
{
    const hs_kernels *k = hs_kernels_get();
    hs_conv_geometry g = w->g.conv;
    hs_affine map;
    const hs_real *big = data_of(w, 0), *small = data_of(w, 1);
    if (w->flag)
        big = take_mapped(w, 0, true, &g, &map);
    else
        small = take_mapped(w, 1, false, &g, &map);
    size_t size = pieces ? k->conv_pieces_scratch(&g, hs_threads())
                         : k->conv_gradient_scratch(&g, hs_threads());
    hs_real *scratch = take_scratch(w, sizeof(hs_real) * size);
    if (!pieces) {
        k->conv_gradient(&g, big, small, data_of(w, 2), scratch);
        return;
    }
    const hs_sink sink = {take_piece, w, PIECES_BASE};
    double sum = k->conv_gradient_pieces(&g, big, small, &sink, scratch);
    hs_real *out = data_of(w, 3); /* in two reals, so that all its bits are compared */
    out[0] = (hs_real)sum;
    out[1] = (hs_real)(sum - (double)out[0]);
}

static void setup_conv_gradient(work *w, hs_rng *rng, int round)
{
    setup_gradient(w, rng, round, false);
}

static void run_conv_gradient(work *w)
{
    run_gradient(w, false);
}

static void setup_conv_pieces(work *w, hs_rng *rng, int round)
{
    setup_gradient(w, rng, round, true);
}

static void run_conv_pieces(work *w)
{
    run_gradient(w, true);
}

#endif

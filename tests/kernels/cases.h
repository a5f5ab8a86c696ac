/* Cases of the kernels but convolution. */
#ifndef HS_TESTS_KERNELS_CASES_H
#define HS_TESTS_KERNELS_CASES_H

#include "kernels/work.h"

/* ---- per channel ---- */

/* Numbers of pixels around the sizes at which sums are cut. */
static void draw_pixels(work *w, hs_rng *rng)
{
    static const int counts[] = {1, 2, 7, 255, 256, 257, 511, 1000, 4100, 16384, 16700};
    w->pixels = pick(rng, counts, sizeof counts / sizeof *counts);
    w->channels = pick_channels(rng);
    if (w->pixels > 1000)
        w->channels = between(rng, 1, 20);
    w->pitch = hs_pitch_of(w->channels);
    w->x_pitch = draw_pitch(rng, w->channels);
    w->accumulate = hs_rng_below(rng, 2);
}

static void add_channels(work *w, item_kind kind, bool filled, hs_rng *rng)
{
    add_tensor(w, kind, 1, w->channels, w->pitch, filled, rng);
}

static void add_pixels(work *w, item_kind kind, bool filled, hs_rng *rng)
{
    add_tensor(w, kind, w->pixels, w->channels, w->pitch, filled, rng);
}

/* An input with a pitch of its own. */
static void add_slice(work *w, hs_rng *rng)
{
    add_tensor(w, INPUT, w->pixels, w->channels, w->x_pitch, true, rng);
}

static double *channel_scratch(work *w)
{
    return take_scratch(w, sizeof(double) * hs_kernels_get()->channel_scratch(w->pixels, w->pitch));
}

static void setup_sums(work *w, hs_rng *rng, int round)
{
    (void)round;
    draw_pixels(w, rng);
    add_pixels(w, INPUT, true, rng);
    add_channels(w, OUTPUT, true, rng);
}

static void run_sums(work *w)
{
    hs_kernels_get()->channel_sums(data_of(w, 0), w->pixels, w->pitch, channel_scratch(w),
                                   data_of(w, 1));
}

static void setup_moments(work *w, hs_rng *rng, int round)
{
    (void)round;
    draw_pixels(w, rng);
    add_slice(w, rng);
    add_channels(w, OUTPUT, false, rng);
    add_channels(w, OUTPUT, false, rng);
}

static void run_moments(work *w)
{
    const hs_kernels *k = hs_kernels_get();
    double *scratch = channel_scratch(w);
    int64_t half = w->pixels / 2; /* in two passes */
#pragma omp parallel
    {
        k->channel_partial_moments(data_of(w, 0), w->x_pitch, w->pixels, w->pitch, 0, half,
                                   scratch);
        k->channel_partial_moments(data_of(w, 0), w->x_pitch, w->pixels, w->pitch, half, w->pixels,
                                   scratch);
    }
    k->channel_merge_moments(w->pixels, w->pitch, scratch, data_of(w, 1), data_of(w, 2));
}

/* Mean, scale and shift of an affine map, items `first` and after, and the activation behind it. */
static void add_affine(work *w, hs_rng *rng, int round)
{
    const hs_real slopes[] = {1, 0, (hs_real)0.2};
    w->slope = slopes[round % 3];
    for (int i = 0; i < 3; i++)
        add_channels(w, INPUT, true, rng);
}

static hs_affine affine_of(work *w, int first)
{
    return (hs_affine){.mean = data_of(w, first),
                       .scale = data_of(w, first + 1),
                       .shift = data_of(w, first + 2),
                       .slope = w->slope};
}

static void setup_products(work *w, hs_rng *rng, int round)
{
    draw_pixels(w, rng);
    add_slice(w, rng);
    add_pixels(w, INPUT, true, rng);
    add_affine(w, rng, round);
    add_channels(w, OUTPUT, false, rng);
    add_channels(w, OUTPUT, false, rng);
}

static void run_products(work *w)
{
    hs_affine map = affine_of(w, 2);
    hs_kernels_get()->channel_products(data_of(w, 0), w->x_pitch, data_of(w, 1), w->pixels,
                                       w->pitch, &map, channel_scratch(w), data_of(w, 5),
                                       data_of(w, 6));
}

static void setup_affine(work *w, hs_rng *rng, int round)
{
    draw_pixels(w, rng);
    add_slice(w, rng);
    add_affine(w, rng, round);
    add_pixels(w, OUTPUT, false, rng);
}

static void run_affine(work *w)
{
    hs_affine map = affine_of(w, 1);
    hs_kernels_get()->channel_affine(data_of(w, 0), w->x_pitch, w->pixels, w->pitch, &map,
                                     data_of(w, 4));
}

static void setup_affine_backward(work *w, hs_rng *rng, int round)
{
    draw_pixels(w, rng);
    add_slice(w, rng);
    add_pixels(w, INPUT, true, rng);
    add_affine(w, rng, round);
    for (int i = 0; i < 3; i++)
        add_channels(w, INPUT, true, rng);
    add_pixels(w, OUTPUT, w->accumulate, rng);
}

static void run_affine_backward(work *w)
{
    hs_affine map = affine_of(w, 2);
    hs_kernels_get()->channel_affine_backward(data_of(w, 0), w->x_pitch, data_of(w, 1), w->pixels,
                                              w->pitch, &map, data_of(w, 5), data_of(w, 6),
                                              data_of(w, 7), data_of(w, 8), w->accumulate);
}

/* ---- element by element ---- */

static void setup_leaky(work *w, hs_rng *rng, int round)
{
    draw_pixels(w, rng);
    w->slope = round % 2 ? (hs_real)0.2 : 0;
    add_slice(w, rng);
    add_pixels(w, OUTPUT, false, rng);
}

static void run_leaky(work *w)
{
    hs_kernels_get()->leaky_relu(data_of(w, 0), w->x_pitch, w->pixels, w->pitch, w->slope,
                                 data_of(w, 1));
}

static void setup_peak(work *w, hs_rng *rng, int round)
{
    w->pixels = round;
    add_tensor(w, OUTPUT, HS_PEAK_CHAINS / HS_CHANNEL_BLOCK, HS_CHANNEL_BLOCK, HS_CHANNEL_BLOCK,
               true, rng);
}

static void run_peak(work *w)
{
    hs_kernels_get()->peak(w->pixels, (hs_real)0.75, (hs_real)0.125, data_of(w, 0));
}

static void setup_leaky_backward(work *w, hs_rng *rng, int round)
{
    draw_pixels(w, rng);
    w->slope = round % 2 ? (hs_real)0.2 : 0;
    add_slice(w, rng);
    add_pixels(w, INPUT, true, rng);
    add_pixels(w, OUTPUT, w->accumulate, rng);
}

static void run_leaky_backward(work *w)
{
    hs_kernels_get()->leaky_relu_backward(data_of(w, 0), w->x_pitch, data_of(w, 1), w->pixels,
                                          w->pitch, w->slope, data_of(w, 2), w->accumulate);
}

static void setup_dropout(work *w, hs_rng *rng, int round)
{
    draw_pixels(w, rng);
    int n = w->pixels > 1000 ? 1 : between(rng, 1, 3);
    w->pixels *= n;
    w->g.dropout = (hs_dropout_mask){.n = n,
                                     .c = w->channels,
                                     .pitch = w->pitch,
                                     .area = w->pixels / n,
                                     .p = round % 3 ? hs_rng_range(rng, 0, 0.9) : 0,
                                     .channels = round % 2,
                                     .key = {hs_rng_u32(rng), hs_rng_u32(rng)},
                                     .stream = {1, hs_rng_u32(rng), 7}};
    add_pixels(w, INPUT, true, rng);
    add_pixels(w, OUTPUT, w->accumulate, rng);
}

static void run_dropout(work *w)
{
    hs_kernels_get()->dropout(&w->g.dropout, data_of(w, 0), data_of(w, 1), w->accumulate);
}

/* ---- moving pixels ---- */

/* Windows inside, across and outside the image; slices of tensors with more channels. */
static void setup_window(work *w, hs_rng *rng, int round)
{
    w->flag = round % 2; /* with an activation */
    hs_window *v = &w->g.window;
    w->accumulate = hs_rng_below(rng, 2);
    int c = pick_channels(rng), fill = (int)hs_rng_below(rng, 2) * (hs_pitch_of(c) - c);
    *v = (hs_window){.n = between(rng, 1, 3),
                     .c = c,
                     .fill = fill,
                     .from_h = between(rng, 1, 23),
                     .from_w = between(rng, 1, 23),
                     .from_pitch = hs_pitch_of(c) + 16 * between(rng, 0, 2),
                     .sign_pitch = hs_pitch_of(c) + 16 * between(rng, 0, 2),
                     .to_h = between(rng, 1, 23),
                     .to_w = between(rng, 1, 23),
                     .to_pitch = hs_pitch_of(c) + 16 * between(rng, 0, 2),
                     .dh = between(rng, -5, 5),
                     .dw = between(rng, -25, 25),
                     .slope = (hs_real)0.2};
    for (int i = 0; i < 2; i++) {
        int pitch = i ? v->sign_pitch : v->from_pitch;
        add_tensor(w, INPUT, (int64_t)v->n * v->from_h * v->from_w, pitch, pitch, true, rng);
    }
    add_tensor(w, OUTPUT, (int64_t)v->n * v->to_h * v->to_w, v->to_pitch, v->to_pitch, true, rng);
    w->mapped = (w->flag || !w->accumulate) && round % 3;
    for (int i = 0; i < 3 && w->mapped; i++)
        add_tensor(w, INPUT, 1, v->from_pitch, v->from_pitch, true, rng);
}

static void run_window(work *w)
{
    hs_affine map = {.slope = (hs_real)0.5};
    if (w->mapped) {
        map.mean = data_of(w, 3), map.scale = data_of(w, 4), map.shift = data_of(w, 5);
        w->g.window.map = &map;
    }
    hs_kernels_get()->window(&w->g.window, data_of(w, 0), w->flag ? data_of(w, 1) : NULL,
                             data_of(w, 2), w->accumulate);
}

static int64_t pool_pixels(const hs_pool_geometry *g, bool big)
{
    return (int64_t)g->n * (big ? g->big_h * g->big_w : g->small_h * g->small_w);
}

static size_t place_bytes(const hs_pool_geometry *g)
{
    return (size_t)pool_pixels(g, false) *
           hs_pixel_bytes(hs_place_dtype(g->kernel), hs_pitch_of(g->c));
}

/* Windows of up to 16x16, of which some overlap, leave gaps or are cut; every third round the 2x2
 * at stride 2 that has a way of its own. */
static void draw_pool(work *w, hs_rng *rng, int round)
{
    hs_pool_geometry *g = &w->g.pool;
    w->accumulate = hs_rng_below(rng, 2);
    int c = pick_channels(rng), pitch = hs_pitch_of(c);
    *g = (hs_pool_geometry){.n = between(rng, 1, 3),
                            .c = c,
                            .big_h = between(rng, 1, 23),
                            .big_w = between(rng, 1, 23),
                            .big_pitch = pitch,
                            .small_pitch = pitch};
    int *small[2] = {&g->small_h, &g->small_w}, big[2] = {g->big_h, g->big_w};
    for (int axis = 0; axis < 2; axis++) {
        g->kernel[axis] = round % 3 == 1 ? 2 : round % 8 ? between(rng, 1, 5) : 16;
        g->stride[axis] = round % 3 == 1 ? 2 : between(rng, 1, 4);
        g->pad[axis] = between(rng, 0, g->kernel[axis] / 2);
        int room = big[axis] + 2 * g->pad[axis] - g->kernel[axis] + between(rng, 0, 1);
        *small[axis] = (room < 0 ? 0 : room) / g->stride[axis] + 1;
        /* Each window begins inside the image. */
        while ((*small[axis] - 1) * g->stride[axis] >= big[axis] + g->pad[axis])
            (*small[axis])--;
    }
}

/* Places as a pool keeps them. */
static void add_places(work *w, hs_rng *rng)
{
    const hs_pool_geometry *g = &w->g.pool;
    int64_t big = pool_pixels(g, true), small = pool_pixels(g, false);
    hs_real *from = malloc(sizeof *from * (size_t)(big * g->big_pitch)),
            *to = malloc(sizeof *to * (size_t)(small * g->small_pitch));
    ck_assert(from && to);
    for (int64_t i = 0; i < big * g->big_pitch; i++)
        from[i] = (hs_real)hs_rng_range(rng, -1, 1);
    item *it = add_item(w, INPUT, place_bytes(g));
    hs_f32_max_pool__ref(g, from, NULL, to, it->memory.data);
    free(from);
    free(to);
}

static void setup_max_pool(work *w, hs_rng *rng, int round)
{
    draw_pool(w, rng, round);
    const hs_pool_geometry *g = &w->g.pool;
    w->flag = round % 2; /* with a map */
    w->channels = g->c;
    w->pitch = g->big_pitch;
    add_tensor(w, INPUT, pool_pixels(g, true), g->c, g->big_pitch, true, rng);
    add_affine(w, rng, round);
    add_tensor(w, EXACT, pool_pixels(g, false), g->c, g->small_pitch, false, rng);
    add_item(w, EXACT, place_bytes(g));
}

static void run_max_pool(work *w)
{
    hs_affine map = affine_of(w, 1);
    hs_kernels_get()->max_pool(&w->g.pool, data_of(w, 0), w->flag ? &map : NULL, data_of(w, 4),
                               data_of(w, 5));
}

static void setup_scatter(work *w, hs_rng *rng, int round)
{
    draw_pool(w, rng, round);
    const hs_pool_geometry *g = &w->g.pool;
    add_places(w, rng);
    add_tensor(w, INPUT, pool_pixels(g, false), g->c, g->small_pitch, true, rng);
    add_tensor(w, EXACT, pool_pixels(g, true), g->c, g->big_pitch, w->accumulate, rng);
}

static void run_scatter(work *w)
{
    hs_kernels_get()->pool_scatter(&w->g.pool, data_of(w, 1), data_of(w, 0), data_of(w, 2),
                                   w->accumulate);
}

static void setup_gather(work *w, hs_rng *rng, int round)
{
    draw_pool(w, rng, round);
    const hs_pool_geometry *g = &w->g.pool;
    add_places(w, rng);
    add_tensor(w, INPUT, pool_pixels(g, true), g->c, g->big_pitch, true, rng);
    add_tensor(w, EXACT, pool_pixels(g, false), g->c, g->small_pitch, w->accumulate, rng);
}

static void run_gather(work *w)
{
    hs_kernels_get()->pool_gather(&w->g.pool, data_of(w, 1), data_of(w, 0), data_of(w, 2),
                                  w->accumulate);
}

static void draw_bilinear(work *w, hs_rng *rng)
{
    int c = pick_channels(rng), pitch = hs_pitch_of(c);
    w->accumulate = hs_rng_below(rng, 2);
    hs_bilinear *b = &w->g.bilinear;
    *b = (hs_bilinear){.n = between(rng, 1, 3),
                       .c = c,
                       .in_h = between(rng, 1, 12),
                       .in_w = between(rng, 1, 12),
                       .in_pitch = pitch,
                       .out_h = between(rng, 1, 23),
                       .out_w = between(rng, 1, 23),
                       .out_pitch = pitch};
    b->step[0] = (double)b->in_h / b->out_h;
    b->step[1] = (double)b->in_w / b->out_w;
}

static void setup_bilinear(work *w, hs_rng *rng, int round)
{
    (void)round;
    draw_bilinear(w, rng);
    const hs_bilinear *b = &w->g.bilinear;
    add_tensor(w, INPUT, (int64_t)b->n * b->in_h * b->in_w, b->c, b->in_pitch, true, rng);
    add_tensor(w, OUTPUT, (int64_t)b->n * b->out_h * b->out_w, b->c, b->out_pitch, false, rng);
}

static void run_bilinear(work *w)
{
    hs_kernels_get()->bilinear(&w->g.bilinear, data_of(w, 0), data_of(w, 1));
}

static void setup_bilinear_backward(work *w, hs_rng *rng, int round)
{
    (void)round;
    draw_bilinear(w, rng);
    const hs_bilinear *b = &w->g.bilinear;
    add_tensor(w, INPUT, (int64_t)b->n * b->out_h * b->out_w, b->c, b->out_pitch, true, rng);
    add_tensor(w, OUTPUT, (int64_t)b->n * b->in_h * b->in_w, b->c, b->in_pitch, w->accumulate, rng);
}

static void run_bilinear_backward(work *w)
{
    hs_kernels_get()->bilinear_backward(&w->g.bilinear, data_of(w, 0), data_of(w, 1),
                                        w->accumulate);
}

/* ---- loss and labels ---- */

/* Logits, labels of which some do not count, weights of the 256 labels. */
static void draw_loss(work *w, hs_rng *rng)
{
    draw_pixels(w, rng);
    w->channels = between(rng, 1, 32);
    w->pitch = hs_pitch_of(w->channels);
    add_pixels(w, INPUT, true, rng);
    unsigned char *labels = add_item(w, INPUT, (size_t)w->pixels)->memory.data;
    for (int64_t p = 0; p < w->pixels; p++)
        labels[p] = (unsigned char)hs_rng_below(rng, (uint32_t)w->channels + 2);
    hs_real *weights = add_item(w, INPUT, sizeof(hs_real) * 256)->memory.data;
    for (int label = 0; label < 256; label++)
        weights[label] = label < w->channels ? (hs_real)hs_rng_range(rng, 0, 5) : 0;
}

static void setup_loss(work *w, hs_rng *rng, int round)
{
    (void)round;
    draw_loss(w, rng);
    add_tensor(w, OUTPUT, 1, 2, 2, false, rng);
}

static void run_loss(work *w)
{
    double total[2],
        *scratch = take_scratch(w, sizeof(double) * hs_kernels_get()->softmax_scratch(w->pixels));
    hs_kernels_get()->softmax_loss(data_of(w, 0), w->pixels, w->channels, w->pitch, data_of(w, 1),
                                   data_of(w, 2), scratch, total);
    hs_real *out = data_of(w, 3);
    out[0] = (hs_real)total[0];
    out[1] = (hs_real)total[1];
}

static void setup_loss_backward(work *w, hs_rng *rng, int round)
{
    (void)round;
    draw_loss(w, rng);
    add_pixels(w, OUTPUT, w->accumulate, rng);
}

static void run_loss_backward(work *w)
{
    hs_kernels_get()->softmax_loss_backward(data_of(w, 0), w->pixels, w->channels, w->pitch,
                                            data_of(w, 1), data_of(w, 2), (hs_real)0.3,
                                            data_of(w, 3), w->accumulate);
}

static void setup_argmax(work *w, hs_rng *rng, int round)
{
    (void)round;
    draw_pixels(w, rng);
    add_pixels(w, INPUT, true, rng);
    hs_real *x = data_of(w, 0);
    for (int64_t i = 0; i < w->pixels * w->pitch; i++) /* coarse: many are equal */
        x[i] = (hs_real)(int)(x[i] * 3);
    add_item(w, EXACT, (size_t)w->pixels);
}

static void run_argmax(work *w)
{
    hs_kernels_get()->argmax(data_of(w, 0), w->pixels, w->channels, w->pitch, data_of(w, 1));
}

#endif

/* Activations, dropout, and moving windows of pixels. */
#include "base/rng.h"
#include <string.h>

static void leaky_pixel(int pitch, hs_real slope, const hs_real *restrict x, hs_real *restrict y)
{
    for (int c = 0; c < pitch; c++)
        y[c] = x[c] > 0 ? x[c] : slope * x[c];
}

void NAMED(leaky_relu)(const hs_real *x, int x_pitch, int64_t pixels, int pitch, hs_real slope,
                       hs_real *y)
{
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p++)
        leaky_pixel(pitch, slope, x + p * x_pitch, y + p * pitch);
}

static void leaky_backward_pixel(int pitch, hs_real slope, const hs_real *x, const hs_real *dy,
                                 hs_real *dx, bool accumulate)
{
#pragma omp simd /* dx may be dy */
    for (int c = 0; c < pitch; c++) {
        hs_real value = x[c] > 0 ? dy[c] : slope * dy[c];
        dx[c] = accumulate ? dx[c] + value : value;
    }
}

void NAMED(leaky_relu_backward)(const hs_real *x, int x_pitch, const hs_real *dy, int64_t pixels,
                                int pitch, hs_real slope, hs_real *dx, bool accumulate)
{
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p++)
        leaky_backward_pixel(pitch, slope, x + p * x_pitch, dy + p * pitch, dx + p * pitch,
                             accumulate);
}

void NAMED(dropout)(const hs_dropout_mask *d, const hs_real *x, hs_real *y, bool accumulate)
{
    uint32_t threshold = (uint32_t)(d->p * 0x1p32);
    hs_real scale = (hs_real)(1 / (1 - d->p));
    int64_t pixels = d->n * d->area;
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p++) {
        uint64_t row = (uint64_t)(d->channels ? p / d->area : p);
        for (int c = 0; c < d->pitch; c += 4) {
            /* One block of four numbers for four channels of a pixel (or of an image). */
            uint64_t index = row * (uint64_t)(d->pitch / 4) + (uint64_t)(c / 4);
            uint32_t counter[4] = {(uint32_t)index, d->stream[0], d->stream[1], d->stream[2]},
                     bits[4];
            counter[1] ^= (uint32_t)(index >> 32) << 8;
            hs_philox(counter, d->key, bits);
            for (int i = c; i < c + 4; i++) {
                hs_real value = bits[i - c] >= threshold ? x[p * d->pitch + i] * scale : 0;
                y[p * d->pitch + i] = accumulate ? y[p * d->pitch + i] + value : value;
            }
        }
    }
}

/* count channels of a pixel inside, through the activation. */
static void activate_pixel(int count, hs_real slope, const hs_real *restrict from,
                           const hs_real *restrict sign, hs_real *restrict to, bool accumulate)
{
    if (accumulate)
        for (int c = 0; c < count; c++)
            to[c] += sign[c] > 0 ? from[c] : slope * from[c];
    else
        for (int c = 0; c < count; c++)
            to[c] = sign[c] > 0 ? from[c] : slope * from[c];
}

/* What count channels stand for, through the activation after that. */
static void map_pixel(int count, const hs_affine *map, hs_real slope, const hs_real *restrict from,
                      hs_real *restrict to)
{
    const hs_real *restrict mean = map->mean, *restrict scale = map->scale;
    const hs_real *restrict shift = map->shift;
    hs_real inner = map->slope;
    for (int c = 0; c < count; c++) {
        hs_real z = (from[c] - mean[c]) * scale[c] + shift[c];
        z = z > 0 ? z : inner * z;
        to[c] = z > 0 ? z : slope * z;
    }
}

/* As activate_pixel, with the sign of what `sign` stands for. */
static void activate_mapped(int count, const hs_affine *map, hs_real slope, const hs_real *from,
                            const hs_real *sign, hs_real *to, bool accumulate)
{
    const hs_real *mean = map->mean, *scale = map->scale, *shift = map->shift;
#pragma omp simd /* to may be from */
    for (int c = 0; c < count; c++) {
        hs_real z = (sign[c] - mean[c]) * scale[c] + shift[c];
        hs_real value = z > 0 ? from[c] : slope * from[c];
        to[c] = accumulate ? to[c] + value : value;
    }
}

/* One pixel; `from` NULL: outside. `sign` NULL: no activation. */
static void window_pixel(const hs_window *v, const hs_real *from, const hs_real *sign, hs_real *to,
                         bool accumulate)
{
    if (!from && !accumulate)
        memset(to, 0, sizeof *to * (size_t)(v->c + v->fill));
    if (!from)
        return;
    if (v->map && sign)
        activate_mapped(v->c, v->map, v->slope, from, sign, to, accumulate);
    else if (v->map)
        map_pixel(v->c, v->map, v->slope, from, to);
    else if (sign)
        activate_pixel(v->c, v->slope, from, sign, to, accumulate);
    else if (accumulate)
        for (int c = 0; c < v->c; c++)
            to[c] += from[c];
    else
        memcpy(to, from, sizeof *to * (size_t)v->c);
    if (!accumulate)
        memset(to + v->c, 0, sizeof *to * (size_t)v->fill);
}

void NAMED(window)(const hs_window *v, const hs_real *from, const hs_real *sign, hs_real *to,
                   bool accumulate)
{
    int64_t rows = (int64_t)v->n * v->to_h;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        int64_t n = row / v->to_h, h = row % v->to_h + v->dh;
        bool row_inside = h >= 0 && h < v->from_h;
        for (int64_t x = 0; x < v->to_w; x++) {
            int64_t w = x + v->dw;
            bool inside = row_inside && w >= 0 && w < v->from_w;
            int64_t at = (n * v->from_h + h) * v->from_w + w;
            window_pixel(v, inside ? from + at * v->from_pitch : NULL,
                         inside && sign ? sign + at * v->sign_pitch : NULL,
                         to + (row * v->to_w + x) * v->to_pitch, accumulate);
        }
    }
}

#include "report/overlay.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { UNKNOWN = 255, DEPTHS = 65536, GAP = 4 };

static const hs_colour missing = {{18, 20, 26}}, wrong = {{255, 0, 200}}, unknown = {{90, 96, 110}};

/* By label; labels beyond the last take the colours from the first hand on again. */
static const struct label_colours {
    hs_colour fill, outline;
} hands[] = {
    {{{150, 225, 135}}, {{58, 190, 74}}},  /* right: the pale green glove */
    {{{255, 112, 62}}, {{255, 58, 20}}},   /* left: the orange-red glove */
    {{{110, 170, 255}}, {{40, 110, 245}}}, /* further classes */
};
enum { HANDS = sizeof hands / sizeof *hands };

typedef struct frame {
    const uint16_t *depth;
    int width, height;
    float near, far; /* depths shown brightest and darkest */
} frame;

/* The range that holds all but the nearest and furthest hundredth of the measured pixels. */
static void find_range(frame *f)
{
    static const float share = 0.01f;
    uint32_t histogram[DEPTHS] = {0}, count = 0;
    for (int64_t i = 0; i < (int64_t)f->width * f->height; i++)
        histogram[f->depth[i]]++;
    for (int d = 1; d < DEPTHS; d++)
        count += histogram[d];
    uint32_t below = 0, skip = (uint32_t)((float)count * share);
    int near = 1, far = DEPTHS - 1;
    for (below = histogram[near]; near < far && below <= skip; below += histogram[near])
        near++;
    for (below = histogram[far]; far > near && below <= skip; below += histogram[far])
        far--;
    f->near = (float)near;
    f->far = (float)(far > near ? far : near + 1);
}

/* Slope of the surface at a measured pixel along x and y, by a plane through the pixels around it
 * that lie on the same surface. */
static void find_slope(const frame *f, int x, int y, float *slope_x, float *slope_y)
{
    enum { RADIUS = 2 };
    float d = f->depth[(int64_t)y * f->width + x], jump = 0.03f * d;
    float sum_x = 0, sum_y = 0, weight_x = 1e-6f, weight_y = 1e-6f;
    for (int j = -RADIUS; j <= RADIUS; j++)
        for (int i = -RADIUS; i <= RADIUS; i++) {
            int u = x + i, v = y + j;
            if (u < 0 || v < 0 || u >= f->width || v >= f->height)
                continue;
            float difference = f->depth[(int64_t)v * f->width + u] - d;
            if (fabsf(difference) > jump)
                continue;
            sum_x += (float)i * difference;
            sum_y += (float)j * difference;
            weight_x += (float)(i * i);
            weight_y += (float)(j * j);
        }
    /* A pixel is depth / focal length wide; 0.74 widths is the SR300's. */
    float pixel = d / (0.74f * (float)f->width);
    *slope_x = sum_x / weight_x / pixel;
    *slope_y = sum_y / weight_y / pixel;
}

/* Light from above, left, and the camera: 0 dark to 1 lit. */
static float shade(const frame *f, int x, int y)
{
    float slope_x, slope_y;
    find_slope(f, x, y, &slope_x, &slope_y);
    float facing = 0.85f - 0.30f * slope_x - 0.42f * slope_y;
    facing /= sqrtf(1 + slope_x * slope_x + slope_y * slope_y);
    return facing > 0 ? facing : 0;
}

static uint8_t to_byte(float value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5f);
}

static void mix(uint8_t rgb[3], const uint8_t with[3], float share)
{
    for (int c = 0; c < 3; c++)
        rgb[c] = to_byte((1 - share) * rgb[c] + share * with[c]);
}

/* Whether another label lies within `reach` pixels along a row or column. */
static bool is_edge(const uint8_t *labels, const frame *f, int x, int y, int reach)
{
    const uint8_t *at = labels + (int64_t)y * f->width + x;
    for (int k = 1; k <= reach; k++)
        if ((x >= k && at[-k] != *at) || (x + k < f->width && at[k] != *at) ||
            (y >= k && at[-(int64_t)k * f->width] != *at) ||
            (y + k < f->height && at[(int64_t)k * f->width] != *at))
            return true;
    return false;
}

static void paint_label(const frame *f, const uint8_t *labels, int x, int y, float lit,
                        uint8_t rgb[3])
{
    uint8_t label = labels[(int64_t)y * f->width + x];
    if (label == UNKNOWN) {
        if ((x + y) % 6 < 2)
            mix(rgb, unknown.rgb, 0.8f);
        return;
    }
    const struct label_colours *colours = &hands[(label - 1) % HANDS];
    uint8_t fill[3];
    for (int c = 0; c < 3; c++)
        fill[c] = to_byte((0.50f + 0.55f * lit) * colours->fill.rgb[c]);
    mix(rgb, fill, 0.78f);
    if (is_edge(labels, f, x, y, (f->width + 479) / 480))
        mix(rgb, colours->outline.rgb, 0.9f);
}

/* Paints the frame with its left edge at column `left`. Pixels are marked wrong where `truth` is
 * given and differs from the labels. */
static void paint(const frame *f, const uint8_t *labels, const uint8_t *truth, hs_picture *out,
                  int left)
{
#pragma omp parallel for schedule(static)
    for (int y = 0; y < f->height; y++)
        for (int x = 0; x < f->width; x++) {
            int64_t i = (int64_t)y * f->width + x;
            uint8_t *rgb = out->rgb + 3 * ((int64_t)y * out->width + left + x);
            float lit = 0.6f;
            memcpy(rgb, missing.rgb, 3);
            if (f->depth[i]) {
                float t = (f->depth[i] - f->near) / (f->far - f->near);
                t = t < 0 ? 0 : t > 1 ? 1 : t;
                lit = shade(f, x, y);
                float grey = (250 - 140 * t) * (0.45f + 0.60f * lit);
                const uint8_t tint[3] = {to_byte(0.97f * grey), to_byte(grey),
                                         to_byte(1.05f * grey)};
                memcpy(rgb, tint, 3);
            }
            if (labels && labels[i])
                paint_label(f, labels, x, y, lit, rgb);
            if (truth && truth[i] != UNKNOWN && truth[i] != labels[i])
                mix(rgb, wrong.rgb, 0.85f);
        }
}

hs_status hs_overlay_frame(const uint16_t *depth, const uint8_t *labels, int width, int height,
                           hs_picture *out)
{
    frame f = {.depth = depth, .width = width, .height = height};
    hs_status status = hs_picture_init(out, width, height, missing);
    if (status == HS_OK) {
        find_range(&f);
        paint(&f, labels, NULL, out, 0);
    }
    return status;
}

hs_status hs_overlay_compare(const uint16_t *depth, const uint8_t *truth, const uint8_t *prediction,
                             int width, int height, hs_picture *out)
{
    frame f = {.depth = depth, .width = width, .height = height};
    hs_status status = hs_picture_init(out, 2 * width + GAP, height, unknown);
    if (status == HS_OK) {
        find_range(&f);
        paint(&f, truth, NULL, out, 0);
        paint(&f, prediction, truth, out, width + GAP);
    }
    return status;
}

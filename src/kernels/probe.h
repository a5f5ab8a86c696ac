/* The feature of random forests on depth (Shotton et al. 2011, equation 1):
 *
 *   f(p; u, v) = d(p + u / d(p)) - d(p + v / d(p))
 *
 * Offsets u and v are in pixel-metres, so that they reach equally far on a hand at any distance;
 * depths and f are whole counts of `unit` metres, so that every machine gets the same. A probe
 * outside the image, or where nothing was measured, reads HS_PROBE_FAR.
 *
 * A frame is [height + 2][width + 2] with a border of HS_PROBE_FAR: a probe that leaves the image
 * is clipped to the border, which spares every other test. */
#ifndef HS_KERNELS_PROBE_H
#define HS_KERNELS_PROBE_H

#include <stdint.h>

enum {
    HS_PROBE_FAR = 65535,
    HS_PROBE_STEPS = 128, /* offsets are whole multiples of 1/128 pixel-metre, as int16_t */
    HS_FOREST_BLOCK = 16, /* candidates come in blocks: lanes of a vector */
    HS_FOREST_MAX_SIDE = 2048,
    HS_FOREST_MAX_CLASSES = 16,
};

/* Size of the frames, and metres of one count. */
typedef struct hs_probe_view {
    int32_t height, width;
    float unit;
} hs_probe_view;

/* Elements from a row of a frame to the next, and of a whole frame. */
static inline int32_t hs_probe_stride(const hs_probe_view *v)
{
    return v->width + 2;
}

static inline int64_t hs_probe_area(const hs_probe_view *v)
{
    return (int64_t)(v->height + 2) * hs_probe_stride(v);
}

/* Where an offset leads from the middle of a pixel: x and y are its column and row in the bordered
 * frame plus one half, `near` is 1 / d(p) in 1/metres. Index of the bordered frame. */
static inline int32_t hs_probe_index(const hs_probe_view *v, float x, float y, float offset_x,
                                     float offset_y, float near)
{
    float right = (float)(v->width + 1), bottom = (float)(v->height + 1);
    float px = x + offset_x * near, py = y + offset_y * near;
    px = px > 0 ? px : 0;
    py = py > 0 ? py : 0;
    px = px < right ? px : right;
    py = py < bottom ? py : bottom;
    return (int32_t)py * hs_probe_stride(v) + (int32_t)px;
}

/* A measured pixel as probes start from it. */
typedef struct hs_probe_origin {
    float x, y, near;
} hs_probe_origin;

static inline hs_probe_origin hs_probe_from(const hs_probe_view *v, const uint16_t *frame,
                                            uint32_t at)
{
    uint32_t stride = (uint32_t)hs_probe_stride(v);
    return (hs_probe_origin){(float)(at % stride) + 0.5f, (float)(at / stride) + 0.5f,
                             1 / ((float)frame[at] * v->unit)};
}

/* A node of a tree: pixels with f < threshold go to `child`, the others to child + 1. 0: it has no
 * children, for the root is nobody's child. */
typedef struct hs_forest_node {
    int16_t u[2], v[2]; /* x, y in 1/HS_PROBE_STEPS pixel-metre */
    int32_t threshold;
    uint32_t child;
} hs_forest_node;

static inline int32_t hs_probe_feature(const hs_probe_view *v, const uint16_t *frame,
                                       hs_probe_origin p, const int16_t a[2], const int16_t b[2])
{
    const float step = 1.0f / HS_PROBE_STEPS;
    int32_t u = hs_probe_index(v, p.x, p.y, a[0] * step, a[1] * step, p.near);
    int32_t w = hs_probe_index(v, p.x, p.y, b[0] * step, b[1] * step, p.near);
    return frame[u] - frame[w];
}

/* A pixel to learn from: of which frame, where in it and of which class. */
typedef struct hs_forest_pixel {
    uint32_t frame;
    uint32_t place; /* index in the bordered frame * 256 + class */
} hs_forest_pixel;

/* Features to choose from, each with thresholds low, low + step, ...; [count] numbers each, count a
 * multiple of HS_FOREST_BLOCK. Offsets in pixel-metres, low in counts, rate = 1 / step. */
typedef struct hs_forest_candidates {
    int32_t count;
    int32_t thresholds; /* of each candidate */
    int32_t classes;
    float *ux, *uy, *vx, *vy;
    float *low, *rate;
} hs_forest_candidates;

/* How many of a candidate's thresholds are at most f. */
static inline int32_t hs_forest_bin(float f, float low, float rate, float thresholds)
{
    float bin = (f - low) * rate + 1;
    bin = bin > 0 ? bin : 0;
    bin = bin < thresholds ? bin : thresholds;
    return (int32_t)bin;
}

/* Elements of the counts of these candidates: [count / BLOCK][thresholds + 1][classes][BLOCK]. */
static inline int64_t hs_forest_count_size(const hs_forest_candidates *c)
{
    return (int64_t)c->count * (c->thresholds + 1) * c->classes;
}

/* The best split of some candidates. `score` is the sum over both sides of
 * sum_c n_c log2 n_c - n log2 n, the negative of |Q| times the entropy left. */
typedef struct hs_forest_best {
    float score;
    int32_t candidate; /* -1: no threshold leaves `least` pixels on both sides */
    int32_t bin;       /* left: bins below this one */
} hs_forest_best;

#endif

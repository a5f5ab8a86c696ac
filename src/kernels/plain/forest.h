/* Random forests: counting features of candidates, choosing the best, walking down trees. Vectors
 * are made of candidates, or of pixels, which pass in groups through loops of their own: where
 * probes lead, what they read (one by one), what is made of it. */
#include "kernels/probe.h"

enum {
    GROUP = 8 * HS_FOREST_BLOCK,
    STEPS = 4, /* down a tree, between two looks at who has arrived */
};

/* Where the probes of `lanes` candidates lead from one pixel. */
static void aim(const hs_probe_view *view, hs_probe_origin p, const hs_forest_candidates *c,
                int32_t first, int32_t lanes, int32_t *restrict a, int32_t *restrict b)
{
    const hs_probe_view v = *view;
    const float *ux = c->ux + first, *uy = c->uy + first;
    const float *vx = c->vx + first, *vy = c->vy + first;
    for (int k = 0; k < lanes; k++) {
        a[k] = hs_probe_index(&v, p.x, p.y, ux[k], uy[k], p.near);
        b[k] = hs_probe_index(&v, p.x, p.y, vx[k], vy[k], p.near);
    }
}

/* f[k] = frame[a[k]] - frame[b[k]]; f may be a. The empty statement keeps the compiler from making
 * vectors of single loads, which takes longer than the loads. */
static void read_probes(const uint16_t *frame, const int32_t *a, const int32_t *b, int32_t lanes,
                        int32_t *f)
{
    for (int32_t k = 0; k < lanes; k++) {
        int32_t value = frame[a[k]] - frame[b[k]];
        __asm__ volatile("" : "+r"(value));
        f[k] = value;
    }
}

void NAMED(forest_probe)(const hs_probe_view *v, const uint16_t *frames,
                         const hs_forest_pixel *pixel, const hs_forest_candidates *c, int32_t first,
                         int32_t *f)
{
    const uint16_t *frame = frames + pixel->frame * hs_probe_area(v);
    int32_t b[HS_FOREST_BLOCK];
    aim(v, hs_probe_from(v, frame, pixel->place >> 8), c, first, HS_FOREST_BLOCK, f, b);
    read_probes(frame, f, b, HS_FOREST_BLOCK, f);
}

/* Bins of `lanes` candidates, a multiple of a block, as places among the counts of their block. */
static void place_features(const int32_t *f, const float *low, const float *rate, float thresholds,
                           int32_t bin_size, int32_t lanes, int32_t *restrict at)
{
    for (int32_t block = 0; block < lanes; block += HS_FOREST_BLOCK)
        for (int32_t k = 0; k < HS_FOREST_BLOCK; k++) {
            int32_t i = block + k;
            at[i] = hs_forest_bin((float)f[i], low[i], rate[i], thresholds) * bin_size + k;
        }
}

void NAMED(forest_count)(const hs_probe_view *v, const uint16_t *frames,
                         const hs_forest_pixel *pixels, int64_t n, const hs_forest_candidates *c,
                         uint32_t *counts)
{
    int32_t bin_size = c->classes * HS_FOREST_BLOCK, block_size = (c->thresholds + 1) * bin_size;
    float thresholds = (float)c->thresholds;
    for (int64_t i = 0; i < n; i++) {
        const uint16_t *frame = frames + pixels[i].frame * hs_probe_area(v);
        hs_probe_origin p = hs_probe_from(v, frame, pixels[i].place >> 8);
        uint32_t *to = counts + (pixels[i].place & 255) * HS_FOREST_BLOCK;
        for (int32_t first = 0; first < c->count; first += GROUP) {
            int32_t a[GROUP], b[GROUP], at[GROUP];
            int32_t lanes = c->count - first < GROUP ? c->count - first : GROUP;
            aim(v, p, c, first, lanes, a, b);
            read_probes(frame, a, b, lanes, a);
            place_features(a, c->low + first, c->rate + first, thresholds, bin_size, lanes, at);
            for (int32_t block = 0; block < lanes; block += HS_FOREST_BLOCK, to += block_size)
                for (int32_t k = 0; k < HS_FOREST_BLOCK; k++)
                    to[at[block + k]]++;
        }
    }
}

/* x log2 x of a whole number from 0 to 2^24, to 4e-7 of x: exponent, and a polynomial for the rest,
 * fitted to the smallest largest error; of plain operations, so that every instruction set agrees.
 */
static inline float x_log2_x(float x)
{
    int32_t bits;
    float m;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (bits - 0x3f3504f3) >> 23; /* m from sqrt(1/2) to sqrt(2); of x = 0, 1 */
    bits -= exponent * (1 << 23);
    memcpy(&m, &bits, sizeof m);
    float r = m - 1, q = r * r;
    float high = 0.297262669f - 0.272698015f * r + q * 0.170634329f;
    float low = 1.44269967f - 0.721375883f * r + q * (0.480465025f - 0.35896185f * r);
    return x * ((float)exponent + r * (low + q * q * high));
}

/* Adds a bin to the left side of every lane and scores the split after it. */
static inline void score_bin(const uint32_t *counts, const uint32_t *total, float all, int classes,
                             float *left, float score[HS_FOREST_BLOCK], float n[HS_FOREST_BLOCK])
{
    for (int k = 0; k < HS_FOREST_BLOCK; k++)
        score[k] = n[k] = 0;
    for (int c = 0; c < classes; c++, left += HS_FOREST_BLOCK, counts += HS_FOREST_BLOCK) {
        float whole = (float)total[c];
        for (int k = 0; k < HS_FOREST_BLOCK; k++) {
            left[k] += (float)(int32_t)counts[k];
            n[k] += left[k];
            score[k] += x_log2_x(left[k]) + x_log2_x(whole - left[k]);
        }
    }
    for (int k = 0; k < HS_FOREST_BLOCK; k++)
        score[k] -= x_log2_x(n[k]) + x_log2_x(all - n[k]);
}

void NAMED(forest_best)(const hs_forest_candidates *c, const uint32_t *counts,
                        const uint32_t *total, uint32_t least, hs_forest_best *best)
{
    float n = 0;
    *best = (hs_forest_best){.candidate = -1};
    for (int i = 0; i < c->classes; i++)
        n += (float)total[i];
    for (int32_t first = 0; first < c->count; first += HS_FOREST_BLOCK) {
        float left[HS_FOREST_MAX_CLASSES * HS_FOREST_BLOCK] = {0};
        float score[HS_FOREST_BLOCK], n_left[HS_FOREST_BLOCK], top[HS_FOREST_BLOCK];
        int32_t bin[HS_FOREST_BLOCK] = {0};
        for (int t = 1; t <= c->thresholds; t++, counts += c->classes * HS_FOREST_BLOCK) {
            score_bin(counts, total, n, c->classes, left, score, n_left);
            float low = (float)least, high = n - (float)least;
            for (int k = 0; k < HS_FOREST_BLOCK; k++) {
                bool better =
                    n_left[k] >= low && n_left[k] <= high && (bin[k] == 0 || score[k] > top[k]);
                top[k] = better ? score[k] : top[k];
                bin[k] = better ? t : bin[k];
            }
        }
        counts += c->classes * HS_FOREST_BLOCK; /* the last bin is never on the left */
        for (int k = 0; k < HS_FOREST_BLOCK; k++)
            if (bin[k] && (best->candidate < 0 || top[k] > best->score))
                *best = (hs_forest_best){top[k], first + k, bin[k]};
    }
}

/* Pixels on their way down a tree. */
typedef struct walkers {
    float x[GROUP], y[GROUP], near[GROUP];
    uint32_t at[GROUP], number[GROUP]; /* the node; which of the pixels */
    int32_t lanes;
} walkers;

/* Takes those out whose node has no children, and notes where they ended. */
static void leave(walkers *w, const hs_forest_node *nodes, uint32_t *ends)
{
    int32_t kept = 0;
    for (int32_t k = 0; k < w->lanes; k++) {
        ends[w->number[k]] = w->at[k];
        w->x[kept] = w->x[k];
        w->y[kept] = w->y[k];
        w->near[kept] = w->near[k];
        w->at[kept] = w->at[k];
        w->number[kept] = w->number[k];
        kept += nodes[w->at[k]].child != 0;
    }
    w->lanes = kept;
}

/* One step of all; who has arrived stays. */
static void walk(walkers *w, const hs_probe_view *view, const uint16_t *frame,
                 const hs_forest_node *nodes)
{
    const hs_probe_view v = *view;
    const float step = 1.0f / HS_PROBE_STEPS;
    int32_t u[GROUP], o[GROUP], a[GROUP], b[GROUP], threshold[GROUP];
    uint32_t child[GROUP];
    for (int32_t k = 0; k < w->lanes; k++) {
        const hs_forest_node *node = &nodes[w->at[k]];
        memcpy(&u[k], node->u, sizeof u[k]);
        memcpy(&o[k], node->v, sizeof o[k]);
        threshold[k] = node->threshold;
        child[k] = node->child;
        __asm__ volatile("" ::: "memory"); /* as in read_probes */
    }
    for (int32_t k = 0; k < w->lanes; k++) { /* both coordinates lie in one word, the first low */
        float ux = (float)(int16_t)u[k], uy = (float)(u[k] >> 16);
        float vx = (float)(int16_t)o[k], vy = (float)(o[k] >> 16);
        a[k] = hs_probe_index(&v, w->x[k], w->y[k], ux * step, uy * step, w->near[k]);
        b[k] = hs_probe_index(&v, w->x[k], w->y[k], vx * step, vy * step, w->near[k]);
    }
    read_probes(frame, a, b, w->lanes, a);
    for (int32_t k = 0; k < w->lanes; k++)
        w->at[k] = child[k] ? child[k] + (a[k] >= threshold[k]) : w->at[k];
}

void NAMED(forest_walk)(const hs_probe_view *v, const uint16_t *frame, const hs_forest_node *nodes,
                        const uint32_t *pixels, int32_t n, uint32_t *ends)
{
    for (int32_t first = 0; first < n; first += GROUP) {
        walkers w = {.lanes = n - first < GROUP ? n - first : GROUP};
        for (int32_t k = 0; k < w.lanes; k++) {
            hs_probe_origin p = hs_probe_from(v, frame, pixels[first + k]);
            w.x[k] = p.x;
            w.y[k] = p.y;
            w.near[k] = p.near;
            w.at[k] = 0;
            w.number[k] = (uint32_t)k;
        }
        while (w.lanes > 0) {
            for (int i = 0; i < STEPS; i++)
                walk(&w, v, frame, nodes);
            leave(&w, nodes, ends + first);
        }
    }
}

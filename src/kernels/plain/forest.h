/* Random forests: counting features of candidates, choosing the best, walking down trees. Vectors
 * are made of candidates, or of pixels, so loads from the depth frame are the only scalar part. */
#include "kernels/probe.h"

/* f of a block of candidates at one pixel. */
static inline void probe_block(const hs_probe_view *v, const uint16_t *frame, hs_probe_origin p,
                               const hs_forest_candidates *c, int32_t first,
                               int32_t f[HS_FOREST_BLOCK])
{
    int32_t a[HS_FOREST_BLOCK], b[HS_FOREST_BLOCK];
    const float *ux = c->ux + first, *uy = c->uy + first;
    const float *vx = c->vx + first, *vy = c->vy + first;
    for (int k = 0; k < HS_FOREST_BLOCK; k++) {
        a[k] = hs_probe_index(v, p.x, p.y, ux[k], uy[k], p.near);
        b[k] = hs_probe_index(v, p.x, p.y, vx[k], vy[k], p.near);
    }
    for (int k = 0; k < HS_FOREST_BLOCK; k++)
        f[k] = frame[a[k]] - frame[b[k]];
}

void NAMED(forest_probe)(const hs_probe_view *v, const uint16_t *frames,
                         const hs_forest_pixel *pixel, const hs_forest_candidates *c, int32_t first,
                         int32_t *f)
{
    const uint16_t *frame = frames + pixel->frame * hs_probe_area(v);
    probe_block(v, frame, hs_probe_from(v, frame, pixel->place >> 8), c, first, f);
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
        for (int32_t first = 0; first < c->count; first += HS_FOREST_BLOCK, to += block_size) {
            int32_t f[HS_FOREST_BLOCK], at[HS_FOREST_BLOCK];
            const float *low = c->low + first, *rate = c->rate + first;
            probe_block(v, frame, p, c, first, f);
            for (int k = 0; k < HS_FOREST_BLOCK; k++)
                at[k] = hs_forest_bin((float)f[k], low[k], rate[k], thresholds) * bin_size + k;
            for (int k = 0; k < HS_FOREST_BLOCK; k++)
                to[at[k]]++;
        }
    }
}

/* x log2 x of a whole number from 0 to 2^24, to 1e-7 of it: exponent, and the series of the area
 * hyperbolic tangent for the rest; of plain operations, so that every instruction set agrees. */
static inline float x_log2_x(float x)
{
    int32_t bits;
    float value = x > 1 ? x : 1, m;
    memcpy(&bits, &value, sizeof bits);
    int32_t exponent = (bits - 0x3f3504f3) >> 23; /* m from sqrt(1/2) to sqrt(2) */
    bits -= exponent * (1 << 23);
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1) / (m + 1), q = s * s;
    float log2m = s * (2.885390082f + q * (0.961796694f + q * (0.577078016f + q * 0.412198583f)));
    return x * ((float)exponent + log2m);
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

void NAMED(forest_walk)(const hs_probe_view *v, const uint16_t *frame, const hs_forest_node *nodes,
                        const uint32_t *pixels, int32_t n, uint32_t *ends)
{
    const float step = 1.0f / HS_PROBE_STEPS;
    for (int32_t first = 0; first < n; first += HS_FOREST_BLOCK) {
        float x[HS_FOREST_BLOCK], y[HS_FOREST_BLOCK], near[HS_FOREST_BLOCK];
        uint32_t at[HS_FOREST_BLOCK] = {0}, moved;
        int32_t lanes = n - first < HS_FOREST_BLOCK ? n - first : HS_FOREST_BLOCK;
        for (int k = 0; k < HS_FOREST_BLOCK; k++) { /* the last block repeats its last pixel */
            hs_probe_origin p =
                hs_probe_from(v, frame, pixels[first + (k < lanes ? k : lanes - 1)]);
            x[k] = p.x;
            y[k] = p.y;
            near[k] = p.near;
        }
        do {
            float u[4][HS_FOREST_BLOCK];
            int32_t threshold[HS_FOREST_BLOCK], a[HS_FOREST_BLOCK], b[HS_FOREST_BLOCK];
            uint32_t child[HS_FOREST_BLOCK];
            for (int k = 0; k < HS_FOREST_BLOCK; k++) {
                const hs_forest_node *node = &nodes[at[k]];
                u[0][k] = node->u[0];
                u[1][k] = node->u[1];
                u[2][k] = node->v[0];
                u[3][k] = node->v[1];
                threshold[k] = node->threshold;
                child[k] = node->child;
            }
            for (int k = 0; k < HS_FOREST_BLOCK; k++) {
                a[k] = hs_probe_index(v, x[k], y[k], u[0][k] * step, u[1][k] * step, near[k]);
                b[k] = hs_probe_index(v, x[k], y[k], u[2][k] * step, u[3][k] * step, near[k]);
            }
            for (int k = 0; k < HS_FOREST_BLOCK; k++)
                a[k] = frame[a[k]] - frame[b[k]];
            moved = 0;
            for (int k = 0; k < HS_FOREST_BLOCK; k++) {
                uint32_t next = child[k] ? child[k] + (a[k] >= threshold[k]) : at[k];
                moved |= next ^ at[k];
                at[k] = next;
            }
        } while (moved);
        for (int k = 0; k < lanes; k++)
            ends[first + k] = at[k];
    }
}

#include "forest/split.h"

#include "base/memory.h"
#include "base/rng.h"
#include <math.h>
#include <string.h>

enum {
    CACHED = 320 << 10, /* bytes of counts that stay near a core */
    ARRAYS = 6,         /* of candidates: offsets, low, rate */
};

/* Less than rounding makes of nothing. */
static const double least_gain = 1e-5;

static int32_t blocks(int32_t candidates)
{
    return (candidates + HS_FOREST_BLOCK - 1) / HS_FOREST_BLOCK;
}

int32_t hs_node_split_part(const hs_forest_config *config, int32_t classes)
{
    int32_t each = (config->thresholds + 1) * classes * (int32_t)sizeof(uint32_t);
    int32_t most = CACHED / (each * HS_FOREST_BLOCK), all = blocks(config->candidates);
    return (most < 1 ? 1 : most < all ? most : all) * HS_FOREST_BLOCK;
}

int32_t hs_node_split_parts(const hs_forest_config *config, int32_t classes)
{
    int32_t part = hs_node_split_part(config, classes);
    return (config->candidates + part - 1) / part;
}

/* ---- memory -----------------------------------------------------------------------------------
 */
static void *carve(unsigned char *base, size_t *used, size_t bytes)
{
    void *part = base ? base + *used : NULL;
    *used += hs_align_up(bytes);
    return part;
}

size_t hs_node_split_rooms(const hs_forest_config *config, int32_t classes, int threads,
                           void *memory, hs_node_split_room *rooms)
{
    size_t used = 0, part = (size_t)hs_node_split_part(config, classes);
    for (int i = 0; i < threads; i++) {
        hs_node_split_room room = {.candidates = {.count = (int32_t)part,
                                                  .thresholds = config->thresholds,
                                                  .classes = classes}};
        hs_forest_candidates *c = &room.candidates;
        float **const arrays[ARRAYS] = {&c->ux, &c->uy, &c->vx, &c->vy, &c->low, &c->rate};
        for (int k = 0; k < ARRAYS; k++)
            *arrays[k] = carve(memory, &used, sizeof(float) * part);
        size_t counts = (size_t)hs_forest_count_size(c);
        room.counts = carve(memory, &used, sizeof *room.counts * counts);
        room.pixels = carve(memory, &used, sizeof *room.pixels * (size_t)config->score);
        if (rooms)
            rooms[i] = room;
    }
    return used;
}

/* ---- candidates -------------------------------------------------------------------------------
 */
/* Four numbers for one thing of a node. */
static void draw(const hs_growth *g, uint32_t node, uint32_t index, hs_purpose purpose,
                 uint32_t numbers[4])
{
    const uint32_t key[2] = {(uint32_t)g->seed, (uint32_t)(g->seed >> 32)};
    const uint32_t counter[4] = {index, (uint32_t)purpose, node, g->number};
    hs_philox(counter, key, numbers);
}

/* One number as a place in the square from -most to most, shrunk by a factor from 0 to 65535/65536:
 * so lengths are even, and what is near is looked at as often as what is far. */
static void draw_offset(uint32_t place, uint32_t factor, int32_t most, int16_t steps[2])
{
    for (int i = 0; i < 2; i++, place >>= 16) {
        int64_t at = (int64_t)((place & 0xffff) * (uint64_t)(2 * most + 1) >> 16) - most;
        steps[i] = (int16_t)(at * (int64_t)factor / 65536);
    }
}

/* Both offsets of a candidate, in steps. */
static void draw_offsets(const hs_growth *g, uint32_t node, uint32_t candidate, int16_t steps[4])
{
    int32_t most = (int32_t)(g->config.offset * HS_PROBE_STEPS);
    uint32_t numbers[4];
    draw(g, node, candidate, HS_PURPOSE_FOREST_FEATURES, numbers);
    bool own = numbers[3] < g->config.own * 0x1p32;
    draw_offset(numbers[0], numbers[2] & 0xffff, most, steps);
    draw_offset(numbers[1], own ? 0 : numbers[2] >> 16, most, steps + 2);
}

static void draw_candidates(const hs_growth *g, uint32_t node, int32_t first,
                            hs_forest_candidates *c)
{
    const float step = 1.0f / HS_PROBE_STEPS;
    int32_t left = blocks(g->config.candidates) * HS_FOREST_BLOCK - first;
    int32_t part = hs_node_split_part(&g->config, c->classes);
    c->count = left < part ? left : part;
    for (int32_t i = 0; i < c->count; i++) {
        int16_t s[4];
        draw_offsets(g, node, (uint32_t)(first + i), s);
        c->ux[i] = s[0] * step;
        c->uy[i] = s[1] * step;
        c->vx[i] = s[2] * step;
        c->vy[i] = s[3] * step;
    }
}

/* Spreads the thresholds of each block evenly between the features of two of the node's pixels; at
 * least one count apart. */
static void choose_thresholds(const hs_growth *g, uint32_t node, int32_t first,
                              const hs_forest_pixel *pixels, uint32_t n, hs_forest_candidates *c)
{
    const hs_kernels *kernels = hs_kernels_get();
    int32_t beyond = g->config.candidates - first;
    for (int32_t i = 0; i < c->count; i += HS_FOREST_BLOCK) {
        uint32_t numbers[4];
        int32_t a[HS_FOREST_BLOCK], b[HS_FOREST_BLOCK];
        draw(g, node, (uint32_t)(first + i) / HS_FOREST_BLOCK, HS_PURPOSE_FOREST_RANGES, numbers);
        const hs_forest_pixel *p = &pixels[(uint64_t)numbers[0] * n >> 32];
        const hs_forest_pixel *q = &pixels[(uint64_t)numbers[1] * n >> 32];
        kernels->forest_probe(&g->view, g->frames, p, c, i, a);
        kernels->forest_probe(&g->view, g->frames, q, c, i, b);
        for (int k = 0; k < HS_FOREST_BLOCK; k++) {
            int32_t low = a[k] < b[k] ? a[k] : b[k], high = a[k] < b[k] ? b[k] : a[k];
            int32_t steps = c->thresholds - 1, span = high - low > steps ? high - low : steps;
            c->low[i + k] = (float)(i + k < beyond ? low : INT32_MAX); /* none: splits nothing */
            c->rate[i + k] = steps > 0 ? (float)steps / (float)span : 1;
        }
    }
}

/* The smallest whole f that is not in the bins below `bin`. */
static int32_t threshold_of(const hs_forest_candidates *c, int32_t candidate, int32_t bin)
{
    float low = c->low[candidate], rate = c->rate[candidate], most = (float)c->thresholds;
    int32_t f = (int32_t)floorf(low + (float)(bin - 1) / rate);
    while (hs_forest_bin((float)f, low, rate, most) >= bin)
        f--;
    while (hs_forest_bin((float)f, low, rate, most) < bin)
        f++;
    return f;
}

/* ---- the best of them -------------------------------------------------------------------------
 */
/* The pixels on which a node's candidates are scored: all, or evenly spread ones. */
static const hs_forest_pixel *choose_pixels(const hs_growth *g, uint32_t node,
                                            hs_node_split_room *room, uint32_t *n)
{
    const hs_forest_pixel *all = g->pixels + g->start[node];
    uint64_t most = (uint64_t)g->config.score, count = hs_growth_pixels(g, node);
    *n = (uint32_t)count;
    if (most == 0 || count <= most)
        return all;
    for (uint64_t i = 0; i < most; i++)
        room->pixels[i] = all[(2 * i + 1) * count / (2 * most)];
    *n = (uint32_t)most;
    return room->pixels;
}

static double n_log2_n(double n)
{
    return n > 0 ? n * log2(n) : 0;
}

/* Bits a pixel that a split of this score saves. */
static double gain_of(const uint32_t *total, int32_t classes, uint32_t n, float score)
{
    double before = -n_log2_n(n);
    for (int32_t c = 0; c < classes; c++)
        before += n_log2_n(total[c]);
    double gain = (score - before) / n;
    return gain > least_gain ? gain : 0;
}

void hs_node_split_find(const hs_growth *g, uint32_t node, int32_t part, hs_node_split_room *room,
                        hs_node_split *split)
{
    const hs_kernels *kernels = hs_kernels_get();
    hs_forest_candidates *c = &room->candidates;
    int32_t first = part * hs_node_split_part(&g->config, c->classes);
    uint32_t n, total[HS_FOREST_MAX_CLASSES] = {0};
    hs_forest_best best;
    const hs_forest_pixel *pixels = choose_pixels(g, node, room, &n);
    for (uint32_t i = 0; i < n; i++)
        total[pixels[i].place & 255]++;
    draw_candidates(g, node, first, c);
    choose_thresholds(g, node, first, pixels, n, c);
    memset(room->counts, 0, sizeof *room->counts * (size_t)hs_forest_count_size(c));
    kernels->forest_count(&g->view, g->frames, pixels, n, c, room->counts);
    kernels->forest_best(c, room->counts, total, (uint32_t)g->config.least, &best);
    *split = (hs_node_split){0};
    if (best.candidate < 0)
        return;
    int16_t s[4];
    draw_offsets(g, node, (uint32_t)(first + best.candidate), s);
    split->gain = gain_of(total, c->classes, n, best.score);
    split->node = (hs_forest_node){.u = {s[0], s[1]},
                                   .v = {s[2], s[3]},
                                   .threshold = threshold_of(c, best.candidate, best.bin)};
}

/* Random calls of the kernels of random forests: the same bits in every instruction set. */
#ifndef HS_TESTS_FOREST_CASES_H
#define HS_TESTS_FOREST_CASES_H

#include "kernels/work.h"

enum { FOREST_FRAMES = 3, FOREST_ARRAYS = 6 };

/* Frames with holes, borders and near and far pixels: item 0. */
static void add_frames(work *w, hs_rng *rng)
{
    hs_probe_view *v = &w->g.forest.view;
    *v = (hs_probe_view){3 + (int32_t)hs_rng_below(rng, 20), 3 + (int32_t)hs_rng_below(rng, 20),
                         0.001f};
    int64_t area = hs_probe_area(v);
    uint16_t *frames =
        add_item(w, INPUT, sizeof *frames * (size_t)(FOREST_FRAMES * area))->memory.data;
    for (int64_t i = 0; i < FOREST_FRAMES * area; i++) {
        int64_t y = i % area / hs_probe_stride(v), x = i % hs_probe_stride(v);
        bool inside = y > 0 && y <= v->height && x > 0 && x <= v->width;
        frames[i] =
            (uint16_t)(inside && hs_rng_below(rng, 5) ? 1 + hs_rng_below(rng, 3000) : HS_PROBE_FAR);
    }
}

/* A measured pixel of a frame; the first corner is made one where there is none. */
static uint32_t draw_place(work *w, hs_rng *rng, uint32_t frame)
{
    const hs_probe_view *v = &w->g.forest.view;
    uint16_t *frames = data_of(w, 0), *f = frames + frame * hs_probe_area(v);
    for (int tries = 0; tries < 100; tries++) {
        uint32_t at = hs_rng_below(rng, (uint32_t)hs_probe_area(v));
        if (f[at] != HS_PROBE_FAR)
            return at;
    }
    f[hs_probe_stride(v) + 1] = 1000;
    return (uint32_t)hs_probe_stride(v) + 1;
}

static void setup_forest_count(work *w, hs_rng *rng, int round)
{
    add_frames(w, rng);
    hs_forest_candidates *c = &w->g.forest.candidates;
    w->pixels = 1 + hs_rng_below(rng, 60);
    *c = (hs_forest_candidates){.count = HS_FOREST_BLOCK * (1 + (int32_t)hs_rng_below(rng, 4)),
                                .thresholds = round == 0 ? 1 : 1 + (int32_t)hs_rng_below(rng, 60),
                                .classes = 1 + (int32_t)hs_rng_below(rng, 5)};
    size_t n = (size_t)w->pixels;
    hs_forest_pixel *pixels = add_item(w, INPUT, sizeof *pixels * n)->memory.data;
    uint32_t *total = add_item(w, INPUT, sizeof *total * (size_t)c->classes)->memory.data;
    memset(total, 0, sizeof *total * (size_t)c->classes);
    for (size_t i = 0; i < n; i++) {
        uint32_t label = hs_rng_below(rng, (uint32_t)c->classes);
        uint32_t frame = hs_rng_below(rng, FOREST_FRAMES);
        pixels[i] = (hs_forest_pixel){frame, draw_place(w, rng, frame) << 8 | label};
        total[label]++;
    }
    float **const arrays[FOREST_ARRAYS] = {&c->ux, &c->uy, &c->vx, &c->vy, &c->low, &c->rate};
    for (int k = 0; k < FOREST_ARRAYS; k++) {
        *arrays[k] = add_item(w, INPUT, sizeof(float) * (size_t)c->count)->memory.data;
        for (int32_t i = 0; i < c->count; i++)
            (*arrays[k])[i] = (float)(k == 4   ? hs_rng_range(rng, -3000, 0)
                                      : k == 5 ? hs_rng_range(rng, 0.001, 0.1)
                                               : hs_rng_range(rng, -20, 20));
    }
    size_t counts = (size_t)hs_forest_count_size(c);
    memset(add_item(w, EXACT, sizeof(uint32_t) * counts)->memory.data, 0,
           sizeof(uint32_t) * counts);
    memset(add_item(w, EXACT, sizeof(hs_forest_best))->memory.data, 0, sizeof(hs_forest_best));
    add_item(w, EXACT, sizeof(int32_t) * (size_t)c->count);
}

static void run_forest_count(work *w)
{
    const hs_kernels *k = hs_kernels_get();
    const hs_forest_candidates *c = &w->g.forest.candidates;
    enum { COUNTS = 3 + FOREST_ARRAYS };
    for (int32_t i = 0; i < c->count; i += HS_FOREST_BLOCK)
        k->forest_probe(&w->g.forest.view, data_of(w, 0), data_of(w, 1), c, i,
                        (int32_t *)data_of(w, COUNTS + 2) + i);
    k->forest_count(&w->g.forest.view, data_of(w, 0), data_of(w, 1), w->pixels, c,
                    data_of(w, COUNTS));
    k->forest_best(c, data_of(w, COUNTS), data_of(w, 2), 1, data_of(w, COUNTS + 1));
}

/* A random tree, breadth first: item 2. */
static void setup_forest_walk(work *w, hs_rng *rng, int round)
{
    (void)round;
    add_frames(w, rng);
    w->pixels = 1 + hs_rng_below(rng, 70);
    uint32_t *places = add_item(w, INPUT, sizeof *places * (size_t)w->pixels)->memory.data;
    for (int64_t i = 0; i < w->pixels; i++)
        places[i] = draw_place(w, rng, 0);
    uint32_t splits = hs_rng_below(rng, 40), nodes = 2 * splits + 1;
    hs_forest_node *tree = add_item(w, INPUT, sizeof *tree * nodes)->memory.data;
    memset(tree, 0, sizeof *tree * nodes);
    for (uint32_t i = 0, next = 1; i < nodes && next < nodes; i++) {
        if (i + 1 < next && hs_rng_below(rng, 3) == 0)
            continue;
        for (int k = 0; k < 2; k++) {
            tree[i].u[k] = (int16_t)((int32_t)hs_rng_below(rng, 4000) - 2000);
            tree[i].v[k] = (int16_t)((int32_t)hs_rng_below(rng, 4000) - 2000);
        }
        tree[i].threshold = (int32_t)hs_rng_below(rng, 4000) - 2000;
        tree[i].child = next;
        next += 2;
    }
    add_item(w, EXACT, sizeof(uint32_t) * (size_t)w->pixels);
}

static void run_forest_walk(work *w)
{
    hs_kernels_get()->forest_walk(&w->g.forest.view, data_of(w, 0), data_of(w, 2), data_of(w, 1),
                                  (int32_t)w->pixels, data_of(w, 3));
}

#endif

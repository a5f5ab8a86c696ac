#include "forest/predict.h"

#include "base/memory.h"
#include "forest/frame.h"
#include "kernels/kernels.h"
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 256 }; /* pixels that a thread takes through all trees */

/* The shares of one tree; those of nodes with children, or that no pixel came to, are 0. */
static hs_status make_shares(const hs_tree *t, int32_t trees, float **shares)
{
    size_t classes = (size_t)t->classes;
    hs_status status = hs_allocate(sizeof **shares * t->count * classes, "forest", (void **)shares);
    if (status != HS_OK)
        return status;
    for (uint32_t i = 0; i < t->count; i++) {
        const uint64_t *counts = t->counts + i * classes;
        double n = 0;
        for (size_t c = 0; c < classes; c++)
            n += (double)counts[c];
        for (size_t c = 0; c < classes && n > 0 && !t->nodes[i].child; c++)
            (*shares)[i * classes + c] = (float)((double)counts[c] / (n * trees));
    }
    return HS_OK;
}

hs_status hs_forest_prepare(hs_forest *f, const hs_probe_view *view, const hs_tree *tree,
                            int32_t trees)
{
    hs_status status;
    size_t pixels = (size_t)view->height * (size_t)view->width;
    *f = (hs_forest){.view = *view, .classes = tree[0].classes, .trees = trees, .tree = tree};
    HS_TRY(hs_allocate(sizeof *f->shares * (size_t)trees, "forest", (void **)&f->shares));
    for (int32_t i = 0; i < trees; i++)
        HS_TRY(make_shares(&tree[i], trees, &f->shares[i]));
    HS_TRY(
        hs_allocate(sizeof *f->frame * (size_t)hs_probe_area(view), "frame", (void **)&f->frame));
    HS_TRY(hs_allocate(sizeof *f->pixels * pixels, "frame", (void **)&f->pixels));
exit:
    return status;
}

size_t hs_forest_bytes(const hs_probe_view *view, int32_t classes, int32_t trees, size_t nodes)
{
    const hs_forest *f = NULL;
    return (size_t)trees * (sizeof *f->shares + sizeof **f->shares * nodes * (size_t)classes) +
           sizeof *f->frame * (size_t)hs_probe_area(view) +
           sizeof *f->pixels * (size_t)view->height * (size_t)view->width;
}

void hs_forest_free(hs_forest *f)
{
    for (int32_t i = 0; f->shares && i < f->trees; i++)
        free(f->shares[i]);
    free(f->shares);
    free(f->frame);
    free(f->pixels);
    *f = (hs_forest){0};
}

typedef float pixel_shares[HS_FOREST_MAX_CLASSES];

/* The average histogram of the leaves of n measured pixels. */
static void average(const hs_forest *f, const uint32_t *pixels, int32_t n, pixel_shares *sums)
{
    const hs_kernels *kernels = hs_kernels_get();
    uint32_t ends[AT_ONCE];
    size_t classes = (size_t)f->classes;
    memset(sums, 0, sizeof *sums * (size_t)n);
    for (int32_t t = 0; t < f->trees; t++) {
        kernels->forest_walk(&f->view, f->frame, f->tree[t].nodes, pixels, n, ends);
        for (int32_t i = 0; i < n; i++) {
            const float *shares = f->shares[t] + ends[i] * classes;
            for (size_t c = 0; c < classes; c++)
                sums[i][c] += shares[c];
        }
    }
}

/* Pixels of the part that begins with `first`. */
static int32_t part_of(const hs_forest *f, int32_t first)
{
    return f->measured - first < AT_ONCE ? f->measured - first : AT_ONCE;
}

void hs_forest_label(hs_forest *f, const uint16_t *depth, double depth_unit, uint8_t *labels)
{
    hs_forest_frame_make(&f->view, depth, depth_unit, f->frame);
    f->measured = hs_forest_frame_measured(&f->view, f->frame, f->pixels);
    memset(labels, 0, (size_t)f->view.height * (size_t)f->view.width);
#pragma omp parallel for schedule(dynamic)
    for (int32_t first = 0; first < f->measured; first += AT_ONCE) {
        pixel_shares sums[AT_ONCE];
        int32_t n = part_of(f, first);
        average(f, f->pixels + first, n, sums);
        for (int32_t i = 0; i < n; i++) {
            uint8_t best = 0;
            for (uint8_t c = 1; c < f->classes; c++)
                best = sums[i][c] > sums[i][best] ? c : best;
            labels[hs_forest_place(&f->view, f->pixels[first + i])] = best;
        }
    }
}

void hs_forest_probabilities(const hs_forest *f, float *probabilities)
{
    size_t area = (size_t)f->view.height * (size_t)f->view.width;
    memset(probabilities, 0, sizeof *probabilities * area * (size_t)f->classes);
    for (size_t i = 0; i < area; i++)
        probabilities[i] = 1; /* background, where nothing was measured */
#pragma omp parallel for schedule(dynamic)
    for (int32_t first = 0; first < f->measured; first += AT_ONCE) {
        pixel_shares sums[AT_ONCE];
        int32_t n = part_of(f, first);
        average(f, f->pixels + first, n, sums);
        for (int32_t i = 0; i < n; i++) {
            size_t place = hs_forest_place(&f->view, f->pixels[first + i]);
            for (size_t c = 0; c < (size_t)f->classes; c++)
                probabilities[c * area + place] = sums[i][c];
        }
    }
}

void hs_tree_count(const hs_tree *tree, const hs_probe_view *v, const uint16_t *frame,
                   const uint8_t *mask, uint32_t *room, uint64_t *counts)
{
    int32_t n = hs_forest_frame_measured(v, frame, room);
    uint32_t *ends = room + n;
    hs_kernels_get()->forest_walk(v, frame, tree->nodes, room, n, ends);
    for (int32_t i = 0; i < n; i++) {
        uint8_t label = mask[hs_forest_place(v, room[i])];
        if (label < tree->classes) {
            uint64_t *count = &counts[(uint64_t)ends[i] * (uint64_t)tree->classes + label];
#pragma omp atomic
            (*count)++;
        }
    }
}

/* A grown forest that labels frames: the histograms of the leaves a pixel ends in, averaged. */
#ifndef HS_FOREST_PREDICT_H
#define HS_FOREST_PREDICT_H

#include "forest/tree.h"
#include <stddef.h>

/* Trees to label with; `shares` are made by hs_forest_prepare. */
typedef struct hs_forest {
    hs_probe_view view;
    int32_t classes, trees;
    const hs_tree *tree; /* [trees], borrowed */
    float **shares; /* [trees][nodes][classes]: of a leaf, each class's share of its pixels, divided
                       by the number of trees */
    uint16_t *frame;  /* [hs_probe_area]: the frame labelled last */
    uint32_t *pixels; /* [measured]: its measured pixels */
    int32_t measured;
} hs_forest;

/* Prepares `trees` grown trees of one view. Initialise with {0}; free after failure too. */
hs_status hs_forest_prepare(hs_forest *forest, const hs_probe_view *view, const hs_tree *tree,
                            int32_t trees);
void hs_forest_free(hs_forest *forest);

/* Bytes of such a forest, for trees of so many nodes. */
size_t hs_forest_bytes(const hs_probe_view *view, int32_t classes, int32_t trees, size_t nodes);

/* The most probable class of each pixel, the first of equals: labels [height][width]. A pixel where
 * nothing was measured is background, class 0. depth [height][width] in units of `depth_unit`
 * metres. */
void hs_forest_label(hs_forest *forest, const uint16_t *depth, double depth_unit, uint8_t *labels);

/* What the forest makes of the frame labelled last: [classes][height][width]. */
void hs_forest_probabilities(const hs_forest *forest, float *probabilities);

/* Adds the measured pixels of a frame in the view's form, whose label mask [height][width] is a
 * class, to the counts of the leaf each ends in: counts [nodes][classes]. For several threads at
 * once. room [2 * height * width]. */
void hs_tree_count(const hs_tree *tree, const hs_probe_view *view, const uint16_t *frame,
                   const uint8_t *mask, uint32_t *room, uint64_t *counts);

#endif

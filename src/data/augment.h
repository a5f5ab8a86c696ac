/* Augmentation of a labelled depth frame ([v4]: flip with left and right swapped, translation and
 * scale up to 20 %). Pure: drawn from (seed, epoch, frame), never from who draws it. */
#ifndef HS_DATA_AUGMENT_H
#define HS_DATA_AUGMENT_H

#include "data/resample.h"

typedef struct hs_augment_config {
    bool flip;        /* left and right, every second frame; hands swap their labels */
    double translate; /* most, as a share of width and height, in [0, 1): 0.2 */
    double scale;     /* most: factors from 1 / (1 + scale) to 1 + scale, even in the logarithm */
    /* A hand that looks s times larger is s times nearer: divides depth by the factor. Off, because
     * the paper scales the image only. Without effect under HS_NORMALIZE_MEAN. */
    bool scale_depth;
} hs_augment_config;

/* One draw. {.scale = 1} changes nothing. */
typedef struct hs_augmentation {
    bool flip;
    double shift_x, shift_y; /* shares of width and height, to the right and down */
    double scale;
} hs_augmentation;

hs_augmentation hs_augmentation_draw(const hs_augment_config *config, uint64_t seed, uint32_t epoch,
                                     uint32_t frame);

/* Sets flip, shift and scale of both axes, whose `in` and `out` are set. */
void hs_augmentation_apply(const hs_augmentation *augmentation, hs_axis *rows, hs_axis *columns);

#endif

/* From a stored frame to what the net sees: samples of the net's size, normalised depth. Pure. */
#ifndef HS_DATA_SAMPLE_H
#define HS_DATA_SAMPLE_H

#include "data/augment.h"
#include "handseg/net.h"
#include <stddef.h>

/* What a raw depth image [n] is divided by: `constant`, or the mean of its pixels above 0 (1 where
 * there are none). */
float hs_depth_divisor(const uint16_t *depth, size_t n, hs_normalization normalization,
                       double constant);

/* out[i] = depth[i] / divisor. */
void hs_depth_normalize(const uint16_t *depth, size_t n, float divisor, hs_real *out);

typedef struct hs_sample_config {
    int32_t in_height, in_width;
    int32_t height, width; /* of the net */
    hs_normalization normalization;
    double constant;
    int32_t left, right; /* classes a flip swaps; both 0 where there are none */
    bool scale_depth;    /* see hs_augment_config */
} hs_sample_config;

/* Room for one thread to work in; allocated by the caller. */
typedef struct hs_sample_room {
    int32_t *rows, *columns; /* [height], [width] of the net */
    uint16_t *view;          /* [height][width] of the net */
} hs_sample_room;

/* raw and labels [in_height][in_width] -> depth and mask [height][width], and the depth as it was
 * measured in room->view. What lies outside the frame has depth 0 and class 0. `depth` may be NULL:
 * the view is enough. */
void hs_sample_make(const hs_sample_config *config, const hs_augmentation *augmentation,
                    const uint16_t *raw, const uint8_t *labels, const hs_sample_room *room,
                    hs_real *depth, uint8_t *mask);

#endif

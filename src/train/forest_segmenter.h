/* A forest as a segmenter: one frame at a time, labelled by all threads. */
#ifndef HS_TRAIN_FOREST_SEGMENTER_H
#define HS_TRAIN_FOREST_SEGMENTER_H

#include "eval/segmenter.h"
#include "forest/predict.h"

typedef struct hs_forest_segmenter {
    hs_segmenter segmenter;
    hs_forest forest;
} hs_forest_segmenter;

/* Prepares `count` trees, which it borrows. Initialise with {0}; free after failure too. The
 * segmenter points to `s`. */
hs_status hs_forest_segmenter_init(hs_forest_segmenter *s, const hs_probe_view *view,
                                   const hs_tree *trees, int32_t count);
void hs_forest_segmenter_free(hs_forest_segmenter *s);

#endif

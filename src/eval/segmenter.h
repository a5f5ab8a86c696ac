/* What gives each pixel of a depth frame a label: a network, a forest, a rule. It labels frames of
 * a size of its own; whoever has others brings them to it (eval/frame_segmenter.h). */
#ifndef HS_EVAL_SEGMENTER_H
#define HS_EVAL_SEGMENTER_H

#include "base/status.h"
#include "handseg/tensor.h"
#include <stdbool.h>
#include <stdint.h>

/* Frames of a segmenter's size as a camera gives them. */
typedef struct hs_frame_batch {
    int32_t count;         /* 1 .. batch of the segmenter */
    const uint16_t *depth; /* [count][height][width], 0: nothing measured */
    double depth_unit;     /* metres of one count */
    const uint8_t *color;  /* [count][height][width][3], red green blue of what the pixels of depth
                              show, 0 0 0 where unknown; NULL: there is none */
} hs_frame_batch;

typedef struct hs_segmenter {
    void *self; /* the functions' first argument */
    int32_t batch, height, width, classes;

    /* labels [count][height][width], each below `classes`. */
    hs_status (*label)(void *self, const hs_frame_batch *frames, uint8_t *labels);

    /* How sure it is of the first of the frames labelled last: [classes][height][width], the sum
     * over the classes of a pixel is 1. NULL: it gives labels only. */
    void (*probabilities)(void *self, float *probabilities);

    /* Adds to total[0] the cross-entropy of the first `count` frames labelled last against their
     * truth [count][height][width], weighted by class, and to total[1] the sum of the weights.
     * NULL: it has none. */
    void (*loss)(void *self, const uint8_t *truth, int32_t count, const double *class_weights,
                 double total[2]);

    bool color; /* it needs frames of which `color` is known */
} hs_segmenter;

#endif

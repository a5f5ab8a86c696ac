/* From a frame as a camera gives it to labels of its size: samples of the segmenter's size, the
 * segmenter, and back. The maps of samples are kept while frames have one size, and a run allocates
 * nothing while they do. */
#ifndef HS_EVAL_FRAME_SEGMENTER_H
#define HS_EVAL_FRAME_SEGMENTER_H

#include "eval/segmenter.h"

/* A frame of any size. */
typedef struct hs_frame {
    int32_t height, width;
    const uint16_t *depth; /* [height][width], 0: nothing measured */
    const uint8_t *color;  /* [height][width][3], see hs_frame_batch; NULL: there is none */
    double depth_unit;     /* metres of one count */
} hs_frame;

typedef struct hs_frame_segmenter {
    const hs_segmenter *segmenter;
    int32_t height, width; /* of the frames the maps are for */
    int32_t *maps;         /* rows and columns of the segmenter's size, then of the frame's */

    /* After a run, [height][width] of the segmenter: what it saw, and made of it. */
    uint16_t *view;
    uint8_t *color; /* [height][width][3]; NULL where it needs none */
    uint8_t *labels;
} hs_frame_segmenter;

/* Borrows the segmenter. Initialise with {0}; free after failure too. */
hs_status hs_frame_segmenter_init(hs_frame_segmenter *s, const hs_segmenter *segmenter);
void hs_frame_segmenter_free(hs_frame_segmenter *s);

/* labels [height][width] of the frame. HS_ERR_DATA for a frame without the colour it needs. */
hs_status hs_frame_segmenter_run(hs_frame_segmenter *s, const hs_frame *frame, uint8_t *labels);

#endif

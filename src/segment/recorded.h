/* The frames of recordings as models take them: depth, the colour of every pixel of it, and where a
 * recording was rendered the true labels. */
#ifndef HS_SEGMENT_RECORDED_H
#define HS_SEGMENT_RECORDED_H

#include "base/status.h"
#include "handseg/dataset.h"
#include <stdbool.h>

typedef struct hs_recorded hs_recorded;

typedef struct hs_recorded_info {
    int32_t height, width; /* of depth */
    double depth_unit;     /* metres */
    uint32_t count;        /* of frames with a partner in the colour stream; others are left out */
    bool truth;            /* every recording has true labels */
} hs_recorded_info;

/* Opens the recordings that a path means: a folder, a bag, a folder of them. Persons that are not
 * named are number 1. Errors as hs_frames_open's. */
hs_status hs_recorded_open(const char *path, hs_recorded **recorded);
void hs_recorded_close(hs_recorded *recorded); /* NULL is fine */

const hs_recorded_info *hs_recorded_get_info(const hs_recorded *recorded);

/* Of frame `index`, 0 .. count - 1, its subject, number and name; borrowed. */
const hs_frame_info *hs_recorded_get_frame(const hs_recorded *recorded, uint32_t index);

/* Reads depth [height][width], color [height][width][3], 0 0 0 where unknown, and truth
 * [height][width]: 0 background, 1 right, 2 left, and 0 where nothing was measured, as in a data
 * set. Each may be NULL. Safe from any thread. */
hs_status hs_recorded_read(const hs_recorded *recorded, uint32_t index, uint16_t *depth,
                           uint8_t *color, uint8_t *truth);

#endif

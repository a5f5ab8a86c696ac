/* Frames to segment: PNG files, folders of them, data sets; in the order given, of any sizes. */
#ifndef HS_SEGMENT_INPUTS_H
#define HS_SEGMENT_INPUTS_H

#include "base/memory.h"
#include "handseg/dataset.h"

typedef struct hs_input_frame {
    const char *name, *path;   /* of the results, see eval/frame_name.h; of the file it lies in */
    const hs_dataset *dataset; /* NULL: a PNG file */
    int64_t index;             /* in the data set */
    int32_t height, width;
    double depth_unit; /* metres; 0: unknown */
} hs_input_frame;

typedef struct hs_input_set {
    struct hs_input_set *next;
    hs_dataset *dataset;
} hs_input_set;

/* Initialise with {0}; close after failure too. */
typedef struct hs_inputs {
    hs_arena arena;
    hs_input_frame *frames;
    int64_t count, room;
    hs_input_set *sets;
} hs_inputs;

/* Adds what `path` names: a 16-bit PNG, a folder of them (or with them in images/; camera.ini gives
 * their unit), every frame of a data set. Every header is looked at. HS_ERR_DATA for a folder
 * without PNG files, HS_ERR_FORMAT for a file that is none of these. */
hs_status hs_inputs_add(hs_inputs *inputs, const char *path);

/* HS_ERR_USAGE where two frames would have results of one name. */
hs_status hs_inputs_check_names(const hs_inputs *inputs);

/* Reads depth [height][width] of a frame into memory that the caller frees. From any thread. */
hs_status hs_input_read(const hs_input_frame *frame, uint16_t **depth);

void hs_inputs_close(hs_inputs *inputs);

#endif

/* Frames to segment: PNG files, folders of them, data sets, recordings; in the order given, of any
 * sizes. */
#ifndef HS_SEGMENT_INPUTS_H
#define HS_SEGMENT_INPUTS_H

#include "base/memory.h"
#include "segment/recorded.h"

typedef struct hs_input_frame {
    const char *name, *path;   /* of the results, see eval/frame_name.h; of the file it lies in */
    const char *color;         /* PNG file of its colours; NULL: none, or in the recording */
    const hs_dataset *dataset; /* both NULL: a PNG file */
    const hs_recorded *recorded;
    int64_t index; /* in the data set or recording */
    int32_t height, width;
    double depth_unit; /* metres; 0: unknown */
} hs_input_frame;

typedef struct hs_input_set {
    struct hs_input_set *next;
    hs_dataset *dataset; /* either */
    hs_recorded *recorded;
} hs_input_set;

/* Initialise with {0}; close after failure too. */
typedef struct hs_inputs {
    hs_arena arena;
    hs_input_frame *frames;
    int64_t count, room;
    hs_input_set *sets;
} hs_inputs;

/* Adds what `path` names: a 16-bit PNG, a folder of them (or with them in images/, and their
 * colours in color/ under the same names; camera.ini gives their unit), every frame of a data set,
 * every pair of a recording or of a folder of them. Every header is looked at. HS_ERR_DATA for a
 * folder without PNG files, HS_ERR_FORMAT for a file that is none of these. */
hs_status hs_inputs_add(hs_inputs *inputs, const char *path);

/* HS_ERR_USAGE where two frames would have results of one name. */
hs_status hs_inputs_check_names(const hs_inputs *inputs);

/* HS_ERR_DATA, with the first, where frames have no colours; `model` is what needs them. */
hs_status hs_inputs_check_color(const hs_inputs *inputs, const char *model);

/* Reads depth [height][width] of a frame and, where `color` is not NULL, its colours
 * [height][width][3], 0 0 0 where unknown: into memory that the caller frees. From any thread. */
hs_status hs_input_read(const hs_input_frame *frame, uint16_t **depth, uint8_t **color);

void hs_inputs_close(hs_inputs *inputs);

#endif

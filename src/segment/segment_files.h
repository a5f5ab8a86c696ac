/* Segments files: masks, overlays and logits of many frames. */
#ifndef HS_SEGMENT_SEGMENT_FILES_H
#define HS_SEGMENT_SEGMENT_FILES_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct hs_segment_request {
    const char *model;
    const char *const *inputs; /* [n], see segment/inputs.h */
    int n;
    const char *out;      /* folder: masks/NAME.png, 8-bit labels, and overlays/NAME.png */
    const char *logits;   /* HDF5 file of what the network gave, see below; NULL: none */
    double depth_unit;    /* metres; 0: what the input says, or else that of the training data */
    bool overlays, force; /* force: replace results that are there */
} hs_segment_request;

typedef struct hs_segment_result {
    int64_t frames;
    double median_latency; /* seconds of a frame in memory to its labels */
    double seconds;        /* all frames, files included */
} hs_segment_result;

/* Every result appears whole or not at all. The file of logits has /logits [N][C][h][w] of float32
 * at the network's size, /name [N] and the attribute labels [C].
 * HS_ERR_STATE for results that are there already. */
hs_status hs_segment_files(const hs_segment_request *request, hs_segment_result *result);

#endif

/* Annotation as a job: recordings in, a labelled data set in HandSeg's layout out.
 *
 *   OUT/images/user-<s>.<f>.png   raw depth, as recorded
 *   OUT/masks/                    0 background, 1 right, 2 left, of the same names
 *   OUT/color/                    the colour of each depth pixel, black where it is not known
 *   OUT/camera.ini                the depth camera (data/camera_file.h)
 *   OUT/annotate.ini              what was annotated and how: parameters, calibration, recordings
 *   OUT/quality.csv               a row for every depth frame (studio/quality_file.h)
 *
 * Frames without labels have a row and no files. An interrupted job goes on where it stopped when
 * it is given again; quality.csv is there when it is done, and nothing but pictures is made then.
 * Everything is independent of the number of threads. */
#ifndef HS_STUDIO_ANNOTATE_H
#define HS_STUDIO_ANNOTATE_H

#include "recording/recording.h"
#include "studio/quality_file.h"

typedef struct hs_annotate_request {
    const char *const *recordings; /* [n] recordings, and folders of them */
    int n;
    const char *calib;            /* file of the gloves' colours */
    const char *out, *config;     /* config: NULL for the defaults */
    const char *const *overrides; /* [override_count] "section.key=value" */
    int override_count;
    int32_t subject; /* 0: as the recordings say */
    hs_recording_options reading;
    const char *debug;        /* folder for pictures of all stages; NULL: none */
    const char *debug_frames; /* "user-1.00000003,7,20-30"; NULL: every frame */
} hs_annotate_request;

typedef struct hs_annotate_result {
    hs_quality_counts counts;
    int64_t unpaired_color; /* colour frames that belong to no depth frame */
    int64_t pictures;
    hs_labeller_times spent;
} hs_annotate_result;

/* HS_ERR_USAGE where OUT holds something else, also the frames of another calibration. */
hs_status hs_annotate_recordings(const hs_annotate_request *request, hs_annotate_result *result);

#endif

/* The depth frames of several recordings, under the names they get in a data set. */
#ifndef HS_STUDIO_FRAMES_H
#define HS_STUDIO_FRAMES_H

#include "base/memory.h"
#include "recording/recording.h"

enum { HS_FRAME_NAME = 32 }; /* bytes of "user-<subject>.<8 digits>" */

/* One depth frame. */
typedef struct hs_frame_task {
    int32_t recording; /* index */
    int32_t subject, number;
    int64_t pair; /* in its recording; -1: it has no colour frame */
    double time;  /* seconds since the start of the recording */
} hs_frame_task;

/* Initialise with {0}; free also after a failure. */
typedef struct hs_frames {
    hs_arena arena;
    hs_recording **recordings; /* [n] */
    int32_t *subjects, *first; /* [n] of each recording; what is added to its frames' numbers */
    int n;
    hs_frame_task *tasks; /* [count], in order of their names */
    int64_t count;
    int64_t unpaired_color; /* colour frames that belong to no depth frame */
} hs_frames;

/* Opens all recordings that `paths` mean and lists their depth frames. `subject` > 0 stands for the
 * subject of all of them, below 0 -subject for that of those that do not say it. The frames of a
 * second recording of a subject are numbered on from the first one's. HS_ERR_DATA where images
 * differ in size or unit, no recording is found, or a subject is not said by the recording nor by
 * `subject`. */
hs_status hs_frames_open(hs_frames *frames, const char *const *paths, int n, int32_t subject,
                         const hs_recording_options *options);
void hs_frames_close(hs_frames *frames);

const hs_recording_info *hs_frames_info(const hs_frames *frames, int recording);

void hs_frame_task_name(const hs_frame_task *task, char name[HS_FRAME_NAME]);

#endif

/* A recording: two streams, depth and colour, of the same people, read frame by frame.
 *
 * On disk it is either a folder with camera.ini (recording/rig_file.h), depth/NAME.png (16-bit
 * grey), color/NAME.png (8-bit RGB) and, where it was rendered, truth/NAME.png (8-bit labels in the
 * depth view, named as the depth frame), NAME being the number of the frame in its stream, 8
 * digits; or a .bag file of librealsense, frames numbered as they stand in it. Nothing is loaded
 * whole: what is kept of a frame before it is read is its number, its time and, in a bag, its
 * place. */
#ifndef HS_RECORDING_RECORDING_H
#define HS_RECORDING_RECORDING_H

#include "base/memory.h"
#include "base/status.h"
#include "glove/rig.h"
#include "recording/rig_file.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct hs_recording hs_recording;

typedef enum hs_recording_kind { HS_RECORDING_FOLDER, HS_RECORDING_BAG } hs_recording_kind;

typedef struct hs_recording_options {
    double tolerance; /* seconds between the exposures of a pair; 0: what the recording says */
    bool salvage;     /* reads what can be read of a damaged recording, instead of refusing it */
} hs_recording_options;

/* Two frames taken together; indices are into the streams below. */
typedef struct hs_recording_pairing {
    int64_t depth, color;
} hs_recording_pairing;

typedef struct hs_recording_info {
    hs_recording_kind kind;
    const char *path, *name; /* as opened; its last part */
    int32_t subject;         /* 0: not said */
    hs_rig rig;
    double tolerance;            /* seconds */
    hs_stamps depth, color;      /* every frame of the streams, by time */
    hs_recording_pairing *pairs; /* [pair_count], by time of depth */
    int64_t pair_count;
    int64_t *unpaired_depth, *unpaired_color; /* indices of frames without a partner, by time */
    int64_t unpaired_depth_count, unpaired_color_count;
    double duration;      /* seconds from the first frame of any stream to the last */
    double rate;          /* pairs a second, over the time from the first pair to the last */
    double biggest_gap;   /* seconds between two successive pairs, at most */
    double widest_offset; /* seconds between the exposures of a pair, at most */
    bool arrival_times;   /* of a bag whose streams have no common clock: times of arrival */
    bool truth;           /* there are true masks */
    int64_t damages;      /* places where something was lost; above 0 only when salvaged */
    const char *damage;   /* the first of them, as an error would have said it; NULL: sound */
} hs_recording_info;

/* HS_ERR_IO for what is not there, HS_ERR_FORMAT for a bag that is damaged or is none,
 * HS_ERR_CONFIG for a wrong camera.ini, HS_ERR_DATA for frames without times and times without
 * frames, streams without a frame. NULL `options` are all 0. A bag is read once from end to end,
 * because its frames carry their times. */
hs_status hs_recording_open(const char *path, const hs_recording_options *options,
                            hs_recording **recording);
void hs_recording_close(hs_recording *recording);

/* Valid until the recording is closed. */
const hs_recording_info *hs_recording_get_info(const hs_recording *recording);

/* The frames of a pair. Initialise with {0}; may be used for one read after the other. */
typedef struct hs_recording_pair {
    hs_stamp depth_stamp, color_stamp;
    uint16_t *depth; /* [height][width] of the depth camera, counts, 0 unknown */
    uint8_t *color;  /* [height][width][3] of the colour camera */
    void *work;      /* of the reader */
    size_t work_size;
} hs_recording_pair;

/* Reads pair i, 0 <= i < pair_count. Safe from any thread, each with a pair of its own. */
hs_status hs_recording_read(const hs_recording *recording, int64_t i, hs_recording_pair *pair);
void hs_recording_pair_free(hs_recording_pair *pair);

/* The true mask of the depth frame of pair i: [height][width] of the depth camera, 0 background, 1
 * right, 2 left. The caller frees it with free(). HS_ERR_STATE where info says there is none. */
hs_status hs_recording_read_truth(const hs_recording *recording, int64_t i, uint8_t **mask);

/* The recordings that a path means. Initialise with {0}; free also after a failure. */
typedef struct hs_recording_list {
    hs_arena arena;
    const char **paths;
    int count;
} hs_recording_list;

/* A recording or a file is itself. Any other folder is its subfolders that are recordings and its
 * .bag files, in order of name, numbers by value; `calibration` is left out, because its recordings
 * show a probe. HS_ERR_DATA where there is none. */
hs_status hs_recording_list_read(const char *path, hs_recording_list *list);
void hs_recording_list_free(hs_recording_list *list);

/* Whether a path can only be a recording, or several: a folder, or a file that begins as a bag
 * does.
 */
bool hs_recording_is_likely(const char *path);

/* Whether a path is a folder laid out as a recording: camera.ini and depth/ in it. */
bool hs_recording_is_folder(const char *path);

#endif

/* camera.ini of a recording: who is seen, the two cameras, and when each frame was taken.
 *
 *   [recording]
 *   subject=3
 *   tolerance=0.012          ; seconds between the two exposures of a pair, at most
 *   [depth]                  ; lens of the depth camera, in pixels
 *   width=640
 *   height=480
 *   fx=475.07
 *   fy=475.07
 *   cx=315.94
 *   cy=245.29
 *   model=inverse_brown_conrady   ; or none, brown_conrady; with k1 k2 p1 p2 k3
 *   unit=0.000124987         ; metres a count
 *   [color]                  ; the same without unit
 *   [depth_to_color]         ; colour = rotation * depth + translation
 *   rotation=1, 0, 0, 0, 1, 0, 0, 0, 1
 *   translation=0.0257, 0.00122, 0.0039
 *   [depth_times]            ; seconds, one key a frame: 8 digits, the name of its file
 *   00000000=0
 *   [color_times]
 *   00000000=0.0061
 */
#ifndef HS_RECORDING_RIG_FILE_H
#define HS_RECORDING_RIG_FILE_H

#include "base/status.h"
#include "glove/rig.h"
#include <stdint.h>
#include <stdio.h>

/* A frame of one stream. */
typedef struct hs_stamp {
    double time;    /* seconds since the start of the recording */
    int32_t number; /* of the frame in its stream, 0..99999999 */
} hs_stamp;

typedef struct hs_stamps {
    hs_stamp *items; /* [count], by time, then number */
    int64_t count;
} hs_stamps;

/* Seconds between the exposures of a pair where nothing else is said: a little more than half of a
 * period at 48 Hz, so that no pair is missed where the cameras run unsynchronised. */
#define HS_PAIR_TOLERANCE 0.012

typedef struct hs_rig_file {
    int32_t subject;  /* 0: unknown, or none */
    double tolerance; /* seconds, above 0 */
    hs_rig rig;
    hs_stamps depth, color;
} hs_rig_file;

/* Initialise with {0}; free also after a failure. HS_ERR_IO where there is no such file,
 * HS_ERR_CONFIG for wrong content. */
hs_status hs_rig_file_read(const char *path, hs_rig_file *file);
void hs_rig_file_free(hs_rig_file *file);

/* Writes it as text that hs_rig_file_read reads back: the rotation to 10 digits, times to a
 * microsecond, everything else exactly. The caller checks `out` for errors when closing it. */
void hs_rig_file_write(const hs_rig_file *file, FILE *out);

/* Appends a frame; HS_ERR_MEMORY. `capacity` starts at 0 and belongs to the list. Sort at the end.
 */
hs_status hs_stamps_add(hs_stamps *stamps, int64_t *capacity, hs_stamp stamp);
void hs_stamps_sort(hs_stamps *stamps);

#endif

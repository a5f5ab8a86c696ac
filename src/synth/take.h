/* The recording of one person: movement, light, time stamps, and what goes wrong. */
#ifndef HS_SYNTH_TAKE_H
#define HS_SYNTH_TAKE_H

#include "synth/motion.h"
#include "synth/recorder.h"

/* A frame of both streams. */
typedef struct hs_take_frame {
    double time[HS_VIEWS]; /* seconds since the start, of the depth and the colour frame */
    hs_episode_kind episode;
    double strength; /* of it, 0 to 1: hands move into an episode and out again */
} hs_take_frame;

typedef struct hs_take {
    uint32_t subject;
    int64_t count;
    hs_take_frame *frames; /* [count] */
    hs_motion motion;
    hs_look look;
    double shutter; /* seconds that the colour camera's is open */
} hs_take;

/* Plans `frames` frames `interval` seconds apart of person `subject` (from 1). A frame is a
 * function of profile, seed, size, subject, interval and its number: how many follow makes no
 * difference. */
hs_status hs_take_init(hs_take *take, const hs_recorder *recorder, uint32_t subject, int64_t frames,
                       double interval);
void hs_take_free(hs_take *take);

/* Whether the frame's stream has it. */
bool hs_take_has(const hs_take_frame *frame, int view);

/* The text by which episodes.csv calls an episode. */
const char *hs_episode_name(hs_episode_kind kind);

/* Render one frame: see hs_recorder_depth and hs_recorder_color. */
void hs_take_depth(const hs_recorder *recorder, const hs_take *take, int64_t frame,
                   hs_recorder_buffers *buffers, uint16_t *depth, uint8_t *truth);
void hs_take_color(const hs_recorder *recorder, const hs_take *take, int64_t frame,
                   hs_recorder_buffers *buffers, uint8_t *picture);

#endif

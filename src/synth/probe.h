/* Calibration shots: a sphere in a glove's material, shown at a sparse grid of places. */
#ifndef HS_SYNTH_PROBE_H
#define HS_SYNTH_PROBE_H

#include "synth/recorder.h"

enum { HS_PROBE_SHOTS = 25 };

/* Seconds from one shot to the next, and of a shot's depth frame since the start. */
double hs_probe_time(int shot, int view);

/* The sphere of a shot (from 0) of the right or left glove, in the depth camera's space. */
hs_sphere hs_probe_sphere(const hs_recorder *recorder, bool left, int shot);

/* Renders both frames of a shot: depth [H][W], picture [H][W][3]. A function of seed, size, glove
 * and shot. */
void hs_probe_shot(const hs_recorder *recorder, bool left, int shot, hs_recorder_buffers *buffers,
                   uint16_t *depth, uint8_t *picture);

#endif

/* Which depth frame and which colour frame were taken together. */
#ifndef HS_RECORDING_PAIRING_H
#define HS_RECORDING_PAIRING_H

#include "recording/rig_file.h"

/* partner[i] becomes the index of the colour frame of depth frame i, or -1: the one nearest in
 * time, where it is within `tolerance` seconds. A colour frame that is nearest to several goes to
 * the nearest of them, to the earlier where two are equally near, so that none is used twice.
 * Both lists are sorted by time. */
void hs_pair_frames(const hs_stamps *depth, const hs_stamps *color, double tolerance,
                    int64_t *partner);

#endif

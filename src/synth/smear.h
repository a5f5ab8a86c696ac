/* Motion blur of hands: what moves while the shutter is open is smeared along its way. */
#ifndef HS_SYNTH_SMEAR_H
#define HS_SYNTH_SMEAR_H

#include "synth/raycast.h"
#include "synth/scene.h"

/* rgb: three planes [H][W] of the view; way: pixels, right and down, that each hand moves. What
 * lies behind a hand stays sharp where the hand does not cover it. scratch [H][W]. */
void hs_smear_hands(const hs_view *view, const double way[HS_SIDES][2], float *const rgb[3],
                    float *scratch);

#endif

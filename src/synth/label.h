/* Which pixels of a rendered frame its mask calls hands: what is true, or what a heuristic would.
 */
#ifndef HS_SYNTH_LABEL_H
#define HS_SYNTH_LABEL_H

#include "synth/raycast.h"
#include "synth/scene.h"

/* A frame as the sensor measured it; all arrays [H][W]. */
typedef struct hs_label_input {
    const hs_label_profile *profile;
    const hs_scene *scene; /* its limbs say where the palms are */
    const hs_rays *rays;
    const hs_view *view;
    const uint16_t *depth; /* measured, in units of `unit` metres */
    double unit;
} hs_label_input;

/* mask [H][W] of what is true: 0 background, 1 right, 2 left, the surface that a pixel's ray hits.
 * A pixel without depth is background: of the mask pixels of five real frames 0 to 0.7 % have none,
 * all on the mask's outline. */
void hs_synth_truth(const hs_view *view, const uint16_t *depth, uint8_t *mask);

/* Makes of the true mask what the profile's labels are. `queue` is room for [H][W] numbers. */
void hs_synth_label(const hs_label_input *in, int32_t *queue, uint8_t *mask);

#endif

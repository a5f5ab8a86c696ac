/* Folds and creases of clothes, which the smooth primitives of a body lack. */
#ifndef HS_SYNTH_CLOTH_H
#define HS_SYNTH_CLOTH_H

#include "synth/raycast.h"
#include "synth/scene.h"

/* Displaces the depth of cloth in `view` by its folds and by the steps of its creases, and marks in
 * hidden [H][W] the pixels of a zip or row of buttons, where the sensor sees nothing: 1 there. */
void hs_cloth_fold(const hs_scene *scene, const hs_rays *rays, uint32_t key, hs_view *view,
                   uint8_t *hidden);

#endif

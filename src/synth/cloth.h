/* Folds and creases of clothes, which the smooth primitives of a body lack. */
#ifndef HS_SYNTH_CLOTH_H
#define HS_SYNTH_CLOTH_H

#include "synth/raycast.h"
#include "synth/scene.h"

/* Displaces the depth of cloth in `view` by its folds and marks in crease [H][W] where a crease (or
 * a zip) hides the surface from the sensor: 1 there, 0 elsewhere. field [H][W] is scratch memory.
 */
void hs_cloth_fold(const hs_scene *scene, const hs_rays *rays, uint32_t key, hs_view *view,
                   float *field, uint8_t *crease);

#endif

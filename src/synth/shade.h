/* Colours of what a camera sees: Lambertian surfaces with a weak highlight under a hs_light. */
#ifndef HS_SYNTH_SHADE_H
#define HS_SYNTH_SHADE_H

#include "synth/light.h"
#include "synth/paint.h"
#include "synth/raycast.h"

typedef struct hs_shading {
    const hs_scene *scene; /* in the camera's space, as its mesh */
    const hs_rays *rays;
    const hs_view *view; /* of the mesh */
    const hs_palette *palette;
    const hs_paint *paints; /* of the mesh's primitives */
    const hs_light *light;
    const hs_shadow *shadow; /* cast from the same scene */
} hs_shading;

/* rgb: three planes [H][W], linear radiance, 1 = what just saturates at unit exposure. */
void hs_shade(const hs_shading *in, float *const rgb[3]);

#endif

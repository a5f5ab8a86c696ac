/* Light of a room: a lamp of some extent that casts soft shadows, a weaker light from the other
 * side, and what comes from ceiling and floor. */
#ifndef HS_SYNTH_LIGHT_H
#define HS_SYNTH_LIGHT_H

#include "base/status.h"
#include "synth/scene.h"

/* Places and directions are in the room's frame: hs_scene's level axes around the neck. */
typedef struct hs_light {
    hs_vec3 lamp;      /* metres */
    hs_vec3 fill;      /* unit, towards the second light */
    float lamp_rgb[3]; /* irradiance at right angles: linear, 1 = a well-lit white */
    float fill_rgb[3];
    float sky_rgb[3];    /* from straight above */
    float ground_rgb[3]; /* from straight below */
} hs_light;

/* The light of a recording, normalised so that what faces the camera is well exposed. */
hs_light hs_light_draw(hs_rng *rng);

/* What the lamp sees: the first distance along each of its rays. */
typedef struct hs_shadow {
    hs_placement lamp; /* in the space of the scene it was made of */
    float *depth;      /* [side][side]; metres along the axis, 0 where nothing is hit */
} hs_shadow;

enum { HS_SHADOW_SIDE = 224 };

/* The rays of the lamp. */
hs_status hs_shadow_rays_init(hs_rays *rays);

/* Fills shadow->depth, which the caller owns. spare: memory for the scene in the lamp's space;
 * surface [side][side] is scratch. */
void hs_shadow_cast(const hs_light *light, const hs_scene *scene, const hs_rays *rays,
                    hs_scene *spare, uint16_t *surface, hs_shadow *shadow);

/* Share of the lamp, 0 to 1, that reaches p; n is the unit normal there. */
float hs_shadow_lit(const hs_shadow *shadow, hs_vec3 p, hs_vec3 n);

#endif

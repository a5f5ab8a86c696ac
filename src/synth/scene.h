/* One frame's scene: who, in what pose, where before the camera, in which room. */
#ifndef HS_SYNTH_SCENE_H
#define HS_SYNTH_SCENE_H

#include "synth/body.h"
#include "synth/camera.h"
#include "synth/room.h"

enum { HS_RIGHT, HS_LEFT, HS_SIDES };

typedef struct hs_scene {
    hs_subject subject;
    hs_clothes clothes;
    hs_room room;
    hs_body_pose body;
    hs_axes level; /* like the body's axes, but upright in the room */
    hs_hand_pose pose[HS_SIDES];
    hs_arm arm[HS_SIDES];
    hs_limb limb[HS_SIDES];
    bool raised[HS_SIDES];             /* else the hand hangs or rests, seen or not */
    double reflectance[HS_PART_CODES]; /* infrared, of each part */
    hs_mesh mesh;                      /* in camera space */
} hs_scene;

/* Draws a scene with `subject` (from 1) of the data set `seed` from rng, the stream of the frame.
 * The same stream gives the next attempt where a scene did not come out well. */
void hs_scene_draw(const hs_staging_profile *staging, const hs_camera *camera, uint64_t seed,
                   uint32_t subject, hs_rng *rng, hs_scene *scene);

#endif

/* One moment's scene: who, in what pose, where before the camera, in which room. */
#ifndef HS_SYNTH_SCENE_H
#define HS_SYNTH_SCENE_H

#include "synth/body.h"
#include "synth/camera.h"
#include "synth/room.h"

enum { HS_RIGHT, HS_LEFT, HS_SIDES };

typedef struct hs_scene {
    bool nobody;    /* no person: room and ball only */
    hs_sphere ball; /* on a stick; radius 0: there is none */
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

/* What stays the same during one recording of a person, beside clothes and room. */
typedef struct hs_session {
    bool seated;
    double distance, shoulders, pitch; /* metres, share of the image's height, radians */
} hs_session;

/* How an arm is held, wherever its hand is. */
typedef struct hs_arm_stance {
    hs_hand_pose pose;
    double pronation; /* radians; 0 thumb up, positive palm down */
    hs_vec3 elbow;    /* direction the elbow points to, in the body's axes */
} hs_arm_stance;

/* Draws session `number` of a person: its clothes and room go into the scene. */
hs_session hs_session_draw(const hs_staging_profile *staging, uint64_t seed, uint32_t subject,
                           uint32_t number, hs_scene *scene);

/* Places the person of a session before the camera, arms left out. */
void hs_body_draw(const hs_camera *camera, const hs_session *session, hs_rng *rng, hs_scene *scene);

hs_arm_stance hs_arm_stance_draw(const hs_subject *subject, hs_rng *rng);

/* Bends an arm so that the middle of its palm comes to `palm` (camera space). Where the arm does
 * not reach: with `yield` the palm stays as near as it can, else false. */
bool hs_arm_place(hs_scene *scene, bool left, hs_vec3 palm, const hs_arm_stance *stance,
                  bool yield);

/* The mesh and the reflectances of a scene whose people and things are placed. */
void hs_scene_build(hs_scene *scene);

/* Puts the scene into the coordinates of another camera or light; the mesh is not built anew. */
void hs_scene_move(hs_scene *scene, const hs_placement *camera);

/* Draws a scene with `subject` (from 1) of the data set `seed` from rng, the stream of the frame.
 * The same stream gives the next attempt where a scene did not come out well. */
void hs_scene_draw(const hs_staging_profile *staging, const hs_camera *camera, uint64_t seed,
                   uint32_t subject, hs_rng *rng, hs_scene *scene);

#endif

/* How a recorded person moves: poses some time apart and the way between them. */
#ifndef HS_SYNTH_MOTION_H
#define HS_SYNTH_MOTION_H

#include "synth/clear.h"

/* Everything of a person that moves. */
typedef struct hs_stance {
    hs_vec3 sway;                 /* metres by which the body is off its place */
    double turn, lean, look, nod; /* radians: body about the vertical and forwards; the same of the
                                     head */
    hs_vec3 palm[HS_SIDES];       /* depth camera's space */
    hs_arm_stance arm[HS_SIDES];
} hs_stance;

/* A stance and the time it is reached; until the next one, `episode` goes wrong. */
typedef struct hs_key {
    double time; /* seconds since the start */
    hs_episode_kind episode;
    bool left;         /* the hand or glove it concerns */
    hs_vec3 target[2]; /* where it takes the palms at its height */
    hs_sphere ball;    /* of the object of a glove's colour; radius 0: none */
    double gain;       /* of the light */
    hs_stance stance;
} hs_key;

/* The movement of one recording. */
typedef struct hs_motion {
    hs_scene *base; /* person, clothes, room and body as placed for the whole recording */
    int64_t count;
    hs_key *keys; /* [count], their times rising from 0 */
} hs_motion;

/* Draws the movement of `subject` (from 1) for at least `seconds`; what comes first does not depend
 * on how long it is. views: the depth camera and the colour camera. */
hs_status hs_motion_init(hs_motion *motion, const hs_profile *profile, uint64_t seed,
                         uint32_t subject, double seconds, const hs_viewpoint views[2]);
void hs_motion_free(hs_motion *motion);

/* The last key at or before `time`. */
const hs_key *hs_motion_key(const hs_motion *motion, double time);

/* How far the episode of a key of hs_motion_key has got at `time`: 0 at both ends of its time, 1 in
 * the middle half of it. */
double hs_key_strength(const hs_key *key, double time);

/* Puts the person into `scene` as he is at `time`, without the mesh. Of the scene only the mesh is
 * kept as it was. */
void hs_motion_pose(const hs_motion *motion, double time, hs_scene *scene);

#endif

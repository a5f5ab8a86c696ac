/* The body behind the hands: trunk, head, arms that connect shoulders to wrists, legs. */
#ifndef HS_SYNTH_BODY_H
#define HS_SYNTH_BODY_H

#include "synth/hand.h"

/* Where the body is. Body axes: x to the person's right, y up, z to the front. */
typedef struct hs_body_pose {
    hs_vec3 neck; /* middle of the shoulders' line */
    hs_axes axes;
    hs_axes head;    /* the same for the head */
    double shrug[2]; /* metres the shoulders are raised by; right, left */
    bool seated;
    double knees; /* radians between the thighs */
} hs_body_pose;

/* An arm: the joints and, derived from them, the forearm's axes. */
typedef struct hs_arm {
    hs_vec3 shoulder, elbow, wrist;
    hs_axes forearm; /* radial, distal, dorsal at the wrist */
} hs_arm;

hs_vec3 hs_body_shoulder(const hs_body_anatomy *anatomy, const hs_body_pose *pose, bool left);

/* Bends the arm so that it reaches from its shoulder to `wrist`, the elbow as far towards `elbow`
 * (a direction) as it can be; the hand is turned by `pronation` (radians; 0 thumb up, positive palm
 * down). False where the wrist is out of reach or nearer than the elbow bends. */
bool hs_arm_reach(const hs_body_anatomy *anatomy, const hs_body_pose *pose, bool left,
                  hs_vec3 wrist, hs_vec3 elbow, double pronation, hs_arm *arm);

/* The place nearest to `wrist` that the arm of this side can reach. */
hs_vec3 hs_arm_limit(const hs_body_anatomy *anatomy, const hs_body_pose *pose, bool left,
                     hs_vec3 wrist);

/* Adds trunk, neck, head and legs. */
void hs_body_mesh(const hs_body_anatomy *anatomy, const hs_body_pose *pose,
                  const hs_clothes *clothes, hs_mesh *mesh);

/* Adds eyes, brows and mouth: colours on the face rather than shapes. */
void hs_face_mesh(const hs_body_anatomy *anatomy, const hs_body_pose *pose, hs_mesh *mesh);

/* Adds upper arm, forearm and sleeve; the hand's cuff covers the first `clothes->glove_cuff`. */
void hs_arm_mesh(const hs_subject *subject, const hs_arm *arm, bool left, const hs_clothes *clothes,
                 hs_mesh *mesh);

/* Least distance, in metres, of n spheres from trunk, head and legs; negative: pressed in. */
double hs_body_clearance(const hs_body_anatomy *anatomy, const hs_body_pose *pose,
                         const hs_clothes *clothes, const hs_sphere *spheres, int n);

#endif

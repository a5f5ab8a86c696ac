/* The hand: joint angles -> joint positions -> sphere-mesh. */
#ifndef HS_SYNTH_HAND_H
#define HS_SYNTH_HAND_H

#include "synth/mesh.h"
#include "synth/pose.h"

/* Where the bones end. Hand coordinates: x towards the thumb, y from the wrist to the fingers, z
 * out of the back of the hand; the origin is the middle of the wrist. The same numbers describe a
 * right and a left hand: the axes they are placed by are right-handed for one and left-handed for
 * the other (radial, distal, dorsal are left-handed in a right hand). */
typedef struct hs_skeleton {
    hs_vec3 joint[HS_FINGERS][5]; /* ends of the bones from the carpus on; bones + 1 of them */
    hs_vec3 tip[HS_FINGERS];      /* centre of the fingertip's sphere */
} hs_skeleton;

/* Placement of a hand and its forearm. */
typedef struct hs_limb {
    bool left;
    hs_vec3 wrist;
    hs_axes hand;    /* radial, distal, dorsal */
    hs_axes forearm; /* the same for the forearm; y points from the elbow to the wrist */
} hs_limb;

hs_skeleton hs_hand_skeleton(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose);

/* The axes of the hand, from those of the forearm, by the wrist's two angles. */
hs_axes hs_hand_axes(const hs_axes *forearm, const hs_hand_pose *pose);

/* Adds the hand in its glove, with the cuff beyond the wrist. */
void hs_hand_mesh(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose, const hs_limb *limb,
                  const hs_clothes *clothes, hs_mesh *mesh);

/* Spheres that stand for the whole hand where it is tested for touching something else. */
enum { HS_HAND_SPHERES = 24 };
int hs_hand_spheres(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose, const hs_limb *limb,
                    hs_sphere spheres[HS_HAND_SPHERES]);

#endif

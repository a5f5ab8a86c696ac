/* Poses of a hand: joint angles, their limits, and the gestures people make. */
#ifndef HS_SYNTH_POSE_H
#define HS_SYNTH_POSE_H

#include "base/rng.h"
#include "synth/subject.h"

/* Joint angles in radians; flexion bends towards the palm. */
typedef enum hs_joint {
#define HS_JOINT(name, low, high, meaning) HS_JOINT_##name,
#include "synth/joints.def"
#undef HS_JOINT
    HS_JOINTS
} hs_joint;

typedef struct hs_hand_pose {
    double angle[HS_JOINTS];
} hs_hand_pose;

/* Limits of a joint, radians. */
double hs_joint_low(hs_joint joint);
double hs_joint_high(hs_joint joint);

/* The four flexion joints of a finger but the thumb follow each other: MCP, PIP, DIP. */
hs_joint hs_finger_joint(int finger, int joint);

int hs_gesture_count(void);
const char *hs_gesture_name(int gesture);

/* The gesture itself, within the limits. */
hs_hand_pose hs_gesture_pose(int gesture);

/* A random pose of this person: a gesture or a mixture of two, varied joint by joint, within the
 * limits. The wrist's angles are drawn too. */
hs_hand_pose hs_pose_draw(const hs_subject *subject, hs_rng *rng);

#endif

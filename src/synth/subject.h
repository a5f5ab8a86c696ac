/* One rendered person: anatomy of the hands and the body, clothes, habits. */
#ifndef HS_SYNTH_SUBJECT_H
#define HS_SYNTH_SUBJECT_H

#include "base/rng.h"
#include "synth/geometry.h"
#include <stdbool.h>

enum { HS_THUMB, HS_INDEX, HS_MIDDLE, HS_RING, HS_LITTLE, HS_FINGERS };

/* A finger: bones and the spheres at their ends. Thumb: metacarpal, proximal, distal (three bones);
 * others: metacarpal, proximal, middle, distal. All metres. */
typedef struct hs_finger {
    int bones;
    double length[4]; /* of the bones; the last one without the pulp */
    double pulp;      /* flesh beyond the last bone */
    double radius[4]; /* base to tip: the four joints' spheres */
} hs_finger;

typedef struct hs_hand_anatomy {
    double scale; /* of the whole hand, 1 = the mean of FACTS section 6's bones */
    hs_finger fingers[HS_FINGERS];
    double palm_radius[HS_FINGERS];  /* at the heads of the metacarpals; [HS_THUMB] unused */
    double wrist_radius, wrist_half; /* two spheres at +-wrist_half across the wrist */
} hs_hand_anatomy;

typedef struct hs_body_anatomy {
    double stature;
    double shoulder_half; /* from the middle to a shoulder joint */
    double upper_arm, forearm;
    double chest_radius, waist_radius, hip_radius, hip_half, belly;
    double arm_radius, elbow_radius, neck_radius, head_radius;
    double trunk; /* from the shoulders' line down to the hips */
    double thigh;
} hs_body_anatomy;

/* What changes between recording sessions of one person. */
typedef struct hs_clothes {
    double sleeve_loose; /* metres of cloth and air over the arm */
    double sleeve_end;   /* where the sleeve ends: share of the forearm from the wrist; >= 1 bare */
    double trunk_loose;  /* metres over the trunk */
    double glove_thick;  /* metres over the hand */
    double glove_cuff;   /* metres of glove beyond the wrist */
    bool zip;            /* a zip or row of buttons down the front */
    double fold_depth;   /* metres: amplitude of folds */
    double fold_size;    /* metres: distance between folds */
    double crease;       /* 0 to 1: how much of the cloth is creased */
    double shirt, trousers, hair, skin, glove; /* infrared reflectance, 0 to 1 */
} hs_clothes;

typedef struct hs_subject {
    hs_hand_anatomy hand;
    hs_body_anatomy body;
    double pose_bias[4]; /* habits, radians: flexion, spread, thumb, wrist */
} hs_subject;

/* The person of this number (from 1) in the data set of `seed`. */
hs_subject hs_subject_make(uint64_t seed, uint32_t subject);

/* What he wears, drawn from rng. */
hs_clothes hs_clothes_draw(hs_rng *rng);

#endif

/* What a family of rendered data sets has in common: camera, sensor, staging. */
#ifndef HS_SYNTH_PROFILE_H
#define HS_SYNTH_PROFILE_H

#include "base/status.h"
#include <stdbool.h>

/* A range that is drawn from uniformly. */
typedef struct hs_span {
    double low, high;
} hs_span;

/* The pinhole camera of a profile, at its native size. */
typedef struct hs_camera_profile {
    const char *sensor; /* its name */
    int width, height;
    hs_span focal;        /* pixels */
    hs_span cx, cy;       /* pixels */
    double distortion[5]; /* inverse Brown-Conrady k1 k2 p1 p2 k3: pixel to ray */
    double depth_unit;    /* metres per count */
    hs_span range;        /* metres in which a depth is measured */
} hs_camera_profile;

/* A structured-light sensor. Sizes in pixels hold at the native width. */
typedef struct hs_sensor_profile {
    double noise_floor;     /* metres: sigma of the depth noise at no distance */
    double noise_quadratic; /* metres per square metre: sigma that grows with the square of z */
    double baseline;        /* metres from camera to projector: scales the gaps at depth steps */
    double gap_floor;       /* pixels: gap at the smallest step */
    double gap_spread;      /* sigma of the logarithm of the gap along an edge */
    double gap_right;       /* how much longer gaps on the right of the nearer surface are */
    double step;            /* metres between neighbours that make a depth step */
    double signal;          /* strength of the return at 1 m, normal incidence and reflectance 1,
                               over the least that is measured */
    double cloth_rough;     /* cosine of incidence that cloth loses to its folds, about */
    double flying;          /* share of the pixels at edges whose depth is a mixture */
} hs_sensor_profile;

/* What a mask calls a hand. */
typedef struct hs_label_profile {
    bool left_only; /* the right hand is background */
    bool flooded;   /* not what is true, but what a flood fill from the palm reaches: */
    double reach;   /* metres from the palm */
    double step;    /* metres in depth from a pixel to its neighbour, less than */
} hs_label_profile;

/* Where people and hands are. */
typedef struct hs_staging_profile {
    hs_span body_distance; /* metres from the camera to the chest */
    hs_span hand_distance; /* metres from the camera to the palms */
    hs_span measured; /* share of a frame's pixels that have a depth: what else is thrown out */
    hs_span hand;     /* the same of the pixels of a raised hand */
    double one_hand;  /* probability that only one hand is raised */
    bool one_left;    /* it is always the left one */
    double clear;     /* metres between a raised hand and body or table, at least */
    double apart;     /* metres between the hands, at least, where they do not work together */
    double together;  /* probability that two raised hands work together and may touch */
    double crossed;   /* probability that two raised hands swap sides */
    double seated;    /* probability that a session is held sitting */
} hs_staging_profile;

/* What can be wrong with a frame of a recording. */
typedef enum hs_episode_kind {
#define HS_EPISODE(name, text, meaning) HS_EPISODE_##name,
#include "synth/episodes.def"
#undef HS_EPISODE
    HS_EPISODE_KINDS
} hs_episode_kind;

/* A recording of both streams: the colour camera, its place, how people move, what goes wrong. */
typedef struct hs_recording_profile {
    double focal, cx, cy;  /* pixels of the colour camera, at the native size; no distortion */
    double translation[3]; /* metres: a point in the colour camera's frame is R * depth + this */
    double tilt;           /* radians: R turns by up to this about each axis */
    hs_span body_distance; /* metres from the camera to the chest */
    hs_span hand_distance; /* metres from the camera to the palms */
    hs_span key_time;      /* seconds from one pose to the next */
    hs_span episode_time;  /* the same where something goes wrong */
    double reach;          /* metres that a hand moves from one pose to the next, at most */
    hs_span delay;         /* seconds from a depth frame to its colour frame: of a recording */
    hs_span shutter;       /* seconds that the colour camera's is open: of a recording */
    double jitter;         /* seconds by which both times vary */
    hs_span late;          /* seconds more, of a late colour frame */
    double tolerance;      /* seconds between the exposures of a pair, at most */
    double least_interval; /* seconds between two frames: one over the rate of the streams */
    double episodes[HS_EPISODE_KINDS]; /* probability in the time from one pose to the next, or,
                                          of those that are of one frame, in a frame */
} hs_recording_profile;

typedef struct hs_profile {
    const char *name, *summary;
    hs_camera_profile camera;
    hs_sensor_profile sensor;
    hs_staging_profile staging;
    hs_label_profile labels;
    hs_recording_profile recording; /* focal 0: it records no colour */
} hs_profile;

/* The profile called `name`; HS_ERR_USAGE with the nearest name where there is none. */
hs_status hs_profile_find(const char *name, const hs_profile **profile);

#endif

/* The shots of one glove's probe: read, searched, gathered. */
#ifndef HS_STUDIO_SHOTS_H
#define HS_STUDIO_SHOTS_H

#include "glove/probe.h"

enum { HS_SHOTS = 64 /* at most */, HS_SHOT_DISCS = 4 };

typedef struct hs_shot {
    uint8_t *rgb;   /* [height][width][3] of the glove's shots */
    int32_t number; /* of the colour frame */
    hs_disc discs[HS_SHOT_DISCS];
    hs_colour_median colours[HS_SHOT_DISCS];
    int found, chosen; /* discs; the one that is the probe, -1: none */
} hs_shot;

/* Initialise with {0}; free also after a failure. */
typedef struct hs_shots {
    const char *path; /* of the recording; borrowed */
    int count, width, height;
    hs_shot shots[HS_SHOTS];
    int showing;             /* shots with a probe, or with the box */
    int odd;                 /* the shot whose colour is not that of the others, -1: none */
    hs_colour_median common; /* the colour of all */
    hs_colour_cloud *cloud;  /* of what was gathered; its pixels are 0 before */
} hs_shots;

/* Reads evenly spaced pairs of a recording, HS_SHOTS at most, with progress. */
hs_status hs_shots_read(const char *path, hs_shots *shots);
void hs_shots_free(hs_shots *shots);

/* Finds the probe in each shot. Where a shot has several discs it is the best one of the colour
 * that most shots have. Sets `odd`, and gathers the pixels inside. */
hs_status hs_shots_find(hs_shots *shots, const hs_disc_search *search, const hs_probe_rule *rule);

/* Gathers the pixels of a box (x, y, width, height); HS_ERR_DATA where it is not inside. */
hs_status hs_shots_box(hs_shots *shots, const int32_t box[4]);

#endif

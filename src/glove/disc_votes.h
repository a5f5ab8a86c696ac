/* First half of finding discs: proposals from the edges of an image pyramid. */
#ifndef HS_GLOVE_DISC_VOTES_H
#define HS_GLOVE_DISC_VOTES_H

#include "base/status.h"

/* One level of a pyramid: [height][width][3], 0..255. Point (x, y) of level l is point
 * (x * 2^l, y * 2^l) of the image. */
typedef struct hs_colour_plane {
    int width, height;
    float *rgb;
} hs_colour_plane;

/* A proposed circle in the pixels of its level; votes: share of its outline that speaks for it. */
typedef struct hs_disc_proposal {
    int level;
    double x, y, radius, votes;
} hs_disc_proposal;

enum { HS_DISC_PROPOSALS = 16 }; /* of a level, at most */

/* Radii, in pixels of a level, between which circles are proposed there: a factor of two. */
#define HS_DISC_RADIUS_LEAST 12.0
#define HS_DISC_RADIUS_MOST 24.0

/* The circles of radius low..high (pixels of the level) of one level, most votes first. */
hs_status hs_disc_propose(const hs_colour_plane *plane, double low, double high,
                          hs_disc_proposal proposals[HS_DISC_PROPOSALS], int *count);

#endif

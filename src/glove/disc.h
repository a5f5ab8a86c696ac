/* Finding the round outline of a ball in a colour image. */
#ifndef HS_GLOVE_DISC_H
#define HS_GLOVE_DISC_H

#include "base/status.h"
#include <stdint.h>

/* A circle in an image, pixels (the centre of a pixel has whole coordinates), and what speaks for
 * it being a ball of one colour. */
typedef struct hs_disc {
    double x, y, radius;
    double support;   /* share of the outline, 0..1, where an edge runs */
    double gap;       /* the longest arc without an edge, as a share of the outline */
    double coherence; /* share of the inside, 0..1, in one colour whatever its brightness */
} hs_disc;

/* How good a disc is, to choose by: 0..1. */
static inline double hs_disc_score(const hs_disc *disc)
{
    return disc->support * disc->coherence;
}

/* What is looked for. A field of 0 takes the standard value given here. */
typedef struct hs_disc_search {
    double radius[2];  /* least and largest radius, pixels; 1/30 and 1/3 of the image's height */
    double support;    /* least support, .75 */
    double gap;        /* largest gap, .25 */
    double coherence;  /* least coherence, .6 */
    double saturation; /* least saturation of its median colour, 0..1, .12: white is no probe */
} hs_disc_search;

/* The discs of `rgb` ([height][width][3]), best first, at most `most` of them; none covers
 * another's centre. Circles are proposed by edges voting along their gradient, over a pyramid so
 * that texture is smoothed away for large ones, and refined by a robust least-squares fit to the
 * edges found on rays from the centre. The result depends on the image only. HS_ERR_MEMORY. */
hs_status hs_disc_find(const uint8_t *rgb, int width, int height, const hs_disc_search *search,
                       hs_disc *discs, int most, int *count);

#endif

/* Frames that show nearly the same: a video's neighbours, a copy with other noise. Pure. */
#ifndef HS_DATA_NEAR_H
#define HS_DATA_NEAR_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>

enum { HS_GIST_ROWS = 8, HS_GIST_COLUMNS = 17, HS_GIST_WORDS = 2, HS_GIST_ALL = 256 };

/* A part of a frame. What is not measured has no part in the mean: scattered pixels of it would
 * move that further than another scene does. */
typedef struct hs_gist_cell {
    uint16_t mean;     /* raw depth of the measured pixels; 0: none is */
    uint16_t measured; /* their share, HS_GIST_ALL: all */
} hs_gist_cell;

/* A frame in small: its cells, and for each two side by side whether the mean of the right one is
 * greater. */
typedef struct hs_gist {
    hs_gist_cell cells[HS_GIST_ROWS][HS_GIST_COLUMNS];
    uint64_t bits[HS_GIST_WORDS];
} hs_gist;

/* depth [height][width], raw; height and width at least those of a gist, or the gist is all 0
 * and tells nothing. */
void hs_gist_make(const uint16_t *depth, int32_t height, int32_t width, hs_gist *gist);

/* Mean difference of two gists' cells, raw depth: a pixel that only one has measured counts with
 * all its depth, but for some in each cell, which noise may take. */
double hs_gist_distance(const hs_gist *a, const hs_gist *b);

/* Calls found(user, i, j) for pairs i < j of gists[n] of different groups[n], at most `most` apart
 * in hs_gist_distance, each once, in order: among those that stand near each other when gists are
 * sorted by their bits, in several orders of the bits (the sorted neighbourhood method of Hernandez
 * and Stolfo 1995), so that time grows with n log n; now and
 * then a pair is missed. */
hs_status hs_near_pairs(const hs_gist *gists, const uint8_t *groups, int64_t n, double most,
                        void (*found)(void *user, int64_t i, int64_t j), void *user);

#endif

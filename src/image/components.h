/* Connected parts of a mask, as runs: what a part is made of, and which parts are near each other,
 * follows from a few hundred runs and not from the pixels. */
#ifndef HS_IMAGE_COMPONENTS_H
#define HS_IMAGE_COMPONENTS_H

#include "base/status.h"
#include "image/polygon.h"

/* Pixels first..last of row y, as long as can be. */
typedef struct hs_run {
    int32_t y, first, last;
    int32_t component;
} hs_run;

typedef struct hs_component {
    int32_t area;                     /* pixels */
    int32_t parts;                    /* connected parts: 1, more after joining */
    int32_t largest;                  /* pixels of the largest part */
    int32_t left, top, right, bottom; /* box of its pixels, all included */
} hs_component;

/* The components of one mask after another of the same size; the memory for any such mask is taken
 * by init and freed by free. Components are numbered by their first pixel in the order of reading.
 */
typedef struct hs_components {
    int32_t height, width;
    hs_run *runs;             /* [n_runs], by row, then from the left */
    int32_t *row;             /* [height + 1]: runs of row y are row[y] .. row[y + 1] - 1 */
    hs_component *components; /* [n_components] */
    int32_t n_runs, n_components;
    int32_t *parent; /* forest of sets, for finding and joining */
} hs_components;

hs_status hs_components_init(hs_components *c, int32_t height, int32_t width);
void hs_components_free(hs_components *c);

/* The 8-connected components of a mask [height][width] of 0 and 1. */
void hs_components_find(hs_components *c, const uint8_t *mask);

/* Makes one of all components that are nearer than `distance`, directly or through others: the
 * distance of two components is the least Euclidean distance, in pixels, between the centre of a
 * pixel of the one and that of a pixel of the other. Exact. Components are numbered anew. */
void hs_components_join(hs_components *c, double distance);

/* The component of the largest area, the first of equal ones; -1 where there is none. */
int32_t hs_components_largest(const hs_components *c);

/* The two ends of each row of a component, in the order hs_convex_hull wants: at most
 * 2 * height points; returns their number. */
int32_t hs_component_ends(const hs_components *c, int32_t component, hs_point *points);

/* mask [height][width]: 1 on the component's pixels, 0 elsewhere; all 0 for component -1. */
void hs_component_paint(const hs_components *c, int32_t component, uint8_t *mask);

#endif

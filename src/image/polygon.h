/* Convex polygons on the pixel grid. */
#ifndef HS_IMAGE_POLYGON_H
#define HS_IMAGE_POLYGON_H

#include <stddef.h>
#include <stdint.h>

typedef struct hs_point {
    int32_t x, y; /* column, row */
} hs_point;

/* Pixels first..last of a row; none where first > last. */
typedef struct hs_span {
    int32_t first, last;
} hs_span;

/* The corners of the convex hull of n points, which come in rows from the top and from left to
 * right in each; points may repeat. Corners only, no point between two of them: one where all
 * points are equal, two where they lie on a line; the same set as cv2.convexHull's. They start at
 * the first point and go clockwise as the image is seen. `hull` has room for n + 1; returns their
 * number. */
int32_t hs_convex_hull(const hs_point *points, int32_t n, hs_point *hull);

/* rows [height]: the pixels that cv2.fillConvexPoly fills for the convex polygon of n corners
 * inside the image, in either direction. These are the pixels on the edges as Bresenham draws them
 * and what lies between: a superset of the pixels whose centres are inside. */
void hs_convex_spans(const hs_point *corners, int32_t n, int32_t height, hs_span *rows);

/* mask [height][width]: 1 in the spans, 0 elsewhere. */
void hs_fill_spans(const hs_span *rows, int32_t height, int32_t width, uint8_t *mask);

#endif

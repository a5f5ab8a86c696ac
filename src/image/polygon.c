#include "image/polygon.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- hull (Andrew's monotone chains) ----------------------------------------------------------
 */

/* Above 0 where o -> a -> b turns clockwise as the image is seen. */
static int64_t turn(hs_point o, hs_point a, hs_point b)
{
    return (int64_t)(a.x - o.x) * (b.y - o.y) - (int64_t)(a.y - o.y) * (b.x - o.x);
}

static bool equal(hs_point a, hs_point b)
{
    return a.x == b.x && a.y == b.y;
}

/* Appends p to the chain of n corners that began at `start`, dropping those that are none after it.
 */
static int32_t append(hs_point *hull, int32_t start, int32_t n, hs_point p)
{
    while (n >= start + 2 && turn(hull[n - 2], hull[n - 1], p) <= 0)
        n--;
    if (n > start && equal(hull[n - 1], p))
        return n;
    hull[n] = p;
    return n + 1;
}

int32_t hs_convex_hull(const hs_point *points, int32_t n, hs_point *hull)
{
    int32_t count = 0;
    for (int32_t i = 0; i < n; i++) /* down the right side */
        count = append(hull, 0, count, points[i]);
    int32_t start = count - 1;
    for (int32_t i = n - 2; i >= 0; i--) /* and up the left */
        count = append(hull, start, count, points[i]);
    return count > 1 ? count - 1 : count; /* the first point closes it */
}

/* ---- filling ----------------------------------------------------------------------------------
 */

static void include(hs_span *row, int64_t x)
{
    if (x < row->first)
        row->first = (int32_t)x;
    if (x > row->last)
        row->last = (int32_t)x;
}

/* Bresenham's line from its left end. */
static void draw_edge(hs_point a, hs_point b, hs_span *rows)
{
    if (a.x > b.x) {
        hs_point swap = a;
        a = b;
        b = swap;
    }
    int32_t width = b.x - a.x, height = abs(b.y - a.y), down = b.y < a.y ? -1 : 1;
    bool steep = height > width;
    int32_t longer = steep ? height : width, shorter = steep ? width : height;
    int32_t error = longer - 2 * shorter;
    for (int32_t i = 0; i <= longer; i++) {
        include(&rows[a.y], a.x);
        bool both = error < 0;
        error += both ? 2 * (longer - shorter) : -2 * shorter;
        a.x += !steep || both;
        a.y += steep || both ? down : 0;
    }
}

/* Where the edge from a down to b crosses each row, in 16 bits of fraction: OpenCV's rounding,
 * which goes past Bresenham's line here and there. */
static void scan_edge(hs_point a, hs_point b, hs_span *rows)
{
    int64_t height = b.y - a.y, x = (int64_t)a.x * 65536;
    int64_t slope = ((int64_t)(b.x - a.x) * 2 * 65536 + height) / (2 * height);
    for (int32_t y = a.y; y < b.y; y++, x += slope)
        include(&rows[y], (x + 32768) >> 16);
}

void hs_convex_spans(const hs_point *corners, int32_t n, int32_t height, hs_span *rows)
{
    for (int32_t y = 0; y < height; y++)
        rows[y] = (hs_span){INT32_MAX, -1};
    for (int32_t i = 0; i < n; i++) {
        hs_point a = corners[(i + n - 1) % n], b = corners[i];
        draw_edge(a, b, rows);
        if (n > 2 && a.y != b.y) /* OpenCV has nothing to fill between two corners */
            scan_edge(a.y < b.y ? a : b, a.y < b.y ? b : a, rows);
    }
}

void hs_fill_spans(const hs_span *rows, int32_t height, int32_t width, uint8_t *mask)
{
    memset(mask, 0, (size_t)height * width);
    for (int32_t y = 0; y < height; y++)
        if (rows[y].first <= rows[y].last)
            memset(mask + (size_t)y * width + rows[y].first, 1,
                   (size_t)(rows[y].last - rows[y].first + 1));
}

/* Depth frames as a forest reads them, see kernels/probe.h, and the pixels it learns from. */
#ifndef HS_FOREST_FRAME_H
#define HS_FOREST_FRAME_H

#include "kernels/probe.h"

/* Brings depth [height][width], 0: nothing measured, in units of `depth_unit` metres, into the
 * bordered form and unit of the view: frame [hs_probe_area]. */
void hs_forest_frame_make(const hs_probe_view *view, const uint16_t *depth, double depth_unit,
                          uint16_t *frame);

/* Indices in the bordered frame of its measured pixels, ascending: at [height * width]. Returns how
 * many. */
int32_t hs_forest_frame_measured(const hs_probe_view *view, const uint16_t *frame, uint32_t *at);

/* What says which pixels of a frame a tree learns from. */
typedef struct hs_pixel_draw {
    int32_t classes;
    int32_t most; /* of a frame: most / classes of each class, or all where there are fewer */
    uint64_t seed;
    uint32_t tree;
} hs_pixel_draw;

/* Draws pixels of frame number `frame` of the data set, the `slot`-th in memory, without
 * replacement: measured ones whose label mask [height][width] is a class. pixels [most];
 * room [height * width]. Returns how many. */
int32_t hs_forest_pixels_draw(const hs_pixel_draw *draw, const hs_probe_view *view,
                              const uint16_t *bordered, const uint8_t *mask, uint32_t frame,
                              uint32_t slot, uint32_t *room, hs_forest_pixel *pixels);

/* Place in the image of a pixel of the bordered frame. */
static inline uint32_t hs_forest_place(const hs_probe_view *view, uint32_t at)
{
    uint32_t stride = (uint32_t)hs_probe_stride(view);
    return (at / stride - 1) * (uint32_t)view->width + at % stride - 1;
}

#endif

/* The steps that make a label from a glove's colour (paper, section 3.1), each by itself, and the
 * annotator that runs them. Masks are [height][width], 0 or 1 a pixel.
 *
 *   threshold   colours inside the glove's range
 *   opened      without what a circle of `opening` pixels does not fit into
 *   joined      components nearer than `join` made one (see hs_components_join); of the groups that
 *               this leaves the hand is the largest, if it has `smallest` pixels: the paper does
 * not say which, and what else has the glove's colour is smaller or out of the hand's reach hull
 * the convex hull of the group, as cv2.fillConvexPoly fills it median      of the depths inside the
 * hull kept        pixels of the hull whose depth differs from the median by at most `radius`: the
 *               difference is taken along the optical axis, because the median of a set of depths
 * is no point whose distance could be measured otherwise
 *
 * once a glove, then combined. A pixel that both gloves keep belongs to the one whose group has it;
 * where that does not decide, to the one whose median is nearer to its depth, then to the right. */
#ifndef HS_GLOVE_ANNOTATE_H
#define HS_GLOVE_ANNOTATE_H

#include "glove/range.h"
#include "image/components.h"
#include "image/morphology.h"

/* What the steps made of one glove in the last frame; all empty from the step that found nothing.
 */
typedef struct hs_glove_stages {
    uint8_t *threshold, *opened, *joined, *hull, *kept; /* [height][width] */
    hs_span *rows;                                      /* [height]: the hull again, as spans */
    hs_component group;                                 /* what `joined` shows; area 0: nothing */
    uint16_t median;                                    /* raw depth; 0: none */
    hs_outcome outcome;
} hs_glove_stages;

/* Frames of one size: the memory of all steps, whose images stay until the next frame. */
struct hs_annotator {
    int32_t height, width;
    hs_gloves gloves;
    hs_annotate_params params;
    double depth_unit;
    uint8_t *hue, *saturation, *value; /* [height][width] */
    hs_glove_stages stages[HS_GLOVES];
    hs_element circle;
    hs_components components;
    uint8_t *room;     /* [height][width] */
    uint16_t *depths;  /* [height * width] */
    hs_point *points;  /* [2 * height] */
    hs_point *corners; /* [2 * height + 1] */
    void *memory;      /* holds all of them */
};

/* HS_ERR_CONFIG for what is out of range. */
hs_status hs_annotate_params_check(const hs_annotate_params *params);

/* The colours of a range. Black is a pixel of unknown colour: inside none. */
void hs_annotate_threshold(const uint8_t *hue, const uint8_t *saturation, const uint8_t *value,
                           size_t n, const hs_glove_range *range, uint8_t *threshold);

/* Finds the components of `opened`, joins them, and returns the number of the hand's group, -1
 * where none has `smallest` pixels. */
int32_t hs_annotate_group(hs_components *components, const uint8_t *opened, double join,
                          int32_t smallest);

/* The rows [height] of a group's hull; all empty for group -1. `points` and `corners`: room for
 * 2 * height and 2 * height + 1. */
void hs_annotate_hull(const hs_components *components, int32_t group, hs_point *points,
                      hs_point *corners, hs_span *rows);

/* The median of the depths above 0 in the rows; 0 where there are none. `depths`: room for as many
 * as the image has. */
uint16_t hs_annotate_median(const uint16_t *depth, const hs_span *rows, int32_t height,
                            int32_t width, uint16_t *depths);

/* kept: pixels in the rows whose depth is above 0 and at most `reach` raw units from the median. */
void hs_annotate_discard(const uint16_t *depth, const hs_span *rows, int32_t height, int32_t width,
                         uint16_t median, double reach, uint8_t *kept);

/* mask [n]: 0, 1 (right) or 2 (left) from what both gloves keep. */
void hs_annotate_combine(const hs_glove_stages stages[HS_GLOVES], const uint16_t *depth, size_t n,
                         uint8_t *mask);

#endif

/* What the pictures of the studio are drawn with, beyond report/picture.h. */
#ifndef HS_STUDIO_DRAWING_H
#define HS_STUDIO_DRAWING_H

#include "report/picture.h"

/* A picture of `rgb` [height][width][3], made smaller by taking every `step`-th sample. */
hs_status hs_draw_reduced(const uint8_t *rgb, int width, int height, int step, hs_picture *picture);

/* The outline of a circle, two pixels wide, and of a rectangle (its corners included), one wide. */
void hs_draw_circle(hs_picture *picture, double x, double y, double radius, hs_colour colour);
void hs_draw_box(hs_picture *picture, int left, int top, int right, int bottom, hs_colour colour);

/* The colour of a point of the HSV box: hue 0..179, saturation and value 0..255. */
hs_colour hs_draw_hsv(int hue, int saturation, int value);

#endif

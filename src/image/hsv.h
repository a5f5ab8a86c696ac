/* 8-bit colours in hue, saturation and value, and boxes of them. Masks hold 0 or 1 a pixel. */
#ifndef HS_IMAGE_HSV_H
#define HS_IMAGE_HSV_H

#include <stddef.h>
#include <stdint.h>

/* rgb [n][3] to three planes [n]: hue 0..179 (half degrees), saturation and value 0..255. Equal to
 * OpenCV 4's 8-bit conversion (COLOR_RGB2HSV) on every colour, which rounds in integers. */
void hs_rgb_to_hsv(const uint8_t *rgb, size_t n, uint8_t *hue, uint8_t *saturation, uint8_t *value);

/* mask [n]: 1 where low <= colour <= high in each of the three (hue, saturation, value), else 0.
 * Hue wraps: low[0] > high[0] means low[0]..179 and 0..high[0]. */
void hs_hsv_in_box(const uint8_t *hue, const uint8_t *saturation, const uint8_t *value, size_t n,
                   const uint8_t low[3], const uint8_t high[3], uint8_t *mask);

#endif

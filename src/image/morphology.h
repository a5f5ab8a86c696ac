/* Erosion and dilation of masks (0 or 1 a pixel, [height][width]) with an ellipse. What lies
 * outside the image is ignored, as OpenCV's default border does: it neither erodes nor dilates. */
#ifndef HS_IMAGE_MORPHOLOGY_H
#define HS_IMAGE_MORPHOLOGY_H

#include <stdint.h>

enum { HS_ELEMENT_RADIUS_MAX = 15 };

/* A structuring element that is symmetric about its centre: row dy, of -radius..radius, reaches
 * reach[dy + radius] pixels to both sides. */
typedef struct hs_element {
    int32_t radius;
    int32_t reach[2 * HS_ELEMENT_RADIUS_MAX + 1];
} hs_element;

/* OpenCV's MORPH_ELLIPSE of an odd diameter up to 31; of 5: 00100 11111 11111 11111 00100. */
hs_element hs_element_ellipse(int32_t diameter);

/* `out` may not be `in`. */
void hs_erode(const uint8_t *in, int32_t height, int32_t width, const hs_element *element,
              uint8_t *out);
void hs_dilate(const uint8_t *in, int32_t height, int32_t width, const hs_element *element,
               uint8_t *out);

/* Erosion, then dilation: what the element fits into stays. `room` has the size of the image; `out`
 * may be `in`. */
void hs_open(const uint8_t *in, int32_t height, int32_t width, const hs_element *element,
             uint8_t *room, uint8_t *out);

#endif

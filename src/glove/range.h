/* The colours of a glove: a box in HSV, as OpenCV scales it for 8 bits. */
#ifndef HS_GLOVE_RANGE_H
#define HS_GLOVE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* Both ends are inside. Hue is 0..179 (half degrees) and wraps: low > high means low..179 and
 * 0..high. Saturation and value are 0..255. */
typedef struct hs_glove_range {
    uint8_t hue[2], saturation[2], value[2];
} hs_glove_range;

/* The two gloves by label: [0] right hand, label 1; [1] left hand, label 2. `worn` is false where
 * there is no such glove. */
enum { HS_GLOVES = 2 };
typedef struct hs_gloves {
    hs_glove_range range[HS_GLOVES];
    bool worn[HS_GLOVES];
} hs_gloves;

#endif

/* Depth frames as people look at them: shaded grey, near bright, missing depth dark; hands in the
 * colours of the gloves, right pale green, left orange-red. Every function makes the picture *out.
 */
#ifndef HS_REPORT_OVERLAY_H
#define HS_REPORT_OVERLAY_H

#include "report/picture.h"

/* One frame. depth: [height][width], any linear unit, 0 where missing; labels: [height][width],
 * 0 background, or NULL. The range of grey fits the frame. */
hs_status hs_overlay_frame(const uint16_t *depth, const uint8_t *labels, int width, int height,
                           hs_picture *out);

/* Truth and prediction side by side; in the right half every wrong pixel is magenta. Truth 255 is
 * unknown: hatched on the left, never wrong. */
hs_status hs_overlay_compare(const uint16_t *depth, const uint8_t *truth, const uint8_t *prediction,
                             int width, int height, hs_picture *out);

#endif

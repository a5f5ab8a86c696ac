/* calib.png: the shots with what was found in them, the colours, the ranges. */
#ifndef HS_STUDIO_CALIBRATE_PICTURE_H
#define HS_STUDIO_CALIBRATE_PICTURE_H

#include "glove/range.h"
#include "studio/shots.h"

/* What is known of one glove; the picture shows as much as there is. */
typedef struct hs_calibrate_view {
    const hs_shots *shots; /* NULL: the range was given */
    const int32_t *box;    /* NULL: discs were looked for */
    bool ranged;
    hs_glove_range range;
} hs_calibrate_view;

hs_status hs_calibrate_picture(const hs_calibrate_view views[HS_GLOVES], const char *path);

#endif

/* Names of frames in tables and of the pictures made from them. */
#ifndef HS_EVAL_FRAME_NAME_H
#define HS_EVAL_FRAME_NAME_H

#include "handseg/dataset.h"

typedef struct hs_frame_name {
    char text[256];
} hs_frame_name;

/* The frame's source without "images/" and ".png", fit for a file name: "user-3.00012". Sources
 * that differ only in characters that files cannot have, or beyond 255 of them, give equal names.
 */
hs_frame_name hs_frame_name_of(const hs_frame_info *frame);

/* The same of any path. */
hs_frame_name hs_frame_name_from(const char *source);

#endif

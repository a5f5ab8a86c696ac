/* Every stage of a frame's annotation in one picture, as in the paper's figure 4. */
#ifndef HS_STUDIO_STAGES_PICTURE_H
#define HS_STUDIO_STAGES_PICTURE_H

#include "report/picture.h"
#include "studio/labeller.h"

/* Colour, threshold, opening, joined, hull, depth in the hull, sphere cut, label: makes *picture.
 */
hs_status hs_stages_picture(const hs_labelled_frame *frame, hs_picture *picture);

#endif

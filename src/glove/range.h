/* The colours of a glove: a box in HSV, as OpenCV scales it for 8 bits. */
#ifndef HS_GLOVE_RANGE_H
#define HS_GLOVE_RANGE_H

#include "handseg/annotate.h"

#endif

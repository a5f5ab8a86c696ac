/* How well the outline of a class is met: the boundary F-score of Csurka, Larlus and Perronnin,
 * "What is a good evaluation measure for semantic segmentation?" (BMVC 2013). Boundary pixels of
 * truth and prediction match where one of the other lies within 0.75 % of the image's diagonal;
 * precision is the matched share of the prediction's, recall that of the truth's, and the score is
 * their harmonic mean. */
#ifndef HS_EVAL_BOUNDARY_H
#define HS_EVAL_BOUNDARY_H

#include "base/status.h"
#include <stdint.h>

#define HS_BOUNDARY_TOLERANCE 0.0075 /* of the diagonal of the image */

/* Room for images of one size. Initialise with {0}; free after failure too. */
typedef struct hs_boundary {
    int32_t height, width;
    uint8_t *edges;   /* [2][height][width]: of truth and prediction */
    int32_t *offsets; /* [count][2]: rows and columns within the tolerance */
    int32_t count;
} hs_boundary;

hs_status hs_boundary_init(hs_boundary *boundary, int32_t height, int32_t width);
void hs_boundary_free(hs_boundary *boundary);

/* The score of class `label` in truth and prediction [height][width], in [0, 1]. A boundary pixel
 * is one of the class that has another label above, below, left or right of it; the border of the
 * image is no boundary. Where the truth is HS_METRICS_IGNORE nothing is known: such pixels are no
 * boundary, and make none of their neighbours. 0 where only one of the two has a boundary; NaN
 * where neither has. */
double hs_boundary_score(hs_boundary *boundary, const uint8_t *truth, const uint8_t *prediction,
                         uint8_t label);

#endif

/* Labels for a depth frame from the coloured gloves seen in it, as the paper makes its data set.
 *
 *   hs_annotator *annotator;
 *   hs_annotate_params params = hs_annotate_defaults();
 *   if (hs_annotator_create(480, 640, &gloves, &params, 0.000125, &annotator) == HS_OK) {
 *       hs_annotation found = hs_annotate(annotator, depth, color, mask);     // for each pair
 *       hs_annotator_destroy(annotator);
 *   }
 *
 * An annotator is used by one thread at a time. */
#ifndef HANDSEG_ANNOTATE_H
#define HANDSEG_ANNOTATE_H

#include "handseg/status.h"
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The colours of a glove: a box in HSV, as OpenCV scales it for 8 bits. Both ends are inside. Hue
 * is 0..179 (half degrees) and wraps: low > high means low..179 and 0..high. Saturation and value
 * are 0..255. */
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

typedef struct hs_annotate_params {
    int32_t opening;  /* diameter of the circle, pixels, odd, up to 31: 5 */
    double join;      /* components nearer than this are one, pixels: 25 */
    int32_t smallest; /* pixels of the glove's colour that make a hand */
    double radius;    /* of a sphere that encloses the hand at rest, metres */
} hs_annotate_params;

/* Those of the paper, and ours where it gives none. */
hs_annotate_params hs_annotate_defaults(void);

/* What became of a glove in a frame. */
typedef enum hs_outcome {
#define HS_OUTCOME(code, meaning) HS_OUTCOME_##code,
#include "handseg/annotate_outcomes.def"
#undef HS_OUTCOME
} hs_outcome;

const char *hs_outcome_name(hs_outcome outcome);    /* "too_small" */
const char *hs_outcome_meaning(hs_outcome outcome); /* a sentence */

typedef struct hs_annotation {
    hs_outcome outcome[HS_GLOVES];
    int32_t pixels[HS_GLOVES];  /* of the label in the mask */
    uint16_t median[HS_GLOVES]; /* depth of the hand, raw units; 0 where there is none */
} hs_annotation;

/* Whether any glove was found: a mask of background alone says nothing. */
bool hs_annotation_labelled(const hs_annotation *annotation);

typedef struct hs_annotator hs_annotator;

/* Takes the memory for frames of one size. `depth_unit`: metres of one raw unit of depth.
 * HS_ERR_CONFIG for parameters or a size out of range. */
hs_status hs_annotator_create(int32_t height, int32_t width, const hs_gloves *gloves,
                              const hs_annotate_params *params, double depth_unit,
                              hs_annotator **annotator);
void hs_annotator_destroy(hs_annotator *annotator); /* NULL is fine */

/* depth [height][width] raw, 0 where there is none; color [height][width][3], red green blue of
 * each depth pixel, black where it is not known -> mask [height][width]: 0 background, 1 right, 2
 * left. Pixels without depth are background. */
hs_annotation hs_annotate(hs_annotator *annotator, const uint16_t *depth, const uint8_t *color,
                          uint8_t *mask);

#ifdef __cplusplus
}
#endif

#endif

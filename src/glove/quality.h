/* How far a mask can be trusted, from what is known without a person: measures of the frame itself,
 * then of the frame among its neighbours, then one score. Two passes, because a frame's neighbours
 * come before and after it; each function is pure. */
#ifndef HS_GLOVE_QUALITY_H
#define HS_GLOVE_QUALITY_H

#include "glove/annotate.h"

typedef enum hs_measure {
#define HS_MEASURE(name, standard, meaning) HS_MEASURE_##name,
#include "glove/quality_measures.def"
#undef HS_MEASURE
    HS_MEASURES
} hs_measure;

/* A column of quality.csv and a code of its reasons; and what it says. */
const char *hs_measure_name(hs_measure measure);
const char *hs_measure_meaning(hs_measure measure);

/* Every measure is a defect: 0 or more, the smaller the better; of two hands the worse. */
typedef struct hs_measures {
    double value[HS_MEASURES];
} hs_measures;

/* From `good` to `bad` a measure's penalty rises from 0 to `weight`. */
typedef struct hs_quality_limit {
    double good, bad, weight;
} hs_quality_limit;

typedef struct hs_quality_params {
    double threshold; /* scores below it are rejected */
    double hand_area; /* of a usual hand as the camera sees it, square metres */
    hs_quality_limit limits[HS_MEASURES];
} hs_quality_params;

/* What the second pass has to know of a hand. */
typedef struct hs_quality_hand {
    bool found;
    double x, y, z; /* centre of its pixels, and median depth, metres in the camera's frame */
    double area;    /* square metres across the line of sight */
} hs_quality_hand;

/* One frame, measured by itself. */
typedef struct hs_quality_frame {
    double time;     /* seconds since the start, of the depth frame */
    double time_gap; /* seconds from the depth's to the colour's exposure, either sign */
    double focal;    /* pixels, of the depth camera */
    hs_quality_hand hands[HS_GLOVES];
    hs_measures measures; /* those of neighbours are 0 until hs_quality_compare */
} hs_quality_frame;

/* Fills `hands` and `measures` from what the annotator left of its last frame, `depth` and `mask`
 * being those it was given and made; `time`, `time_gap` and `focal` are the caller's. */
void hs_quality_measure(const hs_annotator *annotator, const uint16_t *depth, const uint8_t *mask,
                        double hand_area, hs_quality_frame *frame);

/* Measures of a frame among those before and after it in its recording (NULL: none). */
void hs_quality_compare(const hs_quality_frame *before, const hs_quality_frame *after,
                        hs_quality_frame *frame);

/* The score, 0 to 1, 1 the best: the product over all measures of 1 - penalty. */
double hs_quality_score(const hs_measures *measures, const hs_quality_params *params);

/* The penalty of one measure, 0 to its weight. */
double hs_quality_penalty(const hs_measures *measures, const hs_quality_params *params,
                          hs_measure measure);

/* What speaks against a frame: the measures whose penalty is at least a tenth, the gravest first.
 * Returns their number. */
int hs_quality_reasons(const hs_measures *measures, const hs_quality_params *params,
                       hs_measure reasons[HS_MEASURES]);

#endif

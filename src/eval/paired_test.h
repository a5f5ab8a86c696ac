/* Whether two models counted on the same units differ by more than chance: the exact permutation
 * test of paired results (Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses", 2005,
 * chapter 3). Were the models equals, each unit's two results might as well have come the other way
 * round; so they are exchanged within units in every way, and it is counted how often a difference
 * as large comes about. Unlike an interval of the bootstrap this holds for few units too. */
#ifndef HS_EVAL_PAIRED_TEST_H
#define HS_EVAL_PAIRED_TEST_H

#include "eval/bootstrap.h"
#include <stdbool.h>
#include <stddef.h>

/* One model's results, unit by unit. */
typedef struct hs_paired_counts {
    const hs_unit_counts *counts;
    uint64_t pixels; /* of a frame: models may see frames at sizes of their own */
} hs_paired_counts;

typedef struct hs_paired_result {
    double p;      /* two-sided: 2 ^ (1 - units) .. 1; NaN where a model has no figure */
    uint64_t ways; /* of exchanging that were looked at */
    bool exact;    /* those are all */
} hs_paired_result;

/* Tests the difference of the mean IoU of the hands (hs_metrics.hands.iou) of models of as many
 * units and classes. All 2^units ways are looked at where `samples` are no fewer than half of them,
 * as the other half mirrors those; otherwise `samples` random ones of the streams (seed, 0, i,
 * HS_PURPOSE_EXCHANGE), besides that which was observed. */
hs_paired_result hs_paired_test(hs_paired_counts a, hs_paired_counts b, uint64_t seed,
                                uint32_t samples);

#endif

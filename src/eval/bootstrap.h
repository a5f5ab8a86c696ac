/* How sure a figure is: intervals by the bootstrap (Efron and Tibshirani, "An Introduction to the
 * Bootstrap", 1993, chapter 13). What was measured is drawn again with replacement, unit by unit,
 * and the figure computed anew each time; the middle of what comes out is the interval. A unit is a
 * frame or, because frames of one person are alike, all the frames of a person.
 *
 * Of few units the middle is too narrow: resamples vary by (n - 1) / n of what samples do, and that
 * variance is itself a guess. Expanded percentiles (Hesterberg, "What Teachers Should Know About
 * the Bootstrap", The American Statistician 69, 2015, section 4) take quantiles further out, by as
 * much as an interval of Student's t is wider than that of a normal distribution. */
#ifndef HS_EVAL_BOOTSTRAP_H
#define HS_EVAL_BOOTSTRAP_H

#include "base/status.h"
#include "eval/metrics.h"
#include <stdint.h>

/* What was counted in each unit. Initialise with hs_unit_counts_init; free after failure too. */
typedef struct hs_unit_counts {
    int classes;
    uint32_t units;
    uint64_t *counts; /* [units][classes][classes]: truth, prediction */
} hs_unit_counts;

/* Zero counts of `units` units; HS_ERR_MEMORY. */
hs_status hs_unit_counts_init(hs_unit_counts *counts, int classes, uint32_t units);
void hs_unit_counts_free(hs_unit_counts *counts);

/* Adds a confusion matrix of as many classes to a unit. */
void hs_unit_counts_add(hs_unit_counts *counts, uint32_t unit, const hs_confusion *confusion);

/* Makes *groups the sums over the units of equal keys[units], in ascending order of the keys. */
hs_status hs_unit_counts_group(const hs_unit_counts *counts, const int32_t *keys,
                               hs_unit_counts *groups);

/* figures[samples]: the mean IoU of the hands of each resample of as many units, by their summed
 * counts (hs_metrics.hands.iou); NaN where a resample holds no hand. Resample i is drawn from the
 * stream (seed, 0, i, HS_PURPOSE_BOOTSTRAP) by the number of units alone: two models counted on the
 * same units are resampled alike, so differences of their figures are those of a paired
 * comparison. */
void hs_bootstrap_draw(const hs_unit_counts *counts, uint64_t seed, uint32_t samples,
                       double *figures);

typedef struct hs_interval {
    double low, high; /* NaN where nothing was used */
    uint32_t used;    /* figures that are numbers */
} hs_interval;

/* The share of resamples that an interval of `level` in (0, 1) leaves out at either end, of so many
 * units: Phi(-sqrt(n / (n - 1)) t), where t is the quantile (1 + level) / 2 of Student's t of n - 1
 * degrees of freedom; (1 - level) / 2 of many units, 0 of one. */
double hs_bootstrap_tail(uint32_t units, double level);

/* The quantiles `tail` and 1 - tail, linear between neighbours, of those figures[n] that are
 * numbers; tail in [0, 0.5). HS_ERR_MEMORY. */
hs_status hs_bootstrap_interval(const double *figures, uint32_t n, double tail,
                                hs_interval *interval);

#endif

#include "eval/bootstrap.h"

#include "base/memory.h"
#include "base/rng.h"
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* ---- counts of units --------------------------------------------------------------------------
 */
static size_t cells_of(const hs_unit_counts *c)
{
    return (size_t)c->classes * (size_t)c->classes;
}

hs_status hs_unit_counts_init(hs_unit_counts *c, int classes, uint32_t units)
{
    assert(classes > 0 && classes <= HS_METRICS_CLASSES);
    *c = (hs_unit_counts){.classes = classes, .units = units};
    return hs_allocate(units * cells_of(c) * sizeof *c->counts, "counts", (void **)&c->counts);
}

void hs_unit_counts_free(hs_unit_counts *c)
{
    free(c->counts);
    *c = (hs_unit_counts){0};
}

void hs_unit_counts_add(hs_unit_counts *c, uint32_t unit, const hs_confusion *confusion)
{
    assert(unit < c->units && confusion->classes == c->classes);
    uint64_t *at = c->counts + unit * cells_of(c);
    for (int t = 0; t < c->classes; t++)
        for (int p = 0; p < c->classes; p++)
            *at++ += confusion->count[t][p];
}

static int compare_keys(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

hs_status hs_unit_counts_group(const hs_unit_counts *c, const int32_t *keys, hs_unit_counts *groups)
{
    int32_t *sorted;
    uint32_t n = 0;
    hs_status status;
    *groups = (hs_unit_counts){0};
    HS_TRY(hs_allocate(c->units * sizeof *sorted, "keys", (void **)&sorted));
    for (uint32_t i = 0; i < c->units; i++)
        sorted[i] = keys[i];
    qsort(sorted, c->units, sizeof *sorted, compare_keys);
    for (uint32_t i = 0; i < c->units; i++)
        if (n == 0 || sorted[i] != sorted[n - 1])
            sorted[n++] = sorted[i];
    HS_TRY(hs_unit_counts_init(groups, c->classes, n));
    for (uint32_t i = 0; i < c->units; i++) {
        const int32_t *group = bsearch(&keys[i], sorted, n, sizeof *sorted, compare_keys);
        uint64_t *to = groups->counts + (size_t)(group - sorted) * cells_of(c);
        for (size_t k = 0; k < cells_of(c); k++)
            to[k] += c->counts[i * cells_of(c) + k];
    }
exit:
    free(sorted);
    return status;
}

/* ---- resamples --------------------------------------------------------------------------------
 */
static double draw(const hs_unit_counts *c, uint64_t seed, uint32_t sample)
{
    hs_rng rng = hs_rng_make(seed, 0, sample, HS_PURPOSE_BOOTSTRAP);
    uint64_t sum[HS_METRICS_CLASSES * HS_METRICS_CLASSES] = {0};
    hs_confusion confusion = {.classes = c->classes};
    size_t cells = cells_of(c);
    for (uint32_t i = 0; i < c->units; i++) {
        const uint64_t *unit = c->counts + hs_rng_below(&rng, c->units) * cells;
        for (size_t k = 0; k < cells; k++)
            sum[k] += unit[k];
    }
    for (int t = 0; t < c->classes; t++)
        for (int p = 0; p < c->classes; p++)
            confusion.count[t][p] = sum[t * c->classes + p];
    return hs_metrics_of(&confusion).hands.iou;
}

void hs_bootstrap_draw(const hs_unit_counts *counts, uint64_t seed, uint32_t samples,
                       double *figures)
{
#pragma omp parallel for schedule(static)
    for (uint32_t i = 0; i < samples; i++)
        figures[i] = draw(counts, seed, i);
}

/* ---- intervals --------------------------------------------------------------------------------
 */
/* The share of Student's t within -t .. t, where tan(angle) = t / sqrt(degrees) (Abramowitz and
 * Stegun, 26.7.3 and 26.7.4). */
static double student_within(double angle, uint32_t degrees)
{
    bool odd = degrees % 2 == 1;
    double c = cos(angle), term = odd ? c : 1, sum = degrees > 1 ? term : 0;
    for (uint32_t k = odd ? 3 : 2; k < degrees; k += 2) {
        term *= c * c * (k - 1) / k;
        sum += term;
    }
    return odd ? 2 / M_PI * (angle + sin(angle) * sum) : sin(angle) * sum;
}

static double student_quantile(double level, uint32_t degrees)
{
    double low = 0, high = M_PI / 2;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(student_within(middle, degrees) < level ? &low : &high) = middle;
    }
    return sqrt(degrees) * tan(low);
}

double hs_bootstrap_tail(uint32_t units, double level)
{
    enum { MANY = 10000 }; /* of which more make no difference */
    uint32_t n = units < MANY ? units : MANY;
    if (n < 2)
        return 0;
    return erfc(sqrt(n / (n - 1.0)) * student_quantile(level, n - 1) / M_SQRT2) / 2;
}

static int compare_figures(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, uint32_t n, double q)
{
    double at = q * (n - 1);
    uint32_t below = (uint32_t)at;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

hs_status hs_bootstrap_interval(const double *figures, uint32_t n, double tail,
                                hs_interval *interval)
{
    double *sorted;
    uint32_t used = 0;
    hs_status status = hs_allocate(n * sizeof *sorted, "resamples", (void **)&sorted);
    if (status != HS_OK)
        return status;
    for (uint32_t i = 0; i < n; i++)
        if (!isnan(figures[i]))
            sorted[used++] = figures[i];
    qsort(sorted, used, sizeof *sorted, compare_figures);
    *interval = (hs_interval){NAN, NAN, used};
    if (used > 0) {
        interval->low = quantile(sorted, used, tail);
        interval->high = quantile(sorted, used, 1 - tail);
    }
    free(sorted);
    return HS_OK;
}

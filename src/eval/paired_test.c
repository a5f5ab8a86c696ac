#include "eval/paired_test.h"

#include "base/rng.h"
#include <assert.h>
#include <math.h>

enum { CELLS = HS_METRICS_CLASSES * HS_METRICS_CLASSES };

typedef struct paired {
    hs_paired_counts a, b;
    int classes;
    size_t cells;
    uint64_t total[2][CELLS]; /* of both models */
} paired;

/* Counts of unit `u` on the scale of both models: whole numbers, so that sums are exact. */
static uint64_t of_a(const paired *t, size_t u, size_t cell)
{
    return t->a.counts->counts[u * t->cells + cell] * t->b.pixels;
}

static uint64_t of_b(const paired *t, size_t u, size_t cell)
{
    return t->b.counts->counts[u * t->cells + cell] * t->a.pixels;
}

static double figure(const paired *t, const uint64_t *sum)
{
    hs_confusion confusion = {.classes = t->classes};
    for (int i = 0; i < t->classes; i++)
        for (int k = 0; k < t->classes; k++)
            confusion.count[i][k] = sum[i * t->classes + k];
    return hs_metrics_of(&confusion).hands.iou;
}

/* The difference once the sums `from_a` and `from_b` of some units have changed places. */
static double difference(const paired *t, const uint64_t *from_a, const uint64_t *from_b)
{
    uint64_t x[CELLS], y[CELLS];
    for (size_t k = 0; k < t->cells; k++) {
        x[k] = t->total[0][k] - from_a[k] + from_b[k];
        y[k] = t->total[1][k] - from_b[k] + from_a[k];
    }
    return figure(t, x) - figure(t, y);
}

/* The difference with every unit exchanged, or not, as the next bit says. The first never is where
 * all ways are looked at. */
static double exchanged(const paired *t, bool all, uint32_t way, hs_rng *rng)
{
    uint64_t from_a[CELLS] = {0}, from_b[CELLS] = {0};
    uint32_t bits = way << 1;
    for (size_t u = 0; u < t->a.counts->units; u++) {
        if (!all && u % 32 == 0)
            bits = hs_rng_u32(rng);
        if (bits >> u % 32 & 1)
            for (size_t k = 0; k < t->cells; k++) {
                from_a[k] += of_a(t, u, k);
                from_b[k] += of_b(t, u, k);
            }
    }
    return difference(t, from_a, from_b);
}

hs_paired_result hs_paired_test(hs_paired_counts a, hs_paired_counts b, uint64_t seed,
                                uint32_t samples)
{
    static const uint64_t none[CELLS];
    paired t = {.a = a, .b = b, .classes = a.counts->classes};
    uint32_t units = a.counts->units;
    assert(units > 0 && units == b.counts->units && a.counts->classes == b.counts->classes);
    t.cells = (size_t)t.classes * (size_t)t.classes;
    for (size_t u = 0; u < units; u++)
        for (size_t k = 0; k < t.cells; k++) {
            t.total[0][k] += of_a(&t, u, k);
            t.total[1][k] += of_b(&t, u, k);
        }
    double observed = fabs(difference(&t, none, none));
    if (isnan(observed))
        return (hs_paired_result){.p = NAN};
    /* Sums that are equal give equal figures; others, equal in truth, may differ in rounding. */
    double least = observed * (1 - 1e-12);
    bool all = units <= 31 && UINT32_C(1) << (units - 1) <= samples;
    uint32_t ways = all ? UINT32_C(1) << (units - 1) : samples;
    uint64_t as_large = 0;
#pragma omp parallel for schedule(static) reduction(+ : as_large)
    for (uint32_t i = 0; i < ways; i++) {
        hs_rng rng = hs_rng_make(seed, 0, i, HS_PURPOSE_EXCHANGE);
        as_large += !(fabs(exchanged(&t, all, i, &rng)) < least); /* no figure is no evidence */
    }
    if (all)
        return (hs_paired_result){(double)as_large / ways, 2 * (uint64_t)ways, true};
    return (hs_paired_result){(double)(as_large + 1) / (ways + 1.0), ways, false};
}

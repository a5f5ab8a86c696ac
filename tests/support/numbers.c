#include "support/numbers.h"

#include <math.h>
#include <stdlib.h>

void hs_fill_distinct(hs_rng *rng, int64_t count, double *v)
{
    uint32_t *order = calloc((size_t)count, sizeof *order);
    if (!order)
        abort();
    hs_rng_permutation(rng, order, (uint32_t)count);
    for (int64_t i = 0; i < count; i++)
        v[i] = 4 * (order[i] + 0.5) / (double)count - 2;
    free(order);
    if (count % 2) /* the one in the middle */
        for (int64_t i = 0; i < count; i++)
            v[i] += fabs(v[i]) < 1e-12 ? 1 / (double)count : 0;
}

#define DEFINE_DISTANCE(name, real)                                         \
    double name(const real *got, const real *expected, int64_t count)       \
    {                                                                       \
        double difference = 0, norm = 0;                                    \
        for (int64_t i = 0; i < count; i++) {                               \
            double want = (double)expected[i], off = (double)got[i] - want; \
            difference += off * off;                                        \
            norm += want * want;                                            \
        }                                                                   \
        double distance = sqrt(difference) / (norm > 0 ? sqrt(norm) : 1);   \
        return distance >= 0 ? distance : INFINITY;                         \
    }
DEFINE_DISTANCE(hs_distance, double)
DEFINE_DISTANCE(hs_distance_real, hs_real)

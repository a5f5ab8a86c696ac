/* Numbers to feed what is tested, and the distance of what comes out. */
#ifndef HS_TESTS_NUMBERS_H
#define HS_TESTS_NUMBERS_H

#include "base/rng.h"
#include "handseg/tensor.h"

/* `count` distinct numbers in (-2, 2), none near zero or another one, in random order: maxima are
 * unique and rectifiers far from their kink. */
void hs_fill_distinct(hs_rng *rng, int64_t count, double *v);

/* Distance of two arrays relative to the norm of `expected`; that of the difference where the
 * latter is 0. NaN counts as infinitely far. */
double hs_distance(const double *got, const double *expected, int64_t count);
double hs_distance_real(const hs_real *got, const hs_real *expected, int64_t count);

#endif

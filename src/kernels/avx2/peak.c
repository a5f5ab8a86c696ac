/* Multiply-adds with AVX2 and FMA: 12 chains of 8 hide a latency of 4 cycles in two units. */
#include "kernels/prototypes.h"
#include <immintrin.h>

#ifdef HS_REAL_IS_FLOAT

enum { LANES = 8, AT_ONCE = 12, BATCH = AT_ONCE * LANES };

void hs_f32_peak__avx2(int64_t rounds, hs_real scale, hs_real shift, hs_real *x)
{
    __m256 a = _mm256_set1_ps(scale), b = _mm256_set1_ps(shift), chain[AT_ONCE];
    for (int first = 0; first < HS_PEAK_CHAINS; first += BATCH) {
        for (int k = 0; k < AT_ONCE; k++)
            chain[k] = _mm256_loadu_ps(x + first + k * LANES);
        for (int64_t i = 0; i < rounds; i++)
            for (int k = 0; k < AT_ONCE; k++)
                chain[k] = _mm256_fmadd_ps(chain[k], a, b);
        for (int k = 0; k < AT_ONCE; k++)
            _mm256_storeu_ps(x + first + k * LANES, chain[k]);
    }
}
#endif

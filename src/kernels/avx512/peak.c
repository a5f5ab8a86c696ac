/* Multiply-adds with AVX-512: 12 chains of 16 hide a latency of 4 cycles in two units. */
#include "kernels/prototypes.h"
#include <immintrin.h>

#ifdef HS_REAL_IS_FLOAT

enum { LANES = 16, AT_ONCE = HS_PEAK_CHAINS / LANES };

void hs_f32_peak__avx512(int64_t rounds, hs_real scale, hs_real shift, hs_real *x)
{
    __m512 a = _mm512_set1_ps(scale), b = _mm512_set1_ps(shift), chain[AT_ONCE];
    for (int k = 0; k < AT_ONCE; k++)
        chain[k] = _mm512_loadu_ps(x + k * LANES);
    for (int64_t i = 0; i < rounds; i++)
        for (int k = 0; k < AT_ONCE; k++)
            chain[k] = _mm512_fmadd_ps(chain[k], a, b);
    for (int k = 0; k < AT_ONCE; k++)
        _mm512_storeu_ps(x + k * LANES, chain[k]);
}
#endif

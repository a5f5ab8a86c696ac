/* Direct convolution with AVX2 and FMA: 16 registers of 8 floats. */
#include "handseg/tensor.h"
#include <immintrin.h>

#ifdef HS_REAL_IS_FLOAT

static float sum_of_lanes(__m256 v)
{
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

#    define ISA avx2
#    define VEC __m256
#    define LANES 8
#    define VZERO() _mm256_setzero_ps()
#    define VLOAD(p) _mm256_loadu_ps(p)
#    define VSTORE(p, v) _mm256_storeu_ps(p, v)
#    define VSET1(x) _mm256_set1_ps(x)
#    define VADD(a, b) _mm256_add_ps(a, b)
#    define VMAX(a, b) _mm256_max_ps(a, b)
#    define VPOSITIVE(z, a, b) \
        _mm256_blendv_ps(b, a, _mm256_cmp_ps(z, _mm256_setzero_ps(), _CMP_GT_OQ))
#    define VSUB(a, b) _mm256_sub_ps(a, b)
#    define VMUL(a, b) _mm256_mul_ps(a, b)
#    define VFNMA(a, b, c) _mm256_fnmadd_ps(a, b, c)
#    define VFMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#    define VSUM(v) sum_of_lanes(v)
#    define DOT_PIXELS 3
#    define PANEL 2 /* channels come in blocks of 16: a panel is never cut */
#    define FOR_EACH_TILE(T) T(1, 6) T(2, 6)
#    define GRADIENT_ROWS 6
#    include "kernels/simd/conv.h"
#endif

/* Direct convolution with AVX2 and FMA: 16 registers of 8 floats. */
#include "handseg/tensor.h"
#include <immintrin.h>

#ifdef HS_REAL_IS_FLOAT

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
#    define PANEL 2 /* channels come in blocks of 16: a panel is never cut */
#    define FOR_EACH_TILE(T) T(1, 6) T(2, 6)
#    define GRADIENT_ROWS 6
#    include "kernels/simd/conv.h"
#endif

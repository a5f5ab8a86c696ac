/* Direct convolution with AVX-512: 32 registers of 16 floats. */
#include "handseg/tensor.h"
#include <immintrin.h>

#ifdef HS_REAL_IS_FLOAT

#    define ISA avx512
#    define VEC __m512
#    define LANES 16
#    define VZERO() _mm512_setzero_ps()
#    define VLOAD(p) _mm512_loadu_ps(p)
#    define VSTORE(p, v) _mm512_storeu_ps(p, v)
#    define VSET1(x) _mm512_set1_ps(x)
#    define VADD(a, b) _mm512_add_ps(a, b)
#    define VMAX(a, b) _mm512_max_ps(a, b)
#    define VPOSITIVE(z, a, b) \
        _mm512_mask_blend_ps(_mm512_cmp_ps_mask(z, _mm512_setzero_ps(), _CMP_GT_OQ), b, a)
#    define VSUB(a, b) _mm512_sub_ps(a, b)
#    define VMUL(a, b) _mm512_mul_ps(a, b)
#    define VFNMA(a, b, c) _mm512_fnmadd_ps(a, b, c)
#    define VFMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#    define PANEL 4
#    define FOR_EACH_TILE(T) T(1, 8) T(2, 10) T(3, 8) T(4, 6)
#    define GRADIENT_ROWS 6
#    include "kernels/simd/conv.h"
#endif

/* Everything but convolution, for AVX-512. */
#include "handseg/tensor.h"

#ifdef HS_REAL_IS_FLOAT
#    define ISA avx512
#    define POOL_TIE MINIMAL_FILTERING_TIE
#    include "kernels/plain/plain.h"
#endif

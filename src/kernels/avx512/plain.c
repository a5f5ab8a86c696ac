/* Everything but convolution, for AVX-512. */
#include "handseg/tensor.h"

#ifdef HS_REAL_IS_FLOAT
#    define ISA avx512
#    include "kernels/plain/plain.h"
#endif

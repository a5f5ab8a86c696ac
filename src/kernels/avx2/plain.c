/* Everything but convolution, for AVX2. */
#include "handseg/tensor.h"

#ifdef HS_REAL_IS_FLOAT
#    define ISA avx2
#    include "kernels/plain/plain.h"
#endif

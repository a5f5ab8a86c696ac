/* Everything but convolution, for AVX2. */
#include "handseg/tensor.h"

#ifdef HS_REAL_IS_FLOAT
#    define ISA avx2
#    define POOL_TIE MINIMAL_FILTERING_TIE
#    include "kernels/plain/plain.h"
#endif

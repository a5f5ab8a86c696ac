/* Everything but convolution, for any processor. */
#define ISA ref
#define POOL_TIE 0 /* direct sums of equal values are equal */
#include "kernels/plain/plain.h"

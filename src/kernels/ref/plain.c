/* Everything but convolution, for any processor. */
#define ISA ref
#include "kernels/plain/plain.h"

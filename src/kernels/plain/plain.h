/* Everything but convolution, in plain loops that compilers make vectors of: included once by each
 * instruction set, after defining ISA and POOL_TIE (pool.h). No sum is reassociated and no product
 * contracted, so all of them give the same bits, but for the places of values within a tie. */
#include "kernels/named.h"

/* Of 2^-16 to 2^-20 this brought SegNet's outputs closest to the reference: less lets rounding
 * choose, more takes values for equal that are not. */
#define MINIMAL_FILTERING_TIE 0x1p-18

enum { LANES = HS_CHANNEL_BLOCK };

#include "kernels/plain/bilinear.h"
#include "kernels/plain/channel.h"
#include "kernels/plain/element.h"
#include "kernels/plain/forest.h"
#include "kernels/plain/loss.h"
#include "kernels/plain/pool.h"

/* Everything but convolution, in plain loops that compilers make vectors of: included once by each
 * instruction set, after defining ISA. No sum is reassociated and no product contracted, so all of
 * them give the same bits. */
#include "kernels/named.h"

enum { LANES = HS_CHANNEL_BLOCK };

#include "kernels/plain/bilinear.h"
#include "kernels/plain/channel.h"
#include "kernels/plain/element.h"
#include "kernels/plain/forest.h"
#include "kernels/plain/loss.h"
#include "kernels/plain/pool.h"

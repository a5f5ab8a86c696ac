/* The networks of configs/nets, narrow, against PyTorch's numbers: the files of tests/golden/nets.
 */
#ifndef HS_TESTS_GOLDEN_NETS_H
#define HS_TESTS_GOLDEN_NETS_H

#include "io/hdf5.h"

enum { HS_GOLDEN_NETS = 9 };
extern const char *const hs_golden_nets[HS_GOLDEN_NETS];

typedef enum hs_golden_part {
    HS_GOLDEN_LOGITS, /* with running statistics, and with the batch's own */
    HS_GOLDEN_ALL,    /* and losses, gradients and updated parameters, where the file has them */
} hs_golden_part;

/* Asserts that what this library makes of configs/nets/NAME.ini is what PyTorch makes of the
 * network of that name. `what` begins messages. */
void hs_golden_net_check(const char *name, hs_golden_part part, const char *what);

/* Asserts that every array of a group of `expected`, /GROUP/LAYER/TENSOR, has its like in `got`:
 * sqrt(mean of squared differences / mean of squares) at most `bound`. */
void hs_golden_group_close(hs_h5 *got, hs_h5 *expected, const char *group, double bound,
                           const char *what);

#endif

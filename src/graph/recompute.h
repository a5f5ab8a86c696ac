/* What is not kept from forward to backward, but made again where backward reads it: outputs of ops
 * that cost little more than reading their input, and where memory is small every other convolution
 * too (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"). */
#ifndef HS_GRAPH_RECOMPUTE_H
#define HS_GRAPH_RECOMPUTE_H

#include "graph/autograd.h"

/* Sets last, again and n_again of a plan, whose graph and mode are set; `costly`: whether what
 * costs a convolution is made again too. */
void hs_plan_keep(hs_plan *plan, const hs_walk *walk, bool costly);

#endif

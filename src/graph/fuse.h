/* Fusion: what the op before or after can do as well, which saves passes over memory. */
#ifndef HS_GRAPH_FUSE_H
#define HS_GRAPH_FUSE_H

#include "graph/graph.h"

/* Makes *fused the graph that a plan runs: `graph` with the same values and as many nodes, where an
 * activation, or in inference a batch norm, that alone reads the output of an op which can do it is
 * left to that op. The node stays as one that does nothing, its input as a value of no size. A norm
 * or an activation whose readers can all apply it writes nothing: they read its input. Nor does a
 * concatenation whose inputs can be made where they lie in its output. Arrays and
 * changed nodes live in `arena`, the rest in `graph`. Training computes the same bits; in
 * inference a norm folded into weights rounds otherwise. */
void hs_graph_fuse(const hs_graph *graph, hs_mode mode, hs_arena *arena, hs_graph *fused);

#endif

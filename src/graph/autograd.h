/* The backward walk: which nodes run backward, and which of their input gradients add up. */
#ifndef HS_GRAPH_AUTOGRAD_H
#define HS_GRAPH_AUTOGRAD_H

#include "graph/graph.h"

/* Result of the walk over a graph of n_nodes and n_values; arrays live in the arena given. */
typedef struct hs_walk {
    bool *active;      /* [node] runs backward */
    bool *wanted;      /* [value] has a gradient */
    bool *accumulate;  /* [node][HS_MAX_INPUTS] an earlier contribution to that gradient exists */
    int *first, *last; /* [value] times of a gradient's first write and last read */
} hs_walk;

hs_walk hs_autograd(const hs_graph *graph, hs_arena *arena);

/* Whether node's input i receives a gradient when the node runs backward. */
bool hs_receives_gradient(const hs_walk *walk, const hs_node *node, int i);

#endif

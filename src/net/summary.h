/* What a network costs: its layers with shapes, parameters and operations. Nothing is allocated
 * that grows with the network's tensors. */
#ifndef HS_NET_SUMMARY_H
#define HS_NET_SUMMARY_H

#include "graph/graph.h"
#include "handseg/net.h"

typedef struct hs_layer_summary {
    const char *name;
    const char *ops; /* "conv, batch_norm, relu" */
    hs_shape out;
    int64_t parameters; /* trained numbers */
    double flops;       /* of forward, two a multiply-add */
    int first, end;     /* nodes of the graph: first .. end-1 */
} hs_layer_summary;

/* Initialise with {0}; free after failure too. */
typedef struct hs_net_summary {
    hs_arena arena;
    hs_layer_summary *layers; /* [count], in the order they run */
    int count;
    hs_shape in, out;
    int64_t parameters;
    double flops;
    size_t memory; /* bytes of parameters and everything between them, inference */
} hs_net_summary;

/* The layers of a graph and their sums, all but in, out and memory. A layer is the nodes that bear
 * its name, one after another. */
void hs_graph_summarize(const hs_graph *graph, hs_net_summary *summary);

/* A network at its own size for one frame. */
hs_status hs_net_summarize(const hs_net *net, hs_net_summary *summary);

void hs_net_summary_free(hs_net_summary *summary);

#endif

/* What a layer must move at the least, and what is held while it runs: for holding its time against
 * the machine's memory. */
#ifndef HS_NET_TRAFFIC_H
#define HS_NET_TRAFFIC_H

#include "graph/graph.h"

/* Bytes, of arrays as they lie in memory, padding included. */
typedef struct hs_demand {
    double moved; /* read and written, each array once however often it is used */
    size_t held;  /* of the plan's arena, in use at most while one of the ops runs */
} hs_demand;

typedef struct hs_traffic {
    /* Reads the layer's inputs and parameters, writes what a later layer, backward or the caller
     * reads of what it makes. */
    hs_demand forward;
    /* Reads the gradients of its outputs, what was kept of forward or is made again instead, with
     * what it is made from, and, where the layer passes a gradient on, its parameters; writes the
     * gradients of its inputs and parameters. */
    hs_demand backward;
} hs_traffic;

/* Of the layer that is nodes first .. end-1 of a plan, which need not be bound. */
hs_traffic hs_plan_traffic(const hs_plan *plan, int first, int end);

#endif

/* Rectifier: y = max(x, 0), any shape. Backward: dx = dy where y > 0, else 0. */
#include "ops/op.h"

static double activation(const hs_node *node)
{
    (void)node;
    return 0;
}

const hs_op hs_op_relu = {.name = "relu",
                          .summary = "rectifier",
                          .least_inputs = 1,
                          .most_inputs = 1,
                          .rerun = HS_RERUN_CHEAP,
                          .over_dy = true,
                          .shape = hs_activation_shape,
                          .activation = activation,
                          .map = hs_activation_map,
                          .reads_map = hs_activation_reads_map,
                          .reads_slices = true,
                          .forward = hs_activation_forward,
                          .backward = hs_activation_backward};

hs_value hs_relu(hs_graph *g, const char *layer, hs_value x)
{
    return hs_graph_apply(g, &hs_op_relu, layer, &x, 1, NULL);
}

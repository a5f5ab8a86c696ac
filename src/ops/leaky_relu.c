/* Leaky rectifier: y = x where x > 0, else slope * x. Backward: dx = dy or slope * dy likewise. */
#include "ops/op.h"

static const hs_field fields[] = {
    {"slope", HS_FIELD_REAL, offsetof(hs_leaky_relu_attr, slope), "0.2", 0, 1, NULL,
     "of negative values"},
};

static double activation(const hs_node *node)
{
    return ((const hs_leaky_relu_attr *)node->attr)->slope;
}

const hs_op hs_op_leaky_relu = {.name = "leaky_relu",
                                .summary = "leaky rectifier",
                                .least_inputs = 1,
                                .most_inputs = 1,
                                .fields = fields,
                                .n_fields = sizeof fields / sizeof *fields,
                                .attr_size = sizeof(hs_leaky_relu_attr),
                                .rerun = HS_RERUN_CHEAP,
                                .over_dy = true,
                                .shape = hs_activation_shape,
                                .activation = activation,
                                .map = hs_activation_map,
                                .reads_map = hs_activation_reads_map,
                                .reads_slices = true,
                                .forward = hs_activation_forward,
                                .backward = hs_activation_backward};

hs_value hs_leaky_relu(hs_graph *g, const char *layer, hs_value x, hs_leaky_relu_attr attr)
{
    return hs_graph_apply(g, &hs_op_leaky_relu, layer, &x, 1, &attr);
}

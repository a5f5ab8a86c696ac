/* Leaky rectifier: y = x where x > 0, else slope * x. Backward: dx = dy or slope * dy likewise. */
#include "ops/op.h"

static const hs_field fields[] = {
    {"slope", HS_FIELD_REAL, offsetof(hs_leaky_relu_attr, slope), "0.2", 0, 1, NULL,
     "of negative values"},
};

static hs_status shape(hs_node *node)
{
    node->out[0] = node->in[0];
    node->backward_outputs = 1; /* a slope of 0 or more: the sign of y tells that of x */
    return HS_OK;
}

static double activation(const hs_node *node)
{
    return ((const hs_leaky_relu_attr *)node->attr)->slope;
}

static hs_real slope(const hs_step *s)
{
    return (hs_real)activation(s->node);
}

static void forward(const hs_step *s)
{
    hs_activate(s, slope(s));
}

static void backward(const hs_step *s)
{
    hs_kernels_get()->leaky_relu_backward(s->out[0].data, s->dout[0].data, hs_stored(&s->out[0]),
                                          slope(s), s->din[0].data, s->accumulate[0]);
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
                                .shape = shape,
                                .activation = activation,
                                .reads_map = hs_activation_reads_map,
                                .forward = forward,
                                .backward = backward};

hs_value hs_leaky_relu(hs_graph *g, const char *layer, hs_value x, hs_leaky_relu_attr attr)
{
    return hs_graph_apply(g, &hs_op_leaky_relu, layer, &x, 1, &attr);
}

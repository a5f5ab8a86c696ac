/* Rectifier: y = max(x, 0), any shape. Backward: dx = dy where y > 0, else 0. */
#include "ops/op.h"

static hs_status shape(hs_node *node)
{
    node->out[0] = node->in[0];
    node->backward_outputs = 1; /* y > 0 where x > 0 */
    return HS_OK;
}

static double activation(const hs_node *node)
{
    (void)node;
    return 0;
}

static void forward(const hs_step *s)
{
    hs_activate(s, 0);
}

static void backward(const hs_step *s)
{
    hs_kernels_get()->leaky_relu_backward(s->out[0].data, s->dout[0].data, hs_stored(&s->out[0]), 0,
                                          s->din[0].data, s->accumulate[0]);
}

const hs_op hs_op_relu = {.name = "relu",
                          .summary = "rectifier",
                          .least_inputs = 1,
                          .most_inputs = 1,
                          .rerun = HS_RERUN_CHEAP,
                          .over_dy = true,
                          .shape = shape,
                          .activation = activation,
                          .reads_map = hs_activation_reads_map,
                          .forward = forward,
                          .backward = backward};

hs_value hs_relu(hs_graph *g, const char *layer, hs_value x)
{
    return hs_graph_apply(g, &hs_op_relu, layer, &x, 1, NULL);
}

/* Sum of values of one shape: y = x0 + x1 + ... Backward: each dx = dy. */
#include "ops/op.h"

static hs_status shape(hs_node *node)
{
    hs_shape a = node->in[0];
    for (int i = 1; i < node->n_inputs; i++) {
        hs_shape b = node->in[i];
        if (a.n != b.n || a.c != b.c || a.h != b.h || a.w != b.w)
            return hs_node_error(node, "a crop, pad or 1x1 convolution before it makes them equal",
                                 "got %s and %s, expected equal shapes", hs_shape_format(a).text,
                                 hs_shape_format(b).text);
    }
    node->out[0] = a;
    return HS_OK;
}

static void forward(const hs_step *s)
{
    hs_window v = hs_window_between(&s->out[0], &s->out[0], 0, 0);
    for (int i = 0; i < s->node->n_inputs; i++)
        hs_kernels_get()->window(&v, s->in[i].data, NULL, s->out[0].data, i > 0);
}

static void backward(const hs_step *s)
{
    hs_window v = hs_window_between(&s->out[0], &s->out[0], 0, 0);
    for (int i = 0; i < s->node->n_inputs; i++)
        if (s->din[i].data)
            hs_kernels_get()->window(&v, s->dout[0].data, NULL, s->din[i].data, s->accumulate[i]);
}

const hs_op hs_op_add = {.name = "add",
                         .summary = "sum of values of one shape",
                         .least_inputs = 2,
                         .most_inputs = HS_MAX_INPUTS,
                         .rerun = HS_RERUN_CHEAP,
                         .shape = shape,
                         .forward = forward,
                         .backward = backward};

hs_value hs_add(hs_graph *g, const char *layer, const hs_value *x, int n)
{
    return hs_graph_apply(g, &hs_op_add, layer, x, n, NULL);
}

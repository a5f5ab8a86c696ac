/* Zeros around an image: y[n, c, top + i, left + j] = x[n,c,i,j], 0 elsewhere. Backward: dx = dy
 * inside. */
#include "ops/op.h"

static const hs_field fields[] = {
    {"top", HS_FIELD_INT32, offsetof(hs_pad_attr, top), "0", 0, 65536, NULL, "rows above"},
    {"bottom", HS_FIELD_INT32, offsetof(hs_pad_attr, bottom), "0", 0, 65536, NULL, "rows below"},
    {"left", HS_FIELD_INT32, offsetof(hs_pad_attr, left), "0", 0, 65536, NULL, "columns left"},
    {"right", HS_FIELD_INT32, offsetof(hs_pad_attr, right), "0", 0, 65536, NULL, "columns right"},
};

static hs_status shape(hs_node *node)
{
    const hs_pad_attr *a = node->attr;
    hs_shape x = node->in[0];
    node->out[0] = (hs_shape){x.n, x.c, x.h + a->top + a->bottom, x.w + a->left + a->right};
    return hs_node_check_size(node);
}

static void forward(const hs_step *s)
{
    const hs_pad_attr *a = s->node->attr;
    hs_window v = hs_window_between(&s->in[0], &s->out[0], -a->top, -a->left);
    hs_kernels_get()->window(&v, s->in[0].data, NULL, s->out[0].data, false);
}

static void backward(const hs_step *s)
{
    const hs_pad_attr *a = s->node->attr;
    hs_window v = hs_window_between(&s->dout[0], &s->din[0], a->top, a->left);
    hs_kernels_get()->window(&v, s->dout[0].data, NULL, s->din[0].data, s->accumulate[0]);
}

const hs_op hs_op_pad = {.name = "pad",
                         .summary = "zeros around an image",
                         .least_inputs = 1,
                         .most_inputs = 1,
                         .fields = fields,
                         .n_fields = sizeof fields / sizeof *fields,
                         .attr_size = sizeof(hs_pad_attr),
                         .rerun = HS_RERUN_CHEAP,
                         .shape = shape,
                         .forward = forward,
                         .backward = backward};

hs_value hs_pad(hs_graph *g, const char *layer, hs_value x, hs_pad_attr attr)
{
    return hs_graph_apply(g, &hs_op_pad, layer, &x, 1, &attr);
}

/* Channels one after another: y[:, offset_i + c] = x_i[:, c]. Backward: dx_i = that slice of dy.
 * Serves an activation that follows: y = act(x), dx = dy * act'(y), which has the sign of x. */
#include "ops/op.h"

static hs_status shape(hs_node *node)
{
    hs_shape a = node->in[0];
    node->out[0] = a;
    for (int i = 1; i < node->n_inputs; i++) {
        hs_shape b = node->in[i];
        if (a.n != b.n || a.h != b.h || a.w != b.w)
            return hs_node_error(
                node,
                "sizes halve exactly when the input is a multiple of the net's total "
                "stride; otherwise crop or pad",
                "got %s and %s, expected equal heights and widths", hs_shape_format(a).text,
                hs_shape_format(b).text);
        node->out[0].c += b.c;
    }
    return hs_node_check_size(node);
}

static void forward(const hs_step *s)
{
    hs_real *to = s->out[0].data;
    hs_shape y = s->out[0].shape;
    int last = s->node->n_inputs - 1, offset = 0;
    for (int i = 0; i <= last; i++) {
        int channels = s->in[i].shape.c;
        hs_window v = {.n = y.n,
                       .c = channels,
                       .fill = i == last ? s->out[0].pitch - y.c : 0,
                       .from_h = y.h,
                       .from_w = y.w,
                       .from_pitch = s->in[i].pitch,
                       .to_h = y.h,
                       .to_w = y.w,
                       .to_pitch = s->out[0].pitch,
                       .slope = s->node->slope,
                       .map = hs_map_of(s, i)};
        const hs_real *x = s->in[i].data;
        bool activates = hs_activates(s->node) && !v.map;
        hs_kernels_get()->window(&v, x, activates ? x : NULL, to + offset, false);
        offset += channels;
    }
}

static void backward(const hs_step *s)
{
    const hs_real *from = s->dout[0].data;
    hs_shape y = s->out[0].shape;
    for (int i = 0, offset = 0; i < s->node->n_inputs; i++) {
        int channels = s->in[i].shape.c;
        hs_window v = {.n = y.n,
                       .c = channels,
                       .fill = s->in[i].pitch - channels,
                       .from_h = y.h,
                       .from_w = y.w,
                       .from_pitch = s->out[0].pitch,
                       .to_h = y.h,
                       .to_w = y.w,
                       .to_pitch = s->in[i].pitch,
                       .slope = s->node->slope};
        const hs_real *y_slice = (const hs_real *)s->out[0].data + offset;
        if (s->din[i].data)
            hs_kernels_get()->window(&v, from + offset, hs_activates(s->node) ? y_slice : NULL,
                                     s->din[i].data, s->accumulate[i]);
        offset += channels;
    }
}

static bool reads_map(const hs_node *node, int input, hs_real slope)
{
    (void)node, (void)input, (void)slope;
    return true;
}

const hs_op hs_op_concat = {.name = "concat",
                            .summary = "channels one after another",
                            .least_inputs = 1,
                            .most_inputs = HS_MAX_INPUTS,
                            .activates = true,
                            .reads_map = reads_map,
                            .activated_backward_outputs = 1,
                            .rerun = HS_RERUN_CHEAP,
                            .shape = shape,
                            .forward = forward,
                            .backward = backward};

hs_value hs_concat(hs_graph *g, const char *layer, const hs_value *x, int n)
{
    return hs_graph_apply(g, &hs_op_concat, layer, x, n, NULL);
}

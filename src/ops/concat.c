/* Channels one after another: y[:, offset_i + c] = x_i[:, c]. Backward: dx_i = that slice of dy.
 * Serves an activation that follows: y = act(x), dx = dy * act'(y), which has the sign of x.
 * Joined, nothing is copied: the inputs lie in the output, whose readers apply the map. */
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

/* Keeps the map of the output. */
static void join(hs_node *node)
{
    node->joined = true;
    node->keep_bytes = sizeof(hs_real) * 3 * (size_t)hs_pitch_of(node->out[0].c);
}

/* Mean, scale and shift of all inputs, one after another. */
static hs_affine map(const hs_step *s)
{
    const hs_real *mean = s->keep;
    int pitch = hs_pitch_of(s->out[0].shape.c);
    return (hs_affine){
        .mean = mean, .scale = mean + pitch, .shift = mean + 2 * pitch, .slope = s->node->slope};
}

static void join_maps(const hs_step *s)
{
    hs_real *mean = s->keep;
    int pitch = hs_pitch_of(s->out[0].shape.c);
    for (int i = 0; i < s->node->n_inputs; i++) {
        const hs_affine *m = hs_map_of(s, i);
        for (int c = 0; c < s->in[i].shape.c; c++, mean++) {
            mean[0] = m ? m->mean[c] : 0;
            mean[pitch] = m ? m->scale[c] : 1;
            mean[2 * pitch] = m ? m->shift[c] : 0;
        }
    }
}

static void copy_inputs(const hs_step *s)
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
                       .sign_pitch = s->in[i].pitch,
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

static void forward(const hs_step *s)
{
    if (s->node->joined)
        join_maps(s);
    else
        copy_inputs(s);
}

/* The sign of an input's share of the output, as it lies: in that or, joined, in the input. */
static const hs_real *sign_of(const hs_step *s, int i, int offset, hs_window *v)
{
    if (!hs_activates(s->node))
        return NULL;
    const hs_tensor *lies = s->node->joined ? &s->in[i] : &s->out[0];
    v->sign_pitch = lies->pitch;
    v->map = s->node->joined ? hs_map_of(s, i) : NULL;
    return (const hs_real *)lies->data + (s->node->joined ? 0 : offset);
}

static void backward(const hs_step *s)
{
    const hs_real *from = s->dout[0].data;
    hs_shape y = s->dout[0].shape;
    for (int i = 0, offset = 0; i < s->node->n_inputs; i++) {
        int channels = s->in[i].shape.c;
        hs_window v = {.n = y.n,
                       .c = channels,
                       .fill = s->din[i].pitch - channels,
                       .from_h = y.h,
                       .from_w = y.w,
                       .from_pitch = s->dout[0].pitch,
                       .to_h = y.h,
                       .to_w = y.w,
                       .to_pitch = s->din[i].pitch,
                       .slope = s->node->slope};
        const hs_real *sign = sign_of(s, i, offset, &v);
        if (s->din[i].data)
            hs_kernels_get()->window(&v, from + offset, sign, s->din[i].data, s->accumulate[i]);
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
                            .map = map,
                            .join = join,
                            .reads_map = reads_map,
                            .reads_slices = true,
                            .activated_backward_outputs = 1,
                            .rerun = HS_RERUN_CHEAP,
                            .shape = shape,
                            .forward = forward,
                            .backward = backward};

hs_value hs_concat(hs_graph *g, const char *layer, const hs_value *x, int n)
{
    return hs_graph_apply(g, &hs_op_concat, layer, x, n, NULL);
}

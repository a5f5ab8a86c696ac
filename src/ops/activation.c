/* What activations share: y = x where x > 0, else slope * x. */
#include "ops/op.h"

static hs_real slope_of(const hs_step *s)
{
    return (hs_real)s->node->op->activation(s->node);
}

/* Keeps the map that changes nothing: zeros, then ones. */
hs_status hs_activation_shape(hs_node *node)
{
    node->out[0] = node->in[0];
    node->backward_outputs = 1; /* a slope of 0 or more: the sign of y tells that of x */
    node->keep_bytes = sizeof(hs_real) * 2 * (size_t)hs_pitch_of(node->in[0].c);
    return HS_OK;
}

hs_affine hs_activation_map(const hs_step *s)
{
    const hs_real *zeros = s->keep, *ones = zeros + hs_pitch_of(s->in[0].shape.c);
    hs_affine map =
        hs_map_of(s, 0) ? s->map[0] : (hs_affine){.mean = zeros, .scale = ones, .shift = zeros};
    map.slope = slope_of(s);
    return map;
}

bool hs_activation_reads_map(const hs_node *node, int input, hs_real slope)
{
    (void)node, (void)input;
    return slope == 1;
}

void hs_activation_forward(const hs_step *s)
{
    const hs_kernels *k = hs_kernels_get();
    const hs_tensor *x = &s->in[0];
    hs_real *keep = s->keep;
    int pitch = hs_pitch_of(x->shape.c);
    for (int c = 0; c < pitch; c++) {
        keep[c] = 0;
        keep[pitch + c] = 1;
    }
    hs_affine map = hs_activation_map(s);
    if (!s->out[0].data) /* those who read it apply the map */
        return;
    if (hs_map_of(s, 0))
        k->channel_affine(x->data, x->pitch, hs_pixels(x->shape), pitch, &map, s->out[0].data);
    else
        k->leaky_relu(x->data, x->pitch, hs_pixels(x->shape), pitch, map.slope, s->out[0].data);
}

void hs_activation_backward(const hs_step *s)
{
    const hs_kernels *k = hs_kernels_get();
    const hs_tensor *dy = &s->dout[0], *sign = s->out[0].data ? &s->out[0] : &s->in[0];
    if (!s->out[0].data && hs_map_of(s, 0)) {
        hs_window v = hs_window_between(dy, &s->din[0], 0, 0);
        v.sign_pitch = sign->pitch;
        v.slope = slope_of(s);
        v.map = hs_map_of(s, 0);
        k->window(&v, dy->data, sign->data, s->din[0].data, s->accumulate[0]);
        return;
    }
    k->leaky_relu_backward(sign->data, sign->pitch, dy->data, hs_pixels(dy->shape), dy->pitch,
                           slope_of(s), s->din[0].data, s->accumulate[0]);
}

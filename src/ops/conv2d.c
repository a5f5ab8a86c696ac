/* Convolution (cross-correlation, as PyTorch's conv2d):
 *   y[n,k,i,j] = bias[k] + sum over c,r,s of x[n, c, i*stride - pad + r*dilation, ...] * w[k,c,r,s]
 * x [N,C,H,W], w [K,C,R,S], y [N,K,OH,OW], OH = (H + 2 pad - dilation (R-1) - 1) / stride + 1.
 * Backward: dx = w' * dy; dw = sum over n,i,j of x (x) dy; dbias = sum of dy. */
#include "ops/op.h"

#include <string.h>

static const hs_field fields[] = {
    {"filters", HS_FIELD_INT32, offsetof(hs_conv2d_attr, filters), NULL, 1, 65536, NULL,
     "channels out"},
    {"kernel", HS_FIELD_PAIR, offsetof(hs_conv2d_attr, kernel), NULL, 1, HS_MAX_KERNEL, NULL,
     "height, width of the kernel"},
    {"stride", HS_FIELD_PAIR, offsetof(hs_conv2d_attr, stride), "1", 1, 64, NULL,
     "input pixels from one output pixel to the next"},
    {"pad", HS_FIELD_PAIR, offsetof(hs_conv2d_attr, pad), "0", 0, 1024, NULL, "zeros on each side"},
    {"dilation", HS_FIELD_PAIR, offsetof(hs_conv2d_attr, dilation), "1", 1, 256, NULL,
     "input pixels from one tap of the kernel to the next"},
    {"bias", HS_FIELD_BOOL, offsetof(hs_conv2d_attr, bias), "yes", 0, 0, NULL,
     "add a learnt number to each channel"},
};

static hs_conv_geometry geometry(const hs_node *node)
{
    const hs_conv2d_attr *a = node->attr;
    hs_shape x = node->in[0], y = node->out[0];
    hs_conv_geometry g = {.n = x.n,
                          .big_h = x.h,
                          .big_w = x.w,
                          .big_c = x.c,
                          .big_pitch = hs_pitch_of(x.c),
                          .small_h = y.h,
                          .small_w = y.w,
                          .small_c = y.c,
                          .small_pitch = hs_pitch_of(y.c),
                          .weight_pitch = hs_pitch_of(y.c)};
    memcpy(g.kernel, a->kernel, sizeof g.kernel);
    memcpy(g.stride, a->stride, sizeof g.stride);
    memcpy(g.pad, a->pad, sizeof g.pad);
    memcpy(g.dilation, a->dilation, sizeof g.dilation);
    return g;
}

static int32_t out_size(const hs_conv2d_attr *a, int axis, int32_t size)
{
    int32_t room = size + 2 * a->pad[axis] - a->dilation[axis] * (a->kernel[axis] - 1) - 1;
    return room < 0 ? 0 : room / a->stride[axis] + 1;
}

static hs_status shape(hs_node *node)
{
    hs_conv2d_attr *a = node->attr;
    for (int axis = 0; axis < 2; axis++) {
        a->stride[axis] = a->stride[axis] ? a->stride[axis] : 1;
        a->dilation[axis] = a->dilation[axis] ? a->dilation[axis] : 1;
    }
    hs_shape x = node->in[0];
    node->out[0] = (hs_shape){x.n, a->filters, out_size(a, 0, x.h), out_size(a, 1, x.w)};
    hs_status status = hs_node_check_size(node);
    if (status != HS_OK)
        return status;
    const hs_kernels *k = hs_kernels_get();
    hs_conv_geometry g = geometry(node);
    hs_node_add_conv_weight(node, &g, (int64_t)x.c * a->kernel[0] * a->kernel[1]);
    if (a->bias)
        hs_node_add_vector(node, "bias", a->filters, true, HS_PARAM_ZERO);
    node->backward_inputs = 1;
    node->ready_bytes = sizeof(hs_real) * k->conv_packed_size(&g, HS_CONV_DOWN);
    node->forward_scratch = sizeof(hs_real) * k->conv_scratch(&g, HS_CONV_DOWN, hs_threads());
    node->backward_scratch = hs_conv_backward_scratch(&g, HS_CONV_UP, hs_pixels(node->out[0]));
    node->flops = 2.0 * (double)hs_elements(node->out[0]) * x.c * a->kernel[0] * a->kernel[1];
    return HS_OK;
}

static bool has_bias(const hs_step *s)
{
    return ((const hs_conv2d_attr *)s->node->attr)->bias;
}

static bool leaves_moments(const hs_node *node)
{
    hs_conv_geometry g = geometry(node);
    return hs_kernels_get()->conv_maps(&g);
}

/* The weights' gradient reads each pixel of dy once; a bias's would read it before. */
static bool passes_norm(const hs_node *node)
{
    return !((const hs_conv2d_attr *)node->attr)->bias && !hs_activates(node) &&
           leaves_moments(node);
}

static bool reads_map(const hs_node *node, int input, hs_real slope)
{
    (void)input, (void)slope;
    hs_conv_geometry g = geometry(node);
    return hs_kernels_get()->conv_maps_input(&g, HS_CONV_DOWN);
}

static void fold(hs_node *node)
{
    hs_conv_geometry g = geometry(node);
    hs_conv_fold(node, &g, HS_CONV_DOWN);
}

static void prepare(const hs_step *s)
{
    hs_conv_geometry g = geometry(s->node);
    hs_conv_prepare(s, &g, HS_CONV_DOWN);
}

static void forward(const hs_step *s)
{
    hs_conv_geometry g = geometry(s->node);
    g.big_map = hs_map_of(s, 0);
    g.moments = s->moments;
    hs_conv_forward(s, &g, HS_CONV_DOWN, has_bias(s));
}

static void backward(const hs_step *s)
{
    hs_conv_geometry g = geometry(s->node);
    g.big_map = hs_map_of(s, 0);
    hs_conv_backward(s, &g, HS_CONV_DOWN, has_bias(s));
}

const hs_op hs_op_conv2d = {.name = "conv",
                            .summary = "convolution",
                            .least_inputs = 1,
                            .most_inputs = 1,
                            .fields = fields,
                            .n_fields = sizeof fields / sizeof *fields,
                            .attr_size = sizeof(hs_conv2d_attr),
                            .activates = true,
                            .activated_backward_outputs = 1,
                            .fold = fold,
                            .reads_map = reads_map,
                            .reads_slices = true,
                            .writes_slices = true,
                            .leaves_moments = leaves_moments,
                            .passes_norm = passes_norm,
                            .rerun = HS_RERUN_COSTLY,
                            .shape = shape,
                            .prepare = prepare,
                            .forward = forward,
                            .backward = backward};

hs_value hs_conv2d(hs_graph *g, const char *layer, hs_value x, hs_conv2d_attr attr)
{
    return hs_graph_apply(g, &hs_op_conv2d, layer, &x, 1, &attr);
}

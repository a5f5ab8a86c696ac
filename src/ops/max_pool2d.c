/* Max pooling with kept places (PyTorch's max_pool2d with return_indices):
 *   y[n,c,i,j] = max over the window of x[n,c,...]; place[n,c,i,j] = r*S + s of the first value
 * that is as large to within rounding (slots.def). x [N,C,H,W], y [N,C,OH,OW], place like y (uint8,
 * 2 bits in memory for windows of at most 4: the position within the window, not within the image).
 * OH = floor or ceil of (H + 2 pad - R) / stride, + 1; in ceil mode windows that would begin beyond
 * the image and its leading padding are left out. Backward: dx[place] += dy. */
#include "ops/op.h"

#include <string.h>

static const hs_field fields[] = {
    {"kernel", HS_FIELD_PAIR, offsetof(hs_max_pool2d_attr, kernel), "2", 1, 16, NULL,
     "height, width of the window"},
    {"stride", HS_FIELD_PAIR, offsetof(hs_max_pool2d_attr, stride), "0", 0, 64, NULL,
     "input pixels from one window to the next; 0: the kernel"},
    {"pad", HS_FIELD_PAIR, offsetof(hs_max_pool2d_attr, pad), "0", 0, 8, NULL,
     "rows and columns around the image that never win"},
    {"ceil_mode", HS_FIELD_BOOL, offsetof(hs_max_pool2d_attr, ceil_mode), "no", 0, 0, NULL,
     "also windows that begin inside the image but end outside"},
};

hs_pool_geometry hs_pool_geometry_between(const hs_max_pool2d_attr *a, hs_shape big, hs_shape small)
{
    hs_pool_geometry g = {.n = big.n,
                          .c = big.c,
                          .big_h = big.h,
                          .big_w = big.w,
                          .big_pitch = hs_pitch_of(big.c),
                          .small_h = small.h,
                          .small_w = small.w,
                          .small_pitch = hs_pitch_of(small.c)};
    memcpy(g.kernel, a->kernel, sizeof g.kernel);
    memcpy(g.stride, a->stride, sizeof g.stride);
    memcpy(g.pad, a->pad, sizeof g.pad);
    return g;
}

static int32_t out_size(const hs_max_pool2d_attr *a, int axis, int32_t size)
{
    int32_t stride = a->stride[axis];
    int32_t room = size + 2 * a->pad[axis] - a->kernel[axis] + (a->ceil_mode ? stride - 1 : 0);
    if (room < 0)
        return 0;
    int32_t out = room / stride + 1;
    return a->ceil_mode && (out - 1) * stride >= size + a->pad[axis] ? out - 1 : out;
}

static hs_status shape(hs_node *node)
{
    hs_max_pool2d_attr *a = node->attr;
    for (int axis = 0; axis < 2; axis++) {
        a->stride[axis] = a->stride[axis] ? a->stride[axis] : a->kernel[axis];
        if (a->kernel[axis] < 1 || a->kernel[axis] > 16 || 2 * a->pad[axis] > a->kernel[axis])
            return hs_node_error(
                node, NULL,
                "got kernel %d and pad %d, expected a kernel of 1 to 16 and at most "
                "half of it as pad",
                a->kernel[axis], a->pad[axis]);
    }
    hs_shape x = node->in[0];
    node->out[0] = node->out[1] = (hs_shape){x.n, x.c, out_size(a, 0, x.h), out_size(a, 1, x.w)};
    node->n_outputs = 2;
    node->out_dtype[1] = hs_place_dtype(a->kernel);
    node->backward_outputs = 2;
    return hs_node_check_size(node);
}

static void forward(const hs_step *s)
{
    hs_pool_geometry g = hs_pool_geometry_between(s->node->attr, s->node->in[0], s->node->out[0]);
    hs_kernels_get()->max_pool(&g, s->in[0].data, hs_map_of(s, 0), s->out[0].data, s->out[1].data);
}

static void backward(const hs_step *s)
{
    hs_pool_geometry g = hs_pool_geometry_between(s->node->attr, s->node->in[0], s->node->out[0]);
    hs_kernels_get()->pool_scatter(&g, s->dout[0].data, s->out[1].data, s->din[0].data,
                                   s->accumulate[0]);
}

static bool reads_map(const hs_node *node, int input, hs_real slope)
{
    (void)node, (void)input, (void)slope;
    return true;
}

const hs_op hs_op_max_pool2d = {.name = "max_pool",
                                .summary = "largest value of each window, its place kept",
                                .least_inputs = 1,
                                .most_inputs = 1,
                                .fields = fields,
                                .n_fields = sizeof fields / sizeof *fields,
                                .attr_size = sizeof(hs_max_pool2d_attr),
                                .reads_map = reads_map,
                                .shape = shape,
                                .forward = forward,
                                .backward = backward};

hs_value hs_max_pool2d(hs_graph *g, const char *layer, hs_value x, hs_max_pool2d_attr attr)
{
    return hs_graph_apply(g, &hs_op_max_pool2d, layer, &x, 1, &attr);
}

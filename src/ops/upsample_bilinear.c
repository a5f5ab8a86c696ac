/* Bilinear interpolation (PyTorch's interpolate, align_corners false): the centre of output pixel i
 * lies at input coordinate (i + 1/2) * step - 1/2, clamped at 0; step = 1/factor, or H/OH where a
 * size is given. x [N,C,H,W], y [N,C,OH,OW], OH = floor(H * factor). Backward: each dy goes to its
 * four pixels. */
#include "ops/op.h"

static const hs_field fields[] = {
    {"factor", HS_FIELD_REAL, offsetof(hs_upsample_bilinear_attr, factor), "0", 0, 1024, NULL,
     "output pixels per input pixel; 0: from size"},
    {"size", HS_FIELD_PAIR, offsetof(hs_upsample_bilinear_attr, size), "0", 0, 65536, NULL,
     "height, width out; 0: from factor"},
};

static hs_bilinear geometry(const hs_node *node)
{
    const hs_upsample_bilinear_attr *a = node->attr;
    hs_shape x = node->in[0], y = node->out[0];
    return (hs_bilinear){.n = x.n,
                         .c = x.c,
                         .in_h = x.h,
                         .in_w = x.w,
                         .in_pitch = hs_pitch_of(x.c),
                         .out_h = y.h,
                         .out_w = y.w,
                         .out_pitch = hs_pitch_of(y.c),
                         .step = {a->size[0] ? (double)x.h / y.h : 1 / a->factor,
                                  a->size[0] ? (double)x.w / y.w : 1 / a->factor}};
}

static int32_t scaled(int32_t size, double factor)
{
    double out = size * factor;
    return out < INT32_MAX ? (int32_t)out : INT32_MAX;
}

static hs_status shape(hs_node *node)
{
    const hs_upsample_bilinear_attr *a = node->attr;
    bool sized = a->size[0] > 0 && a->size[1] > 0;
    if (sized == (a->factor > 0))
        return hs_node_error(node, NULL, "got factor %g and size %dx%d, expected one of them",
                             a->factor, a->size[0], a->size[1]);
    hs_shape x = node->in[0];
    node->out[0] = (hs_shape){x.n, x.c, sized ? a->size[0] : scaled(x.h, a->factor),
                              sized ? a->size[1] : scaled(x.w, a->factor)};
    return hs_node_check_size(node);
}

static void forward(const hs_step *s)
{
    hs_bilinear g = geometry(s->node);
    hs_kernels_get()->bilinear(&g, s->in[0].data, s->out[0].data);
}

static void backward(const hs_step *s)
{
    hs_bilinear g = geometry(s->node);
    hs_kernels_get()->bilinear_backward(&g, s->dout[0].data, s->din[0].data, s->accumulate[0]);
}

const hs_op hs_op_upsample_bilinear = {.name = "upsample_bilinear",
                                       .summary = "bilinear interpolation",
                                       .least_inputs = 1,
                                       .most_inputs = 1,
                                       .fields = fields,
                                       .n_fields = sizeof fields / sizeof *fields,
                                       .attr_size = sizeof(hs_upsample_bilinear_attr),
                                       .rerun = HS_RERUN_CHEAP,
                                       .shape = shape,
                                       .forward = forward,
                                       .backward = backward};

hs_value hs_upsample_bilinear(hs_graph *g, const char *layer, hs_value x,
                              hs_upsample_bilinear_attr attr)
{
    return hs_graph_apply(g, &hs_op_upsample_bilinear, layer, &x, 1, &attr);
}

/* A window of an image: y[n,c,i,j] = x[n, c, offset + i, offset + j], of a given size or of the
 * size of a second input, whose values do not matter. Backward: dx = dy inside the window, 0 around
 * it. */
#include "ops/op.h"

static const hs_field fields[] = {
    {"offset", HS_FIELD_PAIR, offsetof(hs_crop_attr, offset), "0", 0, 65536, NULL,
     "rows, columns left out at the top and the left"},
    {"size", HS_FIELD_PAIR, offsetof(hs_crop_attr, size), "0", 0, 65536, NULL,
     "height, width out; 0: those of the second input"},
};

static hs_status shape(hs_node *node)
{
    const hs_crop_attr *a = node->attr;
    hs_shape x = node->in[0];
    bool sized = a->size[0] > 0 && a->size[1] > 0;
    if (sized == (node->n_inputs == 2))
        return hs_node_error(node, NULL,
                             "got %d inputs and size %dx%d, expected a size or a second "
                             "input to take it from",
                             node->n_inputs, a->size[0], a->size[1]);
    hs_shape like = sized ? (hs_shape){x.n, x.c, a->size[0], a->size[1]} : node->in[1];
    node->out[0] = (hs_shape){x.n, x.c, like.h, like.w};
    if ((int64_t)a->offset[0] + like.h > x.h || (int64_t)a->offset[1] + like.w > x.w)
        return hs_node_error(node, NULL,
                             "got a window of %dx%d at %d,%d of %s, expected one inside it", like.h,
                             like.w, a->offset[0], a->offset[1], hs_shape_format(x).text);
    node->detached = 2;
    return hs_node_check_size(node);
}

static void forward(const hs_step *s)
{
    const hs_crop_attr *a = s->node->attr;
    hs_window v = hs_window_between(&s->in[0], &s->out[0], a->offset[0], a->offset[1]);
    hs_kernels_get()->window(&v, s->in[0].data, NULL, s->out[0].data, false);
}

static void backward(const hs_step *s)
{
    const hs_crop_attr *a = s->node->attr;
    hs_window v = hs_window_between(&s->dout[0], &s->din[0], -a->offset[0], -a->offset[1]);
    hs_kernels_get()->window(&v, s->dout[0].data, NULL, s->din[0].data, s->accumulate[0]);
}

const hs_op hs_op_crop = {.name = "crop",
                          .summary = "a window of an image",
                          .least_inputs = 1,
                          .most_inputs = 2,
                          .fields = fields,
                          .n_fields = sizeof fields / sizeof *fields,
                          .attr_size = sizeof(hs_crop_attr),
                          .rerun = HS_RERUN_CHEAP,
                          .shape = shape,
                          .forward = forward,
                          .backward = backward};

hs_value hs_crop(hs_graph *g, const char *layer, hs_value x, hs_value like, hs_crop_attr attr)
{
    hs_value inputs[] = {x, like};
    return hs_graph_apply(g, &hs_op_crop, layer, inputs, like < 0 ? 1 : 2, &attr);
}

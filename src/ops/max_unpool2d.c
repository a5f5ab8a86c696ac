/* Max unpooling (PyTorch's max_unpool2d): y = 0, then y[place] = x, with the places that a pool
 * kept. Inputs: x [N,C,H,W], place [N,C,H,W] of the pool; y [N,C,OH,OW], by default of the size
 * that was pooled. Backward: dx = dy[place]. Windows must not overlap, or two values could claim
 * one place. */
#include "ops/op.h"

static const hs_field fields[] = {
    {"size", HS_FIELD_PAIR, offsetof(hs_max_unpool2d_attr, size), "0", 0, 65536, NULL,
     "height, width out; 0: those of the pool's input"},
};

static hs_pool_geometry geometry(const hs_node *node)
{
    return hs_pool_geometry_between(node->producers[1]->attr, node->out[0], node->in[0]);
}

static hs_status shape(hs_node *node)
{
    const hs_max_unpool2d_attr *a = node->attr;
    const hs_node *pool = node->producers[1];
    if (!pool || pool->op != &hs_op_max_pool2d)
        return hs_node_error(
            node, "inputs = LAYER, POOL: the second one is the pool whose places are used",
            "got '%s', expected a max_pool", pool ? pool->layer : "an input");
    const hs_max_pool2d_attr *p = pool->attr;
    hs_shape x = node->in[0], place = node->in[1], pooled = pool->in[0];
    if (x.n != place.n || x.c != place.c || x.h != place.h || x.w != place.w)
        return hs_node_error(node, "unpool with the pool that made this size",
                             "got %s and places %s of pool '%s', expected equal shapes",
                             hs_shape_format(x).text, hs_shape_format(place).text, pool->layer);
    if (p->stride[0] < p->kernel[0] || p->stride[1] < p->kernel[1])
        return hs_node_error(node, NULL,
                             "pool '%s' has overlapping windows: got kernel %dx%d at stride %dx%d, "
                             "expected a stride of at least the kernel",
                             pool->layer, p->kernel[0], p->kernel[1], p->stride[0], p->stride[1]);
    node->out[0] = (hs_shape){x.n, x.c, a->size[0] ? a->size[0] : pooled.h,
                              a->size[1] ? a->size[1] : pooled.w};
    if (node->out[0].h < pooled.h || node->out[0].w < pooled.w)
        return hs_node_error(node, "leave size out",
                             "size: got %dx%d, expected at least what pool '%s' took in (%dx%d)",
                             node->out[0].h, node->out[0].w, pool->layer, pooled.h, pooled.w);
    node->detached = 2;
    node->backward_inputs = 2;
    return hs_node_check_size(node);
}

static void forward(const hs_step *s)
{
    hs_pool_geometry g = geometry(s->node);
    hs_kernels_get()->pool_scatter(&g, s->in[0].data, s->in[1].data, s->out[0].data, false);
}

static void backward(const hs_step *s)
{
    hs_pool_geometry g = geometry(s->node);
    hs_kernels_get()->pool_gather(&g, s->dout[0].data, s->in[1].data, s->din[0].data,
                                  s->accumulate[0]);
}

const hs_op hs_op_max_unpool2d = {.name = "max_unpool",
                                  .summary = "values put back where a pool took them from",
                                  .least_inputs = 2,
                                  .most_inputs = 2,
                                  .takes = {0, 1},
                                  .fields = fields,
                                  .n_fields = sizeof fields / sizeof *fields,
                                  .attr_size = sizeof(hs_max_unpool2d_attr),
                                  .rerun = HS_RERUN_CHEAP,
                                  .shape = shape,
                                  .forward = forward,
                                  .backward = backward};

hs_value hs_max_unpool2d(hs_graph *g, const char *layer, hs_value x, hs_value pool,
                         hs_max_unpool2d_attr attr)
{
    hs_value inputs[] = {x, hs_graph_sibling(g, pool, hs_op_max_unpool2d.takes[1])};
    return hs_graph_apply(g, &hs_op_max_unpool2d, layer, inputs, 2, &attr);
}

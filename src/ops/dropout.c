/* Dropout (Srivastava et al. 2014): in training y = x * mask / (1 - p) with mask 0 with probability
 * p, of each element or (as PyTorch's Dropout2d) of each channel of an image; in inference y = x.
 * Backward: dx = dy * mask / (1 - p). The mask is drawn anew from (seed, step, layer) in both
 * directions, so nothing is kept. */
#include "base/rng.h"
#include "ops/op.h"

static const hs_field fields[] = {
    {"p", HS_FIELD_REAL, offsetof(hs_dropout_attr, p), "0.5", 0, 0.999, NULL,
     "probability of zeroing"},
    {"channels", HS_FIELD_BOOL, offsetof(hs_dropout_attr, channels), "no", 0, 0, NULL,
     "whole channels of an image instead of elements"},
};

static hs_status shape(hs_node *node)
{
    node->out[0] = node->in[0];
    return HS_OK;
}

/* FNV-1a: the same layer draws the same numbers wherever it stands in a graph. */
static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

static void apply(const hs_step *s, const hs_real *x, hs_real *y, bool accumulate)
{
    const hs_dropout_attr *a = s->node->attr;
    hs_shape shape_in = s->in[0].shape;
    hs_dropout_mask d = {.n = shape_in.n,
                         .c = shape_in.c,
                         .pitch = s->in[0].pitch,
                         .area = (int64_t)shape_in.h * shape_in.w,
                         .p = s->training ? a->p : 0,
                         .channels = a->channels,
                         .key = {(uint32_t)s->seed, (uint32_t)(s->seed >> 32)},
                         .stream = {HS_PURPOSE_DROPOUT, hash(s->node->layer), (uint32_t)s->run}};
    hs_kernels_get()->dropout(&d, x, y, accumulate);
}

static void forward(const hs_step *s)
{
    apply(s, s->in[0].data, s->out[0].data, false);
}

static void backward(const hs_step *s)
{
    apply(s, s->dout[0].data, s->din[0].data, s->accumulate[0]);
}

const hs_op hs_op_dropout = {.name = "dropout",
                             .summary = "random zeroing in training",
                             .least_inputs = 1,
                             .most_inputs = 1,
                             .fields = fields,
                             .n_fields = sizeof fields / sizeof *fields,
                             .attr_size = sizeof(hs_dropout_attr),
                             .rerun = HS_RERUN_CHEAP,
                             .over_dy = true,
                             .shape = shape,
                             .forward = forward,
                             .backward = backward};

hs_value hs_dropout(hs_graph *g, const char *layer, hs_value x, hs_dropout_attr attr)
{
    return hs_graph_apply(g, &hs_op_dropout, layer, &x, 1, &attr);
}

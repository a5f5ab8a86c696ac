/* Softmax cross-entropy over pixels, weighted by class as PyTorch's CrossEntropyLoss:
 *   loss = sum over pixels of w[t] * (log sum_c exp(x[c]) - x[t]) / sum over pixels of w[t]
 * logits x [N,C,H,W], labels t uint8 [N,1,H,W], loss [1,1,1,1]. Labels equal to `ignore` or not
 * below C have no weight; where no pixel counts, loss and gradient are 0. Backward: dx[c] = dloss *
 * w[t] * (softmax(x)[c] - (c == t)) / sum of w. */
#include "ops/op.h"

static const hs_field fields[] = {
    {"ignore", HS_FIELD_INT32, offsetof(hs_softmax_cross_entropy_attr, ignore), "255", -1, 255,
     NULL, "label that does not count; -1: none"},
};

/* Kept for backward: the weight of each label value, and one over the sum of weights. */
typedef struct kept {
    hs_real weight[256], per_weight;
} kept;

static hs_status shape(hs_node *node)
{
    const hs_softmax_cross_entropy_attr *a = node->attr;
    hs_shape x = node->in[0], t = node->in[1];
    if (node->in_dtype[1] != HS_U8 || t.n != x.n || t.c != 1 || t.h != x.h || t.w != x.w)
        return hs_node_error(node, NULL,
                             "got logits %s and labels %s, expected labels of one 8-bit "
                             "channel and the size of the logits",
                             hs_shape_format(x).text, hs_shape_format(t).text);
    if (x.c > HS_MAX_CLASSES)
        return hs_node_error(node, NULL, "got %d classes, expected at most %d", x.c,
                             HS_MAX_CLASSES);
    for (int c = 0; c < HS_MAX_CLASSES; c++)
        if (!(a->class_weights[c] >= 0))
            return hs_node_error(node, NULL, "class weight %d: got %g, expected 0 or more", c,
                                 a->class_weights[c]);
    node->out[0] = (hs_shape){1, 1, 1, 1};
    node->detached = 2;
    node->backward_inputs = 3;
    node->keep_bytes = sizeof(kept);
    node->forward_scratch = sizeof(double) * hs_kernels_get()->softmax_scratch(hs_pixels(x));
    return HS_OK;
}

static void label_weights(const hs_softmax_cross_entropy_attr *a, int classes, hs_real weight[256])
{
    bool all_zero = true;
    for (int c = 0; c < classes; c++)
        all_zero = all_zero && a->class_weights[c] == 0;
    for (int label = 0; label < 256; label++) {
        bool counts = label < classes && label != a->ignore;
        weight[label] = !counts ? 0 : all_zero ? 1 : (hs_real)a->class_weights[label];
    }
}

static void forward(const hs_step *s)
{
    kept *keep = s->keep;
    const hs_tensor *x = &s->in[0], *loss = &s->out[0];
    label_weights(s->node->attr, x->shape.c, keep->weight);
    double total[2];
    hs_kernels_get()->softmax_loss(x->data, hs_pixels(x->shape), x->shape.c, x->pitch,
                                   s->in[1].data, keep->weight, s->scratch, total);
    keep->per_weight = (hs_real)(total[1] > 0 ? 1 / total[1] : 0);
    hs_real *out = loss->data;
    for (int c = 0; c < loss->pitch; c++)
        out[c] = 0;
    out[0] = (hs_real)(total[1] > 0 ? total[0] / total[1] : 0);
}

static void backward(const hs_step *s)
{
    const kept *keep = s->keep;
    const hs_tensor *x = &s->in[0];
    hs_real factor = *(const hs_real *)s->dout[0].data * keep->per_weight;
    hs_kernels_get()->softmax_loss_backward(x->data, hs_pixels(x->shape), x->shape.c, x->pitch,
                                            s->in[1].data, keep->weight, factor, s->din[0].data,
                                            s->accumulate[0]);
}

const hs_op hs_op_softmax_cross_entropy = {.name = "softmax_cross_entropy",
                                           .summary = "softmax cross-entropy over pixels",
                                           .least_inputs = 2,
                                           .most_inputs = 2,
                                           .fields = fields,
                                           .n_fields = sizeof fields / sizeof *fields,
                                           .attr_size = sizeof(hs_softmax_cross_entropy_attr),
                                           .over_x = true,
                                           .shape = shape,
                                           .forward = forward,
                                           .backward = backward};

hs_value hs_softmax_cross_entropy(hs_graph *g, const char *layer, hs_value logits, hs_value labels,
                                  hs_softmax_cross_entropy_attr attr)
{
    hs_value inputs[] = {logits, labels};
    return hs_graph_apply(g, &hs_op_softmax_cross_entropy, layer, inputs, 2, &attr);
}

/* Configurations of every op: odd sizes, unequal axes, channel counts around blocks of 16. One list
 * for the gradient check (in double) and for the comparison with the naive references (in float).
 */
#ifndef HS_TESTS_OPS_CASES_H
#define HS_TESTS_OPS_CASES_H

#include "base/rng.h"
#include "ops/op.h"
#include <string.h>

typedef struct op_case {
    const hs_op *op;
    int n;
    hs_shape in[4];
    union {
        hs_conv2d_attr conv2d;
        hs_conv_transpose2d_attr conv_transpose2d;
        hs_batch_norm2d_attr batch_norm2d;
        hs_leaky_relu_attr leaky_relu;
        hs_max_pool2d_attr max_pool2d;
        hs_max_unpool2d_attr max_unpool2d;
        hs_upsample_bilinear_attr upsample_bilinear;
        hs_dropout_attr dropout;
        hs_crop_attr crop;
        hs_pad_attr pad;
        hs_softmax_cross_entropy_attr softmax_cross_entropy;
    } attr;
    hs_max_pool2d_attr pool; /* max_unpool2d: of input 1 */
    bool repeat;             /* all inputs are the first one */
} op_case;

static hs_value build_relu(hs_graph *g, const hs_value *x, const op_case *c)
{
    return hs_relu(g, c->op->name, x[0]);
}

static hs_value build_add(hs_graph *g, const hs_value *x, const op_case *c)
{
    return hs_add(g, c->op->name, x, c->n);
}

static hs_value build_concat(hs_graph *g, const hs_value *x, const op_case *c)
{
    return hs_concat(g, c->op->name, x, c->n);
}

static hs_value build_crop(hs_graph *g, const hs_value *x, const op_case *c)
{
    return hs_crop(g, c->op->name, x[0], c->n > 1 ? x[1] : -1, c->attr.crop);
}

static hs_value build_max_unpool2d(hs_graph *g, const hs_value *x, const op_case *c)
{
    return hs_max_unpool2d(g, c->op->name, x[0], hs_max_pool2d(g, "pool", x[1], c->pool),
                           c->attr.max_unpool2d);
}

static hs_value build_softmax_cross_entropy(hs_graph *g, const hs_value *x, const op_case *c)
{
    return hs_softmax_cross_entropy(g, c->op->name, x[0], x[1], c->attr.softmax_cross_entropy);
}

#define BUILD_UNARY(kind)                                                          \
    static hs_value build_##kind(hs_graph *g, const hs_value *x, const op_case *c) \
    {                                                                              \
        return hs_##kind(g, c->op->name, x[0], c->attr.kind);                      \
    }
BUILD_UNARY(conv2d)
BUILD_UNARY(conv_transpose2d)
BUILD_UNARY(batch_norm2d)
BUILD_UNARY(leaky_relu)
BUILD_UNARY(max_pool2d)
BUILD_UNARY(upsample_bilinear)
BUILD_UNARY(dropout)
BUILD_UNARY(pad)
#undef BUILD_UNARY

typedef hs_value op_builder(hs_graph *g, const hs_value *x, const op_case *c);

/* In the order of hs_ops; an op without a builder does not compile. */
#define HS_OP(name) build_##name,
static op_builder *const op_builders[] = {
#include "ops/ops.def"
};
#undef HS_OP

static inline int op_index(const hs_op *op)
{
    int i = 0;
    while (hs_ops[i] != op)
        i++;
    return i;
}

/* Whether input i of a case is a picture of labels, or only gives places or a size: no gradient. */
static inline bool op_case_labels(const op_case *c, int i)
{
    return i == 1 && c->op == &hs_op_softmax_cross_entropy;
}

static inline bool op_case_differentiable(const op_case *c, int i)
{
    return i == 0 ||
           !(op_case_labels(c, i) || c->op == &hs_op_max_unpool2d || c->op == &hs_op_crop);
}

/* Adds inputs and op to the graph; the op's value is an output of it. */
static inline hs_value op_case_build(hs_graph *g, const op_case *c, hs_value *x)
{
    for (int i = 0; i < c->n; i++)
        x[i] = c->repeat && i > 0 ? x[0]
                                  : hs_graph_input(g, "x", op_case_labels(c, i) ? HS_U8 : HS_F32,
                                                   c->in[i], op_case_differentiable(c, i));
    hs_value y = op_builders[op_index(c->op)](g, x, c);
    hs_graph_output(g, y);
    return y;
}

/* filters, kernel, stride, pad, dilation, bias; of transposed ones also output_pad. */
#define UNARY(kind, n_, c, h, w, ...)                                                    \
    {                                                                                    \
        .op = &hs_op_##kind, .n = 1, .in = {{n_, c, h, w}}, .attr.kind = { __VA_ARGS__ } \
    }
#define CONV(...) UNARY(conv2d, __VA_ARGS__)
#define CONV_T(...) UNARY(conv_transpose2d, __VA_ARGS__)

static const op_case op_cases[] = {
    CONV(1, 1, 7, 9, 5, {3, 3}, {0, 0}, {1, 1}, {0, 0}, true),
    CONV(2, 17, 7, 9, 3, {4, 4}, {2, 2}, {1, 1}, {1, 1}, false),
    CONV(3, 3, 9, 7, 17, {1, 1}, {1, 1}, {0, 0}, {1, 1}, true),
    CONV(1, 5, 11, 13, 33, {3, 2}, {3, 1}, {2, 0}, {2, 3}, true),
    CONV(2, 2, 8, 5, 16, {5, 1}, {1, 3}, {4, 2}, {1, 1}, true),
    CONV(1, 16, 5, 6, 1, {2, 3}, {2, 3}, {0, 1}, {2, 2}, true),
    CONV(1, 3, 2, 3, 4, {2, 3}, {4, 4}, {3, 3}, {1, 1}, true),
    CONV_T(1, 1, 3, 5, 5, {3, 3}, {0, 0}, {1, 1}, {0, 0}, {0, 0}, true),
    CONV_T(2, 17, 3, 4, 3, {4, 4}, {2, 2}, {1, 1}, {1, 1}, {0, 0}, false),
    CONV_T(3, 3, 4, 3, 17, {1, 1}, {1, 1}, {0, 0}, {1, 1}, {0, 0}, true),
    CONV_T(1, 5, 4, 5, 33, {3, 2}, {3, 1}, {2, 0}, {2, 3}, {1, 2}, true),
    CONV_T(2, 2, 3, 5, 16, {2, 5}, {3, 2}, {0, 1}, {1, 2}, {2, 1}, true),
    CONV_T(1, 16, 5, 4, 1, {1, 2}, {3, 3}, {0, 0}, {1, 1}, {2, 0}, true), /* empty phases */
    UNARY(batch_norm2d, 3, 5, 7, 9, 0, 0),
    UNARY(batch_norm2d, 1, 17, 3, 5, 1e-2, 0.3),
    UNARY(batch_norm2d, 2, 1, 31, 23, 0, 0.9),
    {.op = &hs_op_relu, .n = 1, .in = {{3, 17, 7, 9}}},
    {.op = &hs_op_relu, .n = 1, .in = {{1, 1, 1, 3}}},
    UNARY(leaky_relu, 2, 3, 7, 9, 0.2),
    UNARY(leaky_relu, 1, 16, 3, 5, 0),
    UNARY(leaky_relu, 1, 1, 5, 3, 1.0),
    {.op = &hs_op_add, .n = 2, .in = {{3, 17, 7, 9}, {3, 17, 7, 9}}},
    {.op = &hs_op_add, .n = 3, .in = {{1, 1, 5, 3}, {1, 1, 5, 3}, {1, 1, 5, 3}}},
    {.op = &hs_op_add, .n = 2, .in = {{2, 5, 3, 7}, {2, 5, 3, 7}}, .repeat = true},
    {.op = &hs_op_concat, .n = 2, .in = {{3, 17, 7, 9}, {3, 1, 7, 9}}},
    {.op = &hs_op_concat, .n = 4, .in = {{1, 3, 5, 3}, {1, 15, 5, 3}, {1, 16, 5, 3}, {1, 5, 5, 3}}},
    {.op = &hs_op_concat, .n = 3, .in = {{2, 7, 3, 5}, {2, 7, 3, 5}, {2, 7, 3, 5}}, .repeat = true},
    {.op = &hs_op_concat, .n = 1, .in = {{1, 3, 2, 5}}},
    UNARY(max_pool2d, 3, 17, 7, 9, {2, 2}, {0, 0}, {0, 0}, false),
    UNARY(max_pool2d, 2, 3, 7, 9, {2, 2}, {2, 2}, {0, 0}, true),
    UNARY(max_pool2d, 1, 5, 9, 7, {3, 3}, {2, 2}, {1, 1}, true),
    UNARY(max_pool2d, 1, 1, 7, 9, {3, 2}, {1, 1}, {1, 0}, false), /* overlapping */
    UNARY(max_pool2d, 2, 16, 5, 11, {1, 3}, {3, 4}, {0, 1}, true),
    UNARY(max_pool2d, 1, 2, 17, 19, {16, 16}, {1, 2}, {8, 8}, false), /* the largest window */
    UNARY(max_pool2d, 2, 3, 1, 3, {2, 2}, {2, 2}, {0, 0}, true), /* one larger than the image */
    {.op = &hs_op_max_unpool2d,
     .n = 2,
     .in = {{3, 17, 3, 4}, {3, 17, 7, 9}},
     .pool = {{2, 2}, {0, 0}, {0, 0}, false}},
    {.op = &hs_op_max_unpool2d,
     .n = 2,
     .in = {{2, 3, 4, 5}, {2, 3, 7, 9}},
     .pool = {{2, 2}, {2, 2}, {0, 0}, true}},
    {.op = &hs_op_max_unpool2d,
     .n = 2,
     .in = {{1, 5, 3, 3}, {1, 5, 7, 9}},
     .attr.max_unpool2d = {{8, 11}},
     .pool = {{2, 3}, {3, 4}, {1, 1}, false}},
    {.op = &hs_op_max_unpool2d,
     .n = 2,
     .in = {{2, 3, 1, 2}, {2, 3, 1, 3}},
     .pool = {{2, 2}, {2, 2}, {0, 0}, true}},
    UNARY(upsample_bilinear, 3, 17, 7, 9, 2, {0, 0}),
    UNARY(upsample_bilinear, 1, 3, 5, 7, 3.5, {0, 0}),
    UNARY(upsample_bilinear, 2, 1, 7, 9, 0.5, {0, 0}),
    UNARY(upsample_bilinear, 1, 5, 3, 5, 0, {13, 8}),
    UNARY(upsample_bilinear, 1, 2, 7, 9, 0, {3, 20}),
    UNARY(upsample_bilinear, 2, 3, 1, 2, 4, {0, 0}),
    UNARY(dropout, 3, 17, 7, 9, 0.5, false),
    UNARY(dropout, 2, 5, 5, 3, 0.2, false),
    UNARY(dropout, 3, 19, 3, 5, 0.4, true),
    UNARY(dropout, 1, 3, 3, 5, 0, false),
    UNARY(crop, 3, 17, 7, 9, {1, 3}, {5, 4}),
    UNARY(crop, 1, 1, 5, 3, {0, 0}, {5, 3}),
    {.op = &hs_op_crop, .n = 2, .in = {{2, 5, 7, 9}, {1, 3, 4, 5}}, .attr.crop = {{3, 4}, {0, 0}}},
    {.op = &hs_op_crop,
     .n = 2,
     .in = {{2, 3, 5, 7}, {2, 3, 5, 7}},
     .attr.crop = {{0, 0}, {0, 0}},
     .repeat = true},
    UNARY(pad, 3, 17, 7, 9, 1, 2, 3, 4),
    UNARY(pad, 1, 1, 3, 5, 0, 0, 7, 0),
    {.op = &hs_op_softmax_cross_entropy,
     .n = 2,
     .in = {{3, 5, 7, 9}, {3, 1, 7, 9}},
     .attr.softmax_cross_entropy = {{0}, 255}},
    {.op = &hs_op_softmax_cross_entropy,
     .n = 2,
     .in = {{2, 3, 5, 7}, {2, 1, 5, 7}},
     .attr.softmax_cross_entropy = {{0.5, 2, 7.25}, -1}},
    {.op = &hs_op_softmax_cross_entropy,
     .n = 2,
     .in = {{1, 17, 9, 7}, {1, 1, 9, 7}},
     .attr.softmax_cross_entropy = {{0, 1, 2, 3, 4, 5, 6, 7}, 3}},
    {.op = &hs_op_softmax_cross_entropy,
     .n = 2,
     .in = {{1, 2, 3, 5}, {1, 1, 3, 5}},
     .attr.softmax_cross_entropy = {{1, 1}, 0}},
};

enum { OP_CASES = sizeof op_cases / sizeof *op_cases };

/* Labels from 0 to two past the last class, so that some do not count. */
static inline void op_case_fill_labels(hs_rng *rng, hs_shape shape, int classes, uint8_t *labels)
{
    for (int64_t i = 0; i < hs_elements(shape); i++)
        labels[i] = (uint8_t)hs_rng_below(rng, (uint32_t)classes + 2);
}

#endif

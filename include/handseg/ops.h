/* Constructors of the ops: each adds one op to a graph and returns the value it gives, negative
 * after an error (see hs_graph_status). `layer` names it in messages, parameters and checkpoints.
 * Where an attribute says so, 0 stands for its usual value. Formulas are in src/ops, one file an
 * op. */
#ifndef HANDSEG_OPS_H
#define HANDSEG_OPS_H

#include "handseg/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { HS_MAX_CLASSES = 32, HS_MAX_INPUTS = 8 };

typedef struct hs_conv2d_attr {
    int32_t filters;                                   /* channels out */
    int32_t kernel[2], stride[2], pad[2], dilation[2]; /* height, width; stride, dilation 0: 1 */
    bool bias;
} hs_conv2d_attr;
hs_value hs_conv2d(hs_graph *g, const char *layer, hs_value x, hs_conv2d_attr attr);

typedef struct hs_conv_transpose2d_attr {
    int32_t filters;
    int32_t kernel[2], stride[2], pad[2], dilation[2];
    int32_t output_pad[2]; /* rows and columns added at the bottom and the right */
    bool bias;
} hs_conv_transpose2d_attr;
hs_value hs_conv_transpose2d(hs_graph *g, const char *layer, hs_value x,
                             hs_conv_transpose2d_attr attr);

typedef struct hs_batch_norm2d_attr {
    double eps;      /* 0: 1e-5 */
    double momentum; /* share of the new statistics in the running ones; 0: 0.1 */
} hs_batch_norm2d_attr;
hs_value hs_batch_norm2d(hs_graph *g, const char *layer, hs_value x, hs_batch_norm2d_attr attr);

hs_value hs_relu(hs_graph *g, const char *layer, hs_value x);

typedef struct hs_leaky_relu_attr {
    double slope; /* of negative values */
} hs_leaky_relu_attr;
hs_value hs_leaky_relu(hs_graph *g, const char *layer, hs_value x, hs_leaky_relu_attr attr);

/* Sum of 2 to HS_MAX_INPUTS values of one shape. */
hs_value hs_add(hs_graph *g, const char *layer, const hs_value *x, int n);

/* Channels of 1 to HS_MAX_INPUTS values one after another. */
hs_value hs_concat(hs_graph *g, const char *layer, const hs_value *x, int n);

typedef struct hs_max_pool2d_attr {
    int32_t kernel[2], stride[2], pad[2]; /* stride 0: the kernel */
    bool ceil_mode;                       /* also windows that begin inside but end outside */
} hs_max_pool2d_attr;
hs_value hs_max_pool2d(hs_graph *g, const char *layer, hs_value x, hs_max_pool2d_attr attr);

/* Puts values back where the pool `pool` took them from; the rest is zero. */
typedef struct hs_max_unpool2d_attr {
    int32_t size[2]; /* height and width out; 0: those of the pool's input */
} hs_max_unpool2d_attr;
hs_value hs_max_unpool2d(hs_graph *g, const char *layer, hs_value x, hs_value pool,
                         hs_max_unpool2d_attr attr);

/* Bilinear, align_corners false, to `size` or by `factor`: one of them. */
typedef struct hs_upsample_bilinear_attr {
    double factor;
    int32_t size[2];
} hs_upsample_bilinear_attr;
hs_value hs_upsample_bilinear(hs_graph *g, const char *layer, hs_value x,
                              hs_upsample_bilinear_attr attr);

typedef struct hs_dropout_attr {
    double p;      /* probability of zeroing, 0 <= p < 1 */
    bool channels; /* whole channels (dropout2d) instead of elements */
} hs_dropout_attr;
hs_value hs_dropout(hs_graph *g, const char *layer, hs_value x, hs_dropout_attr attr);

/* A window of x of `size`, or of the size of `like` (negative: none), from `offset`. */
typedef struct hs_crop_attr {
    int32_t offset[2], size[2]; /* rows, columns */
} hs_crop_attr;
hs_value hs_crop(hs_graph *g, const char *layer, hs_value x, hs_value like, hs_crop_attr attr);

/* Zeros around x. */
typedef struct hs_pad_attr {
    int32_t top, bottom, left, right;
} hs_pad_attr;
hs_value hs_pad(hs_graph *g, const char *layer, hs_value x, hs_pad_attr attr);

/* Mean over pixels, weighted by class, of -log softmax(logits)[label]: [1,1,1,1]. Labels are HS_U8
 * [N,1,H,W]; those equal to `ignore` or not below the number of classes do not count. */
typedef struct hs_softmax_cross_entropy_attr {
    double class_weights[HS_MAX_CLASSES]; /* all 0: all 1 */
    int32_t ignore;                       /* -1: none */
} hs_softmax_cross_entropy_attr;
hs_value hs_softmax_cross_entropy(hs_graph *g, const char *layer, hs_value logits, hs_value labels,
                                  hs_softmax_cross_entropy_attr attr);

#ifdef __cplusplus
}
#endif

#endif

/* What an op is: attributes, a shape rule that also plans what it needs, forward and backward. */
#ifndef HS_OPS_OP_H
#define HS_OPS_OP_H

#include "base/memory.h"
#include "config/fields.h"
#include "handseg/ops.h"
#include "kernels/kernels.h"

enum {
    HS_MAX_OUTPUTS = 2,
    HS_MAX_PARAMS = 8,
    HS_LARGE_PARAM =
        1 << 20, /* reals above which storing a gradient costs more than a call a row */
};

typedef struct hs_node hs_node;
typedef struct hs_step hs_step;

/* How a parameter begins. */
typedef enum hs_param_init {
    HS_PARAM_ZERO,
    HS_PARAM_ONE,
    HS_PARAM_CONV,
    HS_PARAM_BILINEAR,
    HS_PARAM_NORM_SCALE
} hs_param_init;

/* One array of parameters. In memory, weights of convolutions are [R][S][big_c][pitch of small_c],
 * all others vectors of the channel pitch; padding is zero and stays so. */
typedef struct hs_param {
    const char *name;
    bool trained;
    int rank;
    int64_t dims[4]; /* PyTorch's order */
    hs_param_init init;
    int64_t fan_in;
    int64_t size; /* reals stored, padding included */
    int large;    /* number among those whose gradient can be made in pieces, from 1; 0: is not */
    int64_t
        offset; /* in the array of trained parameters, or in that of the others; set by the graph */
} hs_param;

/* An op in a graph: attributes and shapes, no memory. */
struct hs_node {
    const struct hs_op *op;
    const char *layer;
    void *attr; /* the op's attributes, usual values filled in by the shape rule */
    hs_value inputs[HS_MAX_INPUTS], outputs[HS_MAX_OUTPUTS];
    hs_shape in[HS_MAX_INPUTS], out[HS_MAX_OUTPUTS];
    hs_dtype in_dtype[HS_MAX_INPUTS], out_dtype[HS_MAX_OUTPUTS];
    int n_inputs, n_outputs;
    const struct hs_node
        *producers[HS_MAX_INPUTS]; /* of the inputs, NULL for inputs of the graph */

    /* Set by the shape rule besides `out`: */
    hs_param params[HS_MAX_PARAMS];
    int n_params;
    unsigned detached;         /* bit i: input i gets no gradient */
    unsigned backward_inputs;  /* bit i: backward reads input i */
    unsigned backward_outputs; /* bit i: backward reads output i */
    size_t keep_bytes;         /* written by forward, read by backward */
    size_t ready_bytes;        /* derived from the parameters alone by prepare, read by forward */
    size_t forward_scratch, backward_scratch;
    double flops; /* of forward, two a multiply-add */

    /* Set by the planner: 1 + the node that leaves the moments this one takes, or that makes the
     * gradient of this one's input; 0: none. */
    int measured_by, passes_to;
    bool passes_norm; /* makes that gradient */
    bool joined;      /* the output is where the values of the inputs lie already */

    /* Set by the planner where the op does the activation that follows it: */
    hs_real slope;   /* of negative values; 1: no activation */
    int norm;        /* the first parameter of a batch norm that follows, in inference; 0: none */
    double norm_eps; /* of that */
};

/* A node bound to memory: what forward and backward see. Nothing here changes between runs. */
struct hs_step {
    const hs_node *node;
    bool training;
    hs_tensor in[HS_MAX_INPUTS], out[HS_MAX_OUTPUTS];
    hs_tensor din[HS_MAX_INPUTS], dout[HS_MAX_OUTPUTS]; /* data NULL where there is no gradient */
    bool accumulate[HS_MAX_INPUTS];                     /* din holds contributions already */
    hs_affine map[HS_MAX_INPUTS];                       /* mean NULL: the input is as it lies */
    hs_norm_gradient norm; /* what the first output's gradient is dy of; x NULL: of none */
    double *moments; /* forward leaves its output's partial moments there, or finds its input's */
    hs_real *param[HS_MAX_PARAMS], *dparam[HS_MAX_PARAMS];
    /* Of a large parameter, which comes first: where its gradient goes, unless dparam[0] has it. */
    const hs_sink *sink;
    double *sink_sum; /* what that returned */
    void *keep, *ready, *scratch;
    bool again;         /* forward runs once more, for backward: no effect but on its outputs */
    uint64_t seed, run; /* of random numbers, set before each run */
};

/* What it costs to run forward again in the backward pass instead of keeping the output. */
typedef enum hs_rerun_cost {
    HS_RERUN_NEVER,
    HS_RERUN_CHEAP, /* a pass over memory */
    HS_RERUN_COSTLY /* only where memory is small */
} hs_rerun_cost;

/* The name is what section types of network files and messages say. */
typedef struct hs_op {
    const char *name, *summary;
    int least_inputs, most_inputs;
    int takes[HS_MAX_INPUTS]; /* which output of its producer each input is, 0 but for places of
                                 pools */
    const hs_field *fields;
    int n_fields;
    size_t attr_size;
    hs_rerun_cost rerun;
    bool over_dy; /* backward may write its first input's gradient over that of its output */
    bool over_x;  /* or over that input */
    bool reads_slices, writes_slices; /* inputs, or the output, may lie among more channels */
    bool activates; /* can apply node->slope to its output, and to the gradient of that */
    unsigned activated_backward_outputs;     /* outputs that backward reads if it does */
    double (*norm_eps)(const hs_node *node); /* of a batch norm; NULL: the op is none */
    void (*fold)(hs_node *node); /* makes room to do the norm node->norm; NULL: the op cannot */
    /* Of an op that is an affine map per channel and an activation: the map, from when forward ran.
     * Those who read its output can apply it themselves: then forward gets no output to write. */
    hs_affine (*map)(const hs_step *step);
    /* Makes room for the inputs to lie one after another in the output, whose map then is made of
     * theirs and the activation; NULL: the op cannot. */
    void (*join)(hs_node *node);
    /* Can apply the map of an input, whose activation has that slope; NULL: no. */
    bool (*reads_map)(const hs_node *node, int input, hs_real slope);
    /* Can leave the partial moments of its output; NULL: no. An op that takes those of its input
     * finds them at the begin of its scratch. */
    bool (*leaves_moments)(const hs_node *node);
    bool takes_moments;
    /* Of a batch norm: the rest of its backward pass, once backward has run; and who can do that
     * with the gradient of its output. */
    hs_norm_gradient (*norm_gradient)(const hs_step *step);
    bool (*passes_norm)(const hs_node *node);
    hs_status (*shape)(hs_node *node);
    double (*activation)(const hs_node *node); /* slope of an activation; NULL: the op is none */
    void (*prepare)(const hs_step *step);      /* NULL: nothing to prepare */
    void (*forward)(const hs_step *step);
    void (*backward)(const hs_step *step);
} hs_op;

/* All ops, from ops.def. */
#define HS_OP(name) extern const hs_op hs_op_##name;
#include "ops/ops.def"
#undef HS_OP
extern const hs_op *const hs_ops[];
extern const int hs_ops_count;

/* The op of that name, or NULL. */
const hs_op *hs_op_find(const char *name);

/* Adds an op to a graph (src/graph/graph.c): the value of its first output, negative after an
 * error. The attributes are copied. */
hs_value hs_graph_apply(hs_graph *graph, const hs_op *op, const char *layer, const hs_value *inputs,
                        int n, const void *attr);

/* Output number `output` of the op that gives `value`; `value` itself where there is none such. */
hs_value hs_graph_sibling(const hs_graph *graph, hs_value value, int output);

/* ---- for shape rules --------------------------------------------------------------------------
 */
/* HS_ERR_SHAPE, "layer 'enc1': conv2d: ...". */
hs_status hs_node_error(const hs_node *node, const char *hint, const char *fmt, ...)
    HS_PRINTF(3, 4);

/* "2x64x120x160" in a buffer of the caller. */
typedef struct hs_shape_text {
    char text[64];
} hs_shape_text;
hs_shape_text hs_shape_format(hs_shape shape);

/* Whether indices can count a value, and what a shape rule makes of its sizes (sums over
 * HS_MAX_INPUTS, pads, strides) stays within 32 bits. */
#define HS_COUNTABLE "2^24 channels, rows and columns and 1e12 elements"
bool hs_shape_countable(hs_shape shape);

/* Adds a trained or untrained vector with one entry a channel; or the weights of a convolution. */
void hs_node_add_vector(hs_node *node, const char *name, int32_t channels, bool trained,
                        hs_param_init init);
void hs_node_add_conv_weight(hs_node *node, const hs_conv_geometry *g, int64_t fan_in);

/* Refuses attributes outside the ranges of the op's fields; 0 passes where it stands for the usual
 * value. What depends on more than one attribute, the shape rule checks. */
hs_status hs_node_check_attr(const hs_node *node);

/* Refuses outputs with no pixels, or more than hs_shape_countable allows. */
hs_status hs_node_check_size(const hs_node *node);

/* The map of input k, or NULL. */
static inline const hs_affine *hs_map_of(const hs_step *step, int k)
{
    return step->map[k].mean ? &step->map[k] : NULL;
}

/* Whether the op does the activation that follows it. */
static inline bool hs_activates(const hs_node *node)
{
    return node->slope != 1;
}

/* ---- for forward and backward -----------------------------------------------------------------
 */
/* All channels of `to`, from the pixels of `from` that lie (dh, dw) further. */
hs_window hs_window_between(const hs_tensor *from, const hs_tensor *to, int32_t dh, int32_t dw);

/* The parts of an op that is an activation: it takes maps that have none, and can itself be left,
 * as a map, to those who read it. */
hs_status hs_activation_shape(hs_node *node);
hs_affine hs_activation_map(const hs_step *step);
bool hs_activation_reads_map(const hs_node *node, int input, hs_real slope);
void hs_activation_forward(const hs_step *step);
void hs_activation_backward(const hs_step *step);

/* Geometry of a pool, its stride filled in, from big to small; or of the unpooling back. */
hs_pool_geometry hs_pool_geometry_between(const hs_max_pool2d_attr *a, hs_shape big,
                                          hs_shape small);

/* Bytes of scratch that the backward pass of a convolution needs: for the gradient of its input, in
 * the direction given, of its weights and of its bias, one after the other; dy has `pixels`. */
size_t hs_conv_backward_scratch(const hs_conv_geometry *g, hs_conv_direction direction,
                                int64_t pixels);

/* Whether the weights of a convolution are a large parameter. */
bool hs_conv_is_large(const hs_conv_geometry *g);

/* A convolution's own part of fold, prepare, forward and backward. `ready` holds the weights as the
 * kernel takes them and, with a batch norm folded in, whose scale they have, its shift. Backward
 * makes dy the gradient before the activation, in place, and adds to those of weights and bias;
 * that of the weights comes last, because their values may change with it. */
void hs_conv_fold(hs_node *node, const hs_conv_geometry *g, hs_conv_direction direction);
void hs_conv_prepare(const hs_step *s, const hs_conv_geometry *g, hs_conv_direction direction);
void hs_conv_forward(const hs_step *s, const hs_conv_geometry *g, hs_conv_direction direction,
                     bool bias);
void hs_conv_backward(const hs_step *s, const hs_conv_geometry *g, hs_conv_direction direction,
                      bool bias);

#endif

/* Graph, then plan, then run. A graph computes shapes only; a plan lays every tensor of forward and
 * backward into one arena and can say what it needs before anything is allocated; running allocates
 * nothing and checks nothing but the order of calls. */
#ifndef HANDSEG_GRAPH_H
#define HANDSEG_GRAPH_H

#include "handseg/status.h"
#include "handseg/tensor.h"
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hs_graph hs_graph;   /* ops and the values between them: a directed acyclic graph */
typedef struct hs_params hs_params; /* the numbers that are learnt, and their gradients */
typedef struct hs_plan hs_plan;     /* a graph laid out in memory */

/* A value of a graph: what an input or an op gives. Negative: none, because an error came before.
 */
typedef int32_t hs_value;

/* ---- building ---------------------------------------------------------------------------------
 */
/* What it will need is sized for the number of OpenMP threads there are now: its plans run with as
 * many or fewer. */
hs_status hs_graph_create(hs_graph **graph);
void hs_graph_destroy(hs_graph *graph);

/* A tensor the caller fills before each run. `gradient`: also compute its gradient. The
 * constructors of ops (handseg/ops.h) take values and give values. The first error of a graph
 * sticks: what follows returns negative values and changes nothing, so that it is asked for once,
 * at the end. */
hs_value hs_graph_input(hs_graph *graph, const char *name, hs_dtype dtype, hs_shape shape,
                        bool gradient);

/* Keeps a value readable after a run; in training, a gradient may be given for it. */
void hs_graph_output(hs_graph *graph, hs_value value);

/* HS_OK, or the graph's first error; hs_error_message() has its text. */
hs_status hs_graph_status(const hs_graph *graph);

/* Plans of the graph made from now on run every op by itself (false) or let ops do the activation,
 * and in inference the batch norm, after them (true, as it is from the start). Fused plans are
 * faster. In training both compute the same bits; in inference they differ by rounding. */
void hs_graph_set_fusion(hs_graph *graph, bool fuse);

/* Training plans of the graph made from now on keep less from forward to backward and compute it
 * again: every other convolution, where that saves memory. About a sixth more time. */
void hs_graph_set_small(hs_graph *graph, bool small);

/* How the weights of one layer begin. */
typedef enum hs_layer_init {
    HS_LAYER_INIT_SCHEME, /* as hs_init says, like those of other layers */
    HS_LAYER_INIT_ZERO,   /* a score that is added to another changes nothing at first */
    /* Each channel from itself alone, by a tent over the kernel (Shelhamer et al. 2017): a
     * transposed convolution of kernel 2S and stride S then interpolates S pixels for one. */
    HS_LAYER_INIT_BILINEAR,
} hs_layer_init;

/* Says it of the convolution that gives `value`, for hs_params_initialize. The graph gets an error
 * where something else gives it or, bilinear, where channels in and out differ. */
void hs_graph_set_init(hs_graph *graph, hs_value value, hs_layer_init init);

/* Shape of a value; all zero for a negative one. */
hs_shape hs_graph_shape(const hs_graph *graph, hs_value value);

/* ---- parameters -------------------------------------------------------------------------------
 */
/* One array of a layer. Trained ones have a gradient; the others are running statistics. */
typedef struct hs_param_info {
    const char *layer, *name; /* "enc1", "weight" */
    int rank;
    int64_t dims[4]; /* PyTorch's: convolution [OC, IC, KH, KW], transposed [IC, OC, KH, KW] */
    bool trained;
} hs_param_info;

/* Parameters of a graph, all zero; with `gradients` also room for those. Graphs with the same
 * layers (another batch, another mode) share them. The caller destroys them after the plans. */
hs_status hs_params_create(const hs_graph *graph, bool gradients, hs_params **params);
void hs_params_destroy(hs_params *params);

/* Number of arrays and what each is; the pointers live as long as `params`. */
int hs_params_count(const hs_params *params);
const hs_param_info *hs_params_info(const hs_params *params, int index);

/* Elements of one array. */
int64_t hs_param_elements(const hs_param_info *info);

/* Copies an array out or in, dense, in PyTorch's order; the gradient likewise (trained ones only).
 */
void hs_params_get(const hs_params *params, int index, hs_real *values);
void hs_params_set(hs_params *params, int index, const hs_real *values);
void hs_params_get_gradient(const hs_params *params, int index, hs_real *values);

/* How weights begin where their layer does not say it. Convolutions: normal(0, std), or scaled by
 * fan-in (He et al. 2015: sqrt(2 / fan_in)). Batch norm scales: normal(1, norm_std). Biases 0,
 * running mean 0, running variance 1.
 */
typedef enum hs_init_scheme { HS_INIT_NORMAL, HS_INIT_HE } hs_init_scheme;
typedef struct hs_init {
    int scheme; /* hs_init_scheme */
    double std, norm_std;
} hs_init;
void hs_params_initialize(hs_params *params, const hs_init *init, uint64_t seed);

/* ---- planning and running ---------------------------------------------------------------------
 */
typedef enum hs_mode {
    HS_INFERENCE, /* keeps what it derives from the parameters from run to run */
    HS_TRAINING,
    HS_EVALUATION, /* inference that derives it anew in every run, in less memory */
} hs_mode;

/* Lays out a graph; it must outlive the plan. Nothing large is allocated. */
hs_status hs_plan_create(const hs_graph *graph, hs_mode mode, hs_plan **plan);
void hs_plan_destroy(hs_plan *plan);

/* Bytes of the plan's arena, and those of values, gradients and params of the graph it serves. */
size_t hs_plan_bytes(const hs_plan *plan);

/* Gives the plan its parameters and memory: `arena` of at least hs_plan_bytes, 64-byte aligned and
 * borrowed, or NULL to allocate its own. Plans that never run at the same time may share one: after
 * another's run, a plan's inputs are set anew and, in inference, hs_plan_refresh is due. */
hs_status hs_plan_bind(hs_plan *plan, hs_params *params, void *arena);

/* Fills an input from [N][C][H][W] values of its type. */
hs_status hs_plan_set(hs_plan *plan, hs_value value, const void *nchw);

/* Runs all ops. `seed` and `step` name the random numbers of dropout. In inference, weights
 * prepared by an earlier run are used until hs_plan_refresh says that the parameters changed. */
hs_status hs_plan_forward(hs_plan *plan, uint64_t seed, uint64_t step);
void hs_plan_refresh(hs_plan *plan);

/* Copies an input or output to [N][C][H][W]: outputs after forward, inputs before it. */
hs_status hs_plan_get(const hs_plan *plan, hs_value value, void *nchw);

/* The tensor itself, for callers that read it in place; valid until the next run. */
const hs_tensor *hs_plan_tensor(const hs_plan *plan, hs_value value);

/* Gives the gradient of an output, [N][C][H][W]; zero where none is given. After forward only. */
hs_status hs_plan_set_gradient(hs_plan *plan, hs_value value, const hs_real *nchw);

/* Walks the graph backwards: adds to the gradients of the parameters, and computes those of inputs
 * that asked for it. */
hs_status hs_plan_backward(hs_plan *plan);
hs_status hs_plan_get_gradient(const hs_plan *plan, hs_value value, hs_real *nchw);

/* Sets the gradients of all parameters to zero; they add up over backward passes until then. */
void hs_params_zero_gradients(hs_params *params);

#ifdef __cplusplus
}
#endif

#endif

/* What a graph, its parameters and a plan are made of. */
#ifndef HS_GRAPH_GRAPH_H
#define HS_GRAPH_GRAPH_H

#include "ops/op.h"

typedef struct hs_value_info {
    const char *name; /* of the layer or input */
    hs_dtype dtype;
    hs_shape shape;
    int32_t pitch;
    int producer;  /* node, or -1 for an input */
    int slot;      /* which output of the producer */
    bool gradient; /* an input whose gradient is asked for */
    bool output;   /* readable after a run */
    int source;    /* the value that readers take, with the producer's map, in its place; it may be
                      the value itself; -1: none */
    int whole; /* the value among whose channels it lies, from `first_channel` on; -1: by itself */
    int32_t first_channel;
} hs_value_info;

/* Nodes stand in the order they were added, which is an order they can run in. */
struct hs_graph {
    hs_arena arena;
    hs_value_info *values;
    hs_node **nodes;
    int n_values, n_nodes, value_room, node_room;
    int64_t trained, untrained; /* reals of parameters, padding included */
    int64_t small_trained;      /* of the trained ones, those before the large ones */
    int n_large;                /* large parameters */
    int threads;                /* that ops size their scratch for */
    bool unfused;               /* every op runs by itself, and keeps what it made */
    bool small;                 /* memory is worth more than time */
    hs_status status;
};

/* The value that is made for v. */
static inline int hs_made_value(const hs_graph *graph, int v)
{
    return graph->values[v].source >= 0 ? graph->values[v].source : v;
}

/* The value in whose memory that lies. */
static inline int hs_stored_value(const hs_graph *graph, int v)
{
    int made = hs_made_value(graph, v), whole = graph->values[made].whole;
    return whole >= 0 ? whole : made;
}

/* Bytes of a value as it lies in memory. */
size_t hs_value_bytes(const hs_value_info *value);

/* Trained parameters, their gradients and an optimiser's moments are arrays of `trained` reals with
 * equal offsets, the large parameters last: gradients may end before them. What a backward pass
 * makes of those then goes into a sink each, and what the sinks return is kept. */
struct hs_params {
    hs_arena arena;
    hs_real *values, *gradients, *statistics; /* gradients NULL where not asked for */
    int64_t trained, untrained;
    int64_t stored; /* reals of `gradients` */
    hs_sink *sinks; /* [n_large]; `take` NULL until they are set */
    double *sink_sums;
    int n_large;
    hs_param_info *infos;
    hs_param *params; /* where each lies */
    int count;
};

/* Which gradients have room: none, all but those of large parameters, all. */
typedef enum hs_gradients { HS_GRADIENTS_NONE, HS_GRADIENTS_SMALL, HS_GRADIENTS_ALL } hs_gradients;
int64_t hs_gradients_stored(const hs_graph *graph, hs_gradients which);

/* hs_params_create, with that room. */
hs_status hs_params_allocate(const hs_graph *graph, hs_gradients which, hs_params **params);

/* Where gradients that have no room go, `take` by elements of the array of trained parameters: it
 * returns sums of squares. It may change the parameters it is given the gradients of. */
void hs_params_set_sink(hs_params *params,
                        double (*take)(void *context, int64_t first, int64_t count,
                                       const hs_real *gradients),
                        void *context);

/* Between an array laid out as the parameters are (theirs, their gradients, an optimiser's moments)
 * and rows [first, first + count) of dims[0] of one parameter, dense in PyTorch's order. */
void hs_param_to_dense(const hs_param *p, const hs_real *base, int64_t first, int64_t count,
                       hs_real *dense);
void hs_param_from_dense(const hs_param *p, hs_real *base, int64_t first, int64_t count,
                         const hs_real *dense);

/* The same from lines [first, first + count) of a convolution's weights in the order
 * [R][S][IC][OC], a line being its OC numbers. */
void hs_param_from_lines(const hs_param *p, hs_real *base, int64_t first, int64_t count,
                         const hs_real *lines);

/* A stretch of a plan's arena, in use from time `first` to `last`, both included. */
typedef struct hs_buffer {
    size_t bytes, offset;
    int first, last;
} hs_buffer;

enum { HS_NO_BUFFER = -1 };

/* Lays buffers out so that no two in use at one time overlap; returns the bytes needed. */
size_t hs_layout_buffers(hs_buffer *buffers, int n);

typedef enum hs_plan_state {
    HS_PLANNED,
    HS_BOUND,
    HS_FORWARD_DONE,
    HS_BACKWARD_DONE
} hs_plan_state;

/* Node `node` runs forward once more before the backward step of time `first`; its first output is
 * there until time `last`. */
typedef struct hs_again {
    int node, first, last;
    int buffer;    /* of that output; `ready` and scratch lie in the backward step's scratch */
    hs_step *step; /* once bound */
} hs_again;

/* Node i runs forward at time i and, of F nodes, backward at time 2F - i; between them, at F, the
 * caller reads outputs and gives gradients. */
struct hs_plan {
    const hs_graph *graph; /* as it runs: `fused` */
    const hs_params *params;
    hs_graph fused;
    hs_mode mode;
    hs_plan_state state;
    hs_buffer *buffers;
    int n_buffers;
    int *value_buffer, *gradient_buffer; /* of each value */
    int *last;                           /* of each value: time until which value_buffer has it */
    int *keep_buffer, *ready_buffer;     /* of each node */
    int *forward_scratch, *backward_scratch; /* of each node */
    bool *active;                            /* whether each node runs backward */
    bool *accumulate;                        /* [node][HS_MAX_INPUTS] */
    hs_again *again; /* [n_again] ops that run once more in the backward pass, in order */
    int n_again;
    size_t bytes;
    unsigned char *memory;
    uint64_t seed, step;            /* of the last forward pass */
    bool owns_memory, stale;        /* stale: parameters changed since `ready` was prepared */
    hs_tensor *tensors, *gradients; /* of each value, once bound */
    hs_step *steps[2];              /* of each node, forward and backward, once bound */
    double *seconds[2];             /* of each node, forward and backward, or NULL: not measured */
    hs_arena arena;
};

/* From now on adds the seconds of each node to forward[nodes] and backward[nodes]; NULL ends it. */
void hs_plan_profile(hs_plan *plan, double *forward, double *backward);

/* Runs forward once more, looking at every value as it is made: the layer whose output is the first
 * with an infinity or a NaN, or NULL. For saying where training went wrong. */
const char *hs_plan_find_nonfinite(hs_plan *plan, uint64_t seed, uint64_t step);

/* The first layer with a parameter or statistic that is not finite, or with such a gradient, or
 * NULL. */
const char *hs_params_find_nonfinite(const hs_params *params);
const char *hs_params_find_nonfinite_gradient(const hs_params *params);

#endif

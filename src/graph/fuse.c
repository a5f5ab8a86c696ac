#include "graph/fuse.h"

static void do_nothing(const hs_step *s)
{
    (void)s;
}

static const hs_op nothing = {.name = "nothing",
                              .summary = "done by the op before",
                              .forward = do_nothing,
                              .backward = do_nothing};

static int *count_readers(const hs_graph *graph, hs_arena *arena)
{
    int *readers = hs_arena_take(arena, sizeof *readers * (size_t)graph->n_values);
    for (int i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i]->n_inputs; k++)
            readers[graph->nodes[i]->inputs[k]]++;
    return readers;
}

/* The node whose output node i alone reads, if that op can do what node i does; else -1. */
static int find_doer(const hs_graph *graph, hs_mode mode, int i, const int *readers)
{
    const hs_node *node = graph->nodes[i];
    bool activation = node->op->activation, norm = node->op->norm_eps && mode != HS_TRAINING;
    if (!activation && !norm)
        return -1;
    const hs_value_info *x = &graph->values[node->inputs[0]];
    if (x->producer < 0 || x->output || readers[node->inputs[0]] != 1)
        return -1;
    const hs_node *doer = graph->nodes[x->producer];
    bool can = activation ? doer->op->activates : doer->op->fold && !doer->norm;
    return can && doer->n_outputs == 1 && !hs_activates(doer) ? x->producer : -1;
}

/* Leaves what `node` does to `doer`. */
static void hand_over(const hs_node *node, hs_node *doer)
{
    doer->outputs[0] = node->outputs[0];
    if (node->op->activation) {
        doer->slope = (hs_real)node->op->activation(node);
        doer->backward_outputs |= doer->op->activated_backward_outputs;
        return;
    }
    doer->norm = doer->n_params;
    doer->norm_eps = node->op->norm_eps(node);
    for (int i = 0; i < node->n_params; i++)
        doer->params[doer->n_params++] = node->params[i];
    doer->op->fold(doer);
}

/* Whether all that read a value can take what it is made of instead. */
static bool all_read_map(const hs_graph *graph, int v, hs_real slope)
{
    int readers = 0;
    for (int i = 0; i < graph->n_nodes; i++) {
        const hs_node *node = graph->nodes[i];
        for (int k = 0; k < node->n_inputs; k++) {
            if (node->inputs[k] != v)
                continue;
            if (!node->op->reads_map || !node->op->reads_map(node, k, slope))
                return false;
            readers++;
        }
    }
    return readers > 0;
}

/* Of the activation in a map. */
static hs_real slope_of(const hs_node *node)
{
    return node->op->activation ? (hs_real)node->op->activation(node) : node->slope;
}

/* Leaves maps, and those of maps, to those who read them. */
static void hand_on(hs_graph *fused)
{
    for (int i = 0; i < fused->n_nodes; i++) {
        const hs_node *node = fused->nodes[i];
        if (!node->op->map || node->op->join || node->n_outputs != 1)
            continue;
        hs_value_info *value = &fused->values[node->outputs[0]];
        if (!value->output && all_read_map(fused, node->outputs[0], slope_of(node)))
            value->source = hs_made_value(fused, node->inputs[0]);
    }
}

static int count_uses(const hs_graph *graph, int v)
{
    int uses = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i]->n_inputs; k++)
            uses += graph->nodes[i]->inputs[k] == v;
    return uses;
}

static hs_node *copy_node(hs_graph *fused, hs_arena *arena, int i)
{
    hs_node *node = hs_arena_take(arena, sizeof *node);
    *node = *fused->nodes[i];
    fused->nodes[i] = node;
    return node;
}

/* Whether input k of a node can be made where it lies in the node's output. */
static bool can_lie_in(const hs_graph *graph, const hs_node *node, int k)
{
    int v = node->inputs[k], made = hs_made_value(graph, v);
    const hs_value_info *value = &graph->values[made];
    bool activated = v != made && slope_of(graph->nodes[graph->values[v].producer]) != 1;
    if (activated || value->producer < 0 || value->output || value->whole >= 0 ||
        value->shape.c % HS_CHANNEL_BLOCK || !graph->nodes[value->producer]->op->writes_slices)
        return false;
    int reads = 0; /* by the node itself */
    for (int i = 0; i < graph->n_nodes; i++)
        for (int j = 0; j < graph->nodes[i]->n_inputs; j++) {
            if (hs_made_value(graph, graph->nodes[i]->inputs[j]) != made)
                continue;
            if (!graph->nodes[i]->op->reads_slices)
                return false;
            reads += graph->nodes[i] == node;
        }
    return reads == 1;
}

/* Concatenations whose inputs are made where they lie in the output: nothing is copied. Maps of the
 * inputs and an activation are left to those who read the output. */
static void join_channels(hs_graph *fused, hs_arena *arena)
{
    for (int i = 0; i < fused->n_nodes; i++) {
        const hs_node *node = fused->nodes[i];
        if (!node->op->join || node->n_outputs != 1)
            continue;
        int y = node->outputs[0];
        bool can = true, mapped = hs_activates(node);
        for (int k = 0; k < node->n_inputs && can; k++) {
            can = can_lie_in(fused, node, k);
            mapped |= fused->values[node->inputs[k]].source >= 0;
        }
        if (!can || (mapped && (fused->values[y].output || !all_read_map(fused, y, node->slope))))
            continue;
        node->op->join(copy_node(fused, arena, i));
        fused->values[y].source = mapped ? y : -1;
        for (int k = 0, channel = 0; k < node->n_inputs; k++) {
            hs_value_info *part = &fused->values[hs_made_value(fused, node->inputs[k])];
            part->whole = y;
            part->first_channel = channel;
            channel += part->shape.c;
        }
    }
}

/* Norms of what a convolution makes: the moments are taken there, and its backward pass makes the
 * gradient of the norm's input of that of the norm's output while it reads. */
static void join_norms(hs_graph *fused, hs_arena *arena)
{
    for (int i = 0; i < fused->n_nodes; i++) {
        if (!fused->nodes[i]->op->takes_moments)
            continue;
        const hs_value_info *x = &fused->values[fused->nodes[i]->inputs[0]];
        const hs_node *producer = x->producer < 0 ? NULL : fused->nodes[x->producer];
        if (!producer || !producer->op->leaves_moments || !producer->op->leaves_moments(producer))
            continue;
        hs_node *node = copy_node(fused, arena, i);
        node->measured_by = 1 + x->producer;
        if (x->output || count_uses(fused, node->inputs[0]) > 1 || !producer->op->passes_norm ||
            !producer->op->passes_norm(producer))
            continue;
        node->passes_to = 1 + x->producer;
        copy_node(fused, arena, x->producer)->passes_norm = true;
    }
}

void hs_graph_fuse(const hs_graph *graph, hs_mode mode, hs_arena *arena, hs_graph *fused)
{
    *fused = *graph;
    fused->values = hs_arena_take(arena, sizeof *fused->values * (size_t)graph->n_values);
    for (int v = 0; v < graph->n_values; v++)
        fused->values[v] = graph->values[v];
    fused->nodes = hs_arena_take(arena, sizeof *fused->nodes * (size_t)graph->n_nodes);
    for (int i = 0; i < graph->n_nodes; i++)
        fused->nodes[i] = graph->nodes[i];
    const int *readers = count_readers(graph, arena);
    for (int i = 0; i < graph->n_nodes && !graph->unfused; i++) {
        int at = find_doer(fused, mode, i, readers);
        if (at < 0)
            continue;
        const hs_node *node = graph->nodes[i];
        hs_node *doer = hs_arena_take(arena, sizeof *doer);
        hs_node *left = hs_arena_take(arena, sizeof *left);
        *doer = *fused->nodes[at];
        *left = (hs_node){.op = &nothing, .layer = node->layer, .slope = 1};
        hand_over(node, doer);
        fused->nodes[at] = doer;
        fused->nodes[i] = left;
        fused->values[node->outputs[0]].producer = at;
        fused->values[node->inputs[0]].shape = (hs_shape){0};
    }
    if (!graph->unfused) {
        hand_on(fused);
        join_channels(fused, arena);
    }
    if (!graph->unfused && mode == HS_TRAINING)
        join_norms(fused, arena);
}

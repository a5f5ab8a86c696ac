#include "graph/fuse.h"

#include <string.h>

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

/* The op that can do the activation of node i, or -1. */
static int find_doer(const hs_graph *graph, int i, const int *readers)
{
    const hs_node *act = graph->nodes[i];
    if (!act->op->activation)
        return -1;
    const hs_value_info *x = &graph->values[act->inputs[0]];
    if (x->producer < 0 || x->output || readers[act->inputs[0]] != 1)
        return -1;
    const hs_node *doer = graph->nodes[x->producer];
    return doer->op->activates && doer->n_outputs == 1 && !hs_activates(doer) ? x->producer : -1;
}

static hs_node *copy_of(const hs_node *node, hs_arena *arena)
{
    hs_node *copy = hs_arena_take(arena, sizeof *copy);
    *copy = *node;
    return copy;
}

void hs_graph_fuse(const hs_graph *graph, hs_arena *arena, hs_graph *fused)
{
    *fused = *graph;
    fused->values = hs_arena_take(arena, sizeof *fused->values * (size_t)graph->n_values);
    memcpy(fused->values, graph->values, sizeof *fused->values * (size_t)graph->n_values);
    fused->nodes = hs_arena_take(arena, sizeof *fused->nodes * (size_t)graph->n_nodes);
    memcpy(fused->nodes, graph->nodes, sizeof *fused->nodes * (size_t)graph->n_nodes);
    const int *readers = count_readers(graph, arena);
    for (int i = 0; i < graph->n_nodes && !graph->unfused; i++) {
        int at = find_doer(fused, i, readers);
        if (at < 0)
            continue;
        const hs_node *act = graph->nodes[i];
        hs_node *doer = copy_of(fused->nodes[at], arena), *left = copy_of(act, arena);
        doer->outputs[0] = act->outputs[0];
        doer->slope = (hs_real)act->op->activation(act);
        doer->backward_outputs |= doer->op->activated_backward_outputs;
        *left = (hs_node){.op = &nothing, .layer = act->layer, .slope = 1};
        fused->nodes[at] = doer;
        fused->nodes[i] = left;
        fused->values[act->outputs[0]].producer = at;
        fused->values[act->inputs[0]].shape = (hs_shape){0};
    }
}

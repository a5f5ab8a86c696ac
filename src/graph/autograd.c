#include "graph/autograd.h"

/* A value depends on something whose gradient is asked for: a trained parameter or an input. */
static bool *find_dependent(const hs_graph *graph, hs_arena *arena)
{
    bool *dependent = hs_arena_take(arena, sizeof(bool) * (size_t)graph->n_values);
    for (int v = 0; v < graph->n_values; v++)
        dependent[v] = graph->values[v].gradient;
    for (int i = 0; i < graph->n_nodes; i++) {
        const hs_node *node = graph->nodes[i];
        bool any = false;
        for (int k = 0; k < node->n_params; k++)
            any = any || node->params[k].trained;
        for (int k = 0; k < node->n_inputs; k++)
            any = any || (dependent[node->inputs[k]] && !(node->detached >> k & 1));
        for (int k = 0; k < node->n_outputs; k++)
            dependent[node->outputs[k]] = any && node->out_dtype[k] == HS_F32;
    }
    return dependent;
}

bool hs_receives_gradient(const hs_walk *walk, const hs_node *node, int i)
{
    return walk->wanted[node->inputs[i]] && !(node->detached >> i & 1);
}

hs_walk hs_autograd(const hs_graph *graph, hs_arena *arena)
{
    size_t values = (size_t)graph->n_values, nodes = (size_t)graph->n_nodes;
    int end = graph->n_nodes;
    hs_walk walk = {.active = hs_arena_take(arena, sizeof(bool) * nodes),
                    .wanted = find_dependent(graph, arena),
                    .accumulate = hs_arena_take(arena, sizeof(bool) * nodes * HS_MAX_INPUTS),
                    .first = hs_arena_take(arena, sizeof(int) * values),
                    .last = hs_arena_take(arena, sizeof(int) * values)};
    /* Gradients of outputs come from the caller, between forward and backward. */
    bool *written = hs_arena_take(arena, sizeof(bool) * values);
    for (int v = 0; v < graph->n_values; v++) {
        const hs_value_info *value = &graph->values[v];
        written[v] = value->output && walk.wanted[v];
        walk.first[v] = end;
        walk.last[v] = value->producer < 0 ? 2 * end + 1 : 2 * end - value->producer;
    }
    for (int i = end - 1; i >= 0; i--) {
        const hs_node *node = graph->nodes[i];
        for (int k = 0; k < node->n_outputs; k++)
            walk.active[i] =
                walk.active[i] || (walk.wanted[node->outputs[k]] && written[node->outputs[k]]);
        for (int k = 0; k < node->n_inputs && walk.active[i]; k++) {
            hs_value v = node->inputs[k];
            if (!hs_receives_gradient(&walk, node, k))
                continue;
            walk.accumulate[i * HS_MAX_INPUTS + k] = written[v];
            if (!written[v])
                walk.first[v] = 2 * end - i;
            written[v] = true;
        }
    }
    for (int v = 0; v < graph->n_values; v++)
        walk.wanted[v] = written[v];
    return walk;
}

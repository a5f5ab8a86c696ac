/* Planning: who is in use when, and where it lies. */
#include "graph/autograd.h"
#include "graph/fuse.h"

#include <stdlib.h>

static int add_buffer(hs_plan *plan, size_t bytes, int first, int last)
{
    if (bytes == 0)
        return HS_NO_BUFFER;
    plan->buffers[plan->n_buffers] = (hs_buffer){.bytes = bytes, .first = first, .last = last};
    return plan->n_buffers++;
}

static int *take_ints(hs_plan *plan, int n)
{
    int *items = hs_arena_take(&plan->arena, sizeof(int) * (size_t)n);
    for (int i = 0; i < n; i++)
        items[i] = HS_NO_BUFFER;
    return items;
}

/* Last time each value is read: by a later node, by a backward that asks for it, or by the caller.
 */
static int *last_reads(hs_plan *plan)
{
    const hs_graph *graph = plan->graph;
    int end = graph->n_nodes,
        *last = hs_arena_take(&plan->arena, sizeof(int) * (size_t)graph->n_values);
    for (int v = 0; v < graph->n_values; v++) {
        const hs_value_info *value = &graph->values[v];
        last[v] = value->output ? 2 * end + 1 : value->producer < 0 ? 0 : value->producer;
    }
    for (int i = 0; i < end; i++) {
        const hs_node *node = graph->nodes[i];
        bool backward = plan->mode == HS_TRAINING && plan->active[i];
        for (int k = 0; k < node->n_inputs; k++) {
            int time = backward && (node->backward_inputs >> k & 1) ? 2 * end - i : i;
            int *at = &last[node->inputs[k]];
            *at = time > *at ? time : *at;
        }
        for (int k = 0; k < node->n_outputs; k++) {
            int *at = &last[node->outputs[k]];
            if (backward && (node->backward_outputs >> k & 1) && 2 * end - i > *at)
                *at = 2 * end - i;
        }
    }
    return last;
}

static void plan_values(hs_plan *plan, const hs_walk *walk)
{
    const hs_graph *graph = plan->graph;
    const int *last = last_reads(plan);
    for (int v = 0; v < graph->n_values; v++) {
        const hs_value_info *value = &graph->values[v];
        plan->value_buffer[v] = add_buffer(plan, hs_value_bytes(value),
                                           value->producer < 0 ? -1 : value->producer, last[v]);
        if (plan->mode == HS_TRAINING && walk->wanted[v])
            plan->gradient_buffer[v] =
                add_buffer(plan, hs_value_bytes(value), walk->first[v], walk->last[v]);
    }
}

static void plan_nodes(hs_plan *plan)
{
    int end = plan->graph->n_nodes;
    bool training = plan->mode == HS_TRAINING;
    for (int i = 0; i < end; i++) {
        const hs_node *node = plan->graph->nodes[i];
        bool backward = training && plan->active[i];
        int back = 2 * end - i;
        plan->keep_buffer[i] = add_buffer(plan, node->keep_bytes, i, backward ? back : i);
        /* In inference what is derived from the parameters stays from run to run. */
        plan->ready_buffer[i] =
            add_buffer(plan, node->ready_bytes, training ? i : -1, training ? i : 2 * end + 1);
        plan->forward_scratch[i] = add_buffer(plan, node->forward_scratch, i, i);
        if (backward)
            plan->backward_scratch[i] = add_buffer(plan, node->backward_scratch, back, back);
    }
}

hs_status hs_plan_create(const hs_graph *graph, hs_mode mode, hs_plan **out)
{
    *out = NULL;
    if (graph->status != HS_OK)
        return graph->status;
    hs_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return hs_error(HS_ERR_MEMORY, NULL, "plan: out of memory");
    hs_graph_fuse(graph, mode, &plan->arena, &plan->fused);
    plan->graph = graph = &plan->fused;
    plan->mode = mode;
    plan->buffers = hs_arena_take(
        &plan->arena, sizeof *plan->buffers * (size_t)(2 * graph->n_values + 4 * graph->n_nodes));
    plan->value_buffer = take_ints(plan, graph->n_values);
    plan->gradient_buffer = take_ints(plan, graph->n_values);
    plan->keep_buffer = take_ints(plan, graph->n_nodes);
    plan->ready_buffer = take_ints(plan, graph->n_nodes);
    plan->forward_scratch = take_ints(plan, graph->n_nodes);
    plan->backward_scratch = take_ints(plan, graph->n_nodes);
    hs_walk walk = hs_autograd(graph, &plan->arena);
    plan->active = walk.active;
    plan->accumulate = walk.accumulate;
    plan_values(plan, &walk);
    plan_nodes(plan);
    plan->bytes = hs_layout_buffers(plan->buffers, plan->n_buffers);
    *out = plan;
    return HS_OK;
}

void hs_plan_destroy(hs_plan *plan)
{
    if (!plan)
        return;
    if (plan->owns_memory)
        free(plan->memory);
    hs_arena_free(&plan->arena);
    free(plan);
}

size_t hs_plan_bytes(const hs_plan *plan)
{
    return plan->bytes;
}

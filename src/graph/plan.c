/* Planning: who is in use when, and where it lies. */
#include "graph/fuse.h"
#include "graph/recompute.h"

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

/* The gradient of node i's first input may lie over that of its output, or over the input itself,
 * where that is not needed any more and no other gradient is added. */
static int shared_gradient(const hs_plan *plan, const hs_walk *walk, int i)
{
    const hs_node *node = plan->graph->nodes[i];
    if (plan->graph->unfused || !plan->active[i] || node->n_inputs == 0 || node->n_outputs == 0)
        return HS_NO_BUFFER;
    int x = node->inputs[0], y = node->outputs[0], time = 2 * plan->graph->n_nodes - i;
    const hs_value_info *values = plan->graph->values;
    if (!walk->wanted[x] || walk->first[x] != time || values[x].output)
        return HS_NO_BUFFER;
    if (node->op->over_dy && hs_value_bytes(&values[x]) == hs_value_bytes(&values[y]))
        return plan->gradient_buffer[y];
    return node->op->over_x && plan->last[x] == time ? plan->value_buffer[x] : HS_NO_BUFFER;
}

static void plan_gradient(hs_plan *plan, const hs_walk *walk, int v, int shared)
{
    hs_buffer *over = shared == HS_NO_BUFFER ? NULL : &plan->buffers[shared];
    plan->gradient_buffer[v] = over ? shared
                                    : add_buffer(plan, hs_value_bytes(&plan->graph->values[v]),
                                                 walk->first[v], walk->last[v]);
    if (over)
        over->last = walk->last[v] > over->last ? walk->last[v] : over->last;
}

static void plan_values(hs_plan *plan, const hs_walk *walk)
{
    const hs_graph *graph = plan->graph;
    for (int v = 0; v < graph->n_values; v++) {
        const hs_value_info *value = &graph->values[v];
        if (hs_stored_value(graph, v) == v)
            plan->value_buffer[v] =
                add_buffer(plan, hs_value_bytes(value), value->producer, plan->last[v]);
    }
    for (int v = 0; v < graph->n_values; v++) {
        const hs_value_info *part = &graph->values[v];
        if (part->whole < 0)
            continue;
        hs_buffer *whole = &plan->buffers[plan->value_buffer[part->whole]];
        whole->first = part->producer < whole->first ? part->producer : whole->first;
    }
    if (plan->mode != HS_TRAINING)
        return;
    /* Gradients of outputs first: a node's output has its buffer before its input shares it. */
    int *shared = take_ints(plan, graph->n_values);
    for (int v = graph->n_values - 1; v >= 0; v--) {
        if (walk->wanted[v])
            plan_gradient(plan, walk, v, shared[v]);
        int i = graph->values[v].producer;
        if (i >= 0 && graph->nodes[i]->n_inputs > 0 && graph->values[v].slot == 0) {
            int over = shared_gradient(plan, walk, i);
            int *x = &shared[graph->nodes[i]->inputs[0]];
            *x = over == HS_NO_BUFFER ? *x : over;
        }
    }
}

/* Bytes for node i's backward step, and for what runs again before it, one after the other. */
static size_t backward_scratch(const hs_plan *plan, int i)
{
    size_t most = plan->graph->nodes[i]->backward_scratch;
    for (int k = 0; k < plan->n_again; k++) {
        const hs_node *node = plan->graph->nodes[plan->again[k].node];
        size_t bytes = hs_align_up(node->ready_bytes) + node->forward_scratch;
        if (plan->again[k].first == 2 * plan->graph->n_nodes - i && bytes > most)
            most = bytes;
    }
    return most;
}

static void plan_nodes(hs_plan *plan)
{
    int end = plan->graph->n_nodes;
    bool training = plan->mode == HS_TRAINING;
    for (int i = 0; i < end; i++) {
        const hs_node *node = plan->graph->nodes[i];
        bool backward = training && plan->active[i];
        int back = 2 * end - i;
        bool mapped = node->n_outputs > 0 && plan->graph->values[node->outputs[0]].source >= 0;
        int kept = backward ? back : mapped ? 2 * end + 1 : i; /* readers need the map */
        if (backward && node->passes_to)
            kept = 2 * end - (node->passes_to - 1);
        plan->keep_buffer[i] = add_buffer(plan, node->keep_bytes, i, kept);
        bool stays = plan->mode == HS_INFERENCE; /* from run to run */
        plan->ready_buffer[i] =
            add_buffer(plan, node->ready_bytes, stays ? -1 : i, stays ? 2 * end + 1 : i);
        int first = node->measured_by ? node->measured_by - 1 : i;
        plan->forward_scratch[i] = add_buffer(plan, node->forward_scratch, first, i);
        if (backward)
            plan->backward_scratch[i] = add_buffer(plan, backward_scratch(plan, i), back, back);
    }
    for (int i = 0; i < plan->n_again; i++) {
        hs_again *run = &plan->again[i];
        const hs_node *node = plan->graph->nodes[run->node];
        size_t bytes = hs_value_bytes(&plan->graph->values[node->outputs[0]]);
        run->buffer = add_buffer(plan, bytes, run->first, run->last);
    }
}

/* Bytes of the arena with the buffers laid out, where `costly` outputs too are made again. */
static size_t lay_out(hs_plan *plan, const hs_walk *walk, bool costly)
{
    const hs_graph *graph = plan->graph;
    hs_plan_keep(plan, walk, costly);
    int most = 2 * graph->n_values + 4 * graph->n_nodes + plan->n_again;
    plan->buffers = hs_arena_take(&plan->arena, sizeof *plan->buffers * (size_t)most);
    plan->n_buffers = 0;
    plan->value_buffer = take_ints(plan, graph->n_values);
    plan->gradient_buffer = take_ints(plan, graph->n_values);
    plan->keep_buffer = take_ints(plan, graph->n_nodes);
    plan->ready_buffer = take_ints(plan, graph->n_nodes);
    plan->forward_scratch = take_ints(plan, graph->n_nodes);
    plan->backward_scratch = take_ints(plan, graph->n_nodes);
    plan_values(plan, walk);
    plan_nodes(plan);
    return hs_layout_buffers(plan->buffers, plan->n_buffers);
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
    hs_walk walk = hs_autograd(graph, &plan->arena);
    plan->active = walk.active;
    plan->accumulate = walk.accumulate;
    /* What is made again needs room meanwhile: that can come to more than was saved. */
    bool costly = graph->small && lay_out(plan, &walk, true) < lay_out(plan, &walk, false);
    plan->bytes = lay_out(plan, &walk, costly);
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

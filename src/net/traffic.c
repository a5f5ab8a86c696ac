#include "net/traffic.h"

/* What is said of each value of the graph, from the layer's point of view. */
enum {
    IN = 1,         /* made outside, read by the layer */
    OUT = 2,        /* made by the layer, read outside of its forward pass */
    READ = 4,       /* read by its backward pass: kept, or made again there */
    RECEIVED = 8,   /* its gradient comes from outside */
    PASSED_ON = 16, /* its gradient goes outside */
};

static bool runs_backward(const hs_plan *plan, int i)
{
    return plan->mode == HS_TRAINING && plan->active[i];
}

/* Whether a node's backward pass gives input k a gradient. */
static bool gives_gradient(const hs_plan *plan, int i, int k)
{
    const hs_node *node = plan->graph->nodes[i];
    return runs_backward(plan, i) && plan->gradient_buffer[node->inputs[k]] != HS_NO_BUFFER &&
           !(node->detached >> k & 1);
}

/* A node of the layer, which begins with node `first`. */
static void mark_layer_node(const hs_plan *plan, int i, int first, uint8_t *marks)
{
    const hs_value_info *values = plan->graph->values;
    const hs_node *node = plan->graph->nodes[i];
    bool backward = runs_backward(plan, i);
    for (int k = 0; k < node->n_inputs; k++) {
        int v = node->inputs[k], made = hs_made_value(plan->graph, v);
        if (values[made].producer < first && !node->joined)
            marks[made] |= IN;
        if (backward && (node->backward_inputs >> k & 1))
            marks[made] |= READ;
        if (values[v].producer < first && gives_gradient(plan, i, k))
            marks[v] |= PASSED_ON;
    }
    for (int k = 0; k < node->n_outputs; k++) {
        int v = node->outputs[k];
        if (values[v].output)
            marks[v] |= plan->gradient_buffer[v] != HS_NO_BUFFER ? OUT | RECEIVED : OUT;
        if (backward && (node->backward_outputs >> k & 1))
            marks[v] |= READ;
    }
}

/* What runs once more before a node's backward step. */
static void mark_again(const hs_plan *plan, int i, uint8_t *marks)
{
    for (int k = 0; k < plan->n_again; k++) {
        const hs_node *node = plan->graph->nodes[plan->again[k].node];
        if (plan->again[k].first != 2 * plan->graph->n_nodes - i)
            continue;
        marks[node->outputs[0]] |= READ;
        for (int input = 0; input < node->n_inputs; input++)
            marks[hs_made_value(plan->graph, node->inputs[input])] |= READ;
    }
}

/* A later node, which may read what the layer made. */
static void mark_reader(const hs_plan *plan, int i, int first, int end, uint8_t *marks)
{
    const hs_value_info *values = plan->graph->values;
    const hs_node *node = plan->graph->nodes[i];
    for (int k = 0; k < node->n_inputs; k++) {
        int v = node->inputs[k], made = hs_made_value(plan->graph, v);
        if (first <= values[made].producer && values[made].producer < end)
            marks[made] |= OUT;
        if (first <= values[v].producer && values[v].producer < end && gives_gradient(plan, i, k))
            marks[v] |= RECEIVED;
    }
}

/* Whether the layer writes a value that is read outside of its forward pass. */
static bool is_written(const hs_plan *plan, int v, int first, int end, uint8_t marks)
{
    const hs_value_info *value = &plan->graph->values[v];
    if (value->producer < first || value->producer >= end ||
        plan->graph->nodes[value->producer]->joined)
        return false;
    int lies = value->whole >= 0 ? value->whole : v;
    return marks & OUT || plan->last[lies] > plan->graph->n_nodes;
}

/* Counts the buffers in use at a time. */
static void hold(const hs_plan *plan, int time, hs_demand *demand)
{
    size_t bytes = 0;
    for (int i = 0; i < plan->n_buffers; i++)
        if (plan->buffers[i].first <= time && time <= plan->buffers[i].last)
            bytes += plan->buffers[i].bytes;
    demand->held = bytes > demand->held ? bytes : demand->held;
}

static void add_node(const hs_plan *plan, int i, bool passes_on, hs_traffic *t)
{
    const hs_node *node = plan->graph->nodes[i];
    bool backward = runs_backward(plan, i);
    for (int k = 0; k < node->n_params; k++) {
        double bytes = (double)sizeof(hs_real) * (double)node->params[k].size;
        t->forward.moved += bytes;
        if (backward && node->params[k].trained)
            t->backward.moved += passes_on ? 2 * bytes : bytes;
    }
    hold(plan, i, &t->forward);
    if (!backward)
        return;
    t->forward.moved += (double)node->keep_bytes;
    t->backward.moved += (double)node->keep_bytes;
    hold(plan, 2 * plan->graph->n_nodes - i, &t->backward);
}

hs_traffic hs_plan_traffic(const hs_plan *plan, int first, int end)
{
    const hs_graph *graph = plan->graph;
    hs_traffic t = {0};
    hs_arena arena = {0};
    bool passes_on = false;
    uint8_t *marks = hs_arena_take(&arena, (size_t)graph->n_values);
    for (int i = first; i < end; i++) {
        mark_layer_node(plan, i, first, marks);
        mark_again(plan, i, marks);
    }
    for (int i = end; i < graph->n_nodes; i++)
        mark_reader(plan, i, first, end, marks);
    for (int v = 0; v < graph->n_values; v++) {
        double bytes = (double)hs_value_bytes(&graph->values[v]);
        if (marks[v] & IN || is_written(plan, v, first, end, marks[v]))
            t.forward.moved += bytes;
        for (int mark = READ; mark <= PASSED_ON; mark <<= 1)
            t.backward.moved += marks[v] & mark ? bytes : 0;
        passes_on |= (marks[v] & PASSED_ON) != 0;
    }
    for (int i = first; i < end; i++)
        add_node(plan, i, passes_on, &t);
    hs_arena_free(&arena);
    return t;
}

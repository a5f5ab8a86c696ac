#include "graph/recompute.h"

#include <stdlib.h>

/* Backward steps between two reads of a value across which it stays rather than being made twice.
 */
enum { STAY = 4 };

/* What is known of the values while they are looked through. */
typedef struct search {
    const hs_graph *graph;
    const hs_walk *walk;
    int end;           /* nodes */
    bool again_costly; /* costly outputs are made again */
    bool *needed;      /* [value][node]: read at the node's backward time */
    bool *dropped;     /* [value] */
    bool *costly;      /* [value]: dropped, and computing it takes a convolution */
} search;

static bool *needed_at(const search *s, int value, int node)
{
    return &s->needed[(size_t)value * (size_t)s->end + (size_t)node];
}

/* The reads that the ops' backward passes ask for. */
static void find_reads(const search *s)
{
    for (int i = 0; i < s->end; i++) {
        const hs_node *node = s->graph->nodes[i];
        if (node->passes_norm && s->walk->active[i])
            *needed_at(s, hs_stored_value(s->graph, node->outputs[0]), i) = true;
        for (int k = 0; k < node->n_inputs; k++)
            *needed_at(s, hs_stored_value(s->graph, node->inputs[k]), i) |=
                s->walk->active[i] && (node->backward_inputs >> k & 1);
        for (int k = 0; k < node->n_outputs; k++)
            *needed_at(s, hs_stored_value(s->graph, node->outputs[k]), i) |=
                s->walk->active[i] && (node->backward_outputs >> k & 1);
    }
}

static bool is_read(const search *s, int value)
{
    for (int i = 0; i < s->end; i++)
        if (*needed_at(s, value, i))
            return true;
    return false;
}

/* Convolutions of few products an output cost no more than the pass over memory that reads it. */
static hs_rerun_cost rerun_cost(const hs_node *node)
{
    const double few = 2 * 16;
    bool light = node->flops <= few * (double)hs_elements(node->out[0]);
    return node->op->rerun == HS_RERUN_COSTLY && light ? HS_RERUN_CHEAP : node->op->rerun;
}

/* Whether node i's output is not worth keeping. It lies by itself, and its inputs must be there in
 * the backward pass anyway, or be much smaller than what they save; those dropped are made again
 * first, at most one of them by a convolution, or whole nets would run again for each layer. */
static bool is_dropped(const search *s, int i, bool *costly)
{
    const hs_node *node = s->graph->nodes[i];
    hs_rerun_cost cost = rerun_cost(node);
    if (cost == HS_RERUN_NEVER || (cost == HS_RERUN_COSTLY && !s->again_costly) ||
        s->graph->unfused || !s->walk->active[i] || s->graph->values[node->outputs[0]].output ||
        s->graph->values[node->outputs[0]].whole >= 0 || node->joined)
        return false;
    size_t added = 0;
    *costly = cost == HS_RERUN_COSTLY;
    for (int k = 0; k < node->n_inputs; k++) {
        int u = hs_stored_value(s->graph, node->inputs[k]);
        if (s->dropped[u] && s->costly[u] && *costly)
            return false;
        *costly |= s->dropped[u] && s->costly[u];
        added += s->dropped[u] || is_read(s, u) ? 0 : hs_value_bytes(&s->graph->values[u]);
    }
    return added <= hs_value_bytes(&s->graph->values[node->outputs[0]]) / 2;
}

/* Adds the runs of node i that its reads ask for; each reads the node's inputs. */
static void add_runs(const search *s, int i, hs_plan *plan)
{
    const hs_node *node = s->graph->nodes[i];
    hs_again *run = NULL;
    int latest = 0; /* node of the latest read so far */
    for (int reader = s->end - 1; reader >= i; reader--) {
        if (!*needed_at(s, node->outputs[0], reader))
            continue;
        if (!run || latest - reader > STAY) {
            run = &plan->again[plan->n_again++];
            *run = (hs_again){.node = i, .first = 2 * s->end - reader};
            for (int k = 0; k < node->n_inputs; k++)
                *needed_at(s, hs_stored_value(s->graph, node->inputs[k]), reader) = true;
        }
        run->last = 2 * s->end - reader;
        latest = reader;
    }
}

static int in_order(const void *a, const void *b)
{
    const hs_again *x = a, *y = b;
    return x->first != y->first ? x->first - y->first : x->node - y->node;
}

/* Last time each value is read in the forward pass, or by the caller. */
static int *forward_reads(const hs_graph *graph, hs_arena *arena)
{
    int *last = hs_arena_take(arena, sizeof *last * (size_t)graph->n_values);
    for (int v = 0; v < graph->n_values; v++) {
        const hs_value_info *value = &graph->values[v];
        last[v] = value->output         ? 2 * graph->n_nodes + 1
                  : value->producer < 0 ? 0
                                        : value->producer;
    }
    for (int i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i]->n_inputs; k++) {
            int *at = &last[hs_stored_value(graph, graph->nodes[i]->inputs[k])];
            *at = i > *at ? i : *at;
        }
    return last;
}

void hs_plan_keep(hs_plan *plan, const hs_walk *walk, bool costly)
{
    const hs_graph *graph = plan->graph;
    hs_arena *arena = &plan->arena;
    size_t values = (size_t)graph->n_values, nodes = (size_t)graph->n_nodes;
    plan->n_again = 0;
    plan->last = forward_reads(graph, arena);
    if (plan->mode != HS_TRAINING)
        return;
    search s = {.graph = graph,
                .walk = walk,
                .end = graph->n_nodes,
                .again_costly = costly,
                .needed = hs_arena_take(arena, values * nodes),
                .dropped = hs_arena_take(arena, values),
                .costly = hs_arena_take(arena, values)};
    find_reads(&s);
    for (int i = 0; i < s.end; i++)
        if (graph->nodes[i]->n_outputs > 0) {
            int v = graph->nodes[i]->outputs[0];
            s.dropped[v] = is_dropped(&s, i, &s.costly[v]);
        }
    /* From the last node, so that what reads a value again is known before the value's turn. A
     * value is made again at most once for each backward step. */
    plan->again = hs_arena_take(arena, sizeof *plan->again * nodes * nodes);
    for (int i = s.end - 1; i >= 0; i--)
        if (graph->nodes[i]->n_outputs > 0 && s.dropped[graph->nodes[i]->outputs[0]])
            add_runs(&s, i, plan);
    qsort(plan->again, (size_t)plan->n_again, sizeof *plan->again, in_order);
    for (int v = 0; v < graph->n_values; v++)
        for (int i = 0; i < s.end && !s.dropped[v]; i++)
            if (*needed_at(&s, v, i) && 2 * s.end - i > plan->last[v])
                plan->last[v] = 2 * s.end - i;
}

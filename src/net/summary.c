#include "net/summary.h"

#include <string.h>

static int64_t trained_parameters(const hs_node *node)
{
    int64_t sum = 0;
    for (int i = 0; i < node->n_params; i++) {
        int64_t elements = node->params[i].trained;
        for (int d = 0; d < node->params[i].rank; d++)
            elements *= node->params[i].dims[d];
        sum += elements;
    }
    return sum;
}

void hs_graph_summarize(const hs_graph *graph, hs_net_summary *s)
{
    s->layers = hs_arena_take(&s->arena, sizeof *s->layers * (size_t)graph->n_nodes);
    for (int i = 0; i < graph->n_nodes; i++) {
        const hs_node *node = graph->nodes[i];
        hs_layer_summary *layer = s->count ? &s->layers[s->count - 1] : NULL;
        if (!layer || strcmp(layer->name, node->layer) != 0) {
            layer = &s->layers[s->count++];
            layer->name = hs_arena_string(&s->arena, node->layer);
            layer->ops = node->op->name;
            layer->first = i;
        } else {
            layer->ops = hs_arena_format(&s->arena, "%s, %s", layer->ops, node->op->name);
        }
        layer->out = node->out[0];
        layer->parameters += trained_parameters(node);
        layer->flops += node->flops;
        layer->end = i + 1;
        s->parameters += trained_parameters(node);
        s->flops += node->flops;
    }
}

hs_status hs_net_summarize(const hs_net *net, hs_net_summary *s)
{
    hs_graph *graph = NULL;
    hs_plan *plan = NULL;
    hs_value input, logits;
    hs_status status;
    HS_TRY(hs_graph_create(&graph));
    HS_TRY(hs_net_build(net, graph, 1, 0, 0, &input, &logits));
    HS_TRY(hs_plan_create(graph, HS_INFERENCE, &plan));
    hs_graph_summarize(graph, s);
    s->in = hs_graph_shape(graph, input);
    s->out = hs_graph_shape(graph, logits);
    s->memory = hs_plan_bytes(plan) + sizeof(hs_real) * (size_t)(graph->trained + graph->untrained);
exit:
    hs_plan_destroy(plan);
    hs_graph_destroy(graph);
    return status;
}

void hs_net_summary_free(hs_net_summary *s)
{
    hs_arena_free(&s->arena);
    *s = (hs_net_summary){0};
}

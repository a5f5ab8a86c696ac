/* Building a graph: shapes and what each op needs, no memory. */
#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

size_t hs_value_bytes(const hs_value_info *value)
{
    return (size_t)hs_pixels(value->shape) * hs_pixel_bytes(value->dtype, value->pitch);
}

hs_status hs_graph_create(hs_graph **graph)
{
    *graph = calloc(1, sizeof **graph);
    if (!*graph)
        return hs_error(HS_ERR_MEMORY, NULL, "graph: out of memory");
    (*graph)->threads = hs_threads();
    return HS_OK;
}

void hs_graph_destroy(hs_graph *graph)
{
    if (!graph)
        return;
    hs_arena_free(&graph->arena);
    free(graph->values);
    free(graph->nodes);
    free(graph);
}

hs_status hs_graph_status(const hs_graph *graph)
{
    return graph->status;
}

hs_shape hs_graph_shape(const hs_graph *graph, hs_value value)
{
    return value < 0 ? (hs_shape){0} : graph->values[value].shape;
}

/* Room for one more item of a growing array; aborts where the system gives none. */
static void *grown(void *items, int count, int *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room ? 2 * *room : 32;
    items = realloc(items, (size_t)*room * size);
    if (!items)
        abort();
    return items;
}

static hs_value add_value(hs_graph *graph, hs_value_info info)
{
    graph->values =
        grown(graph->values, graph->n_values, &graph->value_room, sizeof *graph->values);
    info.source = info.whole = -1;
    graph->values[graph->n_values] = info;
    return graph->n_values++;
}

hs_value hs_graph_input(hs_graph *graph, const char *name, hs_dtype dtype, hs_shape shape,
                        bool gradient)
{
    if (graph->status != HS_OK)
        return -1;
    if (shape.n < 1 || shape.c < 1 || shape.h < 1 || shape.w < 1) {
        graph->status = hs_error(HS_ERR_SHAPE, NULL, "input '%s': got %s, expected positive sizes",
                                 name, hs_shape_format(shape).text);
        return -1;
    }
    if (!hs_shape_countable(shape)) {
        graph->status = hs_error(HS_ERR_SHAPE, "use a smaller batch or a smaller input",
                                 "input '%s': got %s, expected at most " HS_COUNTABLE, name,
                                 hs_shape_format(shape).text);
        return -1;
    }
    /* Labels and raw images lie dense: nothing computes with vectors of them. */
    return add_value(graph,
                     (hs_value_info){.name = hs_arena_string(&graph->arena, name),
                                     .dtype = dtype,
                                     .shape = shape,
                                     .pitch = dtype == HS_F32 ? hs_pitch_of(shape.c) : shape.c,
                                     .producer = -1,
                                     .gradient = gradient && dtype == HS_F32});
}

void hs_graph_output(hs_graph *graph, hs_value value)
{
    if (graph->status == HS_OK && value >= 0)
        graph->values[value].output = true;
}

void hs_graph_set_fusion(hs_graph *graph, bool fuse)
{
    graph->unfused = !fuse;
}

void hs_graph_set_small(hs_graph *graph, bool small)
{
    graph->small = small;
}

hs_value hs_graph_sibling(const hs_graph *graph, hs_value value, int output)
{
    if (graph->status != HS_OK || value < 0)
        return -1;
    int producer = graph->values[value].producer;
    if (producer < 0 || output >= graph->nodes[producer]->n_outputs)
        return value; /* the op that asked refuses it by name */
    return graph->nodes[producer]->outputs[output];
}

static hs_status check_inputs(const hs_graph *graph, hs_node *node, const hs_value *inputs, int n)
{
    if (n < node->op->least_inputs || n > node->op->most_inputs)
        return hs_node_error(node, NULL, "got %d inputs, expected %d to %d", n,
                             node->op->least_inputs, node->op->most_inputs);
    for (int i = 0; i < n; i++) {
        if (inputs[i] < 0 || inputs[i] >= graph->n_values)
            return hs_node_error(node, NULL, "input %d: got no value of this graph", i);
        const hs_value_info *value = &graph->values[inputs[i]];
        node->inputs[i] = inputs[i];
        node->in[i] = value->shape;
        node->in_dtype[i] = value->dtype;
        node->producers[i] = value->producer < 0 ? NULL : graph->nodes[value->producer];
    }
    node->n_inputs = n;
    return HS_OK;
}

/* Only inputs without a gradient (labels, places) may hold integers, as their op asks. */
static hs_status check_types(const hs_graph *graph, const hs_node *node)
{
    for (int i = 0; i < node->n_inputs; i++)
        if (node->in_dtype[i] != HS_F32 && !(node->detached >> i & 1))
            return hs_node_error(node, NULL, "got '%s' of integers, expected real numbers",
                                 graph->values[node->inputs[i]].name);
    return HS_OK;
}

/* Gives parameters their places, those of earlier nodes first, but large ones behind all others. */
static void place_params(hs_graph *graph)
{
    graph->trained = graph->untrained = graph->n_large = 0;
    for (int large = 0; large < 2; large++) {
        graph->small_trained = large ? graph->trained : 0;
        for (int i = 0; i < graph->n_nodes; i++)
            for (int k = 0; k < graph->nodes[i]->n_params; k++) {
                hs_param *p = &graph->nodes[i]->params[k];
                if ((p->large > 0) != large)
                    continue;
                int64_t *end = p->trained ? &graph->trained : &graph->untrained;
                p->offset = *end;
                p->large = large ? ++graph->n_large : 0;
                *end += p->size;
            }
    }
}

hs_value hs_graph_apply(hs_graph *graph, const hs_op *op, const char *layer, const hs_value *inputs,
                        int n, const void *attr)
{
    if (graph->status != HS_OK)
        return -1;
    hs_node *node = hs_arena_take(&graph->arena, sizeof *node);
    node->op = op;
    node->layer = hs_arena_string(&graph->arena, layer);
    node->attr = hs_arena_take(&graph->arena, op->attr_size);
    if (op->attr_size)
        memcpy(node->attr, attr, op->attr_size);
    node->n_outputs = 1;
    node->slope = 1;
    graph->status = check_inputs(graph, node, inputs, n);
    if (graph->status == HS_OK)
        graph->status = hs_node_check_attr(node);
    if (graph->status == HS_OK)
        graph->status = op->shape(node);
    if (graph->status == HS_OK)
        graph->status = check_types(graph, node);
    if (graph->status != HS_OK)
        return -1;
    for (int i = 0; i < node->n_outputs; i++)
        node->outputs[i] = add_value(graph, (hs_value_info){.name = node->layer,
                                                            .dtype = node->out_dtype[i],
                                                            .shape = node->out[i],
                                                            .pitch = hs_pitch_of(node->out[i].c),
                                                            .producer = graph->n_nodes,
                                                            .slot = i});
    graph->nodes = grown(graph->nodes, graph->n_nodes, &graph->node_room, sizeof *graph->nodes);
    graph->nodes[graph->n_nodes++] = node;
    place_params(graph);
    return node->outputs[0];
}

void hs_graph_set_init(hs_graph *graph, hs_value value, hs_layer_init init)
{
    static const hs_param_init begins[] = {[HS_LAYER_INIT_SCHEME] = HS_PARAM_CONV,
                                           [HS_LAYER_INIT_ZERO] = HS_PARAM_ZERO,
                                           [HS_LAYER_INIT_BILINEAR] = HS_PARAM_BILINEAR};
    int producer = value < 0 ? -1 : graph->values[value].producer;
    if (graph->status != HS_OK || producer < 0)
        return;
    hs_node *node = graph->nodes[producer];
    hs_param *weight = node->n_params && node->params[0].rank == 4 ? &node->params[0] : NULL;
    if (!weight && init != HS_LAYER_INIT_SCHEME)
        graph->status = hs_node_error(node, "leave init out",
                                      "init: got a layer without weights, expected a convolution");
    else if (init == HS_LAYER_INIT_BILINEAR && weight->dims[0] != weight->dims[1])
        graph->status = hs_node_error(node, NULL,
                                      "init: got bilinear with %d channels in and %d out, expected "
                                      "as many",
                                      node->in[0].c, node->out[0].c);
    else if (weight)
        weight->init = begins[init];
}

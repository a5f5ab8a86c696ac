#include "net/net.h"

#include "base/text.h"
#include "config/fields.h"
#include "ops/op.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every layer may have besides its op's attributes. */
typedef struct layer_keys {
    hs_name_list inputs;
    int norm, act, init; /* init: hs_layer_init */
    double slope;
} layer_keys;

enum { NORM_NONE, NORM_BATCH };
enum { ACT_NONE, ACT_RELU, ACT_LEAKY };
static const char *const norms[] = {"none", "batch", NULL};
static const char *const acts[] = {"none", "relu", "leaky", NULL};
static const char *const inits[] = {"scheme", "zero", "bilinear", NULL};

static const hs_field layer_fields[] = {
    {"inputs", HS_FIELD_NAMES, offsetof(layer_keys, inputs), "", 0, 0, NULL,
     "layers it reads; none: the one before"},
    {"norm", HS_FIELD_CHOICE, offsetof(layer_keys, norm), "none", 0, 0, norms, "after the op"},
    {"act", HS_FIELD_CHOICE, offsetof(layer_keys, act), "none", 0, 0, acts, "after the norm"},
    {"slope", HS_FIELD_REAL, offsetof(layer_keys, slope), "0.2", 0, 1, NULL, "of act = leaky"},
    {"init", HS_FIELD_CHOICE, offsetof(layer_keys, init), "scheme", 0, 0, inits,
     "how a convolution's weights begin; scheme: that of [init]"},
};

static const char *const normalizations[] = {"constant", "mean", NULL};
static const hs_field input_fields[] = {
    {"channels", HS_FIELD_INT32, offsetof(hs_net_input, channels), "1", 1, 64, NULL,
     "of the image"},
    {"height", HS_FIELD_INT32, offsetof(hs_net_input, height), "240", 1, 8192, NULL, "pixels"},
    {"width", HS_FIELD_INT32, offsetof(hs_net_input, width), "320", 1, 8192, NULL, "pixels"},
    {"normalize", HS_FIELD_CHOICE, offsetof(hs_net_input, normalization), "constant", 0, 0,
     normalizations, "constant: over scale; mean: over the mean of the frame's measured depth"},
    {"scale", HS_FIELD_REAL, offsetof(hs_net_input, scale), "0", 0, 1e9, NULL,
     "raw depth that becomes 1; 0: 1.25 m, 10000 of the SR300's units"},
};

static const char *const schemes[] = {"normal", "he", NULL};
static const hs_field init_fields[] = {
    {"scheme", HS_FIELD_CHOICE, offsetof(hs_init, scheme), "he", 0, 0, schemes,
     "normal: std; he: sqrt(2 / fan_in)"},
    {"std", HS_FIELD_REAL, offsetof(hs_init, std), "0.02", 0, 10, NULL,
     "of weights, scheme = normal"},
    {"norm_std", HS_FIELD_REAL, offsetof(hs_init, norm_std), "0", 0, 10, NULL,
     "of batch norm scales around 1"},
};

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { INPUT = -1, UNVISITED = 0, ON_PATH, DONE };

typedef struct layer {
    const hs_ini_section *section;
    const hs_op *op;
    void *attr;
    layer_keys keys;
    int inputs[HS_MAX_INPUTS]; /* layers, or INPUT */
    int n_inputs, visit;
    bool read; /* by some layer */
} layer;

struct hs_net {
    hs_ini own; /* of a net read by itself */
    hs_ini *ini;
    hs_arena arena;
    hs_net_input input;
    hs_init init;
    layer *layers;
    int *order; /* in which they can run */
    int count, ordered;
};

static const char *layer_name(const layer *l)
{
    return hs_ini_label(l->section);
}

const hs_net_input *hs_net_get_input(const hs_net *net)
{
    return &net->input;
}

const hs_init *hs_net_get_init(const hs_net *net)
{
    return &net->init;
}

int hs_net_layers(const hs_net *net)
{
    return net->count;
}

const char *hs_net_layer(const hs_net *net, int index)
{
    return layer_name(&net->layers[index]);
}

void hs_net_set_size(hs_net *net, int32_t height, int32_t width)
{
    net->input.height = height;
    net->input.width = width;
}

/* Ops that stand as layers: all but the loss, which training adds. */
static int layer_types(const char **names)
{
    int n = 0;
    for (int i = 0; i < hs_ops_count; i++)
        if (hs_ops[i] != &hs_op_softmax_cross_entropy)
            names[n++] = hs_ops[i]->name;
    return n;
}

/* The attributes of one layer. A bias under batch norm would be undone by it: none unless asked
 * for. */
static hs_status read_layer(hs_net *net, layer *l)
{
    const hs_op *op = l->op;
    l->attr = hs_arena_take(&net->arena, op->attr_size);
    hs_field_group groups[] = {{op->fields, op->n_fields, l->attr},
                               {layer_fields, COUNT(layer_fields), &l->keys}};
    hs_status status = hs_fields_read_groups(net->ini, l->section, groups, COUNT(groups));
    if (status != HS_OK)
        return status;
    if (l->keys.norm == NORM_BATCH && !hs_ini_entry_find(l->section, "bias"))
        for (int i = 0; i < op->n_fields; i++)
            if (strcmp(op->fields[i].key, "bias") == 0)
                *(bool *)((char *)l->attr + op->fields[i].offset) = false;
    return HS_OK;
}

static hs_status find_input(hs_net *net, layer *l, const char *name, int *index)
{
    if (strcmp(name, "input") == 0) {
        *index = INPUT;
        return HS_OK;
    }
    for (int i = 0; i < net->count; i++) {
        if (strcmp(layer_name(&net->layers[i]), name) == 0) {
            *index = i;
            net->layers[i].read = true;
            return HS_OK;
        }
    }
    const char **names = hs_arena_take(&net->arena, sizeof *names * (size_t)(net->count + 1));
    names[0] = "input";
    for (int i = 0; i < net->count; i++)
        names[i + 1] = layer_name(&net->layers[i]);
    char hint[512];
    hs_hint_names(name, names, net->count + 1, hint, sizeof hint);
    const hs_ini_entry *entry = hs_ini_entry_find(l->section, "inputs");
    return hs_error(HS_ERR_CONFIG, hint, "%s: %s inputs: got '%s', expected the name of a layer",
                    entry->where, l->section->title, name);
}

static hs_status connect(hs_net *net, int index)
{
    layer *l = &net->layers[index];
    const hs_op *op = l->op;
    if (l->keys.inputs.count == 0) {
        l->n_inputs = 1;
        l->inputs[0] = index - 1; /* INPUT before the first */
        if (index > 0)
            net->layers[index - 1].read = true;
    }
    if (l->keys.inputs.count > HS_MAX_INPUTS)
        return hs_error(HS_ERR_CONFIG, NULL, "%s: %s inputs: got %d, expected at most %d",
                        l->section->where, l->section->title, l->keys.inputs.count,
                        op->most_inputs);
    for (int i = 0; i < l->keys.inputs.count; i++) {
        hs_status status = find_input(net, l, l->keys.inputs.names[i], &l->inputs[i]);
        if (status != HS_OK)
            return status;
        l->n_inputs = i + 1;
    }
    if (l->n_inputs < op->least_inputs || l->n_inputs > op->most_inputs)
        return hs_error(HS_ERR_CONFIG, "inputs = LAYER, LAYER, ...",
                        "%s: %s inputs: got %d, expected %d to %d", l->section->where,
                        l->section->title, l->n_inputs, op->least_inputs, op->most_inputs);
    return HS_OK;
}

/* Names the layers of a cycle through `index`, following inputs that are on the path. */
static hs_status cycle_error(const hs_net *net, int index)
{
    char path[512];
    int at = index, used = snprintf(path, sizeof path, "%s", layer_name(&net->layers[index]));
    do {
        const layer *l = &net->layers[at];
        for (int i = 0; i < l->n_inputs; i++)
            if (l->inputs[i] >= 0 && net->layers[l->inputs[i]].visit == ON_PATH) {
                at = l->inputs[i];
                break;
            }
        if (used < (int)sizeof path)
            used += snprintf(path + used, sizeof path - (size_t)used, " <- %s",
                             layer_name(&net->layers[at]));
    } while (at != index && used < (int)sizeof path);
    return hs_error(HS_ERR_CONFIG, "a layer may only read layers that do not depend on it",
                    "%s: %s: got a cycle (%s), expected none", net->layers[index].section->where,
                    net->layers[index].section->title, path);
}

/* Depth first, with a stack of our own: the depth is that of the net, which is the user's. */
static hs_status order_from(hs_net *net, int root, int *stack, int *next)
{
    int depth = 0;
    stack[0] = root;
    next[0] = 0;
    net->layers[root].visit = ON_PATH;
    while (depth >= 0) {
        layer *l = &net->layers[stack[depth]];
        if (next[depth] == l->n_inputs) {
            l->visit = DONE;
            net->order[net->ordered++] = stack[depth--];
            continue;
        }
        int input = l->inputs[next[depth]++];
        if (input == INPUT || net->layers[input].visit == DONE)
            continue;
        if (net->layers[input].visit == ON_PATH)
            return cycle_error(net, input);
        net->layers[input].visit = ON_PATH;
        stack[++depth] = input;
        next[depth] = 0;
    }
    return HS_OK;
}

static hs_status order_layers(hs_net *net)
{
    size_t bytes = sizeof(int) * (size_t)net->count;
    int *stack = hs_arena_take(&net->arena, bytes), *next = hs_arena_take(&net->arena, bytes);
    net->order = hs_arena_take(&net->arena, bytes);
    for (int i = 0; i < net->count; i++) {
        hs_status status =
            net->layers[i].visit == UNVISITED ? order_from(net, i, stack, next) : HS_OK;
        if (status != HS_OK)
            return status;
    }
    for (int i = 0; i + 1 < net->count; i++)
        if (!net->layers[i].read)
            return hs_error(HS_ERR_CONFIG, "name it among the inputs of a layer, or take it out",
                            "%s: %s: got a layer that no layer reads",
                            net->layers[i].section->where, net->layers[i].section->title);
    return HS_OK;
}

static bool among(const char *word, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* The sections that are layers, in order; [input] and [init] into their structs. */
static hs_status read_sections(hs_net *net, const char *label, const char *const *others, int n)
{
    hs_status status = HS_OK;
    hs_ini_section none = {.type = "input", .title = "[input]", .where = "default"};
    HS_TRY(hs_fields_read(net->ini, &none, input_fields, COUNT(input_fields), &net->input));
    HS_TRY(hs_fields_read(net->ini, &none, init_fields, COUNT(init_fields), &net->init));
    int sections = 0;
    for (hs_ini_section *s = net->ini->sections; s; s = s->next)
        sections++;
    net->layers = hs_arena_take(&net->arena, sizeof *net->layers * (size_t)sections);
    for (hs_ini_section *s = net->ini->sections; s; s = s->next) {
        if (strcmp(s->type, "input") == 0) {
            HS_TRY(hs_fields_read(net->ini, s, input_fields, COUNT(input_fields), &net->input));
        } else if (strcmp(s->type, "init") == 0) {
            HS_TRY(hs_fields_read(net->ini, s, init_fields, COUNT(init_fields), &net->init));
        } else if (!among(s->type, others, n)) {
            layer *l = &net->layers[net->count++];
            l->section = s;
            l->op = hs_op_find(s->type);
            HS_TRY(read_layer(net, l));
        }
    }
    if (net->count == 0)
        status =
            hs_error(HS_ERR_CONFIG, "configs/nets/handseg.ini is an example",
                     "%s: got no layer, expected at least one section such as [conv NAME]", label);
exit:
    return status;
}

/* Sections that are no layers, of these types, are found by their type: they may not have a name,
 * which would hide them, nor may a layer have theirs. */
static hs_status check_names(const hs_net *net, const char *const *types, int count)
{
    for (const hs_ini_section *s = net->ini->sections; s; s = s->next) {
        bool fixed = among(s->type, types, count);
        if (fixed && s->name)
            return hs_error(HS_ERR_CONFIG, NULL, "%s: %s: got a name, expected [%s]", s->where,
                            s->title, s->type);
        if (!fixed && among(hs_ini_label(s), types, count))
            return hs_error(HS_ERR_CONFIG, "give it another name",
                            "%s: %s: got a layer named '%s', which stands for a section", s->where,
                            s->title, hs_ini_label(s));
    }
    return HS_OK;
}

static hs_status check_types(const hs_net *net, const char *const *others, int n)
{
    const char **types = malloc(sizeof *types * (size_t)(hs_ops_count + 2 + n));
    if (!types)
        return hs_error(HS_ERR_MEMORY, NULL, "net: out of memory");
    int layers = layer_types(types), count = layers;
    types[count++] = "input";
    types[count++] = "init";
    for (int i = 0; i < n; i++)
        types[count++] = others[i];
    hs_status status = hs_ini_check_types(net->ini, types, count);
    if (status == HS_OK)
        status = check_names(net, types + layers, count - layers);
    free(types);
    return status;
}

/* `label` stands for the file in messages about no line of it. */
static hs_status finish(hs_net *net, const char *label, const char *const *others, int n,
                        hs_net **out)
{
    hs_status status;
    HS_TRY(check_types(net, others, n));
    HS_TRY(read_sections(net, label, others, n));
    for (int i = 0; i < net->count; i++)
        HS_TRY(connect(net, i));
    HS_TRY(order_layers(net));
exit:
    if (status != HS_OK) {
        hs_net_destroy(net);
        net = NULL;
    }
    *out = net;
    return status;
}

static hs_net *new_net(void)
{
    hs_net *net = calloc(1, sizeof *net);
    if (!net)
        abort();
    net->ini = &net->own;
    return net;
}

hs_status hs_net_from_ini(hs_ini *ini, const char *const *others, int n, hs_net **out)
{
    hs_net *net = new_net();
    net->ini = ini;
    return finish(net, "net", others, n, out);
}

hs_status hs_net_read(const char *path, hs_net **out)
{
    hs_net *net = new_net();
    hs_status status = hs_ini_read(&net->own, path);
    if (status == HS_OK)
        return finish(net, path, NULL, 0, out);
    hs_net_destroy(net);
    *out = NULL;
    return status;
}

hs_status hs_net_parse(const char *label, const char *text, size_t size, hs_net **out)
{
    hs_net *net = new_net();
    hs_status status = hs_ini_parse(&net->own, label, text, size);
    if (status == HS_OK)
        return finish(net, label, NULL, 0, out);
    hs_net_destroy(net);
    *out = NULL;
    return status;
}

void hs_net_destroy(hs_net *net)
{
    if (!net)
        return;
    hs_ini_free(&net->own);
    hs_arena_free(&net->arena);
    free(net);
}

static hs_value build_layer(const layer *l, hs_graph *graph, const hs_value *values, hs_value image)
{
    hs_value inputs[HS_MAX_INPUTS];
    const char *name = layer_name(l);
    for (int i = 0; i < l->n_inputs; i++) {
        hs_value value = l->inputs[i] == INPUT ? image : values[l->inputs[i]];
        inputs[i] = hs_graph_sibling(graph, value, l->op->takes[i]);
    }
    hs_value y = hs_graph_apply(graph, l->op, name, inputs, l->n_inputs, l->attr);
    hs_graph_set_init(graph, y, (hs_layer_init)l->keys.init);
    if (l->keys.norm == NORM_BATCH)
        y = hs_batch_norm2d(graph, name, y, (hs_batch_norm2d_attr){0});
    if (l->keys.act == ACT_RELU)
        y = hs_relu(graph, name, y);
    if (l->keys.act == ACT_LEAKY)
        y = hs_leaky_relu(graph, name, y, (hs_leaky_relu_attr){.slope = l->keys.slope});
    return y;
}

hs_status hs_net_build(const hs_net *net, hs_graph *graph, int32_t batch, int32_t height,
                       int32_t width, hs_value *input, hs_value *logits)
{
    hs_shape shape = {batch, net->input.channels, height ? height : net->input.height,
                      width ? width : net->input.width};
    hs_value *values = calloc((size_t)net->count, sizeof *values);
    if (!values)
        return hs_error(HS_ERR_MEMORY, NULL, "net: out of memory");
    *input = hs_graph_input(graph, "input", HS_F32, shape, false);
    for (int i = 0; i < net->ordered; i++) {
        const layer *l = &net->layers[net->order[i]];
        values[net->order[i]] = build_layer(l, graph, values, *input);
        if (hs_graph_status(graph) != HS_OK) {
            free(values);
            return hs_error_context(hs_graph_status(graph), "%s", l->section->where);
        }
    }
    *logits = values[net->count - 1];
    free(values);
    hs_graph_output(graph, *logits);
    return HS_OK;
}

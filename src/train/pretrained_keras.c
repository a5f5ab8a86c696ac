/* VGG16 of Keras in HDF5, as its versions have written it:
 *
 *   1         /block1_conv1/block1_conv1_W_1:0
 *   2         /block1_conv1/block1_conv1/kernel:0
 *   3         /block1_conv1/vgg16/block1_conv1/kernel
 *   3         /layers/conv2d/vars/0, its group's attribute `name` being block1_conv1
 *
 * below /model_weights where the file holds a model, and one group deeper where VGG16 is a part of
 * it. Versions before they wrote that attribute have /layers, but no names. */
#include "train/pretrained_source.h"
#include "train/vgg16.h"
#include <stdlib.h>
#include <string.h>

static const char model_group[] = "/model_weights", layers_group[] = "/layers";

bool hs_source_is_keras(hs_h5 *file)
{
    return hs_h5_exists(file, model_group) || hs_h5_exists(file, layers_group) ||
           hs_h5_has_attribute(file, "/", "layer_names");
}

/* "kernel" and "bias" of the names that versions of Keras gave them: "kernel:0", "LAYER_W_1:0". */
static const char *tensor_of(hs_arena *arena, const char *layer, const char *name)
{
    size_t length = strlen(layer);
    char *text = hs_arena_string(arena, name);
    text[strcspn(text, ":")] = 0;
    if (strncmp(text, layer, length) != 0 || text[length] != '_')
        return text;
    text += length + 1;
    text[strcspn(text, "_")] = 0;
    return strcmp(text, "W") == 0 ? "kernel" : strcmp(text, "b") == 0 ? "bias" : text;
}

/* "block1_conv1" and "kernel" of what lies in /layers. */
static hs_status name_in_layers(hs_source *source, const char *group, const char *name,
                                const char **layer, const char **tensor)
{
    hs_status status = HS_OK;
    const char *path = hs_arena_format(&source->arena, "%s/%s", source->root, group);
    if (hs_h5_has_attribute(source->h5, path, "name"))
        HS_TRY(hs_h5_get_text(source->h5, path, "name", &source->arena, layer));
    *tensor = strcmp(name, "0") == 0 ? "kernel" : strcmp(name, "1") == 0 ? "bias" : name;
exit:
    return status;
}

/* A convolution of VGG19, say, in which VGG16's are followed by others. */
static bool is_foreign_block(const char *layer)
{
    return strlen(layer) == 12 && strncmp(layer, "block", 5) == 0 &&
           strncmp(layer + 6, "_conv", 5) == 0 && !hs_vgg16_has_keras(layer);
}

/* The part of a path of groups that is a layer of VGG16, or of another VGG, the last one where
 * there are several. */
static const char *layer_in(hs_arena *arena, const char *groups)
{
    const char *layer = "";
    char *rest = hs_arena_string(arena, groups);
    for (char *part; (part = strsep(&rest, "/")) != NULL;)
        if (hs_vgg16_has_keras(part) || is_foreign_block(part))
            layer = part;
    return layer;
}

static hs_status name_tensor(hs_source *source, hs_source_tensor *t)
{
    hs_status status = HS_OK;
    hs_arena *arena = &source->arena;
    const char *layer, *tensor, *slash = strrchr(t->key, '/');
    if (!slash)
        return HS_OK;
    const char *groups = hs_arena_format(arena, "%.*s", (int)(slash - t->key), t->key);
    const char *last = strrchr(groups, '/');
    layer = layer_in(arena, groups);
    if (strcmp(last ? last + 1 : groups, "vars") == 0)
        HS_TRY(name_in_layers(source, groups, slash + 1, &layer, &tensor));
    else
        tensor = tensor_of(arena, layer, slash + 1);
    if (is_foreign_block(layer))
        status = hs_error(HS_ERR_DATA, "init takes vgg16 of keras.applications",
                          "%s: got '%s', expected the tensors of %s, which has no %s", source->path,
                          t->shown, source->kind, layer);
    else
        t->known = hs_vgg16_of_keras(layer, tensor, &t->layer, &t->tensor);
exit:
    return status;
}

/* With Theano's order of axes, in which version 1 could work, kernels have their sides last, and
 * fc1 reads an image channel by channel, which its shape does not show. */
static hs_status check_order(const hs_source *source)
{
    for (int i = 0; i < source->count; i++) {
        const hs_source_tensor *t = &source->tensors[i];
        if (t->known && t->rank == 4 && t->dims[0] != t->dims[1])
            return hs_error(HS_ERR_FORMAT,
                            "take the file for TensorFlow: ..._tf_dim_ordering_tf_kernels.h5",
                            "%s: %s: got kernels of %lld rows and %lld columns, expected squares "
                            "before the channels, as TensorFlow orders them",
                            source->path, t->shown, (long long)t->dims[0], (long long)t->dims[1]);
    }
    return HS_OK;
}

hs_status hs_source_open_keras(hs_source *source)
{
    hs_status status;
    int known = 0;
    source->foreign = source->channels_last = true;
    source->kind = "Keras's VGG16";
    source->hint = "init takes VGG16 with the names of keras.applications (block1_conv1 ... fc2) "
                   "into layers conv1_1 ... conv5_3, fc6, fc7";
    source->root = hs_h5_exists(source->h5, model_group) ? model_group : "";
    HS_TRY(hs_source_list_h5(source));
    for (int i = 0; i < source->count; i++) {
        HS_TRY(name_tensor(source, &source->tensors[i]));
        known += source->tensors[i].known;
    }
    HS_TRY(check_order(source));
    if (known == 0 && hs_h5_exists(source->h5, layers_group))
        status =
            hs_error(HS_ERR_FORMAT, "load it in Keras and write it with model.save(\"vgg16.h5\")",
                     "%s: got weights of Keras in which no layer has a name of VGG16's, "
                     "expected block1_conv1 ... fc2",
                     source->path);
exit:
    return status;
}

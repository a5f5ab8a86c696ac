#include "train/vgg16.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *layer, *torch[2], *norm, *keras; /* torch by hs_vgg16_kind; NULL: none */
} layers[] = {
#define HS_VGG16(layer, plain, bn, norm, keras) {layer, {plain, bn}, norm, keras},
#include "train/vgg16.def"
#undef HS_VGG16
};

enum { LAYERS = sizeof layers / sizeof *layers };

typedef struct naming {
    const char *theirs, *ours;
} naming;

static const naming of_torch[] = {{"weight", "weight"}, {"bias", "bias"}, {NULL, NULL}};
static const naming of_norm[] = {{"weight", "bn_weight"},
                                 {"bias", "bn_bias"},
                                 {"running_mean", "bn_mean"},
                                 {"running_var", "bn_var"},
                                 {NULL, NULL}};
static const naming of_keras[] = {{"kernel", "weight"}, {"bias", "bias"}, {NULL, NULL}};

static bool is(const char *name, const char *other)
{
    return name && strcmp(name, other) == 0;
}

static bool set(const char *layer, const naming *names, const char *tensor, const char **our_layer,
                const char **our_tensor)
{
    for (; names->theirs; names++)
        if (is(names->theirs, tensor)) {
            *our_layer = layer;
            *our_tensor = names->ours;
            return true;
        }
    return false;
}

bool hs_vgg16_of_torch(hs_vgg16_kind kind, const char *module, const char *tensor,
                       const char **our_layer, const char **our_tensor)
{
    for (int i = 0; i < LAYERS; i++) {
        if (is(layers[i].torch[kind], module))
            return set(layers[i].layer, of_torch, tensor, our_layer, our_tensor);
        if (kind == HS_VGG16_BN && is(layers[i].norm, module))
            return set(layers[i].layer, of_norm, tensor, our_layer, our_tensor);
    }
    return false;
}

bool hs_vgg16_of_keras(const char *layer, const char *tensor, const char **our_layer,
                       const char **our_tensor)
{
    for (int i = 0; i < LAYERS; i++)
        if (is(layers[i].keras, layer))
            return set(layers[i].layer, of_keras, tensor, our_layer, our_tensor);
    return false;
}

bool hs_vgg16_has_keras(const char *layer)
{
    const char *ours, *tensor;
    return hs_vgg16_of_keras(layer, "kernel", &ours, &tensor);
}

/* VGG16 of PyTorch in safetensors. */
#include "train/pretrained_source.h"
#include "train/vgg16.h"
#include <stdio.h>
#include <string.h>

/* What calls a row of hs_safetensors_read_rows a row of hs_h5_rows. */
typedef struct relay {
    hs_h5_rows *take;
    void *context;
} relay;

static void pass_on(void *context, int64_t first, int64_t count, hs_real *rows)
{
    const relay *r = context;
    r->take(r->context, first, count, rows);
}

static hs_status read_tensor(const hs_source *source, const hs_source_tensor *tensor,
                             hs_h5_rows *take, void *context)
{
    relay r = {take, context};
    return hs_safetensors_read_rows(source->safetensors, tensor->index, pass_on, &r);
}

static const char *type_name(const char *type)
{
    return strcmp(type, "F32") == 0    ? "float32"
           : strcmp(type, "F16") == 0  ? "float16"
           : strcmp(type, "BF16") == 0 ? "bfloat16"
                                       : type;
}

static void list(hs_source *source)
{
    hs_source_make_list(source, hs_safetensors_count(source->safetensors));
    for (int i = 0; i < source->count; i++) {
        const hs_safetensor *from = hs_safetensors_get(source->safetensors, i);
        hs_source_tensor *t = &source->tensors[i];
        hs_source_set_key(source, t, from->name);
        hs_source_cut(source, t, '.');
        t->index = i;
        t->type = type_name(from->type);
        t->rank = from->rank;
        memcpy(t->dims, from->dims, sizeof from->dims);
    }
}

/* The numbers of modules are those of one kind or, in a file of VGG19, say, of none. */
static hs_status check_numbers(const hs_source *source, hs_vgg16_kind kind)
{
    const char *layer, *tensor;
    for (int i = 0; i < source->count; i++) {
        const char *module = source->tensors[i].layer;
        if (strncmp(module, "features.", 9) == 0 &&
            !hs_vgg16_of_torch(kind, module, "weight", &layer, &tensor))
            return hs_error(HS_ERR_DATA, "init takes torchvision's or timm's vgg16 and vgg16_bn",
                            "%s: got '%s', expected the tensors of %s, which has no %s",
                            source->path, source->tensors[i].shown, source->kind, module);
    }
    return HS_OK;
}

hs_status hs_source_open_safetensors(hs_source *source)
{
    hs_status status;
    hs_vgg16_kind kind = HS_VGG16_PLAIN;
    source->read = read_tensor;
    source->foreign = true;
    source->hint = "init takes VGG16 with the names of torchvision or timm (features.0.weight ...) "
                   "into layers conv1_1 ... conv5_3, fc6, fc7";
    HS_TRY(hs_safetensors_open(source->path, &source->safetensors));
    list(source);
    for (int i = 0; i < source->count; i++)
        if (strcmp(source->tensors[i].layer, "features.1") == 0) /* a ReLU in vgg16 */
            kind = HS_VGG16_BN;
    source->kind = kind == HS_VGG16_BN ? "PyTorch's vgg16_bn" : "PyTorch's vgg16";
    HS_TRY(check_numbers(source, kind));
    for (int i = 0; i < source->count; i++) {
        hs_source_tensor *t = &source->tensors[i];
        t->known = hs_vgg16_of_torch(kind, t->layer, t->tensor, &t->layer, &t->tensor);
    }
exit:
    return status;
}

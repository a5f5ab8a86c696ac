#include "train/pretrained_source.h"

#include "io/file.h"
#include "train/checkpoint.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- lists ------------------------------------------------------------------------------------
 */
void hs_source_make_list(hs_source *source, int count)
{
    source->count = count;
    source->tensors = hs_arena_take(&source->arena, sizeof *source->tensors * (size_t)count);
}

/* Control characters of a foreign name would reach the terminal. */
void hs_source_set_key(hs_source *source, hs_source_tensor *tensor, const char *key)
{
    char *shown = hs_arena_string(&source->arena, key);
    tensor->key = hs_arena_string(&source->arena, key);
    tensor->shown = shown;
    for (; *shown; shown++)
        if ((unsigned char)*shown < 0x20 || *shown == 0x7F)
            *shown = '?';
}

void hs_source_cut(hs_source *source, hs_source_tensor *tensor, char separator)
{
    const char *last = strrchr(tensor->shown, separator);
    int length = last ? (int)(last - tensor->shown) : 0;
    tensor->layer = hs_arena_format(&source->arena, "%.*s", length, tensor->shown);
    tensor->tensor = last ? last + 1 : tensor->shown;
}

/* ---- HDF5 -------------------------------------------------------------------------------------
 */
static const char *path_of(const hs_source *source, const char *key, hs_arena *arena)
{
    return hs_arena_format(arena, "%s/%s", source->root, key);
}

static hs_status read_h5(const hs_source *source, const hs_source_tensor *tensor, hs_h5_rows *take,
                         void *context)
{
    hs_arena arena = {0};
    hs_status status = hs_h5_convert_rows(source->h5, path_of(source, tensor->key, &arena),
                                          HS_H5_REAL, tensor->rank, tensor->dims, take, context);
    hs_arena_free(&arena);
    return status;
}

hs_status hs_source_list_h5(hs_source *source)
{
    hs_status status;
    const char *const *keys;
    int count;
    HS_TRY(hs_h5_list_arrays(source->h5, *source->root ? source->root : "/", &source->arena, &count,
                             &keys));
    hs_source_make_list(source, count);
    for (int i = 0; i < count; i++) {
        hs_source_tensor *t = &source->tensors[i];
        hs_h5_type type;
        hs_source_set_key(source, t, keys[i]);
        HS_TRY(hs_h5_shape(source->h5, path_of(source, keys[i], &source->arena), &type, &t->rank,
                           t->dims));
        t->type = hs_h5_type_name(type);
        hs_source_cut(source, t, '/');
    }
exit:
    return status;
}

static hs_status open_checkpoint(hs_source *source)
{
    hs_status status;
    hs_checkpoint_info info;
    source->kind = "checkpoint";
    source->hint = "tensors are taken by name, layer and tensor: handseg info prints those of "
                   "either net";
    source->root = "/params";
    HS_TRY(hs_checkpoint_read_info(source->path, &source->arena, &info));
    source->labels = info.labels;
    source->classes = info.classes;
    HS_TRY(hs_source_list_h5(source));
    for (int i = 0; i < source->count; i++)
        source->tensors[i].known = true;
exit:
    return status;
}

static hs_status open_h5(hs_source *source)
{
    hs_status status;
    source->read = read_h5;
    HS_TRY(hs_h5_open(source->path, &source->h5));
    if (hs_checkpoint_is(source->h5))
        return open_checkpoint(source);
    if (hs_source_is_keras(source->h5))
        return hs_source_open_keras(source);
    status = hs_error(HS_ERR_FORMAT, "checkpoints are best.h5 and last.h5 of a run folder",
                      "%s: got an HDF5 file of another kind, expected a checkpoint or a model of "
                      "Keras",
                      source->path);
exit:
    return status;
}

/* ---- kinds ------------------------------------------------------------------------------------
 */
static const struct {
    const char *start; /* how such a file begins */
    size_t size;
    const char *kind;
} others[] = {
    {"PK\3\4", 4, "a zip archive, such as a .pth of PyTorch or a .keras of Keras"},
    {"\x80\x02", 2, "a pickle, such as an old .pth of PyTorch"},
};

static const char write_hint[] =
    "write it anew: in PyTorch safetensors.torch.save_file(model.state_dict(), "
    "\"vgg16.safetensors\"), in Keras model.save(\"vgg16.h5\")";

static hs_status refuse(const char *path, const unsigned char *start, size_t size)
{
    const char *kind = size ? "another file" : "an empty file";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (size >= others[i].size && memcmp(start, others[i].start, others[i].size) == 0)
            kind = others[i].kind;
    return hs_error(HS_ERR_FORMAT, write_hint,
                    "%s: got %s, expected a checkpoint, a safetensors file or an HDF5 file of "
                    "Keras",
                    path, kind);
}

hs_status hs_source_open(const char *path, hs_source *source)
{
    static const char hdf5[] = "\x89HDF\r\n\x1a\n";
    unsigned char start[16];
    source->path = path;
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_file_open_error(path, errno);
    size_t size = fread(start, 1, sizeof start, file);
    int err = ferror(file) ? errno : 0;
    fclose(file);
    if (err)
        return hs_file_open_error(path, err);
    if (size >= sizeof hdf5 - 1 && memcmp(start, hdf5, sizeof hdf5 - 1) == 0)
        return open_h5(source);
    if (hs_safetensors_begin(start, size))
        return hs_source_open_safetensors(source);
    return refuse(path, start, size);
}

void hs_source_close(hs_source *source)
{
    hs_h5_close(source->h5);
    hs_safetensors_close(source->safetensors);
    hs_arena_free(&source->arena);
}

#include "train/pretrained_source.h"

#include "train/checkpoint.h"
#include <stdio.h>
#include <string.h>

/* Control characters of a foreign name would reach the terminal. */
static const char *printable(hs_arena *arena, const char *name)
{
    char *copy = hs_arena_string(arena, name);
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = '?';
    return copy;
}

void hs_source_split(hs_source *source, hs_source_tensor *tensor, char separator)
{
    const char *last = strrchr(tensor->shown, separator);
    int length = last ? (int)(last - tensor->shown) : 0;
    tensor->layer = hs_arena_format(&source->arena, "%.*s", length, tensor->shown);
    tensor->tensor = last ? last + 1 : tensor->shown;
}

/* ---- HDF5 -------------------------------------------------------------------------------------
 */
static hs_status read_h5(const hs_source *source, const hs_source_tensor *tensor, hs_h5_rows *take,
                         void *context)
{
    char name[1024];
    snprintf(name, sizeof name, "%s/%s", source->root, tensor->key);
    return hs_h5_convert_rows(source->h5, name, HS_H5_REAL, tensor->rank, tensor->dims, take,
                              context);
}

/* All arrays below the root. */
static hs_status list_h5(hs_source *source)
{
    hs_status status;
    const char *const *names;
    HS_TRY(hs_h5_list_arrays(source->h5, source->root, &source->arena, &source->count, &names));
    source->tensors =
        hs_arena_take(&source->arena, sizeof *source->tensors * (size_t)source->count);
    for (int i = 0; i < source->count; i++) {
        hs_source_tensor *t = &source->tensors[i];
        hs_h5_type type;
        t->key = names[i];
        t->shown = printable(&source->arena, names[i]);
        char name[1024];
        snprintf(name, sizeof name, "%s/%s", source->root, t->key);
        HS_TRY(hs_h5_shape(source->h5, name, &type, &t->rank, t->dims));
        t->type = hs_h5_type_name(type);
        hs_source_split(source, t, '/');
    }
exit:
    return status;
}

static hs_status open_checkpoint(hs_source *source)
{
    hs_status status;
    hs_checkpoint_info info;
    source->kind = "checkpoint";
    source->hint = "layers are taken by name: give them the names they have in the checkpoint's "
                   "net, see handseg info";
    source->root = "/params";
    HS_TRY(hs_checkpoint_read_info(source->path, &source->arena, &info));
    source->labels = info.labels;
    source->classes = info.classes;
    HS_TRY(list_h5(source));
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
    status = hs_error(HS_ERR_FORMAT, "checkpoints are best.h5 and last.h5 of a run folder",
                      "%s: got an HDF5 file without /params and config, expected a checkpoint",
                      source->path);
exit:
    return status;
}

hs_status hs_source_open(const char *path, hs_source *source)
{
    source->path = path;
    return open_h5(source);
}

void hs_source_close(hs_source *source)
{
    hs_h5_close(source->h5);
    hs_arena_free(&source->arena);
}

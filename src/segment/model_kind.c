#include "segment/model_kind.h"

#include "io/file.h"

static const hs_model_kind *const kinds[] = {
#define HS_MODEL_KIND(name) &hs_model_kind_##name,
#include "segment/model_kinds.def"
#undef HS_MODEL_KIND
};
enum { KINDS = sizeof kinds / sizeof *kinds };

hs_status hs_model_file_open(hs_model_file *file, const char *path)
{
    bool text;
    file->path = path;
    hs_status status = hs_file_is_text(path, &text);
    if (status != HS_OK)
        return status;
    return text ? hs_ini_read(&file->ini, path) : hs_h5_open(path, &file->h5);
}

void hs_model_file_close(hs_model_file *file)
{
    hs_h5_close(file->h5);
    hs_ini_free(&file->ini);
    *file = (hs_model_file){0};
}

hs_status hs_model_kind_of(const hs_model_file *file, const hs_model_kind **kind)
{
    hs_arena arena = {0};
    const char *list = "";
    for (int i = 0; i < KINDS; i++) {
        *kind = kinds[i];
        if (kinds[i]->knows(file))
            return HS_OK;
    }
    *kind = NULL;
    for (int i = KINDS - 1; i >= 0; i--) /* the usual one is the last to be asked */
        list = hs_arena_format(&arena, "%s%s%s", list, *list ? " or " : "", kinds[i]->what);
    hs_status status = hs_error(HS_ERR_FORMAT, NULL, "%s: got %s that is no model, expected %s",
                                file->path, file->h5 ? "an HDF5 file" : "text", list);
    hs_arena_free(&arena);
    return status;
}

hs_status hs_describe(const hs_describe_request *request, FILE *out)
{
    hs_model_file file = {0};
    const hs_model_kind *kind;
    hs_status status;
    HS_TRY(hs_model_file_open(&file, request->path));
    HS_TRY(hs_model_kind_of(&file, &kind));
    HS_TRY(kind->describe(request, out));
exit:
    hs_model_file_close(&file);
    return status;
}

hs_status hs_bench_model(const hs_bench_request *request, bool json, FILE *out)
{
    hs_model_file file = {0};
    const hs_model_kind *kind;
    hs_status status;
    HS_TRY(hs_model_file_open(&file, request->path));
    HS_TRY(hs_model_kind_of(&file, &kind));
    status = kind->bench(request, json, out);
exit:
    hs_model_file_close(&file);
    return status;
}

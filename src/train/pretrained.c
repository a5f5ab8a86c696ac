#include "train/pretrained.h"

#include "train/pretrained_source.h"
#include <stdlib.h>
#include <string.h>

/* ---- shapes -----------------------------------------------------------------------------------
 */
enum { COLOURS = 3 };

/* How the numbers of a tensor become a parameter. */
typedef struct change {
    bool summed;     /* over colours */
    bool reshaped;   /* a matrix becomes kernels */
    bool transposed; /* the file has the output channels last */
} change;

/* Axes of a kernel as PyTorch has them. */
enum { OUT, IN, ROWS, COLUMNS };

/* Whether kernels or a matrix can become the kernels dims[4]. */
static bool kernels_fit(const hs_source *source, const hs_source_tensor *t, const int64_t dims[4],
                        change *how)
{
    static const int first[] = {OUT, IN, ROWS, COLUMNS}, last[] = {ROWS, COLUMNS, IN, OUT};
    how->transposed = source->channels_last;
    how->reshaped = t->rank == 2;
    if (how->reshaped)
        return t->dims[source->channels_last] == dims[OUT] &&
               t->dims[!source->channels_last] == dims[IN] * dims[ROWS] * dims[COLUMNS];
    int64_t got[4] = {0};
    for (int i = 0; i < 4 && t->rank == 4; i++)
        got[(source->channels_last ? last : first)[i]] = t->dims[i];
    how->summed = got[IN] == COLOURS && dims[IN] == 1;
    return got[OUT] == dims[OUT] && (how->summed || got[IN] == dims[IN]) &&
           got[ROWS] == dims[ROWS] && got[COLUMNS] == dims[COLUMNS];
}

static bool fits(const hs_source *source, const hs_source_tensor *t, const hs_param_info *info,
                 change *how)
{
    *how = (change){0};
    if (source->foreign && info->rank == 4)
        return kernels_fit(source, t, info->dims, how);
    bool same = t->rank == info->rank;
    for (int i = 0; same && i < t->rank; i++)
        same = t->dims[i] == info->dims[i];
    return same;
}

/* ---- copying ----------------------------------------------------------------------------------
 */
typedef struct taking {
    const hs_param *p;
    hs_real *base;
    int64_t row; /* numbers of a row of the file's first dimension */
    change how;
} taking;

/* Adds up `parts` stretches of `length` numbers, for each of `count` such groups, in place. */
static void sum_parts(hs_real *numbers, int64_t count, int64_t parts, int64_t length)
{
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = 0; k < length; k++) {
            double sum = 0;
            for (int64_t part = 0; part < parts; part++)
                sum += (double)numbers[(i * parts + part) * length + k];
            numbers[i * length + k] = (hs_real)sum;
        }
}

static void take_rows(void *context, int64_t first, int64_t count, void *rows)
{
    const taking *t = context;
    if (!t->how.transposed) {
        if (t->how.summed)
            sum_parts(rows, count, COLOURS, t->row / COLOURS);
        hs_param_from_dense(t->p, t->base, first, count, rows);
        return;
    }
    int64_t width = t->p->dims[0], lines = t->row / width;
    if (t->how.summed) {
        lines /= COLOURS;
        sum_parts(rows, count * lines, COLOURS, width);
    }
    hs_param_from_lines(t->p, t->base, first * lines, count * lines, rows);
}

static hs_status take(const hs_source *source, const hs_source_tensor *tensor, hs_params *params,
                      int index, change how)
{
    const hs_param *p = &params->params[index];
    taking t = {.p = p, .base = p->trained ? params->values : params->statistics, .row = 1};
    t.how = how;
    for (int i = 1; i < tensor->rank; i++)
        t.row *= tensor->dims[i];
    return source->read(source, tensor, take_rows, &t);
}

/* ---- the report -------------------------------------------------------------------------------
 */
static const char *shape_text(hs_arena *arena, int rank, const int64_t *dims)
{
    const char *text = rank ? "" : "1";
    for (int i = 0; i < rank; i++)
        text = hs_arena_format(arena, "%s%s%lld", text, i ? "x" : "", (long long)dims[i]);
    return text;
}

static const char *done_text(hs_arena *arena, const hs_source_tensor *t, change how)
{
    const struct {
        bool done;
        const char *text;
    } all[] = {{how.summed, "summed"},
               {how.reshaped, "reshaped"},
               {how.transposed, "transposed"},
               {strcmp(t->type, "float32") != 0, hs_arena_format(arena, "from %s", t->type)}};
    const char *text = "";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].done)
            text = hs_arena_format(arena, "%s%s%s", text, *text ? ", " : "", all[i].text);
    return text;
}

static hs_pretrained_row *add_row(hs_pretrained_report *report, hs_fate fate,
                                  const hs_source_tensor *t, const hs_param_info *info)
{
    hs_arena *a = &report->arena;
    hs_pretrained_row *row = &report->rows[report->count++];
    *row = (hs_pretrained_row){
        .fate = fate,
        .layer = hs_arena_string(a, info ? info->layer : t->layer),
        .tensor = hs_arena_string(a, info ? info->name : t->tensor),
        .done = "",
        .file_tensor = t ? hs_arena_string(a, t->shown) : "",
        .file_shape = t ? shape_text(a, t->rank, t->dims) : "",
        .net_shape = info ? shape_text(a, info->rank, info->dims) : "",
    };
    return row;
}

void hs_pretrained_report_free(hs_pretrained_report *report)
{
    hs_arena_free(&report->arena);
}

/* ---- the whole --------------------------------------------------------------------------------
 */
static int find(const hs_source *source, const hs_param_info *info)
{
    for (int i = 0; i < source->count; i++)
        if (source->tensors[i].known && !strcmp(source->tensors[i].layer, info->layer) &&
            !strcmp(source->tensors[i].tensor, info->name))
            return i;
    return -1;
}

/* As many scores with other labels would be taken for what they are not; scores of another number
 * differ in shape. */
static hs_status check_labels(const hs_source *source, const hs_dataset_info *data)
{
    for (int c = 0; source->classes == data->classes && c < data->classes; c++)
        if (strcmp(source->labels[c], data->labels[c]) != 0)
            return hs_error(HS_ERR_DATA, NULL,
                            "%s: got a checkpoint of other labels: class %d is '%s', expected '%s'",
                            source->path, c, source->labels[c], data->labels[c]);
    return HS_OK;
}

static hs_status nothing_taken(const hs_source *source, const hs_params *params)
{
    const hs_source_tensor *t = source->tensors;
    const hs_param_info *info = params->infos;
    return hs_error(HS_ERR_DATA, source->hint,
                    "%s (%s): got %d tensors, none with the name and shape of one of the net: the "
                    "first is %s in the file, %s/%s in the net",
                    source->path, source->kind, source->count, source->count ? t->shown : "none",
                    info->layer, info->name);
}

static hs_status take_all(const hs_source *source, hs_params *params, hs_pretrained_report *report)
{
    hs_status status = HS_OK;
    int taken = 0;
    bool *met = calloc((size_t)source->count + 1, sizeof *met);
    if (!met)
        return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for its list", source->path);
    for (int i = 0; i < params->count; i++) {
        const hs_param_info *info = &params->infos[i];
        int at = find(source, info);
        const hs_source_tensor *t = at < 0 ? NULL : &source->tensors[at];
        change how;
        if (!t) {
            add_row(report, HS_FATE_FRESH, NULL, info);
            continue;
        }
        met[at] = true;
        if (!fits(source, t, info, &how)) {
            add_row(report, HS_FATE_DIFFERS, t, info);
            continue;
        }
        HS_TRY(take(source, t, params, i, how));
        add_row(report, HS_FATE_TAKEN, t, info)->done = done_text(&report->arena, t, how);
        taken++;
    }
    for (int i = 0; i < source->count; i++)
        if (!met[i])
            add_row(report, HS_FATE_LEFT, &source->tensors[i], NULL);
    if (taken == 0)
        status = nothing_taken(source, params);
exit:
    free(met);
    return status;
}

static hs_status check_finite(const hs_source *source, const hs_params *params)
{
    const char *layer = hs_params_find_nonfinite(params);
    return layer ? hs_error(HS_ERR_NONFINITE, NULL,
                            "%s: layer '%s': got a number that is not finite", source->path, layer)
                 : HS_OK;
}

hs_status hs_pretrained_read(const char *path, const hs_dataset_info *data, hs_params *params,
                             hs_pretrained_report *report)
{
    hs_status status;
    hs_source source = {0};
    *report = (hs_pretrained_report){0};
    HS_TRY(hs_source_open(path, &source));
    HS_TRY(check_labels(&source, data));
    report->file = hs_arena_string(&report->arena, path);
    report->kind = hs_arena_string(&report->arena, source.kind);
    size_t most = (size_t)source.count + (size_t)params->count;
    report->rows = hs_arena_take(&report->arena, sizeof *report->rows * most);
    HS_TRY(take_all(&source, params, report));
    HS_TRY(check_finite(&source, params));
exit:
    hs_source_close(&source);
    return status;
}

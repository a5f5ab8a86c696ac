#include "segment/evaluation.h"

#include "eval/evaluator.h"
#include "io/file.h"
#include "report/metrics_table.h"
#include "segment/frame_rows.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const hs_merged_labels[HS_MERGED_CLASSES] = {"background", "hand"};

/* Everything open while it runs. */
typedef struct job {
    const hs_evaluation_request *request;
    hs_arena arena;
    hs_evaluation_data data;
    const char *const *labels; /* of the tables */
    int classes;
    bool merge_hands; /* asked for, or all that the set can say */
    hs_model *model;
    hs_picks picks;
    hs_new_file rows; /* frames.csv, where tables are written */
    hs_evaluation result;
    hs_metrics metrics;
} job;

/* ---- opening ---------------------------------------------------------------------------------
 */
static const char *list_labels(hs_arena *arena, const char *const *labels, int n)
{
    const char *list = "";
    for (int i = 0; i < n; i++)
        list = hs_arena_format(arena, "%s%s%s", list, i ? ", " : "", labels[i]);
    return list;
}

hs_status hs_evaluation_check_labels(const hs_evaluation_data *data, const hs_model *model,
                                     const char *hint)
{
    hs_arena arena = {0};
    int classes = hs_model_classes(model);
    bool same = classes == data->classes;
    for (int c = 0; same && c < classes; c++)
        same = strcmp(model->labels[c], data->labels[c]) == 0;
    if (same)
        return HS_OK;
    hs_status status =
        hs_error(HS_ERR_DATA, hint, "%s: got the labels (%s), expected those of %s (%s)",
                 data->path, list_labels(&arena, data->labels, data->classes), model->path,
                 list_labels(&arena, model->labels, classes));
    hs_arena_free(&arena);
    return status;
}

static const char *file_in(job *j, const char *name)
{
    return hs_arena_format(&j->arena, "%s/%s", j->request->out, name);
}

static const hs_frame_info *frame_about(const void *data, uint32_t frame)
{
    return hs_evaluation_data_frame(data, frame);
}

static hs_status check_request(const hs_evaluation_request *r)
{
    if (r->overlays || (!r->worst && !r->frames))
        return HS_OK;
    return hs_error(HS_ERR_USAGE, "name a folder for the pictures: --overlays DIR",
                    "evaluate: %s: got it without --overlays, whose pictures it chooses",
                    r->frames ? "--frames" : "--worst");
}

static hs_status open_job(job *j)
{
    const hs_evaluation_request *r = j->request;
    hs_status status;
    hs_evaluation_data *d = &j->data;
    HS_TRY(check_request(r));
    HS_TRY(hs_evaluation_data_open(d, r->data, r->split));
    j->merge_hands = r->merge_hands || d->one_hand;
    j->labels = j->merge_hands ? hs_merged_labels : d->labels;
    j->classes = j->merge_hands ? HS_MERGED_CLASSES : d->classes;
    int32_t batch = d->count < (uint32_t)r->batch ? (int32_t)d->count : r->batch;
    HS_TRY(hs_model_load(r->model, batch, &j->model));
    if (!j->merge_hands)
        HS_TRY(hs_evaluation_check_labels(d, j->model,
                                          "compare hands of any kind with --merge-hands"));
    if (r->frames)
        HS_TRY(hs_picks_named(&j->picks, d->path, frame_about, d, d->frames, d->count, r->frames));
    else
        hs_picks_spread(&j->picks, d->frames, d->count, r->worst ? r->worst : HS_EVALUATION_WORST);
    if (r->overlays)
        HS_TRY(hs_folder_make(r->overlays));
    if (r->out) {
        HS_TRY(hs_folder_make(r->out));
        HS_TRY(hs_frame_rows_open(&j->rows, file_in(j, "frames.csv"), j->labels, j->classes, NULL));
    }
exit:
    return status;
}

/* ---- frame by frame --------------------------------------------------------------------------
 */
static hs_status visit(void *user, const hs_frame_result *result)
{
    job *j = user;
    hs_metrics metrics = hs_metrics_of(&result->confusion);
    hs_picks_see(&j->picks, result->frame, metrics.hands.iou);
    if (!j->rows.file)
        return HS_OK;
    hs_frame_rows_add(j->rows.file, hs_evaluation_data_frame(&j->data, result->frame), &metrics,
                      NULL);
    return HS_OK;
}

static hs_status run(job *j)
{
    hs_evaluate_options options = {.frames = j->data.frames,
                                   .count = j->data.count,
                                   .merge_hands = j->merge_hands,
                                   .progress = "evaluating",
                                   .visit = visit,
                                   .user = j};
    hs_status status = hs_evaluation_data_run(&j->data, j->model->segmenter, &options, &j->result);
    j->metrics = hs_metrics_of(&j->result.confusion);
    return status;
}

/* ---- tables ----------------------------------------------------------------------------------
 */
enum { CLASSES, CONFUSION, MODELS, TABLES };

static hs_table confusion_table(const job *j)
{
    const hs_confusion *counts = &j->result.confusion;
    hs_table table = hs_table_make("confusion", "pixels of each true class (rows) that were given "
                                                "each label (columns)");
    hs_table_text_column(&table, "truth", "truth");
    for (int c = counts->classes - 1; c >= 0; c--)
        hs_table_number_column(&table, j->labels[c], j->labels[c], 0, 1);
    for (int t = counts->classes - 1; t >= 0; t--) {
        hs_cell *cell = hs_table_row(&table)->cells;
        cell->text = hs_arena_string(&table.arena, j->labels[t]);
        for (int p = counts->classes - 1; p >= 0; p--)
            (++cell)->number = (double)counts->count[t][p];
    }
    return table;
}

static void make_tables(job *j, hs_table tables[TABLES])
{
    const hs_evaluation_request *r = j->request;
    const hs_evaluation_data *d = &j->data;
    const char *title = hs_arena_format(
        &j->arena, "%s on %s, %s%s%u frame%s%s%s", r->model, r->data, d->split ? d->split : "",
        d->split ? " split, " : "", d->count, d->count == 1 ? "" : "s", d->one_hand ? "; " : "",
        d->one_hand ? d->one_hand : "");
    tables[CLASSES] = hs_metrics_class_table(&j->metrics, j->labels, title);
    tables[CONFUSION] = confusion_table(j);
    tables[MODELS] = hs_metrics_model_table(j->labels, j->classes, title);
    hs_metrics_model_row(&tables[MODELS], r->model, &j->metrics);
}

static void write_figure(FILE *file, const char *name, double value)
{
    fprintf(file, "%-29s", name);
    if (isnan(value))
        fputs("-\n", file);
    else
        fprintf(file, "%6.2f %%\n", 100 * value);
}

/* As text the row of the model, too wide for a terminal, is a list of its first figures. */
static void write_tables(const job *j, const hs_table *tables, hs_table_format format, FILE *file)
{
    if (format != HS_TABLE_TEXT) {
        hs_tables_write(tables, TABLES, format, file);
        return;
    }
    hs_tables_write(tables, MODELS, format, file);
    fputc('\n', file);
    write_figure(file, "hand mIoU (iou)", j->metrics.hands.iou);
    write_figure(file, "hand mIoU (iou_binary_mean)", j->metrics.hands.iou_binary_mean);
    write_figure(file, "mIoU of all classes (iou)", j->metrics.all.iou);
    write_figure(file, "pixel accuracy", j->metrics.accuracy);
}

static hs_status save_tables(job *j, const hs_table *tables)
{
    static const char *const names[] = {
        [HS_TABLE_TEXT] = "table.txt",  [HS_TABLE_CSV] = "table.csv",
        [HS_TABLE_JSON] = "table.json", [HS_TABLE_MARKDOWN] = "table.md",
        [HS_TABLE_LATEX] = "table.tex",
    };
    hs_status status;
    hs_new_file out = {0};
    HS_TRY(hs_new_file_commit(&j->rows));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        HS_TRY(hs_new_file_open(&out, file_in(j, names[i])));
        write_tables(j, tables, (hs_table_format)i, out.file);
        HS_TRY(hs_new_file_commit(&out));
        hs_new_file_drop(&out);
    }
    HS_TRY(hs_new_file_open(&out, file_in(j, "confusion.csv")));
    hs_tables_write(&tables[CONFUSION], 1, HS_TABLE_CSV, out.file);
    HS_TRY(hs_new_file_commit(&out));
exit:
    hs_new_file_drop(&out);
    return status;
}

/* The figures are printed first: a full disk does not cost them. */
static hs_status report(job *j, FILE *file)
{
    hs_status status = HS_OK;
    hs_table tables[TABLES];
    make_tables(j, tables);
    write_tables(j, tables, j->request->format, file);
    fflush(file);
    if (j->request->out)
        HS_TRY(save_tables(j, tables));
    if (j->request->overlays)
        HS_TRY(hs_draw_picks(j->model, &j->data, &j->picks, j->merge_hands, j->request->overlays));
exit:
    for (int i = 0; i < TABLES; i++)
        hs_table_free(&tables[i]);
    return status;
}

hs_status hs_evaluate_model(const hs_evaluation_request *request, FILE *file)
{
    job j = {.request = request};
    hs_status status;
    HS_TRY(open_job(&j));
    HS_TRY(run(&j));
    HS_TRY(report(&j, file));
exit:
    hs_new_file_drop(&j.rows);
    hs_model_destroy(j.model);
    hs_evaluation_data_close(&j.data);
    hs_arena_free(&j.arena);
    return status;
}

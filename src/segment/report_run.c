#include "segment/report_run.h"

#include "segment/frame_rows.h"
#include "segment/model_kind.h"
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- opening ----------------------------------------------------------------------------------
 */
static hs_status open_data(hs_report_run *run, const hs_report_request *request)
{
    const hs_run_source *s = &run->source;
    const char *path = request->data ? request->data : s->data;
    hs_status status;
    if (!path)
        return hs_error(HS_ERR_USAGE, "name the data set with --data F.h5",
                        "report: %s: got a configuration without data.file, and no --data",
                        s->path);
    if (!request->data && access(path, R_OK) != 0)
        return hs_error(HS_ERR_IO,
                        "it has moved, or the path counts from another folder: name it "
                        "with --data F.h5",
                        "report: %s: data.file: got %s, which cannot be read", s->path, path);
    HS_TRY(hs_evaluation_data_open(&run->data, path, request->split));
    if (run->data.count < HS_REPORT_LEAST_FRAMES)
        return hs_error(HS_ERR_DATA, "choose another split with --split",
                        "report: %s: got %u frame%s in the %s split, expected at least %d: an "
                        "interval of fewer says nothing",
                        path, run->data.count, run->data.count == 1 ? "" : "s",
                        run->data.split ? run->data.split : "whole", HS_REPORT_LEAST_FRAMES);
    run->merged = run->data.one_hand     ? run->data.one_hand
                  : request->merge_hands ? "left and right count as one, as was asked for"
                                         : NULL;
exit:
    return status;
}

static hs_status look_at_model(hs_report_run *run)
{
    hs_model *model;
    hs_status status;
    HS_TRY(hs_model_load(run->source.model, 1, &model));
    if (!run->merged)
        HS_TRY(hs_evaluation_check_labels(&run->data, model,
                                          "evaluate it on data of its labels, --data F.h5, or "
                                          "compare hands of any kind with --merge-hands"));
    const char **labels =
        hs_arena_take(&run->arena, sizeof *labels * (size_t)model->segmenter->classes);
    run->model_classes = model->segmenter->classes;
    for (int c = 0; c < run->model_classes; c++)
        labels[c] = hs_arena_string(&run->arena, model->labels[c]);
    run->model_labels = labels;
    run->classes = run->merged ? HS_MERGED_CLASSES : run->model_classes;
    run->labels = run->merged ? hs_merged_labels : run->model_labels;
    run->kind = model->kind->what;
    run->height = model->segmenter->height;
    run->width = model->segmenter->width;
exit:
    hs_model_destroy(model);
    return status;
}

hs_status hs_report_run_open(hs_report_run *run, const hs_report_request *request, const char *path)
{
    hs_status status;
    HS_TRY(hs_run_source_read(&run->source, path));
    HS_TRY(open_data(run, request));
    HS_TRY(look_at_model(run));
    if (run->source.log)
        HS_TRY(hs_run_curves_read(run->source.log, run->model_labels, run->model_classes,
                                  &run->curves));
exit:
    return status;
}

void hs_report_run_close(hs_report_run *run)
{
    hs_run_curves_free(&run->curves);
    hs_run_source_free(&run->source);
    hs_evaluation_data_close(&run->data);
    hs_unit_counts_free(&run->frames);
    hs_unit_counts_free(&run->by_person);
    hs_drawn_picks_free(&run->worst);
    free(run->figures);
    hs_arena_free(&run->arena);
    *run = (hs_report_run){0};
}

/* ---- frame by frame ---------------------------------------------------------------------------
 */
typedef struct counting {
    hs_report_run *run;
    const hs_segmenter *segmenter;
    FILE *rows;
    hs_picks picks;
    hs_boundary boundary;
    double sum[HS_METRICS_CLASSES]; /* of boundary scores */
    uint32_t scored[HS_METRICS_CLASSES];
    float *probabilities; /* [model_classes][height][width]; NULL: the model gives none */
    uint32_t done;        /* frames */
} counting;

/* The mean of the scores of the hands that there are; NaN where there are none. */
static double score_boundaries(counting *c, const hs_frame_result *result)
{
    double sum = 0;
    int scored = 0;
    for (int label = 1; label < c->run->classes; label++) {
        double score =
            hs_boundary_score(&c->boundary, result->truth, result->prediction, (uint8_t)label);
        if (isnan(score))
            continue;
        c->sum[label] += score;
        c->scored[label]++;
        sum += score;
        scored++;
    }
    return scored ? sum / scored : NAN;
}

/* The probability of a hand is the sum over the hands. */
static void merge_probabilities(const hs_report_run *run, float *probabilities)
{
    size_t area = (size_t)run->height * (size_t)run->width;
    for (int c = 2; c < run->model_classes; c++)
        for (size_t i = 0; i < area; i++)
            probabilities[area + i] += probabilities[(size_t)c * area + i];
}

/* A model of batches of one: what it says of the frame labelled last is of this frame. */
static hs_status visit(void *user, const hs_frame_result *result)
{
    counting *c = user;
    hs_report_run *run = c->run;
    hs_metrics metrics = hs_metrics_of(&result->confusion);
    double boundary = score_boundaries(c, result);
    hs_unit_counts_add(&run->frames, c->done++, &result->confusion);
    hs_picks_see(&c->picks, result->frame, metrics.hands.iou);
    if (c->probabilities) {
        c->segmenter->probabilities(c->segmenter->self, c->probabilities);
        if (run->merged)
            merge_probabilities(run, c->probabilities);
        hs_calibration_add(&run->calibration, result->truth, result->prediction, c->probabilities,
                           (int64_t)run->height * run->width);
    }
    hs_frame_rows_add(c->rows, hs_evaluation_data_frame(&run->data, result->frame), &metrics,
                      &boundary);
    return HS_OK;
}

static hs_status open_counting(counting *c, int worst)
{
    hs_report_run *run = c->run;
    size_t area = (size_t)run->height * (size_t)run->width;
    hs_status status;
    hs_picks_spread(&c->picks, run->data.frames, run->data.count, worst);
    HS_TRY(hs_boundary_init(&c->boundary, run->height, run->width));
    HS_TRY(hs_unit_counts_init(&run->frames, run->classes, run->data.count));
    run->calibrated = c->segmenter->probabilities != NULL;
    if (run->calibrated)
        HS_TRY(hs_allocate(sizeof *c->probabilities * area * (size_t)run->model_classes,
                           "probabilities", (void **)&c->probabilities));
exit:
    return status;
}

static void divide_boundaries(const counting *c)
{
    hs_report_run *run = c->run;
    double sum = 0;
    int hands = 0;
    run->boundary[0] = NAN;
    for (int label = 1; label < run->classes; label++) {
        run->boundary[label] = c->scored[label] ? c->sum[label] / c->scored[label] : NAN;
        sum += c->scored[label] ? run->boundary[label] : 0;
        hands += c->scored[label] > 0;
    }
    run->boundary_hands = hands ? sum / hands : NAN;
}

hs_status hs_report_run_evaluate(hs_report_run *run, const hs_report_request *request, FILE *rows,
                                 const char *progress)
{
    counting c = {.run = run, .rows = rows};
    hs_model *model;
    hs_evaluation result;
    hs_status status;
    HS_TRY(hs_model_load(run->source.model, 1, &model));
    c.segmenter = model->segmenter;
    HS_TRY(open_counting(&c, request->worst));
    const hs_evaluate_options options = {.frames = run->data.frames,
                                         .count = run->data.count,
                                         .merge_hands = run->merged != NULL,
                                         .progress = progress,
                                         .visit = visit,
                                         .user = &c};
    HS_TRY(hs_evaluation_data_run(&run->data, model->segmenter, &options, &result));
    run->confusion = result.confusion;
    run->metrics = hs_metrics_of(&result.confusion);
    divide_boundaries(&c);
    HS_TRY(hs_draw_worst(model, &run->data, &c.picks, run->merged != NULL, &run->worst));
exit:
    free(c.probabilities);
    hs_boundary_free(&c.boundary);
    hs_model_destroy(model);
    return status;
}

/* ---- resampling -------------------------------------------------------------------------------
 */
hs_status hs_report_run_resample(hs_report_run *run, const hs_report_request *request, double level)
{
    int32_t *subjects = NULL;
    hs_status status;
    uint32_t count = run->data.count;
    HS_TRY(hs_allocate(count * sizeof *subjects, "people", (void **)&subjects));
    for (uint32_t i = 0; i < count; i++)
        subjects[i] = hs_evaluation_data_frame(&run->data, run->data.frames[i])->subject;
    HS_TRY(hs_unit_counts_group(&run->frames, subjects, &run->by_person));
    const hs_dataset *dataset = run->data.dataset;
    bool unknown = dataset && hs_dataset_get_info(dataset)->subjects_unknown;
    run->people = unknown ? 0 : run->by_person.units;
    run->by_frame = request->by_frame || run->people < HS_REPORT_LEAST_PEOPLE;
    run->counts = run->by_frame ? &run->frames : &run->by_person;
    run->units = hs_arena_format(&run->arena, "%u %s", run->counts->units,
                                 run->by_frame ? "frames" : "people");
    HS_TRY(
        hs_allocate(request->samples * sizeof *run->figures, "resamples", (void **)&run->figures));
    hs_bootstrap_draw(run->counts, request->seed, request->samples, run->figures);
    HS_TRY(hs_bootstrap_interval(run->figures, request->samples,
                                 hs_bootstrap_tail(run->counts->units, level), &run->interval));
exit:
    free(subjects);
    return status;
}

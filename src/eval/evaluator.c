#include "eval/evaluator.h"

#include "base/log.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

hs_loader_config hs_evaluate_loader(int32_t batch, int32_t height, int32_t width,
                                    const uint32_t *frames, uint32_t count)
{
    return (hs_loader_config){.frames = frames,
                              .count = count,
                              .batch = (uint32_t)batch,
                              .height = height,
                              .width = width,
                              .raw = true,
                              .threads = 1,
                              .queue = 2};
}

/* What one evaluation works with. */
typedef struct job {
    const hs_segmenter *segmenter;
    const hs_evaluate_options *options;
    double depth_unit;
    uint8_t *labels; /* [batch][height][width] */
    hs_evaluation *result;
    double loss[2];
} job;

static hs_status count_batch(job *j, const hs_batch *batch)
{
    const hs_segmenter *l = j->segmenter;
    int32_t count = (int32_t)batch->fresh;
    int64_t area = (int64_t)l->height * l->width;
    hs_frame_batch frames = {.count = count, .depth = batch->raw, .depth_unit = j->depth_unit};
    hs_status status;
    HS_TRY(l->label(l->self, &frames, j->labels));
    if (j->options->class_weights)
        l->loss(l->self, batch->mask, count, j->options->class_weights, j->loss);
    for (int32_t i = 0; i < count; i++) {
        hs_frame_result frame = {.frame = batch->frame[i],
                                 .truth = batch->mask + i * area,
                                 .prediction = j->labels + i * area,
                                 .confusion = {.classes = l->classes}};
        HS_TRY(hs_confusion_add(&frame.confusion, frame.truth, frame.prediction, area));
        hs_confusion_merge(&j->result->confusion, &frame.confusion);
        if (j->options->visit)
            HS_TRY(j->options->visit(j->options->user, &frame));
    }
exit:
    return status;
}

static hs_status run_batches(job *j, hs_loader *loader)
{
    const hs_evaluate_options *o = j->options;
    hs_status status = HS_OK;
    hs_progress progress = {0};
    if (o->progress)
        progress = hs_progress_start(o->progress, "frames", 0, o->count);
    for (uint32_t done = 0; done < o->count;) {
        const hs_batch *batch;
        HS_TRY(hs_loader_next(loader, &batch));
        HS_TRY(count_batch(j, batch));
        done += batch->fresh;
        if (o->progress)
            hs_progress_update(&progress, done, NULL);
    }
    if (o->progress)
        hs_progress_finish(&progress, NULL);
exit:
    return status;
}

hs_status hs_evaluate(const hs_segmenter *l, const hs_dataset *dataset,
                      const hs_evaluate_options *options, hs_evaluation *result)
{
    hs_status status;
    hs_loader *loader = NULL;
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    job j = {.segmenter = l, .options = options, .depth_unit = info->depth_unit, .result = result};
    *result = (hs_evaluation){.confusion = {.classes = l->classes}, .loss = NAN};
    if (info->classes != l->classes)
        return hs_error(HS_ERR_DATA, NULL, "%s: got %d classes, expected the %d of the model",
                        hs_dataset_get_path(dataset), info->classes, l->classes);
    HS_TRY(hs_allocate((size_t)l->batch * (size_t)l->height * (size_t)l->width, "labels",
                       (void **)&j.labels));
    hs_loader_config config =
        hs_evaluate_loader(l->batch, l->height, l->width, options->frames, options->count);
    HS_TRY(hs_loader_create(dataset, &config, &loader));
    HS_TRY(run_batches(&j, loader));
    if (options->class_weights)
        result->loss = j.loss[1] > 0 ? j.loss[0] / j.loss[1] : 0;
exit:
    hs_loader_destroy(loader);
    free(j.labels);
    return status;
}

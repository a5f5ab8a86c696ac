#include "eval/evaluator.h"

#include "base/log.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    const hs_batch_source *source;
    uint8_t *labels, *truth; /* [batch][height][width]; truth only to merge hands in */
    hs_evaluation *result;
    double loss[2];
} job;

static hs_status count_batch(job *j, const hs_batch *batch)
{
    const hs_segmenter *l = j->segmenter;
    int32_t count = (int32_t)batch->fresh;
    int64_t area = (int64_t)l->height * l->width;
    const uint8_t *truth = batch->mask;
    hs_frame_batch frames = {.count = count,
                             .depth = batch->raw,
                             .depth_unit = j->source->depth_unit,
                             .color = batch->color};
    hs_status status;
    HS_TRY(l->label(l->self, &frames, j->labels));
    if (j->options->class_weights)
        l->loss(l->self, batch->mask, count, j->options->class_weights, j->loss);
    if (j->options->merge_hands) {
        memcpy(j->truth, batch->mask, (size_t)(count * area));
        hs_merge_hands(j->truth, count * area);
        hs_merge_hands(j->labels, count * area);
        truth = j->truth;
    }
    for (int32_t i = 0; i < count; i++) {
        hs_frame_result frame = {.frame = batch->frame[i],
                                 .truth = truth + i * area,
                                 .prediction = j->labels + i * area,
                                 .confusion = {.classes = j->result->confusion.classes}};
        HS_TRY(hs_confusion_add(&frame.confusion, frame.truth, frame.prediction, area));
        hs_confusion_merge(&j->result->confusion, &frame.confusion);
        if (j->options->visit)
            HS_TRY(j->options->visit(j->options->user, &frame));
    }
exit:
    return status;
}

static hs_status run_batches(job *j)
{
    const hs_evaluate_options *o = j->options;
    hs_status status = HS_OK;
    hs_progress progress = {0};
    if (o->progress)
        progress = hs_progress_start(o->progress, "frames", 0, o->count);
    for (uint32_t done = 0; done < o->count;) {
        const hs_batch *batch;
        HS_TRY(j->source->next(j->source->self, &batch));
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

hs_status hs_evaluate_batches(const hs_segmenter *l, const hs_batch_source *source,
                              const hs_evaluate_options *options, hs_evaluation *result)
{
    hs_status status;
    job j = {.segmenter = l, .options = options, .source = source, .result = result};
    size_t pixels = (size_t)l->batch * (size_t)l->height * (size_t)l->width;
    int classes = options->merge_hands ? 2 : l->classes;
    *result = (hs_evaluation){.confusion = {.classes = classes}, .loss = NAN};
    if (source->classes != l->classes && !options->merge_hands)
        return hs_error(HS_ERR_DATA, NULL, "%s: got %d classes, expected the %d of the model",
                        source->name, source->classes, l->classes);
    HS_TRY(hs_allocate(pixels, "labels", (void **)&j.labels));
    if (options->merge_hands)
        HS_TRY(hs_allocate(pixels, "labels", (void **)&j.truth));
    HS_TRY(run_batches(&j));
    if (options->class_weights)
        result->loss = j.loss[1] > 0 ? j.loss[0] / j.loss[1] : 0;
exit:
    free(j.labels);
    free(j.truth);
    return status;
}

static hs_status next_loaded(void *loader, const hs_batch **batch)
{
    return hs_loader_next(loader, batch);
}

hs_status hs_evaluate(const hs_segmenter *l, const hs_dataset *dataset,
                      const hs_evaluate_options *options, hs_evaluation *result)
{
    hs_status status;
    hs_loader *loader = NULL;
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    hs_loader_config config =
        hs_evaluate_loader(l->batch, l->height, l->width, options->frames, options->count);
    HS_TRY(hs_loader_create(dataset, &config, &loader));
    hs_batch_source source = {.self = loader,
                              .next = next_loaded,
                              .name = hs_dataset_get_path(dataset),
                              .classes = info->classes,
                              .depth_unit = info->depth_unit};
    HS_TRY(hs_evaluate_batches(l, &source, options, result));
exit:
    hs_loader_destroy(loader);
    return status;
}

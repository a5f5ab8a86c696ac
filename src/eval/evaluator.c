#include "eval/evaluator.h"

#include "base/log.h"
#include "base/memory.h"
#include "kernels/kernels.h"
#include <stdlib.h>

hs_loader_config hs_evaluate_loader(const hs_predictor *predictor, const hs_net_input *input,
                                    const uint32_t *frames, uint32_t count)
{
    return (hs_loader_config){.frames = frames,
                              .count = count,
                              .batch = (uint32_t)predictor->in.n,
                              .height = predictor->in.h,
                              .width = predictor->in.w,
                              .normalization = (hs_normalization)input->normalization,
                              .constant = input->scale,
                              .threads = 1,
                              .queue = 2};
}

/* What one evaluation works with. */
typedef struct job {
    hs_predictor *predictor;
    const hs_evaluate_options *options;
    hs_real weight[256];
    double *scratch;
    uint8_t *labels; /* [batch][height][width] */
    hs_evaluation *result;
    double loss[2];
} job;

/* The loss of the batch's first `count` frames. */
static void add_loss(job *j, const uint8_t *truth, int count)
{
    const hs_tensor *logits = hs_plan_tensor(j->predictor->plan, j->predictor->logits);
    int64_t pixels = hs_pixels(logits->shape) / logits->shape.n * count;
    double total[2];
    hs_kernels_get()->softmax_loss(logits->data, pixels, logits->shape.c, logits->pitch, truth,
                                   j->weight, j->scratch, total);
    j->loss[0] += total[0];
    j->loss[1] += total[1];
}

static hs_status count_batch(job *j, const hs_batch *batch, int count)
{
    hs_status status;
    hs_shape out = j->predictor->out;
    int64_t area = (int64_t)out.h * out.w;
    HS_TRY(hs_predictor_run(j->predictor, batch->depth, j->labels));
    add_loss(j, batch->mask, count);
    for (int i = 0; i < count; i++) {
        hs_frame_result frame = {.frame = batch->frame[i],
                                 .truth = batch->mask + i * area,
                                 .prediction = j->labels + i * area,
                                 .confusion = {.classes = out.c}};
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
        HS_TRY(count_batch(j, batch, (int)batch->fresh));
        done += batch->fresh;
        if (o->progress)
            hs_progress_update(&progress, done, NULL);
    }
    if (o->progress)
        hs_progress_finish(&progress, NULL);
exit:
    return status;
}

hs_status hs_evaluate(hs_predictor *predictor, const hs_net_input *input, const hs_dataset *dataset,
                      const hs_evaluate_options *options, hs_evaluation *result)
{
    hs_status status;
    hs_loader *loader = NULL;
    job j = {.predictor = predictor, .options = options, .result = result};
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    int classes = predictor->out.c;
    *result = (hs_evaluation){.confusion = {.classes = classes}};
    if (info->classes != classes)
        return hs_error(HS_ERR_DATA, NULL, "%s: got %d classes, expected the %d of the network",
                        hs_dataset_get_path(dataset), info->classes, classes);
    for (int c = 0; c < classes; c++)
        j.weight[c] = options->class_weights ? (hs_real)options->class_weights[c] : 1;
    int64_t pixels = hs_pixels(predictor->out);
    HS_TRY(hs_allocate((size_t)pixels, "labels", (void **)&j.labels));
    HS_TRY(hs_allocate(sizeof(double) * hs_kernels_get()->softmax_scratch(pixels), "loss",
                       (void **)&j.scratch));
    hs_loader_config config = hs_evaluate_loader(predictor, input, options->frames, options->count);
    HS_TRY(hs_loader_create(dataset, &config, &loader));
    hs_plan_refresh(predictor->plan);
    HS_TRY(run_batches(&j, loader));
    result->loss = j.loss[1] > 0 ? j.loss[0] / j.loss[1] : 0;
exit:
    hs_loader_destroy(loader);
    free(j.scratch);
    free(j.labels);
    return status;
}

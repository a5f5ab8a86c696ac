#include "eval/net_segmenter.h"

#include "base/memory.h"
#include "data/sample.h"
#include "handseg/dataset.h"
#include "kernels/kernels.h"
#include <math.h>
#include <stdlib.h>

static int64_t area_of(const hs_predictor *p)
{
    return (int64_t)p->in.h * p->in.w;
}

static hs_status label(void *self, const hs_frame_batch *frames, uint8_t *labels)
{
    hs_net_segmenter *l = self;
    hs_predictor *p = l->predictor;
    size_t area = (size_t)area_of(p);
    double constant =
        l->input.scale > 0 ? l->input.scale : hs_depth_normalization(frames->depth_unit);
    for (int32_t i = 0; i < frames->count; i++) {
        const uint16_t *depth = frames->depth + (size_t)i * area;
        float divisor =
            hs_depth_divisor(depth, area, (hs_normalization)l->input.normalization, constant);
        hs_depth_normalize(depth, area, divisor, l->images + (size_t)i * area);
    }
    return hs_error_context(hs_predictor_run(p, l->images, frames->count, labels), "%s", l->name);
}

static void probabilities(void *self, float *out)
{
    const hs_net_segmenter *l = self;
    const hs_tensor *logits = hs_plan_tensor(l->predictor->plan, l->predictor->logits);
    int32_t classes = logits->shape.c;
    int64_t area = area_of(l->predictor);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < area; i++) {
        const hs_real *x = (const hs_real *)logits->data + i * logits->pitch;
        double most = (double)x[0], sum = 0;
        for (int32_t c = 1; c < classes; c++)
            most = fmax(most, (double)x[c]);
        for (int32_t c = 0; c < classes; c++)
            sum += exp((double)x[c] - most);
        for (int32_t c = 0; c < classes; c++)
            out[c * area + i] = (float)(exp((double)x[c] - most) / sum);
    }
}

static void loss(void *self, const uint8_t *truth, int32_t count, const double *class_weights,
                 double total[2])
{
    const hs_net_segmenter *l = self;
    const hs_tensor *logits = hs_plan_tensor(l->predictor->plan, l->predictor->logits);
    hs_real weight[256] = {0};
    double sums[2];
    for (int32_t c = 0; c < logits->shape.c; c++)
        weight[c] = (hs_real)class_weights[c];
    hs_kernels_get()->softmax_loss(logits->data, count * area_of(l->predictor), logits->shape.c,
                                   logits->pitch, truth, weight, l->scratch, sums);
    total[0] += sums[0];
    total[1] += sums[1];
}

static size_t scratch_bytes(const hs_predictor *p)
{
    return sizeof(double) * hs_kernels_get()->softmax_scratch(hs_pixels(p->out));
}

hs_status hs_net_segmenter_init(hs_net_segmenter *l, const char *name, hs_predictor *p,
                                const hs_net_input *input)
{
    hs_status status;
    *l = (hs_net_segmenter){
        .segmenter = {l, p->in.n, p->in.h, p->in.w, p->out.c, label, probabilities, loss},
        .name = name,
        .predictor = p,
        .input = *input};
    HS_TRY(
        hs_allocate(sizeof *l->images * (size_t)hs_pixels(p->in), "frames", (void **)&l->images));
    HS_TRY(hs_allocate(scratch_bytes(p), "loss", (void **)&l->scratch));
exit:
    return status;
}

void hs_net_segmenter_free(hs_net_segmenter *l)
{
    free(l->images);
    free(l->scratch);
    *l = (hs_net_segmenter){0};
}

size_t hs_net_segmenter_bytes(const hs_predictor *p)
{
    return sizeof(hs_real) * (size_t)hs_pixels(p->in) + scratch_bytes(p);
}

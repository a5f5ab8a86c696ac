/* How fast a model of any kind labels frames here. */
#include "base/rng.h"
#include "base/text.h"
#include "kernels/kernels.h"
#include "segment/bench_measure.h"
#include "segment/model.h"
#include <stdlib.h>

typedef struct frame_job {
    hs_model *model;
    int32_t height, width;
    uint16_t *depth;
    uint8_t *color, *labels; /* color: NULL where the model needs none */
} frame_job;

/* A wall with measured depth everywhere, so that every pixel is work, and two arms' lengths before
 * it, noisy; of the colour of skin. */
static hs_status make_frame(frame_job *j, int32_t height, int32_t width)
{
    static const uint8_t skin[] = {205, 150, 125};
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_BENCH);
    size_t n = (size_t)height * (size_t)width;
    double metre = 1 / hs_model_depth_unit(j->model);
    hs_status status;
    j->height = height;
    j->width = width;
    HS_TRY(hs_allocate(sizeof *j->depth * n, "frame", (void **)&j->depth));
    HS_TRY(hs_allocate(n, "labels", (void **)&j->labels));
    if (hs_model_needs_color(j->model))
        HS_TRY(hs_allocate(3 * n, "colours", (void **)&j->color));
    for (size_t i = 0; i < n; i++) {
        double x = (double)(i % (size_t)width) / width, y = (double)(i / (size_t)width) / height;
        double place = x < 0.5 ? x - 0.3 : x - 0.7;
        bool near = y > 0.3 && place > -0.08 && place < 0.08;
        double z = (near ? 0.5 + 0.2 * y : 1.0 + 0.3 * x) + 0.004 * hs_rng_uniform(&rng);
        double counts = z * metre;
        j->depth[i] = (uint16_t)(counts > UINT16_MAX ? UINT16_MAX : counts);
        for (int c = 0; c < 3 && j->color; c++)
            j->color[3 * i + c] = near ? skin[c] : (uint8_t)hs_rng_below(&rng, 256);
    }
exit:
    return status;
}

static hs_status label_frame(void *user)
{
    frame_job *j = user;
    return hs_model_segment_color(j->model, j->depth, j->color, j->height, j->width, j->labels);
}

static hs_status measure(hs_model *model, int32_t height, int32_t width, double seconds, double *ms)
{
    frame_job j = {.model = model};
    hs_measurement m = {0};
    hs_status status;
    HS_TRY(make_frame(&j, height, width));
    HS_TRY(hs_measure(label_frame, NULL, &j, seconds, &m));
    *ms = 1e3 * m.seconds;
exit:
    free(j.depth);
    free(j.color);
    free(j.labels);
    return status;
}

hs_status hs_bench_labels(const hs_bench_request *r, bool json, FILE *file)
{
    hs_model *model = NULL;
    hs_status status;
    double own, camera;
    if (r->n > 0 || r->batch > 0)
        return hs_error(HS_ERR_USAGE, NULL,
                        "bench: %s: got --set or --batch, which are for networks", r->path);
    HS_TRY(hs_model_load(r->path, 1, &model));
    int32_t height = model->segmenter->height, width = model->segmenter->width;
    HS_TRY(measure(model, height, width, r->seconds, &own));
    HS_TRY(measure(model, HS_BENCH_PNG_HEIGHT, HS_BENCH_PNG_WIDTH, r->seconds, &camera));
    if (json) {
        hs_json out = hs_json_start(file);
        hs_json_open(&out, NULL, '{');
        hs_json_string(&out, "file", r->path);
        hs_json_integer(&out, "threads", hs_threads());
        hs_json_string(&out, "isa", hs_isa_name(hs_kernels_isa()));
        hs_json_integer(&out, "height", height);
        hs_json_integer(&out, "width", width);
        hs_json_number(&out, "latency_ms", own);
        hs_json_number(&out, "camera_latency_ms", camera);
        hs_json_close(&out, '}');
    } else {
        fprintf(file, "model       %s, %d threads, %s\n", r->path, hs_threads(),
                hs_isa_name(hs_kernels_isa()));
        fprintf(file, "one frame   %.3f ms of %dx%d, from memory to labels, all pixels measured\n",
                own, width, height);
        fprintf(file, "            %.3f ms of %dx%d, brought to that size and back\n", camera,
                HS_BENCH_PNG_WIDTH, HS_BENCH_PNG_HEIGHT);
    }
exit:
    hs_model_destroy(model);
    return status;
}

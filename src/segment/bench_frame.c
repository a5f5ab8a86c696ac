/* One frame of inference, from memory and from a PNG file. */
#include "segment/bench_measure.h"

#include "base/rng.h"
#include "eval/frame_segmenter.h"
#include "eval/net_segmenter.h"
#include "io/png.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct frame_job {
    hs_predictor predictor;
    hs_net_segmenter net;
    hs_frame_segmenter frames;
    hs_params *params;
    hs_real *images;
    uint8_t *labels; /* of the network's size, or of the PNG's: the larger */
    char path[512];  /* of the PNG */
    bool made;       /* it is there */
} frame_job;

static hs_status run_images(void *user)
{
    frame_job *j = user;
    return hs_predictor_run(&j->predictor, j->images, 1, j->labels);
}

/* As `handseg segment` does. */
static hs_status run_png(void *user)
{
    frame_job *j = user;
    uint16_t *depth;
    int width, height;
    hs_status status;
    HS_TRY(hs_png_read_u16(j->path, &depth, &width, &height));
    hs_frame frame = {
        .height = height, .width = width, .depth = depth, .depth_unit = HS_SR300_DEPTH_UNIT};
    status = hs_frame_segmenter_run(&j->frames, &frame, j->labels);
    free(depth);
exit:
    return status;
}

/* A wall that slants away, with four bits of noise: about as hard to compress as what a camera
 * gives. */
static hs_status write_png(frame_job *j)
{
    enum { W = HS_BENCH_PNG_WIDTH, H = HS_BENCH_PNG_HEIGHT };
    const char *folder = getenv("TMPDIR");
    uint16_t *depth = NULL;
    hs_status status;
    snprintf(j->path, sizeof j->path, "%s/handseg-bench-XXXXXX", folder ? folder : "/tmp");
    int file = mkstemp(j->path);
    if (file < 0)
        return hs_error_system(errno, "set TMPDIR to a folder for temporary files", "%s", j->path);
    close(file);
    j->made = true;
    HS_TRY(hs_allocate(sizeof *depth * W * H, "frame", (void **)&depth));
    hs_rng rng = hs_rng_make(1, 1, 0, HS_PURPOSE_BENCH);
    for (int i = 0; i < W * H; i++)
        depth[i] = (uint16_t)(8000 + 4 * (i / W) + i % W / 8 + (int)hs_rng_below(&rng, 16));
    HS_TRY(hs_png_write_u16(j->path, depth, W, H));
exit:
    free(depth);
    return status;
}

static hs_status open_job(frame_job *j, const hs_train_config *config)
{
    hs_predictor *p = &j->predictor;
    hs_status status;
    HS_TRY(hs_predictor_init(p, config->net, HS_INFERENCE, 1, 0, 0));
    HS_TRY(hs_params_create(p->graph, false, &j->params));
    hs_params_initialize(j->params, hs_net_get_init(config->net), (uint64_t)config->train.seed);
    HS_TRY(hs_predictor_bind(p, j->params, NULL));
    HS_TRY(hs_net_segmenter_init(&j->net, "bench", p, hs_net_get_input(config->net)));
    HS_TRY(hs_frame_segmenter_init(&j->frames, &j->net.segmenter));
    int64_t n = hs_elements(p->in), pixels = hs_pixels(p->out);
    int64_t png = HS_BENCH_PNG_WIDTH * HS_BENCH_PNG_HEIGHT;
    HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)n, "image", (void **)&j->images));
    HS_TRY(hs_allocate((size_t)(pixels > png ? pixels : png), "labels", (void **)&j->labels));
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_BENCH);
    for (int64_t i = 0; i < n; i++)
        j->images[i] = (hs_real)hs_rng_uniform(&rng);
exit:
    return status;
}

/* Operations and bytes of all layers. */
static void sum_layers(const hs_predictor *p, hs_pass *pass)
{
    hs_net_summary net = {0};
    hs_graph_summarize(p->graph, &net);
    pass->flops = net.flops;
    for (int l = 0; l < net.count; l++)
        pass->memory.moved +=
            hs_plan_traffic(p->plan, net.layers[l].first, net.layers[l].end).forward.moved;
    pass->memory.held = hs_plan_bytes(p->plan);
    hs_net_summary_free(&net);
}

hs_status hs_bench_frames(const hs_train_config *config, double seconds, hs_bench *b)
{
    frame_job j = {0};
    hs_measurement m;
    hs_status status;
    HS_TRY(open_job(&j, config));
    HS_TRY(hs_measure(run_images, NULL, &j, seconds, &m));
    b->frame.seconds = m.seconds;
    sum_layers(&j.predictor, &b->frame);
    b->png_seconds = NAN;
    if (j.net.input.channels == 1) {
        HS_TRY(write_png(&j));
        HS_TRY(hs_measure(run_png, NULL, &j, seconds, &m));
        b->png_seconds = m.seconds;
    }
exit:
    if (j.made)
        unlink(j.path);
    hs_frame_segmenter_free(&j.frames);
    hs_net_segmenter_free(&j.net);
    hs_predictor_free(&j.predictor);
    hs_params_destroy(j.params);
    free(j.images);
    free(j.labels);
    return status;
}

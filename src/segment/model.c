#include "segment/model.h"

#include "train/config.h"
#include <stdlib.h>
#include <string.h>

hs_status hs_model_load(const char *path, int32_t batch, hs_model **out)
{
    hs_status status;
    hs_model *m = calloc(1, sizeof *m);
    *out = NULL;
    if (!m)
        return hs_error(HS_ERR_MEMORY, NULL, "model: out of memory");
    m->path = hs_arena_string(&m->arena, path);
    HS_TRY(hs_checkpoint_read_info(path, &m->arena, &m->info));
    HS_TRY(hs_net_from_config_text(&m->ini, path, m->info.config, &m->net));
    if (hs_net_get_input(m->net)->channels != 1) {
        status =
            hs_error(HS_ERR_DATA, NULL, "%s: got a network for images of %d channels, expected 1",
                     path, hs_net_get_input(m->net)->channels);
        goto exit;
    }
    HS_TRY(hs_frame_predictor_init(&m->frames, m->net, batch));
    if (m->frames.predictor.out.c != m->info.classes) {
        status = hs_error(HS_ERR_FORMAT, NULL, "%s: got a network with %d outputs and %d labels",
                          path, m->frames.predictor.out.c, m->info.classes);
        goto exit;
    }
    HS_TRY(hs_params_create(m->frames.predictor.graph, false, &m->params));
    HS_TRY(hs_checkpoint_read(path, m->params, NULL));
    HS_TRY(hs_frame_predictor_bind(&m->frames, m->params));
    m->depth_unit = m->info.depth_unit;
    *out = m;
exit:
    if (status != HS_OK)
        hs_model_destroy(m);
    return status;
}

void hs_model_destroy(hs_model *m)
{
    if (!m)
        return;
    hs_frame_predictor_free(&m->frames);
    hs_params_destroy(m->params);
    hs_net_destroy(m->net);
    hs_ini_free(&m->ini);
    hs_arena_free(&m->arena);
    free(m);
}

hs_status hs_model_segment(hs_model *m, const uint16_t *depth, int32_t height, int32_t width,
                           uint8_t *labels)
{
    if (height < 1 || width < 1)
        return hs_error(HS_ERR_USAGE, NULL, "segment: got a frame of %dx%d", width, height);
    return hs_frame_predictor_run(&m->frames, depth, height, width, m->depth_unit, labels);
}

hs_shape hs_model_logits_shape(const hs_model *m)
{
    return m->frames.predictor.out;
}

void hs_model_logits(const hs_model *m, hs_real *logits)
{
    const hs_tensor *all = hs_plan_tensor(m->frames.predictor.plan, m->frames.predictor.logits);
    hs_tensor first = *all;
    first.shape.n = 1;
    hs_tensor_to_nchw(&first, logits);
}

int hs_model_classes(const hs_model *m)
{
    return m->info.classes;
}

const char *hs_model_label(const hs_model *m, int label)
{
    return m->info.labels[label];
}

double hs_model_depth_unit(const hs_model *m)
{
    return m->info.depth_unit;
}

void hs_model_set_depth_unit(hs_model *m, double metres)
{
    m->depth_unit = metres;
}

#include "segment/model.h"

#include "data/resample.h"
#include "data/sample.h"
#include "train/config.h"
#include <stdlib.h>
#include <string.h>

static hs_status allocate_room(hs_model *m)
{
    hs_shape in = m->predictor.in;
    size_t area = (size_t)in.h * (size_t)in.w;
    hs_status status;
    HS_TRY(hs_allocate(area * sizeof *m->view, "frame", (void **)&m->view));
    HS_TRY(hs_allocate(area * (size_t)in.n * sizeof *m->images, "frames", (void **)&m->images));
    HS_TRY(hs_allocate(area * (size_t)in.n, "labels", (void **)&m->labels));
exit:
    return status;
}

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
    HS_TRY(hs_predictor_init(&m->predictor, m->net, HS_INFERENCE, batch, 0, 0));
    if (m->predictor.out.c != m->info.classes) {
        status = hs_error(HS_ERR_FORMAT, NULL, "%s: got a network with %d outputs and %d labels",
                          path, m->predictor.out.c, m->info.classes);
        goto exit;
    }
    HS_TRY(hs_params_create(m->predictor.graph, false, &m->params));
    HS_TRY(hs_checkpoint_read(path, m->params, NULL));
    HS_TRY(hs_predictor_bind(&m->predictor, m->params, NULL));
    HS_TRY(allocate_room(m));
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
    free(m->view);
    free(m->images);
    free(m->labels);
    free(m->map);
    hs_predictor_free(&m->predictor);
    hs_params_destroy(m->params);
    hs_net_destroy(m->net);
    hs_ini_free(&m->ini);
    hs_arena_free(&m->arena);
    free(m);
}

/* Room for the sample maps of a frame of this size; allocates only when frames grow. */
static hs_status grow_maps(hs_model *m, int32_t height, int32_t width)
{
    hs_shape in = m->predictor.in;
    int32_t rows = height > in.h ? height : in.h, columns = width > in.w ? width : in.w;
    if (rows + columns <= m->map_room)
        return HS_OK;
    free(m->map);
    m->map_room = 0;
    hs_status status =
        hs_allocate(sizeof *m->map * (size_t)(rows + columns), "frame", (void **)&m->map);
    if (status == HS_OK)
        m->map_room = rows + columns;
    return status;
}

hs_status hs_model_segment(hs_model *m, const uint16_t *depth, int32_t height, int32_t width,
                           uint8_t *labels)
{
    hs_shape in = m->predictor.in;
    size_t area = (size_t)in.h * (size_t)in.w;
    const hs_net_input *input = hs_net_get_input(m->net);
    hs_status status;
    if (height < 1 || width < 1)
        return hs_error(HS_ERR_USAGE, NULL, "segment: got a frame of %dx%d", width, height);
    HS_TRY(grow_maps(m, height, width));
    hs_axis down = hs_axis_resize(height, in.h), across = hs_axis_resize(width, in.w);
    hs_axis_map(&down, m->map);
    hs_axis_map(&across, m->map + in.h);
    hs_gather_u16(depth, width, m->map, m->map + in.h, in.h, in.w, m->view);
    double constant = input->scale > 0 ? input->scale : hs_depth_normalization(m->depth_unit);
    float divisor =
        hs_depth_divisor(m->view, area, (hs_normalization)input->normalization, constant);
    hs_depth_normalize(m->view, area, divisor, m->images);
    HS_TRY(hs_predictor_run(&m->predictor, m->images, m->labels));
    down = hs_axis_resize(in.h, height);
    across = hs_axis_resize(in.w, width);
    hs_axis_map(&down, m->map);
    hs_axis_map(&across, m->map + height);
    hs_gather_u8(m->labels, in.w, m->map, m->map + height, height, width, labels);
exit:
    return status;
}

hs_shape hs_model_logits_shape(const hs_model *m)
{
    return m->predictor.out;
}

void hs_model_logits(const hs_model *m, hs_real *logits)
{
    const hs_tensor *all = hs_plan_tensor(m->predictor.plan, m->predictor.logits);
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

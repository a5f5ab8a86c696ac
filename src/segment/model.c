#include "segment/model.h"

#include "segment/model_kind.h"
#include <stdlib.h>
#include <string.h>

hs_status hs_model_load(const char *path, int32_t batch, hs_model **out)
{
    hs_status status;
    hs_model_file file = {0};
    *out = NULL;
    if (batch < 1)
        return hs_error(HS_ERR_USAGE, NULL, "%s: got a batch of %d, expected 1 or more", path,
                        batch);
    hs_model *m = calloc(1, sizeof *m);
    if (!m)
        return hs_error(HS_ERR_MEMORY, NULL, "model: out of memory");
    m->path = hs_arena_string(&m->arena, path);
    HS_TRY(hs_model_file_open(&file, m->path));
    HS_TRY(hs_model_kind_of(&file, &m->kind));
    HS_TRY(m->kind->load(&file, batch, m));
    HS_TRY(hs_frame_segmenter_init(&m->frames, m->segmenter));
    m->depth_unit = m->trained_unit;
    *out = m;
exit:
    hs_model_file_close(&file);
    if (status != HS_OK)
        hs_model_destroy(m);
    return status;
}

void hs_model_destroy(hs_model *m)
{
    if (!m)
        return;
    hs_frame_segmenter_free(&m->frames);
    if (m->kind)
        m->kind->free(m->state);
    hs_arena_free(&m->arena);
    free(m);
}

hs_status hs_model_segment(hs_model *m, const uint16_t *depth, int32_t height, int32_t width,
                           uint8_t *labels)
{
    return hs_model_segment_color(m, depth, NULL, height, width, labels);
}

hs_status hs_model_segment_color(hs_model *m, const uint16_t *depth, const uint8_t *color,
                                 int32_t height, int32_t width, uint8_t *labels)
{
    hs_frame frame = {.height = height,
                      .width = width,
                      .depth = depth,
                      .color = color,
                      .depth_unit = m->depth_unit};
    if (height < 1 || width < 1)
        return hs_error(HS_ERR_USAGE, NULL, "segment: got a frame of %dx%d", width, height);
    return hs_error_context(hs_frame_segmenter_run(&m->frames, &frame, labels), "%s", m->path);
}

bool hs_model_needs_color(const hs_model *m)
{
    return m->segmenter->color;
}

hs_status hs_model_probabilities(hs_model *m, float *probabilities)
{
    const hs_segmenter *l = m->segmenter;
    if (!l->probabilities)
        return hs_error(HS_ERR_USAGE, NULL, "%s: got %s, which gives labels only", m->path,
                        m->kind->what);
    l->probabilities(l->self, probabilities);
    return HS_OK;
}

hs_shape hs_model_logits_shape(const hs_model *m)
{
    return m->kind->logits ? m->kind->logits(m->state).shape : (hs_shape){0};
}

void hs_model_logits(const hs_model *m, hs_real *logits)
{
    if (!m->kind->logits)
        return;
    hs_tensor first = m->kind->logits(m->state);
    first.shape.n = 1;
    hs_tensor_to_nchw(&first, logits);
}

int hs_model_classes(const hs_model *m)
{
    return m->segmenter->classes;
}

const char *hs_model_label(const hs_model *m, int label)
{
    return m->labels[label];
}

double hs_model_depth_unit(const hs_model *m)
{
    return m->trained_unit;
}

void hs_model_set_depth_unit(hs_model *m, double metres)
{
    m->depth_unit = metres;
}

#include "train/forest_segmenter.h"

static hs_status label(void *self, const hs_frame_batch *frames, uint8_t *labels)
{
    hs_forest_segmenter *s = self;
    hs_forest_label(&s->forest, frames->depth, frames->depth_unit, labels);
    return HS_OK;
}

static void probabilities(void *self, float *out)
{
    hs_forest_segmenter *s = self;
    hs_forest_probabilities(&s->forest, out);
}

hs_status hs_forest_segmenter_init(hs_forest_segmenter *s, const hs_probe_view *view,
                                   const hs_tree *trees, int32_t count)
{
    hs_status status = hs_forest_prepare(&s->forest, view, trees, count);
    s->segmenter = (hs_segmenter){.self = s,
                                  .batch = 1,
                                  .height = view->height,
                                  .width = view->width,
                                  .classes = s->forest.classes,
                                  .label = label,
                                  .probabilities = probabilities};
    return status;
}

void hs_forest_segmenter_free(hs_forest_segmenter *s)
{
    hs_forest_free(&s->forest);
    *s = (hs_forest_segmenter){0};
}

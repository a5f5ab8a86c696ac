#include "eval/frame_segmenter.h"

#include "base/memory.h"
#include "data/resample.h"
#include <stdlib.h>

hs_status hs_frame_segmenter_init(hs_frame_segmenter *l, const hs_segmenter *segmenter)
{
    size_t area = (size_t)segmenter->height * (size_t)segmenter->width;
    hs_status status;
    l->segmenter = segmenter;
    HS_TRY(hs_allocate(area * sizeof *l->view, "frame", (void **)&l->view));
    HS_TRY(hs_allocate(area, "labels", (void **)&l->labels));
exit:
    return status;
}

void hs_frame_segmenter_free(hs_frame_segmenter *l)
{
    free(l->view);
    free(l->labels);
    free(l->maps);
    *l = (hs_frame_segmenter){0};
}

/* The maps from frames of this size to the segmenter's, and back. */
static hs_status make_maps(hs_frame_segmenter *l, int32_t height, int32_t width)
{
    int32_t h = l->segmenter->height, w = l->segmenter->width;
    const hs_axis axes[] = {hs_axis_resize(height, h), hs_axis_resize(width, w),
                            hs_axis_resize(h, height), hs_axis_resize(w, width)};
    size_t samples = (size_t)(h + w + height + width);
    free(l->maps);
    l->height = l->width = 0;
    hs_status status = hs_allocate(sizeof *l->maps * samples, "frame", (void **)&l->maps);
    if (status != HS_OK)
        return status;
    int32_t *map = l->maps;
    for (int i = 0; i < 4; map += axes[i++].out)
        hs_axis_map(&axes[i], map);
    l->height = height;
    l->width = width;
    return HS_OK;
}

hs_status hs_frame_segmenter_run(hs_frame_segmenter *l, const uint16_t *depth, int32_t height,
                                 int32_t width, double depth_unit, uint8_t *labels)
{
    int32_t h = l->segmenter->height, w = l->segmenter->width;
    hs_frame_batch frame = {.count = 1, .depth = l->view, .depth_unit = depth_unit};
    hs_status status;
    if (height != l->height || width != l->width)
        HS_TRY(make_maps(l, height, width));
    const int32_t *down = l->maps, *across = down + h;
    const int32_t *back_down = across + w, *back_across = back_down + height;
    hs_gather_u16(depth, width, down, across, h, w, l->view);
    HS_TRY(l->segmenter->label(l->segmenter->self, &frame, l->labels));
    hs_gather_u8(l->labels, w, back_down, back_across, height, width, labels);
exit:
    return status;
}

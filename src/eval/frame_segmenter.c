#include "eval/frame_segmenter.h"

#include "base/memory.h"
#include "data/resample.h"
#include <stdlib.h>

hs_status hs_frame_segmenter_init(hs_frame_segmenter *s, const hs_segmenter *segmenter)
{
    size_t area = (size_t)segmenter->height * (size_t)segmenter->width;
    hs_status status;
    s->segmenter = segmenter;
    HS_TRY(hs_allocate(area * sizeof *s->view, "frame", (void **)&s->view));
    HS_TRY(hs_allocate(area, "labels", (void **)&s->labels));
    if (segmenter->color)
        HS_TRY(hs_allocate(3 * area, "colours", (void **)&s->color));
exit:
    return status;
}

void hs_frame_segmenter_free(hs_frame_segmenter *s)
{
    free(s->view);
    free(s->color);
    free(s->labels);
    free(s->maps);
    *s = (hs_frame_segmenter){0};
}

/* The maps from frames of this size to the segmenter's, and back. */
static hs_status make_maps(hs_frame_segmenter *s, int32_t height, int32_t width)
{
    int32_t h = s->segmenter->height, w = s->segmenter->width;
    const hs_axis axes[] = {hs_axis_resize(height, h), hs_axis_resize(width, w),
                            hs_axis_resize(h, height), hs_axis_resize(w, width)};
    size_t samples = (size_t)(h + w + height + width);
    free(s->maps);
    s->height = s->width = 0;
    hs_status status = hs_allocate(sizeof *s->maps * samples, "frame", (void **)&s->maps);
    if (status != HS_OK)
        return status;
    int32_t *map = s->maps;
    for (int i = 0; i < 4; map += axes[i++].out)
        hs_axis_map(&axes[i], map);
    s->height = height;
    s->width = width;
    return HS_OK;
}

hs_status hs_frame_segmenter_run(hs_frame_segmenter *s, const hs_frame *f, uint8_t *labels)
{
    int32_t h = s->segmenter->height, w = s->segmenter->width;
    hs_frame_batch frame = {
        .count = 1, .depth = s->view, .depth_unit = f->depth_unit, .color = s->color};
    hs_status status;
    if (s->segmenter->color && !f->color)
        return hs_error(HS_ERR_DATA, NULL, "frame: got depth alone, expected colour beside it");
    if (f->height != s->height || f->width != s->width)
        HS_TRY(make_maps(s, f->height, f->width));
    const int32_t *down = s->maps, *across = down + h;
    const int32_t *back_down = across + w, *back_across = back_down + f->height;
    hs_gather_u16(f->depth, f->width, down, across, h, w, s->view);
    if (s->color)
        hs_gather_rgb(f->color, f->width, down, across, h, w, s->color);
    HS_TRY(s->segmenter->label(s->segmenter->self, &frame, s->labels));
    hs_gather_u8(s->labels, w, back_down, back_across, f->height, f->width, labels);
exit:
    return status;
}

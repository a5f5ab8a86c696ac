#include "eval/frame_predictor.h"

#include "base/memory.h"
#include "data/resample.h"
#include "data/sample.h"
#include "handseg/dataset.h"
#include <stdlib.h>

hs_status hs_frame_predictor_init(hs_frame_predictor *p, const hs_net *net, int32_t batch)
{
    p->input = *hs_net_get_input(net);
    return hs_predictor_init(&p->predictor, net, HS_INFERENCE, batch, 0, 0);
}

hs_status hs_frame_predictor_bind(hs_frame_predictor *p, hs_params *params)
{
    hs_shape in = p->predictor.in;
    size_t area = (size_t)in.h * (size_t)in.w;
    hs_status status;
    HS_TRY(hs_predictor_bind(&p->predictor, params, NULL));
    HS_TRY(hs_allocate(area * sizeof *p->view, "frame", (void **)&p->view));
    HS_TRY(hs_allocate(area * (size_t)in.n * sizeof *p->images, "frames", (void **)&p->images));
    HS_TRY(hs_allocate(area * (size_t)in.n, "labels", (void **)&p->labels));
exit:
    return status;
}

void hs_frame_predictor_free(hs_frame_predictor *p)
{
    free(p->view);
    free(p->images);
    free(p->labels);
    free(p->maps);
    hs_predictor_free(&p->predictor);
    *p = (hs_frame_predictor){0};
}

/* The maps from frames of this size to the network's, and back. */
static hs_status make_maps(hs_frame_predictor *p, int32_t height, int32_t width)
{
    hs_shape in = p->predictor.in;
    const hs_axis axes[] = {hs_axis_resize(height, in.h), hs_axis_resize(width, in.w),
                            hs_axis_resize(in.h, height), hs_axis_resize(in.w, width)};
    size_t samples = (size_t)(in.h + in.w + height + width);
    free(p->maps);
    p->height = p->width = 0;
    hs_status status = hs_allocate(sizeof *p->maps * samples, "frame", (void **)&p->maps);
    if (status != HS_OK)
        return status;
    int32_t *map = p->maps;
    for (int i = 0; i < 4; map += axes[i++].out)
        hs_axis_map(&axes[i], map);
    p->height = height;
    p->width = width;
    return HS_OK;
}

hs_status hs_frame_predictor_run(hs_frame_predictor *p, const uint16_t *depth, int32_t height,
                                 int32_t width, double depth_unit, uint8_t *labels)
{
    hs_shape in = p->predictor.in;
    size_t area = (size_t)in.h * (size_t)in.w;
    double constant = p->input.scale > 0 ? p->input.scale : hs_depth_normalization(depth_unit);
    hs_status status;
    if (height != p->height || width != p->width)
        HS_TRY(make_maps(p, height, width));
    const int32_t *down = p->maps, *across = down + in.h;
    const int32_t *back_down = across + in.w, *back_across = back_down + height;
    hs_gather_u16(depth, width, down, across, in.h, in.w, p->view);
    float divisor =
        hs_depth_divisor(p->view, area, (hs_normalization)p->input.normalization, constant);
    hs_depth_normalize(p->view, area, divisor, p->images);
    HS_TRY(hs_predictor_run(&p->predictor, p->images, p->labels));
    hs_gather_u8(p->labels, in.w, back_down, back_across, height, width, labels);
exit:
    return status;
}

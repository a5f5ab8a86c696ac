#include "forest/frame.h"

#include "base/rng.h"
#include <math.h>
#include <stdbool.h>

static uint16_t convert(uint16_t depth, double ratio)
{
    double counts = rint(depth * ratio);
    return (uint16_t)(counts < 1 ? 1 : counts >= HS_PROBE_FAR ? HS_PROBE_FAR - 1 : counts);
}

void hs_forest_frame_make(const hs_probe_view *v, const uint16_t *depth, double depth_unit,
                          uint16_t *frame)
{
    int32_t stride = hs_probe_stride(v);
    double ratio = depth_unit / v->unit;
    bool same = fabs(ratio - 1) < 1e-6; /* the view's unit is a float */
    for (int32_t x = 0; x < stride; x++)
        frame[x] = frame[(v->height + 1) * stride + x] = HS_PROBE_FAR;
    for (int32_t y = 0; y < v->height; y++) {
        uint16_t *to = frame + (y + 1) * stride;
        to[0] = to[v->width + 1] = HS_PROBE_FAR;
        for (int32_t x = 0; x < v->width; x++, depth++)
            to[x + 1] = *depth == 0 ? HS_PROBE_FAR : same ? *depth : convert(*depth, ratio);
    }
}

int32_t hs_forest_frame_measured(const hs_probe_view *v, const uint16_t *frame, uint32_t *at)
{
    int32_t n = 0;
    for (int32_t y = 1; y <= v->height; y++) {
        uint32_t row = (uint32_t)(y * hs_probe_stride(v));
        for (uint32_t i = row + 1; i <= row + (uint32_t)v->width; i++) {
            at[n] = i;
            n += frame[i] != HS_PROBE_FAR;
        }
    }
    return n;
}

/* Puts `most` of at[n], drawn at random, in front. */
static int32_t choose(hs_rng *rng, uint32_t *at, int32_t n, int32_t most)
{
    for (int32_t i = 0; i < most && most < n; i++) {
        int32_t k = i + (int32_t)hs_rng_below(rng, (uint32_t)(n - i));
        uint32_t kept = at[i];
        at[i] = at[k];
        at[k] = kept;
    }
    return n < most ? n : most;
}

int32_t hs_forest_pixels_draw(const hs_pixel_draw *draw, const hs_probe_view *v,
                              const uint16_t *bordered, const uint8_t *mask, uint32_t frame,
                              uint32_t slot, uint32_t *room, hs_forest_pixel *pixels)
{
    hs_rng rng = hs_rng_make(draw->seed, draw->tree, frame, HS_PURPOSE_FOREST_PIXELS);
    int32_t drawn = 0, measured = hs_forest_frame_measured(v, bordered, room);
    for (int32_t c = 0; c < draw->classes; c++) {
        /* Those of the class in front of the others, each time. */
        int32_t n = 0;
        for (int32_t i = 0; i < measured; i++) {
            uint32_t at = room[i];
            if (mask[hs_forest_place(v, at)] != c)
                continue;
            room[i] = room[n];
            room[n++] = at;
        }
        n = choose(&rng, room, n, draw->most / draw->classes);
        for (int32_t i = 0; i < n; i++)
            pixels[drawn++] = (hs_forest_pixel){slot, room[i] << 8 | (uint32_t)c};
    }
    return drawn;
}

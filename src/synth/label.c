#include "synth/label.h"

#include <math.h>
#include <string.h>

/* Metres: the palm's middle from the wrist, and from there the pixels a flood begins at. */
static const double PALM = 0.055, SEED = 0.025;

static hs_vec3 point_of(const hs_label_input *in, size_t i)
{
    double z = in->depth[i] * in->unit;
    return hs_vec(in->rays->x[i] * z, in->rays->y[i] * z, z);
}

/* Takes the pixel if it is measured, free and near enough to the palm. */
static void take(const hs_label_input *in, hs_vec3 palm, size_t i, uint8_t label, int32_t *queue,
                 int32_t *end, uint8_t *mask)
{
    if (mask[i] || !in->depth[i] || hs_distance(point_of(in, i), palm) > in->profile->reach)
        return;
    mask[i] = label;
    queue[(*end)++] = (int32_t)i;
}

/* From the palm over everything that is no step in depth away from its neighbour: hand, wrist, and
 * whatever it touches. */
static void flood(const hs_label_input *in, uint8_t label, int32_t *queue, uint8_t *mask)
{
    const hs_limb *limb = &in->scene->limb[label == 2 ? HS_LEFT : HS_RIGHT];
    hs_vec3 palm = hs_add(limb->wrist, hs_scale(limb->hand.y, PALM));
    int32_t w = in->view->width, h = in->view->height, end = 0;
    for (size_t i = 0; i < (size_t)w * (size_t)h; i++)
        if (in->depth[i] && hs_part_label(in->view->part[i]) == label &&
            hs_distance(point_of(in, i), palm) < SEED)
            take(in, palm, i, label, queue, &end, mask);
    for (int32_t begin = 0; begin < end; begin++) {
        static const int du[4] = {1, -1, 0, 0}, dv[4] = {0, 0, 1, -1};
        int32_t at = queue[begin], u = at % w, v = at / w;
        for (int k = 0; k < 4; k++) {
            int32_t nu = u + du[k], nv = v + dv[k];
            if (nu < 0 || nv < 0 || nu >= w || nv >= h)
                continue;
            size_t next = (size_t)nv * (size_t)w + (size_t)nu;
            if (fabs((in->depth[next] - in->depth[at]) * in->unit) < in->profile->step)
                take(in, palm, next, label, queue, &end, mask);
        }
    }
}

void hs_synth_truth(const hs_view *view, const uint16_t *depth, uint8_t *mask)
{
    for (size_t i = 0; i < (size_t)view->width * (size_t)view->height; i++)
        mask[i] = depth[i] ? hs_part_label(view->part[i]) : 0;
}

void hs_synth_label(const hs_label_input *in, int32_t *queue, uint8_t *mask)
{
    size_t n = (size_t)in->view->width * (size_t)in->view->height;
    uint8_t first = in->profile->left_only ? 2 : 1;
    if (in->profile->flooded) {
        memset(mask, 0, n);
        for (uint8_t label = first; label <= 2; label++)
            flood(in, label, queue, mask);
    } else if (in->profile->left_only) {
        for (size_t i = 0; i < n; i++)
            mask[i] = mask[i] == first ? first : 0;
    }
}

#include "synth/smear.h"

#include <string.h>

enum { SAMPLES_MAX = 15 };

/* A hand's pixels, by their label, and the samples along its way. */
typedef struct smear {
    const hs_view *view;
    uint8_t label;
    int samples, du[SAMPLES_MAX], dv[SAMPLES_MAX];
    hs_rectangle box; /* where it may be seen while the shutter is open */
} smear;

static bool is_hand(const smear *s, int u, int v)
{
    return hs_part_label(s->view->part[(int64_t)v * s->view->width + u]) == s->label;
}

/* Bounds of the hand's pixels, `reach` wider on all sides, within the image. */
static hs_rectangle find_box(const smear *s, int reach)
{
    const hs_view *view = s->view;
    hs_rectangle box = {view->width, 0, view->height, 0};
    for (int v = 0; v < view->height; v++)
        for (int u = 0; u < view->width; u++)
            if (is_hand(s, u, v)) {
                box.x0 = u < box.x0 ? u : box.x0, box.x1 = u >= box.x1 ? u + 1 : box.x1;
                box.y0 = v < box.y0 ? v : box.y0, box.y1 = v + 1;
            }
    box.x0 = box.x0 > reach ? box.x0 - reach : 0;
    box.y0 = box.y0 > reach ? box.y0 - reach : 0;
    box.x1 = box.x1 + reach < view->width ? box.x1 + reach : view->width;
    box.y1 = box.y1 + reach < view->height ? box.y1 + reach : view->height;
    return box;
}

/* Mean over the time the shutter is open: a sample off the hand shows, beside the hand, what lies
 * behind it. */
static float mean(const smear *s, const float *sharp, int u, int v)
{
    int w = s->view->width, h = s->view->height;
    float here = sharp[(int64_t)v * w + u], sum = 0;
    bool hand = is_hand(s, u, v);
    for (int i = 0; i < s->samples; i++) {
        int x = u + s->du[i], y = v + s->dv[i];
        bool inside = x >= 0 && y >= 0 && x < w && y < h;
        sum += inside && (hand || is_hand(s, x, y)) ? sharp[(int64_t)y * w + x] : here;
    }
    return sum / (float)s->samples;
}

void hs_smear_hands(const hs_view *view, const double way[HS_SIDES][2], float *const rgb[3],
                    float *scratch)
{
    size_t bytes = (size_t)view->width * (size_t)view->height * sizeof *scratch;
    for (int side = 0; side < HS_SIDES; side++) {
        double length = hypot(way[side][0], way[side][1]);
        if (length < 0.5)
            continue;
        smear s = {.view = view, .label = side == HS_LEFT ? 2 : 1};
        s.samples = (int)fmin(length + 2, SAMPLES_MAX);
        for (int i = 0; i < s.samples; i++) {
            double at = (double)i / (s.samples - 1) - 0.5;
            s.du[i] = (int)lround(at * way[side][0]);
            s.dv[i] = (int)lround(at * way[side][1]);
        }
        s.box = find_box(&s, (int)length / 2 + 1);
        for (int c = 0; c < 3; c++) {
            memcpy(scratch, rgb[c], bytes);
            for (int v = s.box.y0; v < s.box.y1; v++)
                for (int u = s.box.x0; u < s.box.x1; u++)
                    rgb[c][(int64_t)v * view->width + u] = mean(&s, scratch, u, v);
        }
    }
}

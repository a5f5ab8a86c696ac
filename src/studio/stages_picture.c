#include "studio/stages_picture.h"

#include "glove/range.h"
#include "report/overlay.h"
#include "studio/drawing.h"
#include <stdio.h>
#include <string.h>

enum { PANELS = 8, MASKS = 5, COLUMNS = 4, SIDE = 320 /* pixels of width a panel has at least */ };

static const hs_colour gloves[HS_GLOVES] = {{{150, 225, 135}}, {{255, 112, 62}}};

static const uint8_t *const *masks_of(const hs_glove_stages *s, const uint8_t *masks[MASKS])
{
    const uint8_t *all[MASKS] = {s->threshold, s->opened, s->joined, s->hull, s->kept};
    memcpy(masks, all, sizeof all);
    return masks;
}

/* The pixels of a stage over the darkened colours. */
static hs_status draw_mask(const hs_labelled_frame *frame, int stage, int step, hs_picture *panel,
                           int pixels[HS_GLOVES])
{
    const hs_annotator *a = frame->annotator;
    hs_picture whole = {0};
    size_t n = (size_t)a->width * (size_t)a->height;
    hs_status status;
    HS_TRY(hs_draw_reduced(frame->color, a->width, a->height, 1, &whole));
    for (size_t i = 0; i < 3 * n; i++)
        whole.rgb[i] /= 4;
    for (int g = 0; g < HS_GLOVES; g++) {
        const uint8_t *masks[MASKS];
        masks_of(&a->stages[g], masks);
        pixels[g] = 0;
        for (size_t i = 0; i < n; i++)
            if (masks[stage][i]) {
                memcpy(whole.rgb + 3 * i, gloves[g].rgb, 3);
                pixels[g]++;
            }
    }
    HS_TRY(hs_draw_reduced(whole.rgb, a->width, a->height, step, panel));
exit:
    hs_picture_free(&whole);
    return status;
}

/* The depth, darkened outside the hulls. */
static hs_status draw_depth(const hs_labelled_frame *frame, int step, hs_picture *panel)
{
    const hs_annotator *a = frame->annotator;
    hs_picture whole = {0};
    hs_status status;
    HS_TRY(hs_overlay_frame(frame->depth, NULL, a->width, a->height, &whole));
    for (size_t i = 0; i < (size_t)a->width * (size_t)a->height; i++)
        for (int c = 0; c < 3 && !a->stages[0].hull[i] && !a->stages[1].hull[i]; c++)
            whole.rgb[3 * i + (size_t)c] /= 3;
    HS_TRY(hs_draw_reduced(whole.rgb, a->width, a->height, step, panel));
exit:
    hs_picture_free(&whole);
    return status;
}

static hs_status draw_label(const hs_labelled_frame *frame, int step, hs_picture *panel)
{
    const hs_annotator *a = frame->annotator;
    hs_picture whole = {0};
    hs_status status;
    HS_TRY(hs_overlay_frame(frame->depth, frame->mask, a->width, a->height, &whole));
    HS_TRY(hs_draw_reduced(whole.rgb, a->width, a->height, step, panel));
exit:
    hs_picture_free(&whole);
    return status;
}

hs_status hs_stages_picture(const hs_labelled_frame *frame, hs_picture *picture)
{
    static const char *const titles[MASKS] = {"2 HSV threshold", "3 opening", "4 joined, largest",
                                              "5 convex hull", "7 sphere cut"};
    static const int places[MASKS] = {1, 2, 3, 4, 6};
    const hs_annotator *a = frame->annotator;
    hs_picture panels[PANELS] = {{0}};
    char texts[PANELS][96];
    const char *captions[PANELS];
    int step = a->width / SIDE > 1 ? a->width / SIDE : 1;
    hs_status status;
    HS_TRY(hs_draw_reduced(frame->color, a->width, a->height, step, &panels[0]));
    snprintf(texts[0], sizeof texts[0], "1 colour in the depth view");
    for (int k = 0; k < MASKS; k++) {
        int pixels[HS_GLOVES], at = places[k];
        HS_TRY(draw_mask(frame, k, step, &panels[at], pixels));
        snprintf(texts[at], sizeof texts[at], "%s: right %d, left %d", titles[k], pixels[0],
                 pixels[1]);
    }
    HS_TRY(draw_depth(frame, step, &panels[5]));
    snprintf(texts[5], sizeof texts[5], "6 depth: medians %.3f, %.3f m",
             a->stages[0].median * a->depth_unit, a->stages[1].median * a->depth_unit);
    HS_TRY(draw_label(frame, step, &panels[7]));
    snprintf(texts[7], sizeof texts[7], "8 label: %s, %s", hs_outcome_name(a->stages[0].outcome),
             hs_outcome_name(a->stages[1].outcome));
    for (int k = 0; k < PANELS; k++)
        captions[k] = texts[k];
    HS_TRY(hs_picture_sheet(panels, captions, PANELS, COLUMNS, picture));
exit:
    for (int k = 0; k < PANELS; k++)
        hs_picture_free(&panels[k]);
    return status;
}

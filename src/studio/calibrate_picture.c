#include "studio/calibrate_picture.h"

#include "io/png.h"
#include "studio/drawing.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN = 15,      /* shots of a glove */
    COLUMNS = 5,     /* of the sheet of shots */
    THUMBNAIL = 240, /* pixels of width a shot has at least */
    HUE_STEP = 3,    /* pixels a step of hue is wide in a cloud */
    MARGIN = 12,
};

static const hs_colour background = {{27, 29, 34}}, ink = {{214, 218, 224}};
static const hs_colour chosen_colour = {{255, 255, 255}}, other_colour = {{150, 150, 150}};
static const hs_colour odd_colour = {{255, 0, 200}};

/* ---- shots ---- */

static hs_status draw_shot(const hs_shots *shots, int i, const int32_t *box, hs_picture *picture)
{
    const hs_shot *shot = &shots->shots[i];
    int step = shots->width / THUMBNAIL > 1 ? shots->width / THUMBNAIL : 1;
    hs_status status = hs_draw_reduced(shot->rgb, shots->width, shots->height, step, picture);
    if (status != HS_OK)
        return status;
    for (int k = 0; k < shot->found; k++) {
        const hs_disc *d = &shot->discs[k];
        hs_colour colour = k != shot->chosen ? other_colour
                           : i == shots->odd ? odd_colour
                                             : chosen_colour;
        hs_draw_circle(picture, d->x / step, d->y / step, d->radius / step, colour);
    }
    if (box)
        hs_draw_box(picture, box[0] / step, box[1] / step, (box[0] + box[2] - 1) / step,
                    (box[1] + box[3] - 1) / step, chosen_colour);
    return HS_OK;
}

static void describe_shot(const hs_shots *shots, int i, const int32_t *box, char text[64])
{
    const hs_shot *shot = &shots->shots[i];
    if (shot->chosen >= 0)
        snprintf(text, 64, "%08d r %.1f hue %d%s", shot->number, shot->discs[shot->chosen].radius,
                 shot->colours[shot->chosen].hue, i == shots->odd ? " ODD" : "");
    else
        snprintf(text, 64, "%08d %s", shot->number, box ? "box" : "no probe");
}

/* The odd shot always, evenly spaced ones beside it. */
static hs_status draw_shots(const hs_shots *shots, const int32_t *box, hs_picture *sheet)
{
    hs_picture pictures[SHOWN] = {{0}};
    char texts[SHOWN][64];
    const char *captions[SHOWN];
    int n = shots->count < SHOWN ? shots->count : SHOWN;
    hs_status status = HS_OK;
    for (int k = 0; k < n; k++) {
        int i = (int)((int64_t)k * shots->count / n);
        int next = (int)((int64_t)(k + 1) * shots->count / n);
        i = shots->odd >= i && shots->odd < next ? shots->odd : i;
        HS_TRY(draw_shot(shots, i, box, &pictures[k]));
        describe_shot(shots, i, box, texts[k]);
        captions[k] = texts[k];
    }
    HS_TRY(hs_picture_sheet(pictures, captions, n, COLUMNS, sheet));
exit:
    for (int k = 0; k < n; k++)
        hs_picture_free(&pictures[k]);
    return status;
}

/* ---- colours ---- */

/* The range as one box, or as two where hue wraps. */
static void draw_range(hs_picture *p, const uint8_t hue[2], const uint8_t level[2])
{
    int top = HS_LEVELS - 1 - level[1], bottom = HS_LEVELS - 1 - level[0];
    int first = hue[0] * HUE_STEP, last = hue[1] * HUE_STEP + HUE_STEP - 1;
    if (hue[0] <= hue[1]) {
        hs_draw_box(p, first, top, last, bottom, chosen_colour);
    } else {
        hs_draw_box(p, first, top, p->width, bottom, chosen_colour);
        hs_draw_box(p, -1, top, last, bottom, chosen_colour);
    }
}

/* Hue to the right, saturation or value up; each colour as bright as it is frequent. */
static hs_status draw_cloud(const int32_t counts[HS_HUES][HS_LEVELS], bool value,
                            const hs_calibrate_view *view, hs_picture *p)
{
    hs_status status = hs_picture_init(p, HS_HUES * HUE_STEP, HS_LEVELS, (hs_colour){{0}});
    if (status != HS_OK)
        return status;
    int32_t most = 1;
    for (int h = 0; h < HS_HUES; h++)
        for (int i = 0; i < HS_LEVELS; i++)
            most = counts[h][i] > most ? counts[h][i] : most;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            int h = x / HUE_STEP, i = HS_LEVELS - 1 - y;
            hs_colour c = value ? hs_draw_hsv(h, 200, i) : hs_draw_hsv(h, i, 230);
            double share = counts[h][i] ? 0.35 + 0.65 * log1p(counts[h][i]) / log1p(most) : 0.18;
            for (int k = 0; k < 3; k++)
                p->rgb[3 * ((size_t)y * (size_t)p->width + (size_t)x) + (size_t)k] =
                    (uint8_t)(share * c.rgb[k]);
        }
    if (view->ranged)
        draw_range(p, view->range.hue, value ? view->range.value : view->range.saturation);
    return HS_OK;
}

static hs_status draw_colours(const hs_calibrate_view *view, hs_picture *sheet)
{
    static const char *const captions[] = {"hue to the right, saturation up",
                                           "hue to the right, value up"};
    static const int32_t none[HS_HUES][HS_LEVELS];
    hs_picture clouds[2] = {{0}};
    const hs_colour_cloud *cloud = view->shots ? view->shots->cloud : NULL;
    hs_status status;
    HS_TRY(draw_cloud(cloud ? cloud->hue_saturation : none, false, view, &clouds[0]));
    HS_TRY(draw_cloud(cloud ? cloud->hue_value : none, true, view, &clouds[1]));
    HS_TRY(hs_picture_sheet(clouds, captions, 2, 2, sheet));
exit:
    hs_picture_free(&clouds[0]);
    hs_picture_free(&clouds[1]);
    return status;
}

/* ---- all ---- */

static void describe_glove(const hs_calibrate_view *view, int g, char *text, size_t size)
{
    char range[64] = "no range";
    if (view->ranged)
        hs_glove_range_format(&view->range, range, sizeof range);
    if (view->shots)
        snprintf(text, size, "%s glove: %s (hue, saturation, value); %lld pixels of %d of %d shots",
                 hs_glove_names[g], range, (long long)view->shots->cloud->pixels,
                 view->shots->showing, view->shots->count);
    else
        snprintf(text, size, "%s glove: %s (hue, saturation, value), given by hand",
                 hs_glove_names[g], range);
}

hs_status hs_calibrate_picture(const hs_calibrate_view views[HS_GLOVES], const char *path)
{
    enum { PARTS = 2, SCALE = 2, TITLE = HS_GLYPH_HEIGHT * SCALE + 2 * MARGIN };
    hs_picture parts[HS_GLOVES][PARTS] = {{{0}}}, all = {0};
    int width = 1, height = MARGIN;
    hs_status status;
    for (int g = 0; g < HS_GLOVES; g++) {
        if (!views[g].shots && !views[g].ranged)
            continue;
        if (views[g].shots)
            HS_TRY(draw_shots(views[g].shots, views[g].box, &parts[g][0]));
        HS_TRY(draw_colours(&views[g], &parts[g][1]));
        height += TITLE;
        for (int k = 0; k < PARTS; k++) {
            width = parts[g][k].width > width ? parts[g][k].width : width;
            height += parts[g][k].height;
        }
    }
    HS_TRY(hs_picture_init(&all, width, height, background));
    for (int g = 0, y = 0; g < HS_GLOVES; g++) {
        char text[160];
        if (!views[g].shots && !views[g].ranged)
            continue;
        describe_glove(&views[g], g, text, sizeof text);
        hs_picture_write(&all, MARGIN, y + MARGIN, SCALE, ink, text);
        y += TITLE;
        for (int k = 0; k < PARTS; k++) {
            hs_picture_paste(&all, 0, y, &parts[g][k]);
            y += parts[g][k].height;
        }
    }
    HS_TRY(hs_png_write_rgb(path, all.rgb, all.width, all.height));
exit:
    for (int i = 0; i < HS_GLOVES * PARTS; i++)
        hs_picture_free(&parts[i / PARTS][i % PARTS]);
    hs_picture_free(&all);
    return status;
}

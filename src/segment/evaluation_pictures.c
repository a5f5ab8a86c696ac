/* Pictures of an evaluation's frames, read and labelled once more. */
#include "data/resample.h"
#include "eval/frame_name.h"
#include "io/file.h"
#include "io/png.h"
#include "report/overlay.h"
#include "segment/evaluation.h"
#include <math.h>
#include <stdlib.h>

enum { COLUMNS = 3 };

/* Room for one frame of the data, and for its truth at the model's size. */
typedef struct studio {
    hs_model *model;
    const hs_evaluation_data *data;
    bool merge_hands, with_depth; /* beside each picture one of the depth alone */
    uint16_t *depth;              /* [height][width] of the data */
    uint8_t *color;               /* [height][width][3] likewise; NULL: not needed */
    uint8_t *mask, *labels;       /* likewise */
    uint8_t *truth;               /* [height][width] of the model */
    int32_t *rows, *columns;      /* sample maps */
    hs_picture pictures[2 * HS_PICKS_MAX];
    const char *captions[2 * HS_PICKS_MAX];
    int count;
    hs_arena arena;
} studio;

static hs_status open_studio(studio *s, hs_model *model, const hs_evaluation_data *data)
{
    int32_t h = model->segmenter->height, w = model->segmenter->width;
    size_t area = (size_t)data->height * (size_t)data->width;
    hs_status status;
    s->model = model;
    s->data = data;
    HS_TRY(hs_allocate(area * sizeof *s->depth, "frame", (void **)&s->depth));
    if (hs_model_needs_color(model))
        HS_TRY(hs_allocate(3 * area, "frame", (void **)&s->color));
    HS_TRY(hs_allocate(area, "frame", (void **)&s->mask));
    HS_TRY(hs_allocate(area, "frame", (void **)&s->labels));
    HS_TRY(hs_allocate((size_t)h * (size_t)w, "frame", (void **)&s->truth));
    s->rows = hs_arena_take(&s->arena, sizeof *s->rows * (size_t)h);
    s->columns = hs_arena_take(&s->arena, sizeof *s->columns * (size_t)w);
    hs_axis down = hs_axis_resize(data->height, h), across = hs_axis_resize(data->width, w);
    hs_axis_map(&down, s->rows);
    hs_axis_map(&across, s->columns);
    hs_model_set_depth_unit(model, data->depth_unit);
exit:
    return status;
}

static void close_studio(studio *s)
{
    for (int i = 0; i < s->count; i++)
        hs_picture_free(&s->pictures[i]);
    free(s->depth);
    free(s->color);
    free(s->mask);
    free(s->labels);
    free(s->truth);
    hs_arena_free(&s->arena);
}

static hs_status write_png(studio *s, const char *folder, const char *name, const char *suffix,
                           const hs_picture *picture)
{
    const char *path = hs_arena_format(&s->arena, "%s/%s%s", folder, name, suffix);
    hs_file_clear_temporaries(path);
    return hs_png_write_rgb(path, picture->rgb, picture->width, picture->height);
}

/* Adds the picture of a frame to those of the sheet; `folder` not NULL: also as a file. */
static hs_status draw(studio *s, const hs_pick *pick, const char *remark, const char *folder)
{
    const hs_evaluation_data *d = s->data;
    const hs_frame_segmenter *seen = &s->model->frames;
    int32_t h = s->model->segmenter->height, w = s->model->segmenter->width;
    hs_frame_name name = hs_frame_name_of(hs_evaluation_data_frame(d, pick->frame));
    hs_picture *picture = &s->pictures[s->count], plain = {0};
    hs_status status;
    HS_TRY(hs_evaluation_data_read(d, pick->frame, s->depth, s->color, s->mask));
    HS_TRY(hs_model_segment_color(s->model, s->depth, s->color, d->height, d->width, s->labels));
    hs_gather_u8(s->mask, d->width, s->rows, s->columns, h, w, s->truth);
    if (s->merge_hands) {
        hs_merge_hands(s->truth, (int64_t)h * w);
        hs_merge_hands(seen->labels, (int64_t)h * w);
    }
    HS_TRY(hs_overlay_compare(seen->view, s->truth, seen->labels, w, h, picture));
    const char *figure =
        isnan(pick->miou) ? "no hand" : hs_arena_format(&s->arena, "IoU %.1f %%", 100 * pick->miou);
    s->captions[s->count++] = hs_arena_format(&s->arena, "%s%s, %s", figure, remark, name.text);
    if (folder)
        HS_TRY(write_png(s, folder, name.text, ".png", picture));
    if (folder && s->with_depth) {
        HS_TRY(hs_overlay_frame(seen->view, NULL, w, h, &plain));
        HS_TRY(write_png(s, folder, name.text, ".depth.png", &plain));
    }
exit:
    hs_picture_free(&plain);
    return status;
}

hs_status hs_draw_picks(hs_model *model, const hs_evaluation_data *data, const hs_picks *picks,
                        bool merge_hands, const char *folder)
{
    bool named = picks->most_worst == 0;
    studio s = {.merge_hands = merge_hands, .with_depth = named};
    hs_picture sheet = {0};
    hs_status status;
    HS_TRY(open_studio(&s, model, data));
    for (int i = 0; i < picks->n_chosen; i++)
        if (!hs_picks_is_worst(picks, picks->chosen[i].frame))
            HS_TRY(draw(&s, &picks->chosen[i], "", named ? folder : NULL));
    for (int i = 0; i < picks->n_worst; i++)
        HS_TRY(draw(&s, &picks->worst[i], " (worst)", folder));
    HS_TRY(hs_picture_sheet(s.pictures, s.captions, s.count, COLUMNS, &sheet));
    HS_TRY(write_png(&s, folder, "sheet", ".png", &sheet));
exit:
    hs_picture_free(&sheet);
    close_studio(&s);
    return status;
}

hs_status hs_draw_worst(hs_model *model, const hs_evaluation_data *data, const hs_picks *picks,
                        bool merge_hands, hs_drawn_picks *drawn)
{
    studio s = {.merge_hands = merge_hands};
    hs_status status;
    HS_TRY(open_studio(&s, model, data));
    for (int i = 0; i < picks->n_worst; i++)
        HS_TRY(draw(&s, &picks->worst[i], "", NULL));
    for (int i = 0; i < s.count; i++) {
        drawn->pictures[i] = s.pictures[i];
        drawn->captions[i] = hs_arena_string(&drawn->arena, s.captions[i]);
    }
    drawn->count = s.count;
    s.count = 0; /* handed over */
exit:
    close_studio(&s);
    return status;
}

void hs_drawn_picks_free(hs_drawn_picks *drawn)
{
    for (int i = 0; i < drawn->count; i++)
        hs_picture_free(&drawn->pictures[i]);
    hs_arena_free(&drawn->arena);
    *drawn = (hs_drawn_picks){0};
}

/* Pictures of an evaluation's frames, read and labelled once more. */
#include "data/resample.h"
#include "eval/frame_name.h"
#include "io/png.h"
#include "report/overlay.h"
#include "segment/evaluation.h"
#include <math.h>
#include <stdlib.h>

enum { COLUMNS = 3 };

/* Room for one frame of the data set, and for its truth at the model's size. */
typedef struct studio {
    hs_model *model;
    const hs_dataset *dataset;
    uint16_t *depth;         /* [height][width] of the data set */
    uint8_t *mask, *labels;  /* likewise */
    uint8_t *truth;          /* [height][width] of the model */
    int32_t *rows, *columns; /* sample maps */
    hs_picture pictures[2 * HS_PICKS_MAX];
    const char *captions[2 * HS_PICKS_MAX];
    int count;
    hs_arena arena;
} studio;

static hs_status open_studio(studio *s, hs_model *model, const hs_dataset *dataset)
{
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    int32_t h = model->segmenter->height, w = model->segmenter->width;
    size_t area = (size_t)info->height * (size_t)info->width;
    hs_status status;
    *s = (studio){.model = model, .dataset = dataset};
    HS_TRY(hs_allocate(area * sizeof *s->depth, "frame", (void **)&s->depth));
    HS_TRY(hs_allocate(area, "frame", (void **)&s->mask));
    HS_TRY(hs_allocate(area, "frame", (void **)&s->labels));
    HS_TRY(hs_allocate((size_t)h * (size_t)w, "frame", (void **)&s->truth));
    s->rows = hs_arena_take(&s->arena, sizeof *s->rows * (size_t)h);
    s->columns = hs_arena_take(&s->arena, sizeof *s->columns * (size_t)w);
    hs_axis down = hs_axis_resize(info->height, h), across = hs_axis_resize(info->width, w);
    hs_axis_map(&down, s->rows);
    hs_axis_map(&across, s->columns);
    hs_model_set_depth_unit(model, info->depth_unit);
exit:
    return status;
}

static void close_studio(studio *s)
{
    for (int i = 0; i < s->count; i++)
        hs_picture_free(&s->pictures[i]);
    free(s->depth);
    free(s->mask);
    free(s->labels);
    free(s->truth);
    hs_arena_free(&s->arena);
}

/* Adds the picture of a frame to those of the sheet; `folder` not NULL: also as a file. */
static hs_status draw(studio *s, const hs_pick *pick, const char *remark, const char *folder)
{
    const hs_dataset_info *info = hs_dataset_get_info(s->dataset);
    const hs_frame_segmenter *seen = &s->model->frames;
    int32_t h = s->model->segmenter->height, w = s->model->segmenter->width;
    hs_frame_name name = hs_frame_name_of(hs_dataset_get_frame(s->dataset, pick->frame));
    hs_picture *picture = &s->pictures[s->count];
    hs_status status;
    HS_TRY(hs_dataset_read(s->dataset, pick->frame, s->depth, s->mask));
    HS_TRY(hs_model_segment(s->model, s->depth, info->height, info->width, s->labels));
    hs_gather_u8(s->mask, info->width, s->rows, s->columns, h, w, s->truth);
    HS_TRY(hs_overlay_compare(seen->view, s->truth, seen->labels, w, h, picture));
    const char *figure =
        isnan(pick->miou) ? "no hand" : hs_arena_format(&s->arena, "IoU %.1f %%", 100 * pick->miou);
    s->captions[s->count++] = hs_arena_format(&s->arena, "%s%s, %s", figure, remark, name.text);
    if (folder)
        HS_TRY(hs_png_write_rgb(hs_arena_format(&s->arena, "%s/%s.png", folder, name.text),
                                picture->rgb, picture->width, picture->height));
exit:
    return status;
}

hs_status hs_draw_picks(hs_model *model, const hs_dataset *dataset, const hs_picks *picks,
                        const char *folder)
{
    studio s;
    hs_picture sheet = {0};
    bool named = picks->most_worst == 0;
    hs_status status;
    HS_TRY(open_studio(&s, model, dataset));
    for (int i = 0; i < picks->n_chosen; i++)
        if (!hs_picks_is_worst(picks, picks->chosen[i].frame))
            HS_TRY(draw(&s, &picks->chosen[i], "", named ? folder : NULL));
    for (int i = 0; i < picks->n_worst; i++)
        HS_TRY(draw(&s, &picks->worst[i], " (worst)", folder));
    HS_TRY(hs_picture_sheet(s.pictures, s.captions, s.count, COLUMNS, &sheet));
    HS_TRY(hs_png_write_rgb(hs_arena_format(&s.arena, "%s/sheet.png", folder), sheet.rgb,
                            sheet.width, sheet.height));
exit:
    hs_picture_free(&sheet);
    close_studio(&s);
    return status;
}

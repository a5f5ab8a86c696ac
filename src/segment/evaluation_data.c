#include "segment/evaluation_data.h"

#include "base/memory.h"
#include "data/layout.h"
#include "data/resample.h"
#include "eval/one_hand.h"
#include "recording/recording.h"
#include <stdlib.h>
#include <string.h>

/* ---- opening --------------------------------------------------------------------------------- */

static hs_status open_recorded(hs_evaluation_data *d, const char *split)
{
    hs_status status;
    if (split && strcmp(split, hs_split_name(HS_SPLIT_ALL)) != 0)
        return hs_error(HS_ERR_USAGE, NULL,
                        "--split: %s: got %s of recordings, which are not split, expected all",
                        d->path, split);
    HS_TRY(hs_recorded_open(d->path, &d->recorded));
    const hs_recorded_info *info = hs_recorded_get_info(d->recorded);
    if (!info->truth)
        HS_TRY(hs_error(HS_ERR_DATA,
                        "label it (handseg annotate), pack it (handseg pack) and name the data "
                        "set; handseg synth --recording renders recordings with true labels",
                        "%s: got recordings without true labels", d->path));
    d->height = info->height;
    d->width = info->width;
    d->classes = HS_LAYOUT_CLASSES;
    d->labels = hs_layout_labels;
    d->depth_unit = info->depth_unit;
    d->count = info->count;
    HS_TRY(hs_allocate(d->count * sizeof *d->all, "frames", (void **)&d->all));
    for (uint32_t i = 0; i < d->count; i++)
        d->all[i] = i;
    d->frames = d->all;
exit:
    return status;
}

static hs_status open_dataset(hs_evaluation_data *d, const char *name)
{
    hs_split split;
    hs_status status;
    HS_TRY(hs_split_parse(name ? name : hs_split_name(HS_SPLIT_TEST), &split));
    HS_TRY(hs_dataset_open(d->path, &d->dataset));
    const hs_dataset_info *info = hs_dataset_get_info(d->dataset);
    HS_TRY(hs_dataset_split(d->dataset, split, &d->frames, &d->count));
    d->split = hs_split_name(split);
    d->height = info->height;
    d->width = info->width;
    d->classes = info->classes;
    d->labels = info->labels;
    d->depth_unit = info->depth_unit;
    d->one_hand = hs_one_hand(info);
exit:
    return status;
}

hs_status hs_evaluation_data_open(hs_evaluation_data *d, const char *path, const char *split)
{
    d->path = path;
    return hs_recording_is_likely(path) ? open_recorded(d, split) : open_dataset(d, split);
}

void hs_evaluation_data_close(hs_evaluation_data *d)
{
    hs_dataset_close(d->dataset);
    hs_recorded_close(d->recorded);
    free(d->all);
    *d = (hs_evaluation_data){0};
}

/* ---- frames ---------------------------------------------------------------------------------- */

const hs_frame_info *hs_evaluation_data_frame(const hs_evaluation_data *d, uint32_t frame)
{
    return d->dataset ? hs_dataset_get_frame(d->dataset, frame)
                      : hs_recorded_get_frame(d->recorded, frame);
}

hs_status hs_evaluation_data_read(const hs_evaluation_data *d, uint32_t frame, uint16_t *depth,
                                  uint8_t *color, uint8_t *mask)
{
    return d->dataset ? hs_dataset_read(d->dataset, frame, depth, mask)
                      : hs_recorded_read(d->recorded, frame, depth, color, mask);
}

/* ---- batches of recordings ------------------------------------------------------------------- */

/* One frame as it was recorded. */
typedef struct slot {
    uint16_t *depth;
    uint8_t *color, *mask;
    hs_error_record error;
} slot;

/* The frames of a batch are read and brought to the segmenter's size at the same time. */
typedef struct reader {
    const hs_evaluation_data *data;
    const hs_segmenter *segmenter;
    hs_batch batch;
    uint32_t done;
    slot *slots;   /* [batch] */
    int32_t *maps; /* rows and columns of the segmenter's size */
} reader;

static hs_status open_reader(reader *r)
{
    const hs_segmenter *s = r->segmenter;
    size_t n = (size_t)s->batch, area = (size_t)s->height * (size_t)s->width;
    size_t stored = (size_t)r->data->height * (size_t)r->data->width;
    hs_axis down = hs_axis_resize(r->data->height, s->height);
    hs_axis across = hs_axis_resize(r->data->width, s->width);
    hs_status status;
    HS_TRY(hs_allocate(n * area * sizeof *r->batch.raw, "frames", (void **)&r->batch.raw));
    HS_TRY(hs_allocate(n * area, "frames", (void **)&r->batch.mask));
    HS_TRY(hs_allocate(n * sizeof *r->batch.frame, "frames", (void **)&r->batch.frame));
    if (s->color)
        HS_TRY(hs_allocate(3 * n * area, "frames", (void **)&r->batch.color));
    HS_TRY(hs_allocate(n * sizeof *r->slots, "frames", (void **)&r->slots));
    for (size_t i = 0; i < n; i++) {
        HS_TRY(hs_allocate(stored * sizeof(uint16_t), "frame", (void **)&r->slots[i].depth));
        HS_TRY(hs_allocate(stored, "frame", (void **)&r->slots[i].mask));
        if (s->color)
            HS_TRY(hs_allocate(3 * stored, "frame", (void **)&r->slots[i].color));
    }
    HS_TRY(
        hs_allocate((size_t)(s->height + s->width) * sizeof *r->maps, "frame", (void **)&r->maps));
    hs_axis_map(&down, r->maps);
    hs_axis_map(&across, r->maps + s->height);
exit:
    return status;
}

static void close_reader(reader *r)
{
    for (int32_t i = 0; r->slots && i < r->segmenter->batch; i++) {
        free(r->slots[i].depth);
        free(r->slots[i].color);
        free(r->slots[i].mask);
    }
    free(r->slots);
    free(r->maps);
    free(r->batch.raw);
    free(r->batch.color);
    free(r->batch.mask);
    free(r->batch.frame);
}

static hs_status read_slot(const reader *r, uint32_t i)
{
    const hs_segmenter *s = r->segmenter;
    const slot *at = &r->slots[i];
    const int32_t *rows = r->maps, *columns = rows + s->height;
    size_t area = (size_t)s->height * (size_t)s->width;
    hs_status status;
    HS_TRY(hs_evaluation_data_read(r->data, r->batch.frame[i], at->depth, at->color, at->mask));
    hs_gather_u16(at->depth, r->data->width, rows, columns, s->height, s->width,
                  r->batch.raw + i * area);
    hs_gather_u8(at->mask, r->data->width, rows, columns, s->height, s->width,
                 r->batch.mask + i * area);
    if (at->color)
        hs_gather_rgb(at->color, r->data->width, rows, columns, s->height, s->width,
                      r->batch.color + 3 * i * area);
exit:
    return status;
}

static hs_status next_recorded(void *self, const hs_batch **batch)
{
    reader *r = self;
    uint32_t left = r->data->count - r->done, most = (uint32_t)r->segmenter->batch;
    hs_status status = HS_OK;
    r->batch.fresh = left < most ? left : most;
    for (uint32_t i = 0; i < r->batch.fresh; i++)
        r->batch.frame[i] = r->data->frames[r->done++];
#pragma omp parallel for schedule(dynamic)
    for (uint32_t i = 0; i < r->batch.fresh; i++)
        hs_error_save(&r->slots[i].error, read_slot(r, i));
    for (uint32_t i = 0; i < r->batch.fresh && status == HS_OK; i++)
        status = hs_error_raise(&r->slots[i].error);
    *batch = &r->batch;
    return status;
}

static hs_status run_recorded(const hs_evaluation_data *d, const hs_segmenter *segmenter,
                              const hs_evaluate_options *options, hs_evaluation *result)
{
    reader r = {.data = d, .segmenter = segmenter};
    hs_batch_source source = {.self = &r,
                              .next = next_recorded,
                              .name = d->path,
                              .classes = d->classes,
                              .depth_unit = d->depth_unit};
    hs_status status;
    HS_TRY(open_reader(&r));
    HS_TRY(hs_evaluate_batches(segmenter, &source, options, result));
exit:
    close_reader(&r);
    return status;
}

hs_status hs_evaluation_data_run(const hs_evaluation_data *d, const hs_segmenter *segmenter,
                                 const hs_evaluate_options *options, hs_evaluation *result)
{
    if (d->recorded)
        return run_recorded(d, segmenter, options, result);
    if (segmenter->color)
        return hs_error(HS_ERR_DATA,
                        "name recordings that have true labels: handseg synth --recording --gloves "
                        "none --frames 100 --out DIR",
                        "%s: got a data set, which holds depth alone, expected colour beside it",
                        d->path);
    return hs_evaluate(segmenter, d->dataset, options, result);
}

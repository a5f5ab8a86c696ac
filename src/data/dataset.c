#include "data/dataset.h"

#include "base/text.h"
#include "data/dataset_fields.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct hs_dataset {
    const char *path;
    hs_arena arena;
    hs_h5 *file;
    hs_h5_frames *depth, *mask;
    hs_dataset_info info;
    hs_review_counts review;
    hs_frame_info *frames; /* [info.frames] */
    uint32_t *order;       /* frame indices, split by split, then all */
    uint32_t first[HS_SPLITS + 1];
};

static const char *const split_names[] = {"train", "val", "test", "none", "all"};

const char *hs_split_name(hs_split split)
{
    return split_names[split];
}

hs_status hs_split_parse(const char *name, hs_split *split)
{
    for (int i = 0; i <= HS_SPLIT_ALL; i++)
        if (strcmp(name, split_names[i]) == 0) {
            *split = (hs_split)i;
            return HS_OK;
        }
    char hint[128];
    hs_hint_names(name, split_names, HS_SPLIT_ALL + 1, hint, sizeof hint);
    return hs_error(HS_ERR_USAGE, hint, "split: got '%s', expected a split", name);
}

/* ---- opening ---- */

static hs_status not_a_dataset(const char *path, const char *why)
{
    return hs_error(HS_ERR_FORMAT, "make one with: handseg pack DIR --out FILE.h5",
                    "%s: not a data set: %s", path, why);
}

static hs_status open_images(hs_dataset *d)
{
    if (!hs_h5_exists(d->file, HS_DATASET_DEPTH) || !hs_h5_exists(d->file, HS_DATASET_MASK))
        return not_a_dataset(d->path, "got no /depth or no /mask, expected both");
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
    hs_status status;
    HS_TRY(hs_h5_shape(d->file, HS_DATASET_DEPTH, NULL, &rank, dims));
    if (rank != 3 || dims[0] > UINT32_MAX || dims[1] > INT16_MAX || dims[2] > INT16_MAX)
        return not_a_dataset(d->path, "got another shape of /depth, expected [N,H,W]");
    d->info.frames = dims[0];
    d->info.height = (int32_t)dims[1];
    d->info.width = (int32_t)dims[2];
    HS_TRY(hs_h5_frames_open(d->file, HS_DATASET_DEPTH, HS_H5_U16, 2, dims + 1, &d->depth));
    HS_TRY(hs_h5_frames_open(d->file, HS_DATASET_MASK, HS_H5_U8, 2, dims + 1, &d->mask));
    if (hs_h5_frames_count(d->mask) != dims[0])
        return not_a_dataset(d->path, "/depth and /mask differ in their number of frames");
exit:
    return status;
}

/* Of files that have it. */
static hs_status read_remark(hs_dataset *d, const char *name, const char **text)
{
    *text = "";
    return hs_h5_has_attribute(d->file, "/", name)
               ? hs_h5_get_text(d->file, "/", name, &d->arena, text)
               : HS_OK;
}

static hs_status check_number(const hs_dataset *d, const char *name, double value, double least)
{
    if (isfinite(value) && value >= least)
        return HS_OK;
    const char *range = least > 0 ? " above 0" : least == 0 ? ", 0 or more" : "";
    return hs_error(HS_ERR_DATA, "pack it again", "%s: %s: got %g, expected a finite number%s",
                    d->path, name, value, range);
}

/* What follows from them must be a number too. */
static hs_status check_attributes(const hs_dataset *d)
{
    const hs_dataset_info *info = &d->info;
    const hs_intrinsics *k = &info->intrinsics;
    const double camera[] = {k->fx, k->fy, k->cx, k->cy};
    hs_status status;
    HS_TRY(check_number(d, HS_DATASET_UNIT, info->depth_unit, DBL_MIN));
    HS_TRY(check_number(d, HS_DATASET_NORMALIZATION, info->normalization, DBL_MIN));
    for (int i = 0; i < 4; i++)
        HS_TRY(check_number(d, HS_DATASET_INTRINSICS, camera[i], -DBL_MAX));
    for (int c = 0; c < info->classes; c++) {
        HS_TRY(check_number(d, HS_DATASET_WEIGHTS, info->weights[c], 0));
        for (int other = 0; other < c; other++)
            if (strcmp(info->labels[c], info->labels[other]) == 0)
                HS_TRY(hs_error(HS_ERR_DATA, "pack it again",
                                "%s: %s: got '%s' for classes %d and %d, expected a name of its "
                                "own for each",
                                d->path, HS_DATASET_LABELS, info->labels[c], other, c));
    }
exit:
    return status;
}

static hs_status read_attributes(hs_dataset *d)
{
    hs_dataset_info *info = &d->info;
    const char *const *labels;
    int n;
    hs_status status;
    HS_TRY(hs_h5_get_texts(d->file, "/", HS_DATASET_LABELS, &d->arena, &n, &labels));
    if (n < 2 || n > HS_CLASSES_MAX)
        return not_a_dataset(d->path, "the number of labels is impossible");
    info->classes = n;
    memcpy(info->labels, labels, sizeof *labels * (size_t)n);
    HS_TRY(hs_h5_get_f64(d->file, "/", HS_DATASET_UNIT, &info->depth_unit));
    HS_TRY(hs_h5_get_f64(d->file, "/", HS_DATASET_NORMALIZATION, &info->normalization));
    HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_INTRINSICS, HS_H5_F64, 4, &info->intrinsics));
    HS_TRY(hs_h5_get_text(d->file, "/", HS_DATASET_METHOD, &d->arena, &info->split_method));
    HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_HASH, HS_H5_U64, 1, &info->hash));
    HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_WEIGHTS, HS_H5_F64, n, info->weights));
    HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_PIXELS, HS_H5_U64, n, info->counts.pixels));
    HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_IMAGE_PIXELS, HS_H5_U64, n,
                             info->counts.image_pixels));
    HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_TRAIN_PIXELS, HS_H5_U64, n,
                             info->train_counts.pixels));
    HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_TRAIN_IMAGE_PIXELS, HS_H5_U64, n,
                             info->train_counts.image_pixels));
    info->subjects_unknown = hs_h5_has_attribute(d->file, "/", HS_DATASET_NOBODY);
    HS_TRY(read_remark(d, HS_DATASET_SENSOR, &info->sensor));
    HS_TRY(read_remark(d, HS_DATASET_ANNOTATION, &info->annotation));
    info->hands = hs_hands_labelled(n, info->labels, &info->counts);
    if (hs_h5_has_attribute(d->file, "/", HS_DATASET_REVIEW)) {
        HS_TRY(hs_h5_get_numbers(d->file, "/", HS_DATASET_REVIEW, HS_H5_I64, HS_REVIEW_COUNTS,
                                 &d->review));
        info->review = &d->review;
    }
exit:
    return status;
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static int32_t count_distinct(int32_t *values, int64_t n)
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    int32_t distinct = 0;
    for (int64_t i = 0; i < n; i++)
        distinct += i == 0 || values[i] != values[i - 1];
    return distinct;
}

/* The stored codes of splits stand for the names stored with them. */
static hs_status decode_splits(hs_dataset *d, const uint8_t *codes)
{
    const char *const *names;
    int n;
    hs_split meaning[256];
    hs_status status;
    HS_TRY(
        hs_h5_get_texts(d->file, HS_DATASET_SPLIT, HS_DATASET_SPLIT_NAMES, &d->arena, &n, &names));
    for (int i = 0; i < n && i < 256; i++)
        HS_TRY(hs_split_parse(names[i], &meaning[i]));
    for (int64_t i = 0; i < d->info.frames; i++) {
        if (codes[i] >= n || meaning[codes[i]] == HS_SPLIT_ALL)
            return not_a_dataset(d->path, "/split holds a code without a name");
        d->frames[i].split = meaning[codes[i]];
        d->info.split_frames[d->frames[i].split]++;
    }
exit:
    return status;
}

static hs_status read_frame_table(hs_dataset *d)
{
    int64_t n = d->info.frames, sources;
    size_t count = (size_t)n;
    void *numbers = NULL, *codes = NULL, *frames = NULL;
    const char *const *texts;
    hs_status status;
    HS_TRY(hs_allocate(count * sizeof(hs_frame_info), "frame table", &frames));
    d->frames = frames;
    HS_TRY(hs_allocate(count * sizeof(int32_t), "frame numbers", &numbers));
    HS_TRY(hs_allocate(count, "split codes", &codes));
    HS_TRY(hs_h5_read(d->file, HS_DATASET_FRAME, HS_H5_I32, 1, &n, numbers));
    for (int64_t i = 0; i < n; i++)
        d->frames[i].number = ((int32_t *)numbers)[i];
    HS_TRY(hs_h5_read(d->file, HS_DATASET_SUBJECT, HS_H5_I32, 1, &n, numbers));
    for (int64_t i = 0; i < n; i++)
        d->frames[i].subject = ((int32_t *)numbers)[i];
    d->info.subjects = count_distinct(numbers, n);
    HS_TRY(hs_h5_read_texts(d->file, HS_DATASET_SOURCE, &d->arena, &sources, &texts));
    if (sources != n) {
        status = not_a_dataset(d->path, "/source has another length than /depth");
        goto exit;
    }
    for (int64_t i = 0; i < n; i++)
        d->frames[i].source = texts[i];
    HS_TRY(hs_h5_read(d->file, HS_DATASET_SPLIT, HS_H5_U8, 1, &n, codes));
    HS_TRY(decode_splits(d, codes));
exit:
    free(numbers);
    free(codes);
    return status;
}

static hs_status list_splits(hs_dataset *d)
{
    int64_t n = d->info.frames;
    void *memory;
    hs_status status = hs_allocate(2 * (size_t)n * sizeof *d->order, "split lists", &memory);
    if (status != HS_OK)
        return status;
    d->order = memory;
    uint32_t next[HS_SPLITS], at = 0;
    for (int s = 0; s < HS_SPLITS; s++) {
        next[s] = d->first[s] = at;
        at += (uint32_t)d->info.split_frames[s];
    }
    d->first[HS_SPLIT_ALL] = at;
    for (int64_t i = 0; i < n; i++) {
        d->order[next[d->frames[i].split]++] = (uint32_t)i;
        d->order[at + (uint32_t)i] = (uint32_t)i;
    }
    return HS_OK;
}

hs_status hs_dataset_open(const char *path, hs_dataset **dataset)
{
    *dataset = NULL;
    void *memory = NULL;
    hs_dataset *d = NULL;
    hs_status status;
    HS_TRY(hs_allocate(sizeof *d, path, &memory));
    d = memory;
    d->path = hs_arena_string(&d->arena, path);
    HS_TRY(hs_h5_open(path, &d->file));
    HS_TRY(open_images(d));
    HS_TRY(read_attributes(d));
    HS_TRY(check_attributes(d));
    HS_TRY(read_frame_table(d));
    HS_TRY(list_splits(d));
    *dataset = d;
    d = NULL;
exit:
    hs_dataset_close(d);
    return status;
}

void hs_dataset_close(hs_dataset *dataset)
{
    if (!dataset)
        return;
    hs_h5_close(dataset->file);
    hs_arena_free(&dataset->arena);
    free(dataset->frames);
    free(dataset->order);
    free(dataset);
}

/* ---- reading ---- */

const hs_dataset_info *hs_dataset_get_info(const hs_dataset *dataset)
{
    return &dataset->info;
}

const hs_frame_info *hs_dataset_get_frame(const hs_dataset *dataset, int64_t index)
{
    return &dataset->frames[index];
}

const char *hs_dataset_get_path(const hs_dataset *dataset)
{
    return dataset->path;
}

hs_status hs_dataset_split(const hs_dataset *dataset, hs_split split, const uint32_t **frames,
                           uint32_t *count)
{
    const int64_t *sizes = dataset->info.split_frames;
    *frames = dataset->order + dataset->first[split];
    *count = (uint32_t)(split == HS_SPLIT_ALL ? dataset->info.frames : sizes[split]);
    if (*count > 0)
        return HS_OK;
    return hs_error(HS_ERR_DATA, "choose another split, or pack again with another --split",
                    "%s: split '%s' is empty: got train %lld, val %lld, test %lld frames",
                    dataset->path, hs_split_name(split), (long long)sizes[HS_SPLIT_TRAIN],
                    (long long)sizes[HS_SPLIT_VAL], (long long)sizes[HS_SPLIT_TEST]);
}

size_t hs_dataset_block_size(const hs_dataset *dataset)
{
    return hs_h5_frames_block_size(dataset->depth); /* masks need less */
}

hs_status hs_dataset_read_with(const hs_dataset *dataset, int64_t index, uint16_t *depth,
                               uint8_t *mask, hs_h5_block *block)
{
    hs_status status = HS_OK;
    if (depth)
        HS_TRY(hs_h5_frames_read(dataset->depth, index, depth, block));
    if (mask)
        HS_TRY(hs_h5_frames_read(dataset->mask, index, mask, block));
exit:
    return status;
}

hs_status hs_dataset_read(const hs_dataset *dataset, int64_t index, uint16_t *depth, uint8_t *mask)
{
    hs_h5_block block = {0};
    hs_status status = hs_dataset_read_with(dataset, index, depth, mask, &block);
    hs_h5_block_free(&block);
    return status;
}

static int32_t class_named(const hs_dataset_info *info, const char *label)
{
    for (int32_t c = 0; c < info->classes; c++)
        if (strcmp(info->labels[c], label) == 0)
            return c;
    return -1;
}

void hs_dataset_hands(const hs_dataset_info *info, int32_t *left, int32_t *right)
{
    *left = class_named(info, "left");
    *right = class_named(info, "right");
    if (*left < 0 || *right < 0)
        *left = *right = 0;
}

const char *hs_hands_labelled(int classes, const char *const *labels, const hs_class_counts *counts)
{
    static const char *const names[] = {"none", "right", "left", "both"};
    int found = 0;
    for (int c = 0; c < classes; c++)
        if (counts->pixels[c] > 0)
            found |= strcmp(labels[c], "left") == 0 ? 2 : strcmp(labels[c], "right") == 0 ? 1 : 0;
    return names[found];
}

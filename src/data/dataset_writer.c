#include "base/memory.h"
#include "data/dataset.h"
#include "data/dataset_fields.h"
#include "data/frame_stats.h"
#include <stdlib.h>
#include <string.h>

/* What is found out about a frame while it is being compressed. */
typedef struct prepared {
    hs_h5_block depth, mask;
    hs_class_counts counts;
    uint64_t hash;
    hs_error_record error;
} prepared;

enum { GROUP = 64 }; /* frames compressed before they are put in order */

struct hs_dataset_writer {
    hs_arena arena;
    hs_dataset_spec spec; /* its strings and counts in the arena */
    hs_h5 *file;
    hs_h5_frames *depth, *mask;
    hs_frame_info *frames; /* [capacity], sources in the arena */
    int64_t count, capacity;
    hs_class_counts counts, train_counts;
    uint64_t hash;
    prepared group[GROUP];
};

hs_status hs_dataset_create(const char *path, const hs_dataset_spec *spec,
                            hs_dataset_writer **writer)
{
    *writer = NULL;
    void *memory = NULL;
    hs_dataset_writer *w = NULL;
    int64_t shape[2] = {spec->height, spec->width};
    hs_status status;
    HS_TRY(hs_allocate(sizeof *w, path, &memory));
    w = memory;
    w->spec = *spec;
    w->spec.split_method = hs_arena_string(&w->arena, spec->split_method);
    for (int c = 0; c < spec->classes; c++)
        w->spec.labels[c] = hs_arena_string(&w->arena, spec->labels[c]);
    w->spec.sensor = spec->sensor ? hs_arena_string(&w->arena, spec->sensor) : NULL;
    w->spec.annotation = spec->annotation ? hs_arena_string(&w->arena, spec->annotation) : NULL;
    if (spec->review) {
        hs_review_counts *review = hs_arena_take(&w->arena, sizeof *review);
        *review = *spec->review;
        w->spec.review = review;
    }
    HS_TRY(hs_h5_create(path, &w->file));
    HS_TRY(hs_h5_frames_create(w->file, HS_DATASET_DEPTH, HS_H5_U16, 0, 2, shape, &w->depth));
    HS_TRY(hs_h5_frames_create(w->file, HS_DATASET_MASK, HS_H5_U8, 0, 2, shape, &w->mask));
    *writer = w;
    w = NULL;
exit:
    hs_dataset_drop(w);
    return status;
}

static hs_status prepare(const hs_dataset_writer *w, const hs_frame_info *info,
                         const uint16_t *depth, const uint8_t *mask, prepared *p)
{
    size_t pixels = (size_t)w->spec.height * (size_t)w->spec.width;
    hs_status status;
    HS_TRY(hs_labels_check(mask, pixels, w->spec.classes, info->source));
    memset(&p->counts, 0, sizeof p->counts);
    hs_class_counts_add(&p->counts, mask, pixels);
    p->hash = hs_frame_hash(info, depth, mask, pixels);
    HS_TRY(hs_h5_frames_encode(w->depth, depth, &p->depth));
    HS_TRY(hs_h5_frames_encode(w->mask, mask, &p->mask));
exit:
    return status;
}

static hs_status grow_table(hs_dataset_writer *w, int64_t count)
{
    if (count <= w->capacity)
        return HS_OK;
    int64_t capacity = 2 * count;
    hs_frame_info *frames = realloc(w->frames, (size_t)capacity * sizeof *frames);
    if (!frames)
        return hs_error(HS_ERR_MEMORY, NULL, "frame table: no memory for %lld frames",
                        (long long)capacity);
    w->frames = frames;
    w->capacity = capacity;
    return HS_OK;
}

static hs_status put(hs_dataset_writer *w, const hs_frame_info *info, const prepared *p)
{
    hs_status status;
    HS_TRY(hs_error_raise(&p->error));
    HS_TRY(grow_table(w, w->count + 1));
    HS_TRY(hs_h5_frames_put(w->depth, w->count, &p->depth));
    HS_TRY(hs_h5_frames_put(w->mask, w->count, &p->mask));
    hs_class_counts_merge(&w->counts, &p->counts);
    if (info->split == HS_SPLIT_TRAIN)
        hs_class_counts_merge(&w->train_counts, &p->counts);
    w->hash = hs_hash_bytes(w->hash, &p->hash, sizeof p->hash);
    w->frames[w->count] = *info;
    w->frames[w->count].source = hs_arena_string(&w->arena, info->source);
    w->count++;
exit:
    return status;
}

hs_status hs_dataset_append(hs_dataset_writer *w, int n, const hs_frame_info *infos,
                            const uint16_t *depth, const uint8_t *mask)
{
    size_t pixels = (size_t)w->spec.height * (size_t)w->spec.width;
    for (int first = 0; first < n; first += GROUP) {
        int group = n - first < GROUP ? n - first : GROUP;
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < group; i++) {
            size_t at = (size_t)(first + i) * pixels;
            prepared *p = &w->group[i];
            hs_error_save(&p->error, prepare(w, &infos[first + i], depth + at, mask + at, p));
        }
        for (int i = 0; i < group; i++) {
            hs_status status = put(w, &infos[first + i], &w->group[i]);
            if (status != HS_OK)
                return status;
        }
    }
    return HS_OK;
}

/* ---- finishing ---- */

static hs_status write_frame_table(hs_dataset_writer *w)
{
    void *numbers = NULL, *codes = NULL, *sources = NULL;
    size_t count = (size_t)w->count;
    hs_status status;
    HS_TRY(hs_allocate(count * sizeof(int32_t), "frame numbers", &numbers));
    HS_TRY(hs_allocate(count, "split codes", &codes));
    HS_TRY(hs_allocate(count * sizeof(char *), "sources", &sources));
    for (int64_t i = 0; i < w->count; i++) {
        ((int32_t *)numbers)[i] = w->frames[i].subject;
        ((uint8_t *)codes)[i] = (uint8_t)w->frames[i].split;
        ((const char **)sources)[i] = w->frames[i].source;
    }
    HS_TRY(hs_h5_write(w->file, HS_DATASET_SUBJECT, HS_H5_I32, 1, &w->count, numbers));
    for (int64_t i = 0; i < w->count; i++)
        ((int32_t *)numbers)[i] = w->frames[i].number;
    HS_TRY(hs_h5_write(w->file, HS_DATASET_FRAME, HS_H5_I32, 1, &w->count, numbers));
    HS_TRY(hs_h5_write_texts(w->file, HS_DATASET_SOURCE, w->count, sources));
    HS_TRY(hs_h5_write(w->file, HS_DATASET_SPLIT, HS_H5_U8, 1, &w->count, codes));
    const char *names[HS_SPLITS];
    for (int s = 0; s < HS_SPLITS; s++)
        names[s] = hs_split_name((hs_split)s);
    HS_TRY(hs_h5_set_texts(w->file, HS_DATASET_SPLIT, HS_DATASET_SPLIT_NAMES, HS_SPLITS, names));
exit:
    free(numbers);
    free(codes);
    free(sources);
    return status;
}

static hs_status write_attributes(hs_dataset_writer *w)
{
    const hs_dataset_spec *spec = &w->spec;
    double weights[HS_CLASSES_MAX];
    hs_median_frequency_weights(&w->train_counts, spec->classes, weights);
    double normalization = hs_depth_normalization(spec->depth_unit);
    const struct {
        const char *name;
        hs_h5_type type;
        int n;
        const void *data;
    } numbers[] = {
        {HS_DATASET_UNIT, HS_H5_F64, 1, &spec->depth_unit},
        {HS_DATASET_NORMALIZATION, HS_H5_F64, 1, &normalization},
        {HS_DATASET_INTRINSICS, HS_H5_F64, 4, &spec->intrinsics},
        {HS_DATASET_HASH, HS_H5_U64, 1, &w->hash},
        {HS_DATASET_WEIGHTS, HS_H5_F64, spec->classes, weights},
        {HS_DATASET_PIXELS, HS_H5_U64, spec->classes, w->counts.pixels},
        {HS_DATASET_IMAGE_PIXELS, HS_H5_U64, spec->classes, w->counts.image_pixels},
        {HS_DATASET_TRAIN_PIXELS, HS_H5_U64, spec->classes, w->train_counts.pixels},
        {HS_DATASET_TRAIN_IMAGE_PIXELS, HS_H5_U64, spec->classes, w->train_counts.image_pixels},
    };
    hs_status status;
    HS_TRY(hs_h5_set_texts(w->file, "/", HS_DATASET_LABELS, spec->classes, spec->labels));
    HS_TRY(hs_h5_set_text(w->file, "/", HS_DATASET_METHOD, spec->split_method));
    HS_TRY(hs_h5_set_text(w->file, "/", HS_DATASET_LABELLED_HANDS,
                          hs_hands_labelled(spec->classes, spec->labels, &w->counts)));
    if (spec->sensor)
        HS_TRY(hs_h5_set_text(w->file, "/", HS_DATASET_SENSOR, spec->sensor));
    if (spec->annotation)
        HS_TRY(hs_h5_set_text(w->file, "/", HS_DATASET_ANNOTATION, spec->annotation));
    if (spec->subjects_unknown)
        HS_TRY(hs_h5_set_i64(w->file, "/", HS_DATASET_NOBODY, 1));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        HS_TRY(hs_h5_set_numbers(w->file, "/", numbers[i].name, numbers[i].type, numbers[i].n,
                                 numbers[i].data));
    if (spec->review)
        HS_TRY(hs_h5_set_numbers(w->file, "/", HS_DATASET_REVIEW, HS_H5_I64, HS_REVIEW_COUNTS,
                                 spec->review));
exit:
    return status;
}

hs_status hs_dataset_finish(hs_dataset_writer *w)
{
    hs_status status;
    HS_TRY(write_frame_table(w));
    HS_TRY(write_attributes(w));
    HS_TRY(hs_h5_commit(w->file));
exit:
    return status;
}

void hs_dataset_drop(hs_dataset_writer *writer)
{
    if (!writer)
        return;
    hs_h5_close(writer->file);
    for (int i = 0; i < GROUP; i++) {
        hs_h5_block_free(&writer->group[i].depth);
        hs_h5_block_free(&writer->group[i].mask);
    }
    hs_arena_free(&writer->arena);
    free(writer->frames);
    free(writer);
}

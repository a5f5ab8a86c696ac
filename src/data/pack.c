#include "data/pack.h"

#include "base/log.h"
#include "base/memory.h"
#include "data/camera_file.h"
#include "data/resample.h"
#include "data/selection.h"
#include "io/file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const method_names[] = {"auto", "subject", "frame", "lists", "published"};

enum { GROUP = 64 }; /* frames in memory at a time */

/* Room for a group of frames of the output's size, and the samples they take of the input. */
typedef struct workspace {
    int32_t *rows, *columns;
    uint16_t *depth;
    uint8_t *mask;
    hs_error_record errors[GROUP];
    bool hands[GROUP]; /* whether a frame has a pixel of one */
} workspace;

/* ---- splits ---- */

static hs_status read_text(const char *path, char **text)
{
    FILE *file = fopen(path, "rb");
    size_t size = 0;
    *text = NULL;
    if (!file || getdelim(text, &size, EOF, file) < 0) {
        int err = file && feof(file) ? 0 : errno;
        if (file)
            fclose(file);
        return err ? hs_error_system(err, NULL, "%s: cannot read the list", path)
                   : hs_error(HS_ERR_DATA, NULL, "%s: got an empty list, expected names", path);
    }
    fclose(file);
    return HS_OK;
}

static hs_status split_by_lists(const hs_pack_config *config, hs_layout *layout)
{
    hs_status status = HS_OK;
    for (int p = 0; p < HS_SPLIT_PARTS && status == HS_OK; p++) {
        char *text = NULL;
        if (!config->lists[p])
            continue;
        status = read_text(config->lists[p], &text);
        if (status == HS_OK)
            status = hs_split_by_list(layout->frames, layout->count, (hs_split)p, config->lists[p],
                                      text);
        free(text);
    }
    return status;
}

/* Where the publisher has no validation, frames of the training become it. */
static hs_status add_validation(const hs_pack_config *config, hs_layout *layout)
{
    int64_t n = 0;
    const int ratio[HS_SPLIT_PARTS] = {config->ratio[HS_SPLIT_TRAIN], config->ratio[HS_SPLIT_VAL]};
    void *memory;
    hs_status status;
    HS_TRY(hs_allocate((size_t)layout->count * sizeof *layout->frames, "frames", &memory));
    hs_frame_info *train = memory;
    for (int64_t i = 0; i < layout->count; i++)
        if (layout->frames[i].split == HS_SPLIT_TRAIN)
            train[n++] = layout->frames[i];
    status = n ? hs_split_by_frame(train, n, ratio, config->seed) : HS_OK;
    n = 0;
    for (int64_t i = 0; i < layout->count && status == HS_OK; i++)
        if (layout->frames[i].split == HS_SPLIT_TRAIN)
            layout->frames[i].split = train[n++].split;
    free(memory);
exit:
    return status;
}

static hs_status split_as_published(const hs_pack_config *config, hs_layout *layout)
{
    if (!layout->published)
        return hs_error(HS_ERR_DATA, layout->kind->shape,
                        "%s: got no folders of a published split, which --split published needs",
                        layout->folder);
    for (int64_t i = 0; i < layout->count; i++)
        if (layout->frames[i].split == HS_SPLIT_VAL) {
            if (!config->drawn)
                return HS_OK;
            return hs_error(HS_ERR_USAGE, "leave it out, or draw a split: --split frame",
                            "%s: got %s for a set published with a validation split, expected it "
                            "where a split is drawn",
                            layout->folder, config->drawn);
        }
    return config->ratio[HS_SPLIT_VAL] > 0 ? add_validation(config, layout) : HS_OK;
}

static hs_status split(const hs_pack_config *config, hs_layout *layout)
{
    switch (config->method) {
    case HS_METHOD_AUTO: /* decided in hs_pack */
    case HS_METHOD_SUBJECT:
        return hs_split_by_subject(layout->frames, layout->count, config->ratio, config->seed);
    case HS_METHOD_FRAME:
        return hs_split_by_frame(layout->frames, layout->count, config->ratio, config->seed);
    case HS_METHOD_LISTS:
        return split_by_lists(config, layout);
    case HS_METHOD_PUBLISHED:
        return split_as_published(config, layout);
    }
    return HS_OK;
}

/* Takes rejected frames out of the layout. */
static hs_status leave_out(hs_layout *layout, const uint8_t *rejected)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < layout->count; i++)
        if (!rejected[i])
            layout->frames[kept++] = layout->frames[i];
    if (kept == 0)
        return hs_error(HS_ERR_DATA, "look at them with handseg review, or pack them with --all",
                        "%s: every one of its %lld frames is rejected", layout->folder,
                        (long long)layout->count);
    layout->count = kept;
    return HS_OK;
}

/* Lists may name rejected frames, so they come before the rejected ones go; a random split shares
 * out what is left. */
static hs_status select_and_split(const hs_pack_config *config, hs_layout *layout,
                                  const uint8_t *rejected)
{
    bool lists = config->method == HS_METHOD_LISTS;
    if (config->method != HS_METHOD_PUBLISHED)
        for (int64_t i = 0; i < layout->count; i++)
            layout->frames[i].split = HS_SPLIT_NONE;
    hs_status status = lists ? split(config, layout) : HS_OK;
    if (status == HS_OK && rejected && !config->all)
        status = leave_out(layout, rejected);
    return status == HS_OK && !lists ? split(config, layout) : status;
}

/* ---- what the data set says of itself ---- */

/* `camera` holds the texts that the spec points to. */
static hs_status describe(const hs_pack_config *config, const hs_layout *layout,
                          hs_camera_file *camera, hs_dataset_spec *spec)
{
    double unit = layout->kind->depth_unit;
    *spec = (hs_dataset_spec){.height = config->height ? config->height : layout->height,
                              .width = config->width ? config->width : layout->width,
                              .classes = HS_LAYOUT_CLASSES,
                              .sensor = layout->kind->sensor,
                              .annotation = layout->kind->annotation,
                              .depth_unit = unit > 0 ? unit : HS_SR300_DEPTH_UNIT,
                              .split_method = method_names[config->method],
                              .subjects_unknown = layout->subjects_unknown};
    memcpy(spec->labels, hs_layout_labels, sizeof hs_layout_labels);
    char path[4096];
    snprintf(path, sizeof path, "%s/camera.ini", config->folder);
    if (access(path, F_OK) == 0) {
        hs_status status = hs_camera_file_read(path, camera);
        if (status != HS_OK)
            return status;
        if (camera->width != layout->width || camera->height != layout->height)
            return hs_error(HS_ERR_DATA, NULL, "%s: got %dx%d, expected %dx%d like the images",
                            path, camera->width, camera->height, layout->width, layout->height);
        spec->depth_unit = camera->depth_unit;
        if (camera->sensor[0])
            spec->sensor = camera->sensor;
        if (camera->annotation[0])
            spec->annotation = camera->annotation;
        spec->intrinsics =
            hs_intrinsics_resize(camera->intrinsics, (int32_t[2]){camera->width, camera->height},
                                 (int32_t[2]){spec->width, spec->height});
    } else if (config->depth_unit == 0 && unit == 0)
        hs_log(
            "no camera.ini: taking the SR300's unit of depth, %.6g mm; --depth-unit says another",
            1000 * spec->depth_unit);
    if (config->depth_unit > 0)
        spec->depth_unit = config->depth_unit;
    return HS_OK;
}

/* ---- frames ---- */

static void workspace_free(workspace *w)
{
    free(w->rows);
    free(w->columns);
    free(w->depth);
    free(w->mask);
}

static hs_status workspace_init(workspace *w, const hs_layout *layout, const hs_dataset_spec *spec)
{
    size_t h = (size_t)spec->height, width = (size_t)spec->width, group = GROUP;
    void *memory;
    hs_status status;
    HS_TRY(hs_allocate(h * sizeof *w->rows, "rows", &memory));
    w->rows = memory;
    HS_TRY(hs_allocate(width * sizeof *w->columns, "columns", &memory));
    w->columns = memory;
    HS_TRY(hs_allocate(group * h * width * sizeof *w->depth, "depth of a group", &memory));
    w->depth = memory;
    HS_TRY(hs_allocate(group * h * width, "masks of a group", &memory));
    w->mask = memory;
    hs_axis rows = hs_axis_resize(layout->height, spec->height);
    hs_axis columns = hs_axis_resize(layout->width, spec->width);
    hs_axis_map(&rows, w->rows);
    hs_axis_map(&columns, w->columns);
exit:
    return status;
}

static hs_status read_frame(const hs_layout *layout, int64_t i, const hs_dataset_spec *spec,
                            workspace *w, size_t slot)
{
    uint16_t *depth;
    uint8_t *mask;
    hs_status status = hs_layout_read(layout, i, &depth, &mask);
    if (status != HS_OK)
        return status;
    size_t at = slot * (size_t)spec->height * (size_t)spec->width;
    hs_gather_u16(depth, layout->width, w->rows, w->columns, spec->height, spec->width,
                  w->depth + at);
    hs_gather_u8(mask, layout->width, w->rows, w->columns, spec->height, spec->width, w->mask + at);
    size_t pixels = (size_t)spec->height * (size_t)spec->width, p = 0;
    while (p < pixels && w->mask[at + p] == 0)
        p++;
    w->hands[slot] = p < pixels;
    free(depth);
    free(mask);
    return HS_OK;
}

static hs_status pack_frames(const hs_layout *layout, const hs_dataset_spec *spec,
                             hs_dataset_writer *writer)
{
    workspace w = {0};
    bool hands = false;
    hs_progress progress = hs_progress_start("packing", "frames", 0, layout->count);
    hs_status status;
    HS_TRY(workspace_init(&w, layout, spec));
    for (int64_t first = 0; first < layout->count; first += GROUP) {
        int n = layout->count - first < GROUP ? (int)(layout->count - first) : GROUP;
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < n; i++)
            hs_error_save(&w.errors[i], read_frame(layout, first + i, spec, &w, (size_t)i));
        for (int i = 0; i < n; i++)
            HS_TRY(hs_error_raise(&w.errors[i]));
        for (int i = 0; i < n; i++)
            hands = hands || w.hands[i];
        HS_TRY(hs_dataset_append(writer, n, layout->frames + first, w.depth, w.mask));
        hs_progress_update(&progress, first + n, NULL);
    }
    hs_progress_finish(&progress, NULL);
    if (!hands)
        HS_TRY(hs_error(HS_ERR_DATA, "is it a set with labels? --layout says how they are stored",
                        "%s: got no labelled pixel in %lld frames, expected hands", layout->folder,
                        (long long)layout->count));
exit:
    workspace_free(&w);
    return status;
}

/* People in two parts make a test easier than the world; where nobody knows them, frames are what
 * there is to share out. */
static hs_split_method method_of(const hs_layout *layout)
{
    if (layout->published)
        return HS_METHOD_PUBLISHED;
    if (!layout->subjects_unknown)
        return HS_METHOD_SUBJECT;
    hs_log("%s: splitting by frame, as nothing says who is in each: people may be in two splits",
           layout->folder);
    return HS_METHOD_FRAME;
}

hs_status hs_pack(const hs_pack_config *given)
{
    hs_pack_config resolved = *given;
    const hs_pack_config *config = &resolved;
    if (!config->force && access(config->out, F_OK) == 0)
        return hs_error(HS_ERR_IO, "give another name, or --force to replace it",
                        "%s: exists already", config->out);
    hs_layout layout = {0};
    hs_dataset_spec spec;
    hs_camera_file camera;
    hs_dataset_writer *writer = NULL;
    hs_review_counts counts;
    const uint8_t *rejected;
    hs_status status;
    HS_TRY(hs_file_check_writable(config->out));
    hs_file_clear_temporaries(config->out);
    if (!config->all)
        HS_TRY(hs_selection_check(config->folder)); /* first: of its frames some lack their mask */
    HS_TRY(hs_layout_scan(&layout, config->layout ? config->layout : &hs_layout_handseg,
                          config->folder));
    if (config->method == HS_METHOD_AUTO)
        resolved.method = method_of(&layout);
    HS_TRY(hs_selection_make(&layout, &counts, &rejected));
    HS_TRY(select_and_split(config, &layout, rejected));
    HS_TRY(describe(config, &layout, &camera, &spec));
    spec.review = rejected ? &counts : NULL;
    HS_TRY(hs_dataset_create(config->out, &spec, &writer));
    HS_TRY(pack_frames(&layout, &spec, writer));
    HS_TRY(hs_dataset_finish(writer));
exit:
    hs_dataset_drop(writer);
    hs_layout_free(&layout);
    return status;
}

#include "segment/inputs.h"

#include "data/camera_file.h"
#include "data/layout.h"
#include "eval/frame_name.h"
#include "io/file.h"
#include "io/png.h"
#include "recording/recording.h"
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static hs_status add_frame(hs_inputs *in, hs_input_frame frame, const char *name)
{
    if (in->count == in->room) {
        int64_t room = in->room ? 2 * in->room : 64;
        void *grown = realloc(in->frames, sizeof *in->frames * (size_t)room);
        if (!grown)
            return hs_error(HS_ERR_MEMORY, NULL, "%s: out of memory", frame.path);
        in->frames = grown;
        in->room = room;
    }
    frame.name = hs_arena_string(&in->arena, name);
    in->frames[in->count++] = frame;
    return HS_OK;
}

static hs_status add_png(hs_inputs *in, const char *path, const char *color, double depth_unit)
{
    const char *slash = strrchr(path, '/');
    hs_input_frame frame = {
        .path = hs_arena_string(&in->arena, path), .color = color, .depth_unit = depth_unit};
    hs_status status = hs_png_size_u16(path, &frame.width, &frame.height);
    if (status != HS_OK)
        return status;
    return add_frame(in, frame, hs_frame_name_from(slash ? slash + 1 : path).text);
}

static hs_status add_dataset(hs_inputs *in, const char *path)
{
    hs_input_set *set = hs_arena_take(&in->arena, sizeof *set);
    hs_status status = hs_dataset_open(path, &set->dataset);
    if (status != HS_OK)
        return status;
    set->next = in->sets;
    in->sets = set;
    const hs_dataset_info *info = hs_dataset_get_info(set->dataset);
    for (int64_t i = 0; i < info->frames && status == HS_OK; i++)
        status = add_frame(in,
                           (hs_input_frame){.path = hs_dataset_get_path(set->dataset),
                                            .dataset = set->dataset,
                                            .index = i,
                                            .height = info->height,
                                            .width = info->width,
                                            .depth_unit = info->depth_unit},
                           hs_frame_name_of(hs_dataset_get_frame(set->dataset, i)).text);
    return status;
}

static hs_status add_recording(hs_inputs *in, const char *path)
{
    hs_input_set *set = hs_arena_take(&in->arena, sizeof *set);
    set->next = in->sets;
    in->sets = set;
    hs_status status = hs_recorded_open(path, &set->recorded);
    if (status != HS_OK)
        return status;
    const hs_recorded_info *info = hs_recorded_get_info(set->recorded);
    for (uint32_t i = 0; i < info->count && status == HS_OK; i++)
        status = add_frame(in,
                           (hs_input_frame){.path = hs_arena_string(&in->arena, path),
                                            .recorded = set->recorded,
                                            .index = i,
                                            .height = info->height,
                                            .width = info->width,
                                            .depth_unit = info->depth_unit},
                           hs_recorded_get_frame(set->recorded, i)->source);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int only_png(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && dot != entry->d_name && entry->d_name[0] != '.' && strcasecmp(dot, ".png") == 0;
}

static bool holds_recordings(const char *path)
{
    hs_recording_list list = {0};
    bool found = hs_recording_list_read(path, &list) == HS_OK;
    hs_recording_list_free(&list);
    return found;
}

static hs_status add_folder(hs_inputs *in, const char *path)
{
    const char *camera = hs_arena_format(&in->arena, "%s/camera.ini", path);
    const char *images = hs_arena_format(&in->arena, "%s/" HS_LAYOUT_IMAGES, path);
    const char *folder = is_folder(images) ? images : path;
    struct dirent **entries = NULL;
    hs_camera_file about = {0};
    hs_status status = HS_OK;
    int n = scandir(folder, &entries, only_png, alphasort);
    if (n < 0)
        return hs_file_open_error(folder, errno);
    if (n == 0)
        status = holds_recordings(path)
                     ? add_recording(in, path)
                     : hs_error(HS_ERR_DATA, "name a folder of 16-bit depth images or recordings",
                                "%s: got a folder without PNG files", folder);
    if (status == HS_OK && access(camera, F_OK) == 0)
        status = hs_camera_file_read(camera, &about);
    for (int i = 0; i < n && status == HS_OK; i++) {
        const char *name = entries[i]->d_name;
        const char *color = hs_arena_format(&in->arena, "%s/color/%s", path, name);
        status =
            add_png(in, hs_arena_format(&in->arena, "%s/%s", folder, name),
                    folder == images && access(color, F_OK) == 0 ? color : NULL, about.depth_unit);
    }
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    return status;
}

hs_status hs_inputs_add(hs_inputs *in, const char *path)
{
    static const unsigned char png[] = "\211PNG", hdf5[] = "\211HDF";
    unsigned char start[4] = {0};
    size_t size;
    if (is_folder(path) && !hs_recording_is_folder(path))
        return add_folder(in, path);
    if (hs_recording_is_likely(path))
        return add_recording(in, path);
    hs_status status = hs_file_read_start(path, start, sizeof start, &size);
    if (status != HS_OK)
        return status;
    if (size == sizeof start && memcmp(start, png, sizeof start) == 0)
        return add_png(in, path, NULL, 0);
    if (size == sizeof start && memcmp(start, hdf5, sizeof start) == 0)
        return add_dataset(in, path);
    return hs_error(
        HS_ERR_FORMAT, NULL,
        "%s: got another file, expected a 16-bit PNG, a folder of them, a data set or a "
        "recording",
        path);
}

static int by_name(const void *a, const void *b)
{
    const hs_input_frame *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

hs_status hs_inputs_check_names(const hs_inputs *in)
{
    const hs_input_frame **sorted;
    hs_status status =
        hs_allocate(sizeof *sorted * (size_t)in->count, "names of frames", (void **)&sorted);
    if (status != HS_OK)
        return status;
    for (int64_t i = 0; i < in->count; i++)
        sorted[i] = &in->frames[i];
    qsort(sorted, (size_t)in->count, sizeof *sorted, by_name);
    for (int64_t i = 1; i < in->count && status == HS_OK; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            status = hs_error(HS_ERR_USAGE, "segment them into folders of their own",
                              "%s and %s: got two frames named %s, expected different names",
                              sorted[i - 1]->path, sorted[i]->path, sorted[i]->name);
    free(sorted);
    return status;
}

hs_status hs_inputs_check_color(const hs_inputs *in, const char *model)
{
    for (int64_t i = 0; i < in->count; i++)
        if (!in->frames[i].recorded && !in->frames[i].color)
            return hs_error(HS_ERR_DATA,
                            "name a recording, or a folder with depth in images/ and what each of "
                            "its pixels shows in color/",
                            "%s: got depth alone, expected the colours beside it that %s goes by",
                            in->frames[i].path, model);
    return HS_OK;
}

static hs_status changed(const char *path)
{
    return hs_error(HS_ERR_DATA, NULL, "%s: changed while it was in use", path);
}

static hs_status read_png(const hs_input_frame *f, uint16_t **depth, uint8_t **color)
{
    hs_status status;
    int width, height;
    HS_TRY(hs_png_read_u16(f->path, depth, &width, &height));
    if (width != f->width || height != f->height)
        HS_TRY(changed(f->path));
    if (!color)
        return HS_OK;
    HS_TRY(hs_png_read_rgb(f->color, color, &width, &height));
    if (width != f->width || height != f->height)
        status = hs_error(HS_ERR_DATA, "colours belong to the pixels of depth, one to one",
                          "%s: got %dx%d, expected %dx%d as in %s", f->color, width, height,
                          f->width, f->height, f->path);
exit:
    return status;
}

hs_status hs_input_read(const hs_input_frame *frame, uint16_t **depth, uint8_t **color)
{
    size_t area = (size_t)frame->height * (size_t)frame->width;
    hs_status status;
    *depth = NULL;
    if (color)
        *color = NULL;
    if (!frame->dataset && !frame->recorded) {
        HS_TRY(read_png(frame, depth, color));
        goto exit;
    }
    HS_TRY(hs_allocate(area * sizeof **depth, "frame", (void **)depth));
    if (color)
        HS_TRY(hs_allocate(3 * area, "colours", (void **)color));
    if (frame->dataset)
        HS_TRY(hs_dataset_read(frame->dataset, frame->index, *depth, NULL));
    else
        HS_TRY(hs_recorded_read(frame->recorded, (uint32_t)frame->index, *depth,
                                color ? *color : NULL, NULL));
exit:
    if (status != HS_OK) {
        free(*depth);
        *depth = NULL;
        if (color) {
            free(*color);
            *color = NULL;
        }
    }
    return status;
}

void hs_inputs_close(hs_inputs *in)
{
    for (hs_input_set *set = in->sets; set; set = set->next) {
        hs_dataset_close(set->dataset);
        hs_recorded_close(set->recorded);
    }
    free(in->frames);
    hs_arena_free(&in->arena);
    *in = (hs_inputs){0};
}

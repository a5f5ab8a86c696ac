#include "data/layout.h"

#include "base/log.h"
#include "io/png.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const hs_layout_labels[HS_LAYOUT_CLASSES] = {"background", "right", "left"};

const hs_layout_kind *const hs_layout_kinds[] = {
#define HS_LAYOUT(name) &hs_layout_##name,
#include "data/layouts.def"
#undef HS_LAYOUT
    NULL};

enum { PATH_SIZE = 4096, GROUP = 64 /* headers that are looked at together */ };

/* ---- listing ---- */

typedef struct listing {
    char **names;
    int64_t count, capacity;
} listing;

static void listing_free(listing *list)
{
    for (int64_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
}

static hs_status listing_add(listing *list, const char *name)
{
    if (list->count == list->capacity) {
        int64_t capacity = list->capacity ? 2 * list->capacity : 1024;
        char **names = realloc(list->names, (size_t)capacity * sizeof *names);
        if (!names)
            return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for the list of files", name);
        list->names = names;
        list->capacity = capacity;
    }
    list->names[list->count] = strdup(name);
    if (!list->names[list->count])
        return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for the list of files", name);
    list->count++;
    return HS_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All entries of a folder but hidden ones, sorted. */
static hs_status list_folder(const hs_layout_kind *kind, const char *path, listing *list)
{
    DIR *entries = opendir(path);
    if (!entries)
        return hs_error_system(errno, kind->shape, "%s: cannot list", path);
    hs_status status = HS_OK;
    for (struct dirent *entry; status == HS_OK && (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.')
            status = listing_add(list, entry->d_name);
    closedir(entries);
    if (status == HS_OK && list->count == 0)
        status =
            hs_error(HS_ERR_DATA, kind->shape, "%s: got an empty folder, expected frames", path);
    if (status == HS_OK)
        qsort(list->names, (size_t)list->count, sizeof *list->names, by_name);
    return status;
}

/* Leaves only frames in the list. */
static hs_status keep_frame_names(const hs_layout_kind *kind, const char *path, listing *list)
{
    hs_frame_info info;
    int64_t total = list->count, bad = 0;
    char first[256] = "";
    list->count = 0;
    for (int64_t i = 0; i < total; i++) {
        char *name = list->names[i];
        hs_layout_entry entry = kind->parse(name, &info);
        if (entry == HS_ENTRY_FRAME) {
            list->names[list->count++] = name;
            continue;
        }
        if (entry == HS_ENTRY_WRONG && bad++ == 0)
            snprintf(first, sizeof first, "%s", name);
        free(name);
    }
    if (bad)
        return hs_error(HS_ERR_DATA, "move other files out of the folder, or rename them",
                        "%s/%s: got this name (%lld of %lld files are named wrongly), expected %s",
                        path, first, (long long)bad, (long long)total, kind->file);
    if (list->count == 0)
        return hs_error(HS_ERR_DATA, kind->shape, "%s: got %lld other files, expected %s", path,
                        (long long)total, kind->file);
    return HS_OK;
}

/* Both lists are sorted: the first difference is a file without its partner. */
static hs_status check_partners(const char *depth_path, const char *mask_path,
                                const listing *images, const listing *masks)
{
    int64_t i = 0, m = 0, alone[2] = {0};
    const char *first[2] = {NULL, NULL};
    while (i < images->count || m < masks->count) {
        int order = i == images->count  ? 1
                    : m == masks->count ? -1
                                        : strcmp(images->names[i], masks->names[m]);
        if (order != 0) {
            int k = order > 0;
            first[k] = alone[k]++ ? first[k] : k ? masks->names[m] : images->names[i];
        }
        i += order <= 0;
        m += order >= 0;
    }
    if (alone[0])
        return hs_error(HS_ERR_DATA, "annotate it, or remove the image",
                        "%s/%s: depth without a mask (%lld such images), expected %s/%s",
                        depth_path, first[0], (long long)alone[0], mask_path, first[0]);
    if (alone[1])
        return hs_error(HS_ERR_DATA, "remove the mask, or find its image",
                        "%s/%s: mask without depth (%lld such masks), expected %s/%s", mask_path,
                        first[1], (long long)alone[1], depth_path, first[1]);
    return HS_OK;
}

static hs_status add_frames(hs_layout *layout, const char *prefix, hs_split split,
                            const listing *list)
{
    const hs_layout_kind *kind = layout->kind;
    size_t before = (size_t)layout->count, count = before + (size_t)list->count;
    hs_frame_info *frames = hs_arena_take(&layout->arena, sizeof *frames * count);
    if (before)
        memcpy(frames, layout->frames, sizeof *frames * before);
    for (int64_t i = 0; i < list->count; i++) {
        hs_frame_info *frame = &frames[before + (size_t)i];
        kind->parse(list->names[i], frame);
        frame->split = split;
        frame->source = hs_arena_format(&layout->arena, "%s%s%s%s", prefix, kind->depth,
                                        kind->depth[0] ? "/" : "", list->names[i]);
    }
    layout->frames = frames;
    layout->count = (int64_t)count;
    return HS_OK;
}

/* FOLDER/PREFIX/PART without a slash at its end, where prefix or part are empty. */
static void join_path(char path[PATH_SIZE], const char *folder, const char *prefix,
                      const char *part)
{
    int length = snprintf(path, PATH_SIZE, "%s/%s%s", folder, prefix, part);
    if (length < PATH_SIZE && path[length - 1] == '/')
        path[length - 1] = 0;
}

/* Lists one part, FOLDER/PREFIX with a prefix such as "training/". */
static hs_status list_part(hs_layout *layout, const char *prefix, hs_split split)
{
    const hs_layout_kind *kind = layout->kind;
    char depth_path[PATH_SIZE], mask_path[PATH_SIZE];
    join_path(depth_path, layout->folder, prefix, kind->depth);
    listing images = {0}, masks = {0};
    hs_status status;
    HS_TRY(list_folder(kind, depth_path, &images));
    if (kind->mask) {
        join_path(mask_path, layout->folder, prefix, kind->mask);
        HS_TRY(list_folder(kind, mask_path, &masks));
    }
    HS_TRY(keep_frame_names(kind, depth_path, &images));
    if (kind->mask) {
        HS_TRY(keep_frame_names(kind, mask_path, &masks));
        HS_TRY(check_partners(depth_path, mask_path, &images, &masks));
    }
    HS_TRY(add_frames(layout, prefix, split, &images));
exit:
    listing_free(&images);
    listing_free(&masks);
    return status;
}

static int by_origin(const void *a, const void *b)
{
    const hs_frame_info *x = a, *y = b;
    if (x->subject != y->subject)
        return x->subject < y->subject ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return strcmp(x->source, y->source);
}

static void sort_frames(hs_layout *layout)
{
    qsort(layout->frames, (size_t)layout->count, sizeof *layout->frames, by_origin);
}

static bool has_part(const hs_layout_kind *kind, const char *folder, int part)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, kind->parts[part].folder);
    return access(path, F_OK) == 0;
}

/* What is not there, and what is there for nothing: frames beside the parts belong to none. */
static void warn_of_the_rest(const hs_layout_kind *kind, const char *folder)
{
    char path[PATH_SIZE];
    int64_t loose = 0;
    hs_frame_info info;
    join_path(path, folder, "", kind->depth);
    DIR *entries = opendir(path);
    for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;)
        loose += kind->parse(entry->d_name, &info) == HS_ENTRY_FRAME;
    if (entries)
        closedir(entries);
    if (loose > 0)
        hs_warn("%s: %lld frames lie beside the folders of the published split and are left out; "
                "move them into one, or into a folder of their own",
                path, (long long)loose);
    for (int p = 0; p < HS_SPLIT_NONE && kind->parts[p].folder; p++)
        if (!has_part(kind, folder, p))
            hs_warn("%s: got no %s/, where the publisher's %s frames lie; taking what is there",
                    folder, kind->parts[p].folder, hs_split_name(kind->parts[p].split));
}

hs_status hs_layout_list(hs_layout *layout, const hs_layout_kind *kind, const char *folder)
{
    hs_status status;
    layout->kind = kind;
    layout->subjects_unknown = kind->subjects_unknown;
    layout->folder = hs_arena_string(&layout->arena, folder);
    for (int p = 0; p < HS_SPLIT_NONE && kind->parts[p].folder; p++) {
        char path[PATH_SIZE];
        if (!has_part(kind, folder, p))
            continue;
        layout->published = true;
        snprintf(path, sizeof path, "%s/", kind->parts[p].folder);
        HS_TRY(list_part(layout, path, kind->parts[p].split));
    }
    if (layout->published)
        warn_of_the_rest(kind, folder);
    else
        HS_TRY(list_part(layout, "", HS_SPLIT_NONE));
    sort_frames(layout);
exit:
    return status;
}

/* ---- headers ---- */

/* The mask's path is that of the depth with the other folder. */
static void paths_of(const hs_layout *layout, int64_t i, char depth[PATH_SIZE],
                     char mask[PATH_SIZE])
{
    const hs_layout_kind *kind = layout->kind;
    const char *source = layout->frames[i].source, *slash = strrchr(source, '/');
    snprintf(depth, PATH_SIZE, "%s/%s", layout->folder, source);
    if (kind->mask)
        snprintf(mask, PATH_SIZE, "%s/%.*s%s%s", layout->folder,
                 (int)((size_t)(slash - source) - strlen(kind->depth)), source, kind->mask, slash);
    else
        mask[0] = 0;
}

hs_status hs_layout_look_rgb(const char *depth_path, hs_frame_info *info, hs_layout_header *header)
{
    (void)info; /* the name says it all */
    return hs_png_size_rgb(depth_path, &header->width, &header->height);
}

static hs_status check_header(const hs_layout *layout, int64_t i, hs_layout_header *header)
{
    char depth[PATH_SIZE], mask[PATH_SIZE];
    paths_of(layout, i, depth, mask);
    int mask_width, mask_height;
    hs_status status;
    HS_TRY(layout->kind->look(depth, &layout->frames[i], header));
    if (layout->kind->mask) {
        HS_TRY(hs_png_size_u8(mask, &mask_width, &mask_height));
        if (mask_width != header->width || mask_height != header->height)
            return hs_error(HS_ERR_DATA, "depth and mask must show the same pixels",
                            "%s: got a mask of %dx%d, expected %dx%d like its depth", mask,
                            mask_width, mask_height, header->width, header->height);
    }
exit:
    return status;
}

/* Of the n frames from the first on: the same error, however many threads look. */
static hs_status check_group(hs_layout *layout, hs_layout_header *headers, int64_t first, int n)
{
    hs_error_record errors[GROUP];
    hs_status status = HS_OK;
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++)
        hs_error_save(&errors[i], check_header(layout, first + i, &headers[first + i]));
    for (int i = 0; i < n; i++) {
        const hs_layout_header *header = &headers[first + i];
        HS_TRY(hs_error_raise(&errors[i]));
        if (header->width != headers->width || header->height != headers->height)
            return hs_error(HS_ERR_DATA, "pack frames of different sizes into different files",
                            "%s/%s: got %dx%d, expected %dx%d like %s", layout->folder,
                            layout->frames[first + i].source, header->width, header->height,
                            headers->width, headers->height, layout->frames[0].source);
    }
exit:
    return status;
}

/* A person whom headers name by a text, and a frame. */
typedef struct named_frame {
    const char *person;
    int64_t frame;
} named_frame;

static int by_person(const void *a, const void *b)
{
    const named_frame *x = a, *y = b;
    return strcmp(x->person, y->person);
}

static hs_status number_people(hs_layout *layout, const hs_layout_header *headers)
{
    void *memory;
    int64_t count = 0;
    int32_t number = 0;
    hs_status status = hs_allocate((size_t)layout->count * sizeof(named_frame), "people", &memory);
    if (status != HS_OK)
        return status;
    named_frame *named = memory;
    for (int64_t i = 0; i < layout->count; i++) {
        if (headers[i].person)
            named[count++] = (named_frame){headers[i].person, i};
        else if (layout->frames[i].subject > number)
            number = layout->frames[i].subject;
        layout->subjects_unknown = layout->subjects_unknown || headers[i].nobody;
    }
    qsort(named, (size_t)count, sizeof *named, by_person);
    for (int64_t i = 0; i < count; i++) {
        number += i == 0 || by_person(&named[i], &named[i - 1]) != 0;
        layout->frames[named[i].frame].subject = number;
    }
    free(memory);
    return HS_OK;
}

static hs_status check_headers(hs_layout *layout)
{
    void *memory;
    int64_t count = layout->count;
    hs_status status = hs_allocate((size_t)count * sizeof(hs_layout_header), "headers", &memory);
    if (status != HS_OK)
        return status;
    hs_layout_header *headers = memory;
    hs_progress progress = hs_progress_start("checking", "frames", 0, count);
    for (int64_t first = 0; first < count; first += GROUP) {
        int n = count - first < GROUP ? (int)(count - first) : GROUP;
        HS_TRY(check_group(layout, headers, first, n));
        hs_progress_update(&progress, first + n, NULL);
    }
    hs_progress_finish(&progress, NULL);
    layout->width = headers->width;
    layout->height = headers->height;
    HS_TRY(number_people(layout, headers));
exit:
    for (int64_t i = 0; i < count; i++)
        free(headers[i].person);
    free(memory);
    return status;
}

hs_status hs_layout_scan(hs_layout *layout, const hs_layout_kind *kind, const char *folder)
{
    hs_status status;
    HS_TRY(hs_layout_list(layout, kind, folder));
    HS_TRY(check_headers(layout));
    sort_frames(layout); /* headers may name subjects */
exit:
    return status;
}

const char *const *hs_layout_names(hs_layout *layout)
{
    const char **names = hs_arena_take(&layout->arena, sizeof *names * (size_t)layout->count);
    for (int64_t i = 0; i < layout->count; i++) {
        const char *source = layout->frames[i].source, *slash = strrchr(source, '/');
        const char *name = slash ? slash + 1 : source;
        names[i] = hs_arena_format(&layout->arena, "%.*s", (int)(strrchr(name, '.') - name), name);
    }
    return names;
}

void hs_layout_free(hs_layout *layout)
{
    hs_arena_free(&layout->arena);
    *layout = (hs_layout){0};
}

/* ---- frames ---- */

hs_status hs_layout_read(const hs_layout *layout, int64_t i, uint16_t **depth, uint8_t **mask)
{
    char depth_path[PATH_SIZE], mask_path[PATH_SIZE];
    paths_of(layout, i, depth_path, mask_path);
    *depth = NULL;
    *mask = NULL;
    hs_status status = layout->kind->read(depth_path, mask_path, depth, mask);
    if (status != HS_OK) {
        free(*depth);
        free(*mask);
        *depth = NULL;
        *mask = NULL;
    }
    return status;
}

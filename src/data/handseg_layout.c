#include "data/handseg_layout.h"

#include "data/frame_stats.h"
#include "io/png.h"
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const hs_layout_labels[HS_LAYOUT_CLASSES] = {"background", "right", "left"};

enum { PATH_SIZE = 4096 };
static const char suffix[] = ".png";

static const char *const shape_hint =
    "expected " HS_LAYOUT_IMAGES "/user-<subject>.<frame>.png and " HS_LAYOUT_MASKS
    "/ with the same names";

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

/* All entries of FOLDER/PART but hidden ones, sorted. */
static hs_status list_part(const char *folder, const char *part, listing *list)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, part);
    DIR *entries = opendir(path);
    if (!entries)
        return hs_error_system(errno, shape_hint, "%s: cannot list", path);
    hs_status status = HS_OK;
    for (struct dirent *entry; status == HS_OK && (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.')
            status = listing_add(list, entry->d_name);
    closedir(entries);
    if (status == HS_OK && list->count == 0)
        status =
            hs_error(HS_ERR_DATA, shape_hint, "%s: got an empty folder, expected frames", path);
    if (status == HS_OK)
        qsort(list->names, (size_t)list->count, sizeof *list->names, by_name);
    return status;
}

/* "user-3.00000120" followed by `end` gives 3 and 120. */
static bool parse_name(const char *name, const char *end, hs_frame_info *info)
{
    enum { MOST = 9 }; /* digits of an int32_t */
    static const char digits[] = "0123456789";
    if (strncmp(name, "user-", 5) != 0)
        return false;
    const char *subject = name + 5;
    size_t subject_digits = strspn(subject, digits);
    const char *number = subject + subject_digits + 1;
    if (subject_digits < 1 || subject_digits > MOST || number[-1] != '.')
        return false;
    size_t number_digits = strspn(number, digits);
    if (number_digits < 1 || number_digits > MOST || strcmp(number + number_digits, end) != 0)
        return false;
    info->subject = atoi(subject);
    info->number = atoi(number);
    return true;
}

bool hs_is_frame_name(const char *name)
{
    hs_frame_info info;
    return parse_name(name, "", &info);
}

static hs_status check_names(const char *folder, const char *part, const listing *list)
{
    hs_frame_info info;
    int64_t bad = 0;
    const char *first = NULL;
    for (int64_t i = list->count - 1; i >= 0; i--)
        if (!parse_name(list->names[i], suffix, &info)) {
            bad++;
            first = list->names[i];
        }
    return bad == 0 ? HS_OK
                    : hs_error(HS_ERR_DATA, "move other files out of the folder, or rename them",
                               "%s/%s/%s: got this name (%lld of %lld files are named wrongly), "
                               "expected user-<subject>.<frame>.png",
                               folder, part, first, (long long)bad, (long long)list->count);
}

/* Both lists are sorted: the first difference is a file without its partner. */
static hs_status check_partners(const char *folder, const listing *images, const listing *masks)
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
                        "%s/" HS_LAYOUT_IMAGES "/%s: depth without a mask (%lld such images), "
                        "expected %s/" HS_LAYOUT_MASKS "/%s",
                        folder, first[0], (long long)alone[0], folder, first[0]);
    if (alone[1])
        return hs_error(HS_ERR_DATA, "remove the mask, or find its image",
                        "%s/" HS_LAYOUT_MASKS "/%s: mask without depth (%lld such masks), "
                        "expected %s/" HS_LAYOUT_IMAGES "/%s",
                        folder, first[1], (long long)alone[1], folder, first[1]);
    return HS_OK;
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

static hs_status keep_frames(hs_handseg_layout *layout, const listing *images)
{
    layout->count = images->count;
    layout->frames = hs_arena_take(&layout->arena, sizeof *layout->frames * (size_t)layout->count);
    for (int64_t i = 0; i < layout->count; i++) {
        hs_frame_info *frame = &layout->frames[i];
        parse_name(images->names[i], suffix, frame);
        frame->split = HS_SPLIT_NONE;
        frame->source = hs_arena_format(&layout->arena, HS_LAYOUT_IMAGES "/%s", images->names[i]);
    }
    qsort(layout->frames, (size_t)layout->count, sizeof *layout->frames, by_origin);
    return HS_OK;
}

/* ---- headers ---- */

static void paths_of(const hs_handseg_layout *layout, int64_t i, char image[PATH_SIZE],
                     char mask[PATH_SIZE])
{
    const char *source = layout->frames[i].source;
    snprintf(image, PATH_SIZE, "%s/%s", layout->folder, source);
    snprintf(mask, PATH_SIZE, "%s/" HS_LAYOUT_MASKS "/%s", layout->folder,
             source + sizeof HS_LAYOUT_IMAGES);
}

static hs_status check_header(const hs_handseg_layout *layout, int64_t i)
{
    char image[PATH_SIZE], mask[PATH_SIZE];
    paths_of(layout, i, image, mask);
    int width, height, mask_width, mask_height;
    hs_status status;
    HS_TRY(hs_png_size_u16(image, &width, &height));
    HS_TRY(hs_png_size_u8(mask, &mask_width, &mask_height));
    if (mask_width != width || mask_height != height)
        return hs_error(HS_ERR_DATA, "depth and mask must show the same pixels",
                        "%s: got a mask of %dx%d, expected %dx%d like its depth", mask, mask_width,
                        mask_height, width, height);
    if (width != layout->width || height != layout->height)
        return hs_error(HS_ERR_DATA, "pack frames of different sizes into different files",
                        "%s: got %dx%d, expected %dx%d like %s", image, width, height,
                        layout->width, layout->height, layout->frames[0].source);
exit:
    return status;
}

static hs_status check_headers(hs_handseg_layout *layout)
{
    char image[PATH_SIZE], mask[PATH_SIZE];
    paths_of(layout, 0, image, mask);
    hs_status status = hs_png_size_u16(image, &layout->width, &layout->height);
    if (status != HS_OK)
        return status;
    hs_error_record error = {0};
    int64_t first = layout->count;
#pragma omp parallel for schedule(dynamic, 16)
    for (int64_t i = 0; i < layout->count; i++) {
        hs_status checked = check_header(layout, i);
        if (checked != HS_OK) {
#pragma omp critical(hs_layout_error)
            if (i < first) { /* the same one, however many threads look */
                first = i;
                hs_error_save(&error, checked);
            }
        }
    }
    return hs_error_raise(&error);
}

hs_status hs_handseg_layout_list(hs_handseg_layout *layout, const char *folder)
{
    listing images = {0}, masks = {0};
    hs_status status;
    layout->folder = hs_arena_string(&layout->arena, folder);
    HS_TRY(list_part(folder, HS_LAYOUT_IMAGES, &images));
    HS_TRY(list_part(folder, HS_LAYOUT_MASKS, &masks));
    HS_TRY(check_names(folder, HS_LAYOUT_IMAGES, &images));
    HS_TRY(check_names(folder, HS_LAYOUT_MASKS, &masks));
    HS_TRY(check_partners(folder, &images, &masks));
    HS_TRY(keep_frames(layout, &images));
exit:
    listing_free(&images);
    listing_free(&masks);
    return status;
}

hs_status hs_handseg_layout_scan(hs_handseg_layout *layout, const char *folder)
{
    hs_status status = hs_handseg_layout_list(layout, folder);
    return status == HS_OK ? check_headers(layout) : status;
}

const char *const *hs_handseg_layout_names(hs_handseg_layout *layout)
{
    const char **names = hs_arena_take(&layout->arena, sizeof *names * (size_t)layout->count);
    for (int64_t i = 0; i < layout->count; i++) {
        const char *name = layout->frames[i].source + sizeof HS_LAYOUT_IMAGES;
        names[i] =
            hs_arena_format(&layout->arena, "%.*s", (int)(strlen(name) - sizeof suffix + 1), name);
    }
    return names;
}

void hs_handseg_layout_free(hs_handseg_layout *layout)
{
    hs_arena_free(&layout->arena);
    *layout = (hs_handseg_layout){0};
}

/* ---- frames ---- */

hs_status hs_handseg_layout_read(const hs_handseg_layout *layout, int64_t i, uint16_t **depth,
                                 uint8_t **mask)
{
    char image_path[PATH_SIZE], mask_path[PATH_SIZE];
    paths_of(layout, i, image_path, mask_path);
    int width, height;
    *depth = NULL;
    *mask = NULL;
    hs_status status;
    HS_TRY(hs_png_read_u16(image_path, depth, &width, &height));
    HS_TRY(hs_png_read_u8(mask_path, mask, &width, &height));
    HS_TRY(hs_labels_check(*mask, (size_t)width * (size_t)height, HS_LAYOUT_CLASSES, mask_path));
exit:
    if (status != HS_OK) {
        free(*depth);
        free(*mask);
        *depth = NULL;
        *mask = NULL;
    }
    return status;
}

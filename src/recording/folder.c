/* Recordings as folders of PNG files. */
#include "io/png.h"
#include "recording/source.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096, NAME_DIGITS = 8 };

typedef struct number_list {
    int32_t *items;
    int64_t count, capacity;
} number_list;

bool hs_recording_is_folder(const char *path)
{
    char part[PATH_SIZE];
    struct stat info;
    snprintf(part, sizeof part, "%s/camera.ini", path);
    if (stat(part, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    snprintf(part, sizeof part, "%s/depth", path);
    return stat(part, &info) == 0 && S_ISDIR(info.st_mode);
}

/* ---- which frames there are ------------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* "00000120.png" gives 120, anything else -1. */
static int32_t number_of(const char *name)
{
    bool digits = strspn(name, "0123456789") == NAME_DIGITS;
    return digits && strcmp(name + NAME_DIGITS, ".png") == 0 ? atoi(name) : -1;
}

static hs_status add_number(number_list *list, int32_t number)
{
    if (list->count == list->capacity) {
        int64_t capacity = list->capacity ? 2 * list->capacity : 1024;
        int32_t *items = realloc(list->items, (size_t)capacity * sizeof *items);
        if (!items)
            return hs_error(HS_ERR_MEMORY, NULL, "no memory for the list of files");
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = number;
    return HS_OK;
}

/* Numbers of the frames of FOLDER/PART, sorted. Files of other names are not frames. */
static hs_status list_files(const char *folder, const char *part, number_list *list)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, part);
    DIR *entries = opendir(path);
    if (!entries)
        return hs_error_system(errno, "a recording has color/, depth/ and camera.ini",
                               "%s: cannot list", path);
    hs_status status = HS_OK;
    for (struct dirent *entry; status == HS_OK && (entry = readdir(entries)) != NULL;) {
        int32_t number = number_of(entry->d_name);
        if (number >= 0)
            status = add_number(list, number);
    }
    closedir(entries);
    if (list->count > 0)
        qsort(list->items, (size_t)list->count, sizeof *list->items, by_number);
    return status;
}

/* Keeps the frames of `stamps` that have a file; HS_ERR_DATA or, when salvaging, a note for the
 * first without. */
static hs_status check_files(hs_recording *r, const char *part, bool salvage, hs_stamps *stamps)
{
    number_list files = {0};
    hs_status status = list_files(r->info.path, part, &files);
    int64_t kept = 0, missing = 0;
    int32_t first = 0;
    for (int64_t i = 0; status == HS_OK && i < stamps->count; i++) {
        hs_stamp stamp = stamps->items[i];
        if (files.count > 0 && bsearch(&stamp.number, files.items, (size_t)files.count,
                                       sizeof *files.items, by_number))
            stamps->items[kept++] = stamp;
        else if (missing++ == 0)
            first = stamp.number;
    }
    if (status == HS_OK && missing > 0)
        status = hs_error(HS_ERR_DATA, "--salvage leaves such frames out",
                          "%s/%s/%08d.png: missing, though camera.ini has its time (%lld such "
                          "frames)",
                          r->info.path, part, first, (long long)missing);
    else if (status == HS_OK && files.count > kept)
        status = hs_error(HS_ERR_DATA, "--salvage leaves such frames out",
                          "%s/%s: got %lld frames, but camera.ini has the times of %lld",
                          r->info.path, part, (long long)files.count, (long long)kept);
    if (status == HS_ERR_DATA && salvage) {
        hs_recording_note_damage(r);
        status = HS_OK;
    }
    stamps->count = kept;
    free(files.items);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

static hs_status check_size(const char *path, const hs_lens *lens, int width, int height)
{
    if (width == lens->width && height == lens->height)
        return HS_OK;
    return hs_error(HS_ERR_DATA, NULL, "%s: got %dx%d, expected %dx%d as camera.ini says", path,
                    width, height, lens->width, lens->height);
}

static void path_of(const hs_recording *r, const char *part, int32_t number, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s/%08d.png", r->info.path, part, number);
}

static hs_status read_depth(const hs_recording *r, int32_t number, hs_recording_pair *pair)
{
    char path[PATH_SIZE];
    int width, height;
    path_of(r, "depth", number, path);
    free(pair->depth);
    hs_status status = hs_png_read_u16(path, &pair->depth, &width, &height);
    return status == HS_OK ? check_size(path, &r->info.rig.depth, width, height) : status;
}

static hs_status read_color(const hs_recording *r, int32_t number, hs_recording_pair *pair)
{
    char path[PATH_SIZE];
    int width, height;
    path_of(r, "color", number, path);
    free(pair->color);
    hs_status status = hs_png_read_rgb(path, &pair->color, &width, &height);
    return status == HS_OK ? check_size(path, &r->info.rig.color, width, height) : status;
}

hs_status hs_recording_read_truth(const hs_recording *r, int64_t i, uint8_t **mask)
{
    enum { LABELS = 3 };
    *mask = NULL;
    if (!r->info.truth)
        return hs_error(HS_ERR_STATE, NULL, "%s: has no true masks", r->info.path);
    char path[PATH_SIZE];
    int width, height;
    path_of(r, "truth", r->info.depth.items[r->info.pairs[i].depth].number, path);
    hs_status status;
    HS_TRY(hs_png_read_u8(path, mask, &width, &height));
    HS_TRY(check_size(path, &r->info.rig.depth, width, height));
    for (size_t p = 0; p < (size_t)width * (size_t)height; p++)
        if ((*mask)[p] >= LABELS) {
            status = hs_error(HS_ERR_DATA, NULL, "%s: got the label %d, expected 0 to %d", path,
                              (*mask)[p], LABELS - 1);
            goto exit;
        }
exit:
    if (status != HS_OK) {
        free(*mask);
        *mask = NULL;
    }
    return status;
}

static void close_folder(hs_recording *r)
{
    (void)r; /* holds nothing between reads */
}

hs_status hs_folder_open(hs_recording *r, bool salvage)
{
    static const hs_source source = {read_depth, read_color, close_folder};
    char path[PATH_SIZE];
    hs_rig_file file = {0};
    hs_status status;
    snprintf(path, sizeof path, "%s/camera.ini", r->info.path);
    HS_TRY(hs_rig_file_read(path, &file));
    r->info.kind = HS_RECORDING_FOLDER;
    r->info.subject = file.subject;
    r->info.tolerance = file.tolerance;
    r->info.rig = file.rig;
    r->info.depth = file.depth;
    r->info.color = file.color;
    file.depth = file.color = (hs_stamps){0};
    HS_TRY(check_files(r, "depth", salvage, &r->info.depth));
    HS_TRY(check_files(r, "color", salvage, &r->info.color));
    struct stat truth;
    snprintf(path, sizeof path, "%s/truth", r->info.path);
    r->info.truth = stat(path, &truth) == 0 && S_ISDIR(truth.st_mode);
    r->source = &source;
exit:
    hs_rig_file_free(&file);
    return status;
}

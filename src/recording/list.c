#include "recording/recording.h"

#include "io/file.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_bag(const char *path)
{
    size_t length = strlen(path);
    struct stat info;
    return length > 4 && strcmp(path + length - 4, ".bag") == 0 && stat(path, &info) == 0 &&
           S_ISREG(info.st_mode);
}

static void add(hs_recording_list *list, const char *path, int *capacity)
{
    if (list->count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 16;
        const char **paths = hs_arena_take(&list->arena, (size_t)*capacity * sizeof *list->paths);
        if (list->count > 0)
            memcpy(paths, list->paths, (size_t)list->count * sizeof *paths);
        list->paths = paths;
    }
    list->paths[list->count++] = path;
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

hs_status hs_recording_list_read(const char *path, hs_recording_list *list)
{
    int capacity = 0;
    struct stat info;
    if (stat(path, &info) != 0)
        return hs_error_system(errno, "check the path", "%s: cannot read", path);
    if (!S_ISDIR(info.st_mode) || hs_recording_is_folder(path)) {
        add(list, hs_arena_string(&list->arena, path), &capacity);
        return HS_OK;
    }
    DIR *entries = opendir(path);
    if (!entries)
        return hs_error_system(errno, NULL, "%s: cannot list", path);
    size_t length = strlen(path);
    const char *slash = length > 0 && path[length - 1] == '/' ? "" : "/";
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "calibration") == 0)
            continue;
        const char *inside = hs_arena_format(&list->arena, "%s%s%s", path, slash, entry->d_name);
        if (hs_recording_is_folder(inside) || is_bag(inside))
            add(list, inside, &capacity);
    }
    closedir(entries);
    if (list->count == 0)
        return hs_error(HS_ERR_DATA,
                        "a recording is a .bag file or a folder with color/, depth/ and camera.ini",
                        "%s: got neither a recording nor a folder of recordings", path);
    qsort(list->paths, (size_t)list->count, sizeof *list->paths, by_name);
    return HS_OK;
}

bool hs_recording_is_likely(const char *path)
{
    static const char bag[] = "#ROSBAG ";
    char start[sizeof bag - 1];
    size_t size;
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return true;
    return hs_file_read_start(path, start, sizeof start, &size) == HS_OK && size == sizeof start &&
           memcmp(start, bag, size) == 0;
}

void hs_recording_list_free(hs_recording_list *list)
{
    hs_arena_free(&list->arena);
    *list = (hs_recording_list){0};
}

#include "review/stages.h"

#include "io/file.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

hs_status hs_stages_list(hs_stages *stages, const char *folder, const char *frame)
{
    char path[4096];
    stages->folder = hs_arena_string(&stages->arena, folder);
    snprintf(path, sizeof path, "%s/%s.png", folder, frame);
    if (access(path, F_OK) == 0)
        stages->names[stages->count++] = hs_arena_format(&stages->arena, "%s.png", frame);
    snprintf(path, sizeof path, "%s/%s", folder, frame);
    DIR *entries = opendir(path);
    if (!entries)
        return errno == ENOENT ? HS_OK : hs_file_open_error(path, errno);
    for (struct dirent *entry;
         stages->count < HS_STAGES_MAX && (entry = readdir(entries)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (end && strcmp(end, ".png") == 0 && entry->d_name[0] != '.')
            stages->names[stages->count++] =
                hs_arena_format(&stages->arena, "%s/%s", frame, entry->d_name);
    }
    closedir(entries);
    qsort(stages->names, (size_t)stages->count, sizeof *stages->names, by_name);
    return HS_OK;
}

void hs_stages_free(hs_stages *stages)
{
    hs_arena_free(&stages->arena);
    *stages = (hs_stages){0};
}

hs_status hs_stages_read(const hs_stages *stages, int n, unsigned char **bytes, size_t *size)
{
    char path[8192];
    struct stat info;
    void *memory = NULL;
    hs_status status = HS_OK;
    *bytes = NULL;
    snprintf(path, sizeof path, "%s/%s", stages->folder, stages->names[n]);
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_file_open_error(path, errno);
    if (fstat(fileno(file), &info) != 0)
        HS_TRY(hs_file_open_error(path, errno));
    *size = (size_t)info.st_size;
    HS_TRY(hs_allocate(*size, path, &memory));
    if (fread(memory, 1, *size, file) != *size)
        HS_TRY(hs_error(HS_ERR_IO, NULL, "%s: cannot read all of it", path));
    *bytes = memory;
    memory = NULL;
exit:
    free(memory);
    fclose(file);
    return status;
}

#include "io/job_folder.h"

#include "io/file.h"
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* 0 where the folder is absent or empty, 1 where it holds something, -1 where it cannot be read. */
static int folder_holds(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? 0 : -1;
    int holds = 0;
    for (struct dirent *entry = readdir(folder); entry && !holds; entry = readdir(folder))
        holds = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return holds;
}

static bool file_equals(const char *path, const char *text)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool same = true;
    for (const char *p = text; same; p++) {
        int c = getc(file);
        same = c == (*p ? (unsigned char)*p : EOF);
        if (!*p)
            break;
    }
    fclose(file);
    return same;
}

static hs_status write_text(const char *path, const char *text)
{
    hs_new_file file = {0};
    hs_status status;
    HS_TRY(hs_new_file_open(&file, path));
    fputs(text, file.file); /* an error is found by the commit */
    status = hs_new_file_commit(&file);
exit:
    hs_new_file_drop(&file);
    return status;
}

hs_status hs_job_folder_claim(const char *path, const char *name, const char *text,
                              const char *hint)
{
    char file[4096];
    hs_status status = HS_OK;
    /* Leaves room for the names of what is written into it. */
    if (snprintf(file, sizeof file, "%s/%s", path, name) > (int)sizeof file - 128)
        HS_TRY(hs_error(HS_ERR_USAGE, NULL, "--out: got a path of %zu characters", strlen(path)));
    hs_file_clear_temporaries(file);
    int holds = folder_holds(path);
    if (holds < 0)
        HS_TRY(hs_error_system(errno, NULL, "%s: cannot read this folder", path));
    if (holds && !file_equals(file, text))
        HS_TRY(hs_error(HS_ERR_USAGE, hint,
                        "--out: got '%s', which holds something else, expected a new or empty "
                        "folder or an interrupted run of this command",
                        path));
    HS_TRY(hs_folder_make(path));
    if (!holds)
        HS_TRY(write_text(file, text));
exit:
    return status;
}

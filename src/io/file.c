#include "io/file.h"

#include "base/memory.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

hs_status hs_file_temporary(const char *path, char **temporary)
{
    size_t size = strlen(path) + 32;
    void *text;
    hs_status status = hs_allocate(size, "file name", &text);
    if (status == HS_OK)
        snprintf(text, size, "%s.%ld.tmp", path, (long)getpid());
    *temporary = text;
    return status;
}

hs_status hs_file_write_error(const char *path, int err)
{
    const char *hint = NULL;
    if (err == ENOSPC || err == EDQUOT || err == EFBIG)
        hint = "the disk, quota or file size limit is full: free some space or write elsewhere";
    else if (err == ENOENT || err == ENOTDIR)
        hint = "the folder it would lie in does not exist";
    return hs_error_system(err, hint, "%s: cannot write", path);
}

hs_status hs_file_open_error(const char *path, int err)
{
    return hs_error_system(err, err == ENOENT ? "check the path" : NULL, "%s: cannot read", path);
}

/* Whether an entry is BASE.<process id>.tmp of a process that is gone; any base where that is
 * empty.
 */
static bool is_left_behind(const char *entry, const char *base)
{
    static const char suffix[] = ".tmp";
    size_t length = strlen(entry), digits = 0;
    if (length < sizeof suffix || strcmp(entry + length - 4, suffix) != 0)
        return false;
    for (length -= 4; length > 0 && isdigit((unsigned char)entry[length - 1]); digits++)
        length--;
    if (digits == 0 || length < 2 || entry[--length] != '.')
        return false;
    if (*base && (length != strlen(base) || strncmp(entry, base, length) != 0))
        return false;
    long writer =
        strtol(entry + length + 1, NULL, 10); /* in containers, often what we are ourselves */
    return writer == getpid() || (kill((pid_t)writer, 0) != 0 && errno == ESRCH);
}

void hs_file_clear_temporaries(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    DIR *entries = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;)
        if (is_left_behind(entry->d_name, base))
            unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries)
        closedir(entries);
    free(folder);
}

/* 0, or the errno of what failed. */
static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int err = fsync(fd) == 0 ? 0 : errno;
    if (close(fd) != 0 && err == 0)
        err = errno;
    return err;
}

static int sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return sync_path(".", O_RDONLY | O_DIRECTORY);
    char *folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (!folder)
        return ENOMEM;
    int err = sync_path(folder, O_RDONLY | O_DIRECTORY);
    free(folder);
    return err == EINVAL ? 0 : err; /* file systems that cannot sync a folder say EINVAL */
}

hs_status hs_file_commit(const char *temporary, const char *path)
{
    int err = sync_path(temporary, O_RDWR);
    if (err == 0 && rename(temporary, path) != 0)
        err = errno;
    if (err != 0) {
        unlink(temporary);
        return hs_file_write_error(path, err);
    }
    return hs_file_sync_folder(path);
}

hs_status hs_file_sync_folder(const char *path)
{
    int err = sync_folder_of(path);
    return err == 0 ? HS_OK : hs_file_write_error(path, err);
}

hs_status hs_file_check_writable(const char *path)
{
    hs_new_file file = {0};
    hs_status status = hs_new_file_open(&file, path);
    hs_new_file_drop(&file);
    return status;
}

/* ---- files written piece by piece ---- */

static hs_status check_folder(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return HS_OK;
    return hs_error(HS_ERR_IO, "choose another name",
                    "%s: got a folder of this name, expected a file to write", path);
}

hs_status hs_new_file_open(hs_new_file *f, const char *path)
{
    hs_status status = check_folder(path);
    if (status != HS_OK)
        return status;
    f->path = strdup(path);
    if (!f->path)
        return hs_error(HS_ERR_MEMORY, NULL, "%s: out of memory", path);
    hs_file_clear_temporaries(path);
    status = hs_file_temporary(path, &f->temporary);
    if (status != HS_OK)
        return status;
    f->file = fopen(f->temporary, "w");
    return f->file ? HS_OK : hs_file_write_error(path, errno);
}

hs_status hs_new_file_commit(hs_new_file *f)
{
    int failed = fflush(f->file) != 0 ? errno : ferror(f->file) ? EIO : 0;
    if (fclose(f->file) != 0 && !failed)
        failed = errno;
    f->file = NULL;
    if (failed) {
        unlink(f->temporary);
        return hs_file_write_error(f->path, failed);
    }
    return hs_file_commit(f->temporary, f->path);
}

void hs_new_file_drop(hs_new_file *f)
{
    if (f->file) {
        fclose(f->file);
        unlink(f->temporary);
    }
    free(f->path);
    free(f->temporary);
    *f = (hs_new_file){0};
}

hs_status hs_folder_make(const char *path)
{
    char *part = strdup(path);
    if (!part)
        return hs_error(HS_ERR_MEMORY, NULL, "%s: out of memory", path);
    hs_status status = HS_OK;
    for (char *c = part; *c && status == HS_OK;) {
        c += strspn(c, "/");
        c += strcspn(c, "/");
        char kept = *c;
        *c = 0;
        if (*part && mkdir(part, 0777) != 0 && errno != EEXIST)
            status = hs_error_system(errno, "choose a place that exists and may be written to",
                                     "%s: cannot make this folder", part);
        *c = kept;
    }
    struct stat info;
    if (status == HS_OK && (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)))
        status = hs_error(HS_ERR_IO, "choose another name",
                          "%s: got a file of this name, expected a folder", path);
    free(part);
    return status;
}

hs_status hs_file_read_start(const char *path, void *start, size_t size, size_t *got)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_file_open_error(path, errno);
    *got = fread(start, 1, size, file);
    int err = ferror(file) ? errno : 0;
    fclose(file);
    return err ? hs_file_open_error(path, err) : HS_OK;
}

hs_status hs_file_is_text(const char *path, bool *text)
{
    unsigned char start[512];
    size_t size = 0;
    hs_status status = hs_file_read_start(path, start, sizeof start, &size);
    *text = status == HS_OK && size > 0 && memchr(start, 0, size) == NULL && start[0] < 0x80;
    return status;
}

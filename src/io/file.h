/* Files written whole or not at all: a temporary name in the same folder, then a rename. */
#ifndef HS_IO_FILE_H
#define HS_IO_FILE_H

#include "base/status.h"
#include <stdbool.h>
#include <stdio.h>

/* The name to write to before hs_file_commit: PATH.<process id>.tmp, beside `path` because a rename
 * does not cross file systems. The caller frees it with free(). */
hs_status hs_file_temporary(const char *path, char **temporary);

/* Brings the closed file `temporary` to the disk, gives it the name `path` and brings the folder to
 * the disk. On failure removes `temporary` and leaves what `path` was. */
hs_status hs_file_commit(const char *temporary, const char *path);

/* Brings the folder in which `path` lies to the disk, so that a new file is found after a crash. */
hs_status hs_file_sync_folder(const char *path);

/* Removes the temporary files for `path` that processes which were killed left behind; with a slash
 * at its end, those of all files in that folder. */
void hs_file_clear_temporaries(const char *path);

/* A file being written: to its temporary name until the commit. Initialise with {0}. */
typedef struct hs_new_file {
    FILE *file;
    char *path, *temporary;
} hs_new_file;

/* Clears what killed processes left of it. HS_ERR_IO where a folder has the name, or no file can be
 * made beside it. */
hs_status hs_new_file_open(hs_new_file *f, const char *path);

/* The same before long work of which `path` will be the result; leaves nothing there. */
hs_status hs_file_check_writable(const char *path);

/* Closes the file and gives it its path; an error of any write before is found here. Call
 * hs_new_file_drop after it as after any failure: it removes what was not committed. */
hs_status hs_new_file_commit(hs_new_file *f);
void hs_new_file_drop(hs_new_file *f);

/* Makes a folder and those above it; fine where it exists. */
hs_status hs_folder_make(const char *path);

/* Reads the first bytes of a file: `size` of them, or as many as there are. */
hs_status hs_file_read_start(const char *path, void *start, size_t size, size_t *got);

/* Whether a file begins like text: with something, and no zero byte in its first part. */
hs_status hs_file_is_text(const char *path, bool *text);

/* The error of a failed write to `path`: the system's reason `err` and, where the disk or a quota
 * is full, the hint that helps. */
hs_status hs_file_write_error(const char *path, int err);

/* The error of a failed opening of `path` for reading. */
hs_status hs_file_open_error(const char *path, int err);

#endif

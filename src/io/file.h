/* Files written whole or not at all: a temporary name in the same folder, then a rename. */
#ifndef HS_IO_FILE_H
#define HS_IO_FILE_H

#include "base/status.h"

/* The name to write to before hs_file_commit: PATH.<process id>.tmp, beside `path` because a rename
 * does not cross file systems. The caller frees it with free(). */
hs_status hs_file_temporary(const char *path, char **temporary);

/* Brings the closed file `temporary` to the disk, gives it the name `path` and brings the folder to
 * the disk. On failure removes `temporary` and leaves what `path` was. */
hs_status hs_file_commit(const char *temporary, const char *path);

/* The error of a failed write to `path`: the system's reason `err` and, where the disk or a quota
 * is full, the hint that helps. */
hs_status hs_file_write_error(const char *path, int err);

/* The error of a failed opening of `path` for reading. */
hs_status hs_file_open_error(const char *path, int err);

#endif

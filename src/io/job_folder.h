/* The folder that a long job writes, known by a text that says what the job is. */
#ifndef HS_IO_JOB_FOLDER_H
#define HS_IO_JOB_FOLDER_H

#include "base/status.h"

/* Makes the folder `path` and writes `text` into the file `name` of it, or accepts a folder that
 * has this file with this text: one of an interrupted run of the same job.
 * HS_ERR_USAGE, with `hint`, for a folder that holds anything else. */
hs_status hs_job_folder_claim(const char *path, const char *name, const char *text,
                              const char *hint);

#endif

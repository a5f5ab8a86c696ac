/* What a file handed to `info` or `verify` is, by its content. */
#ifndef HS_CLI_FILE_KIND_H
#define HS_CLI_FILE_KIND_H

#include "base/status.h"

typedef enum hs_file_kind {
    HS_FILE_DATASET,   /* HDF5 with /depth */
    HS_FILE_RECORDING, /* a folder, or a bag */
    HS_FILE_MODEL,     /* text or HDF5 that may be a model or a configuration */
} hs_file_kind;

/* HS_ERR_IO for a file that cannot be read, HS_ERR_FORMAT for one that is none of these. Of a
 * folder only a recording, or several, can be said. */
hs_status hs_file_kind_of(const char *path, hs_file_kind *kind);

#endif

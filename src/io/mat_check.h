/* Whether a MATLAB file is one that io/mat.h reads, and whole. matio asks neither: it takes what is
 * cut off for absent, and what a damaged stream gives for data. */
#ifndef HS_IO_MAT_CHECK_H
#define HS_IO_MAT_CHECK_H

#include "base/status.h"

/* HS_ERR_FORMAT where it is not; of hs_file_open_error where it cannot be read. */
typedef hs_status (*hs_mat_check)(const char *path);

/* By the signature and the lengths of the variables. */
hs_status hs_mat_check_frame(const char *path);

/* The same and the checksums of what is compressed, all of which it inflates. */
hs_status hs_mat_check_content(const char *path);

#endif

/* Tables of frames, which grow while an evaluation goes on: a row for each, its name, subject, IoU
 * of each class and their mean over the hands. */
#ifndef HS_SEGMENT_FRAME_ROWS_H
#define HS_SEGMENT_FRAME_ROWS_H

#include "eval/metrics.h"
#include "handseg/dataset.h"
#include "io/file.h"

/* Starts the table at `path` with its header; `more` names a last column, NULL: there is none. The
 * caller commits and drops the file. */
hs_status hs_frame_rows_open(hs_new_file *rows, const char *path, const char *const *labels,
                             int classes, const char *more);

/* Adds a row. NaN figures are empty; `more` is the last column's, NULL where there is none. */
void hs_frame_rows_add(FILE *file, const hs_frame_info *frame, const hs_metrics *metrics,
                       const double *more);

#endif

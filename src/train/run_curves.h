/* What log.csv of a run tells of its training, read back. */
#ifndef HS_TRAIN_RUN_CURVES_H
#define HS_TRAIN_RUN_CURVES_H

#include "base/status.h"
#include "report/chart.h"
#include <stdbool.h>

enum { HS_RUN_CURVES_MAX = 16 };

/* Over the steps; of what was not logged there are no points. Initialise with {0}; free after
 * failure too. */
typedef struct hs_run_curves {
    hs_curve loss;                   /* of training */
    hs_curve iou[HS_RUN_CURVES_MAX]; /* of validation, [classes] */
    int classes;
    int64_t rows;
    bool cut; /* the last line had no end, as after a kill, and was not read */
} hs_run_curves;

/* Reads the log at `path` of a run that tells these labels[classes] apart; the curves borrow their
 * names. HS_ERR_FORMAT, with the line, for what is no log of a run, or one of other labels. */
hs_status hs_run_curves_read(const char *path, const char *const *labels, int classes,
                             hs_run_curves *curves);
void hs_run_curves_free(hs_run_curves *curves);

#endif

/* log.csv of a run: a row for each update, each once, however often the run was killed. */
#ifndef HS_TRAIN_RUN_LOG_H
#define HS_TRAIN_RUN_LOG_H

#include "base/status.h"
#include "eval/metrics.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct hs_run_log {
    FILE *file;
    char *path;
    int classes;
} hs_run_log;

typedef struct hs_log_row {
    int64_t step, epoch;
    double rate, loss, gradient_norm, images_per_s, wait; /* wait: share of time spent on data */
    const hs_metrics *validation; /* NULL but for the last row of an epoch */
    double validation_loss;
} hs_log_row;

/* Opens FOLDER/log.csv for rows after `step`: rows beyond it, written before a kill and about to be
 * computed again, are taken out. A new file gets its header: `columns`, the first of which is the
 * step, then those of validation: the mean IoU of the hands, by which best.h5 is chosen, and the
 * IoU of each class, which `labels` [classes] name. */
hs_status hs_run_log_open(hs_run_log *log, const char *folder, int64_t step, const char *columns,
                          const char *const *labels, int classes);

/* The columns of hs_run_log_write. */
#define HS_RUN_LOG_COLUMNS "step,epoch,rate,loss,gradient_norm,images_per_s,wait,val_loss"

/* Appends a row and hands it to the system at once. */
hs_status hs_run_log_write(hs_run_log *log, const hs_log_row *row);

/* Ends a row whose columns were written to log->file: those of validation, empty for NULL. */
hs_status hs_run_log_end_row(hs_run_log *log, const hs_metrics *validation);
void hs_run_log_close(hs_run_log *log);

#endif

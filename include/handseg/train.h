/* Training from a configuration file. */
#ifndef HANDSEG_TRAIN_H
#define HANDSEG_TRAIN_H

#include "handseg/status.h"
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Trains as the configuration at `path` says, with `overrides` of the form section.key=value, into
 * its run folder: config.ini (resolved), log.csv (one row a step; the last of an epoch also holds
 * its validation), best.h5, last.h5, metrics.json.
 *
 * Where train.init names a file, the run begins with the tensors it has by the names of the net's;
 * what became of each stands in init.csv.
 *
 * `resume`: goes on where last.h5 left off; a run that was killed ends in the same bits as one that
 * was not. Without it a folder that holds a run is refused.
 *
 * SIGINT and SIGTERM end the run after the step in flight, with a checkpoint: HS_ERR_INTERRUPTED.
 * HS_ERR_NONFINITE: a loss or gradient that is no number; last.h5 holds the last good state. */
hs_status hs_train(const char *path, const char *const *overrides, int n, bool resume);

#ifdef __cplusplus
}
#endif

#endif

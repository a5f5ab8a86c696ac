/* Timing one thing again and again. */
#ifndef HS_SEGMENT_BENCH_MEASURE_H
#define HS_SEGMENT_BENCH_MEASURE_H

#include "segment/bench.h"
#include "train/config.h"

typedef struct hs_measurement {
    double seconds; /* median of a run */
    double faults;  /* pages the system mapped in a run, mean, for all threads */
    int times;      /* runs, warm-up left out */
} hs_measurement;

/* Runs it twice to warm up, then for about `seconds` and at least three times. `warm` (may be NULL)
 * is called before the first run that counts. Not for two threads at once. */
hs_status hs_measure(hs_status (*run)(void *), void (*warm)(void *), void *user, double seconds,
                     hs_measurement *m);

/* One frame of inference: bench->frame and bench->png. */
hs_status hs_bench_frames(const hs_train_config *config, double seconds, hs_bench *bench);

#endif

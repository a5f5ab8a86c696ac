/* One run of a report: opened and checked, then evaluated. */
#ifndef HS_SEGMENT_REPORT_RUN_H
#define HS_SEGMENT_REPORT_RUN_H

#include "eval/bootstrap.h"
#include "eval/boundary.h"
#include "eval/calibration.h"
#include "io/file.h"
#include "segment/evaluation.h"
#include "segment/report.h"
#include "segment/run_source.h"
#include "train/run_curves.h"

/* Initialise with {0}; close after failure too. */
typedef struct hs_report_run {
    hs_arena arena;
    hs_run_source source;
    hs_run_curves curves;
    hs_evaluation_data data;
    const char *name; /* unique in the report */

    /* of the model */
    const char *const *model_labels; /* [model_classes] */
    int model_classes;
    const char *kind; /* "a checkpoint of a network" */
    int32_t height, width;

    /* of the evaluation */
    const char *merged;        /* why left and right count as one class; NULL: they do not */
    const char *const *labels; /* [classes], the model's but where they do */
    int classes;
    hs_confusion confusion;
    hs_metrics metrics;
    hs_unit_counts frames; /* a unit a frame, in order of the split */
    hs_unit_counts by_person;
    double boundary[HS_METRICS_CLASSES], boundary_hands;
    bool calibrated;
    hs_calibration calibration;
    hs_drawn_picks worst;

    /* of the bootstrap */
    uint32_t people; /* 0: unknown */
    bool by_frame;
    const hs_unit_counts *counts; /* of what is resampled */
    const char *units;            /* "41 people" */
    double *figures;              /* [samples] */
    hs_interval interval;
} hs_report_run;

/* Reads the run, opens its data and sees that the model fits them; the model is loaded once for
 * that and let go. */
hs_status hs_report_run_open(hs_report_run *run, const hs_report_request *request,
                             const char *path);

/* Evaluates; a row of each frame goes to `rows`, which has its header. `progress` is what the bar
 * says. */
hs_status hs_report_run_evaluate(hs_report_run *run, const hs_report_request *request, FILE *rows,
                                 const char *progress);

/* Resamples people or, where that was asked for, or they are unknown or too few, frames. */
hs_status hs_report_run_resample(hs_report_run *run, const hs_report_request *request,
                                 double level);
void hs_report_run_close(hs_report_run *run);

#endif

/* The page of a report: runs one by one and held against each other, as HTML that stands alone. */
#ifndef HS_REPORT_PAGE_H
#define HS_REPORT_PAGE_H

#include "eval/bootstrap.h"
#include "eval/calibration.h"
#include "eval/metrics.h"
#include "report/chart.h"

/* Strings and arrays below are borrowed, and may hold anything: the page escapes them. */
typedef struct hs_page_fact {
    const char *name, *value;
} hs_page_fact;

typedef struct hs_page_picture {
    const uint8_t *png; /* [size] bytes of a file */
    size_t size;
    int width, height;
    const char *caption;
} hs_page_picture;

typedef struct hs_page_run {
    const char *name; /* unique on the page */
    const hs_page_fact *facts;
    int n_facts;
    const char *const *notes; /* what a reader must know: NULL for none */
    int n_notes;
    int classes;
    const char *const *labels; /* [classes] */
    bool trained;              /* there are curves, though they may be empty */
    hs_curve loss;
    const hs_curve *iou; /* [n_iou], of each class of the training */
    int n_iou;
    hs_confusion confusion;
    hs_metrics metrics;
    double boundary[HS_METRICS_CLASSES]; /* F-score of each class, [0, 1] or NaN; 0 is not shown */
    double boundary_hands;               /* mean of the hands' */
    hs_interval interval;                /* of metrics.hands.iou */
    const char *units;                   /* what was resampled: "41 people" */
    bool calibrated;                     /* the model gives probabilities */
    hs_calibration calibration;
    const hs_page_picture *pictures;
    int n_pictures;
    const char *frames_file;  /* name of the table of frames */
    const char *config;       /* the configuration's text */
    const char *results_file; /* text of metrics.json; NULL: there is none */
} hs_page_run;

/* The hand mIoU of the first run less that of the second. */
typedef struct hs_page_pair {
    const char *first, *second; /* names of runs */
    double difference;
    hs_interval interval;
    double p;         /* of equals differing as much, two-sided; NaN: nothing to compare */
    const char *ways; /* in which results were exchanged for it: "all 64 ways" */
    const char *units;
    const char *obstacle; /* why they cannot be compared; NULL: they were */
    const char *remark;   /* what to keep in mind; NULL: nothing */
} hs_page_pair;

typedef struct hs_page {
    const char *title;
    const hs_page_run *runs;
    int n_runs;
    const hs_page_pair *pairs;
    int n_pairs;
    const hs_page_fact *facts; /* of the program and the machine */
    int n_facts;
    uint32_t samples; /* of the bootstrap */
    double level;     /* of the intervals: 0.95 */
} hs_page;

/* Writes the page. The caller checks the file for errors when closing it. */
void hs_page_write(FILE *file, const hs_page *page);

/* Its part about one run, the `index`-th of the page. */
void hs_page_run_write(FILE *file, const hs_page *page, int index);

/* Parts that several sections use: a percentage or "-" for NaN; an interval of percentages; a table
 * of facts. */
void hs_page_percent(FILE *file, double value, int decimals);
void hs_page_interval(FILE *file, hs_interval interval);
void hs_page_facts(FILE *file, const hs_page_fact *facts, int n);

/* What a pair says of its first run: better, worse, or neither where equals would differ as much in
 * a twentieth of the ways or more. */
#define HS_PAGE_P 0.05
typedef enum hs_verdict { HS_VERDICT_BETTER, HS_VERDICT_WORSE, HS_VERDICT_OPEN } hs_verdict;
hs_verdict hs_page_verdict(const hs_page_pair *pair);

#endif

/* The report of runs: one page for people, a table of frames for each run. */
#ifndef HS_SEGMENT_REPORT_H
#define HS_SEGMENT_REPORT_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    HS_REPORT_RUNS = 16,        /* at most */
    HS_REPORT_LEAST_FRAMES = 3, /* that an interval needs */
    /* Of fewer people all may differ the same way by chance oftener than once in twenty, as
     * 2 / 2^people: no test could call a difference real. Their frames are resampled then. */
    HS_REPORT_LEAST_PEOPLE = 6,
};

typedef struct hs_report_request {
    const char *const *runs; /* [n] run folders, or INI files of rules */
    int n;                   /* 1 .. HS_REPORT_RUNS */
    const char *out;         /* the page */
    const char *data;        /* data set to evaluate on; NULL: what each run was trained on */
    const char *split;       /* NULL: test */
    bool merge_hands;        /* left and right are one class; so too where the set labels one */
    bool by_frame;           /* resample frames rather than people */
    uint32_t samples;        /* resamples, and exchanges between two runs; 1 or more */
    uint64_t seed;           /* of both */
    int worst;               /* pictures of so many of the worst frames, up to HS_PICKS_MAX */
} hs_report_request;

/* Evaluates every run and writes the page and, beside it, OUT.RUN.frames.csv of each, where OUT is
 * the page's name without ".html". Prints the figures and what was written to `file`. Everything
 * that can be refused is refused before the first frame: what is no run (hs_run_source_read), a log
 * that cannot be read (hs_run_curves_read; a last line without its end is passed over and noted on
 * the page), HS_ERR_DATA for other labels than the model's and for fewer than
 * HS_REPORT_LEAST_FRAMES frames, HS_ERR_IO for a page that cannot be written. */
hs_status hs_report(const hs_report_request *request, FILE *file);

#endif

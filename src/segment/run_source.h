/* What a report is made of: the run folder of a training or, in its place, the INI file of a rule.
 */
#ifndef HS_SEGMENT_RUN_SOURCE_H
#define HS_SEGMENT_RUN_SOURCE_H

#include "train/checkpoint.h"

/* Strings live in its arena. Initialise with {0}; free after failure too. */
typedef struct hs_run_source {
    hs_arena arena;
    const char *path;        /* as it was given; borrowed */
    const char *base;        /* the last part of its real path, without ".ini" */
    const char *model;       /* file: best.h5 of a folder */
    const char *config;      /* text of the configuration */
    const char *data;        /* data set it names; NULL: none */
    const char *results;     /* text of metrics.json; NULL: there is none */
    const char *log;         /* path of log.csv; NULL of a rule */
    hs_checkpoint_info info; /* zero of a rule */
} hs_run_source;

/* Reads all of it but the log. HS_ERR_IO for what is not there; HS_ERR_DATA for a folder that is no
 * run, one without a best.h5, a file that is no rule. */
hs_status hs_run_source_read(hs_run_source *source, const char *path);
void hs_run_source_free(hs_run_source *source);

#endif

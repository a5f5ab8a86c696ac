/* quality.csv of an annotated folder, and the record of a run that is not finished. */
#ifndef HS_STUDIO_QUALITY_FILE_H
#define HS_STUDIO_QUALITY_FILE_H

#include "studio/labeller.h"

/* What was found, in a file beside quality.csv that is extended group by group and removed at the
 * end: an interrupted run goes on from it. Initialise with {0}. */
typedef struct hs_journal {
    FILE *file;
    char path[4096];
} hs_journal;

/* Opens FOLDER/annotate.partial and fills `results` from it: frames in it are done. A last line
 * that was cut off is dropped, a file of another program version started anew. */
hs_status hs_journal_open(hs_journal *journal, const char *folder, const hs_frames *frames,
                          hs_frame_result *results);

/* Appends the results of n tasks and hands them to the system. */
hs_status hs_journal_append(hs_journal *journal, const hs_frames *frames, const int64_t *tasks,
                            int n, const hs_frame_result *results);
void hs_journal_close(hs_journal *journal, bool remove);

/* How many frames became what. */
typedef struct hs_quality_counts {
    int64_t frames, keep, reject, unlabelled;
    int64_t unpaired, damaged, no_glove; /* why frames are unlabelled */
} hs_quality_counts;

/* Compares every labelled frame with the labelled ones before and after it in its recording, scores
 * it, and writes FOLDER/quality.csv whole:
 *
 *   frame,recording,number,time,score,verdict,reasons,<a column a measure>
 *
 * in the order of the tasks; `reasons` are what most speaks against a frame, worst first. */
hs_status hs_quality_write(const char *folder, const hs_frames *frames,
                           const hs_quality_params *params, hs_frame_result *results,
                           hs_quality_counts *counts);

/* The counts of a FOLDER/quality.csv that was written before; frames 0 where there is none. */
hs_status hs_quality_recall(const char *folder, hs_quality_counts *counts);

#endif

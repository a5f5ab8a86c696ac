/* quality.csv beside the frames of an annotated folder: what the program thinks of each mask. */
#ifndef HS_DATA_QUALITY_TABLE_H
#define HS_DATA_QUALITY_TABLE_H

#include "base/memory.h"
#include "base/status.h"
#include <stdint.h>

#define HS_QUALITY_FILE "quality.csv"
#define HS_ANNOTATION_FILE "annotate.ini" /* beside it: how the frames were annotated */

/* What is to become of a frame. */
typedef enum hs_verdict {
    HS_VERDICT_NONE, /* nobody has said; of a row of quality.csv: the frame has no labels */
    HS_VERDICT_KEEP,
    HS_VERDICT_REJECT,
} hs_verdict;

/* One frame. */
typedef struct hs_quality_row {
    const char *frame;   /* "user-1.00000000" */
    const char *reasons; /* codes joined by ';', "" for none */
    double score;        /* 0 worst to 1 best; 0 where the frame has no labels */
    hs_verdict verdict;
} hs_quality_row;

typedef struct hs_quality_table {
    hs_arena arena;
    hs_quality_row *rows; /* [count], sorted by strcmp of their frames */
    int64_t count, capacity;
} hs_quality_table;

/* Reads FOLDER/quality.csv; a folder without one gives an empty table. The columns frame, score,
 * verdict (keep, reject, unlabelled) and reasons are read by name, others are left alone.
 * HS_ERR_FORMAT with the line for a value that cannot be, and for a frame met twice. Initialise
 * with {0}; free also after a failure. */
hs_status hs_quality_table_read(hs_quality_table *table, const char *folder);
void hs_quality_table_free(hs_quality_table *table);

/* The row of this frame, or NULL. */
const hs_quality_row *hs_quality_table_find(const hs_quality_table *table, const char *frame);

#endif

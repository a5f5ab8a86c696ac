/* Tables of text and numbers, written for people (text, markdown, latex: rounded) and for programs
 * (csv, json: every digit, by key). */
#ifndef HS_REPORT_TABLE_H
#define HS_REPORT_TABLE_H

#include "base/memory.h"
#include <stdbool.h>
#include <stdio.h>

typedef enum hs_table_format {
    HS_TABLE_TEXT,
    HS_TABLE_CSV,
    HS_TABLE_JSON,
    HS_TABLE_MARKDOWN,
    HS_TABLE_LATEX,
} hs_table_format;

/* The format of this name ("text", "csv", "json", "markdown", "latex"); HS_ERR_USAGE otherwise. */
hs_status hs_table_format_of(const char *name, hs_table_format *format);

typedef struct hs_column {
    const char *key;    /* for programs: "iou" */
    const char *header; /* for people: "IoU %" */
    int decimals;       /* shown to people; negative: a column of text */
    double scale;       /* people see number * scale: 100 for percentages */
} hs_column;

typedef struct hs_cell {
    const char *text; /* of a text column; NULL: nothing, shown as "-" */
    double number; /* of a number column; NaN: nothing, shown as "-", null in json, empty in csv */
} hs_cell;

typedef struct hs_row {
    struct hs_row *next;
    bool ruled;      /* a rule sets it off from the row before */
    hs_cell cells[]; /* one a column */
} hs_row;

enum { HS_TABLE_COLUMNS = 64 }; /* at most */

/* Everything lives in its arena, in which callers may also put the text of cells. */
typedef struct hs_table {
    hs_arena arena;
    const char *key, *title; /* for programs, for people */
    hs_column columns[HS_TABLE_COLUMNS];
    int column_count;
    hs_row *rows; /* in order */
} hs_table;

/* A table without columns and rows. Strings are copied, here and below. */
hs_table hs_table_make(const char *key, const char *title);
void hs_table_text_column(hs_table *table, const char *key, const char *header);
void hs_table_number_column(hs_table *table, const char *key, const char *header, int decimals,
                            double scale);

/* A new last row, every cell of which is nothing yet; columns must be complete by then. */
hs_row *hs_table_row(hs_table *table);

/* Writes n tables. Text, markdown and latex: one after another, titled. Csv: a header line and the
 * rows of each, an empty line between tables. Json: one object with an array of rows for each key.
 */
void hs_tables_write(const hs_table *tables, int n, hs_table_format format, FILE *file);

void hs_table_free(hs_table *table);

#endif

/* Tables of comma separated values, read row by row. */
#ifndef HS_DATA_CSV_H
#define HS_DATA_CSV_H

#include "base/memory.h"
#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { HS_CSV_COLUMNS = 64 };

/* A table being read. A field may stand in double quotes, a quote in it doubled (RFC 4180), but
 * holds no line break. Initialise with {0}; close also after a failure. */
typedef struct hs_csv {
    FILE *file;
    const char *path; /* borrowed */
    char *text;       /* the row in hand, cut into fields */
    size_t capacity;
    int64_t line;                 /* of the row in hand; the header is 1 */
    char *header;                 /* its text, cut into names */
    char *names[HS_CSV_COLUMNS];  /* [columns] */
    char *fields[HS_CSV_COLUMNS]; /* [columns], of the row in hand, until the next one */
    int columns;
    bool whole; /* set to take a last row without the end of its line for none */
    bool cut;   /* such a row was there */
} hs_csv;

/* Opens the table and reads its header. HS_ERR_IO where it cannot be read, HS_ERR_FORMAT where it
 * is empty. */
hs_status hs_csv_open(hs_csv *csv, const char *path);
void hs_csv_close(hs_csv *csv);

/* The column of this name; HS_ERR_FORMAT, with the columns there are, where there is none. */
hs_status hs_csv_column(const hs_csv *csv, const char *name, int *column);

/* Reads the next row into `fields`; *more is false at the end. HS_ERR_FORMAT, with the line, for a
 * row of another length than the header. */
hs_status hs_csv_next(hs_csv *csv, bool *more);

#endif

#include "data/csv.h"

#include "base/text.h"
#include "io/file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The next line without its end, *got false where there is none. */
static hs_status read_line(hs_csv *csv, bool *got)
{
    errno = 0;
    ssize_t length = getline(&csv->text, &csv->capacity, csv->file);
    *got = length >= 0;
    if (length < 0)
        return errno ? hs_file_open_error(csv->path, errno) : HS_OK;
    csv->line++;
    if (strlen(csv->text) != (size_t)length)
        return hs_error(HS_ERR_FORMAT, NULL, "%s:%lld: got a byte 0, expected text", csv->path,
                        (long long)csv->line);
    if (csv->whole && csv->text[length - 1] != '\n') {
        csv->cut = true;
        *got = false;
        return HS_OK;
    }
    csv->text[strcspn(csv->text, "\r\n")] = 0;
    return HS_OK;
}

/* Takes the quotes off the field that begins at *at and moves *at to its end; false where it has no
 * closing quote, or something follows it. */
static bool unquote(char **at)
{
    char *from = *at + 1, *to = *at;
    while (*from && (from[0] != '"' || from[1] == '"')) {
        from += *from == '"';
        *to++ = *from++;
    }
    bool closed = *from == '"' && (from[1] == ',' || !from[1]);
    if (closed)
        memmove(to, from + 1, strlen(from + 1) + 1);
    *at = to;
    return closed;
}

/* Cuts the line into fields, in place. */
static hs_status split(const hs_csv *csv, char *text, char **fields, int *n)
{
    *n = 0;
    for (char *at = text;; at++) {
        if (*n == HS_CSV_COLUMNS)
            return hs_error(HS_ERR_FORMAT, NULL, "%s:%lld: got more than %d columns", csv->path,
                            (long long)csv->line, HS_CSV_COLUMNS);
        fields[(*n)++] = at;
        if (*at != '"')
            at += strcspn(at, ",");
        else if (!unquote(&at))
            return hs_error(HS_ERR_FORMAT, NULL, "%s:%lld: column %d: a quote without its end",
                            csv->path, (long long)csv->line, *n);
        if (!*at)
            return HS_OK;
        *at = 0;
    }
}

hs_status hs_csv_open(hs_csv *csv, const char *path)
{
    bool got;
    hs_status status;
    csv->path = path;
    csv->file = fopen(path, "rb");
    if (!csv->file)
        return hs_file_open_error(path, errno);
    HS_TRY(read_line(csv, &got));
    if (!got)
        return hs_error(HS_ERR_FORMAT, NULL, "%s: got %s, expected a header", path,
                        csv->cut ? "a first line without its end" : "an empty file");
    csv->header = csv->text;
    csv->text = NULL;
    csv->capacity = 0;
    HS_TRY(split(csv, csv->header, csv->names, &csv->columns));
exit:
    return status;
}

void hs_csv_close(hs_csv *csv)
{
    if (csv->file)
        fclose(csv->file);
    free(csv->header);
    free(csv->text);
    *csv = (hs_csv){0};
}

hs_status hs_csv_column(const hs_csv *csv, const char *name, int *column)
{
    for (*column = 0; *column < csv->columns; ++*column)
        if (strcmp(csv->names[*column], name) == 0)
            return HS_OK;
    char hint[512];
    hs_hint_names(name, (const char *const *)csv->names, csv->columns, hint, sizeof hint);
    return hs_error(HS_ERR_FORMAT, hint, "%s:1: got no column '%s'", csv->path, name);
}

hs_status hs_csv_next(hs_csv *csv, bool *more)
{
    int n;
    hs_status status;
    HS_TRY(read_line(csv, more));
    if (!*more)
        return HS_OK;
    HS_TRY(split(csv, csv->text, csv->fields, &n));
    if (n != csv->columns)
        return hs_error(HS_ERR_FORMAT, NULL, "%s:%lld: got %d columns, expected %d like the header",
                        csv->path, (long long)csv->line, n, csv->columns);
exit:
    return status;
}

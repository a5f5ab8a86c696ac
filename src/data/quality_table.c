#include "data/quality_table.h"

#include "data/csv.h"
#include "data/frame_stats.h"
#include "data/layout.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Texts that occur again and again are kept once: the last one of each slot. */
typedef struct repeated {
    const char *texts[256];
} repeated;

static const char *keep_text(repeated *kept, hs_arena *arena, const char *text)
{
    const char **slot = &kept->texts[hs_hash_bytes(0, text, strlen(text)) % 256];
    if (!*slot || strcmp(*slot, text) != 0)
        *slot = hs_arena_string(arena, text);
    return *slot;
}

typedef struct columns {
    int frame, score, verdict, reasons;
} columns;

static hs_status bad_value(const hs_csv *csv, int column, const char *expected)
{
    return hs_error(HS_ERR_FORMAT, "make the table again with handseg annotate",
                    "%s:%lld: %s: got '%s', expected %s", csv->path, (long long)csv->line,
                    csv->names[column], csv->fields[column], expected);
}

static hs_status parse_row(const hs_csv *csv, const columns *at, hs_quality_row *row)
{
    static const char *const verdicts[] = {"unlabelled", "keep", "reject"};
    const char *score = csv->fields[at->score], *verdict = csv->fields[at->verdict];
    char *end;
    int v = 0;
    while (v < 3 && strcmp(verdict, verdicts[v]) != 0)
        v++;
    if (v == 3)
        return bad_value(csv, at->verdict, "keep, reject or unlabelled");
    if (!hs_is_frame_name(csv->fields[at->frame]))
        return bad_value(csv, at->frame, "user-<subject>.<frame>");
    row->verdict = (hs_verdict)v;
    row->score = strtod(score, &end);
    if (v == HS_VERDICT_NONE && !*score)
        return HS_OK;
    if (end == score || *end || !(row->score >= 0 && row->score <= 1))
        return bad_value(csv, at->score, "a number from 0 to 1");
    return HS_OK;
}

static hs_status add_row(hs_quality_table *table, const hs_quality_row *row)
{
    if (table->count == table->capacity) {
        int64_t capacity = table->capacity ? 2 * table->capacity : 1024;
        hs_quality_row *rows = realloc(table->rows, (size_t)capacity * sizeof *rows);
        if (!rows)
            return hs_error(HS_ERR_MEMORY, NULL, HS_QUALITY_FILE ": no memory for %lld rows",
                            (long long)capacity);
        table->rows = rows;
        table->capacity = capacity;
    }
    table->rows[table->count++] = *row;
    return HS_OK;
}

static int by_frame(const void *a, const void *b)
{
    return strcmp(((const hs_quality_row *)a)->frame, ((const hs_quality_row *)b)->frame);
}

static hs_status read_rows(hs_quality_table *table, hs_csv *csv)
{
    columns at;
    repeated kept = {{NULL}};
    bool more;
    hs_status status;
    HS_TRY(hs_csv_column(csv, "frame", &at.frame));
    HS_TRY(hs_csv_column(csv, "score", &at.score));
    HS_TRY(hs_csv_column(csv, "verdict", &at.verdict));
    HS_TRY(hs_csv_column(csv, "reasons", &at.reasons));
    for (;;) {
        hs_quality_row row = {0};
        HS_TRY(hs_csv_next(csv, &more));
        if (!more)
            return HS_OK;
        HS_TRY(parse_row(csv, &at, &row));
        row.frame = hs_arena_string(&table->arena, csv->fields[at.frame]);
        row.reasons = keep_text(&kept, &table->arena, csv->fields[at.reasons]);
        HS_TRY(add_row(table, &row));
    }
exit:
    return status;
}

hs_status hs_quality_table_read(hs_quality_table *table, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/" HS_QUALITY_FILE, folder);
    if (access(path, F_OK) != 0)
        return HS_OK;
    hs_csv csv = {0};
    hs_status status;
    HS_TRY(hs_csv_open(&csv, path));
    HS_TRY(read_rows(table, &csv));
    if (table->count)
        qsort(table->rows, (size_t)table->count, sizeof *table->rows, by_frame);
    for (int64_t i = 1; i < table->count; i++)
        if (strcmp(table->rows[i - 1].frame, table->rows[i].frame) == 0)
            HS_TRY(hs_error(HS_ERR_FORMAT, "make the table again with handseg annotate",
                            "%s: got two rows of '%s', expected one a frame", path,
                            table->rows[i].frame));
exit:
    hs_csv_close(&csv);
    return status;
}

void hs_quality_table_free(hs_quality_table *table)
{
    hs_arena_free(&table->arena);
    free(table->rows);
    *table = (hs_quality_table){0};
}

const hs_quality_row *hs_quality_table_find(const hs_quality_table *table, const char *frame)
{
    const hs_quality_row key = {.frame = frame};
    return table->count ? bsearch(&key, table->rows, (size_t)table->count, sizeof key, by_frame)
                        : NULL;
}

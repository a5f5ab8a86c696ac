/* What became of the tensors of a file and a net, for people and for programs. */
#include "base/log.h"
#include "io/file.h"
#include "report/table.h"
#include "train/pretrained.h"
#include <stdlib.h>
#include <string.h>

enum { FATES = HS_FATE_DIFFERS + 1 };
static const char *const fates[FATES] = {[HS_FATE_TAKEN] = "taken",
                                         [HS_FATE_LEFT] = "left",
                                         [HS_FATE_FRESH] = "fresh",
                                         [HS_FATE_DIFFERS] = "differs"};

/* A line for people: layers one after another whose tensors all share their fates. */
typedef struct group {
    struct group *next;
    const char *first, *last;
    int layers;
    const char *tensors[FATES]; /* "weight (summed), bias" */
} group;

/* ---- grouping ---------------------------------------------------------------------------------
 */
static void count_fates(const hs_pretrained_report *report, int counts[FATES])
{
    memset(counts, 0, sizeof(int) * FATES);
    for (int i = 0; i < report->count; i++)
        counts[report->rows[i].fate]++;
}

/* Adds a tensor to the layer's text of its fate. Those that differ in the same way share a note. */
static void tell(hs_arena *arena, group *g, const hs_pretrained_row *row)
{
    const char *text = g->tensors[row->fate], *note = "";
    bool differs = row->fate == HS_FATE_DIFFERS;
    if (differs)
        note = hs_arena_format(arena, " (got %s, expected %s)", row->file_shape, row->net_shape);
    else if (*row->done)
        note = hs_arena_format(arena, " (%s)", row->done);
    size_t length = strlen(text), end = strlen(note);
    if (differs && length > end && strcmp(text + length - end, note) == 0)
        length -= end;
    g->tensors[row->fate] = hs_arena_format(arena, "%.*s%s%s%s", (int)length, text,
                                            length ? ", " : "", row->tensor, note);
}

/* All that became of one layer, of which row `first` is the first. */
static group *group_of(const hs_pretrained_report *report, int first, hs_arena *arena)
{
    group *g = hs_arena_take(arena, sizeof *g);
    g->first = g->last = report->rows[first].layer;
    g->layers = 1;
    for (int f = 0; f < FATES; f++)
        g->tensors[f] = "";
    for (int i = first; i < report->count; i++)
        if (strcmp(report->rows[i].layer, g->first) == 0)
            tell(arena, g, &report->rows[i]);
    return g;
}

static bool met_before(const hs_pretrained_report *report, int row)
{
    for (int i = 0; i < row; i++)
        if (strcmp(report->rows[i].layer, report->rows[row].layer) == 0)
            return true;
    return false;
}

static bool same_fates(const group *a, const group *b)
{
    for (int f = 0; f < FATES; f++)
        if (strcmp(a->tensors[f], b->tensors[f]) != 0)
            return false;
    return true;
}

static group *group_layers(const hs_pretrained_report *report, hs_arena *arena)
{
    group *groups = NULL, *last = NULL;
    for (int i = 0; i < report->count; i++) {
        if (met_before(report, i))
            continue;
        group *g = group_of(report, i, arena);
        if (last && same_fates(last, g)) {
            last->last = g->last;
            last->layers++;
            continue;
        }
        *(last ? &last->next : &groups) = g;
        last = g;
    }
    return groups;
}

/* ---- for people -------------------------------------------------------------------------------
 */
static const char *title_of(const hs_pretrained_report *report, hs_arena *arena)
{
    int n[FATES];
    count_fates(report, n);
    return hs_arena_format(
        arena,
        "init: %s (%s): %d of the net's %d tensors taken, %d fresh, %d of another "
        "shape; %d left in the file",
        report->file, report->kind, n[HS_FATE_TAKEN], report->count - n[HS_FATE_LEFT],
        n[HS_FATE_FRESH], n[HS_FATE_DIFFERS], n[HS_FATE_LEFT]);
}

static void fill(const hs_pretrained_report *report, hs_table *table)
{
    static const char *const headers[FATES] = {[HS_FATE_TAKEN] = "taken",
                                               [HS_FATE_LEFT] = "left in the file",
                                               [HS_FATE_FRESH] = "fresh",
                                               [HS_FATE_DIFFERS] = "of another shape"};
    int n[FATES];
    count_fates(report, n);
    hs_table_text_column(table, "layers", "layers");
    for (int f = 0; f < FATES; f++)
        if (n[f])
            hs_table_text_column(table, fates[f], headers[f]);
    for (group *g = group_layers(report, &table->arena); g; g = g->next) {
        hs_row *row = hs_table_row(table);
        int column = 0;
        row->cells[column++].text =
            g->layers == 1
                ? g->first
                : hs_arena_format(&table->arena, g->layers == 2 ? "%s, %s" : "%s to %s (%d)",
                                  g->first, g->last, g->layers);
        for (int f = 0; f < FATES; f++)
            if (n[f])
                row->cells[column++].text = *g->tensors[f] ? g->tensors[f] : NULL;
    }
}

void hs_pretrained_print(const hs_pretrained_report *report, FILE *file)
{
    hs_arena arena = {0};
    hs_table table = hs_table_make("init", title_of(report, &arena));
    fill(report, &table);
    hs_tables_write(&table, 1, HS_TABLE_TEXT, file);
    hs_table_free(&table);
    hs_arena_free(&arena);
}

void hs_pretrained_log(const hs_pretrained_report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        abort();
    hs_pretrained_print(report, file);
    fclose(file);
    hs_log("%s", text);
    free(text);
}

/* ---- for programs -----------------------------------------------------------------------------
 */
hs_status hs_pretrained_write(const hs_pretrained_report *report, const char *path)
{
    static const char *const columns[] = {"layer",       "tensor",     "fate",     "done",
                                          "file_tensor", "file_shape", "net_shape"};
    hs_status status;
    hs_new_file out = {0};
    hs_table table = hs_table_make("init", report->file);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        hs_table_text_column(&table, columns[i], columns[i]);
    for (int i = 0; i < report->count; i++) {
        const hs_pretrained_row *r = &report->rows[i];
        const char *const texts[] = {r->layer,       r->tensor,     fates[r->fate], r->done,
                                     r->file_tensor, r->file_shape, r->net_shape};
        hs_row *row = hs_table_row(&table);
        for (size_t c = 0; c < sizeof texts / sizeof *texts; c++)
            row->cells[c].text = texts[c];
    }
    HS_TRY(hs_new_file_open(&out, path));
    hs_tables_write(&table, 1, HS_TABLE_CSV, out.file);
    HS_TRY(hs_new_file_commit(&out));
exit:
    hs_new_file_drop(&out);
    hs_table_free(&table);
    return status;
}

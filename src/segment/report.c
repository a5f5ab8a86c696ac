#include "segment/report.h"

#include "eval/frame_name.h"
#include "segment/frame_rows.h"
#include "segment/report_page.h"
#include <string.h>

#define LEVEL 0.95 /* of the intervals */

enum { PAIRS = HS_REPORT_RUNS * (HS_REPORT_RUNS - 1) / 2 };

/* Everything open while it is made. */
typedef struct job {
    const hs_report_request *request;
    hs_arena arena;
    hs_report_run runs[HS_REPORT_RUNS];
    hs_page_run pages[HS_REPORT_RUNS];
    hs_page_pair pairs[PAIRS];
    int n_pairs;
    const char *stem;                 /* the page's path without ".html" */
    hs_new_file page;                 /* both are open before the first frame: what cannot be */
    hs_new_file rows[HS_REPORT_RUNS]; /* written is refused before hours of work */
} job;

/* ---- opening ----------------------------------------------------------------------------------
 */
/* Gives the run its name: the folder's, with a number where another has it. */
static void name_run(job *j, int index)
{
    hs_frame_name base = hs_frame_name_from(j->runs[index].source.base);
    const char *name = hs_arena_string(&j->arena, base.text);
    for (int number = 2, i = 0; i < index; i++)
        if (strcmp(j->runs[i].name, name) == 0) {
            name = hs_arena_format(&j->arena, "%s-%d", base.text, number++);
            i = -1; /* the new name is compared with all of them */
        }
    j->runs[index].name = name;
}

static const char *rows_path(job *j, int i)
{
    return hs_arena_format(&j->arena, "%s.%s.frames.csv", j->stem, j->runs[i].name);
}

static hs_status open_outputs(job *j)
{
    static const char suffix[] = ".html";
    char *stem = hs_arena_string(&j->arena, j->request->out);
    size_t length = strlen(stem), end = sizeof suffix - 1;
    hs_status status;
    if (length > end && strcmp(stem + length - end, suffix) == 0)
        stem[length - end] = 0;
    j->stem = stem;
    HS_TRY(hs_new_file_open(&j->page, j->request->out));
    for (int i = 0; i < j->request->n; i++) {
        const hs_report_run *run = &j->runs[i];
        HS_TRY(hs_frame_rows_open(&j->rows[i], rows_path(j, i), run->labels, run->classes,
                                  "boundary_f"));
    }
exit:
    return status;
}

static hs_status open_job(job *j)
{
    const hs_report_request *r = j->request;
    hs_status status = HS_OK;
    for (int i = 0; i < r->n; i++) {
        HS_TRY(hs_report_run_open(&j->runs[i], r, r->runs[i]));
        name_run(j, i);
    }
    HS_TRY(open_outputs(j));
exit:
    return status;
}

static void close_job(job *j)
{
    for (int i = 0; i < j->request->n; i++) {
        hs_report_page_run_free(&j->pages[i]);
        hs_report_run_close(&j->runs[i]);
        hs_new_file_drop(&j->rows[i]);
    }
    hs_new_file_drop(&j->page);
    hs_arena_free(&j->arena);
}

/* ---- working ----------------------------------------------------------------------------------
 */
static hs_status evaluate(job *j)
{
    const hs_report_request *r = j->request;
    hs_status status = HS_OK;
    for (int i = 0; i < r->n; i++) {
        const char *progress =
            r->n == 1 ? "evaluating" : hs_arena_format(&j->arena, "run %d of %d", i + 1, r->n);
        HS_TRY(hs_report_run_evaluate(&j->runs[i], r, j->rows[i].file, progress));
        HS_TRY(hs_report_run_resample(&j->runs[i], r, LEVEL));
    }
    for (int a = 0; a < r->n; a++)
        for (int b = a + 1; b < r->n; b++)
            HS_TRY(hs_report_page_pair(&j->runs[a], &j->runs[b], r, LEVEL, &j->arena,
                                       &j->pairs[j->n_pairs++]));
exit:
    return status;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The tables of frames first: a page that is there speaks of what is there. */
static hs_status write_files(job *j)
{
    const hs_report_request *r = j->request;
    hs_page page = {.runs = j->pages,
                    .n_runs = r->n,
                    .pairs = j->pairs,
                    .n_pairs = j->n_pairs,
                    .samples = r->samples,
                    .level = LEVEL};
    hs_status status = HS_OK;
    for (int i = 0; i < r->n; i++) {
        HS_TRY(hs_report_page_run(&j->runs[i], r, last_part(j->rows[i].path), &j->arena,
                                  &j->pages[i]));
        HS_TRY(hs_new_file_commit(&j->rows[i]));
    }
    page.title = r->n == 1 ? hs_arena_format(&j->arena, "handseg: report of %s", j->runs[0].name)
                           : hs_arena_format(&j->arena, "handseg: report of %d runs", r->n);
    hs_report_page_facts(r, &j->arena, &page);
    hs_page_write(j->page.file, &page);
    HS_TRY(hs_new_file_commit(&j->page));
exit:
    return status;
}

static void print_figures(const job *j, FILE *file)
{
    hs_table table = hs_table_make("report", "hand mIoU, with 95 % intervals");
    hs_table_text_column(&table, "run", "run");
    hs_table_number_column(&table, "miou", "mIoU %", 2, 100);
    hs_table_number_column(&table, "low", "from %", 2, 100);
    hs_table_number_column(&table, "high", "to %", 2, 100);
    hs_table_text_column(&table, "resampled", "resampled");
    for (int i = 0; i < j->request->n; i++) {
        const hs_report_run *run = &j->runs[i];
        hs_cell *cells = hs_table_row(&table)->cells;
        cells[0].text = run->name;
        cells[1].number = run->metrics.hands.iou;
        cells[2].number = run->interval.low;
        cells[3].number = run->interval.high;
        cells[4].text = run->units;
    }
    hs_tables_write(&table, 1, HS_TABLE_TEXT, file);
    hs_table_free(&table);
    for (int i = 0; i < j->request->n; i++)
        if (j->runs[i].merged)
            fprintf(file, "%s: %s\n", j->runs[i].name, j->runs[i].merged);
    fprintf(file, "\nwrote %s and %s.*.frames.csv\n", j->request->out, j->stem);
}

hs_status hs_report(const hs_report_request *request, FILE *file)
{
    job j = {.request = request};
    hs_status status;
    HS_TRY(open_job(&j));
    HS_TRY(evaluate(&j));
    HS_TRY(write_files(&j));
    print_figures(&j, file);
exit:
    close_job(&j);
    return status;
}

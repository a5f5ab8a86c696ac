#include "studio/quality_file.h"

#include "base/log.h"
#include "base/text.h"
#include "data/quality_table.h"
#include "io/file.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REASONS = 4 /* of a frame, at most */, REASONS_SIZE = 256 };

/* ---- the comparison with neighbours ---- */

/* The next labelled frame of the same recording from task i on in steps of `step`; NULL: none.
 * Tasks of a recording follow each other by number, which is the order of time. */
static const hs_quality_frame *neighbour(const hs_frames *frames, const hs_frame_result *results,
                                         int64_t i, int step)
{
    int32_t recording = frames->tasks[i].recording;
    for (int64_t k = i + step; k >= 0 && k < frames->count; k += step) {
        if (frames->tasks[k].recording != recording)
            return NULL;
        if (results[k].state == HS_FRAME_LABELLED)
            return &results[k].quality;
    }
    return NULL;
}

static void compare_all(const hs_frames *frames, hs_frame_result *results)
{
    for (int64_t i = 0; i < frames->count; i++)
        if (results[i].state == HS_FRAME_LABELLED)
            hs_quality_compare(neighbour(frames, results, i, -1), neighbour(frames, results, i, 1),
                               &results[i].quality);
}

/* ---- reasons ---- */

static void list_reasons(const hs_measures *measures, const hs_quality_params *params,
                         char text[REASONS_SIZE])
{
    hs_measure reasons[HS_MEASURES];
    int n = hs_quality_reasons(measures, params, reasons);
    text[0] = 0;
    for (int i = 0, used = 0; i < n && i < REASONS; i++)
        used += snprintf(text + used, (size_t)(REASONS_SIZE - used), "%s%s", i ? ";" : "",
                         hs_measure_name(reasons[i]));
}

static void list_outcomes(const hs_frame_result *result, char text[REASONS_SIZE])
{
    int used = 0;
    text[0] = 0;
    for (int g = 0; g < HS_GLOVES; g++)
        if (result->outcome[g] != HS_OUTCOME_not_worn)
            used += snprintf(text + used, (size_t)(REASONS_SIZE - used), "%s%s_%s", used ? ";" : "",
                             hs_glove_names[g], hs_outcome_name(result->outcome[g]));
}

/* ---- quality.csv ---- */

/* A field may hold any text: quoted where it must be (RFC 4180). */
static void write_text(FILE *file, const char *text)
{
    if (!strpbrk(text, ",\"\n")) {
        fputs(text, file);
        return;
    }
    putc('"', file);
    for (const char *c = text; *c; c++)
        fprintf(file, *c == '"' ? "\"\"" : "%c", *c);
    putc('"', file);
}

static void write_header(FILE *file)
{
    fputs("frame,recording,number,time,score,verdict,reasons", file);
    for (int m = 0; m < HS_MEASURES; m++)
        fprintf(file, ",%s", hs_measure_name((hs_measure)m));
    putc('\n', file);
}

static void write_labelled(FILE *file, const hs_measures *measures, const hs_quality_params *params,
                           hs_quality_counts *counts)
{
    char reasons[REASONS_SIZE];
    double score = hs_quality_score(measures, params);
    bool keep = score >= params->threshold;
    list_reasons(measures, params, reasons);
    counts->keep += keep;
    counts->reject += !keep;
    fprintf(file, "%.6f,%s,%s", score, keep ? "keep" : "reject", reasons);
    for (int m = 0; m < HS_MEASURES; m++)
        fprintf(file, ",%.6g", measures->value[m]);
}

static const char unpaired_reason[] = "no_color_frame", damaged_reason[] = "damaged";

static void write_unlabelled(FILE *file, const hs_frame_result *result, hs_quality_counts *counts)
{
    char reasons[REASONS_SIZE];
    snprintf(reasons, sizeof reasons, "%s", unpaired_reason);
    if (result->state == HS_FRAME_DAMAGED)
        snprintf(reasons, sizeof reasons, "%s", damaged_reason);
    else if (result->state == HS_FRAME_UNLABELLED)
        list_outcomes(result, reasons);
    counts->unlabelled++;
    counts->unpaired += result->state == HS_FRAME_UNPAIRED;
    counts->damaged += result->state == HS_FRAME_DAMAGED;
    counts->no_glove += result->state == HS_FRAME_UNLABELLED;
    fprintf(file, ",unlabelled,%s", reasons);
    for (int m = 0; m < HS_MEASURES; m++)
        putc(',', file);
}

hs_status hs_quality_write(const char *folder, const hs_frames *frames,
                           const hs_quality_params *params, hs_frame_result *results,
                           hs_quality_counts *counts)
{
    char path[4096], name[HS_FRAME_NAME];
    hs_new_file out = {0};
    hs_status status;
    *counts = (hs_quality_counts){.frames = frames->count};
    compare_all(frames, results);
    snprintf(path, sizeof path, "%s/quality.csv", folder);
    HS_TRY(hs_new_file_open(&out, path));
    write_header(out.file);
    for (int64_t i = 0; i < frames->count; i++) {
        const hs_frame_task *task = &frames->tasks[i];
        hs_frame_task_name(task, name);
        fprintf(out.file, "%s,", name);
        write_text(out.file, hs_frames_info(frames, task->recording)->name);
        fprintf(out.file, ",%d,%.6f,", task->number - frames->first[task->recording], task->time);
        if (results[i].state == HS_FRAME_LABELLED)
            write_labelled(out.file, &results[i].quality.measures, params, counts);
        else
            write_unlabelled(out.file, &results[i], counts);
        putc('\n', out.file);
    }
    HS_TRY(hs_new_file_commit(&out));
exit:
    hs_new_file_drop(&out);
    return status;
}

hs_status hs_quality_recall(const char *folder, hs_quality_counts *counts)
{
    hs_quality_table table = {0};
    hs_status status;
    *counts = (hs_quality_counts){0};
    HS_TRY(hs_quality_table_read(&table, folder));
    counts->frames = table.count;
    for (int64_t i = 0; i < table.count; i++) {
        const hs_quality_row *row = &table.rows[i];
        bool unlabelled = row->verdict == HS_VERDICT_NONE;
        bool unpaired = unlabelled && strcmp(row->reasons, unpaired_reason) == 0;
        bool damaged = unlabelled && strcmp(row->reasons, damaged_reason) == 0;
        counts->keep += row->verdict == HS_VERDICT_KEEP;
        counts->reject += row->verdict == HS_VERDICT_REJECT;
        counts->unlabelled += unlabelled;
        counts->unpaired += unpaired;
        counts->damaged += damaged;
        counts->no_glove += unlabelled && !unpaired && !damaged;
    }
exit:
    hs_quality_table_free(&table);
    return status;
}

/* ---- the journal ---- */

/* A result as a list of numbers: writing, reading and their order are this one function. */

typedef void visit(double *number, const char **text, FILE *file);

static void put_number(double *number, const char **text, FILE *file)
{
    (void)text;
    putc(' ', file);
    hs_write_real(file, *number);
}

/* *text becomes NULL where there is no number. */
static void get_number(double *number, const char **text, FILE *file)
{
    (void)file;
    char *end;
    if (!*text)
        return;
    *number = strtod(*text, &end);
    *text = end != *text && isfinite(*number) ? end : NULL;
}

static void visit_int(int *whole, visit *each, const char **text, FILE *file)
{
    double number = *whole;
    each(&number, text, file);
    *whole = fabs(number) < 1e6 ? (int)number : -1;
}

static void visit_result(hs_frame_result *r, visit *each, const char **text, FILE *file)
{
    int state = (int)r->state;
    visit_int(&state, each, text, file);
    r->state = (hs_frame_state)state;
    hs_quality_frame *q = &r->quality;
    double *times[] = {&q->time, &q->time_gap, &q->focal};
    for (int i = 0; i < 3; i++)
        each(times[i], text, file);
    for (int g = 0; g < HS_GLOVES; g++) {
        hs_quality_hand *hand = &q->hands[g];
        int outcome = (int)r->outcome[g], found = hand->found;
        visit_int(&outcome, each, text, file);
        visit_int(&found, each, text, file);
        r->outcome[g] = (hs_outcome)outcome;
        hand->found = found == 1;
        double *numbers[] = {&hand->x, &hand->y, &hand->z, &hand->area};
        for (int i = 0; i < 4; i++)
            each(numbers[i], text, file);
    }
    for (int m = 0; m < HS_MEASURES; m++)
        each(&q->measures.value[m], text, file);
}

static int by_name(const void *key, const void *task)
{
    char name[HS_FRAME_NAME];
    hs_frame_task_name(task, name);
    return strcmp(key, name);
}

/* Takes over one line: "NAME NUMBERS... .\n", the point telling that it is whole. */
static void take_line(char *line, const hs_frames *frames, hs_frame_result *results)
{
    char *blank = strchr(line, ' ');
    if (!blank)
        return;
    *blank = 0;
    const hs_frame_task *task =
        bsearch(line, frames->tasks, (size_t)frames->count, sizeof *task, by_name);
    const char *text = blank + 1;
    hs_frame_result result = {0};
    visit_result(&result, get_number, &text, NULL);
    bool whole = text && strcmp(text, " .\n") == 0;
    if (task && whole && result.state >= HS_FRAME_DAMAGED && result.state <= HS_FRAME_LABELLED)
        results[task - frames->tasks] = result;
}

/* What a journal of this program begins with: the measures, whose order its numbers have. */
static void write_title(FILE *file)
{
    fputs("annotation", file);
    for (int m = 0; m < HS_MEASURES; m++)
        fprintf(file, " %s", hs_measure_name((hs_measure)m));
    putc('\n', file);
}

static bool title_fits(const char *line)
{
    char *title = NULL;
    size_t size;
    FILE *file = open_memstream(&title, &size);
    if (!file)
        return false;
    write_title(file);
    bool fits = fclose(file) == 0 && strcmp(title, line) == 0;
    free(title);
    return fits;
}

/* Reads what is there; *end is where the last whole line ends. */
static hs_status read_journal(const char *path, const hs_frames *frames, hs_frame_result *results,
                              long *end)
{
    *end = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return errno == ENOENT ? HS_OK : hs_file_open_error(path, errno);
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = getline(&line, &capacity, file);
    bool fits = length > 0 && title_fits(line);
    while (fits && length > 0 && line[length - 1] == '\n') {
        *end += length;
        length = getline(&line, &capacity, file);
        if (length > 0 && line[length - 1] == '\n')
            take_line(line, frames, results);
    }
    free(line);
    fclose(file);
    return HS_OK;
}

hs_status hs_journal_open(hs_journal *journal, const char *folder, const hs_frames *frames,
                          hs_frame_result *results)
{
    long end;
    snprintf(journal->path, sizeof journal->path, "%s/annotate.partial", folder);
    hs_status status = read_journal(journal->path, frames, results, &end);
    if (status != HS_OK)
        return status;
    journal->file = fopen(journal->path, end > 0 ? "r+" : "w");
    if (!journal->file)
        return hs_file_write_error(journal->path, errno);
    if (end == 0)
        write_title(journal->file);
    else if (ftruncate(fileno(journal->file), end) != 0 || fseek(journal->file, end, SEEK_SET) != 0)
        return hs_file_write_error(journal->path, errno);
    return fflush(journal->file) == 0 ? HS_OK : hs_file_write_error(journal->path, errno);
}

hs_status hs_journal_append(hs_journal *journal, const hs_frames *frames, const int64_t *tasks,
                            int n, const hs_frame_result *results)
{
    for (int i = 0; i < n; i++) {
        char name[HS_FRAME_NAME];
        hs_frame_result result = results[tasks[i]];
        hs_frame_task_name(&frames->tasks[tasks[i]], name);
        fputs(name, journal->file);
        visit_result(&result, put_number, NULL, journal->file);
        fputs(" .\n", journal->file);
    }
    if (fflush(journal->file) != 0 || ferror(journal->file))
        return hs_file_write_error(journal->path, errno);
    return HS_OK;
}

void hs_journal_close(hs_journal *journal, bool remove)
{
    if (journal->file)
        fclose(journal->file);
    if (journal->file && remove)
        unlink(journal->path);
    journal->file = NULL;
}

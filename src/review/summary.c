#include "review/summary.h"

#include "base/log.h"
#include "base/text.h"
#include "data/verdict_line.h"
#include "data/verdicts.h"
#include "review/items.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_MS = 60000, REVIEWERS_MOST = 256 };

double hs_agreement_kappa(const hs_agreement *a)
{
    double keep = (double)a->frames[0][0], reject = (double)a->frames[1][1];
    double hit = (double)a->frames[0][1], miss = (double)a->frames[1][0];
    double n = keep + reject + hit + miss;
    double by_chance = ((keep + hit) * (keep + miss) + (reject + miss) * (reject + hit)) / (n * n);
    return ((keep + reject) / n - by_chance) / (1 - by_chance);
}

/* ---- frames ---- */

static int index_of(hs_verdict verdict)
{
    return verdict == HS_VERDICT_REJECT;
}

static hs_status count_frames(hs_review_summary *s, hs_verdict_log *log)
{
    hs_layout layout = {0};
    hs_quality_table table = {0};
    hs_verdicts verdicts = {0};
    hs_status status;
    HS_TRY(hs_layout_list(&layout, &hs_layout_handseg, s->folder));
    HS_TRY(hs_quality_table_read(&table, s->folder));
    const char *const *names = hs_layout_names(&layout);
    HS_TRY(hs_verdicts_init(&verdicts, log, names, layout.count));
    s->frames = layout.count;
    for (int64_t i = 0; i < layout.count; i++) {
        const hs_verdict_record *record = hs_verdicts_of(&verdicts, i, NULL);
        const hs_quality_row *row = hs_quality_table_find(&table, names[i]);
        hs_verdict person = record ? (hs_verdict)record->action : HS_VERDICT_NONE;
        s->kept += person == HS_VERDICT_KEEP;
        s->rejected += person == HS_VERDICT_REJECT;
        s->unjudged += person == HS_VERDICT_NONE;
        if (person && row && row->verdict)
            s->with_score.frames[index_of(row->verdict)][index_of(person)]++;
    }
exit:
    hs_verdicts_free(&verdicts);
    hs_quality_table_free(&table);
    hs_layout_free(&layout);
    return status;
}

/* ---- reviewers ---- */

static hs_reviewer_summary *reviewer_of(hs_review_summary *s, const char *name)
{
    for (int i = 0; i < s->reviewer_count; i++)
        if (strcmp(s->reviewers[i].name, name) == 0)
            return &s->reviewers[i];
    if (s->reviewer_count == REVIEWERS_MOST)
        return &s->reviewers[REVIEWERS_MOST - 1];
    hs_reviewer_summary *reviewer = &s->reviewers[s->reviewer_count++];
    reviewer->name = hs_arena_string(&s->arena, name);
    return reviewer;
}

static void count_work(hs_review_summary *s, const hs_verdict_log *log)
{
    s->reviewers = hs_arena_take(&s->arena, REVIEWERS_MOST * sizeof *s->reviewers);
    int64_t last[REVIEWERS_MOST] = {0};
    for (int64_t i = 0; i < log->count; i++) {
        const hs_verdict_record *record = &log->records[i];
        hs_reviewer_summary *reviewer = reviewer_of(s, record->reviewer);
        int64_t *before = &last[reviewer - s->reviewers], gap = record->time - *before;
        reviewer->verdicts += record->action == HS_ACTION_UNDO ? -1 : 1;
        reviewer->seconds += (double)(gap < IDLE_MS ? gap : *before ? IDLE_MS : 0) / 1000;
        *before = record->time;
    }
}

/* Names of all known frames in the log, each once: the list lives in the arena. */
static const char *const *list_known(hs_review_summary *s, const hs_verdict_log *log, int64_t *n)
{
    int64_t capacity = 64, count = 0;
    const char **names = hs_arena_take(&s->arena, (size_t)capacity * sizeof *names);
    for (int64_t i = 0; i < log->count; i++) {
        hs_frame_item item;
        for (const char *text = log->records[i].frames; hs_frame_item_next(&text, &item);) {
            if (strncmp(item.stem, "known-", 6) != 0)
                continue;
            for (int32_t number = item.first; number <= item.last; number++) {
                char name[HS_VERDICT_NAME];
                hs_frame_item_name(&item, number, name);
                int64_t k = 0;
                while (k < count && strcmp(names[k], name) != 0)
                    k++;
                if (k < count)
                    continue;
                if (count == capacity) {
                    const char **more =
                        hs_arena_take(&s->arena, 2 * (size_t)capacity * sizeof *more);
                    memcpy(more, names, (size_t)capacity * sizeof *names);
                    names = more;
                    capacity *= 2;
                }
                names[count++] = hs_arena_string(&s->arena, name);
            }
        }
    }
    *n = count;
    return names;
}

static hs_status measure(hs_review_summary *s, hs_verdict_log *log)
{
    int64_t n;
    const char *const *names = list_known(s, log, &n);
    hs_verdicts verdicts = {0};
    hs_status status;
    HS_TRY(hs_verdicts_init(&verdicts, log, names, n));
    for (int r = 0; r < s->reviewer_count; r++)
        for (int64_t i = 0; i < n; i++) {
            hs_reviewer_summary *reviewer = &s->reviewers[r];
            const hs_verdict_record *record = hs_verdicts_of(&verdicts, i, reviewer->name);
            bool bad = strncmp(names[i], HS_KNOWN_REJECT, strlen(HS_KNOWN_REJECT)) == 0;
            if (record)
                reviewer->on_known.frames[bad][index_of((hs_verdict)record->action)]++;
        }
exit:
    hs_verdicts_free(&verdicts);
    return status;
}

hs_status hs_review_summary_make(hs_review_summary *s, const char *folder)
{
    char path[4096];
    hs_verdict_log log = {0};
    hs_status status;
    s->folder = hs_arena_string(&s->arena, folder);
    snprintf(path, sizeof path, "%s/" HS_VERDICT_FILE, folder);
    HS_TRY(hs_verdict_log_read(&log, path));
    HS_TRY(count_frames(s, &log));
    count_work(s, &log);
    HS_TRY(measure(s, &log));
exit:
    hs_verdict_log_free(&log);
    return status;
}

void hs_review_summary_free(hs_review_summary *s)
{
    hs_arena_free(&s->arena);
    *s = (hs_review_summary){0};
}

/* ---- printing ---- */

static int64_t total(const hs_agreement *a)
{
    return a->frames[0][0] + a->frames[0][1] + a->frames[1][0] + a->frames[1][1];
}

static void print_kappa(const hs_agreement *a, FILE *file)
{
    double kappa = hs_agreement_kappa(a);
    if (isfinite(kappa))
        fprintf(file, ", kappa %.3f\n", kappa);
    else
        fprintf(file, "\n");
}

static void print_text(const hs_review_summary *s, FILE *file)
{
    fprintf(file, "folder         %s\n", s->folder);
    fprintf(file, "frames         %lld: %lld kept, %lld rejected, %lld unjudged\n",
            (long long)s->frames, (long long)s->kept, (long long)s->rejected,
            (long long)s->unjudged);
    if (total(&s->with_score)) {
        const int64_t(*f)[2] = s->with_score.frames;
        fprintf(
            file,
            "score          people reject %lld of %lld frames it keeps and keep %lld of %lld it "
            "rejects",
            (long long)f[0][1], (long long)(f[0][0] + f[0][1]), (long long)f[1][0],
            (long long)(f[1][0] + f[1][1]));
        print_kappa(&s->with_score, file);
    }
    for (int r = 0; r < s->reviewer_count; r++) {
        const hs_reviewer_summary *p = &s->reviewers[r];
        char duration[32];
        hs_format_duration(p->seconds, duration, sizeof duration);
        fprintf(file, "%-14s %lld verdicts in %s\n", p->name, (long long)p->verdicts, duration);
        const int64_t(*f)[2] = p->on_known.frames;
        if (!total(&p->on_known))
            continue;
        fprintf(file,
                "%-14s known frames: %lld of %lld bad ones found, %lld of %lld good ones kept", "",
                (long long)f[1][1], (long long)(f[1][0] + f[1][1]), (long long)f[0][0],
                (long long)(f[0][0] + f[0][1]));
        print_kappa(&p->on_known, file);
    }
}

static void write_agreement(hs_json *json, const char *key, const hs_agreement *a)
{
    hs_json_open(json, key, '{');
    hs_json_integer(json, "keep_keep", a->frames[0][0]);
    hs_json_integer(json, "keep_reject", a->frames[0][1]);
    hs_json_integer(json, "reject_keep", a->frames[1][0]);
    hs_json_integer(json, "reject_reject", a->frames[1][1]);
    hs_json_number(json, "kappa", hs_agreement_kappa(a));
    hs_json_close(json, '}');
}

static void print_json(const hs_review_summary *s, FILE *file)
{
    hs_json json = hs_json_start(file);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "kind", "review");
    hs_json_string(&json, "folder", s->folder);
    hs_json_integer(&json, "frames", s->frames);
    hs_json_integer(&json, "kept", s->kept);
    hs_json_integer(&json, "rejected", s->rejected);
    hs_json_integer(&json, "unjudged", s->unjudged);
    write_agreement(&json, "score_and_people", &s->with_score);
    hs_json_open(&json, "reviewers", '[');
    for (int r = 0; r < s->reviewer_count; r++) {
        hs_json_open(&json, NULL, '{');
        hs_json_string(&json, "name", s->reviewers[r].name);
        hs_json_integer(&json, "verdicts", s->reviewers[r].verdicts);
        hs_json_number(&json, "seconds", s->reviewers[r].seconds);
        write_agreement(&json, "known_and_said", &s->reviewers[r].on_known);
        hs_json_close(&json, '}');
    }
    hs_json_close(&json, ']');
    hs_json_close(&json, '}');
}

void hs_review_summary_print(const hs_review_summary *s, bool json, FILE *file)
{
    if (json)
        print_json(s, file);
    else
        print_text(s, file);
}

#include "data/verdicts.h"

#include "data/verdict_line.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- frames by name ---- */

static int by_name(const void *a, const void *b, void *names)
{
    const char *const *of = names;
    return strcmp(of[*(const uint32_t *)a], of[*(const uint32_t *)b]);
}

/* The first frame in the order of names whose name does not come before this one. */
static int64_t lower_bound(const hs_verdicts *v, const char *name)
{
    int64_t low = 0, high = v->count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (strcmp(v->names[v->sorted[middle]], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void hs_verdicts_each(const hs_verdicts *v, const hs_verdict_record *record,
                      void (*each)(void *context, uint32_t frame), void *context)
{
    hs_frame_item item;
    for (const char *text = record->frames; hs_frame_item_next(&text, &item);) {
        char first[HS_VERDICT_NAME], last[HS_VERDICT_NAME];
        hs_frame_item_name(&item, item.first, first);
        hs_frame_item_name(&item, item.last, last);
        for (int64_t i = lower_bound(v, first); i < v->count; i++) {
            const char *name = v->names[v->sorted[i]];
            if (strcmp(name, last) > 0)
                break;
            if (strlen(name) == strlen(first)) /* not one of other digits that sorts between */
                each(context, v->sorted[i]);
        }
    }
}

/* ---- the lines of a log ---- */

static const hs_verdict_record *find_line(const hs_verdicts *v, const char *name, int64_t before)
{
    char session[65];
    uint32_t sequence;
    hs_verdict_line_name(name, session, &sequence);
    for (int64_t i = before - 1; i >= 0; i--) {
        const hs_verdict_record *record = &v->log->records[i];
        if (record->sequence == sequence && strcmp(record->session, session) == 0)
            return record;
    }
    return NULL;
}

static int64_t index_of(const hs_verdicts *v, const hs_verdict_record *record)
{
    return record - v->log->records;
}

/* Makes the line count no more. One that is itself an undo gives back what it had undone, which
 * if an undo again takes away, and so on. */
static void undo(hs_verdicts *v, const hs_verdict_record *record)
{
    for (bool undone = true;; undone = !undone) {
        v->undone[index_of(v, record)] = undone;
        if (record->action != HS_ACTION_UNDO)
            return;
        record = find_line(v, record->frames, index_of(v, record));
    }
}

typedef struct toucher {
    hs_verdicts *v;
    uint32_t record;
    bool full; /* no memory for more */
} toucher;

static void touch(void *context, uint32_t frame)
{
    toucher *t = context;
    hs_verdicts *v = t->v;
    if (v->touched == v->room) {
        int64_t room = v->room ? 2 * v->room : 1024;
        hs_verdict_touch *touches = realloc(v->touches, (size_t)room * sizeof *touches);
        t->full |= !touches;
        if (!touches)
            return;
        v->touches = touches;
        v->room = room;
    }
    v->touches[v->touched++] = (hs_verdict_touch){t->record, v->last[frame]};
    v->last[frame] = (uint32_t)v->touched;
}

/* Takes in the next line. */
static hs_status take(hs_verdicts *v)
{
    const hs_verdict_record *record = &v->log->records[v->known];
    toucher t = {v, (uint32_t)v->known, false};
    v->undone[v->known++] = false;
    if (record->action == HS_ACTION_UNDO) {
        const hs_verdict_record *target = find_line(v, record->frames, v->known - 1);
        if (!target)
            return hs_error(HS_ERR_DATA, "merge the log that has it first",
                            "%s: line %s:%u undoes %s, which is no line before it", v->log->path,
                            record->session, record->sequence, record->frames);
        undo(v, target);
        return HS_OK;
    }
    hs_verdicts_each(v, record, touch, &t);
    return t.full ? hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for its verdicts", v->log->path)
                  : HS_OK;
}

hs_status hs_verdicts_follow(hs_verdicts *v)
{
    hs_status status = HS_OK;
    if (v->log->count > v->undone_room) {
        int64_t room = 2 * v->log->count;
        uint8_t *undone = realloc(v->undone, (size_t)room);
        if (!undone)
            return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for its lines", v->log->path);
        v->undone = undone;
        v->undone_room = room;
    }
    while (v->known < v->log->count && status == HS_OK)
        status = take(v);
    return status;
}

hs_status hs_verdicts_init(hs_verdicts *v, hs_verdict_log *log, const char *const *names,
                           int64_t count)
{
    void *memory;
    hs_status status;
    v->log = log;
    v->names = names;
    v->count = count;
    HS_TRY(hs_allocate((size_t)count * sizeof *v->sorted, "names in order", &memory));
    v->sorted = memory;
    HS_TRY(hs_allocate((size_t)count * sizeof *v->last, "verdicts", &memory));
    v->last = memory;
    for (int64_t i = 0; i < count; i++)
        v->sorted[i] = (uint32_t)i;
    qsort_r(v->sorted, (size_t)count, sizeof *v->sorted, by_name, (void *)names);
    HS_TRY(hs_verdicts_follow(v));
exit:
    return status;
}

void hs_verdicts_free(hs_verdicts *v)
{
    free(v->sorted);
    free(v->last);
    free(v->touches);
    free(v->undone);
    *v = (hs_verdicts){0};
}

/* ---- what stands ---- */

const hs_verdict_record *hs_verdicts_of(const hs_verdicts *v, int64_t frame, const char *reviewer)
{
    for (uint32_t t = v->last[frame]; t; t = v->touches[t - 1].before) {
        uint32_t r = v->touches[t - 1].record;
        const hs_verdict_record *record = &v->log->records[r];
        if (!v->undone[r] && (!reviewer || strcmp(record->reviewer, reviewer) == 0))
            return record->action == HS_ACTION_CLEAR ? NULL : record;
    }
    return NULL;
}

const hs_verdict_record *hs_verdicts_undoable(const hs_verdicts *v, const char *reviewer)
{
    for (int64_t i = v->known - 1; i >= 0; i--) {
        const hs_verdict_record *record = &v->log->records[i];
        if (record->action != HS_ACTION_UNDO && !v->undone[i] &&
            strcmp(record->reviewer, reviewer) == 0)
            return record;
    }
    return NULL;
}

const hs_verdict_record *hs_verdicts_target(const hs_verdicts *v, const hs_verdict_record *record)
{
    while (record->action == HS_ACTION_UNDO)
        record = find_line(v, record->frames, index_of(v, record));
    return record;
}

const hs_verdict_record *hs_verdicts_redoable(const hs_verdicts *v, const char *reviewer)
{
    for (int64_t i = v->known - 1; i >= 0; i--) {
        const hs_verdict_record *record = &v->log->records[i];
        if (v->undone[i] || strcmp(record->reviewer, reviewer) != 0)
            continue;
        if (record->action != HS_ACTION_UNDO)
            return NULL;
        if (find_line(v, record->frames, i)->action != HS_ACTION_UNDO)
            return record;
    }
    return NULL;
}

/* ---- lists ---- */

static bool follows(const hs_frame_item *a, const hs_frame_item *b)
{
    return b->stem_length == a->stem_length && b->digits == a->digits && b->first == a->last + 1 &&
           memcmp(a->stem, b->stem, (size_t)a->stem_length) == 0;
}

static void write_item(const hs_frame_item *item, bool comma, FILE *file)
{
    fprintf(file, "%s%.*s%0*d", comma ? "," : "", item->stem_length, item->stem, item->digits,
            item->first);
    if (item->last > item->first)
        fprintf(file, "..%.*s%0*d", item->stem_length, item->stem, item->digits, item->last);
}

char *hs_verdicts_list(const hs_verdicts *v, uint32_t *frames, int64_t n)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return NULL;
    qsort_r(frames, (size_t)n, sizeof *frames, by_name, (void *)v->names);
    hs_frame_item run = {0}, item;
    bool comma = false;
    for (int64_t i = 0; i < n; i++) {
        const char *name = v->names[frames[i]];
        hs_frame_item_next(&name, &item);
        if (i > 0 && follows(&run, &item)) {
            run.last = item.last;
            continue;
        }
        if (i > 0)
            write_item(&run, comma, file);
        comma = i > 0;
        run = item;
    }
    if (n > 0)
        write_item(&run, comma, file);
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

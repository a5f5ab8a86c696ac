#include "review/book.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hs_book {
    pthread_mutex_t lock;
    const hs_review_items *items;
    char reviewer[72];
    hs_verdict_log log;
    hs_verdicts verdicts;
    hs_book_counts counts;
};

/* ---- counts ---- */

typedef struct counting {
    hs_book *book;
    hs_review_order order;
    int sign;
    uint32_t first; /* place in the order of the first of the frames met */
} counting;

static hs_verdict verdict_of(const hs_book *book, uint32_t item)
{
    const hs_verdict_record *record = hs_verdicts_of(&book->verdicts, item, NULL);
    return record ? (hs_verdict)record->action : HS_VERDICT_NONE;
}

static void count(void *context, uint32_t item)
{
    counting *c = context;
    hs_book_counts *counts = &c->book->counts;
    int64_t *const by[] = {&counts->unjudged, &counts->kept, &counts->rejected};
    uint32_t place = c->book->items->place[c->order][item];
    c->first = place < c->first ? place : c->first;
    if (item < c->book->items->frames) /* known frames are no work done */
        *by[verdict_of(c->book, item)] += c->sign;
}

hs_status hs_book_open(const hs_review_items *items, const char *reviewer, hs_book **book)
{
    char path[4096];
    void *memory = NULL;
    hs_book *b = NULL;
    hs_status status;
    *book = NULL;
    snprintf(path, sizeof path, "%s/" HS_VERDICT_FILE, items->layout.folder);
    HS_TRY(hs_allocate(sizeof *b, "verdicts", &memory));
    b = memory;
    pthread_mutex_init(&b->lock, NULL);
    b->items = items;
    snprintf(b->reviewer, sizeof b->reviewer, "%s", reviewer);
    HS_TRY(hs_verdict_log_open(&b->log, path));
    HS_TRY(hs_verdicts_init(&b->verdicts, &b->log, items->names, items->count));
    counting c = {b, HS_ORDER_TIME, 1, UINT32_MAX};
    for (uint32_t i = 0; i < (uint32_t)items->frames; i++)
        count(&c, i);
    *book = b;
    b = NULL;
exit:
    hs_book_close(b);
    return status;
}

void hs_book_close(hs_book *book)
{
    if (!book)
        return;
    hs_verdicts_free(&book->verdicts);
    hs_verdict_log_free(&book->log);
    pthread_mutex_destroy(&book->lock);
    free(book);
}

/* ---- entries ---- */

/* Whether a line of this session with this number, or a later one, is in the log: the page sends
 * one after the other. */
static bool was_sent_before(const hs_book *book, const hs_book_entry *entry)
{
    for (int64_t i = book->log.count - 1; i >= 0; i--) {
        const hs_verdict_record *record = &book->log.records[i];
        if (record->sequence >= entry->sequence && strcmp(record->session, entry->session) == 0)
            return true;
        if (strcmp(record->session, entry->session) == 0)
            return false;
    }
    return false;
}

/* The frames between two places as text; NULL with HS_OK where there is none. */
static hs_status list_frames(const hs_book *book, const hs_book_entry *entry, char **text)
{
    const hs_review_items *items = book->items;
    const uint32_t *order = items->order[entry->order];
    void *memory;
    int64_t n = 0;
    *text = NULL;
    if (entry->first < 0 || entry->last < entry->first || entry->last >= items->count)
        return hs_error(HS_ERR_USAGE, NULL, "got places %lld to %lld, expected 0 to %lld",
                        (long long)entry->first, (long long)entry->last,
                        (long long)items->count - 1);
    size_t most = (size_t)(entry->last - entry->first + 1);
    hs_status status = hs_allocate(most * sizeof(uint32_t), "frames of a range", &memory);
    if (status != HS_OK)
        return status;
    uint32_t *frames = memory;
    for (int64_t i = entry->first; i <= entry->last; i++)
        if (!entry->only_unjudged || verdict_of(book, order[i]) == HS_VERDICT_NONE)
            frames[n++] = order[i];
    if (n > 0) {
        *text = hs_verdicts_list(&book->verdicts, frames, n);
        if (!*text)
            status = hs_error(HS_ERR_MEMORY, NULL, "no memory for the frames of a range");
    }
    free(memory);
    return status;
}

/* What an undo or a redo is to undo, as text; NULL with HS_OK where there is nothing. */
static hs_status name_target(const hs_book *book, const hs_book_entry *entry, char **text)
{
    *text = NULL;
    const hs_verdict_record *record = entry->action == HS_BOOK_UNDO
                                          ? hs_verdicts_undoable(&book->verdicts, book->reviewer)
                                          : hs_verdicts_redoable(&book->verdicts, book->reviewer);
    if (record && asprintf(text, "%s:%u", record->session, record->sequence) < 0)
        return hs_error(HS_ERR_MEMORY, NULL, "no memory for an undo");
    return HS_OK;
}

/* The first place in the order of what the last line of the log is about. Counts it, taking the
 * frames out before the line is taken in and back in after it. */
static hs_status take_in(hs_book *book, hs_review_order order, int64_t *place)
{
    const hs_verdict_record *line = &book->log.records[book->log.count - 1];
    const hs_verdict_record *about = hs_verdicts_target(&book->verdicts, line);
    counting before = {book, order, -1, UINT32_MAX}, after = {book, order, 1, UINT32_MAX};
    hs_verdicts_each(&book->verdicts, about, count, &before);
    hs_status status = hs_verdicts_follow(&book->verdicts);
    hs_verdicts_each(&book->verdicts, about, count, &after);
    *place = after.first == UINT32_MAX ? -1 : (int64_t)after.first;
    return status;
}

static hs_status enter(hs_book *book, const hs_book_entry *entry, int64_t *place)
{
    bool back = entry->action >= HS_BOOK_UNDO;
    char *frames = NULL;
    hs_status status;
    *place = -1;
    if (was_sent_before(book, entry))
        return HS_OK;
    HS_TRY(back ? name_target(book, entry, &frames) : list_frames(book, entry, &frames));
    if (!frames)
        return HS_OK;
    const hs_verdict_record record = {
        .time = hs_verdict_log_next_time(&book->log),
        .reviewer = book->reviewer,
        .session = entry->session,
        .reason = entry->reason,
        .frames = frames,
        .sequence = entry->sequence,
        .action = back ? HS_ACTION_UNDO : (hs_verdict_action)entry->action,
    };
    HS_TRY(hs_verdict_log_append(&book->log, &record, 1));
    HS_TRY(take_in(book, entry->order, place));
exit:
    free(frames);
    return status;
}

hs_status hs_book_enter(hs_book *book, const hs_book_entry *entry, int64_t *place)
{
    pthread_mutex_lock(&book->lock);
    hs_status status = enter(book, entry, place);
    pthread_mutex_unlock(&book->lock);
    return status;
}

/* ---- what stands ---- */

hs_book_counts hs_book_count(hs_book *book)
{
    pthread_mutex_lock(&book->lock);
    hs_book_counts counts = book->counts;
    pthread_mutex_unlock(&book->lock);
    return counts;
}

hs_verdict hs_book_verdict(hs_book *book, uint32_t item, char reason[72])
{
    pthread_mutex_lock(&book->lock);
    const hs_verdict_record *record = hs_verdicts_of(&book->verdicts, item, NULL);
    hs_verdict verdict = record ? (hs_verdict)record->action : HS_VERDICT_NONE;
    snprintf(reason, 72, "%s", record && strcmp(record->reason, "-") ? record->reason : "");
    pthread_mutex_unlock(&book->lock);
    return verdict;
}

int64_t hs_book_next_unjudged(hs_book *book, hs_review_order order, int64_t from, bool backwards)
{
    int64_t found = -1, step = backwards ? -1 : 1;
    pthread_mutex_lock(&book->lock);
    for (int64_t i = from; i >= 0 && i < book->items->count && found < 0; i += step)
        if (verdict_of(book, book->items->order[order][i]) == HS_VERDICT_NONE)
            found = i;
    pthread_mutex_unlock(&book->lock);
    return found;
}

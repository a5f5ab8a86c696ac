/* The verdicts of a review while it runs: every key press that changes one is in the log, on the
 * disk, before it is answered. Safe from any thread. */
#ifndef HS_REVIEW_BOOK_H
#define HS_REVIEW_BOOK_H

#include "data/verdicts.h"
#include "review/items.h"

typedef struct hs_book hs_book;

/* A key press. */
typedef enum hs_book_action {
    HS_BOOK_CLEAR,
    HS_BOOK_KEEP,
    HS_BOOK_REJECT,
    HS_BOOK_UNDO,
    HS_BOOK_REDO,
} hs_book_action;

typedef struct hs_book_entry {
    const char *session; /* one opening of the page */
    uint32_t sequence;   /* counted by the page: what is sent again is written once */
    hs_book_action action;
    hs_review_order order;
    int64_t first, last; /* places in that order, both included; not for undo and redo */
    bool only_unjudged;  /* of these, the ones nobody has judged yet */
    const char *reason;  /* "-" for none */
} hs_book_entry;

/* How far the review is. */
typedef struct hs_book_counts {
    int64_t kept, rejected, unjudged; /* frames of the folder, by people */
} hs_book_counts;

/* Opens the folder's log for appending; HS_ERR_STATE where another review has it. `items` must live
 * as long. */
hs_status hs_book_open(const hs_review_items *items, const char *reviewer, hs_book **book);
void hs_book_close(hs_book *book); /* NULL is fine */

/* Takes an entry in. *place: the first place in the entry's order that changed, -1 where nothing
 * did (nothing to undo, or sent before). HS_ERR_USAGE for places that are none. */
hs_status hs_book_enter(hs_book *book, const hs_book_entry *entry, int64_t *place);

hs_book_counts hs_book_count(hs_book *book);

/* The verdict that stands of an item, and in reason[72] its reason, "" where there is none. */
hs_verdict hs_book_verdict(hs_book *book, uint32_t item, char reason[72]);

/* The nearest place from `from` on, forwards or backwards, whose item nobody has judged; -1. */
int64_t hs_book_next_unjudged(hs_book *book, hs_review_order order, int64_t from, bool backwards);

#endif

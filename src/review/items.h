/* What a review shows, and in which orders: the frames of a folder, and among them frames whose
 * verdict is known, by which the reviewer is measured. */
#ifndef HS_REVIEW_ITEMS_H
#define HS_REVIEW_ITEMS_H

#include "data/layout.h"
#include "data/quality_table.h"

typedef enum hs_review_order {
    HS_ORDER_WORST, /* by score, those without one first */
    HS_ORDER_TIME,  /* by subject and number */
    HS_ORDERS,
} hs_review_order;

/* "worst", "time". */
extern const char *const hs_review_order_names[HS_ORDERS];

/* Frames whose verdict is known. */
typedef struct hs_review_known {
    const char *table;  /* CSV with the columns frame and verdict (keep, reject); NULL: none */
    const char *folder; /* HandSeg layout they are in */
    double rate;        /* of all that is shown, above 0 to 0.5, until they are used up */
} hs_review_known;

/* Items are numbered: the folder's frames in the order of time, then the known ones. */
typedef struct hs_review_items {
    hs_arena arena;
    hs_layout layout;
    hs_quality_table quality;
    const char *known_folder;
    const char *const *names;    /* [count] as in the log: known ones "known-keep:user-1.00000" */
    const hs_quality_row **rows; /* [count], NULL where there is none */
    uint32_t *order[HS_ORDERS];  /* [count] items */
    uint32_t *place[HS_ORDERS];  /* [count]: where in the order each item is */
    uint64_t digest[HS_ORDERS];  /* of the names in this order: equal orders, equal digest */
    int64_t count, frames;       /* all items; those of the folder */
    int32_t width, height;       /* of the first frame */
    bool has_colour, has_scores;
} hs_review_items;

/* Lists the folder; no image is read but the first one's header. Initialise with {0}; free also
 * after a failure. */
hs_status hs_review_items_init(hs_review_items *items, const char *folder,
                               const hs_review_known *known);
void hs_review_items_free(hs_review_items *items);

/* "user-1.00000" of an item, whatever folder it is in. */
const char *hs_review_item_frame(const hs_review_items *items, uint32_t item);

/* The path of an item's image in images/, masks/ or color/. */
void hs_review_item_path(const hs_review_items *items, uint32_t item, const char *part,
                         char path[4096]);

/* Names of known frames begin so in the log. */
#define HS_KNOWN_KEEP "known-keep:"
#define HS_KNOWN_REJECT "known-reject:"

#define HS_REVIEW_COLOUR "color"

#endif

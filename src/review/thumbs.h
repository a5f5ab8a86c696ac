/* Small pictures of items, made by threads as they are asked for and ahead of it, the least
 * recently used given up for new ones. */
#ifndef HS_REVIEW_THUMBS_H
#define HS_REVIEW_THUMBS_H

#include "review/draw.h"

typedef struct hs_thumbs hs_thumbs;

typedef struct hs_thumbs_config {
    int64_t items;
    int width, height, views; /* of one picture; pictures an item */
    int slots;                /* items in memory; several pages of them */
    int threads;
    /* Draws all views of an item. Called from several threads. */
    void (*make)(void *context, uint32_t item, hs_picture *views);
    void *context;
} hs_thumbs_config;

hs_status hs_thumbs_start(const hs_thumbs_config *config, hs_thumbs **thumbs);
void hs_thumbs_stop(hs_thumbs *thumbs); /* NULL is fine */

/* Height of one picture. */
int hs_thumbs_height(const hs_thumbs *thumbs);

/* Waits for n pictures and pastes them into the sheet in rows of `columns`. Any number of threads
 * may ask at once; n is at most an eighth of the slots. */
void hs_thumbs_paste(hs_thumbs *thumbs, const uint32_t *items, int n, int view, int columns,
                     hs_picture *sheet);

/* What will be asked for next, the likeliest first: made while nothing else is to be done, instead
 * of what was said here before. */
void hs_thumbs_ahead(hs_thumbs *thumbs, const uint32_t *items, int n);

#endif

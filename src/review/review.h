/* A review of labelled frames in a browser: a server on the loopback address that shows them as
 * contact sheets and takes verdicts by single keys. */
#ifndef HS_REVIEW_REVIEW_H
#define HS_REVIEW_REVIEW_H

#include "review/book.h"

typedef struct hs_review_config {
    const char *folder;    /* as annotate wrote it, or any in HandSeg's layout */
    const char *reviewer;  /* who judges: letters, digits and "._@+-" */
    const char *debug;     /* folder of annotate's stage pictures; NULL: none */
    hs_review_known known; /* frames that measure the reviewer */
    int port;              /* 0: any free one */
} hs_review_config;

typedef struct hs_review hs_review;

/* Opens the folder, its log of verdicts for appending, and the port; serves from threads of its own
 * from then on. HS_ERR_STATE where another review has the log. */
hs_status hs_review_start(const hs_review_config *config, hs_review **review);

/* Ends the server; every verdict that was answered is on the disk. NULL is fine. */
void hs_review_stop(hs_review *review);

/* What to open in the browser: "http://127.0.0.1:8471/?token=...". Whoever knows it can judge. */
const char *hs_review_link(const hs_review *review);

/* What is served, for messages. */
const hs_review_items *hs_review_get_items(const hs_review *review);

#endif

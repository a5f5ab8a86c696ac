/* What the server of a review answers, apart from the protocol: a path and arguments in, bytes
 * out. */
#ifndef HS_REVIEW_SERVICE_H
#define HS_REVIEW_SERVICE_H

#include "review/book.h"
#include "review/thumbs.h"

enum {
    HS_REVIEW_PAGE = 48,
    HS_REVIEW_COLUMNS = 8
}; /* items of a page, and of a row of its sheet */

/* Everything the answers come from. */
typedef struct hs_service {
    hs_review_items items;
    hs_book *book;
    hs_thumbs *thumbs;
    const char *reviewer, *debug; /* borrowed; debug NULL: no stage pictures */
} hs_service;

typedef struct hs_request {
    const char *method, *path;
    const char *(*argument)(void *context, const char *name); /* NULL where there is none */
    void *context;
} hs_request;

typedef struct hs_reply {
    int status;                 /* of HTTP */
    const char *type;           /* "application/json" */
    const unsigned char *fixed; /* bytes that live for ever, or NULL: then */
    unsigned char *bytes;       /* those, which the receiver frees */
    size_t size;
} hs_reply;

/* Starts the threads that make small pictures; the rest of `service` is set. */
hs_status hs_service_start_thumbs(hs_service *service);

/*   GET  /                                    the page, /page.css, /page.js, /keys.js
 *   GET  /state                               folder, counts, reasons, a new session
 *   GET  /cards?order=&page=                  what is known of the items of a page
 *   GET  /sheet?order=&page=&view=            their pictures, one BMP
 *   GET  /picture?order=&place=&view=&outline=  one item in full size
 *   GET  /stages?order=&place=                the picture of its stages
 *   GET  /next?order=&from=&back=             the nearest place nobody has judged
 *   POST /verdict?session=&sequence=&order=&digest=&action=&first=&last=&unjudged=&reason=
 * Every failure is a reply too: 400, 404, 405, 409 (the order is not the one the page knows), 500,
 * with {"error": ..., "hint": ...}. */
void hs_service_answer(hs_service *service, const hs_request *request, hs_reply *reply);

/* The reply to something else that failed. */
void hs_reply_error(hs_reply *reply, int status, const char *message, const char *hint);

#endif

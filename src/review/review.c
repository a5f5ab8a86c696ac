#include "review/review.h"

#include "review/server.h"
#include <stdlib.h>

struct hs_review {
    hs_service service;
    hs_server *server;
};

hs_status hs_review_start(const hs_review_config *config, hs_review **review)
{
    void *memory;
    hs_review *r = NULL;
    hs_status status;
    *review = NULL;
    HS_TRY(hs_allocate(sizeof *r, "review", &memory));
    r = memory;
    r->service.reviewer = config->reviewer;
    r->service.debug = config->debug;
    HS_TRY(hs_review_items_init(&r->service.items, config->folder, &config->known));
    HS_TRY(hs_book_open(&r->service.items, config->reviewer, &r->service.book));
    HS_TRY(hs_service_start_thumbs(&r->service));
    HS_TRY(hs_server_start(&r->service, config->port, &r->server));
    *review = r;
    r = NULL;
exit:
    hs_review_stop(r);
    return status;
}

void hs_review_stop(hs_review *review)
{
    if (!review)
        return;
    hs_server_stop(review->server);
    hs_thumbs_stop(review->service.thumbs);
    hs_book_close(review->service.book);
    hs_review_items_free(&review->service.items);
    free(review);
}

const char *hs_review_link(const hs_review *review)
{
    return hs_server_link(review->server);
}

const hs_review_items *hs_review_get_items(const hs_review *review)
{
    return &review->service.items;
}

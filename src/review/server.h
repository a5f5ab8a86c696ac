/* The HTTP server of a review: the only user of libmicrohttpd. It listens on the loopback address
 * and answers only requests that name it as their host, come from its own page or from no page, and
 * carry the token of its link. */
#ifndef HS_REVIEW_SERVER_H
#define HS_REVIEW_SERVER_H

#include "review/service.h"

typedef struct hs_server hs_server;

/* Serves on 127.0.0.1; port 0 takes any free one. HS_ERR_IO where the port cannot be had. */
hs_status hs_server_start(hs_service *service, int port, hs_server **server);
void hs_server_stop(hs_server *server); /* NULL is fine */

/* "http://127.0.0.1:8471/?token=..." */
const char *hs_server_link(const hs_server *server);

#endif

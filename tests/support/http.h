/* Requests written by hand to a server on this machine. */
#ifndef HS_TESTS_HTTP_H
#define HS_TESTS_HTTP_H

#include <stddef.h>

typedef struct hs_http_reply {
    int status;  /* 0 where the server closed without a reply */
    char *text;  /* all of it, ended by 0 */
    char *body;  /* in it */
    size_t size; /* of the body */
} hs_http_reply;

/* Sends `size` bytes to the port and reads until the server closes or `seconds` are over. The
 * request has to ask for closing. Free the reply with hs_http_free. */
hs_http_reply hs_http_send(int port, const char *request, size_t size, int seconds);
void hs_http_free(hs_http_reply *reply);

/* The value of the number after "KEY": in a reply of JSON; fails the test where there is none. */
double hs_http_number(const hs_http_reply *reply, const char *key);

#endif

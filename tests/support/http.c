#include "support/http.h"

#include "support/suite.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int connect_to(int port, int seconds)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval limit = {.tv_sec = seconds};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    const struct timeval send_limit = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

hs_http_reply hs_http_send(int port, const char *request, size_t size, int seconds)
{
    hs_http_reply reply = {0};
    size_t used = 0, room = 0;
    int fd = connect_to(port, seconds);
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(fd, request + sent, size - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* refused before the end, and no longer read: the reply is there */
        sent += (size_t)n;
    }
    for (ssize_t n = 1; n > 0; used += n > 0 ? (size_t)n : 0) {
        if (room < used + 65536)
            reply.text = realloc(reply.text, room = 2 * used + 131072);
        n = recv(fd, reply.text + used, room - used - 1, 0);
    }
    close(fd);
    reply.text[used] = 0;
    reply.body = strstr(reply.text, "\r\n\r\n");
    reply.body = reply.body ? reply.body + 4 : reply.text + used;
    reply.size = used - (size_t)(reply.body - reply.text);
    sscanf(reply.text, "HTTP/1.%*d %d", &reply.status);
    return reply;
}

void hs_http_free(hs_http_reply *reply)
{
    free(reply->text);
    *reply = (hs_http_reply){0};
}

double hs_http_number(const hs_http_reply *reply, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\": ", key);
    const char *at = strstr(reply->body, quoted);
    ck_assert_msg(at != NULL, "no '%s' in: %s", key, reply->body);
    return atof(at + strlen(quoted));
}

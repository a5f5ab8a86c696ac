#include "review/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { TOKEN_BYTES = 32, CONNECTIONS = 32, IDLE_SECONDS = 120, BODY_MOST = 4096 };

struct hs_server {
    struct MHD_Daemon *daemon;
    hs_service *service;
    char token[2 * TOKEN_BYTES + 1];
    char cookie[32];   /* its name, with the port: cookies do not keep ports apart */
    char hosts[2][32]; /* "127.0.0.1:8471", "localhost:8471" */
    char link[64 + 2 * TOKEN_BYTES];
};

/* ---- who may ask ---- */

/* Takes equally long however much of it is right. */
static bool is_token(const hs_server *server, const char *text)
{
    if (!text || strlen(text) != 2 * TOKEN_BYTES)
        return false;
    unsigned difference = 0;
    for (int i = 0; i < 2 * TOKEN_BYTES; i++)
        difference |= (unsigned char)(text[i] ^ server->token[i]);
    return difference == 0;
}

static bool is_host(const hs_server *server, const char *host)
{
    return host && (strcmp(host, server->hosts[0]) == 0 || strcmp(host, server->hosts[1]) == 0);
}

static bool is_own_origin(const hs_server *server, const char *origin)
{
    static const char scheme[] = "http://";
    return strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
           is_host(server, origin + sizeof scheme - 1);
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result count_host(void *count, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    (void)kind, (void)value;
    *(int *)count += strcasecmp(key, "Host") == 0;
    return MHD_YES;
}

/* Why a request is not answered, or NULL. */
static const char *refusal(const hs_server *server, struct MHD_Connection *connection,
                           const char *path, const char *method)
{
    int hosts = 0;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, count_host, &hosts);
    if (hosts != 1 || !is_host(server, header(connection, "Host")))
        return "this server answers to its own address only";
    const char *origin = header(connection, "Origin");
    const char *site = header(connection, "Sec-Fetch-Site");
    if (origin ? !is_own_origin(server, origin) : strcmp(method, "POST") == 0)
        return "only the page of this server may ask it";
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return "only the page of this server may ask it";
    if (is_token(server, MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, server->cookie)))
        return NULL;
    if (strcmp(path, "/") == 0 && strcmp(method, "GET") == 0 &&
        is_token(server, MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "token")))
        return NULL;
    return "open the link that handseg review has printed";
}

/* Whether a request brings more than the few bytes that are thrown away unread. */
static bool is_too_large(struct MHD_Connection *connection)
{
    const char *length = header(connection, "Content-Length");
    return header(connection, "Transfer-Encoding") ||
           (length && (strlen(length) > 5 || atoi(length) > BODY_MOST));
}

/* ---- replies ---- */

static enum MHD_Result send_reply(const hs_server *server, struct MHD_Connection *connection,
                                  hs_reply *reply, bool with_cookie)
{
    static const char *const headers[][2] = {
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
         "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    struct MHD_Response *response =
        reply->fixed
            ? MHD_create_response_from_buffer(reply->size, (void *)reply->fixed,
                                              MHD_RESPMEM_PERSISTENT)
            : MHD_create_response_from_buffer(reply->size, reply->bytes, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(reply->bytes);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", reply->type);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    if (with_cookie) {
        char cookie[256];
        snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict", server->cookie,
                 server->token);
        MHD_add_response_header(response, "Set-Cookie", cookie);
    }
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static const char *get_argument(void *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

/* Called once when the headers are there, once for each piece of a body, and once at the end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *body, size_t *body_size, void **state)
{
    static int seen;
    (void)version, (void)body;
    hs_server *server = context;
    hs_reply reply = {0};
    const char *why = *state ? NULL : refusal(server, connection, path, method);
    if (why) {
        hs_reply_error(&reply, MHD_HTTP_FORBIDDEN, why, NULL);
        return send_reply(server, connection, &reply, false);
    }
    if (!*state && is_too_large(connection)) {
        hs_reply_error(&reply, MHD_HTTP_CONTENT_TOO_LARGE, "arguments belong into the path", NULL);
        return send_reply(server, connection, &reply, false);
    }
    if (!*state || *body_size) {
        *state = &seen;
        *body_size = 0;
        return MHD_YES;
    }
    const hs_request request = {method, path, get_argument, connection};
    hs_service_answer(server->service, &request, &reply);
    return send_reply(server, connection, &reply, strcmp(path, "/") == 0 && reply.status == 200);
}

/* ---- starting ---- */

static hs_status draw_token(hs_server *server)
{
    unsigned char bytes[TOKEN_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return hs_error_system(errno, NULL, "the system gives no random numbers");
    for (int i = 0; i < TOKEN_BYTES; i++)
        snprintf(server->token + 2 * i, 3, "%02x", bytes[i]);
    return HS_OK;
}

hs_status hs_server_start(hs_service *service, int port, hs_server **server)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    void *memory;
    hs_server *s = NULL;
    hs_status status;
    *server = NULL;
    HS_TRY(hs_allocate(sizeof *s, "server", &memory));
    s = memory;
    s->service = service;
    HS_TRY(draw_token(s));
    errno = 0;
    s->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION,
                         (uint16_t)port, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR, &address,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    if (!s->daemon)
        HS_TRY(hs_error_system(errno ? errno : EADDRINUSE, "--port 0 takes any free port",
                               "port %d: cannot listen on 127.0.0.1", port));
    int bound = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    snprintf(s->cookie, sizeof s->cookie, "handseg-%d", bound);
    snprintf(s->hosts[0], sizeof s->hosts[0], "127.0.0.1:%d", bound);
    snprintf(s->hosts[1], sizeof s->hosts[1], "localhost:%d", bound);
    snprintf(s->link, sizeof s->link, "http://%s/?token=%s", s->hosts[0], s->token);
    *server = s;
    s = NULL;
exit:
    hs_server_stop(s);
    return status;
}

void hs_server_stop(hs_server *server)
{
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    free(server);
}

const char *hs_server_link(const hs_server *server)
{
    return server->link;
}

/* A small folder that is being reviewed, and requests as its page sends them. */
#ifndef HS_TESTS_SERVED_H
#define HS_TESTS_SERVED_H

#include "data/verdicts.h"
#include "review/review.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/http.h"
#include "support/suite.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PEOPLE = 3, EACH = 20, FRAMES = PEOPLE * EACH, SECONDS = 20 };

static hs_review *review;
static const char *folder;
static int port;
static char token[65], digest[20];

/* ---- asking ---- */

static inline void parse_link(const char *link)
{
    ck_assert_int_eq(sscanf(link, "http://127.0.0.1:%d/?token=%64s", &port, token), 2);
    ck_assert_uint_eq(strlen(token), 64);
}

HS_PRINTF(1, 2)
static inline hs_http_reply ask_raw(const char *fmt, ...)
{
    char request[16384];
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(request, sizeof request, fmt, args);
    va_end(args);
    return hs_http_send(port, request, (size_t)size, SECONDS);
}

/* As the page asks. */
static inline hs_http_reply ask(const char *method, const char *path)
{
    return ask_raw("%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
                   "Sec-Fetch-Site: same-origin\r\nCookie: a=b; handseg-%d=%s\r\n"
                   "Connection: close\r\n\r\n",
                   method, path, port, port, port, token);
}

static inline int status_of(hs_http_reply reply)
{
    int status = reply.status;
    hs_http_free(&reply);
    return status;
}

static inline void learn_digest(void)
{
    hs_http_reply reply = ask("GET", "/state");
    ck_assert_int_eq(reply.status, 200);
    const char *at = strstr(reply.body, "\"worst\": \"");
    ck_assert_ptr_nonnull(at);
    snprintf(digest, sizeof digest, "%.16s", at + 10);
    hs_http_free(&reply);
}

/* A verdict in the order of worst first, in the session "s". */
static inline hs_http_reply judge(int sequence, const char *rest)
{
    char path[512];
    snprintf(path, sizeof path, "/verdict?session=s&sequence=%d&order=worst&digest=%s&%s", sequence,
             digest, rest);
    return ask("POST", path);
}

static inline void expect_counts(hs_http_reply reply, int kept, int rejected)
{
    ck_assert_msg(reply.status == 200, "%s", reply.text);
    ck_assert_int_eq((int)hs_http_number(&reply, "kept"), kept);
    ck_assert_int_eq((int)hs_http_number(&reply, "rejected"), rejected);
    ck_assert_int_eq((int)hs_http_number(&reply, "unjudged"), FRAMES - kept - rejected);
    hs_http_free(&reply);
}

/* ---- the folder: the frames of each person get better with their number ---- */

static inline void make_folder(void)
{
    static char made[600];
    char path[700];
    if (!made[0])
        snprintf(made, sizeof made, "%s", hs_test_frames("judged", PEOPLE, EACH));
    folder = made;
    snprintf(path, sizeof path, "%s/quality.csv", folder);
    FILE *file = fopen(path, "w");
    fprintf(file, "frame,score,verdict,reasons\n");
    for (int i = 0; i < FRAMES; i++)
        fprintf(file, "user-%d.%05d,%.4f,%s,%s\n", 1 + i / EACH, i % EACH,
                (i % EACH + 0.1 * (i / EACH)) / 30, i % EACH < 5 ? "reject" : "keep",
                i % EACH < 5 ? "jump;hands_close" : "");
    fclose(file);
    snprintf(path, sizeof path, "%s/" HS_VERDICT_FILE, folder);
    unlink(path);
}

static inline void start(void)
{
    make_folder();
    hs_review_config config = {.folder = folder, .reviewer = "ann", .known.rate = 0.02};
    ck_assert_ok(hs_review_start(&config, &review));
    parse_link(hs_review_link(review));
    learn_digest();
}

static inline void stop(void)
{
    hs_review_stop(review);
    review = NULL;
}

static inline char *read_log(void)
{
    char path[600];
    size_t size;
    snprintf(path, sizeof path, "%s/" HS_VERDICT_FILE, folder);
    char *text = (char *)hs_test_read(path, &size);
    text[size] = 0;
    return text;
}

#endif

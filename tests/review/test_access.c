/* Whom the server of a review answers, and what bad requests do: nothing. */
#include "base/log.h"
#include "review/served.h"

/* ---- who is answered ---- */

START_TEST(nothing_without_the_token)
{
    static const char *const paths[] = {"/",
                                        "/page.js",
                                        "/keys.js",
                                        "/page.css",
                                        "/state",
                                        "/stages",
                                        "/cards?order=worst&page=0",
                                        "/picture",
                                        "/nothing",
                                        "/sheet?order=worst&page=0&view=depth",
                                        "/?token",
                                        "/?token="};
    char wrong[65];
    memcpy(wrong, token, sizeof wrong);
    wrong[63] = wrong[63] == '0' ? '1' : '0';
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *cookies[] = {"", "Cookie: handseg-1=x\r\n", wrong};
        for (int c = 0; c < 3; c++) {
            char cookie[200];
            snprintf(cookie, sizeof cookie, "Cookie: handseg-%d=%s\r\n", port, cookies[c]);
            hs_http_reply reply =
                ask_raw("GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%sConnection: close\r\n\r\n",
                        paths[i], port, c == 2 ? cookie : cookies[c]);
            ck_assert_msg(reply.status == 403, "%s: %s", paths[i], reply.text);
            ck_assert_ptr_null(strstr(reply.text, token));
            hs_http_free(&reply);
        }
    }
    ck_assert_int_eq(status_of(ask_raw("GET /?token=%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                                       "Connection: close\r\n\r\n",
                                       wrong, port)),
                     403);
    ck_assert_int_eq(status_of(ask_raw("GET /state?token=%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                                       "Connection: close\r\n\r\n",
                                       token, port)),
                     403); /* only the page itself takes it from the link */
}
END_TEST

START_TEST(link_gives_the_page_and_a_cookie)
{
    static const char *const expected[] = {
        "; Path=/; HttpOnly; SameSite=Strict",
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'; script-src 'self'",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Referrer-Policy: no-referrer",
        "<title>handseg review</title>"};
    hs_http_reply reply = ask_raw("GET /?token=%s HTTP/1.1\r\nHost: localhost:%d\r\n"
                                  "Sec-Fetch-Site: none\r\nConnection: close\r\n\r\n",
                                  token, port);
    ck_assert_int_eq(reply.status, 200);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_msg(strstr(reply.text, expected[i]) != NULL, "no %s", expected[i]);
    hs_http_free(&reply);
    reply = ask("GET", "/page.js");
    ck_assert(reply.status == 200 && strstr(reply.text, "Content-Type: text/javascript"));
    ck_assert_ptr_null(strstr(reply.text, "Set-Cookie"));
    hs_http_free(&reply);
}
END_TEST

START_TEST(other_hosts_are_refused)
{
    char hosts[8][128];
    snprintf(hosts[0], 128, "Host: evil.example\r\n");
    snprintf(hosts[1], 128, "Host: evil.example:%d\r\n", port);
    snprintf(hosts[2], 128, "Host: 127.0.0.1\r\n");
    snprintf(hosts[3], 128, "Host: 127.0.0.1:%d\r\n", port + 1);
    snprintf(hosts[4], 128, "Host: 127.0.0.1:%d.evil.example\r\n", port);
    snprintf(hosts[5], 128, "Host: 127.0.0.1:%d\r\nHost: evil.example\r\n", port);
    snprintf(hosts[6], 128, "Host: \r\n");
    snprintf(hosts[7], 128, "Host: 0.0.0.0:%d\r\n", port);
    for (int i = 0; i < 8; i++) {
        int status = status_of(ask_raw("GET /state HTTP/1.1\r\n%sCookie: handseg-%d=%s\r\n"
                                       "Connection: close\r\n\r\n",
                                       hosts[i], port, token));
        ck_assert_msg(status == 403 || status == 400, "%s%d", hosts[i], status);
    }
    int status =
        status_of(ask_raw("GET /state HTTP/1.0\r\nCookie: handseg-%d=%s\r\n\r\n", port, token));
    ck_assert_int_eq(status, 403); /* without any */
}
END_TEST

START_TEST(other_origins_are_refused)
{
    char origins[6][128];
    snprintf(origins[0], 128, "Origin: http://evil.example\r\n");
    snprintf(origins[1], 128, "Origin: null\r\n");
    snprintf(origins[2], 128, "Origin: https://127.0.0.1:%d\r\n", port);
    snprintf(origins[3], 128, "Origin: http://127.0.0.1:%d\r\n", port + 1);
    snprintf(origins[4], 128, "Sec-Fetch-Site: cross-site\r\n");
    snprintf(origins[5], 128, "Origin: http://127.0.0.1:%d\r\nSec-Fetch-Site: same-site\r\n", port);
    static const char *const methods[] = {"GET /state", "POST /verdict?action=keep"};
    for (int i = 0; i < 6; i++)
        for (int m = 0; m < 2; m++) {
            int status = status_of(ask_raw("%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s"
                                           "Cookie: handseg-%d=%s\r\nConnection: close\r\n\r\n",
                                           methods[m], port, origins[i], port, token));
            ck_assert_msg(status == 403, "%s %s%d", methods[m], origins[i], status);
        }
    int status = status_of(ask_raw("POST /verdict?action=keep HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                                   "Cookie: handseg-%d=%s\r\nConnection: close\r\n\r\n",
                                   port, port, token));
    ck_assert_int_eq(status, 403); /* a verdict has to say where it comes from */
}
END_TEST

START_TEST(only_the_loopback_address_listens)
{
    char line[512], everywhere[64], loopback[64];
    bool found = false;
    snprintf(loopback, sizeof loopback, " 0100007F:%04X 00000000:0000 0A", port);
    snprintf(everywhere, sizeof everywhere, ":%04X 00000000:0000 0A", port);
    FILE *file = fopen("/proc/net/tcp", "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file)) {
        if (!strstr(line, everywhere))
            continue;
        ck_assert_msg(strstr(line, loopback) != NULL, "%s", line);
        found = true;
    }
    fclose(file);
    ck_assert(found);
}
END_TEST

/* ---- bad requests ---- */

START_TEST(paths_lead_nowhere_else)
{
    static const char *const paths[] = {"/../../../../etc/passwd",
                                        "/%2e%2e/%2e%2e/etc/passwd",
                                        "//etc/passwd",
                                        "/page.css/../../etc/passwd",
                                        "/verdicts.log",
                                        "/quality.csv",
                                        "/stages?order=worst&place=../../etc/passwd",
                                        "/sheet?order=../../etc/passwd&page=0&view=depth",
                                        "/picture?order=worst&place=0&view=/etc/passwd",
                                        "/images/user-1.00000.png"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        hs_http_reply reply = ask("GET", paths[i]);
        ck_assert_msg(reply.status == 404 || reply.status == 400, "%s: %d", paths[i], reply.status);
        ck_assert_ptr_null(strstr(reply.text, "root:"));
        hs_http_free(&reply);
    }
    ck_assert_int_eq(status_of(ask("POST", "/state")), 405);
    ck_assert_int_eq(status_of(ask("DELETE", "/verdict")), 405);
    ck_assert_int_eq(status_of(ask("GET", "/verdict?action=keep")), 405);
    ck_assert_int_eq(status_of(ask("PUT", "/")), 405);
}
END_TEST

START_TEST(bad_numbers_are_refused)
{
    static const char *const paths[] = {"/cards?order=worst&page=-1",
                                        "/cards?order=worst&page=2",
                                        "/cards?order=worst&page=1e3",
                                        "/cards?order=worst&page=99999999999999999999",
                                        "/cards?order=worst",
                                        "/cards?order=best&page=0",
                                        "/cards?page=0",
                                        "/sheet?order=worst&page=0&view=colour",
                                        "/picture?order=worst&place=60&view=depth",
                                        "/next?order=worst&from=x",
                                        "/stages?order=worst&place=0"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int status = status_of(ask("GET", paths[i]));
        ck_assert_msg(status == 400, "%s: %d", paths[i], status);
    }
    static const char *const verdicts[] = {"action=keep&first=-1&last=0",
                                           "action=keep&first=0&last=60",
                                           "action=keep&first=3&last=2",
                                           "action=keep",
                                           "action=eat&first=0&last=0",
                                           "action=keep&first=0&last=0&reason=a%20b",
                                           "action=keep&first=0&last=0&reason=a%0Ab"};
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        ck_assert_int_eq(status_of(judge(1, verdicts[i])), 400);
    ck_assert_int_eq(status_of(judge(0, "action=keep&first=0&last=0")), 400);
    char *log = read_log();
    ck_assert_str_eq(log, HS_VERDICT_HEADER);
    free(log);
}
END_TEST

START_TEST(malformed_requests_do_no_harm)
{
    char noise[4096], line[40000];
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)(i * 2654435761u >> 13);
    memset(line, 'a', sizeof line);
    memcpy(line, "GET /", 5);
    static const char *const requests[] = {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                                           "GET / HTTP/1.1\r\nHost\r\n\r\n",
                                           "GET /%00%ff?%=& HTTP/1.1\r\nHost: a\r\n\r\n"};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        ck_assert_int_ne(status_of(hs_http_send(port, requests[i], strlen(requests[i]), 1)), 200);
    ck_assert_int_ne(status_of(hs_http_send(port, noise, sizeof noise, 1)), 200);
    ck_assert_int_ne(status_of(hs_http_send(port, line, sizeof line, 1)), 200);
    ck_assert_int_eq(status_of(ask("GET", "/state")), 200);
}
END_TEST

START_TEST(large_bodies_are_not_read)
{
    static char request[8 << 20];
    static const char *const sizes[] = {"Content-Length: 8000000",
                                        "Content-Length: 99999999999999999999",
                                        "Transfer-Encoding: chunked"};
    for (int i = 0; i < 3; i++) {
        memset(request, 'x', sizeof request);
        int used = snprintf(request, sizeof request,
                            "POST /verdict HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                            "Origin: http://127.0.0.1:%d\r\nCookie: handseg-%d=%s\r\n%s\r\n\r\n",
                            port, port, port, token, sizes[i]);
        request[used] = 'x';
        int status = status_of(hs_http_send(port, request, sizeof request, 1));
        ck_assert_msg(status == 413 || status == 400 || status == 0, "%s: %d", sizes[i], status);
    }
    ck_assert_int_eq(status_of(ask("GET", "/state")), 200);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("access");
    TCase *tests = tcase_create("access");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, nothing_without_the_token);
    tcase_add_test(tests, link_gives_the_page_and_a_cookie);
    tcase_add_test(tests, other_hosts_are_refused);
    tcase_add_test(tests, other_origins_are_refused);
    tcase_add_test(tests, only_the_loopback_address_listens);
    tcase_add_test(tests, paths_lead_nowhere_else);
    tcase_add_test(tests, bad_numbers_are_refused);
    tcase_add_test(tests, malformed_requests_do_no_harm);
    tcase_add_test(tests, large_bodies_are_not_read);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

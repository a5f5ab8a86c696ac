/* What the server of a review answers, and what is on the disk by then. */
#include "base/log.h"
#include "review/served.h"
#include "support/fault.h"
#include <signal.h>

/* ---- verdicts ---- */

START_TEST(verdicts_are_on_the_disk_when_answered)
{
    expect_counts(judge(1, "action=keep&first=0&last=0"), 1, 0);
    char *log = read_log();
    ck_assert_msg(strstr(log, " ann s 1 keep user-1.00000 - ") != NULL, "%s", log);
    free(log);
    expect_counts(judge(2, "action=reject&first=1&last=1&reason=outline_off"), 1, 1);
    log = read_log();
    ck_assert_msg(strstr(log, " ann s 2 reject user-2.00000 outline_off ") != NULL, "%s", log);
    free(log);
    expect_counts(judge(2, "action=reject&first=5&last=5"), 1, 1); /* sent again: written once */
    expect_counts(judge(1, "action=undo"), 1, 1);
    char *again = read_log();
    ck_assert_ptr_null(strstr(again, " s 3 "));
    free(again);
    expect_counts(judge(3, "action=keep&first=0&last=9&unjudged=1"), 9, 1);
    expect_counts(judge(4, "action=clear&first=0&last=1"), 8, 0);
    expect_counts(judge(5, "action=undo"), 9, 1);
    expect_counts(judge(6, "action=undo"), 1, 1);
    expect_counts(judge(7, "action=redo"), 9, 1);
    expect_counts(judge(8, "action=undo"), 1, 1);
    hs_http_reply reply = judge(9, "action=undo");
    ck_assert_int_eq((int)hs_http_number(&reply, "place"), 1);
    expect_counts(reply, 1, 0);
    expect_counts(judge(10, "action=undo"), 0, 0);
    reply = judge(11, "action=undo");
    ck_assert_int_eq((int)hs_http_number(&reply, "place"), -1); /* nothing left */
    hs_http_free(&reply);
}
END_TEST

START_TEST(another_order_is_not_judged)
{
    char kept[sizeof digest];
    memcpy(kept, digest, sizeof kept);
    digest[3] = digest[3] == '0' ? '1' : '0';
    ck_assert_int_eq(status_of(judge(1, "action=keep&first=0&last=0")), 409);
    memcpy(digest, kept, sizeof kept);
    expect_counts(judge(1, "action=keep&first=0&last=0"), 1, 0);
}
END_TEST

START_TEST(next_unjudged_is_found_both_ways)
{
    expect_counts(judge(1, "action=keep&first=2&last=30"), 29, 0);
    static const struct {
        const char *path;
        int place;
    } cases[] = {{"/next?order=worst&from=2&back=0", 31},
                 {"/next?order=worst&from=30&back=1", 1},
                 {"/next?order=worst&from=0", 0},
                 {"/next?order=worst&from=59", 59}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_http_reply reply = ask("GET", cases[i].path);
        ck_assert_int_eq((int)hs_http_number(&reply, "place"), cases[i].place);
        hs_http_free(&reply);
    }
    expect_counts(judge(2, "action=reject&first=0&last=59&unjudged=1"), 29, 31);
    hs_http_reply reply = ask("GET", "/next?order=time&from=0");
    ck_assert_int_eq((int)hs_http_number(&reply, "place"), -1);
    hs_http_free(&reply);
}
END_TEST

START_TEST(full_disk_is_told_and_survived)
{
    expect_counts(judge(1, "action=keep&first=0&last=0"), 1, 0);
    char *log = read_log();
    hs_test_limit_files(strlen(log) + 20);
    hs_http_reply reply = judge(2, "action=reject&first=1&last=1");
    hs_test_limit_files(0);
    ck_assert_int_eq(reply.status, 500);
    ck_assert_ptr_nonnull(strstr(reply.body, "free some space"));
    hs_http_free(&reply);
    char *after = read_log();
    ck_assert_str_eq(after, log);
    free(after);
    free(log);
    expect_counts(judge(2, "action=reject&first=1&last=1"), 1, 1);
}
END_TEST

/* ---- what is shown ---- */

START_TEST(cards_come_in_the_order_asked_for)
{
    hs_http_reply reply = ask("GET", "/cards?order=worst&page=0");
    const char *at = reply.body;
    static const char *const worst[] = {"user-1.00000", "user-2.00000", "user-3.00000",
                                        "user-1.00001"};
    for (int i = 0; i < 4; i++) {
        at = strstr(at, "\"name\": \"");
        ck_assert_ptr_nonnull(at);
        at += 9;
        ck_assert_msg(strncmp(at, worst[i], 12) == 0, "%d: %.12s", i, at);
    }
    ck_assert_ptr_nonnull(strstr(reply.body, "\"automatic\": \"reject\""));
    ck_assert_ptr_nonnull(strstr(reply.body, "\"reasons\": \"jump;hands_close\""));
    hs_http_free(&reply);
    reply = ask("GET", "/cards?order=time&page=1");
    ck_assert_ptr_nonnull(strstr(reply.body, "\"name\": \"user-3.00008\""));
    ck_assert_ptr_null(strstr(reply.body, "\"name\": \"user-3.00007\""));
    hs_http_free(&reply);
}
END_TEST

static uint32_t u32_at(const hs_http_reply *reply, size_t at)
{
    uint32_t value;
    memcpy(&value, reply->body + at, 4);
    return value;
}

START_TEST(pictures_are_bitmaps)
{
    hs_http_reply reply = ask("GET", "/sheet?order=worst&page=0&view=depth");
    ck_assert_int_eq(reply.status, 200);
    ck_assert_uint_eq(reply.size, u32_at(&reply, 2));
    ck_assert_uint_eq(u32_at(&reply, 18), 8 * 192);
    ck_assert_uint_eq(-u32_at(&reply, 22), 6 * 144);
    hs_http_free(&reply);
    reply = ask("GET", "/sheet?order=worst&page=1&view=depth"); /* of 12: two rows */
    ck_assert_uint_eq(-u32_at(&reply, 22), 2 * 144);
    hs_http_free(&reply);
    reply = ask("GET", "/picture?order=time&place=0&view=depth&outline=0");
    ck_assert(u32_at(&reply, 18) == HS_TEST_WIDTH && -u32_at(&reply, 22) == HS_TEST_HEIGHT);
    hs_http_free(&reply);
}
END_TEST

START_TEST(broken_frame_is_shown_as_such)
{
    char path[600];
    size_t size;
    snprintf(path, sizeof path, "%s", hs_test_frame_path(folder, "masks", 1, 0));
    unsigned char *sound = hs_test_read(path, &size);
    hs_test_write(path, "no image", 8);
    ck_assert_int_eq(status_of(ask("GET", "/sheet?order=time&page=0&view=depth")), 200);
    hs_http_reply reply = ask("GET", "/picture?order=time&place=0&view=depth");
    ck_assert_int_eq(reply.status, 500);
    ck_assert_msg(strstr(reply.body, "user-1.00000.png: not a PNG") != NULL, "%s", reply.body);
    hs_http_free(&reply);
    hs_test_write(path, sound, size);
    free(sound);
}
END_TEST

START_TEST(one_review_at_a_time)
{
    hs_review *second;
    hs_review_config config = {.folder = folder, .reviewer = "bob", .known.rate = 0.02};
    ck_assert_error(hs_review_start(&config, &second), HS_ERR_STATE, "another program is adding");
    config.folder = hs_test_frames("beside", 1, 2);
    config.port = port;
    ck_assert_error(hs_review_start(&config, &second), HS_ERR_IO, "cannot listen on 127.0.0.1");
    ck_assert_ptr_null(second);
}
END_TEST

/* ---- the program, killed ---- */

static pid_t start_program(const char *output)
{
    char arguments[1024], link[256] = "";
    snprintf(arguments, sizeof arguments, "review %s --port 0 --reviewer ann", folder);
    unlink(output);
    pid_t child = hs_test_start("", arguments, output);
    for (int i = 0; i < 2000 && !strstr(link, "token="); i++) {
        usleep(10000);
        FILE *file = fopen(output, "r");
        while (file && fgets(link, sizeof link, file) && !strstr(link, "token="))
            ;
        if (file)
            fclose(file);
    }
    parse_link(link);
    learn_digest();
    return child;
}

START_TEST(killed_review_goes_on)
{
    char output[600];
    stop();
    make_folder();
    snprintf(output, sizeof output, "%s", hs_test_path("output"));
    for (int turn = 0; turn < 4; turn++) {
        char rest[80];
        pid_t child = start_program(output);
        expect_counts(ask("GET", "/state"), 2 * turn, turn);
        snprintf(rest, sizeof rest, "action=keep&first=%d&last=%d", 3 * turn, 3 * turn + 1);
        expect_counts(judge(2 * turn + 1, rest), 2 * turn + 2, turn);
        snprintf(rest, sizeof rest, "action=reject&first=%d&last=%d", 3 * turn + 2, 3 * turn + 2);
        expect_counts(judge(2 * turn + 2, rest), 2 * turn + 2, turn + 1);
        kill(child, SIGKILL);
        ck_assert_int_eq(hs_test_wait(child), -SIGKILL);
    }
    pid_t child = start_program(output);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(status_of(judge(100 + i, "action=undo")), 200); /* across all of them */
    expect_counts(ask("GET", "/state"), 0, 0);
    kill(child, SIGINT);
    ck_assert_int_eq(hs_test_wait(child), 0);
    size_t size;
    char *said = (char *)hs_test_read(output, &size);
    said[size] = 0;
    ck_assert_msg(strstr(said, "60: 0 kept, 0 rejected, 60 unjudged") != NULL, "%s", said);
    free(said);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("server");
    TCase *tests = tcase_create("server");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, verdicts_are_on_the_disk_when_answered);
    tcase_add_test(tests, another_order_is_not_judged);
    tcase_add_test(tests, next_unjudged_is_found_both_ways);
    tcase_add_test(tests, full_disk_is_told_and_survived);
    tcase_add_test(tests, cards_come_in_the_order_asked_for);
    tcase_add_test(tests, pictures_are_bitmaps);
    tcase_add_test(tests, broken_frame_is_shown_as_such);
    tcase_add_test(tests, one_review_at_a_time);
    tcase_add_test(tests, killed_review_goes_on);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* The log of verdicts: what is written comes back, whatever happens to the program or the file. */
#include "data/verdicts.h"

#include "base/log.h"
#include "support/fault.h"
#include "support/files.h"
#include "support/suite.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[] = {"user-1.00000", "user-1.00001", "user-1.00002", "user-1.00003",
                                    "user-1.0001",  "user-2.00000", "user-10.00000"};
enum { FRAMES = sizeof names / sizeof *names };

/* Appends one line to an open log, in the session "s". */
static void say(hs_verdict_log *log, hs_verdict_action action, const char *frames)
{
    uint32_t sequence = 1;
    for (int64_t i = 0; i < log->count; i++)
        sequence += strcmp(log->records[i].session, "s") == 0;
    hs_verdict_record record = {
        .time = hs_verdict_log_next_time(log),
        .reviewer = "ann",
        .session = "s",
        .reason = action == HS_ACTION_REJECT ? "outline_off" : "-",
        .frames = frames,
        .sequence = sequence,
        .action = action,
    };
    ck_assert_ok(hs_verdict_log_append(log, &record, 1));
}

/* What stands of each frame, a letter each: k, r or a point. */
static const char *standing(const hs_verdicts *v)
{
    static char text[FRAMES + 1];
    for (int i = 0; i < FRAMES; i++) {
        const hs_verdict_record *record = hs_verdicts_of(v, i, NULL);
        text[i] = !record ? '.' : record->action == HS_ACTION_KEEP ? 'k' : 'r';
    }
    return text;
}

/* The same of a log as a file. */
static const char *standing_in(const char *path)
{
    hs_verdict_log log = {0};
    hs_verdicts v = {0};
    ck_assert_ok(hs_verdict_log_read(&log, path));
    ck_assert_ok(hs_verdicts_init(&v, &log, names, FRAMES));
    const char *text = standing(&v);
    hs_verdicts_free(&v);
    hs_verdict_log_free(&log);
    return text;
}

START_TEST(last_verdict_of_a_frame_stands)
{
    const char *path = hs_test_path("stands.log");
    hs_verdict_log log = {0};
    ck_assert_str_eq(standing_in(path), ".......");
    ck_assert_ok(hs_verdict_log_open(&log, path));
    say(&log, HS_ACTION_KEEP, "user-1.00000..user-1.00002,user-10.00000,user-9.1");
    say(&log, HS_ACTION_REJECT, "user-1.00001");
    say(&log, HS_ACTION_CLEAR, "user-1.00002");
    ck_assert_str_eq(standing_in(path), "kr....k");
    hs_verdict_log_free(&log);
    ck_assert_ok(hs_verdict_log_open(&log, path));
    ck_assert_int_eq(log.count, 3);
    ck_assert_str_eq(log.records[1].reason, "outline_off");
    say(&log, HS_ACTION_KEEP, "user-1.00001");
    hs_verdict_log_free(&log);
    ck_assert_str_eq(standing_in(path), "kk....k");
}
END_TEST

START_TEST(ranges_are_lists_of_neighbouring_numbers)
{
    hs_verdict_log log = {0};
    hs_verdicts v = {0};
    ck_assert_ok(hs_verdict_log_open(&log, hs_test_path("ranges.log")));
    ck_assert_ok(hs_verdicts_init(&v, &log, names, FRAMES));
    uint32_t frames[] = {6, 2, 4, 0, 1, 5};
    char *list = hs_verdicts_list(&v, frames, 6);
    ck_assert_str_eq(list, "user-1.00000..user-1.00002,user-1.0001,user-10.00000,user-2.00000");
    say(&log, HS_ACTION_KEEP, list);
    ck_assert_ok(hs_verdicts_follow(&v));
    ck_assert_str_eq(standing(&v), "kkk.kkk");
    /* Of five digits: not user-1.0001, which sorts between. */
    say(&log, HS_ACTION_REJECT, "user-1.00000..user-1.00100");
    ck_assert_ok(hs_verdicts_follow(&v));
    ck_assert_str_eq(standing(&v), "rrrrkkk");
    free(list);
    hs_verdicts_free(&v);
    hs_verdict_log_free(&log);
}
END_TEST

/* Undoes as a person at the keyboard would; false where nothing is left. */
static bool go_back(hs_verdict_log *log, hs_verdicts *v, bool again)
{
    const hs_verdict_record *record =
        again ? hs_verdicts_redoable(v, "ann") : hs_verdicts_undoable(v, "ann");
    if (!record)
        return false;
    char name[128];
    snprintf(name, sizeof name, "%s:%u", record->session, record->sequence);
    say(log, HS_ACTION_UNDO, name);
    ck_assert_ok(hs_verdicts_follow(v));
    return true;
}

START_TEST(undo_goes_back_to_the_beginning_and_forth_again)
{
    const char *path = hs_test_path("undo.log");
    static const char *const steps[] = {".......", "k......", "kkk....", "krk....", "k.k...."};
    hs_verdict_log log = {0};
    hs_verdicts v = {0};
    ck_assert_ok(hs_verdict_log_open(&log, path));
    ck_assert_ok(hs_verdicts_init(&v, &log, names, FRAMES));
    ck_assert(!go_back(&log, &v, false));
    say(&log, HS_ACTION_KEEP, "user-1.00000");
    say(&log, HS_ACTION_KEEP, "user-1.00001..user-1.00002");
    say(&log, HS_ACTION_REJECT, "user-1.00001");
    say(&log, HS_ACTION_CLEAR, "user-1.00001");
    ck_assert_ok(hs_verdicts_follow(&v));
    ck_assert(!go_back(&log, &v, true));
    for (int turn = 0; turn < 3; turn++) {
        for (int s = 4; s > 0; s--) {
            ck_assert_str_eq(standing(&v), steps[s]);
            ck_assert(go_back(&log, &v, false));
            ck_assert_str_eq(standing_in(path), steps[s - 1]);
        }
        ck_assert(!go_back(&log, &v, false));
        for (int s = 1; s <= 4; s++) {
            ck_assert(go_back(&log, &v, true));
            ck_assert_str_eq(standing(&v), steps[s]);
            ck_assert_str_eq(standing_in(path), steps[s]);
        }
        ck_assert(!go_back(&log, &v, true));
    }
    ck_assert(go_back(&log, &v, false));
    say(&log, HS_ACTION_KEEP, "user-2.00000"); /* a new verdict: nothing to bring back any more */
    ck_assert_ok(hs_verdicts_follow(&v));
    ck_assert(!go_back(&log, &v, true));
    ck_assert_str_eq(standing(&v), "krk..k.");
    hs_verdicts_free(&v);
    hs_verdict_log_free(&log);
}
END_TEST

START_TEST(undo_of_a_line_that_is_not_there)
{
    hs_verdict_log log = {0};
    hs_verdicts v = {0};
    ck_assert_ok(hs_verdict_log_open(&log, hs_test_path("unknown.log")));
    say(&log, HS_ACTION_UNDO, "s:1");
    ck_assert_error(hs_verdicts_init(&v, &log, names, FRAMES), HS_ERR_DATA,
                    "line s:1 undoes s:1, which is no line before it");
    hs_verdicts_free(&v);
    hs_verdict_log_free(&log);
}
END_TEST

START_TEST(only_one_program_appends)
{
    const char *path = hs_test_path("locked.log");
    hs_verdict_log log = {0}, second = {0};
    ck_assert_ok(hs_verdict_log_open(&log, path));
    ck_assert_error(hs_verdict_log_open(&second, path), HS_ERR_STATE, "another program is adding");
    hs_verdict_log_free(&second);
    ck_assert_ok(hs_verdict_log_read(&second, path));
    hs_verdict_log_free(&second);
    hs_verdict_log_free(&log);
}
END_TEST

/* ---- damage ---- */

/* A log of five lines, and where each line ends. */
static void make_log(const char *path, size_t ends[6])
{
    hs_verdict_log log = {0};
    unlink(path);
    ck_assert_ok(hs_verdict_log_open(&log, path));
    ends[0] = (size_t)log.size;
    for (int i = 1; i <= 5; i++) {
        say(&log, i % 2 ? HS_ACTION_KEEP : HS_ACTION_REJECT, names[i - 1]);
        ends[i] = (size_t)log.size;
    }
    hs_verdict_log_free(&log);
}

START_TEST(log_cut_at_every_byte)
{
    static const char whole[] = "krkrk..";
    const char *path = hs_test_path("whole.log"), *cut = hs_test_path("cut.log");
    size_t ends[6];
    make_log(path, ends);
    for (size_t size = 0; size <= ends[5]; size++) {
        int lines = 0;
        char expected[FRAMES + 1] = ".......";
        while (lines < 5 && ends[lines + 1] <= size)
            lines++;
        memcpy(expected, whole, (size_t)lines);
        hs_test_copy(path, cut, size);
        ck_assert_str_eq(standing_in(cut), expected);
        hs_verdict_log log = {0}; /* and goes on from there */
        ck_assert_ok(hs_verdict_log_open(&log, cut));
        ck_assert_int_eq(log.count, lines);
        say(&log, HS_ACTION_KEEP, names[6]);
        hs_verdict_log_free(&log);
        expected[6] = 'k';
        ck_assert_str_eq(standing_in(cut), expected);
    }
}
END_TEST

START_TEST(wrong_bytes_are_found)
{
    const char *path = hs_test_path("sound.log"), *wrong = hs_test_path("wrong.log");
    size_t ends[6];
    make_log(path, ends);
    for (size_t at = 0; at < ends[5] - 1; at++) {
        hs_test_copy(path, wrong, (size_t)-1);
        hs_test_flip(wrong, (long)at);
        hs_verdict_log log = {0};
        int line = 1;
        while (ends[line - 1] <= at)
            line++;
        char where[64];
        snprintf(where, sizeof where, "wrong.log:%d: ", line);
        ck_assert_error(hs_verdict_log_read(&log, wrong), HS_ERR_FORMAT, where);
        hs_verdict_log_free(&log);
    }
    hs_test_copy(path, wrong, (size_t)-1);
    hs_test_flip(wrong, (long)ends[2] + 30);
    char where[64];
    snprintf(where, sizeof where, "wrong.log:4: damaged at byte %zu: the checksum", ends[2]);
    hs_verdict_log log = {0};
    ck_assert_error(hs_verdict_log_read(&log, wrong), HS_ERR_FORMAT, where);
    hs_verdict_log_free(&log);
}
END_TEST

START_TEST(log_of_another_version)
{
    static const char other[] = "handseg verdicts 2\n";
    const char *path = hs_test_path("version.log");
    hs_verdict_log log = {0};
    hs_test_write(path, other, sizeof other - 1);
    ck_assert_error(hs_verdict_log_open(&log, path), HS_ERR_FORMAT,
                    "version.log:1: got 'handseg verdicts 2', expected 'handseg verdicts 1'");
    hs_verdict_log_free(&log);
    hs_test_write(path, "a", 1);
    ck_assert_error(hs_verdict_log_open(&log, path), HS_ERR_FORMAT, "got 'a'");
    hs_verdict_log_free(&log);
    size_t size;
    unsigned char *bytes = hs_test_read(path, &size); /* another program's file is not touched */
    ck_assert(size == 1 && bytes[0] == 'a');
    free(bytes);
}
END_TEST

START_TEST(full_disk_leaves_whole_lines)
{
    const char *path = hs_test_path("full.log");
    size_t ends[6];
    make_log(path, ends);
    for (size_t room = 0; room < 60; room += 7) {
        hs_verdict_log log = {0};
        hs_verdict_record record = {1LL << 41, "ann",           "t", "-", "user-1.00000",
                                    1,         HS_ACTION_REJECT};
        ck_assert_ok(hs_verdict_log_open(&log, path));
        hs_test_limit_files(ends[5] + room);
        hs_status status = hs_verdict_log_append(&log, &record, 1);
        hs_test_limit_files(0);
        ck_assert_error(status, HS_ERR_IO, "full.log: cannot write");
        ck_assert_int_eq(log.count, 5);
        ck_assert_str_eq(standing_in(path), "krkrk..");
        if (room > 50) { /* space was made: the same log goes on */
            ck_assert_ok(hs_verdict_log_append(&log, &record, 1));
            ck_assert_str_eq(standing_in(path), "rrkrk..");
        }
        hs_verdict_log_free(&log);
    }
}
END_TEST

/* A child that appends without end, telling each line that is safe; killed at some moment. */
static int killed_while_writing(const char *path, int microseconds)
{
    int ends[2], safe = 0;
    char told;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        hs_verdict_log log = {0};
        if (hs_verdict_log_open(&log, path) != HS_OK)
            _exit(1);
        for (;;) {
            say(&log, HS_ACTION_KEEP, names[0]);
            if (write(ends[1], "x", 1) != 1)
                _exit(1);
        }
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &told, 1), 1);
    usleep((useconds_t)microseconds);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (safe = 1; read(ends[0], &told, 1) == 1;)
        safe++;
    close(ends[0]);
    return safe;
}

START_TEST(killed_at_any_moment)
{
    const char *path = hs_test_path("killed.log");
    int64_t before = 0;
    for (int turn = 0; turn < 20; turn++) {
        int safe = killed_while_writing(path, 100 + 731 * turn);
        hs_verdict_log log = {0};
        ck_assert_ok(hs_verdict_log_open(&log, path));
        ck_assert_int_ge(log.count, before + safe);
        ck_assert_int_le(log.count, before + safe + 1); /* the one in flight may be there */
        before = log.count;
        hs_verdict_log_free(&log);
    }
}
END_TEST

/* ---- merging ---- */

static void add_to(const char *path, hs_verdict_record record)
{
    hs_verdict_log log = {0};
    ck_assert_ok(hs_verdict_log_open(&log, path));
    ck_assert_ok(hs_verdict_log_append(&log, &record, 1));
    hs_verdict_log_free(&log);
}

START_TEST(logs_merge_by_time_and_once)
{
    const char *ours = hs_test_path("ours.log"), *theirs = hs_test_path("theirs.log");
    int64_t added;
    add_to(ours, (hs_verdict_record){1000, "ann", "a", "-", "user-1.00000", 1, HS_ACTION_KEEP});
    add_to(ours, (hs_verdict_record){3000, "ann", "a", "-", "user-1.00001", 2, HS_ACTION_KEEP});
    add_to(ours, (hs_verdict_record){5000, "ann", "a", "-", "a:1", 3, HS_ACTION_UNDO});
    add_to(theirs, (hs_verdict_record){2000, "bob", "b", "x", "user-1.00001", 1, HS_ACTION_REJECT});
    add_to(theirs, (hs_verdict_record){4000, "bob", "b", "x", "user-1.00002", 2, HS_ACTION_REJECT});
    add_to(theirs, (hs_verdict_record){4000, "bob", "b", "-", "user-1.00002", 3, HS_ACTION_KEEP});
    ck_assert_ok(hs_verdict_log_merge(ours, theirs, &added));
    ck_assert_int_eq(added, 3);
    ck_assert_str_eq(standing_in(ours), ".kk....");
    ck_assert_ok(hs_verdict_log_merge(ours, theirs, &added));
    ck_assert_int_eq(added, 0);
    ck_assert_ok(hs_verdict_log_merge(theirs, ours, &added)); /* the other way round: the same */
    ck_assert_int_eq(added, 3);
    ck_assert_str_eq(standing_in(theirs), ".kk....");
    add_to(theirs, (hs_verdict_record){6000, "bob", "c", "-", "user-1.00001", 1, HS_ACTION_REJECT});
    ck_assert_ok(hs_verdict_log_merge(ours, theirs, &added));
    ck_assert_int_eq(added, 1);
    ck_assert_str_eq(standing_in(ours), ".rk....");
    add_to(theirs, (hs_verdict_record){7000, "bob", "d", "-", "user-1.00001", 1, HS_ACTION_KEEP});
    add_to(ours, (hs_verdict_record){7000, "bob", "d", "-", "user-1.00001", 1, HS_ACTION_REJECT});
    ck_assert_error(hs_verdict_log_merge(ours, theirs, &added), HS_ERR_DATA,
                    "theirs.log: line d:1 differs from that of");
    ck_assert_ok(hs_verdict_log_merge(hs_test_path("new.log"), theirs, &added)); /* into none */
    ck_assert_int_eq(added, 8);
    ck_assert_error(hs_verdict_log_merge(ours, hs_test_path("none.log"), &added), HS_ERR_IO,
                    "none.log: cannot read");
}
END_TEST

START_TEST(verdicts_of_one_reviewer)
{
    const char *path = hs_test_path("two.log");
    hs_verdict_log log = {0};
    hs_verdicts v = {0};
    add_to(path, (hs_verdict_record){1000, "ann", "a", "-", "user-1.00000", 1, HS_ACTION_KEEP});
    add_to(path, (hs_verdict_record){2000, "bob", "b", "x", "user-1.00000", 1, HS_ACTION_REJECT});
    ck_assert_ok(hs_verdict_log_read(&log, path));
    ck_assert_ok(hs_verdicts_init(&v, &log, names, FRAMES));
    ck_assert_int_eq(hs_verdicts_of(&v, 0, NULL)->action, HS_ACTION_REJECT);
    ck_assert_int_eq(hs_verdicts_of(&v, 0, "ann")->action, HS_ACTION_KEEP);
    ck_assert_ptr_null(hs_verdicts_of(&v, 0, "eve"));
    ck_assert_str_eq(hs_verdicts_undoable(&v, "ann")->session, "a");
    hs_verdicts_free(&v);
    hs_verdict_log_free(&log);
}
END_TEST

/* ---- quality.csv ---- */

static hs_status read_table(hs_quality_table *table, const char *text)
{
    hs_test_write(hs_test_path("quality.csv"), text, strlen(text));
    return hs_quality_table_read(table, hs_test_folder());
}

START_TEST(quality_columns_are_found_by_name)
{
    hs_quality_table table = {0};
    ck_assert_ok(read_table(&table, "frame,recording,extra,verdict,score,reasons\r\n"
                                    "user-2.00000001,\"a,\"\"b\",1,reject,0.25,jump;cut_by_border\n"
                                    "user-1.00000001,x,,keep,1,\n"
                                    "user-1.00000002,x,,unlabelled,,no_right_glove\n"));
    ck_assert_int_eq(table.count, 3);
    const hs_quality_row *row = hs_quality_table_find(&table, "user-2.00000001");
    ck_assert(row && row->score == 0.25 && row->verdict == HS_VERDICT_REJECT);
    ck_assert_str_eq(row->reasons, "jump;cut_by_border");
    ck_assert_int_eq(hs_quality_table_find(&table, "user-1.00000002")->verdict, HS_VERDICT_NONE);
    ck_assert_ptr_null(hs_quality_table_find(&table, "user-1.00000003"));
    hs_quality_table_free(&table);
    ck_assert_ok(hs_quality_table_read(&table, hs_test_path("nowhere")));
    ck_assert_int_eq(table.count, 0);
}
END_TEST

START_TEST(bad_quality_values_are_named)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "got an empty file"},
        {"frame,score,verdict\n", "quality.csv:1: got no column 'reasons'"},
        {"frame,score,verdict,reasons\nuser-1.1,1,keep\n", ":2: got 3 columns, expected 4"},
        {"frame,score,verdict,reasons\nuser-1.1,1.5,keep,\n", ":2: score: got '1.5', expected"},
        {"frame,score,verdict,reasons\nuser-1.1,nan,keep,\n", ":2: score: got 'nan'"},
        {"frame,score,verdict,reasons\nuser-1.1,,keep,\n", ":2: score: got ''"},
        {"frame,score,verdict,reasons\nuser-1.1,1,maybe,\n", ":2: verdict: got 'maybe'"},
        {"frame,score,verdict,reasons\nuser-1.1.png,1,keep,\n", ":2: frame: got 'user-1.1.png'"},
        {"frame,score,verdict,reasons\nuser-1.1,1,keep,\"a\n", ":2: column 4: a quote without"},
        {"frame,score,verdict,reasons\nuser-1.1,1,keep,\nuser-1.1,1,keep,\n",
         "got two rows of 'user-1.1'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_quality_table table = {0};
        ck_assert_error(read_table(&table, cases[i].text), HS_ERR_FORMAT, cases[i].message);
        hs_quality_table_free(&table);
    }
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("verdicts");
    TCase *tests = tcase_create("verdicts");
    tcase_add_test(tests, last_verdict_of_a_frame_stands);
    tcase_add_test(tests, ranges_are_lists_of_neighbouring_numbers);
    tcase_add_test(tests, undo_goes_back_to_the_beginning_and_forth_again);
    tcase_add_test(tests, undo_of_a_line_that_is_not_there);
    tcase_add_test(tests, only_one_program_appends);
    tcase_add_test(tests, log_cut_at_every_byte);
    tcase_add_test(tests, wrong_bytes_are_found);
    tcase_add_test(tests, log_of_another_version);
    tcase_add_test(tests, full_disk_leaves_whole_lines);
    tcase_add_test(tests, killed_at_any_moment);
    tcase_add_test(tests, logs_merge_by_time_and_once);
    tcase_add_test(tests, verdicts_of_one_reviewer);
    tcase_add_test(tests, quality_columns_are_found_by_name);
    tcase_add_test(tests, bad_quality_values_are_named);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

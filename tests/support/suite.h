/* What every test program shares: running its suite, and skipping aloud. */
#ifndef HS_TESTS_SUITE_H
#define HS_TESTS_SUITE_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>

/* Runs the suite in this process (no fork: libgomp hangs in a forked child once the parent used
 * OpenMP) and returns the exit status of main. Frees the suite. */
int hs_run_suite(Suite *suite);

/* Asserts HS_OK, showing the recorded error message otherwise. */
#define ck_assert_ok(expression)                                                          \
    do {                                                                                  \
        hs_status ck_status = (expression);                                               \
        ck_assert_msg(ck_status == HS_OK, "%s: %s (%s)", #expression, hs_error_message(), \
                      hs_status_name(ck_status));                                         \
    } while (0)

/* Asserts that `expression` fails with `code` and that the message contains `text`. */
#define ck_assert_error(expression, code, text)                                            \
    do {                                                                                   \
        hs_status ck_status = (expression);                                                \
        ck_assert_msg(ck_status == (code), "%s: got %s, expected %s", #expression,         \
                      hs_status_name(ck_status), hs_status_name(code));                    \
        ck_assert_msg(strstr(hs_error_message(), text) != NULL, "message '%s' lacks '%s'", \
                      hs_error_message(), text);                                           \
    } while (0)

/* Counted by scripts/run_tests.sh: a skipped test says why. */
#define hs_skip(...) (printf("SKIPPED: " __VA_ARGS__), putchar('\n'))

/* Whether $HS_TEST_BIN names the program, as under make check; where it does not, that is skipped
 * aloud. */
bool hs_have_program(void);

/* A new empty folder below the system's temporary one, for files of this test: a static string,
 * removed with everything in it when the program ends. */
const char *hs_test_folder(void);

#endif

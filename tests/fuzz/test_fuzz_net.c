/* A short, fixed run of the fuzzing target: the corpus and mutations of it. */
#include "fuzz/fuzz_net.c"
#include "support/suite.h"

START_TEST(nothing_crashes)
{
    hs_fuzz_short_run("tests/fuzz/corpus/net", 20000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fuzz net");
    TCase *tests = tcase_create("short run");
    tcase_add_test(tests, nothing_crashes);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

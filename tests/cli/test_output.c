/* What a command prints: lost output is an error, and so is an option that would do nothing;
 * scripts answer --help. */
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <stdlib.h>

START_TEST(output_that_cannot_be_written_is_an_error)
{
    static const char *const commands[] = {"--help", "info net.ini", "info net.ini --json",
                                           "verify run/best.h5",
                                           "evaluate run/best.h5 --data tiny.h5 --format csv"};
    char line[256];
    if (!hs_test_tiny_model())
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        snprintf(line, sizeof line, "$H %s >/dev/full", commands[i]);
        hs_test_shell(line, 1, "handseg: standard output: cannot write");
    }
    /* What failed before says its own reason alone. */
    hs_test_shell("$H info absent.ini >/dev/full 2>said; s=$?; cat said; exit $s", 1,
                  "absent.ini: cannot read");
    hs_test_shell("wc -l <said", 0, "2");
}
END_TEST

START_TEST(options_without_effect_are_refused)
{
    static const char rule[] = "[reach]\nnear = 0.2\nfar = 0.45\n";
    if (!hs_test_tiny_model())
        return;
    hs_test_write(hs_test_path("reach.ini"), rule, sizeof rule - 1);
    hs_test_shell("$H info tiny.h5 --batch 2", 2, "--batch: tiny.h5: got a data set, expected a ");
    hs_test_shell("$H info tiny.h5 --tolerance 1", 2,
                  "--tolerance: tiny.h5: got a data set, expected a recording");
    hs_test_shell("$H info net.ini --salvage", 2,
                  "--salvage: net.ini: got a model or its configuration, expected a recording");
    hs_test_shell("$H info run/best.h5 --tolerance 1", 2, "--tolerance: run/best.h5: ");
    hs_test_shell("$H info reach.ini --batch 2", 2, "--batch: ");
    hs_test_shell("$H synth --frames 1 --interval 3 --out rendered", 2, "--interval");
    hs_test_shell("test -e rendered", 1, "");
}
END_TEST

/* At once, whatever else is asked of it and whatever it would need for that. */
START_TEST(every_script_says_how_it_is_used)
{
    ck_assert_int_eq(system("for s in scripts/*.sh; do"
                            "    [ $s = scripts/help.sh ] || $s x --help | grep -q \"^  $s\" ||"
                            "        { echo \"$s --help does not show $s\"; exit 1; };"
                            "done"),
                     0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli/output");
    TCase *tests = tcase_create("output");
    tcase_add_test(tests, output_that_cannot_be_written_is_an_error);
    tcase_add_test(tests, options_without_effect_are_refused);
    tcase_add_test(tests, every_script_says_how_it_is_used);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

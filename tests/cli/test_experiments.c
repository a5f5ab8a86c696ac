/* The scripts of the paper's experiments on a data set of seconds: tables, going on, early
 * refusals. */
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include "support/tiny_run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ABLATION "python3 $ROOT/scripts/ablation.py train.ini tiny.h5 --program $H --out "
#define CROSS "python3 $ROOT/scripts/cross_dataset.py train.ini --program $H --out "

/* Writes the configuration and the data set; false where the scripts cannot run. */
static bool ready(void)
{
    char root[4096];
    if (!getenv("HS_TEST_BIN")) {
        hs_skip("HS_TEST_BIN is not set: run by make check");
        return false;
    }
    if (system("command -v gnuplot >/dev/null 2>&1") != 0) {
        hs_skip("gnuplot is not installed: scripts/install_deps.sh test");
        return false;
    }
    ck_assert_ptr_nonnull(getcwd(root, sizeof root));
    setenv("ROOT", root, 1);
    setenv("OMP_NUM_THREADS", "1", 1);
    hs_tiny_config();
    return true;
}

START_TEST(sizes_make_a_table_and_a_plot)
{
    if (!ready())
        return;
    hs_test_shell(ABLATION "table3 --sizes 4,8,16", 0, "16 frames");
    hs_test_shell("cat table3/table3.txt table3/fit.txt", 0, "mIoU = ");
    hs_test_shell("head -c 300 table3/figure6.svg", 0, "<svg");
    hs_test_shell("test -s table3/figure6.png && tail -n +2 table3/table3.csv | cut -d, -f1", 0,
                  "4\n8\n16");
    hs_test_shell("grep -h train_frames table3/frames_8/metrics.json", 0, "8");
    /* What is trained stays so; a run cut off after its last checkpoint goes on from there. */
    hs_test_shell("rm table3/frames_8/metrics.json && " ABLATION "table3 --sizes 4,8,16", 0,
                  "4 frames: trained already");
    hs_test_shell("test -e table3/frames_8/metrics.json", 0, "");
}
END_TEST

START_TEST(what_fails_later_fails_at_once)
{
    if (!ready())
        return;
    hs_test_shell(ABLATION "none --sizes 4,100", 1, "--sizes: got 100, expected at most the 18");
    hs_test_shell(ABLATION "none --sizes 4,many", 1, "--sizes: got 'many'");
    hs_test_shell(ABLATION "none --sizes 4", 1, "expected two or more");
    hs_test_shell("cp tiny.h5 file && " CROSS "none a=tiny.h5 --set x", 1, "expected two or more");
    hs_test_shell(CROSS "none a=tiny.h5 b=absent.h5", 1, "absent.h5");
    hs_test_shell(CROSS "none a=tiny.h5 b", 1, "got 'b', expected NAME=DATA.h5");
    hs_test_shell("test -e none", 1, "");
}
END_TEST

START_TEST(each_set_is_tested_on_all)
{
    if (!ready())
        return;
    hs_tiny_dataset(hs_test_path("far.h5"), "right", "left", 900);
    hs_test_shell(CROSS "table4 near=tiny.h5 far=far.h5 --set train.epochs=2", 0,
                  "trained on  near");
    hs_test_shell("cat table4/table4.csv", 0, "near,");
    hs_test_shell("ls table4/near/on_far/frames.csv table4/far/on_near/frames.csv", 0, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli/experiments");
    TCase *tests = tcase_create("experiments");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, sizes_make_a_table_and_a_plot);
    tcase_add_test(tests, what_fails_later_fails_at_once);
    tcase_add_test(tests, each_set_is_tested_on_all);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* scripts/paper.py: what it refuses before anything is rendered or trained. */
#include "support/scripts.h"
#include "support/suite.h"
#include "support/tiny_model.h"

#define PAPER HS_TEST_SCRIPT("paper.py")

START_TEST(wrong_folders_are_refused)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell("mkdir -p some/handseg some/nyu && touch some/handseg/a && " PAPER
                  "--data some --out none",
                  1, "--data: some: got no folder freiburg, nyu, handnet with files");
    hs_test_shell(PAPER "--data some --scale tiny --out none", 1,
                  "--scale: is of what is rendered; with --data, --steps and --sizes");
    hs_test_shell(PAPER "--steps 0 --out none", 1, "--steps: got 0, expected 1 or more");
    hs_test_shell("test -e none", 1, "");
    hs_test_shell("touch plain && " PAPER "--out plain", 1, "--out: ");
}
END_TEST

START_TEST(one_folder_holds_one_plan)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell("for s in handseg freiburg nyu handnet; do mkdir -p four/$s; touch four/$s/a; "
                  "done; mkdir out && echo '{\"rendered\": \"small\"}' >out/plan.json",
                  0, "");
    hs_test_shell(
        PAPER "--out out --scale tiny", 1,
        "got sets rendered at --scale tiny, expected sets rendered at --scale small, as it "
        "was begun; choose another --out");
    hs_test_shell(PAPER "--out out --data four", 1,
                  "four, expected sets rendered at --scale small");
    hs_test_shell("mkdir -p older/sets && touch older/sets/nyu.h5", 0, "");
    hs_test_shell(PAPER "--out older --scale tiny", 1, "got sets/ without plan.json");
    hs_test_shell("test -e older/plan.json", 1, "");
}
END_TEST

START_TEST(sizes_that_do_not_fit_are_refused_before_a_network_trains)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell("mkdir -p few/sets && echo '{\"rendered\": \"tiny\"}' >few/plan.json && "
                  "for s in handseg freiburg nyu handnet; do cp tiny.h5 few/sets/$s.h5; done",
                  0, "");
    hs_test_shell(PAPER "--out few --scale tiny", 1,
                  "ablation: --sizes: got 40, expected at most the 18 training frames");
    hs_test_shell(PAPER "--out few --scale tiny --sizes 8,30 --steps 3", 1,
                  "ablation: --sizes: got 30, expected at most the 18 training frames");
    hs_test_shell("cut -d, -f1,2 few/table1.csv", 0, "nyu,24");
    hs_test_shell("test -e few/table2/handseg", 1, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli/paper");
    TCase *tests = tcase_create("paper");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, wrong_folders_are_refused);
    tcase_add_test(tests, one_folder_holds_one_plan);
    tcase_add_test(tests, sizes_that_do_not_fit_are_refused_before_a_network_trains);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

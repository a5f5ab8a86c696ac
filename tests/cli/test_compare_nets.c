/* scripts/compare_nets.py on a data set of seconds: its table and picture, going on, what is
 * refused before anything is trained. */
#include "support/files.h"
#include "support/scripts.h"
#include "support/suite.h"
#include "support/tiny_model.h"

#define SMALL "--seconds 0.1 --data tiny.h5 --steps 2 --set net.height=32 --set net.width=32 "
#define COMPARE HS_TEST_SCRIPT("compare_nets.py") SMALL
#define BEGIN "PYTHONPATH=$ROOT/scripts /usr/bin/python3 begin.py "

START_TEST(networks_make_a_table_and_a_picture)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(COMPARE
                  "--out two --nets handseg_half,reach --frames tiny-22.png,images/tiny-21.png",
                  0, "net           input");
    hs_test_shell("head -n 1 two/table2.csv", 0,
                  "net,parameters,input,steps,train_seconds,begins_with,frame_ms,miou,"
                  "miou_binary_mean,iou_left,iou_right,iou_background,precision_left,");
    hs_test_shell("cut -d, -f1,3,4,6 two/table2.csv", 0, "reach,320x240,,\nhandseg_half,32x32,2,");
    hs_test_shell("head -c 4 two/figure8.png && ls two/reach/pictures", 0, "PNG");
    hs_test_shell("ls two/handseg_half/pictures", 0, "tiny-21.depth.png\ntiny-21.png\ntiny-22");
    hs_test_shell("rm two/handseg_half/metrics.json && " COMPARE
                  "--out two --nets handseg_half,reach",
                  0, "handseg_half: 2 steps");
    hs_test_shell("grep -c steps two/handseg_half/metrics.json", 0, "1");
    hs_test_shell(COMPARE "--out two --nets reach,handseg_half", 0,
                  "handseg_half: trained already");
    hs_test_shell(COMPARE "--out two --nets handseg_half --steps 3", 1, "train.steps: got 3");
}
END_TEST

START_TEST(set_is_for_networks_and_not_for_the_forest)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(COMPARE "--out four --nets forest,handseg_half --plan", 0,
                  "forest: a forest, about");
    hs_test_shell(COMPARE "--out four --nets forest", 0, "forest  160x120");
}
END_TEST

/* Without training FCNs, whose parameters take gigabytes. */
START_TEST(the_table_tells_which_began_with_another_network)
{
    static const char text[] =
        "import argparse, pathlib, sys, compare_nets as c\n"
        "out = pathlib.Path('chain').resolve()\n"
        "args = argparse.Namespace(out=out, nets=sys.argv[1:], data='d', set=[], "
        "config=pathlib.Path('train.ini'),\n"
        "                          steps=2, program='p', seconds=1)\n"
        "e = c.Entry(args.nets[-1], args)\n"
        "init = e.run.value('train.init', '')\n"
        "(out / 'fcn16s').mkdir(parents=True, exist_ok=True)\n"
        "(out / 'fcn16s/config.ini').write_text(f'[train]\\ninit={init}\\n')\n"
        "row = dict.fromkeys(['input', 'paper_miou', 'train_seconds'], None)\n"
        "row.update(net=e.name, begins_with=e.begins_with(), miou=1, miou_binary_mean=1, "
        "frame_ms=1)\n"
        "row.update({f'{k}_{n}': 1 for k in ('iou', 'precision', 'recall') for n in c.CLASSES})\n"
        "print(init.removeprefix(str(out)), c.cells_of(row)[0], sep='; ')\n";
    if (!hs_test_scripts())
        return;
    hs_test_write(hs_test_path("begin.py"), text, sizeof text - 1);
    hs_test_shell(BEGIN "fcn16s", 0, "; fcn16s, from random parameters");
    hs_test_shell(BEGIN "fcn32s fcn16s", 0, "/fcn32s/best.h5; fcn16s, from fcn32s");
    hs_test_shell("mkdir -p chain/fcn32s && touch chain/fcn32s/best.h5 && " BEGIN "fcn16s", 0,
                  "/fcn32s/best.h5; fcn16s, from fcn32s");
}
END_TEST

START_TEST(what_fails_later_fails_at_once)
{
    if (!hs_test_scripts())
        return;
    hs_test_shell(COMPARE "--out none --nets reach,foo", 1, "--nets: got 'foo', expected some of");
    hs_test_shell(COMPARE "--out none --nets reach --data net.ini", 1, "net.ini: got no data set");
    hs_test_shell(COMPARE "--out none --nets reach --steps -1", 1, "--steps: got -1");
    hs_test_shell(COMPARE "--out none --nets reach --set train.steps=3", 1,
                  "--set: got train.steps, which this script sets for each run; --steps chooses");
    hs_test_shell("test -e none", 1, "");
    hs_test_shell(COMPARE "--out some --nets handseg_half --frames tiny-1.png", 1,
                  "--frames: got 'tiny-1', expected frames of the test split, such as tiny-21");
    hs_test_shell("test -e some/handseg_half", 1, "");
    hs_test_shell("touch plain && " COMPARE "--out plain --nets reach", 1, "--out: ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli/compare_nets");
    TCase *tests = tcase_create("compare_nets");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, networks_make_a_table_and_a_picture);
    tcase_add_test(tests, set_is_for_networks_and_not_for_the_forest);
    tcase_add_test(tests, the_table_tells_which_began_with_another_network);
    tcase_add_test(tests, what_fails_later_fails_at_once);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

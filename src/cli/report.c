/* handseg report: a page about trained networks, for people. */
#include "segment/report.h"
#include "base/log.h"
#include "cli/options.h"
#include "eval/picks.h"
#include <string.h>

static const hs_usage usage = {
    .command = "report",
    .arguments = "RUN... --out FILE.html [options]",
    .text =
        "Evaluates runs and writes one page that stands alone: curves of the training, IoU,\n"
        "precision, recall and boundary F-score of each class, the hand mIoU with a 95 %\n"
        "interval (bootstrap over people, or over frames where people are fewer than six or\n"
        "unknown), confusion, calibration, the worst frames, and where everything comes from. Of\n"
        "several runs it says which differences are real (exact permutation test, p < .05). "
        "Beside\n"
        "the page lies FILE.RUN.frames.csv of each run. RUN is the run folder of a training, or "
        "the\n"
        "INI file of a rule. Where the data label left or right hands only, both count as one\n"
        "class, as with --merge-hands.",
    .example = "handseg report runs/handseg runs/segnet --out report.html",
    .least = 1,
    .most = HS_REPORT_RUNS,
};

static hs_status parse_unit(const char *by, bool *by_frame)
{
    *by_frame = strcmp(by, "frame") == 0;
    if (*by_frame || strcmp(by, "subject") == 0)
        return HS_OK;
    return hs_error(HS_ERR_USAGE, NULL, "report: --by: got '%s', expected subject or frame", by);
}

int hs_command_report(int argc, char **argv)
{
    hs_report_request r = {0};
    const char *by = "subject";
    int64_t samples = 10000, seed = 1, worst = 6;
    bool quiet = false, help;
    const hs_option options[] = {
        {"--out", "FILE.html", "the page", HS_OPTION_STRING, &r.out, 0, 0},
        {"--data", "F.h5", "evaluate on this, not on what each run was trained on",
         HS_OPTION_STRING, &r.data, 0, 0},
        {"--split", "S", "train, val, test (default) or all", HS_OPTION_STRING, &r.split, 0, 0},
        {"--merge-hands", NULL, "left and right are one class, hand", HS_OPTION_FLAG,
         &r.merge_hands, 0, 0},
        {"--by", "UNIT", "what the interval resamples: subject (default) or frame",
         HS_OPTION_STRING, &by, 0, 0},
        {"--samples", "N", "resamples of the interval, exchanges of the test, 10000",
         HS_OPTION_INTEGER, &samples, 100, 1000000},
        {"--seed", "N", "of both, 1", HS_OPTION_INTEGER, &seed, 0, 4294967295.0},
        {"--worst", "N", "pictures of the N worst frames, 6", HS_OPTION_INTEGER, &worst, 0,
         HS_PICKS_MAX},
        {"--quiet", NULL, "no progress", HS_OPTION_FLAG, &quiet, 0, 0},
    };
    int count;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    if (!r.out)
        HS_TRY(hs_error(HS_ERR_USAGE, usage.example,
                        "report: --out: got nothing, expected the page's name"));
    HS_TRY(parse_unit(by, &r.by_frame));
    hs_log_quiet(quiet);
    r.runs = (const char *const *)argv + 1;
    r.n = count;
    r.samples = (uint32_t)samples;
    r.seed = (uint64_t)seed;
    r.worst = (int)worst;
    HS_TRY(hs_report(&r, stdout));
exit:
    return hs_exit_status(status);
}

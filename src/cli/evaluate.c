/* handseg evaluate: a model held against labelled frames. */
#include "base/log.h"
#include "cli/options.h"
#include "segment/evaluation.h"

static const hs_usage usage = {
    .command = "evaluate",
    .arguments = "MODEL --data DATA [options]",
    .text =
        "Labels every frame of a split and compares with the truth: IoU, precision and recall\n"
        "of each class and their means, counted over all pixels at the model's size. MODEL is\n"
        "a checkpoint, or the INI file of a heuristic (configs/nets: reach, nearest, skin).\n"
        "DATA is a data set, or a folder of rendered recordings, which have true labels, and\n"
        "the colours that skin needs.\n"
        "`iou` is TP / (TP + FP + FN); `iou_binary_mean` is the mean of that and of the same\n"
        "of everything else, the figure in the HandSeg paper's tables. Where a data set labels\n"
        "left or right hands only, both count as one class, as with --merge-hands.",
    .example = "handseg evaluate runs/handseg/best.h5 --data hands.h5 --overlays pictures",
    .least = 1,
    .most = 1,
};

int hs_command_evaluate(int argc, char **argv)
{
    hs_evaluation_request r = {0};
    const char *format = "text";
    int64_t batch = 8, worst = 0;
    bool quiet = false, help;
    const hs_option options[] = {
        {"--data", "DATA", "a data set, or recordings that have true labels", HS_OPTION_STRING,
         &r.data, 0, 0},
        {"--split", "S", "train, val, test (default) or all", HS_OPTION_STRING, &r.split, 0, 0},
        {"--merge-hands", NULL, "left and right are one class, hand", HS_OPTION_FLAG,
         &r.merge_hands, 0, 0},
        {"--format", "F", "text (default), csv, json, markdown or latex", HS_OPTION_STRING, &format,
         0, 0},
        {"--out", "DIR", "table.* in every format, confusion.csv, frames.csv", HS_OPTION_STRING,
         &r.out, 0, 0},
        {"--overlays", "DIR", "pictures of frames, truth | prediction, and sheet.png",
         HS_OPTION_STRING, &r.overlays, 0, 0},
        {"--worst", "N", "of --overlays: the N worst frames, 8", HS_OPTION_INTEGER, &worst, 1,
         HS_PICKS_MAX},
        {"--frames", "LIST", "of --overlays: these instead, and their depth: NAME,NAME,...",
         HS_OPTION_STRING, &r.frames, 0, 0},
        {"--batch", "N", "frames at once, 8", HS_OPTION_INTEGER, &batch, 1, 4096},
        {"--quiet", NULL, "no progress", HS_OPTION_FLAG, &quiet, 0, 0},
    };
    int count;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    if (!r.data)
        HS_TRY(hs_error(HS_ERR_USAGE, usage.example,
                        "evaluate: --data: got nothing, expected a "
                        "data set or a recording"));
    HS_TRY(hs_table_format_of(format, &r.format));
    hs_log_quiet(quiet);
    r.model = argv[1];
    r.batch = (int32_t)batch;
    r.worst = (int)worst;
    HS_TRY(hs_evaluate_model(&r, stdout));
exit:
    return hs_exit_status(status);
}

/* handseg segment: masks and overlays of new frames. */
#include "base/log.h"
#include "base/text.h"
#include "cli/options.h"
#include "kernels/kernels.h"
#include "segment/segment_files.h"

static const hs_usage usage = {
    .command = "segment",
    .arguments = "MODEL INPUT... --out DIR [options]",
    .text =
        "Labels depth frames: 16-bit PNG files, folders of them (or with them in images/), data\n"
        "sets, recordings or folders of those. MODEL is a checkpoint or the INI file of a "
        "heuristic; one that goes\n"
        "by colour takes recordings, and folders with images/ and color/. DIR gets\n"
        "masks/NAME.png, 8-bit labels at the frame's own size, and overlays/NAME.png to look at.\n"
        "--logits writes what a network gave before the choice of a label, at its own size:\n"
        "/logits [N][class][height][width] and /name [N].",
    .example = "handseg segment runs/handseg/best.h5 frames --out segmented",
    .least = 2,
    .most = -1,
};

static void print_result(const hs_segment_request *r, const hs_segment_result *result, bool json)
{
    double latency = 1000 * result->median_latency;
    double rate = (double)result->frames / result->seconds;
    if (!json) {
        printf("%lld frame%s: masks%s in %s%s%s\nlatency %.2f ms a frame (median, %d threads), "
               "%.1f frames/s with reading and writing\n",
               (long long)result->frames, result->frames == 1 ? "" : "s",
               r->overlays ? " and overlays" : "", r->out, r->logits ? ", logits in " : "",
               r->logits ? r->logits : "", latency, hs_threads(), rate);
        return;
    }
    hs_json out = hs_json_start(stdout);
    hs_json_open(&out, NULL, '{');
    hs_json_string(&out, "model", r->model);
    hs_json_string(&out, "out", r->out);
    hs_json_integer(&out, "frames", result->frames);
    hs_json_number(&out, "median_latency_ms", latency);
    hs_json_number(&out, "frames_per_second", rate);
    hs_json_integer(&out, "threads", hs_threads());
    hs_json_close(&out, '}');
}

int hs_command_segment(int argc, char **argv)
{
    hs_segment_request r = {0};
    hs_segment_result result;
    bool on = false, off = false, json = false, quiet = false, help;
    const hs_option options[] = {
        {"--out", "DIR", "folder for the results", HS_OPTION_STRING, &r.out, 0, 0},
        {"--logits", "F.h5", "raw outputs of the network", HS_OPTION_STRING, &r.logits, 0, 0},
        {"--depth-unit", "M", "metres of one unit of depth, over what the input says",
         HS_OPTION_REAL, &r.depth_unit, 1e-6, 1},
        {"--overlays", NULL, "pictures to look at (default)", HS_OPTION_FLAG, &on, 0, 0},
        {"--no-overlays", NULL, "masks only", HS_OPTION_FLAG, &off, 0, 0},
        {"--force", NULL, "replace results that are there", HS_OPTION_FLAG, &r.force, 0, 0},
        {"--json", NULL, "times as JSON", HS_OPTION_FLAG, &json, 0, 0},
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
                        "segment: --out: got nothing, expected a folder"));
    if (on && off)
        HS_TRY(hs_error(HS_ERR_USAGE, NULL, "segment: got both --overlays and --no-overlays"));
    hs_log_quiet(quiet);
    r.model = argv[1];
    r.inputs = (const char *const *)argv + 2;
    r.n = count - 1;
    r.overlays = !off;
    HS_TRY(hs_segment_files(&r, &result));
    print_result(&r, &result, json);
exit:
    return hs_exit_status(status);
}

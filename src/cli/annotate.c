/* handseg annotate: recordings of people in coloured gloves -> a labelled data set. */
#include "studio/annotate.h"
#include "cli/options.h"
#include <stdio.h>

static const hs_usage usage = {
    .command = "annotate",
    .arguments = "RECORDING... --calib calib.ini --out DIR [options]",
    .text =
        "Labels every depth frame from the colours of the gloves. A RECORDING is a folder with "
        "color/,\n"
        "depth/ and camera.ini, a .bag file, or a folder of these (its calibration/ is left out). "
        "DIR\n"
        "gets images/, masks/, color/, camera.ini, and quality.csv: a score for every frame with "
        "what\n"
        "speaks against it, and the frames that could not be labelled. An interrupted run goes on\n"
        "where it stopped when the same command is given again.",
    .example = "handseg annotate rendered --calib calib.ini --out labelled",
    .least = 1,
    .most = -1,
};

typedef struct arguments {
    hs_annotate_request request;
    hs_option_list overrides;
    int64_t subject;
} arguments;

static void show(const char *out, const hs_annotate_result *r)
{
    const hs_quality_counts *c = &r->counts;
    printf("%lld depth frames: %lld kept, %lld rejected by their score, %lld without labels\n",
           (long long)c->frames, (long long)c->keep, (long long)c->reject,
           (long long)c->unlabelled);
    if (c->unlabelled > 0)
        printf(
            "without labels: %lld have no colour frame, %lld show no glove, %lld cannot be read\n",
            (long long)c->unpaired, (long long)c->no_glove, (long long)c->damaged);
    if (r->unpaired_color > 0)
        printf("%lld colour frames belong to no depth frame\n", (long long)r->unpaired_color);
    if (r->spent.frames > 0)
        printf("annotation %.1f frames/s (from decoded frames), %.1f with PNG\n",
               (double)r->spent.frames / r->spent.labelling,
               (double)r->spent.frames / (r->spent.labelling + r->spent.files));
    if (r->pictures > 0)
        printf("%lld pictures of all stages\n", (long long)r->pictures);
    printf("wrote %s: see quality.csv, then handseg review %s\n", out, out);
}

int hs_command_annotate(int argc, char **argv)
{
    arguments a = {0};
    hs_annotate_request *r = &a.request;
    const hs_option options[] = {
        {"--calib", "FILE", "the gloves' colours, as handseg calibrate writes them",
         HS_OPTION_STRING, &r->calib, 0, 0},
        {"--out", "DIR", "the folder to write", HS_OPTION_STRING, &r->out, 0, 0},
        {"--config", "FILE", "parameters, such as configs/glove/sr300.ini", HS_OPTION_STRING,
         &r->config, 0, 0},
        {"--set", "S.K=V", "one parameter, over those of the file", HS_OPTION_LIST, &a.overrides, 0,
         0},
        {"--subject", "S", "the person, where the recordings do not say", HS_OPTION_INTEGER,
         &a.subject, 1, 99999},
        {"--tolerance", "SEC", "between the exposures of a pair, at most", HS_OPTION_REAL,
         &r->reading.tolerance, 1e-6, 10},
        {"--salvage", NULL, "read what can be read of damaged recordings", HS_OPTION_FLAG,
         &r->reading.salvage, 0, 0},
        {"--debug", "DIR", "a picture of all stages of each frame", HS_OPTION_STRING, &r->debug, 0,
         0},
        {"--frames", "LIST", "of --debug: user-1.00000003,7,20-30; every frame", HS_OPTION_STRING,
         &r->debug_frames, 0, 0},
    };
    int count;
    bool help;
    hs_annotate_result result;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    if (!r->calib || !r->out)
        HS_TRY(hs_error(HS_ERR_USAGE, usage.example, "annotate: %s: got nothing, expected a %s",
                        r->calib ? "--out" : "--calib", r->calib ? "folder" : "file"));
    if (r->debug_frames && !r->debug)
        HS_TRY(hs_error(HS_ERR_USAGE, NULL, "annotate: --frames: got a list, but no --debug DIR"));
    r->recordings = (const char *const *)argv + 1;
    r->n = count;
    r->overrides = a.overrides.items;
    r->override_count = a.overrides.count;
    r->subject = (int32_t)a.subject;
    HS_TRY(hs_annotate_recordings(r, &result));
    show(r->out, &result);
exit:
    return hs_exit_status(status);
}

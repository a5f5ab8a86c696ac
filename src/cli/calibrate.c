/* handseg calibrate: the colours of the gloves, from shots of the probe sphere. */
#include "studio/calibrate.h"
#include "cli/options.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const hs_usage usage = {
    .command = "calibrate",
    .arguments = "[RECORDING] --out calib.ini [options]",
    .text = "Finds the probe, a sphere wrapped in a glove's material, in each shot, and writes the "
            "range\n"
            "of its colours for each glove. RECORDING holds right/ and left/ (or right.bag and "
            "left.bag),\n"
            "a recording of each probe at places all over the view. Beside calib.ini goes "
            "calib.png: the\n"
            "shots with the circles found, the colours, the ranges.",
    .example = "handseg calibrate rendered/calibration --out calib.ini",
    .least = 0,
    .most = 1,
};

enum { PATH_SIZE = 4096 };

typedef struct arguments {
    const char *box, *radius;
    hs_option_list ranges;
    hs_calibrate_request request;
    char paths[HS_GLOVES][PATH_SIZE];
} arguments;

/* RECORDING/right and left, folders or .bag files. */
static hs_status find_recordings(arguments *a, const char *folder)
{
    static const char *const endings[] = {"", ".bag"};
    for (int g = 0; g < HS_GLOVES; g++)
        for (int e = 0; e < 2 && !a->request.recordings[g]; e++) {
            int length =
                snprintf(a->paths[g], PATH_SIZE, "%s/%s%s", folder, hs_glove_names[g], endings[e]);
            if (length < PATH_SIZE && access(a->paths[g], F_OK) == 0)
                a->request.recordings[g] = a->paths[g];
        }
    if (a->request.recordings[0] || a->request.recordings[1])
        return HS_OK;
    return hs_error(HS_ERR_USAGE, "name the recording of a probe with --right or --left",
                    "%s: got neither right/ nor left/ in it, expected a recording of a probe each",
                    folder);
}

static hs_status parse_box(arguments *a)
{
    int end = 0;
    int32_t *b = a->request.box;
    if (!a->box)
        return HS_OK;
    if (sscanf(a->box, "%5d,%5d,%5d,%5d%n", &b[0], &b[1], &b[2], &b[3], &end) != 4 || a->box[end])
        return hs_error(HS_ERR_USAGE, NULL, "calibrate: --box: got '%s', expected X,Y,W,H", a->box);
    if (a->request.recordings[0] && a->request.recordings[1])
        return hs_error(HS_ERR_USAGE, "calibrate the gloves one after the other and join the files",
                        "calibrate: --box: got two recordings, expected one");
    a->request.boxed = true;
    return HS_OK;
}

static hs_status parse_radius(arguments *a)
{
    int end = 0;
    double *r = a->request.search.radius;
    if (!a->radius)
        return HS_OK;
    if (sscanf(a->radius, "%lf-%lf%n", &r[0], &r[1], &end) != 2 || a->radius[end] || r[0] < 4 ||
        r[1] <= r[0] || r[1] > 4000)
        return hs_error(HS_ERR_USAGE, NULL,
                        "calibrate: --radius: got '%s', expected LEAST-MOST pixels such as 20-80",
                        a->radius);
    return HS_OK;
}

static hs_status parse_ranges(arguments *a)
{
    hs_status status = HS_OK;
    for (int i = 0; i < a->ranges.count; i++)
        HS_TRY(hs_gloves_parse(a->ranges.items[i], &a->request.given));
    for (int g = 0; g < HS_GLOVES; g++)
        if (a->request.given.worn[g] && a->request.recordings[g])
            HS_TRY(hs_error(HS_ERR_USAGE, NULL,
                            "calibrate: got a range and a recording for the %s glove, expected one",
                            hs_glove_names[g]));
    if (!a->request.recordings[0] && !a->request.recordings[1] && a->ranges.count == 0)
        HS_TRY(hs_error(
            HS_ERR_USAGE, usage.example,
            "calibrate: got no recording, expected RECORDING, --right, --left or --range"));
exit:
    return status;
}

static void show(const hs_calibrate_request *request, const hs_calibrate_result *result)
{
    for (int g = 0; g < HS_GLOVES; g++) {
        char range[64];
        if (!result->gloves.worn[g])
            continue;
        hs_glove_range_format(&result->gloves.range[g], range, sizeof range);
        printf("%-5s  hue, saturation, value %s", hs_glove_names[g], range);
        if (result->frames[g])
            printf("  from %lld pixels of %lld of %d shots", (long long)result->evidence.pixels[g],
                   (long long)result->evidence.shots[g], result->frames[g]);
        printf("\n");
    }
    printf("wrote %s and %s\n", request->out, result->picture);
}

int hs_command_calibrate(int argc, char **argv)
{
    arguments a = {.request = {.rule = hs_probe_standard}};
    hs_calibrate_request *r = &a.request;
    const hs_option options[] = {
        {"--out", "FILE", "the calibration to write", HS_OPTION_STRING, &r->out, 0, 0},
        {"--right", "REC", "recording of the right glove's probe, folder or .bag", HS_OPTION_STRING,
         &r->recordings[0], 0, 0},
        {"--left", "REC", "the same of the left glove", HS_OPTION_STRING, &r->recordings[1], 0, 0},
        {"--box", "X,Y,W,H", "no probe: all pixels of this box, in pixels of the colour image",
         HS_OPTION_STRING, &a.box, 0, 0},
        {"--range", "G=H-H,S-S,V-V", "a glove's range by hand: right=28-70,35-200,100-255",
         HS_OPTION_LIST, &a.ranges, 0, 0},
        {"--shots", "N", "shots that must show the probe, 5", HS_OPTION_INTEGER, &r->rule.shots, 1,
         64},
        {"--radius", "A-B", "of the probe, pixels; 1/30 to 1/3 of the height", HS_OPTION_STRING,
         &a.radius, 0, 0},
        {"--force", NULL, "replace an existing file", HS_OPTION_FLAG, &r->force, 0, 0},
    };
    int count;
    bool help;
    hs_calibrate_result result;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    if (!r->out)
        HS_TRY(hs_error(HS_ERR_USAGE, usage.example,
                        "calibrate: --out: got nothing, expected a "
                        "file"));
    if (count > 0)
        HS_TRY(find_recordings(&a, argv[1]));
    HS_TRY(parse_box(&a));
    HS_TRY(parse_radius(&a));
    HS_TRY(parse_ranges(&a));
    HS_TRY(hs_calibrate(r, &result));
    show(r, &result);
exit:
    return hs_exit_status(status);
}

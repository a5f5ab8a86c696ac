/* handseg synth: renders a data set in the released HandSeg layout, or recordings of both cameras.
 */
#include "base/memory.h"
#include "cli/options.h"
#include "cli/synth_run.h"
#include "io/png.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES_MAX = 10000000, FRAMES_A_SUBJECT = 100, SUBJECTS_LEAST = 4 };
static const double RECORDING_INTERVAL = 0.25; /* seconds */

static const hs_usage usage = {
    .command = "synth",
    .arguments = "--frames N --out DIR [options]",
    .text =
        "Renders depth frames of people and their hands with true masks, as a depth camera would\n"
        "report them. DIR gets images/user-<subject>.<frame>.png (16-bit depth, 0 = missing),\n"
        "masks/ of the same names (0 background, 1 right, 2 left) and camera.ini. A frame depends\n"
        "on profile, seed, size, subject and frame number only. An interrupted run goes on where\n"
        "it stopped when the same command is given again.\n"
        "With --recording: what a rig of a depth and a colour camera records of people in "
        "coloured\n"
        "gloves. DIR gets user-1/ ... user-K/, a recording each (color/, depth/, truth/, "
        "camera.ini;\n"
        "episodes.csv says what is wrong with which frame), together N frames, and "
        "calibration/right\n"
        "and /left, shots of a sphere in each glove's material. Frames are --interval apart, as "
        "if\n"
        "only some of a film's were kept, so that few frames show much.",
    .example = "handseg synth --profile handseg --frames 400 --subjects 8 --seed 1 --out rendered",
    .least = 0,
    .most = 0,
};

/* ---- frames of depth and mask ---- */

static hs_status frame_path(const hs_synth_job *j, const char *kind, int64_t i,
                            char path[HS_SYNTH_PATH])
{
    return hs_synth_path(path, "%s/%s/user-%d.%08d.png", j->out, kind, (int)(i % j->subjects) + 1,
                         (int)(i / j->subjects));
}

/* What camera.ini says: the camera, and the run it belongs to, by which a run is recognised. */
static hs_status describe(const hs_synth_job *j, const hs_synth *synth, char **text)
{
    size_t size;
    FILE *file = open_memstream(text, &size);
    if (!file)
        return hs_error_system(errno, NULL, "camera.ini");
    const hs_camera *c = &synth->camera;
    fprintf(file,
            "# Intrinsics in pixels; a ray is the inverse Brown-Conrady polynomial of its pixel.\n"
            "[camera]\nwidth = %d\nheight = %d\nfx = %.6f\nfy = %.6f\ncx = %.6f\ncy = %.6f\n"
            "model = inverse_brown_conrady\n",
            c->width, c->height, c->fx, c->fy, c->cx, c->cy);
    static const char *const names[5] = {"k1", "k2", "p1", "p2", "k3"};
    for (int i = 0; i < 5; i++)
        fprintf(file, "%s = %.8f\n", names[i], c->distortion[i]);
    fprintf(file, "# Metres of one count of depth.\ndepth_unit = %.12g\n",
            j->profile->camera.depth_unit);
    fprintf(file, "sensor = rendered %s\nannotation = %s\n", j->profile->camera.sensor,
            j->profile->labels.flooded ? "flood fill of rendered depth" : "rendered");
    fprintf(file, "\n[synth]\nprofile = %s\nseed = %lld\nframes = %lld\nsubjects = %lld\n",
            j->profile->name, (long long)j->seed, (long long)j->frames, (long long)j->subjects);
    if (fclose(file) != 0)
        return hs_error_system(errno, NULL, "camera.ini");
    return HS_OK;
}

static hs_status prepare_folder(const hs_synth_job *j, const hs_synth *synth)
{
    char *text = NULL;
    hs_status status;
    HS_TRY(describe(j, synth, &text));
    HS_TRY(hs_synth_claim_folder(j, "camera.ini", text));
    HS_TRY(hs_synth_make_folder(j->out, "images"));
    HS_TRY(hs_synth_make_folder(j->out, "masks"));
exit:
    free(text);
    return status;
}

/* What the loop's threads read, and a thread's own memory. */
typedef struct frames {
    const hs_synth_job *job;
    hs_synth synth;
} frames;

typedef struct worker {
    hs_synth_buffers buffers;
    uint16_t *depth;
    uint8_t *mask;
} worker;

static hs_status worker_init(const void *context, void *memory)
{
    const frames *f = context;
    worker *w = memory;
    size_t pixels = (size_t)f->job->width * (size_t)f->job->height;
    hs_status status;
    HS_TRY(hs_synth_buffers_init(&w->buffers, &f->synth));
    HS_TRY(hs_allocate(pixels * sizeof *w->depth, "depth image", (void **)&w->depth));
    HS_TRY(hs_allocate(pixels, "mask", (void **)&w->mask));
exit:
    return status;
}

static void worker_free(void *memory)
{
    worker *w = memory;
    hs_synth_buffers_free(&w->buffers);
    free(w->depth);
    free(w->mask);
}

/* The mask is written last: where it is, the frame is complete. */
static hs_status render_frame(const void *context, int64_t i, void *memory)
{
    const frames *f = context;
    const hs_synth_job *j = f->job;
    worker *w = memory;
    char image[HS_SYNTH_PATH], mask[HS_SYNTH_PATH];
    hs_status status;
    HS_TRY(frame_path(j, "images", i, image));
    HS_TRY(frame_path(j, "masks", i, mask));
    if (access(mask, F_OK) == 0 && access(image, F_OK) == 0)
        return HS_OK;
    hs_synth_frame(&f->synth, (uint32_t)(i % j->subjects) + 1, (uint32_t)(i / j->subjects),
                   &w->buffers, w->depth, w->mask);
    HS_TRY(hs_png_write_u16(image, w->depth, j->width, j->height));
    HS_TRY(hs_png_write_u8(mask, w->mask, j->width, j->height));
exit:
    return status;
}

static hs_status render_frames(const hs_synth_job *j)
{
    static const hs_synth_steps steps = {"rendering", "frames",     sizeof(worker),
                                         worker_init, render_frame, worker_free};
    frames f = {.job = j};
    hs_status status;
    HS_TRY(hs_synth_init(&f.synth, j->profile, (uint64_t)j->seed, j->width, j->height));
    HS_TRY(prepare_folder(j, &f.synth));
    HS_TRY(hs_synth_loop(&steps, &f, j->frames, j->out));
exit:
    hs_synth_free(&f.synth);
    return status;
}

/* ---- the command ---- */

static hs_status parse_size(const char *text, int *width, int *height)
{
    int end = 0;
    if (sscanf(text, "%5dx%5d%n", width, height, &end) == 2 && !text[end])
        return HS_OK;
    return hs_error(HS_ERR_USAGE, NULL,
                    "synth: --size: got '%s', expected WIDTHxHEIGHT, as 640x480", text);
}

static hs_status parse_gloves(const char *text, bool recording, bool *bare_hands)
{
    *bare_hands = strcmp(text, "none") == 0;
    if (!*bare_hands && strcmp(text, "coloured") != 0)
        return hs_error(HS_ERR_USAGE, NULL, "synth: --gloves: got '%s', expected coloured or none",
                        text);
    if (!recording)
        return hs_error(HS_ERR_USAGE, "add --recording",
                        "synth: --gloves: got frames of depth, which show no colours");
    return HS_OK;
}

int hs_command_synth(int argc, char **argv)
{
    hs_synth_job j = {.seed = 1};
    const char *name = "handseg", *size = NULL, *gloves = NULL;
    bool recording = false;
    const hs_option options[] = {
        {"--profile", "P", "camera and staging: handseg (default), freiburg, nyu, handnet",
         HS_OPTION_STRING, &name, 0, 0},
        {"--frames", "N", "number of frames", HS_OPTION_INTEGER, &j.frames, 1, FRAMES_MAX},
        {"--subjects", "K", "people they show (default: a hundredth of the frames, 4 or more)",
         HS_OPTION_INTEGER, &j.subjects, 1, FRAMES_MAX},
        {"--seed", "S", "draws another data set (default 1)", HS_OPTION_INTEGER, &j.seed, 0,
         (double)(1LL << 53)},
        {"--out", "DIR", "folder to write, new or empty", HS_OPTION_STRING, &j.out, 0, 0},
        {"--size", "WxH", "pixels (default: the profile's camera)", HS_OPTION_STRING, &size, 0, 0},
        {"--recording", NULL, "recordings of depth and colour, and calibration shots",
         HS_OPTION_FLAG, &recording, 0, 0},
        {"--gloves", "G", "of a recording's people: coloured (default) or none", HS_OPTION_STRING,
         &gloves, 0, 0},
        {"--interval", "T", "seconds between frames of a recording (default 0.25; 48 Hz: 0.0209)",
         HS_OPTION_REAL, &j.interval, 1 / 48.0, 3600},
    };
    int count;
    bool help;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    HS_TRY(hs_profile_find(name, &j.profile));
    if (!j.frames || !j.out)
        HS_TRY(hs_error(HS_ERR_USAGE, usage.example, "synth: %s: got nothing, expected a value",
                        j.frames ? "--out" : "--frames"));
    int64_t people = j.frames / FRAMES_A_SUBJECT;
    people = people < SUBJECTS_LEAST ? SUBJECTS_LEAST : people;
    j.subjects = j.subjects ? j.subjects : people;
    j.width = j.profile->camera.width, j.height = j.profile->camera.height;
    if (j.interval > 0 && !recording)
        HS_TRY(hs_error(HS_ERR_USAGE, "add --recording",
                        "synth: --interval: got frames of depth, which stand alone"));
    j.interval = j.interval > 0 ? j.interval : RECORDING_INTERVAL;
    if (recording && j.profile->recording.focal == 0)
        HS_TRY(hs_error(HS_ERR_USAGE, "choose --profile handseg",
                        "synth: --recording: got profile '%s', which has no colour camera", name));
    if (gloves)
        HS_TRY(parse_gloves(gloves, recording, &j.bare_hands));
    if (size)
        HS_TRY(parse_size(size, &j.width, &j.height));
    HS_TRY(recording ? hs_synth_recordings(&j) : render_frames(&j));
exit:
    return hs_exit_status(status);
}

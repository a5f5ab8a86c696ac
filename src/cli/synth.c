/* handseg synth: renders a data set in the released HandSeg layout. */
#include "base/log.h"
#include "base/memory.h"
#include "cli/options.h"
#include "io/file.h"
#include "io/png.h"
#include "synth/render.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAMES_MAX = 10000000, FRAMES_A_SUBJECT = 100, SUBJECTS_LEAST = 4, PATH_SIZE = 4096 };

/* The command line, and the names derived from it. */
typedef struct job {
    const char *out;
    int64_t frames, subjects, seed;
    int width, height;
    hs_synth synth;
} job;

/* What every thread of the rendering loop shares. */
typedef struct loop {
    hs_progress progress;
    int64_t done;
    hs_status status; /* of the first failure; the message is the failing thread's, kept here */
    char message[1024], hint[512];
} loop;

static const hs_usage usage = {
    .command = "synth",
    .arguments = "--frames N --out DIR [options]",
    .text =
        "Renders depth frames of people and their hands with true masks, as a depth camera would\n"
        "report them. DIR gets images/user-<subject>.<frame>.png (16-bit depth, 0 = missing),\n"
        "masks/ of the same names (0 background, 1 right, 2 left) and camera.ini. A frame depends\n"
        "on profile, seed, size, subject and frame number only. An interrupted run goes on where\n"
        "it stopped when the same command is given again.",
    .example = "handseg synth --profile handseg --frames 400 --subjects 8 --seed 1 --out rendered",
    .least = 0,
    .most = 0,
};

/* ---- the folder ---- */

static hs_status make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return HS_OK;
    return hs_error_system(errno, "choose a place that exists and may be written to: --out DIR",
                           "%s: cannot make this folder", path);
}

static hs_status frame_path(const job *j, const char *kind, int64_t i, char path[PATH_SIZE])
{
    int length = snprintf(path, PATH_SIZE, "%s/%s/user-%d.%08d.png", j->out, kind,
                          (int)(i % j->subjects) + 1, (int)(i / j->subjects));
    if (length >= PATH_SIZE)
        return hs_error(HS_ERR_USAGE, NULL,
                        "synth: --out: got a name of %zu characters, expected "
                        "fewer than %d",
                        strlen(j->out), PATH_SIZE - 64);
    return HS_OK;
}

/* What camera.ini says: the camera, and the run it belongs to, by which a run is recognised. */
static hs_status describe(const job *j, char **text)
{
    size_t size;
    FILE *file = open_memstream(text, &size);
    if (!file)
        return hs_error_system(errno, NULL, "camera.ini");
    const hs_camera *c = &j->synth.camera;
    fprintf(file,
            "# Intrinsics in pixels; a ray is the inverse Brown-Conrady polynomial of its pixel.\n"
            "[camera]\nwidth = %d\nheight = %d\nfx = %.6f\nfy = %.6f\ncx = %.6f\ncy = %.6f\n"
            "model = inverse_brown_conrady\n",
            c->width, c->height, c->fx, c->fy, c->cx, c->cy);
    static const char *const names[5] = {"k1", "k2", "p1", "p2", "k3"};
    for (int i = 0; i < 5; i++)
        fprintf(file, "%s = %.8f\n", names[i], c->distortion[i]);
    fprintf(file, "# Metres of one count of depth.\ndepth_unit = %.12g\n",
            j->synth.profile->camera.depth_unit);
    fprintf(file, "\n[synth]\nprofile = %s\nseed = %lld\nframes = %lld\nsubjects = %lld\n",
            j->synth.profile->name, (long long)j->seed, (long long)j->frames,
            (long long)j->subjects);
    if (fclose(file) != 0)
        return hs_error_system(errno, NULL, "camera.ini");
    return HS_OK;
}

/* 0 where the folder is absent or empty, 1 where it holds something, -1 where it cannot be read. */
static int folder_holds(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? 0 : -1;
    int holds = 0;
    for (struct dirent *entry = readdir(folder); entry && !holds; entry = readdir(folder))
        holds = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return holds;
}

static bool file_equals(const char *path, const char *text)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool same = true;
    for (const char *p = text; same; p++) {
        int c = getc(file);
        same = c == (*p ? (unsigned char)*p : EOF);
        if (!*p)
            break;
    }
    fclose(file);
    return same;
}

static hs_status write_text(const char *path, const char *text)
{
    char *temporary = NULL;
    hs_status status = hs_file_temporary(path, &temporary);
    if (status != HS_OK)
        return status;
    FILE *file = fopen(temporary, "w");
    bool written = file && fputs(text, file) >= 0 && fflush(file) == 0;
    int err = errno;
    if (file && fclose(file) != 0 && written)
        written = false, err = errno;
    if (written) {
        status = hs_file_commit(temporary, path);
    } else {
        unlink(temporary);
        status = hs_file_write_error(path, err);
    }
    free(temporary);
    return status;
}

/* Makes the folder, or accepts the one of an interrupted run of the same command. */
static hs_status prepare_folder(const job *j)
{
    char path[PATH_SIZE];
    char *text = NULL;
    hs_status status;
    HS_TRY(frame_path(j, "images", 0, path)); /* refuses names that are too long */
    HS_TRY(describe(j, &text));
    snprintf(path, sizeof path, "%s/camera.ini", j->out);
    int holds = folder_holds(j->out);
    if (holds < 0)
        HS_TRY(hs_error_system(errno, NULL, "%s: cannot read this folder", j->out));
    if (holds && !file_equals(path, text))
        HS_TRY(
            hs_error(HS_ERR_USAGE, "choose another --out, or empty this folder first",
                     "synth: --out: got '%s', which holds something else, expected a new or empty "
                     "folder or an interrupted run of this command",
                     j->out));
    HS_TRY(make_folder(j->out));
    if (!holds)
        HS_TRY(write_text(path, text));
    snprintf(path, sizeof path, "%s/images", j->out);
    HS_TRY(make_folder(path));
    snprintf(path, sizeof path, "%s/masks", j->out);
    HS_TRY(make_folder(path));
exit:
    free(text);
    return status;
}

/* ---- the loop ---- */

/* A thread's own memory. */
typedef struct worker {
    hs_synth_buffers buffers;
    uint16_t *depth;
    uint8_t *mask;
} worker;

static hs_status worker_init(const job *j, worker *w)
{
    size_t pixels = (size_t)j->width * (size_t)j->height;
    memset(w, 0, sizeof *w);
    hs_status status;
    HS_TRY(hs_synth_buffers_init(&w->buffers, &j->synth));
    HS_TRY(hs_allocate(pixels * sizeof *w->depth, "depth image", (void **)&w->depth));
    HS_TRY(hs_allocate(pixels, "mask", (void **)&w->mask));
exit:
    return status;
}

static void worker_free(worker *w)
{
    hs_synth_buffers_free(&w->buffers);
    free(w->depth);
    free(w->mask);
}

/* The mask is written last: where it is, the frame is complete. */
static hs_status render_frame(const job *j, int64_t i, worker *w)
{
    char image[PATH_SIZE], mask[PATH_SIZE];
    hs_status status;
    HS_TRY(frame_path(j, "images", i, image));
    HS_TRY(frame_path(j, "masks", i, mask));
    if (access(mask, F_OK) == 0 && access(image, F_OK) == 0)
        return HS_OK;
    hs_synth_frame(&j->synth, (uint32_t)(i % j->subjects) + 1, (uint32_t)(i / j->subjects),
                   &w->buffers, w->depth, w->mask);
    HS_TRY(hs_png_write_u16(image, w->depth, j->width, j->height));
    HS_TRY(hs_png_write_u8(mask, w->mask, j->width, j->height));
exit:
    return status;
}

/* Errors are recorded by thread: the first one is carried to the thread that reports it. */
static void keep_error(loop *shared, hs_status status)
{
    if (shared->status != HS_OK)
        return;
    shared->status = status;
    snprintf(shared->message, sizeof shared->message, "%s", hs_error_message());
    snprintf(shared->hint, sizeof shared->hint, "%s", hs_error_hint());
}

static void work(const job *j, loop *shared)
{
    worker w;
    hs_status status = worker_init(j, &w);
    if (status != HS_OK) {
#pragma omp critical(synth_loop)
        keep_error(shared, status);
    }
#pragma omp for schedule(dynamic)
    for (int64_t i = 0; i < j->frames; i++) {
        hs_status failed;
#pragma omp atomic read
        failed = shared->status;
        if (failed != HS_OK)
            continue;
        status = render_frame(j, i, &w);
#pragma omp critical(synth_loop)
        {
            if (status != HS_OK)
                keep_error(shared, status);
            else
                hs_progress_update(&shared->progress, ++shared->done, NULL);
        }
    }
    worker_free(&w);
}

static hs_status render_all(const job *j)
{
    loop shared = {.status = HS_OK};
    shared.progress = hs_progress_start("rendering", "frames", 0, j->frames);
#pragma omp parallel
    work(j, &shared);
    if (shared.status != HS_OK)
        return hs_error(shared.status, shared.hint, "%s", shared.message);
    hs_progress_finish(&shared.progress, j->out);
    return HS_OK;
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

int hs_command_synth(int argc, char **argv)
{
    job j = {.subjects = 0, .seed = 1};
    const char *name = "handseg", *size = NULL;
    const hs_profile *profile = NULL;
    const hs_option options[] = {
        {"--profile", "P", "camera and staging: handseg (default)", HS_OPTION_STRING, &name, 0, 0},
        {"--frames", "N", "number of frames", HS_OPTION_INTEGER, &j.frames, 1, FRAMES_MAX},
        {"--subjects", "K", "people they show (default: a hundredth of the frames, 4 or more)",
         HS_OPTION_INTEGER, &j.subjects, 1, FRAMES_MAX},
        {"--seed", "S", "draws another data set (default 1)", HS_OPTION_INTEGER, &j.seed, 0,
         (double)(1LL << 53)},
        {"--out", "DIR", "folder to write, new or empty", HS_OPTION_STRING, &j.out, 0, 0},
        {"--size", "WxH", "pixels (default: the profile's camera)", HS_OPTION_STRING, &size, 0, 0},
    };
    int count;
    bool help;
    hs_status status;
    HS_TRY(hs_options_parse(&usage, options, sizeof options / sizeof *options, argc, argv, &count,
                            &help));
    if (help)
        return 0;
    HS_TRY(hs_profile_find(name, &profile));
    if (!j.frames || !j.out)
        HS_TRY(hs_error(HS_ERR_USAGE, usage.example, "synth: %s: got nothing, expected a value",
                        j.frames ? "--out" : "--frames"));
    int64_t people = j.frames / FRAMES_A_SUBJECT;
    people = people < SUBJECTS_LEAST ? SUBJECTS_LEAST : people;
    j.subjects = j.subjects ? j.subjects : people;
    j.width = profile->camera.width, j.height = profile->camera.height;
    if (size)
        HS_TRY(parse_size(size, &j.width, &j.height));
    HS_TRY(hs_synth_init(&j.synth, profile, (uint64_t)j.seed, j.width, j.height));
    HS_TRY(prepare_folder(&j));
    HS_TRY(render_all(&j));
exit:
    hs_synth_free(&j.synth);
    return hs_exit_status(status);
}

/* handseg synth --recording: recordings of both cameras, and calibration shots. */
#include "base/memory.h"
#include "cli/synth_run.h"
#include "io/png.h"
#include "recording/rig_file.h"
#include "synth/probe.h"
#include "synth/take.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the loops' threads share. */
typedef struct studio {
    const hs_synth_job *job;
    hs_recorder recorder;
    hs_take *takes; /* [subjects] */
} studio;

/* Frames of a recording of the job: all of them divided among its people. */
static int64_t frames_of(const hs_synth_job *job, int64_t take)
{
    return job->frames / job->subjects + (take < job->frames % job->subjects);
}

/* ---- texts ---- */

/* A text being written to folder/name. */
static hs_status open_text(hs_new_file *file, const char *folder, const char *name)
{
    char path[HS_SYNTH_PATH];
    hs_status status = hs_synth_path(path, "%s/%s", folder, name);
    return status == HS_OK ? hs_new_file_open(file, path) : status;
}

/* Seconds since the start; negative where the stream lacks the frame. */
typedef double (*frame_time)(const void *recording, int64_t frame, int view);

static double take_time(const void *recording, int64_t frame, int view)
{
    const hs_take_frame *f = &((const hs_take *)recording)->frames[frame];
    return hs_take_has(f, view) ? f->time[view] : -1;
}

static double probe_time(const void *recording, int64_t frame, int view)
{
    (void)recording;
    return hs_probe_time((int)frame, view);
}

static hs_status write_camera(const studio *s, const char *folder, uint32_t subject,
                              const void *recording, int64_t frames, frame_time time)
{
    hs_rig_file rig = {.subject = (int32_t)subject,
                       .tolerance = s->job->profile->recording.tolerance,
                       .rig = s->recorder.rig};
    hs_new_file file = {0};
    hs_status status;
    for (int view = 0; view < HS_VIEWS; view++) {
        int64_t capacity = 0;
        for (int64_t i = 0; i < frames; i++) {
            hs_stamp stamp = {time(recording, i, view), (int32_t)i};
            if (stamp.time >= 0)
                HS_TRY(hs_stamps_add(view == HS_DEPTH_VIEW ? &rig.depth : &rig.color, &capacity,
                                     stamp));
        }
    }
    HS_TRY(open_text(&file, folder, "camera.ini"));
    hs_rig_file_write(&rig, file.file);
    status = hs_new_file_commit(&file);
exit:
    hs_new_file_drop(&file);
    hs_rig_file_free(&rig);
    return status;
}

static hs_status write_episodes(const hs_take *take, const char *folder)
{
    hs_new_file file = {0};
    hs_status status;
    HS_TRY(open_text(&file, folder, "episodes.csv"));
    fputs("frame,episode,strength\n", file.file);
    for (int64_t i = 0; i < take->count; i++)
        fprintf(file.file, "%08lld,%s,%.3f\n", (long long)i,
                hs_episode_name(take->frames[i].episode), take->frames[i].strength);
    status = hs_new_file_commit(&file);
exit:
    hs_new_file_drop(&file);
    return status;
}

/* ---- folders ---- */

static hs_status make_folders(const char *folder, int kinds)
{
    static const char *const names[] = {"depth", "color", "truth"};
    hs_status status = HS_OK;
    for (int i = 0; i < kinds && status == HS_OK; i++)
        status = hs_synth_make_folder(folder, names[i]);
    return status;
}

static hs_status prepare_take(const studio *s, const hs_take *take)
{
    char folder[HS_SYNTH_PATH];
    hs_status status;
    HS_TRY(hs_synth_path(folder, "%s/user-%u", s->job->out, take->subject));
    HS_TRY(make_folders(folder, 3));
    HS_TRY(write_camera(s, folder, take->subject, take, take->count, take_time));
    status = write_episodes(take, folder);
exit:
    return status;
}

static const char *const sides[HS_SIDES] = {[HS_RIGHT] = "right", [HS_LEFT] = "left"};

static hs_status prepare_probe(const studio *s, int side)
{
    char folder[HS_SYNTH_PATH];
    hs_status status;
    HS_TRY(hs_synth_path(folder, "%s/calibration/%s", s->job->out, sides[side]));
    HS_TRY(make_folders(folder, 2));
    status = write_camera(s, folder, 0, NULL, HS_PROBE_SHOTS, probe_time);
exit:
    return status;
}

/* By this text the folder of an interrupted run is recognised. */
static hs_status claim_folder(const hs_synth_job *j)
{
    char text[512];
    snprintf(text, sizeof text,
             "[synth]\nprofile = %s\nseed = %lld\nframes = %lld\nsubjects = %lld\n"
             "interval = %.9g\nwidth = %d\nheight = %d\n%s",
             j->profile->name, (long long)j->seed, (long long)j->frames, (long long)j->subjects,
             j->interval, j->width, j->height, j->bare_hands ? "gloves = none\n" : "");
    return hs_synth_claim_folder(j, "synth.ini", text);
}

/* ---- rendering ---- */

/* A thread's own memory. */
typedef struct worker {
    hs_recorder_buffers buffers;
    uint16_t *depth;
    uint8_t *truth, *picture;
} worker;

static hs_status worker_init(const void *context, void *memory)
{
    const studio *s = context;
    worker *w = memory;
    size_t pixels = (size_t)s->job->width * (size_t)s->job->height;
    hs_status status;
    HS_TRY(hs_recorder_buffers_init(&w->buffers, &s->recorder));
    HS_TRY(hs_allocate(pixels * sizeof *w->depth, "depth image", (void **)&w->depth));
    HS_TRY(hs_allocate(pixels, "mask", (void **)&w->truth));
    HS_TRY(hs_allocate(3 * pixels, "colour image", (void **)&w->picture));
exit:
    return status;
}

static void worker_free(void *memory)
{
    worker *w = memory;
    hs_recorder_buffers_free(&w->buffers);
    free(w->depth);
    free(w->truth);
    free(w->picture);
}

/* Path of a frame; *there: it exists already. */
static hs_status file_path(char path[HS_SYNTH_PATH], const char *folder, const char *kind,
                           int64_t frame, bool *there)
{
    hs_status status = hs_synth_path(path, "%s/%s/%08lld.png", folder, kind, (long long)frame);
    *there = status == HS_OK && access(path, F_OK) == 0;
    return status;
}

/* The mask is written last: where it is, the depth frame is complete. */
static hs_status render_depth(const studio *s, const hs_take *take, int64_t frame,
                              const char *folder, worker *w)
{
    const hs_synth_job *j = s->job;
    char depth[HS_SYNTH_PATH], truth[HS_SYNTH_PATH];
    bool have_depth, have_truth;
    hs_status status;
    HS_TRY(file_path(depth, folder, "depth", frame, &have_depth));
    HS_TRY(file_path(truth, folder, "truth", frame, &have_truth));
    if (have_depth && have_truth)
        return HS_OK;
    hs_take_depth(&s->recorder, take, frame, &w->buffers, w->depth, w->truth);
    HS_TRY(hs_png_write_u16(depth, w->depth, j->width, j->height));
    HS_TRY(hs_png_write_u8(truth, w->truth, j->width, j->height));
exit:
    return status;
}

static hs_status render_color(const studio *s, const hs_take *take, int64_t frame,
                              const char *folder, worker *w)
{
    char color[HS_SYNTH_PATH];
    bool have;
    hs_status status;
    HS_TRY(file_path(color, folder, "color", frame, &have));
    if (have)
        return HS_OK;
    hs_take_color(&s->recorder, take, frame, &w->buffers, w->picture);
    HS_TRY(hs_png_write_rgb(color, w->picture, s->job->width, s->job->height));
exit:
    return status;
}

static hs_status render_frame(const void *context, int64_t i, void *memory)
{
    const studio *s = context;
    const hs_take *take = &s->takes[i % s->job->subjects];
    int64_t frame = i / s->job->subjects;
    char folder[HS_SYNTH_PATH];
    hs_status status;
    HS_TRY(hs_synth_path(folder, "%s/user-%u", s->job->out, take->subject));
    if (hs_take_has(&take->frames[frame], HS_DEPTH_VIEW))
        HS_TRY(render_depth(s, take, frame, folder, memory));
    if (hs_take_has(&take->frames[frame], HS_COLOR_VIEW))
        HS_TRY(render_color(s, take, frame, folder, memory));
exit:
    return status;
}

static hs_status render_probe(const void *context, int64_t i, void *memory)
{
    const studio *s = context;
    const hs_synth_job *j = s->job;
    worker *w = memory;
    int side = (int)(i / HS_PROBE_SHOTS), shot = (int)(i % HS_PROBE_SHOTS);
    char folder[HS_SYNTH_PATH], depth[HS_SYNTH_PATH], color[HS_SYNTH_PATH];
    bool have_depth, have_color;
    hs_status status;
    HS_TRY(hs_synth_path(folder, "%s/calibration/%s", j->out, sides[side]));
    HS_TRY(file_path(depth, folder, "depth", shot, &have_depth));
    HS_TRY(file_path(color, folder, "color", shot, &have_color));
    if (have_depth && have_color)
        return HS_OK;
    hs_probe_shot(&s->recorder, side == HS_LEFT, shot, &w->buffers, w->depth, w->picture);
    HS_TRY(hs_png_write_u16(depth, w->depth, j->width, j->height));
    HS_TRY(hs_png_write_rgb(color, w->picture, j->width, j->height));
exit:
    return status;
}

/* ---- the whole ---- */

static hs_status no_memory_init(const void *context, void *memory)
{
    (void)context, (void)memory;
    return HS_OK;
}

static void no_memory_free(void *memory)
{
    (void)memory;
}

static hs_status plan_take(const void *context, int64_t i, void *memory)
{
    const studio *s = context;
    (void)memory;
    return hs_take_init(&s->takes[i], &s->recorder, (uint32_t)i + 1, frames_of(s->job, i),
                        s->job->interval);
}

static hs_status render_all(const studio *s)
{
    static const hs_synth_steps planning = {"planning",     "recordings", 0,
                                            no_memory_init, plan_take,    no_memory_free};
    static const hs_synth_steps shots = {"calibration", "shots",      sizeof(worker),
                                         worker_init,   render_probe, worker_free};
    static const hs_synth_steps frames = {"rendering", "frames",     sizeof(worker),
                                          worker_init, render_frame, worker_free};
    const hs_synth_job *j = s->job;
    hs_status status;
    HS_TRY(hs_synth_loop(&planning, s, j->subjects, NULL));
    for (int64_t i = 0; i < j->subjects; i++)
        HS_TRY(prepare_take(s, &s->takes[i]));
    if (!j->bare_hands) { /* the shots show gloves */
        for (int side = 0; side < HS_SIDES; side++)
            HS_TRY(prepare_probe(s, side));
        HS_TRY(hs_synth_loop(&shots, s, HS_SIDES * HS_PROBE_SHOTS, NULL));
    }
    HS_TRY(hs_synth_loop(&frames, s, j->frames, j->out));
exit:
    return status;
}

hs_status hs_synth_recordings(const hs_synth_job *job)
{
    studio s = {.job = job};
    hs_status status;
    HS_TRY(
        hs_recorder_init(&s.recorder, job->profile, (uint64_t)job->seed, job->width, job->height));
    s.recorder.bare_hands = job->bare_hands;
    HS_TRY(hs_allocate((size_t)job->subjects * sizeof *s.takes, "recordings", (void **)&s.takes));
    HS_TRY(claim_folder(job));
    HS_TRY(render_all(&s));
exit:
    for (int64_t i = 0; s.takes && i < job->subjects; i++)
        hs_take_free(&s.takes[i]);
    free(s.takes);
    hs_recorder_free(&s.recorder);
    return status;
}

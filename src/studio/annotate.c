#include "studio/annotate.h"

#include "base/log.h"
#include "data/quality_table.h"
#include "glove/range.h"
#include "io/file.h"
#include "io/job_folder.h"
#include "io/png.h"
#include "studio/debug_frames.h"
#include "studio/stages_picture.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct job {
    const hs_annotate_request *request;
    hs_annotate_result *result;
    hs_frames frames;
    hs_gloves gloves;
    hs_glove_evidence evidence;
    hs_glove_config config;
    hs_labeller *labeller;
    hs_frame_result *results; /* [frames.count] */
} job;

static const char *const parts[] = {"images", "masks", "color"};
enum { PARTS = sizeof parts / sizeof *parts };

/* ---- the folder ---- */

/* What annotate.ini says, by which the folder of an interrupted run is known. */
static hs_status describe(const job *j, char **text)
{
    size_t size;
    FILE *file = open_memstream(text, &size);
    if (!file)
        return hs_error_system(errno, NULL, HS_ANNOTATION_FILE);
    fputs("# How the frames of this folder were annotated.\n", file);
    hs_ini_write(&j->config.ini, file);
    putc('\n', file);
    hs_gloves_write(&j->gloves, &j->evidence, file);
    for (int i = 0; i < j->frames.n; i++) {
        const hs_recording_info *info = hs_frames_info(&j->frames, i);
        fprintf(file,
                "[recording %d]\nname = %s\nsubject = %d\nframes = %lld\npairs = %lld\n"
                "first = %d\n\n",
                i + 1, info->name, j->frames.subjects[i], (long long)info->depth.count,
                (long long)info->pair_count, j->frames.first[i]);
    }
    return fclose(file) == 0 ? HS_OK : hs_error_system(errno, NULL, HS_ANNOTATION_FILE);
}

static hs_status write_camera(const job *j)
{
    static const char *const models[] = {[HS_LENS_NONE] = "none",
                                         [HS_LENS_BROWN_CONRADY] = "brown_conrady",
                                         [HS_LENS_INVERSE_BROWN_CONRADY] = "inverse_brown_conrady"};
    static const char *const names[5] = {"k1", "k2", "p1", "p2", "k3"};
    const hs_rig *rig = &hs_frames_info(&j->frames, 0)->rig;
    const hs_lens *lens = &rig->depth;
    char path[4096];
    hs_new_file out = {0};
    hs_status status;
    snprintf(path, sizeof path, "%s/camera.ini", j->request->out);
    HS_TRY(hs_new_file_open(&out, path));
    fprintf(out.file,
            "# The depth camera; intrinsics in pixels.\n[camera]\nwidth = %d\nheight = %d\n"
            "fx = %.6f\nfy = %.6f\ncx = %.6f\ncy = %.6f\nmodel = %s\n",
            lens->width, lens->height, lens->fx, lens->fy, lens->cx, lens->cy, models[lens->model]);
    for (int i = 0; i < 5; i++)
        fprintf(out.file, "%s = %.8f\n", names[i], lens->k[i]);
    fprintf(out.file, "# Metres of one count of depth.\ndepth_unit = %.12g\n", rig->depth_unit);
    HS_TRY(hs_new_file_commit(&out));
exit:
    hs_new_file_drop(&out);
    return status;
}

static hs_status claim_folder(job *j)
{
    static const char hint[] = "annotations by another calibration, of other recordings or with "
                               "other parameters go into a folder of their own";
    char *text = NULL, path[4096];
    hs_status status;
    HS_TRY(describe(j, &text));
    HS_TRY(hs_error_context(hs_job_folder_claim(j->request->out, HS_ANNOTATION_FILE, text, hint),
                            "annotate"));
    for (int i = 0; i < PARTS; i++) {
        snprintf(path, sizeof path, "%s/%s", j->request->out, parts[i]);
        HS_TRY(hs_folder_make(path));
    }
    HS_TRY(write_camera(j));
exit:
    free(text);
    return status;
}

/* ---- the frames ---- */

/* Files that the last group of a killed run was writing. */
static void clear_temporaries(const job *j, const int64_t *tasks, int n)
{
    for (int i = 0; i < n * PARTS; i++) {
        char name[HS_FRAME_NAME], path[4096];
        hs_frame_task_name(&j->frames.tasks[tasks[i / PARTS]], name);
        snprintf(path, sizeof path, "%s/%s/%s.png", j->request->out, parts[i % PARTS], name);
        hs_file_clear_temporaries(path);
    }
}

/* The next frames that wait, from *task on. */
static int next_group(const job *j, int64_t *task, int64_t group[HS_LABELLER_GROUP])
{
    int n = 0;
    for (; *task < j->frames.count && n < HS_LABELLER_GROUP; ++*task)
        if (j->results[*task].state == HS_FRAME_WAITING)
            group[n++] = *task;
    return n;
}

static hs_status label_all(job *j)
{
    int64_t group[HS_LABELLER_GROUP], task = 0, done = 0;
    hs_journal journal = {0};
    bool complete = false, first = true;
    hs_status status;
    HS_TRY(hs_journal_open(&journal, j->request->out, &j->frames, j->results));
    for (int64_t i = 0; i < j->frames.count; i++) {
        if (j->frames.tasks[i].pair < 0)
            j->results[i].state = HS_FRAME_UNPAIRED;
        done += j->results[i].state != HS_FRAME_WAITING;
    }
    hs_progress progress = hs_progress_start("annotating", "frames", done, j->frames.count);
    for (int n; (n = next_group(j, &task, group)) > 0; first = false) {
        if (first)
            clear_temporaries(j, group, n);
        HS_TRY(hs_labeller_run(j->labeller, group, n, j->results));
        HS_TRY(hs_journal_append(&journal, &j->frames, group, n, j->results));
        hs_progress_update(&progress, done += n, NULL);
    }
    hs_progress_finish(&progress, j->request->out);
    HS_TRY(hs_quality_write(j->request->out, &j->frames, &j->config.quality, j->results,
                            &j->result->counts));
    complete = true;
exit:
    hs_journal_close(&journal, complete);
    return status;
}

/* ---- pictures ---- */

static hs_status draw_frame(const job *j, int64_t task)
{
    char name[HS_FRAME_NAME], path[4096];
    hs_labelled_frame frame;
    hs_picture picture = {0};
    hs_status status;
    hs_frame_task_name(&j->frames.tasks[task], name);
    snprintf(path, sizeof path, "%s/%s.png", j->request->debug, name);
    status = hs_labeller_look(j->labeller, task, &frame);
    if (status != HS_OK && j->request->reading.salvage) {
        hs_warn("%s", hs_error_message());
        return HS_OK;
    }
    HS_TRY(status);
    HS_TRY(hs_stages_picture(&frame, &picture));
    HS_TRY(hs_png_write_rgb(path, picture.rgb, picture.width, picture.height));
exit:
    hs_picture_free(&picture);
    return status;
}

static bool is_shown(const job *j, int64_t task)
{
    return j->frames.tasks[task].pair >= 0 && j->results[task].state != HS_FRAME_DAMAGED &&
           hs_debug_frames_has(j->request->debug_frames, &j->frames.tasks[task]);
}

static hs_status draw_all(job *j)
{
    hs_error_record error = {0};
    int64_t total = 0;
    hs_status status;
    for (int64_t i = 0; i < j->frames.count; i++)
        total += is_shown(j, i);
    if (total == 0)
        HS_TRY(hs_error(HS_ERR_USAGE, "names and numbers are in quality.csv",
                        "annotate: --frames: got '%s', which is no frame with a colour frame",
                        j->request->debug_frames ? j->request->debug_frames : ""));
    HS_TRY(hs_folder_make(j->request->debug));
    hs_progress progress = hs_progress_start("drawing", "frames", 0, total);
#pragma omp parallel for schedule(dynamic)
    for (int64_t i = 0; i < j->frames.count; i++) {
        hs_status failed = is_shown(j, i) ? draw_frame(j, i) : HS_OK;
#pragma omp critical(hs_annotate)
        {
            if (failed != HS_OK)
                hs_error_save(&error, failed);
            if (is_shown(j, i))
                hs_progress_update(&progress, ++j->result->pictures, NULL);
        }
    }
    HS_TRY(hs_error_raise(&error));
    hs_progress_finish(&progress, j->request->debug);
exit:
    return status;
}

/* ---- the job ---- */

static hs_status read_gloves(job *j)
{
    hs_ini ini = {0};
    hs_status status;
    HS_TRY(hs_ini_read(&ini, j->request->calib));
    HS_TRY(hs_gloves_read(&ini, j->request->calib, &j->gloves, &j->evidence));
exit:
    hs_ini_free(&ini);
    return status;
}

static hs_status prepare(job *j)
{
    const hs_annotate_request *r = j->request;
    hs_status status;
    if (r->debug_frames)
        HS_TRY(hs_debug_frames_check(r->debug_frames));
    HS_TRY(read_gloves(j));
    HS_TRY(hs_glove_config_read(&j->config, r->config, r->overrides, r->override_count));
    HS_TRY(hs_frames_open(&j->frames, r->recordings, r->n, r->subject, &r->reading));
    HS_TRY(
        hs_allocate((size_t)j->frames.count * sizeof *j->results, "results", (void **)&j->results));
    HS_TRY(claim_folder(j));
    HS_TRY(hs_labeller_create(&j->frames, &j->gloves, &j->config, r->out, r->reading.salvage,
                              &j->labeller));
exit:
    return status;
}

hs_status hs_annotate_recordings(const hs_annotate_request *request, hs_annotate_result *result)
{
    job j = {.request = request, .result = result};
    hs_status status;
    *result = (hs_annotate_result){0};
    HS_TRY(prepare(&j));
    HS_TRY(hs_quality_recall(request->out, &result->counts));
    if (result->counts.frames == 0)
        HS_TRY(label_all(&j));
    result->unpaired_color = j.frames.unpaired_color;
    result->spent = hs_labeller_spent(j.labeller);
    if (request->debug)
        HS_TRY(draw_all(&j));
exit:
    hs_labeller_destroy(j.labeller);
    free(j.results);
    hs_frames_close(&j.frames);
    hs_glove_config_free(&j.config);
    return status;
}

#include "studio/frames.h"

#include "base/log.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MOST = 99999999 }; /* 8 digits */

const hs_recording_info *hs_frames_info(const hs_frames *frames, int recording)
{
    return hs_recording_get_info(frames->recordings[recording]);
}

void hs_frame_task_name(const hs_frame_task *task, char name[HS_FRAME_NAME])
{
    snprintf(name, HS_FRAME_NAME, "user-%d.%08d", task->subject, task->number);
}

/* ---- the recordings ---- */

static hs_status open_one(hs_frames *f, const char *path, const hs_recording_options *options)
{
    hs_recording *recording;
    hs_status status = hs_recording_open(path, options, &recording);
    if (status != HS_OK)
        return status;
    hs_recording **grown = realloc(f->recordings, (size_t)(f->n + 1) * sizeof(hs_recording *));
    if (!grown) {
        hs_recording_close(recording);
        return hs_error(HS_ERR_MEMORY, NULL, "no memory for the list of recordings");
    }
    f->recordings = grown;
    f->recordings[f->n++] = recording;
    const hs_recording_info *info = hs_recording_get_info(recording);
    if (info->damages > 0)
        hs_warn("%s: damaged in %lld places, first: %s", info->path, (long long)info->damages,
                info->damage);
    return HS_OK;
}

static hs_status open_all(hs_frames *f, const char *path, const hs_recording_options *options)
{
    hs_recording_list list = {0};
    hs_status status;
    HS_TRY(hs_recording_list_read(path, &list));
    for (int i = 0; i < list.count; i++)
        HS_TRY(open_one(f, list.paths[i], options));
exit:
    hs_recording_list_free(&list);
    return status;
}

/* A data set has one size and one unit; its camera.ini has one lens. */
static hs_status check_rigs(const hs_frames *f)
{
    const hs_recording_info *first = hs_frames_info(f, 0);
    const hs_lens *a = &first->rig.depth;
    int others = 0;
    for (int i = 1; i < f->n; i++) {
        const hs_recording_info *info = hs_frames_info(f, i);
        const hs_lens *b = &info->rig.depth;
        if (a->width != b->width || a->height != b->height)
            return hs_error(HS_ERR_DATA, "annotate recordings of other sizes into another folder",
                            "%s: got depth of %dx%d, expected %dx%d as in %s", info->path, b->width,
                            b->height, a->width, a->height, first->path);
        if (fabs(info->rig.depth_unit / first->rig.depth_unit - 1) > 1e-4)
            return hs_error(HS_ERR_DATA, "annotate recordings of another unit into another folder",
                            "%s: got a depth unit of %g m, expected %g m as in %s", info->path,
                            info->rig.depth_unit, first->rig.depth_unit, first->path);
        others += fabs(a->fx - b->fx) + fabs(a->cx - b->cx) + fabs(a->cy - b->cy) > 1;
    }
    if (others > 0)
        hs_warn("%d of %d recordings are of another lens than %s, whose lens camera.ini describes",
                others, f->n, first->path);
    return HS_OK;
}

static hs_status choose_subjects(hs_frames *f, int32_t subject)
{
    f->subjects = hs_arena_take(&f->arena, (size_t)f->n * sizeof *f->subjects);
    f->first = hs_arena_take(&f->arena, (size_t)f->n * sizeof *f->first);
    for (int i = 0; i < f->n; i++) {
        const hs_recording_info *info = hs_frames_info(f, i);
        f->subjects[i] = subject > 0 ? subject : info->subject > 0 ? info->subject : -subject;
        if (f->subjects[i] < 1)
            return hs_error(HS_ERR_DATA, "name the person with --subject S, 1 or more",
                            "%s: does not say whose hands it shows", info->path);
    }
    return HS_OK;
}

/* ---- the frames ---- */

static int by_name(const void *a, const void *b)
{
    char x[HS_FRAME_NAME], y[HS_FRAME_NAME];
    hs_frame_task_name(a, x);
    hs_frame_task_name(b, y);
    return strcmp(x, y);
}

/* What is added to the numbers of recording i: one more than the last of the same subject. */
static hs_status number_on(hs_frames *f, int i)
{
    const hs_recording_info *info = hs_frames_info(f, i);
    int32_t most = 0;
    f->first[i] = 0;
    for (int64_t k = 0; k < f->count; k++)
        if (f->tasks[k].subject == f->subjects[i] && f->tasks[k].number >= f->first[i])
            f->first[i] = f->tasks[k].number + 1;
    for (int64_t k = 0; k < info->depth.count; k++)
        most = info->depth.items[k].number > most ? info->depth.items[k].number : most;
    if (most > NUMBER_MOST - f->first[i])
        return hs_error(HS_ERR_DATA, NULL, "%s: more frames of subject %d than 8 digits can number",
                        info->path, f->subjects[i]);
    return HS_OK;
}

static hs_status list_frames(hs_frames *f)
{
    int64_t total = 0;
    hs_status status;
    for (int i = 0; i < f->n; i++)
        total += hs_frames_info(f, i)->depth.count;
    HS_TRY(hs_allocate((size_t)total * sizeof *f->tasks, "frames", (void **)&f->tasks));
    for (int i = 0; i < f->n; i++) {
        const hs_recording_info *info = hs_frames_info(f, i);
        HS_TRY(number_on(f, i));
        int64_t pair = 0;
        for (int64_t k = 0; k < info->depth.count; k++) { /* pairs are in the order of depth */
            bool paired = pair < info->pair_count && info->pairs[pair].depth == k;
            f->tasks[f->count++] =
                (hs_frame_task){.recording = i,
                                .subject = f->subjects[i],
                                .number = f->first[i] + info->depth.items[k].number,
                                .pair = paired ? pair : -1,
                                .time = info->depth.items[k].time};
            pair += paired;
        }
        f->unpaired_color += info->unpaired_color_count;
    }
    qsort(f->tasks, (size_t)f->count, sizeof *f->tasks, by_name);
exit:
    return status;
}

hs_status hs_frames_open(hs_frames *frames, const char *const *paths, int n, int32_t subject,
                         const hs_recording_options *options)
{
    hs_status status = HS_OK;
    for (int i = 0; i < n; i++)
        HS_TRY(open_all(frames, paths[i], options));
    HS_TRY(check_rigs(frames));
    HS_TRY(choose_subjects(frames, subject));
    HS_TRY(list_frames(frames));
exit:
    return status;
}

void hs_frames_close(hs_frames *frames)
{
    for (int i = 0; i < frames->n; i++)
        hs_recording_close(frames->recordings[i]);
    free(frames->recordings);
    free(frames->tasks);
    hs_arena_free(&frames->arena);
    *frames = (hs_frames){0};
}

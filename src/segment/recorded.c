#include "segment/recorded.h"

#include "studio/registrations.h"
#include <stdlib.h>
#include <string.h>

struct hs_recorded {
    hs_frames frames;
    hs_registrations registrations;
    const hs_frame_task **tasks; /* [info.count] */
    hs_frame_info *about;        /* [info.count] */
    hs_recorded_info info;
};

static hs_status list_frames(hs_recorded *r)
{
    hs_status status;
    hs_frames *f = &r->frames;
    HS_TRY(hs_allocate((size_t)f->count * sizeof(hs_frame_task *), "frames", (void **)&r->tasks));
    HS_TRY(hs_allocate((size_t)f->count * sizeof *r->about, "frames", (void **)&r->about));
    for (int64_t i = 0; i < f->count; i++) {
        const hs_frame_task *task = &f->tasks[i];
        char name[HS_FRAME_NAME];
        if (task->pair < 0)
            continue;
        hs_frame_task_name(task, name);
        r->about[r->info.count] = (hs_frame_info){.subject = task->subject,
                                                  .number = task->number,
                                                  .split = HS_SPLIT_NONE,
                                                  .source = hs_arena_string(&f->arena, name)};
        r->tasks[r->info.count++] = task;
    }
    if (r->info.count == 0)
        status = hs_error(HS_ERR_DATA, NULL, "%s: got no depth frame with a colour frame",
                          hs_frames_info(f, 0)->path);
exit:
    return status;
}

hs_status hs_recorded_open(const char *path, hs_recorded **recorded)
{
    hs_recorded *r = NULL;
    hs_status status;
    *recorded = NULL;
    HS_TRY(hs_allocate(sizeof *r, "recordings", (void **)&r));
    HS_TRY(hs_frames_open(&r->frames, &path, 1, -1, NULL));
    HS_TRY(hs_registrations_init(&r->registrations, &r->frames));
    const hs_rig *rig = &hs_frames_info(&r->frames, 0)->rig;
    r->info = (hs_recorded_info){.height = rig->depth.height,
                                 .width = rig->depth.width,
                                 .depth_unit = rig->depth_unit,
                                 .truth = true};
    for (int i = 0; i < r->frames.n; i++)
        r->info.truth = r->info.truth && hs_frames_info(&r->frames, i)->truth;
    HS_TRY(list_frames(r));
    *recorded = r;
    r = NULL;
exit:
    hs_recorded_close(r);
    return status;
}

void hs_recorded_close(hs_recorded *r)
{
    if (!r)
        return;
    hs_registrations_free(&r->registrations);
    hs_frames_close(&r->frames);
    free(r->tasks);
    free(r->about);
    free(r);
}

const hs_recorded_info *hs_recorded_get_info(const hs_recorded *r)
{
    return &r->info;
}

const hs_frame_info *hs_recorded_get_frame(const hs_recorded *r, uint32_t index)
{
    return &r->about[index];
}

static hs_status read_color(const hs_recorded *r, const hs_frame_task *task,
                            const hs_recording_pair *pair, uint8_t *color)
{
    void *scratch = NULL;
    uint8_t *known = NULL;
    hs_status status;
    HS_TRY(hs_allocate(r->registrations.scratch, "registration", &scratch));
    HS_TRY(hs_allocate((size_t)r->info.height * (size_t)r->info.width, "colours", (void **)&known));
    hs_registration_apply(r->registrations.items[task->recording], pair->depth, pair->color,
                          scratch, color, known);
exit:
    free(scratch);
    free(known);
    return status;
}

static hs_status read_truth(const hs_recorded *r, const hs_frame_task *task, const uint16_t *depth,
                            uint8_t *truth)
{
    uint8_t *mask;
    size_t area = (size_t)r->info.height * (size_t)r->info.width;
    hs_status status =
        hs_recording_read_truth(r->frames.recordings[task->recording], task->pair, &mask);
    if (status != HS_OK)
        return status;
    for (size_t i = 0; i < area; i++)
        truth[i] = depth[i] > 0 ? mask[i] : 0;
    free(mask);
    return HS_OK;
}

hs_status hs_recorded_read(const hs_recorded *r, uint32_t index, uint16_t *depth, uint8_t *color,
                           uint8_t *truth)
{
    const hs_frame_task *task = r->tasks[index];
    size_t area = (size_t)r->info.height * (size_t)r->info.width;
    hs_recording_pair pair = {0};
    hs_status status;
    HS_TRY(hs_recording_read(r->frames.recordings[task->recording], task->pair, &pair));
    if (depth)
        memcpy(depth, pair.depth, area * sizeof *depth);
    if (color)
        HS_TRY(read_color(r, task, &pair, color));
    if (truth)
        HS_TRY(read_truth(r, task, pair.depth, truth));
exit:
    hs_recording_pair_free(&pair);
    return status;
}

#include "studio/labeller.h"

#include "base/log.h"
#include "io/png.h"
#include "studio/registrations.h"
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A frame on its way. */
typedef struct slot {
    hs_recording_pair pair;
    uint8_t *color, *known, *mask; /* in the depth view */
    hs_error_record error;
} slot;

/* What a thread works with. */
typedef struct worker {
    hs_annotator *annotator;
    void *scratch; /* of registration */
    slot look;
} worker;

struct hs_labeller {
    const hs_frames *frames;
    const hs_glove_config *config;
    const char *out;
    bool salvage;
    int width, height, threads;
    hs_registrations registrations;
    worker *workers; /* [threads] */
    slot slots[HS_LABELLER_GROUP];
    hs_labeller_times spent;
};

/* ---- life ---- */

static hs_status slot_init(const hs_labeller *l, slot *s)
{
    size_t pixels = (size_t)l->width * (size_t)l->height;
    hs_status status;
    HS_TRY(hs_allocate(3 * pixels, "colours", (void **)&s->color));
    HS_TRY(hs_allocate(pixels, "colours", (void **)&s->known));
    HS_TRY(hs_allocate(pixels, "mask", (void **)&s->mask));
exit:
    return status;
}

static void slot_free(slot *s)
{
    hs_recording_pair_free(&s->pair);
    free(s->color);
    free(s->known);
    free(s->mask);
}

hs_status hs_labeller_create(const hs_frames *frames, const hs_gloves *gloves,
                             const hs_glove_config *config, const char *out, bool salvage,
                             hs_labeller **labeller)
{
    hs_labeller *l = NULL;
    const hs_rig *rig = &hs_frames_info(frames, 0)->rig;
    hs_status status;
    *labeller = NULL;
    HS_TRY(hs_allocate(sizeof *l, "annotation", (void **)&l));
    l->frames = frames;
    l->config = config;
    l->out = out;
    l->salvage = salvage;
    l->width = rig->depth.width;
    l->height = rig->depth.height;
    l->threads = omp_get_max_threads();
    HS_TRY(hs_allocate((size_t)l->threads * sizeof *l->workers, "threads", (void **)&l->workers));
    HS_TRY(hs_registrations_init(&l->registrations, frames));
    for (int i = 0; i < l->threads; i++) {
        HS_TRY(hs_annotator_create(l->height, l->width, gloves, &config->annotate, rig->depth_unit,
                                   &l->workers[i].annotator));
        HS_TRY(hs_allocate(l->registrations.scratch, "registration", &l->workers[i].scratch));
        HS_TRY(slot_init(l, &l->workers[i].look));
    }
    for (int i = 0; i < HS_LABELLER_GROUP; i++)
        HS_TRY(slot_init(l, &l->slots[i]));
    *labeller = l;
    l = NULL;
exit:
    hs_labeller_destroy(l);
    return status;
}

void hs_labeller_destroy(hs_labeller *l)
{
    if (!l)
        return;
    for (int i = 0; l->workers && i < l->threads; i++) {
        hs_annotator_destroy(l->workers[i].annotator);
        free(l->workers[i].scratch);
        slot_free(&l->workers[i].look);
    }
    for (int i = 0; i < HS_LABELLER_GROUP; i++)
        slot_free(&l->slots[i]);
    hs_registrations_free(&l->registrations);
    free(l->workers);
    free(l);
}

/* ---- one frame ---- */

static hs_status read_slot(const hs_labeller *l, const hs_frame_task *task, slot *s)
{
    return hs_recording_read(l->frames->recordings[task->recording], task->pair, &s->pair);
}

static hs_annotation label_slot(const hs_labeller *l, worker *w, const hs_frame_task *task, slot *s)
{
    hs_registration_apply(l->registrations.items[task->recording], s->pair.depth, s->pair.color,
                          w->scratch, s->color, s->known);
    return hs_annotate(w->annotator, s->pair.depth, s->color, s->mask);
}

static void measure_slot(const hs_labeller *l, const worker *w, const hs_frame_task *task,
                         const slot *s, const hs_annotation *annotation, hs_frame_result *result)
{
    const hs_lens *lens = &hs_frames_info(l->frames, task->recording)->rig.depth;
    result->state = hs_annotation_labelled(annotation) ? HS_FRAME_LABELLED : HS_FRAME_UNLABELLED;
    for (int g = 0; g < HS_GLOVES; g++)
        result->outcome[g] = annotation->outcome[g];
    result->quality =
        (hs_quality_frame){.time = s->pair.depth_stamp.time,
                           .time_gap = s->pair.color_stamp.time - s->pair.depth_stamp.time,
                           .focal = lens->fx};
    hs_quality_measure(w->annotator, s->pair.depth, s->mask, l->config->quality.hand_area,
                       &result->quality);
}

static hs_status write_slot(const hs_labeller *l, const hs_frame_task *task, const slot *s)
{
    char name[HS_FRAME_NAME], path[4096];
    hs_status status;
    hs_frame_task_name(task, name);
    snprintf(path, sizeof path, "%s/images/%s.png", l->out, name);
    HS_TRY(hs_png_write_u16(path, s->pair.depth, l->width, l->height));
    snprintf(path, sizeof path, "%s/color/%s.png", l->out, name);
    HS_TRY(hs_png_write_rgb(path, s->color, l->width, l->height));
    snprintf(path, sizeof path, "%s/masks/%s.png", l->out, name);
    HS_TRY(hs_png_write_u8(path, s->mask, l->width, l->height));
exit:
    return status;
}

/* ---- groups ---- */

static hs_status first_error(const hs_labeller *l, int n)
{
    hs_status status = HS_OK;
    for (int i = 0; i < n && status == HS_OK; i++)
        status = hs_error_raise(&l->slots[i].error);
    return status;
}

static void read_group(hs_labeller *l, const int64_t *tasks, int n, hs_frame_result *results)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++) {
        slot *s = &l->slots[i];
        hs_status failed = read_slot(l, &l->frames->tasks[tasks[i]], s);
        bool damaged = failed != HS_OK && failed != HS_ERR_MEMORY && l->salvage;
        if (damaged) {
#pragma omp critical(hs_labeller)
            hs_warn("%s", hs_error_message());
        }
        results[tasks[i]] =
            (hs_frame_result){.state = damaged ? HS_FRAME_DAMAGED : HS_FRAME_WAITING};
        hs_error_save(&s->error, damaged ? HS_OK : failed);
    }
}

static void label_group(hs_labeller *l, const int64_t *tasks, int n, hs_frame_result *results)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++) {
        worker *w = &l->workers[omp_get_thread_num()];
        const hs_frame_task *task = &l->frames->tasks[tasks[i]];
        if (results[tasks[i]].state != HS_FRAME_WAITING)
            continue;
        hs_annotation annotation = label_slot(l, w, task, &l->slots[i]);
        measure_slot(l, w, task, &l->slots[i], &annotation, &results[tasks[i]]);
    }
}

static void write_group(hs_labeller *l, const int64_t *tasks, int n, const hs_frame_result *results)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++)
        if (results[tasks[i]].state == HS_FRAME_LABELLED)
            hs_error_save(&l->slots[i].error,
                          write_slot(l, &l->frames->tasks[tasks[i]], &l->slots[i]));
}

hs_status hs_labeller_run(hs_labeller *l, const int64_t *tasks, int n, hs_frame_result *results)
{
    hs_status status;
    double began = hs_now();
    read_group(l, tasks, n, results);
    HS_TRY(first_error(l, n));
    double read = hs_now();
    label_group(l, tasks, n, results);
    double labelled = hs_now();
    write_group(l, tasks, n, results);
    HS_TRY(first_error(l, n));
    l->spent.labelling += labelled - read;
    l->spent.files += read - began + hs_now() - labelled;
    l->spent.frames += n;
exit:
    return status;
}

hs_labeller_times hs_labeller_spent(const hs_labeller *l)
{
    return l->spent;
}

hs_status hs_labeller_look(hs_labeller *l, int64_t task, hs_labelled_frame *frame)
{
    worker *w = &l->workers[omp_get_thread_num()];
    hs_status status;
    HS_TRY(read_slot(l, &l->frames->tasks[task], &w->look));
    label_slot(l, w, &l->frames->tasks[task], &w->look);
    *frame = (hs_labelled_frame){w->annotator, w->look.pair.depth, w->look.color, w->look.mask};
exit:
    return status;
}

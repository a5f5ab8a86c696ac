#include "segment/segment_files.h"

#include "base/log.h"
#include "io/file.h"
#include "io/hdf5.h"
#include "io/png.h"
#include "report/overlay.h"
#include "segment/inputs.h"
#include "segment/model_kind.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Frames are read, labelled and written by groups: reading and writing share all processors among
 * the frames of a group, the network has them all for one frame after another. */
enum { GROUP = 16 };

typedef struct slot {
    uint16_t *depth;
    uint8_t *color; /* NULL: the model needs none */
    uint8_t *labels;
    hs_real *logits;   /* NULL: not asked for */
    hs_h5_block block; /* of the logits */
    hs_error_record error;
} slot;

typedef struct job {
    const hs_segment_request *request;
    hs_model *model;
    hs_inputs inputs;
    hs_h5 *file;
    hs_h5_frames *logits;
    slot slots[GROUP];
    double *latency; /* [frames] */
} job;

typedef struct result_path {
    char text[4096];
} result_path;

static result_path path_of(const job *j, const char *part, const char *name)
{
    result_path path;
    snprintf(path.text, sizeof path.text, "%s/%s%s%s", j->request->out, part, name,
             name[0] ? ".png" : "");
    return path;
}

/* ---- before the first frame ------------------------------------------------------------------
 */
static hs_status check_results(const job *j)
{
    if (strlen(j->request->out) > sizeof(result_path) - 512)
        return hs_error(HS_ERR_USAGE, NULL, "segment: --out: got a name of %zu characters",
                        strlen(j->request->out));
    for (int64_t i = 0; i < j->inputs.count && !j->request->force; i++) {
        result_path path = path_of(j, "masks/", j->inputs.frames[i].name);
        if (access(path.text, F_OK) == 0)
            return hs_error(HS_ERR_STATE, "name another folder, or replace results with --force",
                            "%s: there is such a file already", path.text);
    }
    return HS_OK;
}

/* The file of logits with everything but the logits. */
static hs_status begin_logits(job *j)
{
    hs_shape shape = hs_model_logits_shape(j->model);
    if (shape.c == 0)
        return hs_error(HS_ERR_USAGE, NULL, "segment: --logits: %s: got %s, which has no logits",
                        j->model->path, j->model->kind->what);
    int64_t n = j->inputs.count;
    const char *labels[HS_CLASSES_MAX], **names = NULL;
    hs_status status;
    for (int c = 0; c < shape.c; c++)
        labels[c] = hs_model_label(j->model, c);
    HS_TRY(hs_allocate(sizeof *names * (size_t)n, "names", (void **)&names));
    for (int64_t i = 0; i < n; i++)
        names[i] = j->inputs.frames[i].name;
    HS_TRY(hs_h5_create(j->request->logits, &j->file));
    HS_TRY(hs_h5_write_texts(j->file, "/name", n, names));
    HS_TRY(hs_h5_set_texts(j->file, "/", "labels", shape.c, labels));
    HS_TRY(hs_h5_frames_create(j->file, "/logits",
                               sizeof(hs_real) == sizeof(float) ? HS_H5_F32 : HS_H5_F64, n, 3,
                               (const int64_t[]){shape.c, shape.h, shape.w}, &j->logits));
    shape.n = 1;
    for (int k = 0; k < GROUP; k++)
        HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)hs_elements(shape), "logits",
                           (void **)&j->slots[k].logits));
exit:
    free(names);
    return status;
}

static hs_status prepare(job *j)
{
    const hs_segment_request *r = j->request;
    hs_status status;
    HS_TRY(hs_model_load(r->model, 1, &j->model));
    for (int i = 0; i < r->n; i++)
        HS_TRY(hs_inputs_add(&j->inputs, r->inputs[i]));
    HS_TRY(hs_inputs_check_names(&j->inputs));
    if (hs_model_needs_color(j->model))
        HS_TRY(hs_inputs_check_color(&j->inputs, r->model));
    HS_TRY(check_results(j));
    HS_TRY(hs_allocate(sizeof(double) * (size_t)j->inputs.count, "times", (void **)&j->latency));
    HS_TRY(hs_folder_make(path_of(j, "masks", "").text));
    if (r->overlays)
        HS_TRY(hs_folder_make(path_of(j, "overlays", "").text));
    if (r->logits)
        HS_TRY(begin_logits(j));
exit:
    return status;
}

/* ---- frames ----------------------------------------------------------------------------------
 */
static hs_status read_slot(const job *j, slot *s, const hs_input_frame *frame)
{
    hs_status status;
    HS_TRY(hs_input_read(frame, &s->depth, hs_model_needs_color(j->model) ? &s->color : NULL));
    HS_TRY(
        hs_allocate((size_t)frame->height * (size_t)frame->width, "labels", (void **)&s->labels));
exit:
    return status;
}

static hs_status label_slot(job *j, slot *s, int64_t index)
{
    const hs_input_frame *frame = &j->inputs.frames[index];
    double unit = j->request->depth_unit > 0 ? j->request->depth_unit : frame->depth_unit;
    hs_model_set_depth_unit(j->model, unit > 0 ? unit : hs_model_depth_unit(j->model));
    double began = hs_now();
    hs_status status = hs_model_segment_color(j->model, s->depth, s->color, frame->height,
                                              frame->width, s->labels);
    j->latency[index] = hs_now() - began;
    if (s->logits)
        hs_model_logits(j->model, s->logits);
    return status;
}

static hs_status write_slot(const job *j, slot *s, const hs_input_frame *frame)
{
    hs_picture overlay = {0};
    hs_status status;
    if (j->logits)
        HS_TRY(hs_h5_frames_encode(j->logits, s->logits, &s->block));
    if (j->request->overlays) {
        HS_TRY(hs_overlay_frame(s->depth, s->labels, frame->width, frame->height, &overlay));
        HS_TRY(hs_png_write_rgb(path_of(j, "overlays/", frame->name).text, overlay.rgb,
                                overlay.width, overlay.height));
    }
    HS_TRY(hs_png_write_u8(path_of(j, "masks/", frame->name).text, s->labels, frame->width,
                           frame->height));
exit:
    hs_picture_free(&overlay);
    return status;
}

static void empty_slot(slot *s)
{
    free(s->depth);
    free(s->color);
    free(s->labels);
    s->depth = NULL;
    s->color = NULL;
    s->labels = NULL;
    s->error = (hs_error_record){0};
}

/* The error of the first of n frames that has one. */
static hs_status first_error(const job *j, int n)
{
    hs_status status = HS_OK;
    for (int k = 0; k < n && status == HS_OK; k++)
        status = hs_error_raise(&j->slots[k].error);
    return status;
}

static hs_status segment_group(job *j, int64_t first, int n)
{
    const hs_input_frame *frames = j->inputs.frames + first;
    hs_status status;
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < n; k++)
        hs_error_save(&j->slots[k].error, read_slot(j, &j->slots[k], &frames[k]));
    HS_TRY(first_error(j, n));
    for (int k = 0; k < n; k++)
        HS_TRY(label_slot(j, &j->slots[k], first + k));
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < n; k++)
        hs_error_save(&j->slots[k].error, write_slot(j, &j->slots[k], &frames[k]));
    HS_TRY(first_error(j, n));
    for (int k = 0; k < n && j->logits; k++)
        HS_TRY(hs_h5_frames_put(j->logits, first + k, &j->slots[k].block));
exit:
    for (int k = 0; k < n; k++)
        empty_slot(&j->slots[k]);
    return status;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static hs_status segment_all(job *j, hs_segment_result *result)
{
    int64_t count = j->inputs.count;
    double began = hs_now();
    hs_progress progress = hs_progress_start("segmenting", "frames", 0, count);
    hs_status status = HS_OK;
    for (int64_t first = 0; first < count; first += GROUP) {
        int n = count - first < GROUP ? (int)(count - first) : GROUP;
        HS_TRY(segment_group(j, first, n));
        hs_progress_update(&progress, first + n, NULL);
    }
    if (j->file)
        HS_TRY(hs_h5_commit(j->file));
    hs_progress_finish(&progress, NULL);
    qsort(j->latency, (size_t)count, sizeof *j->latency, by_value);
    *result = (hs_segment_result){
        .frames = count, .median_latency = j->latency[count / 2], .seconds = hs_now() - began};
exit:
    return status;
}

hs_status hs_segment_files(const hs_segment_request *request, hs_segment_result *result)
{
    job j = {.request = request};
    hs_status status;
    HS_TRY(prepare(&j));
    HS_TRY(segment_all(&j, result));
exit:
    for (int k = 0; k < GROUP; k++) {
        free(j.slots[k].logits);
        hs_h5_block_free(&j.slots[k].block);
    }
    free(j.latency);
    hs_h5_close(j.file);
    hs_inputs_close(&j.inputs);
    hs_model_destroy(j.model);
    return status;
}

#include "support/trace.h"

#include "handseg/ops.h"
#include "handseg/optimizer.h"
#include "train/config.h"
#include <stdlib.h>
#include <string.h>

typedef struct trace {
    hs_arena arena;
    hs_ini ini;
    hs_h5 *in, *out;
    hs_net *net;
    hs_graph *graph;
    hs_plan *training, *inference;
    hs_params *params;
    hs_solver *solver;
    hs_value input, labels, logits, loss;
    hs_shape image, score; /* of input and logits, one batch */
    int64_t frames, steps;
    hs_optimizer adam;
    hs_real *images; /* [frames][1][H][W] */
    uint8_t *masks;  /* the same */
} trace;

static int64_t elements(hs_shape s)
{
    return (int64_t)s.n * s.c * s.h * s.w;
}

typedef struct target {
    hs_real *values;
    int64_t row; /* reals of one */
} target;

static void take_rows(void *context, int64_t first, int64_t count, void *rows)
{
    const target *t = context;
    memcpy(t->values + first * t->row, rows, sizeof *t->values * (size_t)(count * t->row));
}

hs_status hs_trace_read(hs_h5 *file, const char *name, int rank, const int64_t *dims,
                        hs_real *values)
{
    target t = {values, 1};
    for (int i = 1; i < rank; i++)
        t.row *= dims[i];
    return hs_h5_convert_rows(file, name, HS_TRACE_REAL, rank, dims, take_rows, &t);
}

static hs_status read_settings(trace *t, const char *path, const char *config,
                               hs_softmax_cross_entropy_attr *loss)
{
    hs_status status;
    int64_t batch, dims[HS_H5_MAX_RANK];
    int rank;
    HS_TRY(hs_h5_open(path, &t->in));
    if (!config)
        HS_TRY(hs_h5_get_text(t->in, "/", "config", &t->arena, &config));
    HS_TRY(hs_net_from_config_text(&t->ini, path, config, &t->net));
    HS_TRY(hs_h5_get_i64(t->in, "/", "batch", &batch));
    HS_TRY(hs_h5_get_i64(t->in, "/", "steps", &t->steps));
    t->adam = (hs_optimizer){.method = HS_OPTIMIZER_adam, .epsilon = 1e-8};
    HS_TRY(hs_h5_get_f64(t->in, "/", "lr", &t->adam.lr));
    HS_TRY(hs_h5_get_f64(t->in, "/", "beta1", &t->adam.beta1));
    HS_TRY(hs_h5_get_f64(t->in, "/", "beta2", &t->adam.beta2));
    HS_TRY(hs_h5_shape(t->in, "/class_weights", NULL, &rank, dims));
    if (rank != 1 || dims[0] > HS_MAX_CLASSES) {
        status = hs_error(HS_ERR_FORMAT, NULL, "%s: /class_weights: expected at most %d", path,
                          HS_MAX_CLASSES);
        goto exit;
    }
    HS_TRY(hs_h5_read(t->in, "/class_weights", HS_H5_F64, 1, dims, loss->class_weights));
    HS_TRY(hs_h5_shape(t->in, "/input", NULL, &rank, dims));
    if (rank != 4 || batch < 1 || dims[0] % batch != 0) {
        status = hs_error(HS_ERR_FORMAT, NULL,
                          "%s: /input: expected [N,1,H,W] with N a multiple of the batch", path);
        goto exit;
    }
    t->frames = dims[0];
    t->image = (hs_shape){(int32_t)batch, (int32_t)dims[1], (int32_t)dims[2], (int32_t)dims[3]};
exit:
    return status;
}

static hs_status build(trace *t, hs_softmax_cross_entropy_attr loss)
{
    hs_status status;
    hs_shape s = t->image;
    HS_TRY(hs_graph_create(&t->graph));
    HS_TRY(hs_net_build(t->net, t->graph, s.n, s.h, s.w, &t->input, &t->logits));
    t->labels = hs_graph_input(t->graph, "labels", HS_U8, (hs_shape){s.n, 1, s.h, s.w}, false);
    t->loss = hs_softmax_cross_entropy(t->graph, "loss", t->logits, t->labels, loss);
    hs_graph_output(t->graph, t->logits);
    hs_graph_output(t->graph, t->loss);
    HS_TRY(hs_graph_status(t->graph));
    t->score = hs_graph_shape(t->graph, t->logits);
    HS_TRY(hs_params_create(t->graph, true, &t->params));
    HS_TRY(hs_plan_create(t->graph, HS_TRAINING, &t->training));
    HS_TRY(hs_plan_create(t->graph, HS_INFERENCE, &t->inference));
    HS_TRY(hs_plan_bind(t->training, t->params, NULL));
    HS_TRY(hs_plan_bind(t->inference, t->params, NULL));
    HS_TRY(hs_solver_create(t->params, &t->adam, &t->solver));
exit:
    return status;
}

static hs_status read_frames(trace *t)
{
    hs_status status;
    hs_shape s = t->image;
    int64_t dims[4] = {t->frames, s.c, s.h, s.w};
    int64_t count = elements(s) / s.n * t->frames;
    HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)count, "images", (void **)&t->images));
    HS_TRY(hs_allocate((size_t)count, "labels", (void **)&t->masks));
    HS_TRY(hs_trace_read(t->in, "/input", 4, dims, t->images));
    HS_TRY(hs_h5_read(t->in, "/labels", HS_H5_U8, 4, dims, t->masks));
exit:
    return status;
}

static hs_status read_params(trace *t)
{
    hs_status status = HS_OK;
    hs_real *values = NULL;
    for (int i = 0; i < hs_params_count(t->params); i++) {
        const hs_param_info *info = hs_params_info(t->params, i);
        const char *name = hs_arena_format(&t->arena, "/params/%s/%s", info->layer, info->name);
        HS_TRY(
            hs_allocate(sizeof *values * (size_t)hs_param_elements(info), name, (void **)&values));
        HS_TRY(hs_trace_read(t->in, name, info->rank, info->dims, values));
        hs_params_set(t->params, i, values);
        free(values);
        values = NULL;
    }
exit:
    free(values);
    return status;
}

static hs_status write_logits(trace *t, const hs_plan *plan, const char *name)
{
    hs_status status;
    int64_t dims[4] = {t->score.n, t->score.c, t->score.h, t->score.w};
    hs_real *values = NULL;
    HS_TRY(hs_allocate(sizeof *values * (size_t)elements(t->score), name, (void **)&values));
    HS_TRY(hs_plan_get(plan, t->logits, values));
    HS_TRY(hs_h5_write(t->out, name, HS_TRACE_REAL, 4, dims, values));
exit:
    free(values);
    return status;
}

/* Writes all parameters, or the gradients of those that have one. */
static hs_status write_params(trace *t, const char *group, bool gradients)
{
    hs_status status = HS_OK;
    hs_real *values = NULL;
    for (int i = 0; i < hs_params_count(t->params); i++) {
        const hs_param_info *info = hs_params_info(t->params, i);
        if (gradients && !info->trained)
            continue;
        char name[512];
        snprintf(name, sizeof name, "/%s/%s/%s", group, info->layer, info->name);
        HS_TRY(
            hs_allocate(sizeof *values * (size_t)hs_param_elements(info), name, (void **)&values));
        if (gradients)
            hs_params_get_gradient(t->params, i, values);
        else
            hs_params_get(t->params, i, values);
        HS_TRY(hs_h5_write(t->out, name, HS_TRACE_REAL, info->rank, info->dims, values));
        free(values);
        values = NULL;
    }
exit:
    free(values);
    return status;
}

static hs_status set_batch(trace *t, hs_plan *plan, int64_t step)
{
    int64_t at = step * t->image.n % t->frames * (elements(t->image) / t->image.n);
    hs_status status;
    HS_TRY(hs_plan_set(plan, t->input, t->images + at));
    HS_TRY(hs_plan_set(plan, t->labels, t->masks + at));
    HS_TRY(hs_plan_forward(plan, 1, (uint64_t)step));
exit:
    return status;
}

static hs_status run(trace *t)
{
    hs_status status;
    hs_real *losses = NULL, one = 1;
    HS_TRY(hs_allocate(sizeof *losses * (size_t)t->steps, "losses", (void **)&losses));
    HS_TRY(set_batch(t, t->inference, 0));
    HS_TRY(write_logits(t, t->inference, "/inference"));
    for (int64_t step = 0; step < t->steps; step++) {
        HS_TRY(set_batch(t, t->training, step));
        HS_TRY(hs_plan_get(t->training, t->loss, &losses[step]));
        if (step == 0)
            HS_TRY(write_logits(t, t->training, "/logits"));
        HS_TRY(hs_plan_set_gradient(t->training, t->loss, &one));
        HS_TRY(hs_plan_backward(t->training));
        if (step == 0)
            HS_TRY(write_params(t, "gradients", true));
        HS_TRY(hs_solver_step(t->solver, t->adam.lr, NULL));
    }
    HS_TRY(hs_h5_write(t->out, "/loss", HS_TRACE_REAL, 1, &t->steps, losses));
    HS_TRY(write_params(t, "after", false));
exit:
    free(losses);
    return status;
}

hs_status hs_trace_run(const char *in, const char *config, const char *out)
{
    trace t = {0};
    hs_softmax_cross_entropy_attr loss = {.ignore = -1};
    hs_status status;
    HS_TRY(read_settings(&t, in, config, &loss));
    HS_TRY(build(&t, loss));
    HS_TRY(read_frames(&t));
    HS_TRY(read_params(&t));
    HS_TRY(hs_h5_create(out, &t.out));
    HS_TRY(run(&t));
    HS_TRY(hs_h5_commit(t.out));
exit:
    hs_h5_close(t.in);
    hs_h5_close(t.out);
    hs_solver_destroy(t.solver);
    hs_plan_destroy(t.training);
    hs_plan_destroy(t.inference);
    hs_params_destroy(t.params);
    hs_graph_destroy(t.graph);
    hs_net_destroy(t.net);
    hs_ini_free(&t.ini);
    hs_arena_free(&t.arena);
    free(t.images);
    free(t.masks);
    return status;
}

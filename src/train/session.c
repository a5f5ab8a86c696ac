#include "train/session.h"

#include "base/log.h"
#include "data/dataset.h"
#include "data/sampler.h"
#include "io/file.h"
#include "train/class_weights.h"
#include "train/pretrained.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *hs_session_path(hs_session *s, const char *name)
{
    return hs_arena_format(&s->arena, "%s/%s", s->config.train.out, name);
}

/* ---- data -------------------------------------------------------------------------------------
 */
static hs_status open_data(hs_session *s)
{
    const hs_data_config *config = &s->config.data;
    hs_status status;
    HS_TRY(hs_dataset_open(config->file, &s->dataset));
    s->data = hs_dataset_get_info(s->dataset);
    HS_TRY(hs_run_frames_find(&s->arena, s->dataset, config, &s->split));
    HS_TRY(hs_class_weights_choose(&s->config, s->dataset, &s->split, s->class_weights));
exit:
    return status;
}

static hs_loader_config train_loader(const hs_train_config *c, const uint32_t *frames,
                                     uint32_t count)
{
    const hs_net_input *input = hs_net_get_input(c->net);
    return (hs_loader_config){.frames = frames,
                              .count = count,
                              .batch = (uint32_t)c->train.batch,
                              .height = input->height,
                              .width = input->width,
                              .normalization = (hs_normalization)input->normalization,
                              .constant = input->scale,
                              .shuffle = true,
                              .augment = &c->augment,
                              .seed = (uint64_t)c->train.seed,
                              .threads = c->data.workers,
                              .queue = 2};
}

/* ---- network ----------------------------------------------------------------------------------
 */
hs_status hs_session_build(hs_session *s, const hs_train_config *c, const double *class_weights)
{
    hs_status status;
    /* Validation's network first: it says best which sizes fit. */
    HS_TRY(hs_predictor_init(&s->predictor, c->net, HS_INFERENCE, c->train.batch, 0, 0));
    HS_TRY(hs_graph_create(&s->graph));
    hs_graph_set_fusion(s->graph, c->train.fuse);
    hs_graph_set_small(s->graph, c->train.memory == HS_MEMORY_SMALL);
    HS_TRY(hs_net_build(c->net, s->graph, c->train.batch, 0, 0, &s->input, &s->logits));
    hs_shape image = hs_graph_shape(s->graph, s->input);
    hs_softmax_cross_entropy_attr attr = {.ignore = c->loss.ignore};
    memcpy(attr.class_weights, class_weights, sizeof(double) * HS_CLASSES_MAX);
    s->labels =
        hs_graph_input(s->graph, "labels", HS_U8, (hs_shape){image.n, 1, image.h, image.w}, false);
    s->loss = hs_softmax_cross_entropy(s->graph, "loss", s->logits, s->labels, attr);
    hs_graph_output(s->graph, s->loss);
    HS_TRY(hs_graph_status(s->graph));
    HS_TRY(hs_plan_create(s->graph, HS_TRAINING, &s->plan));
    /* Prepared weights are kept where training has the memory anyway. */
    if (hs_plan_bytes(s->predictor.plan) > hs_plan_bytes(s->plan)) {
        hs_predictor_free(&s->predictor);
        HS_TRY(hs_predictor_init(&s->predictor, c->net, HS_EVALUATION, c->train.batch, 0, 0));
    }
exit:
    return status;
}

/* Training and validation never run at the same time. */
static size_t shared_bytes(const hs_session *s)
{
    size_t training = hs_plan_bytes(s->plan), validation = hs_plan_bytes(s->predictor.plan);
    return training > validation ? training : validation;
}

/* Large parameters take their step as their gradients are made, where nothing needs those of
 * several passes or their norm first. */
static hs_gradients gradients_of(const hs_train_config *c)
{
    bool at_once =
        c->train.fuse && c->train.accumulate == 1 && hs_optimizer_is_local(&c->optimizer);
    return at_once ? HS_GRADIENTS_SMALL : HS_GRADIENTS_ALL;
}

/* What validation reads and labels its frames with; nothing where there is none. */
static size_t validation_bytes(const hs_session *s, const hs_dataset *dataset)
{
    hs_shape in = s->predictor.in;
    hs_loader_config loader =
        hs_evaluate_loader(in.n, in.h, in.w, s->split.val, s->split.val_count);
    return s->split.val_count
               ? hs_loader_bytes(dataset, &loader) + hs_net_segmenter_bytes(&s->predictor)
               : 0;
}

/* The loaders' part is 0 without a data set. */
static hs_memory_plan memory_of(const hs_session *s, const hs_train_config *c,
                                const hs_dataset *dataset)
{
    size_t real = sizeof(hs_real), trained = (size_t)s->graph->trained;
    hs_loader_config train = train_loader(c, s->split.train, s->split.train_count);
    hs_memory_plan m = {
        .parameters = real * (trained + (size_t)s->graph->untrained),
        .gradients = real * (size_t)hs_gradients_stored(s->graph, gradients_of(c)),
        .optimizer = hs_solver_bytes(&c->optimizer, s->graph->trained),
        .activations = shared_bytes(s),
        .loader = dataset ? hs_loader_bytes(dataset, &train) + validation_bytes(s, dataset) : 0,
        .program = hs_memory_resident()};
    m.total = m.parameters + m.gradients + m.optimizer + m.activations + m.loader + m.program;
    return m;
}

hs_status hs_train_memory(const hs_train_config *config, const hs_dataset *dataset,
                          hs_memory_plan *memory)
{
    hs_session s = {0};
    static const double no_weights[HS_CLASSES_MAX];
    hs_status status = hs_session_build(&s, config, no_weights);
    if (status == HS_OK)
        *memory = memory_of(&s, config, dataset);
    hs_session_close(&s);
    return status;
}

static hs_status check_memory(const hs_memory_plan *m, int32_t batch)
{
    double gib = 1.0 / (1 << 30);
    size_t needed = m->total - m->program, available = hs_memory_available();
    hs_log("memory: %.2f GiB planned: activations %.2f, parameters %.2f, gradients %.2f, "
           "optimiser %.2f, loader %.2f, program %.2f",
           (double)m->total * gib, (double)m->activations * gib, (double)m->parameters * gib,
           (double)m->gradients * gib, (double)m->optimizer * gib, (double)m->loader * gib,
           (double)m->program * gib);
    if (needed <= available)
        return HS_OK;
    return hs_error(HS_ERR_MEMORY,
                    "lower train.batch and raise train.accumulate by as much: the updates stay the "
                    "same but for batch norm",
                    "train.batch = %d: needs %.2f GiB, available %.2f GiB", batch,
                    (double)needed * gib, (double)available * gib);
}

hs_status hs_session_allocate(hs_session *s, const hs_train_config *c)
{
    hs_status status;
    HS_TRY(hs_params_allocate(s->graph, gradients_of(c), &s->params));
    HS_TRY(hs_allocate(shared_bytes(s), "activations", &s->memory));
    HS_TRY(hs_plan_bind(s->plan, s->params, s->memory));
    HS_TRY(hs_predictor_bind(&s->predictor, s->params, s->memory));
    HS_TRY(hs_solver_create(s->params, &c->optimizer, &s->solver));
exit:
    return status;
}

/* ---- beginning and going on -------------------------------------------------------------------
 */
/* "[conv enc1]", or what says that there is no such layer. */
static const char *layer_title(const hs_net *net, const hs_ini *ini, int index)
{
    return index < hs_net_layers(net) ? hs_ini_find(ini, hs_net_layer(net, index))->title : "none";
}

/* The order of layers is part of what a network is. */
static hs_status compare_layers(const hs_train_config *now, const hs_net *net, const hs_ini *ini,
                                const char *path)
{
    for (int i = 0; i < hs_net_layers(now->net) || i < hs_net_layers(net); i++) {
        const char *got = layer_title(now->net, &now->ini, i), *expected = layer_title(net, ini, i);
        if (strcmp(got, expected) != 0)
            return hs_error(HS_ERR_CONFIG, hs_resume_hint,
                            "--resume: layer %d: got %s, expected %s as in %s", i + 1, got,
                            expected, path);
    }
    return HS_OK;
}

static hs_status compare_configs(hs_session *s, const char *path, const char *text)
{
    hs_train_config old = {0}; /* with today's defaults for keys younger than the run */
    hs_status status;
    HS_TRY(hs_train_config_parse(&old, path, text));
    HS_TRY(compare_layers(&s->config, old.net, &old.ini, path));
    HS_TRY(hs_run_compare(&s->config.ini, &old.ini, path));
exit:
    hs_train_config_free(&old);
    return status;
}

static hs_status go_on(hs_session *s, const char *path)
{
    hs_checkpoint_info info;
    hs_status status;
    HS_TRY(hs_checkpoint_read_info(path, &s->arena, &info));
    HS_TRY(compare_configs(s, path, info.config));
    HS_TRY(hs_checkpoint_check_data(&info, path, s->data, s->config.data.file));
    HS_TRY(hs_checkpoint_read(path, s->params, s->solver));
    s->state = info.state;
    hs_log("resuming at step %lld, epoch %lld", (long long)s->state.step,
           (long long)s->state.epoch + 1);
exit:
    return status;
}

static hs_status begin(hs_session *s)
{
    const hs_train_settings *t = &s->config.train;
    s->state = (hs_progress_state){.seed = (uint64_t)t->seed, .best_miou = -1};
    hs_params_initialize(s->params, hs_net_get_init(s->config.net), (uint64_t)t->seed);
    if (t->init[0] == 0)
        return HS_OK;
    hs_pretrained_report report = {0};
    hs_status status;
    HS_TRY(hs_error_context(hs_pretrained_read(t->init, s->data, s->params, &report), "init"));
    HS_TRY(hs_pretrained_write(&report, hs_session_path(s, "init.csv")));
    hs_pretrained_log(&report);
exit:
    hs_pretrained_report_free(&report);
    return status;
}

static hs_status begin_or_go_on(hs_session *s, bool resume)
{
    const char *last = hs_session_path(s, "last.h5");
    bool there;
    hs_status status = hs_run_folder_find(&s->folder, last, resume, &there);
    if (status != HS_OK)
        return status;
    return there ? go_on(s, last) : begin(s);
}

static hs_status open_loader(hs_session *s)
{
    hs_loader_config config = train_loader(&s->config, s->split.train, s->split.train_count);
    config.epoch = (uint32_t)s->state.epoch;
    config.step = (uint32_t)s->state.batch;
    return hs_loader_create(s->dataset, &config, &s->loader);
}

hs_status hs_session_open(hs_session *s, const char *path, const char *const *overrides, int n,
                          bool resume)
{
    hs_train_config *c = &s->config;
    hs_status status;
    *s = (hs_session){0};
    HS_TRY(hs_train_config_read(c, path, overrides, n));
    HS_TRY(open_data(s));
    int32_t batch = c->train.batch, accumulate = c->train.accumulate;
    s->batches = ((int64_t)s->split.train_count + batch - 1) / batch;
    s->updates = (s->batches + accumulate - 1) / accumulate;
    s->steps = s->updates * c->train.epochs;
    if (c->schedule.total == 0)
        c->schedule.total = s->steps;
    if (c->train.steps > 0 && c->train.steps < s->steps)
        s->steps = c->train.steps;
    HS_TRY(hs_session_build(s, c, s->class_weights));
    if (s->predictor.out.c != s->data->classes) {
        status = hs_error(HS_ERR_CONFIG, "set filters of the last layer to the number of classes",
                          "%s: got a network with %d outputs, expected the %d classes of %s", path,
                          s->predictor.out.c, s->data->classes, c->data.file);
        goto exit;
    }
    HS_TRY(hs_run_folder_open(&s->folder, c->train.out));
    s->config_text = hs_train_config_text(c, &s->arena);
    hs_memory_plan memory = memory_of(s, c, s->dataset);
    HS_TRY(check_memory(&memory, c->train.batch));
    HS_TRY(hs_session_allocate(s, c));
    if (s->split.val_count > 0)
        HS_TRY(hs_net_segmenter_init(&s->validation, "validation", &s->predictor,
                                     hs_net_get_input(c->net)));
    HS_TRY(begin_or_go_on(s, resume));
    HS_TRY(hs_run_folder_write(&s->folder, "config.ini", s->config_text));
    HS_TRY(hs_run_log_open(&s->log, c->train.out, s->state.step, HS_RUN_LOG_COLUMNS,
                           s->data->labels, s->data->classes));
    HS_TRY(open_loader(s));
    s->started = hs_now() - s->state.seconds;
exit:
    return status;
}

void hs_session_close(hs_session *s)
{
    hs_loader_destroy(s->loader);
    hs_run_log_close(&s->log);
    hs_solver_destroy(s->solver);
    hs_net_segmenter_free(&s->validation);
    hs_predictor_free(&s->predictor);
    hs_plan_destroy(s->plan);
    hs_params_destroy(s->params);
    hs_graph_destroy(s->graph);
    free(s->memory);
    hs_dataset_close(s->dataset);
    hs_train_config_free(&s->config);
    hs_arena_free(&s->arena);
    hs_run_folder_close(&s->folder);
}

hs_status hs_session_save(hs_session *s, const char *name)
{
    const char *layer = hs_params_find_nonfinite(s->params);
    if (layer) /* made by the last step; no loss has met it yet */
        return hs_error(HS_ERR_NONFINITE, "lower optimizer.lr or set optimizer.clip_norm",
                        "train: step %lld: got a parameter of layer '%s' that is not finite; %s "
                        "stays as it was",
                        (long long)s->state.step, layer, hs_session_path(s, name));
    s->state.seconds = hs_now() - s->started;
    hs_checkpoint_info info = {.config = s->config_text,
                               .labels = s->data->labels,
                               .classes = s->data->classes,
                               .data_hash = s->data->hash,
                               .depth_unit = s->data->depth_unit,
                               .state = s->state};
    return hs_checkpoint_write(hs_session_path(s, name), s->params, s->solver, &info);
}

/* Networks: checkpoints as models, configurations to be described. */
#include "eval/net_segmenter.h"
#include "segment/model_kind.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include <stdlib.h>

typedef struct net_model {
    hs_ini ini;
    hs_net *net;
    hs_predictor predictor;
    hs_params *params;
    hs_net_segmenter net_segmenter;
} net_model;

static bool knows(const hs_model_file *file)
{
    return !file->h5 || hs_h5_exists(file->h5, "/params");
}

static hs_status load(const hs_model_file *file, int32_t batch, hs_model *m)
{
    hs_checkpoint_info info;
    net_model *s = hs_arena_take(&m->arena, sizeof *s);
    hs_status status;
    m->state = s;
    if (!file->h5)
        HS_TRY(hs_error(HS_ERR_DATA, "train it first: handseg train CONFIG.ini",
                        "%s: got a configuration, which has no parameters, expected a checkpoint",
                        m->path));
    HS_TRY(hs_checkpoint_read_info(m->path, &m->arena, &info));
    HS_TRY(hs_net_from_config_text(&s->ini, m->path, info.config, &s->net));
    const hs_net_input *input = hs_net_get_input(s->net);
    if (input->channels != 1)
        HS_TRY(hs_error(HS_ERR_DATA, NULL,
                        "%s: got a network for images of %d channels, expected 1", m->path,
                        input->channels));
    HS_TRY(hs_predictor_init(&s->predictor, s->net, HS_INFERENCE, batch, 0, 0));
    if (s->predictor.out.c != info.classes)
        HS_TRY(hs_error(HS_ERR_FORMAT, NULL, "%s: got a network with %d outputs and %d labels",
                        m->path, s->predictor.out.c, info.classes));
    HS_TRY(hs_params_create(s->predictor.graph, false, &s->params));
    HS_TRY(hs_checkpoint_read(m->path, s->params, NULL));
    HS_TRY(hs_predictor_bind(&s->predictor, s->params, NULL));
    HS_TRY(hs_net_segmenter_init(&s->net_segmenter, m->path, &s->predictor, input));
    m->segmenter = &s->net_segmenter.segmenter;
    m->labels = info.labels;
    m->trained_unit = info.depth_unit;
exit:
    return status;
}

static void free_state(void *state)
{
    net_model *s = state;
    if (!s)
        return;
    hs_net_segmenter_free(&s->net_segmenter);
    hs_predictor_free(&s->predictor);
    hs_params_destroy(s->params);
    hs_net_destroy(s->net);
    hs_ini_free(&s->ini);
}

static hs_tensor logits(const void *state)
{
    const net_model *s = state;
    return *hs_plan_tensor(s->predictor.plan, s->predictor.logits);
}

const hs_model_kind hs_model_kind_net = {
    .what = "a checkpoint of a network",
    .knows = knows,
    .load = load,
    .free = free_state,
    .describe = hs_describe_net,
    .bench = hs_bench_net,
    .logits = logits,
};

/* Random forests: files of trees as models, configurations to be described. */
#include "segment/forest_source.h"
#include "segment/model_kind.h"
#include "train/forest_file.h"
#include "train/forest_segmenter.h"

typedef struct forest_model {
    hs_forest_source source;
    hs_forest_segmenter segmenter;
} forest_model;

static bool knows(const hs_model_file *file)
{
    bool forest;
    if (file->h5)
        return hs_h5_exists(file->h5, HS_FOREST_GROUP);
    /* A configuration that cannot be read is left to whoever says why. */
    return hs_config_names_forest(file->path, NULL, 0, &forest) == HS_OK && forest;
}

static hs_status load(const hs_model_file *file, int32_t batch, hs_model *m)
{
    forest_model *s = hs_arena_take(&m->arena, sizeof *s);
    const hs_forest_source *source = &s->source;
    hs_status status;
    (void)batch; /* frames are labelled one by one, each by all threads */
    m->state = s;
    HS_TRY(hs_forest_source_read(&s->source, file->path, NULL, 0));
    if (source->count == 0) {
        status = hs_error(HS_ERR_DATA,
                          source->trained ? "go on with handseg train CONFIG.ini --resume"
                                          : "train it first: handseg train CONFIG.ini",
                          "%s: got a forest without a finished tree", m->path);
        goto exit;
    }
    hs_probe_view view = hs_forest_view(&source->config, source->info.depth_unit);
    HS_TRY(hs_forest_segmenter_init(&s->segmenter, &view, source->trees, source->count));
    m->segmenter = &s->segmenter.segmenter;
    m->labels = source->info.labels;
    m->trained_unit = source->info.depth_unit;
exit:
    return status;
}

static void free_state(void *state)
{
    forest_model *s = state;
    if (!s)
        return;
    hs_forest_segmenter_free(&s->segmenter);
    hs_forest_source_free(&s->source);
}

const hs_model_kind hs_model_kind_forest = {
    .what = "a forest",
    .knows = knows,
    .load = load,
    .free = free_state,
    .describe = hs_describe_forest,
    .bench = hs_bench_labels,
};

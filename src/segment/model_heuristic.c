/* Rules that need no training, as models: INI files with the section of a rule. */
#include "base/text.h"
#include "data/layout.h"
#include "heuristic/heuristic.h"
#include "segment/model_kind.h"

typedef struct heuristic_model {
    hs_segmenter segmenter;
    hs_ini ini;
    hs_heuristic *heuristic;
} heuristic_model;

static bool knows(const hs_model_file *file)
{
    return !file->h5 && hs_heuristic_in(&file->ini);
}

static hs_status label(void *self, const hs_frame_batch *frames, uint8_t *labels)
{
    const heuristic_model *m = self;
    int64_t area = (int64_t)m->segmenter.height * m->segmenter.width;
    for (int32_t i = 0; i < frames->count; i++) {
        hs_heuristic_frame frame = {.depth = frames->depth + i * area,
                                    .color = frames->color ? frames->color + 3 * i * area : NULL,
                                    .depth_unit = frames->depth_unit};
        hs_heuristic_label(m->heuristic, &frame, labels + i * area);
    }
    return HS_OK;
}

static hs_status load(const hs_model_file *file, int32_t batch, hs_model *model)
{
    heuristic_model *m = hs_arena_take(&model->arena, sizeof *m);
    hs_status status;
    model->state = m;
    HS_TRY(hs_ini_read(&m->ini, file->path));
    HS_TRY(hs_heuristic_create(&m->ini, &m->heuristic));
    m->segmenter = (hs_segmenter){.self = m,
                                  .batch = batch,
                                  .height = hs_heuristic_height(m->heuristic),
                                  .width = hs_heuristic_width(m->heuristic),
                                  .classes = HS_LAYOUT_CLASSES,
                                  .label = label,
                                  .color = hs_heuristic_needs_color(m->heuristic)};
    model->segmenter = &m->segmenter;
    model->labels = hs_layout_labels;
    model->trained_unit = HS_SR300_DEPTH_UNIT; /* of frames that do not say theirs */
exit:
    return status;
}

static void free_state(void *state)
{
    heuristic_model *m = state;
    if (!m)
        return;
    hs_heuristic_destroy(m->heuristic);
    hs_ini_free(&m->ini);
}

/* ---- info ------------------------------------------------------------------------------------ */

static void print_text(const char *path, const hs_heuristic *h, const hs_ini_section *rule,
                       FILE *out)
{
    fprintf(out, "heuristic   %s: %s, needs no training\n", path, hs_heuristic_name(h));
    fprintf(out, "labels      %s, %s, %s\n", hs_layout_labels[0], hs_layout_labels[1],
            hs_layout_labels[2]);
    fprintf(out, "input       %s, %dx%d pixels\n",
            hs_heuristic_needs_color(h) ? "depth and colour" : "depth", hs_heuristic_width(h),
            hs_heuristic_height(h));
    for (const hs_ini_entry *e = rule->entries; e; e = e->next)
        fprintf(out, "%-11s %s\n", e->key, e->value);
}

static void print_json(const char *path, const hs_heuristic *h, const hs_ini_section *rule,
                       FILE *out)
{
    hs_json json = hs_json_start(out);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "kind", "heuristic");
    hs_json_string(&json, "file", path);
    hs_json_string(&json, "rule", hs_heuristic_name(h));
    hs_json_open(&json, "labels", '[');
    for (int c = 0; c < HS_LAYOUT_CLASSES; c++)
        hs_json_string(&json, NULL, hs_layout_labels[c]);
    hs_json_close(&json, ']');
    hs_json_bool(&json, "color", hs_heuristic_needs_color(h));
    hs_json_integer(&json, "height", hs_heuristic_height(h));
    hs_json_integer(&json, "width", hs_heuristic_width(h));
    hs_json_open(&json, "settings", '{');
    for (const hs_ini_entry *e = rule->entries; e; e = e->next)
        hs_json_string(&json, e->key, e->value);
    hs_json_close(&json, '}');
    hs_json_close(&json, '}');
}

static hs_status describe(const hs_describe_request *request, FILE *out)
{
    hs_ini ini = {0};
    hs_heuristic *h = NULL;
    hs_status status;
    if (request->batch > 0)
        return hs_error(HS_ERR_USAGE, NULL, "--batch: %s: got a rule, which has no training",
                        request->path);
    HS_TRY(hs_ini_read(&ini, request->path));
    for (int i = 0; i < request->n; i++)
        HS_TRY(hs_ini_set(&ini, request->overrides[i], NULL, 0));
    HS_TRY(hs_heuristic_create(&ini, &h));
    const hs_ini_section *rule = hs_ini_find(&ini, hs_heuristic_name(h));
    (request->json ? print_json : print_text)(request->path, h, rule, out);
exit:
    hs_heuristic_destroy(h);
    hs_ini_free(&ini);
    return status;
}

const hs_model_kind hs_model_kind_heuristic = {
    .what = "the INI file of a heuristic",
    .knows = knows,
    .load = load,
    .free = free_state,
    .describe = describe,
    .bench = hs_bench_labels,
};

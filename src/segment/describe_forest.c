/* What a forest or its configuration holds. */
#include "base/text.h"
#include "forest/tree.h"
#include "handseg/dataset.h"
#include "report/table.h"
#include "segment/forest_source.h"
#include "train/forest_session.h"
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

/* Bytes of training; 0 without the data set it names. */
static hs_status find_memory(const hs_forest_source *s, uint32_t *frames, hs_forest_memory *memory)
{
    const hs_data_config *data = &s->config.data;
    hs_arena arena = {0};
    hs_run_frames run;
    hs_dataset *dataset = NULL;
    hs_status status = HS_OK;
    *frames = 0;
    *memory = (hs_forest_memory){0};
    if (s->config.alone || access(data->file, F_OK) != 0)
        return HS_OK;
    HS_TRY(hs_dataset_open(data->file, &dataset));
    HS_TRY(hs_run_frames_find(&arena, dataset, data, &run));
    *frames = run.train_count;
    *memory = hs_forest_memory_of(&s->config, dataset, &run);
exit:
    hs_arena_free(&arena);
    hs_dataset_close(dataset);
    return status;
}

/* ---- for people ------------------------------------------------------------------------------
 */
static void print_trained(const hs_checkpoint_info *info, FILE *file)
{
    const hs_progress_state *s = &info->state;
    fprintf(file, "labels      ");
    for (int c = 0; c < info->classes; c++)
        fprintf(file, "%s%s", c ? ", " : "", info->labels[c]);
    fprintf(file, "\ntrained     %" PRId64 " trees", s->epoch);
    if (s->batch > 0)
        fprintf(file, " and %" PRId64 " nodes of the next", s->batch);
    fprintf(file, ", seed %" PRIu64 "\n", s->seed);
    if (s->best_miou >= 0)
        fprintf(file, "validation  hand mIoU %.2f %% with %" PRId64 " trees\n", 100 * s->best_miou,
                s->best_epoch);
    else
        fprintf(file, "validation  none\n");
    fprintf(file, "data        hash %016" PRIx64 ", depth unit %.6g mm\n", info->data_hash,
            1000 * info->depth_unit);
    fprintf(file, "version     %s, on %s\n", info->version, info->processor);
}

static void print_trees(const hs_forest_source *s, FILE *file)
{
    hs_table table = hs_table_make("trees", "trees");
    hs_table_number_column(&table, "tree", "tree", 0, 1);
    hs_table_number_column(&table, "nodes", "nodes", 0, 1);
    hs_table_number_column(&table, "leaves", "leaves", 0, 1);
    hs_table_number_column(&table, "depth", "depth", 0, 1);
    for (int32_t i = 0; i < s->count; i++) {
        hs_cell *cells = hs_table_row(&table)->cells;
        cells[0].number = i + 1;
        cells[1].number = s->trees[i].count;
        cells[2].number = hs_tree_leaves(&s->trees[i]);
        cells[3].number = hs_tree_depth(&s->trees[i]);
    }
    fputc('\n', file);
    hs_tables_write(&table, 1, HS_TABLE_TEXT, file);
    hs_table_free(&table);
}

static void print_text(const hs_forest_source *s, const char *path, uint32_t frames,
                       const hs_forest_memory *m, FILE *file)
{
    const hs_forest_config *c = &s->config.forest;
    fprintf(file, "forest      %s\n", path);
    if (s->trained)
        print_trained(&s->info, file);
    fprintf(file, "input       %dx%d\n", s->config.width, s->config.height);
    fprintf(file,
            "growing     %d trees of depth %d, each node the best of %d features with %d "
            "thresholds\n",
            c->trees, c->depth, c->candidates, c->thresholds);
    if (m->total > 0)
        fprintf(file, "memory      at most %.0f MiB for training on %u frames\n",
                (double)m->total / (1 << 20), frames);
    if (s->trained)
        print_trees(s, file);
}

/* ---- for programs ----------------------------------------------------------------------------
 */
static void json_trained(hs_json *json, const hs_forest_source *s)
{
    char hash[24];
    const hs_progress_state *p = &s->info.state;
    snprintf(hash, sizeof hash, "%016" PRIx64, s->info.data_hash);
    hs_json_open(json, "labels", '[');
    for (int c = 0; c < s->info.classes; c++)
        hs_json_string(json, NULL, s->info.labels[c]);
    hs_json_close(json, ']');
    hs_json_integer(json, "seed", (long long)p->seed);
    hs_json_number(json, "validation_miou", p->best_miou >= 0 ? p->best_miou : NAN);
    hs_json_string(json, "version", s->info.version);
    hs_json_string(json, "processor", s->info.processor);
    hs_json_string(json, "data_hash", hash);
    hs_json_number(json, "depth_unit", s->info.depth_unit);
    hs_json_open(json, "trees", '[');
    for (int32_t i = 0; i < s->count; i++) {
        hs_json_open(json, NULL, '{');
        hs_json_integer(json, "nodes", s->trees[i].count);
        hs_json_integer(json, "leaves", hs_tree_leaves(&s->trees[i]));
        hs_json_integer(json, "depth", hs_tree_depth(&s->trees[i]));
        hs_json_close(json, '}');
    }
    hs_json_close(json, ']');
}

static void print_json(const hs_forest_source *s, const char *path, uint32_t frames,
                       const hs_forest_memory *m, FILE *file)
{
    const hs_forest_config *c = &s->config.forest;
    hs_json json = hs_json_start(file);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "kind", s->trained ? "forest" : "configuration");
    hs_json_string(&json, "file", path);
    if (s->trained)
        json_trained(&json, s);
    hs_json_integer(&json, "height", s->config.height);
    hs_json_integer(&json, "width", s->config.width);
    hs_json_integer(&json, "most_trees", c->trees);
    hs_json_integer(&json, "most_depth", c->depth);
    if (m->total > 0) {
        hs_json_integer(&json, "train_frames", frames);
        hs_json_integer(&json, "memory_bytes", (long long)m->total);
    }
    hs_json_close(&json, '}');
}

hs_status hs_describe_forest(const hs_describe_request *request, FILE *file)
{
    hs_forest_source s = {0};
    hs_forest_memory memory;
    uint32_t frames;
    hs_status status;
    HS_TRY(hs_forest_source_read(&s, request->path, request->overrides, request->n));
    if (request->batch > 0) {
        status = hs_error(HS_ERR_USAGE, NULL, "--batch: %s: got a forest, which has no batches",
                          request->path);
        goto exit;
    }
    HS_TRY(find_memory(&s, &frames, &memory));
    (request->json ? print_json : print_text)(&s, request->path, frames, &memory, file);
exit:
    hs_forest_source_free(&s);
    return status;
}

#include "segment/forest_source.h"

#include "io/file.h"
#include "train/forest_file.h"

static hs_status read_trees(hs_forest_source *s, const char *path)
{
    hs_h5 *file = NULL;
    hs_status status;
    HS_TRY(hs_forest_file_open(path, &s->arena, &file, &s->info));
    HS_TRY(hs_forest_config_parse(&s->config, path, s->info.config));
    int64_t count = s->info.state.epoch;
    if (count < 0 || count > s->config.forest.trees) {
        status = hs_error(HS_ERR_FORMAT, NULL, "%s: got %lld trees, expected at most %d", path,
                          (long long)count, s->config.forest.trees);
        goto exit;
    }
    s->trees = hs_arena_take(&s->arena, sizeof *s->trees * (size_t)(count + 1));
    for (; s->count < count; s->count++)
        HS_TRY(hs_forest_file_read(file, path, s->count, s->info.classes, &s->trees[s->count]));
    s->trained = true;
exit:
    hs_h5_close(file);
    return status;
}

hs_status hs_forest_source_read(hs_forest_source *s, const char *path, const char *const *overrides,
                                int n)
{
    bool text;
    hs_status status = hs_file_is_text(path, &text);
    if (status != HS_OK)
        return status;
    if (text)
        return hs_forest_config_read(&s->config, path, overrides, n);
    if (n > 0)
        return hs_error(HS_ERR_USAGE, NULL, "--set: %s: got a forest, expected a configuration",
                        path);
    return read_trees(s, path);
}

void hs_forest_source_free(hs_forest_source *s)
{
    for (int32_t i = 0; i < s->count; i++)
        hs_tree_free(&s->trees[i]);
    hs_forest_config_free(&s->config);
    hs_arena_free(&s->arena);
    *s = (hs_forest_source){0};
}

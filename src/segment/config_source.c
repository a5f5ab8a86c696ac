#include "segment/config_source.h"

#include <stdio.h>
#include <string.h>

/* What a training file must say and a network alone does not. */
static const char *const stand_ins[] = {"data.file=data.h5", "train.out=run"};
static const char stand_in_text[] = "\n[data]\nfile = data.h5\n[train]\nout = run\n";
enum { STAND_INS = sizeof stand_ins / sizeof *stand_ins };

static bool is_hdf5(const char *path)
{
    static const char signature[] = "\211HDF";
    char start[4] = "";
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(start, 1, sizeof start, file) : 0;
    if (file)
        fclose(file);
    return size == sizeof start && memcmp(start, signature, sizeof start) == 0;
}

static hs_status read_file(hs_config_source *s, const char *path, const char *const *overrides,
                           int n)
{
    hs_ini ini = {0};
    hs_status status = hs_ini_read(&ini, path);
    bool alone = hs_config_is_net(&ini);
    hs_ini_free(&ini);
    if (status != HS_OK)
        return status;
    const char **all = hs_arena_take(&s->arena, sizeof *all * (size_t)(STAND_INS + n));
    int count = 0;
    for (int i = 0; alone && i < STAND_INS; i++)
        all[count++] = stand_ins[i];
    for (int i = 0; i < n; i++)
        all[count++] = overrides[i];
    return hs_train_config_read(&s->config, path, all, count);
}

static hs_status read_checkpoint(hs_config_source *s, const char *path)
{
    hs_ini ini = {0};
    hs_status status;
    HS_TRY(hs_checkpoint_read_info(path, &s->arena, &s->info));
    const char *text = s->info.config;
    HS_TRY(hs_ini_parse(&ini, path, text, strlen(text)));
    if (hs_config_is_net(&ini))
        text = hs_arena_format(&s->arena, "%s%s", text, stand_in_text);
    HS_TRY(hs_train_config_parse(&s->config, path, text));
    s->trained = true;
exit:
    hs_ini_free(&ini);
    return status;
}

hs_status hs_config_source_read(hs_config_source *s, const char *path, const char *const *overrides,
                                int n)
{
    if (!is_hdf5(path))
        return read_file(s, path, overrides, n);
    if (n > 0)
        return hs_error(HS_ERR_USAGE, NULL, "--set: %s: got a checkpoint, expected a configuration",
                        path);
    return read_checkpoint(s, path);
}

void hs_config_source_free(hs_config_source *s)
{
    hs_train_config_free(&s->config);
    hs_arena_free(&s->arena);
    *s = (hs_config_source){0};
}

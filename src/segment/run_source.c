#include "segment/run_source.h"

#include "config/ini.h"
#include "io/file.h"
#include "io/hdf5.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20 }; /* bytes of a configuration */

/* The whole text of a file. */
static hs_status read_text(hs_run_source *s, const char *path, const char **text)
{
    size_t size = 0;
    char *bytes = hs_arena_take(&s->arena, TEXT_MAX + 1);
    hs_status status = hs_file_read_start(path, bytes, TEXT_MAX, &size);
    if (status == HS_OK && (size == TEXT_MAX || strlen(bytes) != size))
        return hs_error(HS_ERR_FORMAT, NULL, "%s: got %s, expected text", path,
                        size == TEXT_MAX ? "a file of a megabyte or more" : "a byte 0");
    *text = bytes;
    return status;
}

static void find_data(hs_run_source *s, const hs_ini *ini)
{
    const hs_ini_section *data = hs_ini_find(ini, "data");
    const hs_ini_entry *file = data ? hs_ini_entry_find(data, "file") : NULL;
    if (file && *file->value)
        s->data = hs_arena_string(&s->arena, file->value);
}

/* A file of the folder, which must be there. */
static hs_status need(hs_run_source *s, const char *name, const char *hint, const char **path)
{
    *path = hs_arena_format(&s->arena, "%s/%s", s->path, name);
    if (access(*path, F_OK) == 0)
        return HS_OK;
    return hs_error(HS_ERR_DATA, hint, "report: %s: got a folder without %s, expected %s", s->path,
                    name, "the run folder of handseg train");
}

static hs_status read_folder(hs_run_source *s)
{
    static const char no_run[] = "name the folder that train.out of the training says";
    const char *config;
    hs_h5 *file = NULL;
    hs_ini ini = {0};
    hs_status status;
    HS_TRY(need(s, "config.ini", no_run, &config));
    HS_TRY(need(s, "log.csv", no_run, &s->log));
    HS_TRY(need(s, "best.h5", "train until the first validation: handseg train ... --resume",
                &s->model));
    HS_TRY(read_text(s, config, &s->config));
    HS_TRY(hs_ini_parse(&ini, config, s->config, strlen(s->config)));
    find_data(s, &ini);
    const char *results = hs_arena_format(&s->arena, "%s/metrics.json", s->path);
    if (access(results, F_OK) == 0)
        HS_TRY(read_text(s, results, &s->results));
    HS_TRY(hs_h5_open(s->model, &file));
    HS_TRY(hs_error_context(hs_checkpoint_read_info_from(file, &s->arena, &s->info), "report"));
exit:
    hs_h5_close(file);
    hs_ini_free(&ini);
    return status;
}

static hs_status read_rule(hs_run_source *s)
{
    bool text;
    hs_status status;
    HS_TRY(hs_file_is_text(s->path, &text));
    if (!text)
        return hs_error(HS_ERR_DATA, "of a checkpoint name the folder it lies in",
                        "report: %s: got a file that is no text, expected the run folder of "
                        "handseg train, or the INI file of a rule",
                        s->path);
    s->model = s->path;
    HS_TRY(read_text(s, s->path, &s->config));
exit:
    return status;
}

/* The name that people know it by, whatever way leads to it. */
static hs_status find_base(hs_run_source *s)
{
    static const char suffix[] = ".ini";
    char *real = realpath(s->path, NULL);
    if (!real)
        return hs_error_system(errno, "a run is the folder that handseg train made",
                               "report: %s: cannot read", s->path);
    char *base = hs_arena_string(&s->arena, strrchr(real, '/') + 1);
    size_t length = strlen(base), end = sizeof suffix - 1;
    if (length > end && strcmp(base + length - end, suffix) == 0)
        base[length - end] = 0;
    s->base = *base ? base : "run";
    free(real);
    return HS_OK;
}

hs_status hs_run_source_read(hs_run_source *s, const char *path)
{
    struct stat info;
    s->path = path;
    hs_status status = find_base(s);
    if (status != HS_OK)
        return status;
    bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    return folder ? read_folder(s) : read_rule(s);
}

void hs_run_source_free(hs_run_source *s)
{
    hs_arena_free(&s->arena);
    *s = (hs_run_source){0};
}

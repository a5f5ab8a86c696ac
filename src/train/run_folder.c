#include "train/run_folder.h"

#include "base/log.h"
#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void clear_temporaries(const char *folder)
{
    static const char *const names[] = {"config.ini", "log.csv",      "best.h5",
                                        "last.h5",    "metrics.json", "init.csv"};
    hs_arena arena = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        hs_file_clear_temporaries(hs_arena_format(&arena, "%s/%s", folder, names[i]));
    hs_arena_free(&arena);
}

hs_status hs_run_folder_open(hs_run_folder *f, const char *path)
{
    hs_status status;
    HS_TRY(hs_error_context(hs_folder_make(path), "train.out"));
    /* Two runs in one folder would destroy each other: the lock goes with the process, however it
     * ends. */
    f->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->lock < 0)
        return hs_error_system(errno, NULL, "%s: cannot open the run folder", path);
    f->path = path;
    if (flock(f->lock, LOCK_EX | LOCK_NB) != 0)
        return hs_error(HS_ERR_STATE,
                        "wait for it, or choose another folder with --set train.out=DIR",
                        "%s: another process trains in this folder", path);
    clear_temporaries(path);
exit:
    return status;
}

void hs_run_folder_close(hs_run_folder *f)
{
    if (f->path)
        close(f->lock);
    *f = (hs_run_folder){0};
}

hs_status hs_run_folder_find(const hs_run_folder *f, const char *last, bool resume, bool *found)
{
    *found = access(last, F_OK) == 0;
    if (*found && !resume)
        return hs_error(HS_ERR_STATE,
                        "go on with --resume, or choose another folder with --set "
                        "train.out=DIR",
                        "%s: the folder holds a run already", f->path);
    if (resume && !*found)
        hs_log("%s: no checkpoint yet, beginning anew", f->path);
    return HS_OK;
}

hs_status hs_run_folder_write(const hs_run_folder *f, const char *name, const char *text)
{
    hs_arena arena = {0};
    hs_new_file out = {0};
    hs_status status;
    HS_TRY(hs_new_file_open(&out, hs_arena_format(&arena, "%s/%s", f->path, name)));
    fputs(text, out.file);
    HS_TRY(hs_new_file_commit(&out));
exit:
    hs_new_file_drop(&out);
    hs_arena_free(&arena);
    return status;
}

const char hs_resume_hint[] = "go on with the configuration the run began with, or begin "
                              "another run with another train.out";

/* Keys that may differ between a run and its continuation: they say when it ends, where things lie
 * or what there is room for, not what it does. */
static bool may_change(const char *title, const char *key)
{
    static const char *const keys[] = {"minutes", "steps",   "patience", "checkpoint_minutes",
                                       "out",     "workers", "file"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0 && (!strcmp(title, "[train]") || !strcmp(title, "[data]")))
            return true;
    return !strcmp(title, "[forest]") && !strcmp(key, "memory");
}

/* The value of a key, or NULL; sections of one label but another type are not the same. */
static const char *value_in(const hs_ini *ini, const hs_ini_section *section, const char *key)
{
    const hs_ini_section *s = hs_ini_find(ini, hs_ini_label(section));
    const hs_ini_entry *e =
        s && !strcmp(s->title, section->title) ? hs_ini_entry_find(s, key) : NULL;
    return e ? e->value : NULL;
}

/* Compares `now` and `then` in every key of `all`, which is one of them. */
static hs_status compare_entries(const hs_ini *all, const hs_ini *now, const hs_ini *then,
                                 const char *path)
{
    for (const hs_ini_section *s = all->sections; s; s = s->next)
        for (const hs_ini_entry *e = s->entries; e; e = e->next) {
            const char *got = value_in(now, s, e->key), *expected = value_in(then, s, e->key);
            if (may_change(s->title, e->key) || (got && expected && !strcmp(got, expected)))
                continue;
            return hs_error(HS_ERR_CONFIG, hs_resume_hint,
                            "--resume: %s %s: got %s, expected %s as in %s", s->title, e->key,
                            got ? got : "nothing", expected ? expected : "nothing", path);
        }
    return HS_OK;
}

hs_status hs_run_compare(const hs_ini *now, const hs_ini *then, const char *path)
{
    hs_status status = compare_entries(now, now, then, path);
    return status == HS_OK ? compare_entries(then, now, then, path) : status;
}

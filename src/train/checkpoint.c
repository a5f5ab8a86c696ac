#include "train/checkpoint.h"

#include "base/machine.h"
#include "handseg/version.h"
#include "io/hdf5.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of the run, by name; one list for writing and reading. */
#define STATE_INTEGERS(X) X(step) X(epoch) X(batch) X(best_epoch) X(best_step)
#define STATE_REALS(X) X(seconds) X(best_miou)

/* A parameter in an array laid out as the parameters are. */
typedef struct place {
    const hs_param *p;
    hs_real *base;
    bool nonfinite; /* set by reading: it holds an infinity or a NaN */
} place;

static void fill_rows(void *context, int64_t first, int64_t count, void *rows)
{
    const place *at = context;
    hs_param_to_dense(at->p, at->base, first, count, rows);
}

static void take_rows(void *context, int64_t first, int64_t count, void *rows)
{
    place *at = context;
    const hs_real *values = rows;
    int64_t n = count;
    for (int i = 1; i < at->p->rank; i++)
        n *= at->p->dims[i];
    for (int64_t i = 0; i < n; i++)
        at->nonfinite |= !isfinite(values[i]);
    hs_param_from_dense(at->p, at->base, first, count, rows);
}

/* One array of all parameters, `base` holding those that are trained or those that are not. */
static hs_status write_arrays(hs_h5 *file, const char *prefix, const hs_params *params,
                              hs_real *trained, hs_real *statistics)
{
    hs_status status = HS_OK;
    for (int i = 0; i < params->count && status == HS_OK; i++) {
        const hs_param *p = &params->params[i];
        place at = {.p = p, .base = p->trained ? trained : statistics};
        if (!at.base)
            continue;
        char name[512];
        snprintf(name, sizeof name, "%s/%s/%s", prefix, params->infos[i].layer, p->name);
        status = hs_h5_write_rows(file, name, HS_H5_REAL, p->rank, p->dims, fill_rows, &at);
    }
    return status;
}

static hs_status write_state(hs_h5 *file, const hs_progress_state *state)
{
    hs_status status;
    int64_t seed = (int64_t)state->seed;
    HS_TRY(hs_h5_write(file, "/train", HS_H5_I64, 0, NULL, &state->step));
    HS_TRY(hs_h5_set_i64(file, "/train", "seed", seed));
#define WRITE_INTEGER(name) HS_TRY(hs_h5_set_i64(file, "/train", #name, state->name));
#define WRITE_REAL(name) HS_TRY(hs_h5_set_f64(file, "/train", #name, state->name));
    STATE_INTEGERS(WRITE_INTEGER)
    STATE_REALS(WRITE_REAL)
exit:
    return status;
}

static hs_status write_solver(hs_h5 *file, const hs_params *params, const hs_solver *solver)
{
    hs_status status = HS_OK;
    for (int slot = 0; slot < HS_OPTIMIZER_SLOTS && solver; slot++) {
        if (!solver->slots[slot])
            continue;
        char prefix[128];
        snprintf(prefix, sizeof prefix, "/optimizer/%s",
                 hs_optimizer_slot_name((hs_optimizer_method)solver->optimizer.method, slot));
        HS_TRY(write_arrays(file, prefix, params, solver->slots[slot], NULL));
    }
    if (solver)
        HS_TRY(hs_h5_write(file, "/optimizer/step", HS_H5_I64, 0, NULL, &solver->step));
exit:
    return status;
}

hs_status hs_checkpoint_write_info(hs_h5 *file, const hs_checkpoint_info *info)
{
    hs_status status;
    int64_t hash = (int64_t)info->data_hash;
    char processor[128];
    hs_machine_processor(processor, sizeof processor);
    HS_TRY(write_state(file, &info->state));
    HS_TRY(hs_h5_set_text(file, "/", "version", hs_version()));
    HS_TRY(hs_h5_set_text(file, "/", "processor", processor));
    HS_TRY(hs_h5_set_text(file, "/", "config", info->config));
    HS_TRY(hs_h5_set_texts(file, "/", "labels", info->classes, info->labels));
    HS_TRY(hs_h5_set_numbers(file, "/", "data_hash", HS_H5_I64, 1, &hash));
    HS_TRY(hs_h5_set_f64(file, "/", "depth_unit", info->depth_unit));
exit:
    return status;
}

hs_status hs_checkpoint_write(const char *path, const hs_params *params, const hs_solver *solver,
                              const hs_checkpoint_info *info)
{
    hs_status status;
    hs_h5 *file = NULL;
    HS_TRY(hs_h5_create(path, &file));
    HS_TRY(write_arrays(file, HS_CHECKPOINT_PARAMS, params, params->values, params->statistics));
    HS_TRY(write_solver(file, params, solver));
    HS_TRY(hs_checkpoint_write_info(file, info));
    HS_TRY(hs_h5_commit(file));
exit:
    hs_h5_close(file);
    return status;
}

static bool holds(hs_h5 *file, const char *group)
{
    return hs_h5_exists(file, group) && hs_h5_has_attribute(file, "/", "config");
}

bool hs_checkpoint_is(hs_h5 *file)
{
    return holds(file, HS_CHECKPOINT_PARAMS);
}

hs_status hs_checkpoint_open(const char *path, const char *group, hs_h5 **file)
{
    hs_status status = hs_h5_open(path, file);
    if (status != HS_OK)
        return status;
    if (holds(*file, group))
        return HS_OK;
    hs_h5_close(*file);
    *file = NULL;
    return hs_error(HS_ERR_FORMAT, "checkpoints are best.h5 and last.h5 of a run folder",
                    "%s: got an HDF5 file without %s and config, expected a checkpoint", path,
                    group);
}

hs_status hs_checkpoint_read_info_from(hs_h5 *file, hs_arena *arena, hs_checkpoint_info *info)
{
    hs_status status;
    int64_t seed = 0, hash = 0;
    *info = (hs_checkpoint_info){0};
    HS_TRY(hs_h5_get_text(file, "/", "version", arena, &info->version));
    info->processor = "unknown"; /* older files do not say */
    if (hs_h5_has_attribute(file, "/", "processor"))
        HS_TRY(hs_h5_get_text(file, "/", "processor", arena, &info->processor));
    HS_TRY(hs_h5_get_text(file, "/", "config", arena, &info->config));
    HS_TRY(hs_h5_get_texts(file, "/", "labels", arena, &info->classes, &info->labels));
    HS_TRY(hs_h5_get_numbers(file, "/", "data_hash", HS_H5_I64, 1, &hash));
    HS_TRY(hs_h5_get_f64(file, "/", "depth_unit", &info->depth_unit));
    HS_TRY(hs_h5_get_i64(file, "/train", "seed", &seed));
#define READ_INTEGER(name) HS_TRY(hs_h5_get_i64(file, "/train", #name, &info->state.name));
#define READ_REAL(name) HS_TRY(hs_h5_get_f64(file, "/train", #name, &info->state.name));
    STATE_INTEGERS(READ_INTEGER)
    STATE_REALS(READ_REAL)
    info->state.seed = (uint64_t)seed;
    info->data_hash = (uint64_t)hash;
exit:
    return status;
}

hs_status hs_checkpoint_read_info(const char *path, hs_arena *arena, hs_checkpoint_info *info)
{
    hs_h5 *file = NULL;
    hs_status status = hs_checkpoint_open(path, HS_CHECKPOINT_PARAMS, &file);
    if (status == HS_OK)
        status = hs_checkpoint_read_info_from(file, arena, info);
    hs_h5_close(file);
    return status;
}

hs_status hs_checkpoint_check_data(const hs_checkpoint_info *info, const char *path,
                                   const hs_dataset_info *data, const char *file)
{
    bool same = info->classes == data->classes;
    for (int c = 0; c < info->classes && same; c++)
        same = strcmp(info->labels[c], data->labels[c]) == 0;
    if (!same)
        return hs_error(HS_ERR_DATA, NULL, "%s: got a checkpoint of other labels than %s", path,
                        file);
    if (info->data_hash != data->hash)
        return hs_error(HS_ERR_DATA, "go on with the data the run began with",
                        "--resume: %s: got another data set than the one of %s", file, path);
    return HS_OK;
}

/* Differences found so far, as text: the first few by name, the others counted. */
typedef struct differences {
    char text[1024];
    int count, used;
} differences;

static void add_difference(differences *d, const char *fmt, const char *a, const char *b,
                           const char *c)
{
    enum { SHOWN = 5 };
    if (d->count++ < SHOWN && d->used < (int)sizeof d->text) {
        d->used += snprintf(d->text + d->used, sizeof d->text - (size_t)d->used, "%s",
                            d->count > 1 ? "; " : "");
        if (d->used < (int)sizeof d->text)
            d->used += snprintf(d->text + d->used, sizeof d->text - (size_t)d->used, fmt, a, b, c);
    }
}

static void format_dims(int rank, const int64_t *dims, char text[64])
{
    int used = 0;
    text[0] = 0;
    for (int i = 0; i < rank && used < 64; i++)
        used +=
            snprintf(text + used, 64 - (size_t)used, "%s%lld", i ? "x" : "", (long long)dims[i]);
}

static bool known(const hs_params *params, const char *name)
{
    for (int i = 0; i < params->count; i++) {
        const hs_param_info *info = &params->infos[i];
        size_t length = strlen(info->layer);
        if (!strncmp(info->layer, name, length) && name[length] == '/' &&
            !strcmp(info->name, name + length + 1))
            return true;
    }
    return false;
}

/* Tensors of the file that the net has not. */
static hs_status find_unexpected(hs_h5 *file, const hs_params *params, differences *found)
{
    hs_status status;
    hs_arena arena = {0};
    const char *const *names;
    int n;
    HS_TRY(hs_h5_list_arrays(file, "/params", &arena, &n, &names));
    for (int i = 0; i < n; i++)
        if (!known(params, names[i]))
            add_difference(found, "%s is in the file only%s%s", names[i], "", "");
exit:
    hs_arena_free(&arena);
    return status;
}

static hs_status compare_tensors(const char *path, hs_h5 *file, const hs_params *params)
{
    hs_status status = HS_OK;
    differences found = {0};
    for (int i = 0; i < params->count; i++) {
        const hs_param_info *info = &params->infos[i];
        char name[512], want[64], got[64];
        snprintf(name, sizeof name, "/params/%s/%s", info->layer, info->name);
        if (!hs_h5_exists(file, name)) {
            add_difference(&found, "%s/%s is in the net only%s", info->layer, info->name, "");
            continue;
        }
        int rank;
        int64_t dims[HS_H5_MAX_RANK];
        HS_TRY(hs_h5_shape(file, name, NULL, &rank, dims));
        format_dims(info->rank, info->dims, want);
        format_dims(rank, dims, got);
        if (strcmp(want, got) != 0)
            add_difference(&found, "%s is %s in the file and %s in the net", name + 8, got, want);
    }
    HS_TRY(find_unexpected(file, params, &found));
    if (found.count > 0)
        status = hs_error(HS_ERR_DATA, "use the configuration that the checkpoint was trained with",
                          "%s: got a checkpoint of another net, %d tensors differ: %s%s", path,
                          found.count, found.text, found.count > 5 ? "; ..." : "");
exit:
    return status;
}

/* Numbers that are not finite are never written; of such a network every label would be made up. */
static hs_status read_arrays(const char *path, hs_h5 *file, const char *prefix,
                             const hs_params *params, hs_real *trained, hs_real *statistics)
{
    hs_status status = HS_OK;
    for (int i = 0; i < params->count && status == HS_OK; i++) {
        const hs_param *p = &params->params[i];
        place at = {.p = p, .base = p->trained ? trained : statistics};
        if (!at.base)
            continue;
        char name[512];
        snprintf(name, sizeof name, "%s/%s/%s", prefix, params->infos[i].layer, p->name);
        status = hs_h5_read_rows(file, name, HS_H5_REAL, p->rank, p->dims, take_rows, &at);
        if (status == HS_OK && at.nonfinite)
            status = hs_error(
                HS_ERR_NONFINITE, "take another checkpoint of the run, or train it again",
                "%s: %s: got a number that is not finite, expected finite ones", path, name);
    }
    return status;
}

static hs_status read_solver(const char *path, hs_h5 *file, const hs_params *params,
                             hs_solver *solver)
{
    hs_status status = HS_OK;
    for (int slot = 0; slot < HS_OPTIMIZER_SLOTS; slot++) {
        if (!solver->slots[slot])
            continue;
        char prefix[128];
        snprintf(prefix, sizeof prefix, "/optimizer/%s",
                 hs_optimizer_slot_name((hs_optimizer_method)solver->optimizer.method, slot));
        HS_TRY(read_arrays(path, file, prefix, params, solver->slots[slot], NULL));
    }
    HS_TRY(hs_h5_read(file, "/optimizer/step", HS_H5_I64, 0, NULL, &solver->step));
exit:
    return status;
}

hs_status hs_checkpoint_read(const char *path, hs_params *params, hs_solver *solver)
{
    hs_status status;
    hs_h5 *file = NULL;
    HS_TRY(hs_checkpoint_open(path, HS_CHECKPOINT_PARAMS, &file));
    HS_TRY(compare_tensors(path, file, params));
    HS_TRY(read_arrays(path, file, "/params", params, params->values, params->statistics));
    if (solver)
        HS_TRY(read_solver(path, file, params, solver));
exit:
    hs_h5_close(file);
    return status;
}

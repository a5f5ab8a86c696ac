/* Parameters: contiguous arrays, and their translation to PyTorch's order at the border. */
#include "base/rng.h"
#include "graph/graph.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void collect(const hs_graph *graph, hs_params *params)
{
    for (int i = 0; i < graph->n_nodes; i++)
        params->count += graph->nodes[i]->n_params;
    params->infos = hs_arena_take(&params->arena, sizeof *params->infos * (size_t)params->count);
    params->params = hs_arena_take(&params->arena, sizeof *params->params * (size_t)params->count);
    int at = 0;
    for (int i = 0; i < graph->n_nodes; i++) {
        const hs_node *node = graph->nodes[i];
        const char *layer = hs_arena_string(&params->arena, node->layer);
        for (int k = 0; k < node->n_params; k++, at++) {
            const hs_param *p = &node->params[k];
            params->params[at] = *p;
            params->infos[at] = (hs_param_info){
                .layer = layer, .name = p->name, .rank = p->rank, .trained = p->trained};
            memcpy(params->infos[at].dims, p->dims, sizeof p->dims);
        }
    }
}

int64_t hs_gradients_stored(const hs_graph *graph, hs_gradients which)
{
    return which == HS_GRADIENTS_ALL     ? graph->trained
           : which == HS_GRADIENTS_SMALL ? graph->small_trained
                                         : 0;
}

hs_status hs_params_create(const hs_graph *graph, bool gradients, hs_params **out)
{
    return hs_params_allocate(graph, gradients ? HS_GRADIENTS_ALL : HS_GRADIENTS_NONE, out);
}

static void collect_sinks(hs_params *params, int n)
{
    params->n_large = n;
    params->sinks = hs_arena_take(&params->arena, sizeof *params->sinks * (size_t)n);
    params->sink_sums = hs_arena_take(&params->arena, sizeof *params->sink_sums * (size_t)n);
    for (int i = 0; i < params->count; i++)
        if (params->params[i].large)
            params->sinks[params->params[i].large - 1].base = params->params[i].offset;
}

void hs_params_set_sink(hs_params *params,
                        double (*take)(void *context, int64_t first, int64_t count,
                                       const hs_real *gradients),
                        void *context)
{
    for (int i = 0; i < params->n_large; i++) {
        params->sinks[i].take = take;
        params->sinks[i].context = context;
    }
}

hs_status hs_params_allocate(const hs_graph *graph, hs_gradients which, hs_params **out)
{
    hs_status status = graph->status;
    hs_params *params = calloc(1, sizeof *params);
    if (status == HS_OK && !params)
        status = hs_error(HS_ERR_MEMORY, NULL, "parameters: out of memory");
    if (status != HS_OK)
        goto exit;
    params->trained = graph->trained;
    params->untrained = graph->untrained;
    params->stored = hs_gradients_stored(graph, which);
    size_t bytes = sizeof(hs_real) * (size_t)graph->trained;
    HS_TRY(hs_allocate(bytes, "parameters", (void **)&params->values));
    HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)graph->untrained, "running statistics",
                       (void **)&params->statistics));
    if (which != HS_GRADIENTS_NONE)
        HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)params->stored, "gradients",
                           (void **)&params->gradients));
    collect(graph, params);
    collect_sinks(params, graph->n_large);
exit:
    if (status != HS_OK) {
        hs_params_destroy(params);
        params = NULL;
    }
    *out = params;
    return status;
}

void hs_params_destroy(hs_params *params)
{
    if (!params)
        return;
    free(params->values);
    free(params->gradients);
    free(params->statistics);
    hs_arena_free(&params->arena);
    free(params);
}

int hs_params_count(const hs_params *params)
{
    return params->count;
}

const hs_param_info *hs_params_info(const hs_params *params, int index)
{
    return &params->infos[index];
}

int64_t hs_param_elements(const hs_param_info *info)
{
    int64_t count = 1;
    for (int i = 0; i < info->rank; i++)
        count *= info->dims[i];
    return count;
}

void hs_params_zero_gradients(hs_params *params)
{
    memset(params->gradients, 0, sizeof(hs_real) * (size_t)params->stored);
}

static bool all_finite(const hs_real *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static hs_real *array_of(const hs_params *params, const hs_param *p)
{
    return p->trained ? params->values : params->statistics;
}

const char *hs_params_find_nonfinite(const hs_params *params)
{
    for (int i = 0; i < params->count; i++) {
        const hs_param *p = &params->params[i];
        if (!all_finite(array_of(params, p) + p->offset, p->size))
            return params->infos[i].layer;
    }
    return NULL;
}

const char *hs_params_find_nonfinite_gradient(const hs_params *params)
{
    for (int i = 0; i < params->count; i++) {
        const hs_param *p = &params->params[i];
        bool stored = p->offset < params->stored;
        if (p->trained && !(stored ? all_finite(params->gradients + p->offset, p->size)
                                   : isfinite(params->sink_sums[p->large - 1])))
            return params->infos[i].layer;
    }
    return NULL;
}

/* Copies between rows [first, first + count) of [small][big][R][S] (PyTorch) and [R][S][big][pitch]
 * (memory), or between vectors. */
static void translate(const hs_param *p, hs_real *memory, int64_t first, int64_t count,
                      hs_real *dense, bool out)
{
    int64_t big = p->rank == 4 ? p->dims[1] : 1, taps = p->rank == 4 ? p->dims[2] * p->dims[3] : 1;
    int64_t pitch = hs_pitch_of((int32_t)p->dims[0]), row = big * taps;
#pragma omp parallel for schedule(static)
    for (int64_t c = 0; c < big; c++)
        for (int64_t t = 0; t < taps; t++) {
            hs_real *inside = memory + (t * big + c) * pitch + first;
            hs_real *outside = dense + c * taps + t;
            for (int64_t k = 0; k < count; k++)
                if (out)
                    outside[k * row] = inside[k];
                else
                    inside[k] = outside[k * row];
        }
}

void hs_param_to_dense(const hs_param *p, const hs_real *base, int64_t first, int64_t count,
                       hs_real *dense)
{
    translate(p, (hs_real *)base + p->offset, first, count, dense, true);
}

void hs_param_from_dense(const hs_param *p, hs_real *base, int64_t first, int64_t count,
                         const hs_real *dense)
{
    translate(p, base + p->offset, first, count, (hs_real *)dense, false);
}

void hs_param_from_lines(const hs_param *p, hs_real *base, int64_t first, int64_t count,
                         const hs_real *lines)
{
    int64_t width = p->dims[0], pitch = hs_pitch_of((int32_t)width);
    for (int64_t i = 0; i < count; i++)
        memcpy(base + p->offset + (first + i) * pitch, lines + i * width,
               sizeof *lines * (size_t)width);
}

void hs_params_get(const hs_params *params, int index, hs_real *values)
{
    const hs_param *p = &params->params[index];
    hs_param_to_dense(p, array_of(params, p), 0, p->dims[0], values);
}

void hs_params_set(hs_params *params, int index, const hs_real *values)
{
    const hs_param *p = &params->params[index];
    hs_param_from_dense(p, array_of(params, p), 0, p->dims[0], values);
}

void hs_params_get_gradient(const hs_params *params, int index, hs_real *values)
{
    const hs_param *p = &params->params[index];
    assert(p->offset < params->stored);
    hs_param_to_dense(p, params->gradients, 0, p->dims[0], values);
}

/* Of `size` taps the one at `tap`: falls from the middle of the kernel to zero just outside it. */
static double tent(int64_t tap, int64_t size)
{
    int64_t reach = (size + 1) / 2;
    return 1 - fabs((double)tap - 0.5 * (double)(size - 1)) / (double)reach;
}

/* Row r of [R][S][big_c][pitch] is tap r / big_c to channel r % big_c. */
static void fill_bilinear(const hs_param *p, hs_real *row)
{
    int64_t big = p->dims[1], width = p->dims[3], rows = p->dims[2] * width * big;
    for (int64_t r = 0; r < rows; r++, row += hs_pitch_of((int32_t)p->dims[0]))
        for (int64_t k = 0, tap = r / big; k < p->dims[0]; k++)
            row[k] =
                (hs_real)(r % big == k ? tent(tap / width, p->dims[2]) * tent(tap % width, width)
                                       : 0);
}

static void fill_normal(const hs_param *p, hs_real *row, double mean, double std, hs_rng rng)
{
    int64_t pitch = hs_pitch_of((int32_t)p->dims[0]), rows = p->size / pitch;
    for (int64_t r = 0; r < rows; r++, row += pitch)
        for (int64_t k = 0; k < p->dims[0]; k++)
            row[k] = (hs_real)(std > 0 ? mean + std * hs_rng_normal(&rng) : mean);
}

void hs_params_initialize(hs_params *params, const hs_init *init, uint64_t seed)
{
    for (int i = 0; i < params->count; i++) {
        const hs_param *p = &params->params[i];
        hs_real *at = array_of(params, p) + p->offset;
        double mean = p->init == HS_PARAM_ONE || p->init == HS_PARAM_NORM_SCALE;
        double std = p->init == HS_PARAM_NORM_SCALE ? init->norm_std
                     : p->init != HS_PARAM_CONV     ? 0
                     : init->scheme == HS_INIT_HE   ? sqrt(2.0 / (double)p->fan_in)
                                                    : init->std;
        if (p->init == HS_PARAM_BILINEAR)
            fill_bilinear(p, at);
        else
            fill_normal(p, at, mean, std, hs_rng_make(seed, 0, (uint32_t)i, HS_PURPOSE_INIT));
    }
}

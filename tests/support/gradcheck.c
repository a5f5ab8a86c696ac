#include "support/gradcheck.h"

#include "support/numbers.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARRAYS = 64, SAMPLE = 24 };

static const double STEP = 1e-5;

/* An input, a parameter, or the gradient of an output, dense in PyTorch's order. */
typedef struct array {
    const char *layer, *name;
    hs_real *v, *gradient; /* gradient: NULL where none is asked for */
    int64_t count;
    int index; /* value of the graph, or number of the parameter */
} array;

typedef struct check {
    const hs_graph *graph;
    hs_plan *plan;
    hs_params *params;
    array inputs[MAX_ARRAYS], outputs[MAX_ARRAYS], weights[MAX_ARRAYS];
    int n_inputs, n_outputs, n_weights;
} check;

static hs_real *reals(int64_t count)
{
    hs_real *v = calloc((size_t)count, sizeof *v);
    ck_assert_ptr_nonnull(v);
    return v;
}

static void add_input(check *k, int value, uint32_t labels, hs_rng *rng)
{
    const hs_value_info *info = &k->graph->values[value];
    int64_t count = hs_elements(info->shape);
    double *draw = calloc((size_t)count, sizeof *draw);
    ck_assert_ptr_nonnull(draw);
    array *a = &k->inputs[k->n_inputs++];
    *a = (array){.layer = info->name, .name = "input", .count = count, .index = value};
    a->v = reals(count);
    a->gradient = info->gradient ? reals(count) : NULL;
    hs_fill_distinct(rng, count, draw);
    for (int64_t i = 0; i < count; i++)
        a->v[i] = info->dtype == HS_F32 ? (hs_real)draw[i] : (hs_real)hs_rng_below(rng, labels);
    free(draw);
}

static void make_check(check *k, const hs_graph *graph, uint32_t labels, hs_rng *rng)
{
    *k = (check){.graph = graph};
    ck_assert_ok(hs_plan_create(graph, HS_TRAINING, &k->plan));
    ck_assert_ok(hs_params_create(graph, true, &k->params));
    hs_params_initialize(k->params, &(hs_init){0}, 1);
    for (int i = 0; i < graph->n_values; i++) {
        const hs_value_info *value = &graph->values[i];
        if (value->producer < 0)
            add_input(k, i, labels, rng);
        if (value->output) {
            array *a = &k->outputs[k->n_outputs++];
            *a = (array){.layer = value->name, .count = hs_elements(value->shape), .index = i};
            a->v = reals(a->count);
            a->gradient = reals(a->count);
            for (int64_t e = 0; e < a->count; e++)
                a->gradient[e] = (hs_real)hs_rng_normal(rng);
        }
    }
    for (int i = 0; i < hs_params_count(k->params); i++) {
        const hs_param_info *info = hs_params_info(k->params, i);
        if (!info->trained)
            continue;
        array *a = &k->weights[k->n_weights++];
        *a = (array){.layer = info->layer, .name = info->name, .index = i};
        a->count = hs_param_elements(info);
        a->v = reals(a->count);
        a->gradient = reals(a->count);
        for (int64_t e = 0; e < a->count; e++)
            a->v[e] = (hs_real)(0.5 * hs_rng_normal(rng));
        hs_params_set(k->params, i, a->v);
    }
    ck_assert_ok(hs_plan_bind(k->plan, k->params, NULL));
}

static void free_arrays(array *arrays, int n)
{
    for (int i = 0; i < n; i++) {
        free(arrays[i].v);
        free(arrays[i].gradient);
    }
}

static void free_check(check *k)
{
    free_arrays(k->inputs, k->n_inputs);
    free_arrays(k->outputs, k->n_outputs);
    free_arrays(k->weights, k->n_weights);
    hs_plan_destroy(k->plan);
    hs_params_destroy(k->params);
}

static void set_input(check *k, const array *a)
{
    if (k->graph->values[a->index].dtype == HS_F32) {
        ck_assert_ok(hs_plan_set(k->plan, a->index, a->v));
        return;
    }
    uint8_t *labels = malloc((size_t)a->count);
    ck_assert_ptr_nonnull(labels);
    for (int64_t i = 0; i < a->count; i++)
        labels[i] = (uint8_t)a->v[i];
    ck_assert_ok(hs_plan_set(k->plan, a->index, labels));
    free(labels);
}

/* Sum over outputs of gradient times value: what backward differentiates. */
static double forward(check *k)
{
    double loss = 0;
    for (int i = 0; i < k->n_inputs; i++)
        set_input(k, &k->inputs[i]);
    for (int i = 0; i < k->n_weights; i++)
        hs_params_set(k->params, k->weights[i].index, k->weights[i].v);
    ck_assert_ok(hs_plan_forward(k->plan, 11, 5));
    for (int i = 0; i < k->n_outputs; i++) {
        const array *a = &k->outputs[i];
        ck_assert_ok(hs_plan_get(k->plan, a->index, a->v));
        for (int64_t e = 0; e < a->count; e++)
            loss += (double)a->gradient[e] * (double)a->v[e];
    }
    return loss;
}

static void backward(check *k)
{
    forward(k);
    hs_params_zero_gradients(k->params);
    for (int i = 0; i < k->n_outputs; i++)
        ck_assert_ok(hs_plan_set_gradient(k->plan, k->outputs[i].index, k->outputs[i].gradient));
    ck_assert_ok(hs_plan_backward(k->plan));
    for (int i = 0; i < k->n_inputs; i++)
        if (k->inputs[i].gradient)
            ck_assert_ok(hs_plan_get_gradient(k->plan, k->inputs[i].index, k->inputs[i].gradient));
    for (int i = 0; i < k->n_weights; i++)
        hs_params_get_gradient(k->params, k->weights[i].index, k->weights[i].gradient);
}

/* Derivative of the loss along `direction` of array a. */
static double difference(check *k, array *a, const hs_real *direction)
{
    double loss[2];
    hs_real *start = reals(a->count);
    memcpy(start, a->v, sizeof *start * (size_t)a->count);
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < a->count; i++)
            a->v[i] = start[i] + (hs_real)(side ? STEP : -STEP) * direction[i];
        loss[side] = forward(k);
    }
    memcpy(a->v, start, sizeof *start * (size_t)a->count);
    free(start);
    return (loss[1] - loss[0]) / (2 * STEP);
}

/* Relative error of the gradient of one array; gradients that are zero but for rounding are
 * compared with 0.01. */
static double array_error(check *k, array *a, hs_rng *rng)
{
    hs_real *direction = reals(a->count);
    double norm = 0, along = 0, wrong = 0, sampled = 0;
    for (int64_t i = 0; i < a->count; i++) {
        direction[i] = (hs_real)hs_rng_normal(rng);
        norm += (double)a->gradient[i] * (double)a->gradient[i];
        along += (double)a->gradient[i] * (double)direction[i];
    }
    double error = fabs(difference(k, a, direction) - along) / (sqrt(norm) + 0.01);
    memset(direction, 0, sizeof *direction * (size_t)a->count);
    for (int i = 0; i < SAMPLE && i < a->count; i++) {
        int64_t e = a->count <= SAMPLE ? i : (int64_t)hs_rng_below(rng, (uint32_t)a->count);
        direction[e] = 1;
        wrong += pow(difference(k, a, direction) - (double)a->gradient[e], 2);
        sampled += pow((double)a->gradient[e], 2);
        direction[e] = 0;
    }
    free(direction);
    return fmax(error, sqrt(wrong) / (sqrt(sampled) + 0.01));
}

static void check_array(check *k, array *a, hs_rng *rng, hs_gradcheck *result)
{
    if (!a->gradient)
        return;
    double error = array_error(k, a, rng);
    result->arrays++;
    if (!(error <= result->worst)) {
        result->worst = error;
        snprintf(result->where, sizeof result->where, "'%s' %s", a->layer, a->name);
    }
}

hs_gradcheck hs_gradcheck_graph(const hs_graph *graph, uint32_t labels, uint64_t seed)
{
    hs_gradcheck result = {0};
    hs_rng rng = hs_rng_make(seed, 0, 0, HS_PURPOSE_TEST);
    check k;
    make_check(&k, graph, labels, &rng);
    backward(&k);
    for (int i = 0; i < k.n_inputs; i++)
        check_array(&k, &k.inputs[i], &rng, &result);
    for (int i = 0; i < k.n_weights; i++)
        check_array(&k, &k.weights[i], &rng, &result);
    free_check(&k);
    return result;
}

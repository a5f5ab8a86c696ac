/* Every op, forward and backward, against its formula written naively, on every instruction set
 * this machine runs, in memory that starts as NaN and lies between guard zones. */
#include "graph/graph.h"
#include "ops/cases.h"
#include "support/guard.h"
#include "support/naive.h"
#include "support/numbers.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>

static const double TOLERANCE = 1e-5;

typedef void naive_function(hs_naive_call *call);

/* An op without a naive reference does not compile. */
#define HS_OP(name) {hs_naive_##name, hs_naive_##name##_backward},
static const struct {
    naive_function *forward, *backward;
} naive_ops[] = {
#include "ops/ops.def"
};
#undef HS_OP

/* A case in the library and in the naive reference, side by side. */
typedef struct trial {
    const op_case *c;
    char what[96];
    hs_graph *graph;
    hs_plan *plan;
    hs_params *params;
    hs_guarded arena;
    hs_value x[HS_MAX_INPUTS], y;
    bool accumulate; /* the inputs are outputs too: their gradients have a first contribution */
    hs_naive_call naive;
} trial;

static double *doubles(int64_t count)
{
    double *v = calloc((size_t)count, sizeof *v);
    ck_assert_ptr_nonnull(v);
    return v;
}

static void set_input(trial *t, int i, hs_rng *rng)
{
    hs_naive_image *x = &t->naive.x[i];
    int64_t count = hs_elements(x->shape);
    hs_real *values = calloc((size_t)count, sizeof *values);
    uint8_t *labels = calloc((size_t)count, sizeof *labels);
    if (op_case_labels(t->c, i)) {
        op_case_fill_labels(rng, x->shape, t->c->in[0].c, labels);
        for (int64_t e = 0; e < count; e++)
            x->v[e] = labels[e];
    } else {
        hs_fill_distinct(rng, count, x->v);
        for (int64_t e = 0; e < count; e++)
            x->v[e] = values[e] = (hs_real)x->v[e];
    }
    ck_assert_ok(hs_plan_set(t->plan, t->x[i], op_case_labels(t->c, i) ? (void *)labels : values));
    free(values);
    free(labels);
}

static void set_params(trial *t, hs_rng *rng)
{
    for (int i = 0; i < hs_params_count(t->params); i++) {
        const hs_param_info *info = hs_params_info(t->params, i);
        int64_t count = hs_param_elements(info);
        hs_real *values = calloc((size_t)count, sizeof *values);
        t->naive.param[i] = doubles(count);
        t->naive.dparam[i] = doubles(count);
        for (int64_t e = 0; e < count; e++) {
            values[e] = (hs_real)(info->trained ? hs_rng_normal(rng) : hs_rng_range(rng, 0.5, 2));
            t->naive.param[i][e] = values[e];
        }
        hs_params_set(t->params, i, values);
        free(values);
    }
}

static void make_trial(trial *t, const op_case *c, hs_mode mode, bool accumulate, hs_rng *rng)
{
    *t = (trial){.c = c, .accumulate = accumulate};
    snprintf(t->what, sizeof t->what, "case %d, %s, %s, %s%s", (int)(c - op_cases), c->op->name,
             hs_isa_name(hs_kernels_isa()), mode == HS_TRAINING ? "training" : "inference",
             accumulate ? ", accumulating" : "");
    ck_assert_ok(hs_graph_create(&t->graph));
    t->y = op_case_build(t->graph, c, t->x);
    for (int i = 0; i < c->n && accumulate; i++)
        if (op_case_differentiable(c, i))
            hs_graph_output(t->graph, t->x[i]);
    ck_assert_ok(hs_graph_status(t->graph));
    ck_assert_ok(hs_plan_create(t->graph, mode, &t->plan));
    ck_assert_ok(hs_params_create(t->graph, mode == HS_TRAINING, &t->params));
    t->arena = hs_guard_allocate(hs_plan_bytes(t->plan), 0xFF);
    ck_assert_ok(hs_plan_bind(t->plan, t->params, t->arena.data));
    hs_naive_call *n = &t->naive;
    n->attr = t->graph->nodes[t->graph->n_nodes - 1]->attr;
    n->pool = t->graph->nodes[0]->attr;
    n->mode = mode;
    n->n = c->n;
    n->y = hs_naive_new(hs_graph_shape(t->graph, t->y));
    n->dy = hs_naive_new(n->y.shape);
    for (int i = 0; i < c->n; i++) {
        n->x[i] = c->repeat && i > 0 ? n->x[0] : hs_naive_new(c->in[i]);
        n->dx[i] = c->repeat && i > 0 ? n->dx[0] : hs_naive_new(c->in[i]);
        if (!c->repeat || i == 0)
            set_input(t, i, rng);
    }
    set_params(t, rng);
}

static void free_trial(trial *t)
{
    ck_assert_msg(hs_guard_intact(&t->arena), "%s: wrote outside the arena", t->what);
    for (int i = 0; i < t->c->n && (i == 0 || !t->c->repeat); i++) {
        free(t->naive.x[i].v);
        free(t->naive.dx[i].v);
    }
    for (int i = 0; i < HS_NAIVE_PARAMS; i++) {
        free(t->naive.param[i]);
        free(t->naive.dparam[i]);
    }
    free(t->naive.y.v);
    free(t->naive.dy.v);
    free((void *)t->naive.kept);
    hs_plan_destroy(t->plan);
    hs_params_destroy(t->params);
    hs_graph_destroy(t->graph);
    hs_guard_free(&t->arena);
}

static void assert_close(const trial *t, const char *name, const hs_real *got, const double *want,
                         int64_t count)
{
    double *wide = doubles(count);
    for (int64_t i = 0; i < count; i++)
        wide[i] = (double)got[i];
    double distance = hs_distance(wide, want, count);
    ck_assert_msg(distance < TOLERANCE, "%s: %s: relative error %g", t->what, name, distance);
    free(wide);
}

/* Channels past the last one hold zeros. */
static void assert_padding(const trial *t, const char *name, const hs_real *data, int64_t pixels,
                           int channels)
{
    int pitch = hs_pitch_of(channels);
    for (int64_t p = 0; p < pixels; p++)
        for (int c = channels; c < pitch; c++)
            if (data[p * pitch + c] != 0)
                ck_abort_msg("%s: %s: padding channel %d of pixel %d is %g", t->what, name, c,
                             (int)p, (double)data[p * pitch + c]);
}

/* Takes the mask from what the library kept; whether it is a sound one, another test asks. */
static void read_mask(trial *t, const hs_real *y)
{
    double *kept = doubles(hs_elements(t->naive.y.shape));
    for (int64_t i = 0; i < hs_elements(t->naive.y.shape); i++)
        kept[i] = y[i] != 0;
    t->naive.kept = kept;
}

static void check_forward(trial *t)
{
    hs_shape shape = t->naive.y.shape;
    hs_real *y = calloc((size_t)hs_elements(shape), sizeof *y);
    ck_assert_ok(hs_plan_forward(t->plan, 7, 3));
    ck_assert_ok(hs_plan_get(t->plan, t->y, y));
    if (t->c->op == &hs_op_dropout)
        read_mask(t, y);
    naive_ops[op_index(t->c->op)].forward(&t->naive);
    assert_close(t, "y", y, t->naive.y.v, hs_elements(shape));
    assert_padding(t, "y", hs_plan_tensor(t->plan, t->y)->data, hs_pixels(shape), shape.c);
    for (int i = 0; i < hs_params_count(t->params); i++) {
        int64_t count = hs_param_elements(hs_params_info(t->params, i));
        hs_real *values = calloc((size_t)count, sizeof *values);
        hs_params_get(t->params, i, values);
        assert_close(t, hs_params_info(t->params, i)->name, values, t->naive.param[i], count);
        free(values);
    }
    free(y);
}

/* Draws a gradient for an output and hands it over. */
static void give_gradient(trial *t, hs_value value, double *gradient, int64_t count, hs_rng *rng)
{
    hs_real *values = calloc((size_t)count, sizeof *values);
    for (int64_t i = 0; i < count; i++) {
        values[i] = (hs_real)hs_rng_normal(rng);
        gradient[i] = (double)values[i];
    }
    ck_assert_ok(hs_plan_set_gradient(t->plan, value, values));
    free(values);
}

static void check_param_gradients(trial *t, double times)
{
    for (int i = 0; i < hs_params_count(t->params); i++) {
        const hs_param_info *info = hs_params_info(t->params, i);
        const hs_param *p = &t->params->params[i];
        if (!info->trained)
            continue;
        int64_t count = hs_param_elements(info);
        hs_real *values = calloc((size_t)count, sizeof *values);
        hs_params_get_gradient(t->params, i, values);
        for (int64_t e = 0; e < count; e++)
            values[e] /= (hs_real)times;
        assert_close(t, info->name, values, t->naive.dparam[i], count);
        assert_padding(t, info->name, t->params->gradients + p->offset,
                       p->size / hs_pitch_of((int32_t)p->dims[0]), (int)p->dims[0]);
        free(values);
    }
}

static void check_backward(trial *t, hs_rng *rng)
{
    naive_function *backward = naive_ops[op_index(t->c->op)].backward;
    give_gradient(t, t->y, t->naive.dy.v, hs_elements(t->naive.dy.shape), rng);
    for (int i = 0; i < t->c->n && t->accumulate; i++)
        if (op_case_differentiable(t->c, i) && (i == 0 || !t->c->repeat))
            give_gradient(t, t->x[i], t->naive.dx[i].v, hs_elements(t->c->in[i]), rng);
    ck_assert_ok(hs_plan_backward(t->plan));
    backward(&t->naive);
    for (int i = 0; i < t->c->n; i++) {
        hs_shape shape = t->c->in[i];
        if (!op_case_differentiable(t->c, i))
            continue;
        hs_real *dx = calloc((size_t)hs_elements(shape), sizeof *dx);
        ck_assert_ok(hs_plan_get_gradient(t->plan, t->x[i], dx));
        assert_close(t, "dx", dx, t->naive.dx[i].v, hs_elements(shape));
        assert_padding(t, "dx", t->plan->gradients[t->x[i]].data, hs_pixels(shape), shape.c);
        free(dx);
    }
    check_param_gradients(t, 1);
}

/* Gradients of parameters add up over passes until they are set to zero. */
static void check_second_pass(trial *t, hs_rng *rng)
{
    for (int i = 0; i < t->c->n && (i == 0 || !t->c->repeat); i++) {
        int64_t count = hs_elements(t->c->in[i]);
        hs_real *values = calloc((size_t)count, sizeof *values);
        for (int64_t e = 0; e < count; e++)
            values[e] = (hs_real)t->naive.x[i].v[e];
        if (!op_case_labels(t->c, i))
            ck_assert_ok(hs_plan_set(t->plan, t->x[i], values));
        else
            set_input(t, i, rng);
        free(values);
    }
    ck_assert_ok(hs_plan_forward(t->plan, 7, 3));
    int64_t count = hs_elements(t->naive.dy.shape);
    hs_real *dy = calloc((size_t)count, sizeof *dy);
    for (int64_t e = 0; e < count; e++)
        dy[e] = (hs_real)t->naive.dy.v[e];
    ck_assert_ok(hs_plan_set_gradient(t->plan, t->y, dy));
    free(dy);
    ck_assert_ok(hs_plan_backward(t->plan));
    check_param_gradients(t, 2);
    hs_params_zero_gradients(t->params);
    for (int64_t i = 0; i < t->params->trained; i++)
        if (t->params->gradients[i] != 0)
            ck_abort_msg("%s: gradient %d is not zero", t->what, (int)i);
}

/* Runs `check` on every instruction set this machine has, and says which it lacks. */
static void on_every_isa(void (*check)(void))
{
    hs_isa first = hs_kernels_isa();
    for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++) {
        if (!hs_kernels_force((hs_isa)isa)) {
            hs_skip("ops with %s: not on this machine", hs_isa_name((hs_isa)isa));
            continue;
        }
        ck_assert_int_eq(hs_kernels_isa(), isa);
        check();
    }
    ck_assert(hs_kernels_force(first));
}

static void check_training(void)
{
    for (int i = 0; i < OP_CASES; i++)
        for (int accumulate = 0; accumulate < 2; accumulate++) {
            trial t;
            hs_rng rng = hs_rng_make(1, 0, (uint32_t)i, HS_PURPOSE_TEST);
            make_trial(&t, &op_cases[i], HS_TRAINING, accumulate, &rng);
            check_forward(&t);
            check_backward(&t, &rng);
            check_second_pass(&t, &rng);
            free_trial(&t);
        }
}

START_TEST(forward_and_backward_equal_the_formulas)
{
    on_every_isa(check_training);
}
END_TEST

static void check_inference(void)
{
    for (int i = 0; i < OP_CASES; i++) {
        trial t;
        hs_rng rng = hs_rng_make(2, 0, (uint32_t)i, HS_PURPOSE_TEST);
        make_trial(&t, &op_cases[i], HS_INFERENCE, false, &rng);
        check_forward(&t);
        free_trial(&t);
    }
}

START_TEST(inference_equals_the_formulas)
{
    on_every_isa(check_inference);
}
END_TEST

START_TEST(every_op_has_cases)
{
    for (int i = 0; i < hs_ops_count; i++) {
        int cases = 0;
        for (int c = 0; c < OP_CASES; c++)
            cases += op_cases[c].op == hs_ops[i];
        ck_assert_msg(cases > 1, "op '%s' has %d cases", hs_ops[i]->name, cases);
        ck_assert_ptr_eq(hs_op_find(hs_ops[i]->name), hs_ops[i]);
    }
    ck_assert_ptr_null(hs_op_find("conv3d"));
}
END_TEST

/* ---- dropout's mask ---------------------------------------------------------------------------
 */

enum { MASK_N = 4, MASK_C = 37, MASK_H = 19, MASK_W = 23 };
enum { MASK_SIZE = MASK_N * MASK_C * MASK_H * MASK_W };

/* What dropout of ones gives: 0 or 1 / (1 - p). */
static void draw_mask(const char *layer, double p, bool channels, uint64_t seed, uint64_t step,
                      hs_real *y)
{
    hs_graph *g;
    hs_plan *plan;
    hs_params *params;
    ck_assert_ok(hs_graph_create(&g));
    hs_value x = hs_graph_input(g, "x", HS_F32, (hs_shape){MASK_N, MASK_C, MASK_H, MASK_W}, false);
    hs_value out = hs_dropout(g, layer, x, (hs_dropout_attr){p, channels});
    hs_graph_output(g, out);
    ck_assert_ok(hs_plan_create(g, HS_TRAINING, &plan));
    ck_assert_ok(hs_params_create(g, true, &params));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    for (int i = 0; i < MASK_SIZE; i++)
        y[i] = 1;
    ck_assert_ok(hs_plan_set(plan, x, y));
    ck_assert_ok(hs_plan_forward(plan, seed, step));
    ck_assert_ok(hs_plan_get(plan, out, y));
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}

static double share_equal(const hs_real *a, const hs_real *b)
{
    int equal = 0;
    for (int i = 0; i < MASK_SIZE; i++)
        equal += (a[i] == 0) == (b[i] == 0);
    return equal / (double)MASK_SIZE;
}

START_TEST(dropout_drops_its_share_and_names_its_numbers)
{
    static hs_real y[MASK_SIZE], other[MASK_SIZE];
    draw_mask("drop", 0.3, false, 1, 1, y);
    int dropped = 0;
    for (int i = 0; i < MASK_SIZE; i++) {
        dropped += y[i] == 0;
        if (y[i] != 0 && !(fabs((double)y[i] - 1 / 0.7) < 1e-6))
            ck_abort_msg("got %g, expected 0 or 1 / 0.7", (double)y[i]);
    }
    /* Five standard deviations. */
    ck_assert_double_eq_tol(dropped / (double)MASK_SIZE, 0.3, 5 * sqrt(0.21 / MASK_SIZE));
    draw_mask("drop", 0.3, false, 1, 1, other);
    ck_assert_int_eq(memcmp(y, other, sizeof y), 0);
    const double chance = 0.7 * 0.7 + 0.3 * 0.3, tolerance = 5 * sqrt(0.25 / MASK_SIZE);
    draw_mask("drop", 0.3, false, 1, 2, other);
    ck_assert_double_eq_tol(share_equal(y, other), chance, tolerance);
    draw_mask("drop", 0.3, false, 2, 1, other);
    ck_assert_double_eq_tol(share_equal(y, other), chance, tolerance);
    draw_mask("drop2", 0.3, false, 1, 1, other);
    ck_assert_double_eq_tol(share_equal(y, other), chance, tolerance);
}
END_TEST

START_TEST(dropout_of_channels_keeps_or_drops_them_whole)
{
    static hs_real y[MASK_SIZE];
    draw_mask("drop", 0.5, true, 1, 1, y);
    int dropped = 0, area = MASK_H * MASK_W;
    for (int c = 0; c < MASK_N * MASK_C; c++) {
        dropped += y[c * area] == 0;
        for (int i = 1; i < area; i++)
            if (y[c * area + i] != y[c * area])
                ck_abort_msg("channel %d is kept in part", c);
    }
    ck_assert_double_eq_tol(dropped / (double)(MASK_N * MASK_C), 0.5,
                            5 * sqrt(0.25 / (MASK_N * MASK_C)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops");
    TCase *tests = tcase_create("ops");
    tcase_add_test(tests, every_op_has_cases);
    tcase_add_test(tests, forward_and_backward_equal_the_formulas);
    tcase_add_test(tests, inference_equals_the_formulas);
    tcase_add_test(tests, dropout_drops_its_share_and_names_its_numbers);
    tcase_add_test(tests, dropout_of_channels_keeps_or_drops_them_whole);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Every op, forward and backward, against PyTorch's numbers (tests/golden/ops.py). */
#include "graph/graph.h"
#include "ops/cases.h"
#include "support/numbers.h"
#include "support/suite.h"
#include <stdlib.h>

static const double TOLERANCE = 1e-5;

static const op_case golden_cases[] = {
#include "golden/ops.inc"
};

enum { GOLDEN_CASES = sizeof golden_cases / sizeof *golden_cases };

/* What is left of the file. */
typedef struct reader {
    const char *what;
    float *numbers;
    int64_t at, count;
} reader;

static void open_numbers(reader *r)
{
    FILE *file = fopen("tests/golden/ops.f32", "rb");
    ck_assert_msg(file != NULL, "tests/golden/ops.f32: run the tests from the top of the project");
    enum { ROOM = 1 << 16 };
    r->numbers = malloc(ROOM * sizeof *r->numbers);
    ck_assert_ptr_nonnull(r->numbers);
    r->at = 0;
    r->count = (int64_t)fread(r->numbers, sizeof *r->numbers, ROOM, file);
    ck_assert_int_lt(r->count, ROOM);
    fclose(file);
}

static const hs_real *take(reader *r, int64_t count)
{
    ck_assert_int_le(r->at + count, r->count);
    r->at += count;
    return r->numbers + r->at - count;
}

static void assert_next(reader *r, const char *name, const hs_real *got, int64_t count)
{
    double distance = hs_distance_real(got, take(r, count), count);
    ck_assert_msg(distance < TOLERANCE, "%s: %s: relative error %g", r->what, name, distance);
}

/* Compares the next numbers with a parameter, or with its gradient. */
static void assert_next_param(reader *r, const hs_params *params, int index, bool gradient)
{
    int64_t count = hs_param_elements(hs_params_info(params, index));
    hs_real *got = malloc(sizeof *got * (size_t)count);
    ck_assert_ptr_nonnull(got);
    if (gradient)
        hs_params_get_gradient(params, index, got);
    else
        hs_params_get(params, index, got);
    assert_next(r, hs_params_info(params, index)->name, got, count);
    free(got);
}

static void set_input(reader *r, hs_plan *plan, const op_case *c, int i, hs_value value)
{
    int64_t count = hs_elements(c->in[i]);
    const hs_real *numbers = take(r, count);
    if (!op_case_labels(c, i)) {
        ck_assert_ok(hs_plan_set(plan, value, numbers));
        return;
    }
    uint8_t *labels = malloc((size_t)count);
    ck_assert_ptr_nonnull(labels);
    for (int64_t e = 0; e < count; e++)
        labels[e] = (uint8_t)numbers[e];
    ck_assert_ok(hs_plan_set(plan, value, labels));
    free(labels);
}

static void check_case(reader *r, const op_case *c)
{
    hs_graph *g;
    hs_plan *plan;
    hs_params *params;
    hs_value x[HS_MAX_INPUTS];
    ck_assert_ok(hs_graph_create(&g));
    hs_value y = op_case_build(g, c, x);
    ck_assert_ok(hs_params_create(g, true, &params));
    ck_assert_ok(hs_plan_create(g, HS_TRAINING, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    for (int i = 0; i < c->n; i++)
        set_input(r, plan, c, i, x[i]);
    for (int i = 0; i < hs_params_count(params); i++)
        hs_params_set(params, i, take(r, hs_param_elements(hs_params_info(params, i))));
    int64_t count = hs_elements(hs_graph_shape(g, y));
    hs_real *values = malloc(sizeof *values * (size_t)(count > 4096 ? count : 4096));
    ck_assert_ptr_nonnull(values);
    ck_assert_ok(hs_plan_forward(plan, 1, 1));
    ck_assert_ok(hs_plan_set_gradient(plan, y, take(r, count)));
    ck_assert_ok(hs_plan_get(plan, y, values));
    assert_next(r, "y", values, count);
    ck_assert_ok(hs_plan_backward(plan));
    for (int i = 0; i < c->n; i++) {
        if (!op_case_differentiable(c, i))
            continue;
        ck_assert_int_le(hs_elements(c->in[i]), 4096);
        ck_assert_ok(hs_plan_get_gradient(plan, x[i], values));
        assert_next(r, "dx", values, hs_elements(c->in[i]));
    }
    for (int trained = 1; trained >= 0; trained--)
        for (int i = 0; i < hs_params_count(params); i++)
            if (hs_params_info(params, i)->trained == trained)
                assert_next_param(r, params, i, trained);
    free(values);
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}

static void check_all(void)
{
    reader r;
    open_numbers(&r);
    for (int i = 0; i < GOLDEN_CASES; i++) {
        char what[96];
        snprintf(what, sizeof what, "case %d, %s, %s", i, golden_cases[i].op->name,
                 hs_isa_name(hs_kernels_isa()));
        r.what = what;
        check_case(&r, &golden_cases[i]);
    }
    ck_assert_int_eq(r.at, r.count);
    free(r.numbers);
}

START_TEST(ops_equal_those_of_pytorch)
{
    hs_isa first = hs_kernels_isa();
    for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++) {
        if (!hs_kernels_force((hs_isa)isa)) {
            hs_skip("golden numbers with %s: not on this machine", hs_isa_name((hs_isa)isa));
            continue;
        }
        check_all();
    }
    ck_assert(hs_kernels_force(first));
}
END_TEST

START_TEST(every_op_has_golden_numbers)
{
    for (int i = 0; i < hs_ops_count; i++) {
        int cases = 0;
        for (int c = 0; c < GOLDEN_CASES; c++)
            cases += golden_cases[c].op == hs_ops[i];
        ck_assert_msg(cases > 0, "no numbers of op '%s'", hs_ops[i]->name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden");
    TCase *tests = tcase_create("golden");
    tcase_add_test(tests, every_op_has_golden_numbers);
    tcase_add_test(tests, ops_equal_those_of_pytorch);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

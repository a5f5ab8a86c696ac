/* Large parameters take their step while their gradients are made: the same bits as with gradients
 * that are stored, and a number that is not finite is found all the same. */
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "train/solver.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* ---- whole runs -------------------------------------------------------------------------------
 */
/* Layers above HS_LARGE_PARAM whose gradients are made directly, by minimal filtering and from few
 * channels, and small ones between them. */
static const char wide_text[] =
    "[input]\nheight = 48\nwidth = 64\n"
    "[conv down]\nfilters = 48\nkernel = 8\nstride = 8\nnorm = batch\nact = leaky\n"
    "[conv wide]\nfilters = 450\nkernel = 7\npad = 3\nnorm = batch\nact = relu\n"
    "[conv square]\nfilters = 264\nkernel = 3\npad = 1\nnorm = batch\nact = leaky\n"
    "[conv_transpose up]\nfilters = 256\nkernel = 4\nstride = 2\npad = 1\nnorm = batch\n"
    "[conv narrow]\nfilters = 8\nkernel = 1\n"
    "[conv_transpose few]\nfilters = 1\nkernel = 2\nstride = 2\n"
    "[conv score]\nfilters = 3\nkernel = 1\n"
    "[upsample_bilinear whole]\nfactor = 2\n";

static const char settings[] = "net.file=wide.ini train.epochs=1 train.accumulate=1 "
                               "train.checkpoint_minutes=10 data.validate=none ";

static void train(const char *out, const char *more)
{
    char overrides[512];
    hs_tiny_config();
    hs_test_write(hs_test_path("wide.ini"), wide_text, sizeof wide_text - 1);
    snprintf(overrides, sizeof overrides, "%s%s", settings, more);
    ck_assert_ok(hs_tiny_train(out, overrides, false));
}

static void assert_same_runs(const char *a, const char *b)
{
    char path[512];
    snprintf(path, sizeof path, "%s", hs_tiny_path(a, "last.h5"));
    hs_tiny_assert_same(path, hs_tiny_path(b, "last.h5"));
    snprintf(path, sizeof path, "%s", hs_tiny_path(a, "log.csv"));
    hs_tiny_assert_same_log(path, hs_tiny_path(b, "log.csv"));
}

START_TEST(the_same_bits_as_with_stored_gradients)
{
    train("adam", "optimizer.weight_decay=0.01");
    train("adam_stored", "optimizer.weight_decay=0.01 train.fuse=no");
    assert_same_runs("adam", "adam_stored");
    train("sgd", "optimizer.method=sgd schedule.method=cosine");
    train("sgd_stored", "optimizer.method=sgd schedule.method=cosine train.fuse=no");
    assert_same_runs("sgd", "sgd_stored");
}
END_TEST

START_TEST(the_same_bits_with_any_number_of_threads)
{
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    train("one", "");
    omp_set_num_threads(3);
    train("three", "");
    omp_set_num_threads(threads);
    assert_same_runs("one", "three");
}
END_TEST

/* ---- one step ---------------------------------------------------------------------------------
 */
typedef struct trial {
    hs_graph *graph;
    hs_params *params;
    hs_plan *plan;
    hs_value x, y;
} trial;

enum { WIDTH = 1040 }; /* of a 1x1 convolution that is large, between two that are not */

static void open_trial(trial *t, hs_gradients which)
{
    hs_init init = {.scheme = HS_INIT_HE};
    ck_assert_ok(hs_graph_create(&t->graph));
    t->x = hs_graph_input(t->graph, "x", HS_F32, (hs_shape){1, 4, 2, 3}, false);
    hs_conv2d_attr attr = {.filters = WIDTH, .kernel = {1, 1}, .bias = true};
    hs_value v = hs_conv2d(t->graph, "before", t->x, attr);
    v = hs_conv2d(t->graph, "large", v, attr);
    attr.filters = 2;
    t->y = hs_conv2d(t->graph, "after", v, attr);
    hs_graph_output(t->graph, t->y);
    ck_assert_ok(hs_params_allocate(t->graph, which, &t->params));
    hs_params_initialize(t->params, &init, 1);
    ck_assert_ok(hs_plan_create(t->graph, HS_TRAINING, &t->plan));
    ck_assert_ok(hs_plan_bind(t->plan, t->params, NULL));
}

static void close_trial(trial *t)
{
    hs_plan_destroy(t->plan);
    hs_params_destroy(t->params);
    hs_graph_destroy(t->graph);
}

/* Forward and backward with all inputs `x`, all gradients of outputs `dy`. */
static hs_status run(trial *t, hs_real x, hs_real dy)
{
    hs_real in[4 * 6], gradient[2 * 6];
    for (int i = 0; i < 4 * 6; i++)
        in[i] = x;
    for (int i = 0; i < 2 * 6; i++)
        gradient[i] = dy;
    ck_assert_ok(hs_plan_set(t->plan, t->x, in));
    ck_assert_ok(hs_plan_forward(t->plan, 1, 1));
    ck_assert_ok(hs_plan_set_gradient(t->plan, t->y, gradient));
    return hs_plan_backward(t->plan);
}

START_TEST(large_parameters_lie_behind_the_others)
{
    trial t;
    open_trial(&t, HS_GRADIENTS_SMALL);
    const hs_params *p = t.params;
    ck_assert_int_eq(p->n_large, 1);
    ck_assert_int_eq(p->stored, p->trained - WIDTH * WIDTH);
    for (int i = 0; i < p->count; i++) {
        bool large = strcmp(p->infos[i].layer, "large") == 0 && p->infos[i].rank == 4;
        ck_assert_int_eq(p->params[i].offset >= p->stored, large);
        ck_assert_int_eq(p->params[i].large, large);
    }
    hs_status status = run(&t, 1, 1);
    ck_assert_int_eq(status, HS_ERR_STATE);
    ck_assert_ptr_nonnull(strstr(hs_error_message(), "neither room nor a sink"));
    close_trial(&t);
}
END_TEST

START_TEST(the_norm_counts_large_gradients)
{
    double norms[2];
    for (int stored = 0; stored < 2; stored++) {
        trial t;
        hs_solver *solver;
        hs_optimizer adam = {.beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8};
        open_trial(&t, stored ? HS_GRADIENTS_ALL : HS_GRADIENTS_SMALL);
        ck_assert_ok(hs_solver_create(t.params, &adam, &solver));
        hs_solver_begin(solver, 0.1);
        ck_assert_ok(run(&t, 1, 1));
        ck_assert_ok(hs_solver_step(solver, 0.1, &norms[stored]));
        hs_solver_destroy(solver);
        close_trial(&t);
    }
    ck_assert_double_gt(norms[1], 1);
    ck_assert_double_eq_tol(norms[0] / norms[1], 1, 1e-12);
}
END_TEST

/* Large numbers on both sides of the layer: their products overflow, those of the layer before do
 * not. */
START_TEST(a_gradient_that_overflows_is_found_in_its_layer)
{
    trial t;
    hs_solver *solver;
    hs_optimizer sgd = {.method = HS_OPTIMIZER_sgd};
    double norm;
    open_trial(&t, HS_GRADIENTS_SMALL);
    ck_assert_ok(hs_solver_create(t.params, &sgd, &solver));
    hs_real *before = t.params->values + t.params->params[0].offset;
    for (int64_t i = 0; i < t.params->params[0].size; i++)
        before[i] *= (hs_real)1e10;
    hs_solver_begin(solver, 1);
    ck_assert_ok(run(&t, (hs_real)1e10, (hs_real)1e22));
    ck_assert_int_eq(hs_solver_step(solver, 1, &norm), HS_ERR_NONFINITE);
    ck_assert(!isfinite(norm));
    ck_assert_str_eq(hs_params_find_nonfinite_gradient(t.params), "large");
    ck_assert_ptr_null(hs_params_find_nonfinite(t.params));
    ck_assert_int_eq(solver->step, 0);
    hs_solver_destroy(solver);
    close_trial(&t);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("large parameters");
    TCase *tests = tcase_create("large parameters");
    tcase_add_test(tests, the_same_bits_as_with_stored_gradients);
    tcase_add_test(tests, the_same_bits_with_any_number_of_threads);
    tcase_add_test(tests, large_parameters_lie_behind_the_others);
    tcase_add_test(tests, the_norm_counts_large_gradients);
    tcase_add_test(tests, a_gradient_that_overflows_is_found_in_its_layer);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Parameters: names, shapes and order as in PyTorch, initial values, running statistics. */
#include "graph/nets.h"
#include <math.h>

/* A convolution and a transposed one with unequal channels and kernels, and a norm. */
static hs_graph *params_graph(void)
{
    hs_graph *g;
    ck_assert_ok(hs_graph_create(&g));
    hs_value x = hs_graph_input(g, "x", HS_F32, (hs_shape){1, 3, 8, 8}, false);
    x = hs_conv2d(g, "conv", x, (hs_conv2d_attr){.filters = 17, .kernel = {2, 3}, .bias = true});
    x = hs_batch_norm2d(g, "norm", x, (hs_batch_norm2d_attr){0});
    hs_conv_transpose2d(g, "up", x,
                        (hs_conv_transpose2d_attr){.filters = 5, .kernel = {3, 2}, .bias = true});
    ck_assert_ok(hs_graph_status(g));
    return g;
}

START_TEST(params_are_named_and_shaped_as_in_pytorch)
{
    static const hs_param_info expected[] = {
        {"conv", "weight", 4, {17, 3, 2, 3}, true}, {"conv", "bias", 1, {17}, true},
        {"norm", "bn_weight", 1, {17}, true},       {"norm", "bn_bias", 1, {17}, true},
        {"norm", "bn_mean", 1, {17}, false},        {"norm", "bn_var", 1, {17}, false},
        {"up", "weight", 4, {17, 5, 3, 2}, true},   {"up", "bias", 1, {5}, true},
    };
    enum { COUNT = sizeof expected / sizeof *expected };
    hs_graph *g = params_graph();
    hs_params *params;
    ck_assert_ok(hs_params_create(g, true, &params));
    hs_graph_destroy(g); /* they outlive the graph */
    ck_assert_int_eq(hs_params_count(params), COUNT);
    for (int i = 0; i < COUNT; i++) {
        const hs_param_info *info = hs_params_info(params, i), *want = &expected[i];
        int64_t elements = 1;
        ck_assert_str_eq(info->layer, want->layer);
        ck_assert_str_eq(info->name, want->name);
        ck_assert_int_eq(info->rank, want->rank);
        ck_assert_int_eq(info->trained, want->trained);
        for (int d = 0; d < want->rank; d++) {
            ck_assert_int_eq(info->dims[d], want->dims[d]);
            elements *= want->dims[d];
        }
        ck_assert_int_eq(hs_param_elements(info), elements);
    }
    hs_params_destroy(params);
}
END_TEST

/* Number of reals that are not zero. */
static int64_t count_nonzero(const hs_real *v, int64_t count)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++)
        found += v[i] != 0;
    return found;
}

START_TEST(params_go_in_and_out_unchanged)
{
    hs_graph *g = params_graph();
    hs_params *params;
    ck_assert_ok(hs_params_create(g, true, &params));
    int64_t trained = 0, untrained = 0;
    for (int round = 0; round < 2; round++) /* set them all, then read them all */
        for (int i = 0; i < hs_params_count(params); i++) {
            const hs_param_info *info = hs_params_info(params, i);
            int64_t count = hs_param_elements(info);
            hs_real *in = malloc(sizeof *in * (size_t)count),
                    *out = calloc((size_t)count, sizeof *out);
            for (int64_t e = 0; e < count; e++)
                in[e] = (hs_real)(1000 * (i + 1) + e);
            if (round == 0) {
                hs_params_set(params, i, in);
                *(info->trained ? &trained : &untrained) += count;
            } else {
                hs_params_get(params, i, out);
                ck_assert_int_eq(memcmp(in, out, sizeof *in * (size_t)count), 0);
            }
            free(in);
            free(out);
        }
    ck_assert_int_eq(count_nonzero(params->values, params->trained), trained);
    ck_assert_int_eq(count_nonzero(params->statistics, params->untrained), untrained);
    /* weight[k][c][r][s] of the convolution lies at [r][s][c][k]. */
    const hs_real *weight = params->values + params->params[0].offset;
    for (int k = 0; k < 17; k++)
        for (int c = 0; c < 3; c++)
            for (int t = 0; t < 6; t++)
                if (weight[(t * 3 + c) * 32 + k] != (hs_real)(1000 + (k * 3 + c) * 6 + t))
                    ck_abort_msg("weight %d %d %d lies elsewhere", k, c, t);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}
END_TEST

static void moments(const hs_params *params, const char *layer, const char *name, double *mean,
                    double *std)
{
    for (int i = 0; i < hs_params_count(params); i++) {
        const hs_param_info *info = hs_params_info(params, i);
        if (strcmp(info->layer, layer) != 0 || strcmp(info->name, name) != 0)
            continue;
        int64_t count = hs_param_elements(info);
        hs_real *v = malloc(sizeof *v * (size_t)count);
        double sum = 0, square = 0;
        hs_params_get(params, i, v);
        for (int64_t e = 0; e < count; e++) {
            sum += (double)v[e];
            square += (double)v[e] * (double)v[e];
        }
        *mean = sum / (double)count;
        *std = sqrt(fmax(0, square / (double)count - *mean * *mean));
        free(v);
        return;
    }
    ck_abort_msg("no %s of '%s'", name, layer);
}

static void assert_moments(const hs_params *params, const char *layer, const char *name,
                           double mean, double std, double tolerance)
{
    double got_mean, got_std;
    moments(params, layer, name, &got_mean, &got_std);
    ck_assert_msg(fabs(got_mean - mean) <= tolerance && fabs(got_std - std) <= tolerance,
                  "%s of '%s': got %g +- %g, expected %g +- %g", name, layer, got_mean, got_std,
                  mean, std);
}

START_TEST(initial_values_have_their_mean_and_spread)
{
    test_net net = proposed_net(1, 32, 32, 1);
    hs_params *params, *again;
    hs_init normal = {HS_INIT_NORMAL, 0.02, 0.05}, he = {HS_INIT_HE, 0.02, 0};
    ck_assert_ok(hs_params_create(net.graph, false, &params));
    ck_assert_ok(hs_params_create(net.graph, false, &again));
    hs_params_initialize(params, &normal, 3);
    assert_moments(params, "enc3", "weight", 0, 0.02, 2e-4);
    assert_moments(params, "dec1", "weight", 0, 0.02, 2e-4);
    assert_moments(params, "norm4", "bn_weight", 1, 0.05, 0.01);
    assert_moments(params, "norm4", "bn_bias", 0, 0, 0);
    assert_moments(params, "norm4", "bn_mean", 0, 0, 0);
    assert_moments(params, "norm4", "bn_var", 1, 0, 0);
    assert_moments(params, "enc1", "bias", 0, 0, 0);
    hs_params_initialize(again, &normal, 3);
    size_t bytes = sizeof(hs_real) * (size_t)params->trained;
    ck_assert_int_eq(memcmp(params->values, again->values, bytes), 0);
    hs_params_initialize(again, &normal, 4);
    ck_assert_int_ne(memcmp(params->values, again->values, bytes), 0);
    hs_params_initialize(params, &he, 3);
    assert_moments(params, "enc3", "weight", 0, sqrt(2.0 / (128 * 16)), 2e-4);
    assert_moments(params, "norm4", "bn_weight", 1, 0, 0);
    int64_t dense = 0;
    for (int i = 0; i < hs_params_count(params); i++)
        if (hs_params_info(params, i)->trained && params->params[i].init != HS_PARAM_ZERO)
            dense += hs_param_elements(hs_params_info(params, i));
    ck_assert_int_eq(count_nonzero(params->values, params->trained), dense); /* padding is zero */
    hs_params_destroy(params);
    hs_params_destroy(again);
    hs_graph_destroy(net.graph);
}
END_TEST

/* A transposed convolution that begins bilinear interpolates, each channel by itself, but for the
 * border, where it takes what lies outside as zero; one that begins at zero gives its bias. */
START_TEST(layers_may_begin_otherwise)
{
    enum { C = 17, H = 5, W = 6, COUNT = C * H * W };
    hs_graph *g;
    hs_params *params;
    hs_plan *plan;
    hs_real x[COUNT], y[4 * COUNT], expected[4 * COUNT], zero[3 * H * W];
    ck_assert_ok(hs_graph_create(&g));
    hs_value in = hs_graph_input(g, "x", HS_F32, (hs_shape){1, C, H, W}, false);
    hs_value up = add_deconv(g, "up", in, C, false);
    hs_value smooth = hs_upsample_bilinear(g, "smooth", in, (hs_upsample_bilinear_attr){2, {0, 0}});
    hs_value score = add_conv(g, "score", in, 3, 3, 1, true);
    hs_graph_set_init(g, up, HS_LAYER_INIT_BILINEAR);
    hs_graph_set_init(g, score, HS_LAYER_INIT_ZERO);
    hs_graph_output(g, up);
    hs_graph_output(g, smooth);
    hs_graph_output(g, score);
    ck_assert_ok(hs_params_create(g, false, &params));
    hs_params_initialize(params, &(hs_init){HS_INIT_HE, 0, 0}, 1);
    ck_assert_int_eq(count_nonzero(params->values, params->trained), C * 4 * 4);
    ck_assert_ok(hs_plan_create(g, HS_INFERENCE, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_TEST);
    for (int i = 0; i < COUNT; i++)
        x[i] = (hs_real)hs_rng_uniform(&rng);
    ck_assert_ok(hs_plan_set(plan, in, x));
    ck_assert_ok(hs_plan_forward(plan, 0, 0));
    ck_assert_ok(hs_plan_get(plan, up, y));
    ck_assert_ok(hs_plan_get(plan, smooth, expected));
    ck_assert_ok(hs_plan_get(plan, score, zero));
    for (int i = 0; i < 4 * COUNT; i++) {
        int row = i / (2 * W) % (2 * H), column = i % (2 * W);
        double inside = (row % (2 * H - 1) ? 1 : 0.75) * (column % (2 * W - 1) ? 1 : 0.75);
        ck_assert_double_eq_tol((double)y[i], inside * (double)expected[i], 1e-6);
    }
    ck_assert_int_eq(count_nonzero(zero, 3 * H * W), 0);
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}
END_TEST

START_TEST(tents_of_odd_kernels_have_their_top_in_the_middle)
{
    hs_graph *g;
    hs_params *params;
    hs_real w[2 * 2 * 3 * 5];
    static const double rows[] = {0.5, 1, 0.5};
    static const double columns[] = {1.0 / 3, 2.0 / 3, 1, 2.0 / 3, 1.0 / 3};
    ck_assert_ok(hs_graph_create(&g));
    hs_value in = hs_graph_input(g, "x", HS_F32, (hs_shape){1, 2, 8, 8}, false);
    hs_conv2d_attr attr = {.filters = 2, .kernel = {3, 5}};
    hs_graph_set_init(g, hs_conv2d(g, "c", in, attr), HS_LAYER_INIT_BILINEAR);
    ck_assert_ok(hs_params_create(g, false, &params));
    hs_params_initialize(params, &(hs_init){0}, 1);
    hs_params_get(params, 0, w);
    for (int i = 0; i < 2 * 2 * 15; i++) {
        double expected = i / 30 == i / 15 % 2 ? rows[i / 5 % 3] * columns[i % 5] : 0;
        ck_assert_double_eq_tol((double)w[i], expected, 1e-7);
    }
    hs_params_destroy(params);
    hs_graph_destroy(g);
}
END_TEST

/* Running statistics after k passes over one batch: (1 - 0.9^k) of the batch's, 0.9^k of the
 * first. */
START_TEST(running_statistics_move_in_training_and_serve_in_inference)
{
    enum { N = 2, AREA = 6 };
    static const hs_real x[N * AREA] = {1, 2, 3, 4, 5, 6, -1, 0, 1, 0, 2, 1};
    hs_graph *g;
    hs_params *params;
    hs_plan *plans[2];
    double mean = 0, variance = 0, running_mean = 0, running_var = 1;
    for (int i = 0; i < N * AREA; i++)
        mean += (double)x[i] / (N * AREA);
    for (int i = 0; i < N * AREA; i++)
        variance += pow((double)x[i] - mean, 2) / (N * AREA - 1);
    ck_assert_ok(hs_graph_create(&g));
    hs_value in = hs_graph_input(g, "x", HS_F32, (hs_shape){N, 1, 2, 3}, false);
    hs_value out = add_norm(g, "norm", in);
    hs_graph_output(g, out);
    ck_assert_ok(hs_params_create(g, true, &params));
    hs_params_initialize(params, &(hs_init){0}, 1);
    for (int mode = HS_INFERENCE; mode <= HS_TRAINING; mode++) {
        ck_assert_ok(hs_plan_create(g, (hs_mode)mode, &plans[mode]));
        ck_assert_ok(hs_plan_bind(plans[mode], params, NULL));
    }
    for (int pass = 0; pass < 4; pass++) {
        hs_real y[N * AREA];
        ck_assert_ok(hs_plan_set(plans[HS_INFERENCE], in, x));
        ck_assert_ok(hs_plan_forward(plans[HS_INFERENCE], 0, 0));
        ck_assert_ok(hs_plan_get(plans[HS_INFERENCE], out, y));
        for (int i = 0; i < N * AREA; i++)
            ck_assert_double_eq_tol((double)y[i],
                                    ((double)x[i] - running_mean) / sqrt(running_var + 1e-5), 1e-5);
        ck_assert_ok(hs_plan_set(plans[HS_TRAINING], in, x));
        ck_assert_ok(hs_plan_forward(plans[HS_TRAINING], 0, 0));
        running_mean = 0.9 * running_mean + 0.1 * mean;
        running_var = 0.9 * running_var + 0.1 * variance;
        hs_real got[2];
        hs_params_get(params, 2, &got[0]);
        hs_params_get(params, 3, &got[1]);
        ck_assert_double_eq_tol((double)got[0], running_mean, 1e-6);
        ck_assert_double_eq_tol((double)got[1], running_var, 1e-6);
    }
    hs_plan_destroy(plans[0]);
    hs_plan_destroy(plans[1]);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("params");
    TCase *tests = tcase_create("params");
    tcase_add_test(tests, params_are_named_and_shaped_as_in_pytorch);
    tcase_add_test(tests, params_go_in_and_out_unchanged);
    tcase_add_test(tests, initial_values_have_their_mean_and_spread);
    tcase_add_test(tests, layers_may_begin_otherwise);
    tcase_add_test(tests, tents_of_odd_kernels_have_their_top_in_the_middle);
    tcase_add_test(tests, running_statistics_move_in_training_and_serve_in_inference);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

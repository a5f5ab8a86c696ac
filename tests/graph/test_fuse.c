/* Fused plans: the same bits as those that run every op by itself, but for norms folded into
 * weights. */
#include "graph/nets.h"
#include "support/numbers.h"

/* Results of three steps, the last one's gradients of the parameters included. */
typedef struct outcome {
    hs_real *values;
    size_t count; /* of values */
    int idle;     /* nodes that do nothing */
} outcome;

/* Moves every vector off the zeros and ones it starts with. */
static void stir(hs_params *params)
{
    hs_rng rng = hs_rng_make(9, 0, 0, HS_PURPOSE_TEST);
    for (int i = 0; i < hs_params_count(params); i++) {
        const hs_param_info *info = hs_params_info(params, i);
        hs_real values[512];
        if (info->rank != 1)
            continue;
        hs_params_get(params, i, values);
        for (int64_t k = 0; k < info->dims[0]; k++)
            values[k] += (hs_real)(0.5 * hs_rng_uniform(&rng));
        hs_params_set(params, i, values);
    }
}

static outcome find_outcome(int which, bool fuse, hs_mode mode)
{
    test_net net = which ? proposed_net(2, 32, 48, 8) : pooling_net(2, 21, 26);
    hs_graph_set_fusion(net.graph, fuse);
    hs_plan *plan;
    hs_params *params = make_params(&net);
    stir(params);
    ck_assert_ok(hs_plan_create(net.graph, mode, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    for (uint64_t i = 0; i < 3; i++) {
        if (mode == HS_TRAINING)
            step(plan, &net, i);
        else
            feed(plan, &net, i);
    }
    if (mode == HS_INFERENCE)
        ck_assert_ok(hs_plan_forward(plan, 1, 2));
    size_t logits = (size_t)hs_elements(hs_graph_shape(net.graph, net.logits));
    outcome o = {.count = logits + (size_t)params->trained};
    o.values = malloc(sizeof *o.values * o.count);
    ck_assert(o.values);
    ck_assert_ok(hs_plan_get(plan, net.logits, o.values));
    memcpy(o.values + logits, params->gradients, sizeof *o.values * (size_t)params->trained);
    for (int i = 0; i < plan->graph->n_nodes; i++)
        o.idle += plan->graph->nodes[i]->n_outputs == 0;
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(net.graph);
    return o;
}

START_TEST(fusion_changes_no_result)
{
    int which = _i % 2;
    hs_mode mode = _i / 2 ? HS_TRAINING : HS_INFERENCE;
    outcome fused = find_outcome(which, true, mode), plain = find_outcome(which, false, mode);
    ck_assert_int_eq(plain.idle, 0);
    ck_assert_int_ge(fused.idle, which ? 4 : 1);
    ck_assert_uint_eq(fused.count, plain.count);
    if (mode == HS_TRAINING)
        ck_assert_int_eq(memcmp(fused.values, plain.values, sizeof *fused.values * fused.count), 0);
    else
        ck_assert_double_lt(hs_distance_real(fused.values, plain.values, (int64_t)fused.count),
                            2e-6);
    free(fused.values);
    free(plain.values);
}
END_TEST

/* What else reads the value before an activation, or reads it after the run, still finds it. */
START_TEST(values_that_are_read_elsewhere_stay)
{
    test_net net = begin_net(1, 8, 8);
    hs_graph *g = net.graph;
    hs_value norm = add_norm(g, "n", add_conv(g, "c", net.depth, 5, 3, 1, false));
    hs_value twice = hs_concat(g, "both", (hs_value[]){norm, hs_relu(g, "r", norm)}, 2);
    hs_value kept = add_norm(g, "k", add_conv(g, "d", twice, 5, 3, 1, false));
    hs_graph_output(g, kept);
    net = end_net(net, add_conv(g, "score", hs_relu(g, "s", kept), 3, 1, 1, true));
    hs_plan *plan;
    hs_params *params = make_params(&net);
    ck_assert_ok(hs_plan_create(g, HS_TRAINING, &plan));
    for (int i = 0; i < plan->graph->n_nodes; i++)
        ck_assert_int_gt(plan->graph->nodes[i]->n_outputs, 0);
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    feed(plan, &net, 1);
    ck_assert_ok(hs_plan_forward(plan, 0, 0));
    hs_real values[5 * 64];
    int negative = 0;
    ck_assert_ok(hs_plan_get(plan, kept, values));
    for (int i = 0; i < 5 * 64; i++)
        negative += values[i] < 0;
    ck_assert_int_gt(negative, 50);
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fuse");
    TCase *tests = tcase_create("fuse");
    tcase_add_loop_test(tests, fusion_changes_no_result, 0, 4);
    tcase_add_test(tests, values_that_are_read_elsewhere_stay);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Fused plans, which make values again instead of keeping them: the same bits as plans that run
 * every op by itself and keep all, but for norms folded into weights. */
#include "graph/nets.h"
#include "support/numbers.h"

/* Results of three steps: the last logits and gradients, and the running statistics. */
typedef struct outcome {
    hs_real *values;
    size_t count; /* of values */
    size_t bytes; /* of the plan */
    int idle;     /* nodes that do nothing */
    int again;    /* values made again */
    int mapped;   /* values that are maps of others */
    int passed;   /* norms whose gradient the convolution before makes */
    int joined;   /* concatenations that copy nothing */
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

enum { PROPOSED = 1, DEEP = 2, SKIPS = 3, NETS = 4 };
enum { PLAIN, FUSED, SMALL };

static test_net make_net(int which)
{
    return which == 0   ? pooling_net(2, 21, 26)
           : which == 1 ? proposed_net(2, 32, 48, 2)
           : which == 2 ? deep_net(2, 19, 22)
                        : skips_net(2, 24, 32);
}

static outcome find_outcome(int which, int way, hs_mode mode)
{
    test_net net = make_net(which);
    hs_graph_set_fusion(net.graph, way != PLAIN);
    hs_graph_set_small(net.graph, way == SMALL);
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
    if (mode != HS_TRAINING)
        ck_assert_ok(hs_plan_forward(plan, 1, 2));
    size_t logits = (size_t)hs_elements(hs_graph_shape(net.graph, net.logits));
    size_t trained = (size_t)params->trained, untrained = (size_t)params->untrained;
    outcome o = {.count = logits + trained + untrained, .bytes = hs_plan_bytes(plan)};
    o.values = malloc(sizeof *o.values * o.count);
    ck_assert(o.values);
    ck_assert_ok(hs_plan_get(plan, net.logits, o.values));
    memcpy(o.values + logits, params->gradients, sizeof *o.values * trained);
    memcpy(o.values + logits + trained, params->statistics, sizeof *o.values * untrained);
    for (int i = 0; i < plan->graph->n_nodes; i++)
        o.idle += plan->graph->nodes[i]->n_outputs == 0;
    o.again = plan->n_again;
    for (int i = 0; i < plan->graph->n_nodes; i++)
        o.passed += plan->graph->nodes[i]->passes_to > 0;
    for (int i = 0; i < plan->graph->n_nodes; i++)
        o.joined += plan->graph->nodes[i]->joined;
    for (int v = 0; v < plan->graph->n_values; v++)
        o.mapped += plan->graph->values[v].source >= 0;
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(net.graph);
    return o;
}

START_TEST(fusion_changes_no_result)
{
    int which = _i % NETS;
    hs_mode mode = (hs_mode)(_i / NETS % 3);
    hs_isa isa = (hs_isa)(_i / NETS / 3);
    if (!hs_kernels_force(isa)) {
        hs_skip("this machine does not run %s", hs_isa_name(isa));
        return;
    }
    outcome plain = find_outcome(which, PLAIN, mode);
    ck_assert_int_eq(plain.idle + plain.again + plain.mapped + plain.joined, 0);
    for (int way = FUSED; way <= SMALL; way++) {
        outcome fused = find_outcome(which, way, mode);
        ck_assert_int_ge(fused.idle, which ? 4 : 1);
        ck_assert_uint_eq(fused.count, plain.count);
        ck_assert_int_ge(fused.joined, which == SKIPS ? 3 : 0);
        if (mode == HS_TRAINING) {
            ck_assert(fused.again > 0 || fused.joined > 0);
            ck_assert_int_ge(fused.passed, which == DEEP ? 7 : which == PROPOSED ? 1 : 0);
            ck_assert_int_ge(fused.mapped, which == DEEP ? 6 : which == PROPOSED ? 5 : 0);
            ck_assert_msg(!memcmp(fused.values, plain.values, sizeof *fused.values * fused.count),
                          "net %d, way %d, %s", which, way, hs_isa_name(isa));
        } else {
            ck_assert_int_eq(fused.again, 0);
            ck_assert_double_lt(hs_distance_real(fused.values, plain.values, (int64_t)fused.count),
                                2e-6);
        }
        free(fused.values);
    }
    free(plain.values);
}
END_TEST

/* Evaluation keeps no prepared weights: less memory than inference, the same bits. */
START_TEST(evaluation_is_inference)
{
    for (int which = 0; which < NETS; which++) {
        outcome kept = find_outcome(which, FUSED, HS_INFERENCE);
        outcome fresh = find_outcome(which, FUSED, HS_EVALUATION);
        ck_assert_uint_lt(fresh.bytes, kept.bytes);
        ck_assert(!memcmp(fresh.values, kept.values, sizeof *fresh.values * fresh.count));
        free(kept.values);
        free(fresh.values);
    }
}
END_TEST

static size_t plan_bytes(int way)
{
    test_net net = deep_net(2, 240, 320);
    hs_graph_set_fusion(net.graph, way != PLAIN);
    hs_graph_set_small(net.graph, way == SMALL);
    hs_plan *plan;
    ck_assert_ok(hs_plan_create(net.graph, HS_TRAINING, &plan));
    size_t bytes = hs_plan_bytes(plan);
    hs_plan_destroy(plan);
    hs_graph_destroy(net.graph);
    return bytes;
}

START_TEST(what_is_made_again_is_not_kept)
{
    ck_assert_uint_lt(4 * plan_bytes(FUSED), 3 * plan_bytes(PLAIN));
    ck_assert_uint_lt(10 * plan_bytes(SMALL), 9 * plan_bytes(FUSED));
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
    tcase_add_loop_test(tests, fusion_changes_no_result, 0, 3 * 3 * NETS);
    tcase_add_test(tests, evaluation_is_inference);
    tcase_add_test(tests, what_is_made_again_is_not_kept);
    tcase_add_test(tests, values_that_are_read_elsewhere_stay);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Plans: memory laid out by lifetimes, sharing it, running without allocating, the same numbers for
 * any number of threads. */
#include "graph/nets.h"
#include "support/allocations.h"
#include "support/guard.h"
#include <omp.h>

/* ---- allocations ------------------------------------------------------------------------------
 */
START_TEST(a_step_allocates_nothing)
{
    if (!count_allocations()) {
        hs_skip("allocations cannot be counted with this C library");
        return;
    }
    long before = allocations;
    void *volatile lost[] = {aligned_alloc(64, 64), calloc(1, 1)}; /* or the compiler drops both */
    free(lost[0]);
    free(lost[1]);
    ck_assert_int_ge(allocations - before, 2);
    test_net nets[] = {proposed_net(2, 16, 32, 8), pooling_net(2, 7, 9)};
    for (int i = 0; i < 2; i++) {
        hs_plan *plan;
        hs_params *params = make_params(&nets[i]);
        ck_assert_ok(hs_plan_create(nets[i].graph, HS_TRAINING, &plan));
        ck_assert_ok(hs_plan_bind(plan, params, NULL));
        hs_real loss = 0, one = 1;
        for (int warm = 0; warm < 3; warm++)
            step(plan, &nets[i], (uint64_t)warm);
        feed(plan, &nets[i], 9);
        before = allocations;
        hs_status status = hs_plan_forward(plan, 1, 9);
        status = status ? status : hs_plan_get(plan, nets[i].loss, &loss);
        status = status ? status : hs_plan_set_gradient(plan, nets[i].loss, &one);
        status = status ? status : hs_plan_backward(plan);
        long during = allocations - before;
        ck_assert_ok(status);
        ck_assert_int_eq(during, 0);
        hs_plan_destroy(plan);
        hs_params_destroy(params);
        hs_graph_destroy(nets[i].graph);
    }
}
END_TEST

/* ---- layout -----------------------------------------------------------------------------------
 */

/* Asserts that no two buffers in use at one time overlap; returns the most bytes in use at one. */
static size_t check_layout(const hs_buffer *buffers, int n, size_t total)
{
    size_t most = 0;
    for (int i = 0; i < n; i++) {
        const hs_buffer *a = &buffers[i];
        if (a->offset % HS_ALIGNMENT != 0 || a->offset + a->bytes > total)
            ck_abort_msg("buffer %d: %zu bytes at %zu of %zu", i, a->bytes, a->offset, total);
        size_t in_use = 0; /* when a begins: the total only grows at such times */
        for (int k = 0; k < n; k++) {
            const hs_buffer *b = &buffers[k];
            bool together = a->first <= b->last && b->first <= a->last;
            bool apart = a->offset + a->bytes <= b->offset || b->offset + b->bytes <= a->offset;
            if (i != k && together && !apart)
                ck_abort_msg("buffers %d and %d overlap", i, k);
            in_use += b->first <= a->first && a->first <= b->last ? b->bytes : 0;
        }
        most = in_use > most ? in_use : most;
    }
    return most;
}

START_TEST(buffers_in_use_together_lie_apart)
{
    enum { MOST = 80 };
    hs_buffer buffers[MOST];
    for (uint32_t round = 0; round < 300; round++) {
        hs_rng rng = hs_rng_make(1, 0, round, HS_PURPOSE_TEST);
        int n = (int)hs_rng_below(&rng, MOST + 1), times = 1 + (int)hs_rng_below(&rng, 60);
        for (int i = 0; i < n; i++) {
            int first = (int)hs_rng_below(&rng, (uint32_t)times) - 1;
            buffers[i] = (hs_buffer){.bytes = 1 + hs_rng_below(&rng, round % 2 ? 5000 : 1u << 20),
                                     .first = first,
                                     .last = first + (int)hs_rng_below(&rng, 12)};
        }
        size_t total = hs_layout_buffers(buffers, n);
        size_t most = check_layout(buffers, n, total);
        ck_assert_uint_ge(total, most);
        ck_assert(n > 0 || total == 0);
    }
}
END_TEST

START_TEST(buffers_of_equal_size_in_a_chain_take_turns)
{
    hs_buffer buffers[10];
    for (int i = 0; i < 10; i++)
        buffers[i] = (hs_buffer){.bytes = 100, .first = i, .last = i + 1};
    ck_assert_uint_eq(hs_layout_buffers(buffers, 10), 2 * 128);
}
END_TEST

START_TEST(plan_of_the_proposed_net_is_tight)
{
    test_net net = proposed_net(16, 240, 320, 1);
    size_t bytes[2];
    for (int mode = HS_INFERENCE; mode <= HS_TRAINING; mode++) {
        hs_plan *plan;
        ck_assert_ok(hs_plan_create(net.graph, (hs_mode)mode, &plan));
        bytes[mode] = hs_plan_bytes(plan);
        size_t least = check_layout(plan->buffers, plan->n_buffers, bytes[mode]);
        ck_assert_msg((double)bytes[mode] <= 1.3 * (double)least,
                      "%.1f MB planned, %.1f MB in use at most", (double)bytes[mode] / 1e6,
                      (double)least / 1e6);
        hs_plan_destroy(plan);
    }
    ck_assert_uint_lt(3 * bytes[HS_INFERENCE], 2 * bytes[HS_TRAINING]);
    hs_params *params;
    ck_assert_ok(hs_params_create(net.graph, false, &params));
    int64_t count = 0;
    for (int i = 0; i < hs_params_count(params); i++)
        count += hs_params_info(params, i)->trained * hs_param_elements(hs_params_info(params, i));
    ck_assert_int_eq(count, 6170307);
    hs_params_destroy(params);
    hs_graph_destroy(net.graph);
}
END_TEST

/* ---- results ----------------------------------------------------------------------------------
 */

/* Losses, gradients and running statistics of some steps. */
typedef struct trace {
    hs_real losses[3], *gradients, *statistics;
    size_t gradient_bytes, statistic_bytes;
} trace;

static void keep_trace(trace *t, const hs_params *params)
{
    t->gradient_bytes = sizeof(hs_real) * (size_t)params->trained;
    t->statistic_bytes = sizeof(hs_real) * (size_t)params->untrained;
    t->gradients = malloc(t->gradient_bytes + 1);
    t->statistics = malloc(t->statistic_bytes + 1);
    ck_assert(t->gradients && t->statistics);
    memcpy(t->gradients, params->gradients, t->gradient_bytes);
    memcpy(t->statistics, params->statistics, t->statistic_bytes);
}

static bool equal_traces(const trace *a, const trace *b)
{
    return memcmp(a->losses, b->losses, sizeof a->losses) == 0 &&
           memcmp(a->gradients, b->gradients, a->gradient_bytes) == 0 &&
           memcmp(a->statistics, b->statistics, a->statistic_bytes) == 0;
}

static void free_trace(trace *t)
{
    free(t->gradients);
    free(t->statistics);
}

static void change_params(hs_params *params)
{
    for (int64_t i = 0; i < params->trained; i++)
        params->values[i] -= (hs_real)0.01 * params->gradients[i];
}

/* Runs steps of plain descent. */
static void run_steps(hs_plan *plan, const test_net *net, hs_params *params, trace *t)
{
    for (int i = 0; i < 3; i++) {
        hs_params_zero_gradients(params);
        step(plan, net, (uint64_t)i);
        ck_assert_ok(hs_plan_get(plan, net->loss, &t->losses[i]));
        ck_assert(t->losses[i] > 0 && t->losses[i] < 100);
        change_params(params);
    }
    keep_trace(t, params);
}

static test_net make_net(int which)
{
    return which == 0   ? proposed_net(3, 16, 48, 8)
           : which == 1 ? pooling_net(2, 23, 19)
                        : pooling_net(1, 5, 3);
}

enum { NETS = 3 };

/* A lifetime that is too short shows as soon as buffers share memory: apart, all must be equal. */
static void lay_apart(hs_plan *plan)
{
    plan->bytes = 0;
    for (int i = 0; i < plan->n_buffers; i++) {
        plan->buffers[i].offset = plan->bytes;
        plan->bytes += plan->buffers[i].bytes;
    }
}

START_TEST(sharing_memory_changes_no_result)
{
    for (int which = 0; which < NETS; which++) {
        trace traces[2];
        for (int apart = 0; apart < 2; apart++) {
            test_net net = make_net(which);
            hs_plan *plan;
            hs_params *params = make_params(&net);
            ck_assert_ok(hs_plan_create(net.graph, HS_TRAINING, &plan));
            if (apart)
                lay_apart(plan);
            hs_guarded arena = hs_guard_allocate(hs_plan_bytes(plan), 0xFF);
            ck_assert_ok(hs_plan_bind(plan, params, arena.data));
            run_steps(plan, &net, params, &traces[apart]);
            ck_assert(hs_guard_intact(&arena));
            hs_plan_destroy(plan);
            hs_params_destroy(params);
            hs_graph_destroy(net.graph);
            hs_guard_free(&arena);
        }
        ck_assert_msg(equal_traces(&traces[0], &traces[1]), "net %d", which);
        free_trace(&traces[0]);
        free_trace(&traces[1]);
    }
}
END_TEST

START_TEST(results_do_not_depend_on_the_number_of_threads)
{
    int threads = omp_get_max_threads();
    for (int which = 0; which < NETS; which++) {
        trace traces[3];
        for (int t = 0; t < 3; t++) {
            omp_set_num_threads(t + 1);
            test_net net = make_net(which);
            hs_plan *plan;
            hs_params *params = make_params(&net);
            ck_assert_ok(hs_plan_create(net.graph, HS_TRAINING, &plan));
            ck_assert_ok(hs_plan_bind(plan, params, NULL));
            run_steps(plan, &net, params, &traces[t]);
            hs_plan_destroy(plan);
            hs_params_destroy(params);
            hs_graph_destroy(net.graph);
            ck_assert_msg(equal_traces(&traces[0], &traces[t]), "net %d, %d threads", which, t + 1);
        }
        for (int t = 0; t < 3; t++)
            free_trace(&traces[t]);
    }
    omp_set_num_threads(threads);
}
END_TEST

/* Scratch is sized for the threads there are when a graph is built: more are refused. */
START_TEST(more_threads_than_planned_are_refused)
{
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    test_net net = pooling_net(1, 5, 3);
    hs_plan *plan;
    hs_params *params = make_params(&net);
    ck_assert_ok(hs_plan_create(net.graph, HS_TRAINING, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    step(plan, &net, 1);
    omp_set_num_threads(4);
    ck_assert_error(hs_plan_forward(plan, 1, 1), HS_ERR_STATE, "got 4 threads");
    omp_set_num_threads(1);
    ck_assert_ok(hs_plan_forward(plan, 1, 1));
    omp_set_num_threads(2);
    ck_assert_error(hs_plan_backward(plan), HS_ERR_STATE, "got 2 threads");
    omp_set_num_threads(threads);
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(net.graph);
}
END_TEST

/* Training and evaluation take turns in one arena. */
START_TEST(two_plans_share_an_arena)
{
    test_net net = make_net(0);
    hs_plan *plans[2][2]; /* [alone, shared][mode] */
    hs_real logits[2][3 * 3 * 16 * 48];
    trace traces[2];
    void *arena = NULL;
    for (int shared = 0; shared < 2; shared++) {
        hs_params *params = make_params(&net);
        for (int mode = HS_INFERENCE; mode <= HS_TRAINING; mode++)
            ck_assert_ok(hs_plan_create(net.graph, (hs_mode)mode, &plans[shared][mode]));
        size_t bytes[] = {hs_plan_bytes(plans[shared][0]), hs_plan_bytes(plans[shared][1])};
        arena = shared ? aligned_alloc(64, bytes[0] > bytes[1] ? bytes[0] : bytes[1]) : NULL;
        for (int mode = HS_INFERENCE; mode <= HS_TRAINING; mode++)
            ck_assert_ok(hs_plan_bind(plans[shared][mode], params, arena));
        for (int round = 0; round < 2; round++) {
            run_steps(plans[shared][HS_TRAINING], &net, params, &traces[shared]);
            if (round == 0)
                free_trace(&traces[shared]);
            feed(plans[shared][HS_INFERENCE], &net, 77);
            hs_plan_refresh(plans[shared][HS_INFERENCE]);
            ck_assert_ok(hs_plan_forward(plans[shared][HS_INFERENCE], 0, 0));
            ck_assert_ok(hs_plan_get(plans[shared][HS_INFERENCE], net.logits, logits[shared]));
        }
        hs_plan_destroy(plans[shared][0]);
        hs_plan_destroy(plans[shared][1]);
        hs_params_destroy(params);
        free(arena);
    }
    ck_assert(equal_traces(&traces[0], &traces[1]));
    ck_assert_int_eq(memcmp(logits[0], logits[1], sizeof logits[0]), 0);
    free_trace(&traces[0]);
    free_trace(&traces[1]);
    hs_graph_destroy(net.graph);
}
END_TEST

/* Prepared weights are kept until the caller says that the parameters changed. */
START_TEST(refresh_makes_new_parameters_count)
{
    test_net net = make_net(0);
    hs_plan *plan;
    hs_params *params = make_params(&net);
    hs_real loss[3];
    ck_assert_ok(hs_plan_create(net.graph, HS_INFERENCE, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    for (int i = 0; i < 3; i++) {
        feed(plan, &net, 1);
        ck_assert_ok(hs_plan_forward(plan, 0, 0));
        ck_assert_ok(hs_plan_get(plan, net.loss, &loss[i]));
        if (i == 1) {
            for (int64_t k = 0; k < params->trained; k++)
                params->values[k] *= 2;
            hs_plan_refresh(plan);
        }
    }
    ck_assert(loss[0] == loss[1]);
    ck_assert(loss[2] != loss[1]);
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(net.graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tests = tcase_create("plan");
    tcase_add_test(tests, a_step_allocates_nothing);
    tcase_add_test(tests, buffers_in_use_together_lie_apart);
    tcase_add_test(tests, buffers_of_equal_size_in_a_chain_take_turns);
    tcase_add_test(tests, plan_of_the_proposed_net_is_tight);
    tcase_add_test(tests, sharing_memory_changes_no_result);
    tcase_add_test(tests, results_do_not_depend_on_the_number_of_threads);
    tcase_add_test(tests, more_threads_than_planned_are_refused);
    tcase_add_test(tests, two_plans_share_an_arena);
    tcase_add_test(tests, refresh_makes_new_parameters_count);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

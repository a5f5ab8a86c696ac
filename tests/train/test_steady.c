/* A steady step, of training or of labelling frames, allocates nothing and makes the system map no
 * page: counted by a malloc of this program's own, which every library of it calls, and by the
 * system's count of page faults. */
#include "graph/nets.h"
#include "support/allocations.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "eval/frame_segmenter.h"
#include "support/files.h"
#include "train/session.h"
#include <omp.h>
#include <sys/resource.h>

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* ---- counting ---------------------------------------------------------------------------------
 */
enum { WARM_UP = 10, STEPS = 20, WINDOWS = 10 };

typedef struct tally {
    long allocations, faults;
} tally;

static tally count(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (tally){allocations, usage.ru_minflt + usage.ru_majflt};
}

/* Allocations and page faults of STEPS steps. The system may take any page back and map it again
 * when it likes, so a window with faults is followed by another: what a step needs would show in
 * all of them. No assertion in between: Check allocates for each. */
static tally count_window(hs_status (*run)(void *), void *user)
{
    hs_status status = HS_OK;
    tally got;
    for (int i = 0; i < WARM_UP && status == HS_OK; i++)
        status = run(user);
    int windows = 0;
    do {
        tally before = count();
        for (int i = 0; i < STEPS && status == HS_OK; i++)
            status = run(user);
        tally after = count();
        got = (tally){after.allocations - before.allocations, after.faults - before.faults};
    } while (got.faults > 0 && got.allocations == 0 && ++windows < WINDOWS);
    ck_assert_ok(status);
    return got;
}

static void assert_steady(const tally *got, const char *what)
{
    ck_assert_msg(got->allocations == 0, "%s: %ld allocations in %d steps", what, got->allocations,
                  STEPS);
    ck_assert_msg(got->faults == 0, "%s: %ld page faults in %d steps", what, got->faults, STEPS);
}

START_TEST(the_counters_count)
{
    tally before = count();
    enum { BYTES = 1 << 20 };
    volatile unsigned char *p = malloc(BYTES);
    for (int i = 0; p && i < BYTES; i += 4096)
        p[i] = 1;
    tally after = count();
    free((void *)p);
    ck_assert_int_eq(after.allocations - before.allocations, 1);
    ck_assert_int_gt(after.faults - before.faults, 100);
}
END_TEST

/* ---- plan and solver --------------------------------------------------------------------------
 */
typedef struct trained_net {
    test_net net;
    hs_params *params;
    hs_plan *plan;
    hs_solver *solver;
    hs_real *images;
    uint8_t *labels;
    uint64_t step;
} trained_net;

static void open_net(trained_net *t, test_net net)
{
    *t = (trained_net){.net = net};
    t->params = make_params(&net);
    ck_assert_ok(hs_plan_create(net.graph, HS_TRAINING, &t->plan));
    ck_assert_ok(hs_plan_bind(t->plan, t->params, NULL));
    hs_optimizer adam = {
        .method = HS_OPTIMIZER_adam, .lr = 1e-4, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    ck_assert_ok(hs_solver_create(t->params, &adam, &t->solver));
    int64_t n = hs_elements(hs_graph_shape(net.graph, net.depth));
    t->images = calloc((size_t)n, sizeof *t->images);
    t->labels = calloc((size_t)n, 1);
    for (int64_t i = 0; i < n; i++) {
        t->images[i] = (hs_real)(i % 17) / 17;
        t->labels[i] = (uint8_t)(i % 3);
    }
}

static void close_net(trained_net *t)
{
    hs_solver_destroy(t->solver);
    hs_plan_destroy(t->plan);
    hs_params_destroy(t->params);
    hs_graph_destroy(t->net.graph);
    free(t->images);
    free(t->labels);
}

static hs_status train_once(void *user)
{
    trained_net *t = user;
    const hs_real one = 1;
    hs_real loss;
    double norm;
    hs_status status;
    HS_TRY(hs_plan_set(t->plan, t->net.depth, t->images));
    HS_TRY(hs_plan_set(t->plan, t->net.labels, t->labels));
    HS_TRY(hs_plan_forward(t->plan, 1, t->step++));
    HS_TRY(hs_plan_get(t->plan, t->net.loss, &loss));
    HS_TRY(hs_plan_set_gradient(t->plan, t->net.loss, &one));
    HS_TRY(hs_plan_backward(t->plan));
    HS_TRY(hs_solver_step(t->solver, 1e-4, &norm));
exit:
    return status;
}

START_TEST(a_step_allocates_nothing_and_faults_no_page)
{
    hs_isa isa = (hs_isa)_i, best = hs_kernels_isa();
    if (!hs_kernels_force(isa)) {
        hs_skip("%s is not an instruction set of this machine", hs_isa_name(isa));
        return;
    }
    int threads = omp_get_max_threads();
    for (int n = 1; n <= 3; n += 2) {
        trained_net t;
        char what[64];
        omp_set_num_threads(n);
        for (int pools = 0; pools < 2; pools++) {
            open_net(&t, pools ? pooling_net(2, 37, 53) : proposed_net(2, 48, 64, 8));
            tally got = count_window(train_once, &t);
            close_net(&t);
            snprintf(what, sizeof what, "%s net, %s, %d threads", pools ? "pooling" : "proposed",
                     hs_isa_name(isa), n);
            assert_steady(&got, what);
        }
    }
    omp_set_num_threads(threads);
    ck_assert(hs_kernels_force(best));
}
END_TEST

/* ---- inference --------------------------------------------------------------------------------
 */
typedef struct frame_job {
    hs_predictor predictor;
    hs_net_segmenter net;
    hs_frame_segmenter frames;
    uint16_t depth[96 * 128];
    uint8_t labels[96 * 128];
} frame_job;

static hs_status label_frame(void *user)
{
    frame_job *j = user;
    hs_frame frame = {.height = 96, .width = 128, .depth = j->depth, .depth_unit = 1.25e-4};
    return hs_frame_segmenter_run(&j->frames, &frame, j->labels);
}

START_TEST(a_frame_is_labelled_without_allocation)
{
    static frame_job job;
    hs_train_config config = {0};
    hs_params *params;
    ck_assert_ok(hs_train_config_read(&config, hs_tiny_config(), NULL, 0));
    ck_assert_ok(hs_predictor_init(&job.predictor, config.net, HS_INFERENCE, 1, 0, 0));
    ck_assert_ok(hs_params_create(job.predictor.graph, false, &params));
    hs_params_initialize(params, hs_net_get_init(config.net), 1);
    ck_assert_ok(hs_predictor_bind(&job.predictor, params, NULL));
    ck_assert_ok(
        hs_net_segmenter_init(&job.net, "steady", &job.predictor, hs_net_get_input(config.net)));
    ck_assert_ok(hs_frame_segmenter_init(&job.frames, &job.net.segmenter));
    for (int i = 0; i < 96 * 128; i++)
        job.depth[i] = (uint16_t)(5000 + i % 1000);
    tally got = count_window(label_frame, &job);
    hs_frame_segmenter_free(&job.frames);
    hs_net_segmenter_free(&job.net);
    hs_predictor_free(&job.predictor);
    hs_params_destroy(params);
    hs_train_config_free(&config);
    assert_steady(&got, "a frame");
}
END_TEST

/* ---- training with its loader -----------------------------------------------------------------
 */
static hs_status train_batch(void *user)
{
    hs_session *s = user;
    const hs_batch *batch;
    const hs_real one = 1;
    hs_real loss;
    double norm;
    hs_status status;
    HS_TRY(hs_loader_next(s->loader, &batch));
    HS_TRY(hs_plan_set(s->plan, s->input, batch->depth));
    HS_TRY(hs_plan_set(s->plan, s->labels, batch->mask));
    HS_TRY(hs_plan_forward(s->plan, s->state.seed, (uint64_t)s->state.step));
    HS_TRY(hs_plan_get(s->plan, s->loss, &loss));
    HS_TRY(hs_plan_set_gradient(s->plan, s->loss, &one));
    HS_TRY(hs_plan_backward(s->plan));
    HS_TRY(hs_solver_step(s->solver, 1e-4, &norm));
    s->state.step++;
    hs_log_row row = {.step = s->state.step, .loss = loss, .gradient_norm = norm};
    HS_TRY(hs_run_log_write(&s->log, &row));
exit:
    return status;
}

START_TEST(training_with_its_loader_is_steady)
{
    hs_session s;
    char folder[600];
    snprintf(folder, sizeof folder, "train.out=%s", hs_test_path("steady"));
    hs_log_quiet(true);
    ck_assert_ok(hs_session_open(&s, hs_tiny_config(),
                                 (const char *const[]){folder, "data.workers=2"}, 2, false));
    tally got = count_window(train_batch, &s);
    hs_session_close(&s);
    assert_steady(&got, "training with two workers");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("steady");
    TCase *tests = tcase_create("all");
    if (SANITIZED || !count_allocations()) {
        hs_skip("steady steps: the malloc here is not to be counted: a sanitizer's, or another C "
                "library's");
    } else {
        tcase_add_test(tests, the_counters_count);
        tcase_add_loop_test(tests, a_step_allocates_nothing_and_faults_no_page, HS_ISA_ref,
                            HS_ISA_avx512 + 1);
        tcase_add_test(tests, a_frame_is_labelled_without_allocation);
        tcase_add_test(tests, training_with_its_loader_is_steady);
    }
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

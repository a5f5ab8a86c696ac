#include "segment/bench_measure.h"

#include "base/log.h"
#include "base/rng.h"
#include "segment/config_source.h"
#include "train/session.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- one training step on random data --------------------------------------------------------
 */
typedef struct trainer {
    hs_session session;
    hs_real *images; /* [batch][channels][height][width] */
    uint8_t *labels; /* [batch][height][width] */
} trainer;

/* Images, labels and parameters. A layer that begins at zero would hide those before it: weights of
 * all layers begin as the scheme says. */
static void fill_random(trainer *t, const hs_init *init, uint64_t seed)
{
    const hs_session *s = &t->session;
    for (int i = 0; i < s->params->count; i++)
        if (s->params->params[i].rank == 4)
            s->params->params[i].init = HS_PARAM_CONV;
    hs_params_initialize(s->params, init, seed);
    hs_shape in = hs_graph_shape(s->graph, s->input), out = hs_graph_shape(s->graph, s->logits);
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_BENCH);
    for (int64_t i = 0; i < hs_elements(in); i++)
        t->images[i] = (hs_real)hs_rng_uniform(&rng);
    for (int64_t i = 0; i < hs_pixels(out); i++)
        t->labels[i] = (uint8_t)hs_rng_below(&rng, (uint32_t)out.c);
}

/* With a solver, as a run trains; without one, gradients are all there to be seen. */
static hs_status open_trainer(trainer *t, const hs_train_config *config, bool solver)
{
    double weights[HS_CLASSES_MAX];
    hs_session *s = &t->session;
    hs_status status;
    for (int c = 0; c < HS_CLASSES_MAX; c++)
        weights[c] = 1;
    *t = (trainer){0};
    HS_TRY(hs_session_build(s, config, weights));
    if (solver) {
        HS_TRY(hs_session_allocate(s, config));
    } else {
        HS_TRY(hs_params_create(s->graph, true, &s->params));
        HS_TRY(hs_plan_bind(s->plan, s->params, NULL));
    }
    hs_shape in = hs_graph_shape(s->graph, s->input);
    HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)hs_elements(in), "images", (void **)&t->images));
    HS_TRY(hs_allocate((size_t)hs_pixels(in), "labels", (void **)&t->labels));
    fill_random(t, hs_net_get_init(config->net), (uint64_t)config->train.seed);
exit:
    return status;
}

static void close_trainer(trainer *t)
{
    hs_session_close(&t->session);
    free(t->images);
    free(t->labels);
}

static hs_status run_gradient(trainer *t)
{
    hs_session *s = &t->session;
    const hs_real one = 1;
    hs_status status;
    HS_TRY(hs_plan_set(s->plan, s->input, t->images));
    HS_TRY(hs_plan_set(s->plan, s->labels, t->labels));
    HS_TRY(hs_plan_forward(s->plan, 1, 0));
    HS_TRY(hs_plan_set_gradient(s->plan, s->loss, &one));
    HS_TRY(hs_plan_backward(s->plan));
exit:
    return status;
}

/* ---- checking --------------------------------------------------------------------------------
 */
/* Logits and gradients of one step on a few small frames. */
typedef struct outcome {
    hs_real *logits, *gradients;
    int64_t n_logits, n_gradients;
} outcome;

static hs_status find_outcome(const hs_train_config *config, hs_isa isa, outcome *o)
{
    trainer t;
    hs_status status;
    hs_kernels_force(isa);
    HS_TRY(open_trainer(&t, config, false));
    HS_TRY(run_gradient(&t));
    const hs_session *s = &t.session;
    *o = (outcome){.n_logits = hs_elements(hs_graph_shape(s->graph, s->logits)),
                   .n_gradients = s->params->trained};
    HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)o->n_logits, "logits", (void **)&o->logits));
    HS_TRY(hs_plan_get(s->plan, s->logits, o->logits));
    o->gradients = s->params->gradients; /* taken over: they may be most of the memory */
    s->params->gradients = NULL;
exit:
    close_trainer(&t);
    return status;
}

/* |a - b| / |b|. */
static double difference(const hs_real *a, const hs_real *b, int64_t n)
{
    double apart = 0, length = 0;
    for (int64_t i = 0; i < n; i++) {
        apart += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        length += (double)b[i] * (double)b[i];
    }
    return sqrt(apart / length);
}

/* The smallest square that the network takes and that leaves its deepest batch norms some pixels:
 * the reference is slow. */
static void shrink(hs_net *net)
{
    const hs_net_input input = *hs_net_get_input(net);
    for (int32_t size = 24; size <= input.height && size <= input.width; size += 8) {
        hs_predictor p = {0};
        hs_status status = hs_predictor_init(&p, net, HS_EVALUATION, 1, size, size);
        hs_predictor_free(&p);
        if (status == HS_OK) {
            hs_net_set_size(net, size, size);
            return;
        }
    }
}

/* The kernels in use against the reference: that a network of these layers computes the same. The
 * tests hold each kernel to rounding; a deep network turns that into more, because a maximum of two
 * nearly equal values sends its gradient to one or the other, and batch norm divides by the
 * deviation of few pixels. */
static hs_status check_kernels(const hs_train_config *config, double *error)
{
    static const double most_logits = 1e-3, most_gradients = 0.05, most_flops = 2e10;
    hs_isa isa = hs_kernels_isa();
    const hs_net_input size = *hs_net_get_input(config->net);
    hs_train_config small = *config;
    outcome fast = {0}, reference = {0};
    hs_net_summary summary = {0};
    hs_status status;
    small.train.batch = 2;
    shrink(small.net);
    HS_TRY(hs_net_summarize(small.net, &summary));
    *error = NAN;
    if (summary.flops > most_flops) /* minutes of the reference */
        goto exit;
    HS_TRY(find_outcome(&small, HS_ISA_ref, &reference));
    HS_TRY(find_outcome(&small, isa, &fast));
    double logits = difference(fast.logits, reference.logits, fast.n_logits);
    double gradients = difference(fast.gradients, reference.gradients, fast.n_gradients);
    *error = logits;
    if (!(logits <= most_logits && gradients <= most_gradients))
        status = hs_error(HS_ERR_NONFINITE, "HS_ISA=ref runs the reference; please report this",
                          "bench: the kernels of %s differ from the reference: logits by %.2g, "
                          "gradients by %.2g, expected at most %g and %g",
                          hs_isa_name(isa), logits, gradients, most_logits, most_gradients);
exit:
    hs_kernels_force(isa);
    hs_net_set_size(config->net, size.height, size.width);
    hs_net_summary_free(&summary);
    free(fast.logits);
    free(fast.gradients);
    free(reference.logits);
    free(reference.gradients);
    return status;
}

/* ---- measuring -------------------------------------------------------------------------------
 */
/* Each thread by its own clock: the ceiling knows no barriers. */
double hs_bench_ceiling(void)
{
    enum { ROUNDS = 1 << 16 };
    const double seconds = 0.3, flops = 2.0 * HS_PEAK_CHAINS * ROUNDS;
    const hs_kernels *k = hs_kernels_get();
    double best = 0, began = hs_now();
    do {
        double rate = 0;
#pragma omp parallel reduction(+ : rate)
        {
            hs_real x[HS_PEAK_CHAINS] = {0};
            double start = hs_now();
            k->peak(ROUNDS, (hs_real)0.5, (hs_real)0.5, x);
            rate = flops / (hs_now() - start);
        }
        best = rate > best ? rate : best;
    } while (hs_now() - began < seconds);
    return best;
}

typedef struct step_job {
    trainer trainer;
    double *forward, *backward; /* seconds of each node */
} step_job;

/* At rate 0: the work of an update, and parameters that stay in range however long it runs. */
static hs_status run_step(void *user)
{
    step_job *j = user;
    hs_solver *solver = j->trainer.session.solver;
    double norm;
    hs_solver_begin(solver, 0);
    hs_status status = run_gradient(&j->trainer);
    return status == HS_OK ? hs_solver_step(solver, 0, &norm) : status;
}

static void begin_profile(void *user)
{
    step_job *j = user;
    hs_plan_profile(j->trainer.session.plan, j->forward, j->backward);
}

/* Sums of the nodes of each layer, for one step. Backward makes the gradient of the weights and,
 * where somebody wants it, that of the input: each as much work as forward. */
static void sum_layers(hs_bench *b, const step_job *j, int times)
{
    const hs_plan *plan = j->trainer.session.plan;
    b->layers = hs_arena_take(&b->net.arena, sizeof *b->layers * (size_t)b->net.count);
    for (int l = 0; l < b->net.count; l++) {
        hs_layer_bench *layer = &b->layers[l];
        for (int i = b->net.layers[l].first; i < b->net.layers[l].end; i++) {
            const hs_step *s = &plan->steps[0][i];
            layer->forward.flops += s->node->flops;
            layer->backward.flops += s->node->flops * (s->din[0].data ? 2 : 1);
            layer->forward.seconds += j->forward[i] / times;
            layer->backward.seconds += j->backward[i] / times;
        }
        hs_traffic traffic = hs_plan_traffic(plan, b->net.layers[l].first, b->net.layers[l].end);
        layer->forward.memory = traffic.forward;
        layer->backward.memory = traffic.backward;
        b->step.flops += layer->forward.flops + layer->backward.flops;
        b->step.memory.moved += traffic.forward.moved + traffic.backward.moved;
    }
}

static hs_status measure_step(const hs_train_config *config, double seconds, hs_bench *b)
{
    step_job j = {0};
    hs_status status;
    hs_memory_plan memory;
    hs_measurement m;
    HS_TRY(hs_train_memory(config, NULL, &memory));
    b->planned = memory.total;
    HS_TRY(open_trainer(&j.trainer, config, true));
    hs_session *s = &j.trainer.session;
    hs_graph_summarize(s->graph, &b->net);
    b->net.in = hs_graph_shape(s->graph, s->input);
    b->net.out = hs_graph_shape(s->graph, s->logits);
    j.forward = hs_arena_take(&b->net.arena, sizeof *j.forward * (size_t)(2 * s->graph->n_nodes));
    j.backward = j.forward + s->graph->n_nodes;
    HS_TRY(hs_measure(run_step, begin_profile, &j, seconds, &m));
    b->step.seconds = m.seconds;
    b->faults = m.faults;
    sum_layers(b, &j, m.times);
    /* The update reads and writes parameters, gradients (set to zero) and the optimiser's state. */
    b->step.memory.moved += 2.0 * (double)(memory.parameters + memory.gradients + memory.optimizer);
    b->step.memory.held = hs_plan_bytes(s->plan);
exit:
    close_trainer(&j.trainer);
    return status;
}

hs_status hs_bench_run(const hs_bench_request *request, hs_bench *b)
{
    hs_config_source source = {0};
    hs_status status;
    HS_TRY(hs_config_source_read(&source, request->path, request->overrides, request->n));
    hs_train_config *config = &source.config;
    if (request->batch > 0)
        config->train.batch = request->batch;
    b->batch = config->train.batch;
    HS_TRY(check_kernels(config, &b->error));
    b->ceiling = hs_bench_ceiling();
    HS_TRY(hs_bench_frames(config, request->seconds, b));
    HS_TRY(measure_step(config, request->seconds, b));
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    b->peak = (size_t)usage.ru_maxrss * 1024;
exit:
    hs_config_source_free(&source);
    return status;
}

void hs_bench_free(hs_bench *b)
{
    hs_net_summary_free(&b->net);
    *b = (hs_bench){0};
}

hs_status hs_bench_net(const hs_bench_request *request, bool json, FILE *file)
{
    hs_bench bench = {0};
    hs_status status = hs_bench_run(request, &bench);
    if (status == HS_OK)
        hs_bench_print(&bench, request, json, file);
    hs_bench_free(&bench);
    return status;
}

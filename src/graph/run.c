/* Running: every pointer is set when the plan is bound, so a run only calls the ops in order. */
#include "graph/graph.h"

#include "base/log.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *buffer_at(const hs_plan *plan, int buffer)
{
    return buffer == HS_NO_BUFFER ? NULL : plan->memory + plan->buffers[buffer].offset;
}

/* Where a value lies at a time: as forward made it, or as it was made again; NULL where it is not.
 */
static void *value_at(const hs_plan *plan, int v, int time)
{
    const hs_value_info *value = &plan->graph->values[v];
    if (time <= plan->last[v])
        return buffer_at(plan, plan->value_buffer[v]);
    for (int i = 0; i < plan->n_again && value->slot == 0; i++) {
        const hs_again *run = &plan->again[i];
        if (run->node == value->producer && run->first <= time && time <= run->last)
            return buffer_at(plan, run->buffer);
    }
    return NULL;
}

/* A value as it is read at a time, without its map. */
static hs_tensor tensor_at(const hs_plan *plan, int v, int time)
{
    const hs_value_info *values = plan->graph->values;
    int stored = hs_stored_value(plan->graph, v);
    hs_tensor t = plan->tensors[v];
    hs_real *data = value_at(plan, stored, time);
    t.data = data ? data + values[hs_made_value(plan->graph, v)].first_channel : NULL;
    t.pitch = values[stored].pitch;
    return t;
}

/* What node i sees at a time, but for `ready` and scratch. */
static void bind_step(hs_plan *plan, int i, int time, const hs_params *params, hs_step *step)
{
    const hs_node *node = plan->graph->nodes[i];
    *step = (hs_step){.node = node,
                      .training = plan->mode == HS_TRAINING,
                      .keep = buffer_at(plan, plan->keep_buffer[i])};
    const hs_value_info *values = plan->graph->values;
    for (int k = 0; k < node->n_inputs; k++) {
        int v = node->inputs[k], producer = values[v].producer;
        step->in[k] = tensor_at(plan, v, time);
        step->din[k] = plan->gradients[v];
        if (values[v].source >= 0)
            step->map[k] = plan->graph->nodes[producer]->op->map(&plan->steps[0][producer]);
        step->din[k].data =
            node->detached >> k & 1 ? NULL : buffer_at(plan, plan->gradient_buffer[v]);
        step->accumulate[k] = plan->accumulate[i * HS_MAX_INPUTS + k];
    }
    for (int k = 0; k < node->n_outputs; k++) {
        int v = node->outputs[k];
        step->out[k] = tensor_at(plan, v, time);
        if (values[v].source >= 0)
            step->out[k].data = NULL;
        step->dout[k] = plan->gradients[v];
    }
    for (int k = 0; k < node->n_params; k++) {
        const hs_param *p = &node->params[k];
        step->param[k] = (p->trained ? params->values : params->statistics) + p->offset;
        bool stored = p->trained && p->offset < params->stored;
        step->dparam[k] = stored ? params->gradients + p->offset : NULL;
        if (p->large) {
            step->sink = &params->sinks[p->large - 1];
            step->sink_sum = &params->sink_sums[p->large - 1];
        }
    }
}

static void bind_steps(hs_plan *plan, const hs_params *params)
{
    int end = plan->graph->n_nodes;
    for (int way = 0; way < 2; way++)
        plan->steps[way] = hs_arena_take(&plan->arena, sizeof(hs_step) * (size_t)end);
    for (int i = 0; i < end; i++) {
        hs_step *forward = &plan->steps[0][i], *backward = &plan->steps[1][i];
        bind_step(plan, i, i, params, forward);
        forward->ready = buffer_at(plan, plan->ready_buffer[i]);
        forward->scratch = buffer_at(plan, plan->forward_scratch[i]);
        int measured_by = forward->node->measured_by;
        if (measured_by)
            forward->moments = plan->steps[0][measured_by - 1].moments = forward->scratch;
        bind_step(plan, i, 2 * end - i, params, backward);
        backward->scratch = buffer_at(plan, plan->backward_scratch[i]);
    }
    for (int i = 0; i < end; i++) {
        const hs_step *norm = &plan->steps[1][i];
        int to = norm->node->passes_to - 1;
        if (to < 0 || !plan->active[to])
            continue;
        hs_step *maker = &plan->steps[1][to];
        assert(maker->dout[0].data == norm->dout[0].data);
        maker->norm = norm->node->op->norm_gradient(norm);
        maker->norm.x = maker->out[0].data;
    }
    for (int i = 0; i < plan->n_again; i++) {
        hs_again *run = &plan->again[i];
        run->step = hs_arena_take(&plan->arena, sizeof *run->step);
        bind_step(plan, run->node, run->first, params, run->step);
        run->step->again = true;
        size_t ready = run->step->node->ready_bytes;
        unsigned char *scratch = buffer_at(plan, plan->backward_scratch[2 * end - run->first]);
        run->step->ready = ready ? scratch : NULL;
        run->step->scratch = scratch ? scratch + hs_align_up(ready) : NULL;
    }
}

hs_status hs_plan_bind(hs_plan *plan, hs_params *params, void *arena)
{
    const hs_graph *graph = plan->graph;
    if (plan->state != HS_PLANNED)
        return hs_error(HS_ERR_STATE, NULL, "plan: bound twice");
    if (params->trained != graph->trained || params->untrained != graph->untrained)
        return hs_error(HS_ERR_STATE, NULL,
                        "plan: got parameters of another graph (%lld reals, expected %lld)",
                        (long long)params->trained, (long long)graph->trained);
    if (plan->mode == HS_TRAINING && !params->gradients)
        return hs_error(HS_ERR_STATE, NULL, "plan: training got parameters without gradients");
    if (!arena) {
        hs_status status = hs_allocate(plan->bytes, "activations", &arena);
        if (status != HS_OK)
            return status;
        plan->owns_memory = true;
    }
    plan->memory = arena;
    plan->params = params;
    size_t values = (size_t)graph->n_values;
    plan->tensors = hs_arena_take(&plan->arena, sizeof *plan->tensors * values);
    plan->gradients = hs_arena_take(&plan->arena, sizeof *plan->gradients * values);
    for (int v = 0; v < graph->n_values; v++) {
        const hs_value_info *value = &graph->values[v];
        plan->tensors[v] = (hs_tensor){.data = buffer_at(plan, plan->value_buffer[v]),
                                       .shape = value->shape,
                                       .pitch = value->pitch,
                                       .dtype = value->dtype};
        plan->gradients[v] = plan->tensors[v];
        plan->gradients[v].data = buffer_at(plan, plan->gradient_buffer[v]);
    }
    bind_steps(plan, params);
    plan->state = HS_BOUND;
    plan->stale = true;
    return HS_OK;
}

static hs_status check_state(const hs_plan *plan, hs_plan_state least, const char *call)
{
    static const char *const expected[] = {[HS_PLANNED] = "",
                                           [HS_BOUND] = "hs_plan_bind",
                                           [HS_FORWARD_DONE] = "hs_plan_forward",
                                           [HS_BACKWARD_DONE] = "hs_plan_backward"};
    if (plan->state >= least)
        return HS_OK;
    return hs_error(HS_ERR_STATE, NULL, "%s: called before %s", call, expected[least]);
}

/* State and number of threads for a run: more threads than the scratch was sized for would share
 * it. */
static hs_status check_run(const hs_plan *plan, hs_plan_state least, const char *call)
{
    hs_status status = check_state(plan, least, call);
    if (status == HS_OK && hs_threads() > plan->graph->threads)
        status = hs_error(HS_ERR_STATE, "build the graph with the threads it will run with",
                          "%s: got %d threads, expected at most the %d there were when the graph "
                          "was created",
                          call, hs_threads(), plan->graph->threads);
    return status;
}

hs_status hs_plan_set(hs_plan *plan, hs_value value, const void *nchw)
{
    hs_status status = check_state(plan, HS_BOUND, "hs_plan_set");
    if (status != HS_OK)
        return status;
    if (value < 0 || plan->graph->values[value].producer >= 0)
        return hs_error(HS_ERR_STATE, NULL, "hs_plan_set: got value %d, expected an input", value);
    hs_tensor_from_nchw(&plan->tensors[value], nchw);
    plan->state = HS_BOUND;
    return HS_OK;
}

void hs_plan_refresh(hs_plan *plan)
{
    plan->stale = true;
}

/* Gradients of outputs begin as zero; the caller may give others before backward. */
static void clear_output_gradients(hs_plan *plan)
{
    for (int v = 0; v < plan->graph->n_values; v++)
        if (plan->graph->values[v].output && plan->gradients[v].data)
            memset(plan->gradients[v].data, 0, hs_value_bytes(&plan->graph->values[v]));
}

void hs_plan_profile(hs_plan *plan, double *forward, double *backward)
{
    plan->seconds[0] = forward;
    plan->seconds[1] = backward;
}

/* In training the parameters changed since the last run; in evaluation others use the memory. */
static void run_forward(const hs_plan *plan, hs_step *s, uint64_t seed, uint64_t step)
{
    s->seed = seed;
    s->run = step;
    if (s->ready && (plan->stale || plan->mode != HS_INFERENCE))
        s->node->op->prepare(s);
    s->node->op->forward(s);
}

static void forward_node(hs_plan *plan, int i, uint64_t seed, uint64_t step)
{
    double began = plan->seconds[0] ? hs_now() : 0;
    run_forward(plan, &plan->steps[0][i], seed, step);
    if (plan->seconds[0])
        plan->seconds[0][i] += hs_now() - began;
}

hs_status hs_plan_forward(hs_plan *plan, uint64_t seed, uint64_t step)
{
    hs_status status = check_run(plan, HS_BOUND, "hs_plan_forward");
    if (status != HS_OK)
        return status;
    for (int i = 0; i < plan->graph->n_nodes; i++)
        forward_node(plan, i, seed, step);
    plan->seed = seed;
    plan->step = step;
    plan->stale = false;
    if (plan->mode == HS_TRAINING)
        clear_output_gradients(plan);
    plan->state = HS_FORWARD_DONE;
    return HS_OK;
}

static bool all_finite(const hs_tensor *t)
{
    const hs_real *pixel = t->data;
    for (int64_t p = 0; p < hs_pixels(t->shape); p++, pixel += t->pitch)
        for (int c = 0; c < t->shape.c; c++)
            if (!isfinite(pixel[c]))
                return false;
    return true;
}

const char *hs_plan_find_nonfinite(hs_plan *plan, uint64_t seed, uint64_t step)
{
    for (int i = 0; i < plan->graph->n_nodes; i++) {
        forward_node(plan, i, seed, step);
        const hs_step *s = &plan->steps[0][i];
        if (s->out[0].data && !all_finite(&s->out[0]))
            return s->node->layer;
    }
    return NULL;
}

hs_status hs_plan_backward(hs_plan *plan)
{
    hs_status status = check_run(plan, HS_FORWARD_DONE, "hs_plan_backward");
    if (status != HS_OK)
        return status;
    if (plan->mode != HS_TRAINING || plan->state != HS_FORWARD_DONE)
        return hs_error(HS_ERR_STATE, NULL, "hs_plan_backward: %s",
                        plan->mode == HS_TRAINING ? "called twice after one hs_plan_forward"
                                                  : "the plan is for inference");
    if (plan->params->stored < plan->params->trained && !plan->params->sinks[0].take)
        return hs_error(HS_ERR_STATE, NULL,
                        "hs_plan_backward: gradients have neither room nor a sink");
    int end = plan->graph->n_nodes;
    const hs_again *run = plan->again, *last = plan->again + plan->n_again;
    for (int i = end - 1; i >= 0; i--) {
        hs_step *s = &plan->steps[1][i];
        double began = plan->seconds[1] ? hs_now() : 0;
        for (; run < last && run->first == 2 * end - i; run++)
            run_forward(plan, run->step, plan->seed, plan->step);
        s->seed = plan->seed;
        s->run = plan->step;
        if (plan->active[i])
            s->node->op->backward(s);
        if (plan->seconds[1])
            plan->seconds[1][i] += hs_now() - began;
    }
    plan->state = HS_BACKWARD_DONE;
    return HS_OK;
}

hs_status hs_plan_get(const hs_plan *plan, hs_value value, void *nchw)
{
    const hs_value_info *info = value < 0 ? NULL : &plan->graph->values[value];
    if (!info || (info->producer >= 0 && !info->output))
        return hs_error(HS_ERR_STATE, NULL,
                        "hs_plan_get: got value %d, expected an input or output", value);
    if (!info->output && plan->state > HS_BOUND)
        return hs_error(HS_ERR_STATE, "make it an output of the graph as well to keep it",
                        "hs_plan_get: got input '%s' after hs_plan_forward, which uses its memory",
                        info->name);
    hs_status status =
        check_state(plan, info->producer < 0 ? HS_BOUND : HS_FORWARD_DONE, "hs_plan_get");
    if (status == HS_OK)
        hs_tensor_to_nchw(&plan->tensors[value], nchw);
    return status;
}

const hs_tensor *hs_plan_tensor(const hs_plan *plan, hs_value value)
{
    return &plan->tensors[value];
}

hs_status hs_plan_set_gradient(hs_plan *plan, hs_value value, const hs_real *nchw)
{
    hs_status status = check_state(plan, HS_FORWARD_DONE, "hs_plan_set_gradient");
    if (status != HS_OK)
        return status;
    if (plan->state == HS_BACKWARD_DONE)
        return hs_error(HS_ERR_STATE, NULL, "hs_plan_set_gradient: called after hs_plan_backward");
    if (value < 0 || !plan->graph->values[value].output || !plan->gradients[value].data)
        return hs_error(HS_ERR_STATE, NULL,
                        "hs_plan_set_gradient: got value %d, expected an output that depends on "
                        "parameters",
                        value);
    hs_tensor_from_nchw(&plan->gradients[value], nchw);
    return HS_OK;
}

hs_status hs_plan_get_gradient(const hs_plan *plan, hs_value value, hs_real *nchw)
{
    hs_status status = check_state(plan, HS_BACKWARD_DONE, "hs_plan_get_gradient");
    if (status != HS_OK)
        return status;
    if (value < 0 || !plan->graph->values[value].gradient || !plan->gradients[value].data)
        return hs_error(HS_ERR_STATE, NULL,
                        "hs_plan_get_gradient: got value %d, expected an input that asked for its "
                        "gradient",
                        value);
    hs_tensor_to_nchw(&plan->gradients[value], nchw);
    return HS_OK;
}

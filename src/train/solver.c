#include "train/solver.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *slot_name(const hs_optimizer *optimizer, int slot)
{
    return hs_optimizer_slot_name((hs_optimizer_method)optimizer->method, slot);
}

size_t hs_solver_bytes(const hs_optimizer *optimizer, int64_t trained)
{
    size_t bytes = 0;
    for (int slot = 0; slot < HS_OPTIMIZER_SLOTS; slot++)
        bytes += slot_name(optimizer, slot) ? sizeof(hs_real) * (size_t)trained : 0;
    return bytes;
}

bool hs_optimizer_is_local(const hs_optimizer *optimizer)
{
    return optimizer->clip_norm == 0;
}

/* The step of some elements of a large parameter, as soon as their gradients are there. A gradient
 * that is no number spoils no parameter. */
static double update_piece(void *context, int64_t first, int64_t count, const hs_real *gradients)
{
    hs_solver *solver = context;
    hs_real *slots[HS_OPTIMIZER_SLOTS];
    double sum = hs_square_sum(gradients, count);
    for (int slot = 0; slot < HS_OPTIMIZER_SLOTS; slot++)
        slots[slot] = solver->slots[slot] ? solver->slots[slot] + first : NULL;
    if (isfinite(sum))
        hs_optimizer_apply(&solver->factors, count, solver->params->values + first, gradients,
                           slots);
    return sum;
}

void hs_solver_begin(hs_solver *solver, double rate)
{
    solver->factors = hs_optimizer_begin(&solver->optimizer, rate, 1, solver->step + 1);
    solver->rate = rate;
}

hs_status hs_solver_create(hs_params *params, const hs_optimizer *optimizer, hs_solver **out)
{
    hs_status status = HS_OK;
    hs_solver *solver = calloc(1, sizeof *solver);
    if (!solver || !params->gradients) {
        status = !solver ? hs_error(HS_ERR_MEMORY, NULL, "solver: out of memory")
                         : hs_error(HS_ERR_STATE, NULL, "solver: got parameters without gradients");
        goto exit;
    }
    solver->params = params;
    solver->optimizer = *optimizer;
    solver->rate = -1;
    if (params->stored < params->trained) {
        assert(hs_optimizer_is_local(optimizer));
        hs_params_set_sink(params, update_piece, solver);
    }
    for (int slot = 0; slot < HS_OPTIMIZER_SLOTS; slot++)
        if (slot_name(optimizer, slot))
            HS_TRY(hs_allocate(sizeof(hs_real) * (size_t)params->trained, "optimiser state",
                               (void **)&solver->slots[slot]));
exit:
    if (status != HS_OK) {
        hs_solver_destroy(solver);
        solver = NULL;
    }
    *out = solver;
    return status;
}

void hs_solver_destroy(hs_solver *solver)
{
    if (!solver)
        return;
    for (int slot = 0; slot < HS_OPTIMIZER_SLOTS; slot++)
        free(solver->slots[slot]);
    free(solver);
}

hs_status hs_solver_step(hs_solver *solver, double rate, double *norm_out)
{
    hs_params *p = solver->params;
    bool begun = p->stored < p->trained;
    assert(!begun || solver->rate == rate);
    solver->rate = -1;
    double norm = hs_gradient_norm(p->gradients, p->stored), squares = norm * norm;
    for (int i = 0; i < p->n_large && begun; i++)
        squares += p->sink_sums[i];
    norm = begun ? sqrt(squares) : norm;
    if (norm_out)
        *norm_out = norm;
    if (!isfinite(norm))
        return hs_error(HS_ERR_NONFINITE, "lower the learning rate, or set optimizer.clip_norm",
                        "step %lld: got a gradient norm of %g, expected a finite number",
                        (long long)solver->step + 1, norm);
    double scale = hs_clip_scale(norm, solver->optimizer.clip_norm);
    solver->step++;
    hs_optimizer_step(&solver->optimizer, rate, scale, solver->step, p->stored, p->values,
                      p->gradients, solver->slots);
    hs_params_zero_gradients(p);
    return HS_OK;
}

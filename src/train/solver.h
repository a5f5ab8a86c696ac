/* An optimiser's state as checkpoints see it. */
#ifndef HS_TRAIN_SOLVER_H
#define HS_TRAIN_SOLVER_H

#include "graph/graph.h"
#include "optim/optimizer.h"

struct hs_solver {
    hs_params *params;
    hs_optimizer optimizer;
    hs_real *slots[HS_OPTIMIZER_SLOTS]; /* [params->trained], NULL where the method has none */
    int64_t step;                       /* done so far */
    hs_optimizer_factors factors;       /* of the step that is under way */
    double rate;                        /* of that; negative: none is */
};

/* Begins a step before its backward pass: due where the parameters have no room for the gradients
 * of large ones, whose part of the step happens as the pass makes them. The same rate goes to
 * hs_solver_step, which does the rest; after its HS_ERR_NONFINITE they are neither old nor new. */
void hs_solver_begin(hs_solver *solver, double rate);

/* Whether these settings allow that: nothing needs all gradients before the first parameter
 * changes. */
bool hs_optimizer_is_local(const hs_optimizer *optimizer);

/* Bytes of the state of `trained` parameters. */
size_t hs_solver_bytes(const hs_optimizer *optimizer, int64_t trained);

#endif

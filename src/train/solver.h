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
};

/* Bytes of the state of `trained` parameters. */
size_t hs_solver_bytes(const hs_optimizer *optimizer, int64_t trained);

#endif

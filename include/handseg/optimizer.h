/* Optimisers and schedules of the learning rate. The arithmetic is that of PyTorch's torch.optim,
 * so that runs of the two can be compared. */
#ifndef HANDSEG_OPTIMIZER_H
#define HANDSEG_OPTIMIZER_H

#include "handseg/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum hs_optimizer_method {
#define HS_OPTIMIZER(name, slot0, slot1, meaning) HS_OPTIMIZER_##name,
#include "handseg/optimizers.def"
#undef HS_OPTIMIZER
    HS_OPTIMIZER_METHODS
} hs_optimizer_method;

enum { HS_OPTIMIZER_SLOTS = 2 };

/* Settings of section [optimizer]. */
typedef struct hs_optimizer {
    int method;          /* hs_optimizer_method */
    double lr;           /* learning rate before any schedule */
    double beta1, beta2; /* adam: decay of the first and second moment, in [0, 1) */
    double epsilon;      /* adam: added to the root of the second moment */
    double momentum;     /* sgd: in [0, 1) */
    double weight_decay; /* times the parameters, added to their gradients (L2) */
    double clip_norm;    /* bound on the norm of all gradients; 0: none */
} hs_optimizer;

typedef enum hs_schedule_method {
#define HS_SCHEDULE(name, meaning) HS_SCHEDULE_##name,
#include "handseg/schedules.def"
#undef HS_SCHEDULE
    HS_SCHEDULE_METHODS
} hs_schedule_method;

/* Settings of section [schedule]. */
typedef struct hs_schedule {
    int method;     /* hs_schedule_method */
    int64_t warmup; /* first steps, in which the rate grows in equal parts to the full one */
    int64_t total;  /* poly, cosine: step at which they end, warm-up included; 0: that of training,
                       which the caller puts here before the first use */
    int64_t every;  /* step: steps between two drops */
    double gamma;   /* step: factor of a drop */
    double power;   /* poly */
    double lowest;  /* poly, cosine: the rate they end at */
} hs_schedule;

/* Learning rate of a step, counted from 0; `lr` is the full rate. Warm-up takes step s to
 * lr (s + 1) / warmup; what follows is the method's shape over the steps after it. Past the end the
 * last rate stays. */
double hs_schedule_rate(const hs_schedule *schedule, double lr, int64_t step);

/* Parameters with an optimiser's state. */
typedef struct hs_solver hs_solver;

/* The parameters need gradients, and are borrowed; the settings are copied. */
hs_status hs_solver_create(hs_params *params, const hs_optimizer *optimizer, hs_solver **solver);
void hs_solver_destroy(hs_solver *solver);

/* One step with this learning rate: clips the gradients, updates the parameters and sets the
 * gradients to zero. *norm (may be NULL) is the norm of the gradients before clipping.
 * HS_ERR_NONFINITE, with nothing changed, where it is not finite. */
hs_status hs_solver_step(hs_solver *solver, double rate, double *norm);

#ifdef __cplusplus
}
#endif

#endif

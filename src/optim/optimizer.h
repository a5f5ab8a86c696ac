/* Optimisers: parameters and gradients in, parameters out, one pass over memory a step. The
 * arithmetic is that of PyTorch 2.13's torch.optim, so that runs of the two can be compared. */
#ifndef HS_OPTIM_OPTIMIZER_H
#define HS_OPTIM_OPTIMIZER_H

#include "config/fields.h"
#include "handseg/tensor.h"
#include <stdint.h>

typedef enum hs_optimizer_method {
#define HS_OPTIMIZER(name, slot0, slot1, meaning) HS_OPTIMIZER_##name,
#include "optim/optimizers.def"
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

extern const hs_field hs_optimizer_fields[];
extern const int hs_optimizer_field_count;

/* Name in checkpoints of a method's state array, or NULL where the method has no such slot. */
const char *hs_optimizer_slot_name(hs_optimizer_method method, int slot);

/* One step over n parameters.
 *   w      [n] parameters, changed in place
 *   dw     [n] gradients, read only
 *   slots  arrays [n] for each slot the method has, zero before the first step, changed in place
 *   rate   learning rate of this step
 *   scale  multiplies the gradients first: the factor of clipping, 1 for none
 *   step   number of this step, from 1
 * The arrays do not overlap. The result does not depend on the number of threads. */
void hs_optimizer_step(const hs_optimizer *optimizer, double rate, double scale, int64_t step,
                       int64_t n, hs_real *w, const hs_real *dw,
                       hs_real *const slots[HS_OPTIMIZER_SLOTS]);

/* Euclidean norm of all n gradients, in double precision, the same bit for bit for any number of
 * threads; not finite where a gradient is not. */
double hs_gradient_norm(const hs_real *dw, int64_t n);

/* Factor that brings gradients of this norm down to `limit` (0: no limit, 1 is returned), as
 * torch.nn.utils.clip_grad_norm_ has it. */
double hs_clip_scale(double norm, double limit);

#endif

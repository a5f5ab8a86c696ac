/* Optimisers: parameters and gradients in, parameters out, one pass over memory a step. The
 * arithmetic is that of PyTorch 2.13's torch.optim, so that runs of the two can be compared. */
#ifndef HS_OPTIM_OPTIMIZER_H
#define HS_OPTIM_OPTIMIZER_H

#include "config/fields.h"
#include "handseg/optimizer.h"
#include <stdint.h>

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

/* What a step does to every parameter alike, worked out once. */
typedef struct hs_optimizer_factors {
    int method;
    hs_real scale, decay;                            /* of gradient and parameter */
    hs_real rate, momentum;                          /* sgd */
    hs_real size, lerp, beta2, fresh, root, epsilon; /* adam */
} hs_optimizer_factors;
hs_optimizer_factors hs_optimizer_begin(const hs_optimizer *optimizer, double rate, double scale,
                                        int64_t step);

/* The step for some of the parameters, on the calling thread: in pieces, the same bits. */
void hs_optimizer_apply(const hs_optimizer_factors *factors, int64_t n, hs_real *w,
                        const hs_real *dw, hs_real *const slots[HS_OPTIMIZER_SLOTS]);

/* Sum of the squares of n gradients, in double precision, on the calling thread. */
double hs_square_sum(const hs_real *dw, int64_t n);

/* Euclidean norm of all n gradients, in double precision, the same bit for bit for any number of
 * threads; not finite where a gradient is not. */
double hs_gradient_norm(const hs_real *dw, int64_t n);

/* Factor that brings gradients of this norm down to `limit` (0: no limit, 1 is returned), as
 * torch.nn.utils.clip_grad_norm_ has it. */
double hs_clip_scale(double norm, double limit);

#endif

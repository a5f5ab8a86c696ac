#include "optim/optimizer.h"

#include <assert.h>
#include <tgmath.h> /* sqrt of hs_real */

static const char *const methods[] = {
#define HS_OPTIMIZER(name, slot0, slot1, meaning) #name,
#include "handseg/optimizers.def"
#undef HS_OPTIMIZER
    NULL,
};

#define OFFSET(member) offsetof(hs_optimizer, member)
const hs_field hs_optimizer_fields[] = {
    {"method", HS_FIELD_CHOICE, OFFSET(method), "adam", 0, 0, methods, "the optimiser"},
    {"lr", HS_FIELD_REAL, OFFSET(lr), "2e-4", 0, 1e3, NULL, "learning rate"},
    {"beta1", HS_FIELD_REAL, OFFSET(beta1), "0.5", 0, 0.999999999, NULL,
     "adam: decay of the first moment"},
    {"beta2", HS_FIELD_REAL, OFFSET(beta2), "0.999", 0, 0.999999999, NULL,
     "adam: decay of the second moment"},
    {"epsilon", HS_FIELD_REAL, OFFSET(epsilon), "1e-8", 1e-30, 1, NULL,
     "adam: added to the root of the second moment"},
    {"momentum", HS_FIELD_REAL, OFFSET(momentum), "0.9", 0, 0.999999999, NULL, "sgd: momentum"},
    {"weight_decay", HS_FIELD_REAL, OFFSET(weight_decay), "0", 0, 1e3, NULL,
     "times the parameters, added to their gradients"},
    {"clip_norm", HS_FIELD_REAL, OFFSET(clip_norm), "0", 0, 1e12, NULL,
     "bound on the norm of all gradients; 0: none"},
};
#undef OFFSET
const int hs_optimizer_field_count = sizeof hs_optimizer_fields / sizeof *hs_optimizer_fields;

hs_optimizer_factors hs_optimizer_begin(const hs_optimizer *o, double rate, double scale,
                                        int64_t step)
{
    assert(step >= 1); /* step 0 would divide by zero in Adam's bias correction */
    double t = (double)step;
    return (hs_optimizer_factors){.method = o->method,
                                  .scale = (hs_real)scale,
                                  .decay = (hs_real)o->weight_decay,
                                  .rate = (hs_real)rate,
                                  .momentum = (hs_real)o->momentum,
                                  .size = (hs_real)(rate / (1 - pow(o->beta1, t))),
                                  .lerp = (hs_real)(1 - o->beta1),
                                  .beta2 = (hs_real)o->beta2,
                                  .fresh = (hs_real)(1 - o->beta2),
                                  .root = (hs_real)sqrt(1 - pow(o->beta2, t)),
                                  .epsilon = (hs_real)o->epsilon};
}

/* g = scale dw + decay w;  m += (1 - beta1)(g - m);  v = beta2 v + (1 - beta2) g^2
 * w -= rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon) */
static void step_adam(const hs_optimizer_factors *factors, int64_t n, hs_real *restrict w,
                      const hs_real *restrict dw, hs_real *restrict m, hs_real *restrict v)
{
    const hs_optimizer_factors f = *factors;
    for (int64_t i = 0; i < n; i++) {
        hs_real g = f.scale * dw[i] + f.decay * w[i];
        m[i] += f.lerp * (g - m[i]);
        v[i] = f.beta2 * v[i] + f.fresh * g * g;
        w[i] -= f.size * m[i] / (sqrt(v[i]) / f.root + f.epsilon);
    }
}

/* g = scale dw + decay w;  u = momentum u + g;  w -= rate u */
static void step_sgd(const hs_optimizer_factors *factors, int64_t n, hs_real *restrict w,
                     const hs_real *restrict dw, hs_real *restrict u, hs_real *restrict unused)
{
    (void)unused;
    const hs_optimizer_factors f = *factors;
    for (int64_t i = 0; i < n; i++) {
        hs_real g = f.scale * dw[i] + f.decay * w[i];
        u[i] = f.momentum * u[i] + g;
        w[i] -= f.rate * u[i];
    }
}

static const struct method {
    const char *slots[HS_OPTIMIZER_SLOTS];
    void (*step)(const hs_optimizer_factors *f, int64_t n, hs_real *w, const hs_real *dw,
                 hs_real *slot0, hs_real *slot1);
} table[] = {
#define HS_OPTIMIZER(name, slot0, slot1, meaning) {{slot0, slot1}, step_##name},
#include "handseg/optimizers.def"
#undef HS_OPTIMIZER
};

const char *hs_optimizer_slot_name(hs_optimizer_method method, int slot)
{
    return slot >= 0 && slot < HS_OPTIMIZER_SLOTS ? table[method].slots[slot] : NULL;
}

void hs_optimizer_apply(const hs_optimizer_factors *factors, int64_t n, hs_real *w,
                        const hs_real *dw, hs_real *const slots[HS_OPTIMIZER_SLOTS])
{
    table[factors->method].step(factors, n, w, dw, slots[0], slots[1]);
}

void hs_optimizer_step(const hs_optimizer *optimizer, double rate, double scale, int64_t step,
                       int64_t n, hs_real *w, const hs_real *dw,
                       hs_real *const slots[HS_OPTIMIZER_SLOTS])
{
    enum { PIECE = 4096 }; /* elements */
    const hs_optimizer_factors factors = hs_optimizer_begin(optimizer, rate, scale, step);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i += PIECE) {
        hs_real *at[HS_OPTIMIZER_SLOTS];
        for (int slot = 0; slot < HS_OPTIMIZER_SLOTS; slot++)
            at[slot] = hs_optimizer_slot_name((hs_optimizer_method)optimizer->method, slot)
                           ? slots[slot] + i
                           : NULL;
        hs_optimizer_apply(&factors, n - i < PIECE ? n - i : PIECE, w + i, dw + i, at);
    }
}

/* ---- norm of the gradients --------------------------------------------------------------------
 */

enum { CHUNKS = 1024, LANES = 8, LEAST = 4096 };

/* Sum of squares in LANES interleaved sums, so that it vectorises without changing its order. */
double hs_square_sum(const hs_real *x, int64_t n)
{
    double lanes[LANES] = {0};
    int64_t whole = n / LANES * LANES;
    for (int64_t i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++)
            lanes[k] += (double)x[i + k] * (double)x[i + k];
    for (int64_t i = whole; i < n; i++)
        lanes[i - whole] += (double)x[i] * (double)x[i];
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int k = 0; k < width; k++)
            lanes[k] += lanes[k + width];
    return lanes[0];
}

double hs_gradient_norm(const hs_real *dw, int64_t n)
{
    /* Chunks by n alone, merged in a tree: who sums which chunk does not matter. */
    double sums[CHUNKS] = {0};
    int64_t size = (n + CHUNKS - 1) / CHUNKS;
    size = size > LEAST ? size : LEAST;
#pragma omp parallel for schedule(static)
    for (int64_t begin = 0; begin < n; begin += size)
        sums[begin / size] = hs_square_sum(dw + begin, begin + size < n ? size : n - begin);
    for (int width = CHUNKS / 2; width > 0; width /= 2)
        for (int k = 0; k < width; k++)
            sums[k] += sums[k + width];
    return sqrt(sums[0]);
}

double hs_clip_scale(double norm, double limit)
{
    return limit > 0 && limit < norm + 1e-6 ? limit / (norm + 1e-6) : 1;
}

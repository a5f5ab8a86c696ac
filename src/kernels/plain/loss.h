/* Softmax cross-entropy and the label of the largest logit. Pixels lie far apart in memory and have
 * few classes, so a block of them is turned to vectors along the pixels. */
#include <math.h>
#include <string.h>

enum {
    LOSS_CHUNK = 4096, /* pixels whose losses are summed together; their sums are added in order */
    LOSS_BLOCK = 32,   /* pixels side by side */
    LOSS_CLASSES = 256,
};

size_t NAMED(softmax_scratch)(int64_t pixels)
{
    return (size_t)((pixels + LOSS_CHUNK - 1) / LOSS_CHUNK) * 2;
}

/* exp of x <= 0, of a NaN a NaN. */
#ifdef HS_REAL_IS_FLOAT
/* 2^n exp(r), n whole, |r| <= ln 2 / 2, by a minimax polynomial: relative error 3e-9, then
 * rounding. Adding ROUNDER leaves n in the lowest bits, from where it goes into the exponent. */
static inline float exp_below(float x)
{
    const float ROUNDER = 0x1.8p23f, LN2_HIGH = 0x1.62e4p-1f, LN2_LOW = 0x1.7f7d1cp-20f;
    float at = x < -87 ? -87 : x, shifted = at * 0x1.715476p0f + ROUNDER, n = shifted - ROUNDER;
    float r = at - n * LN2_HIGH - n * LN2_LOW;
    float p = 0.00138144669f * r + 0.00836878041f;
    p = (p * r + 0.0416683942f) * r + 0.166665201f;
    p = p * r + 0.499999934f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    float y = (1 + (r + r * r * p)) * power;
    return x < -87 ? 0 : y;
}
#else
static inline double exp_below(double x)
{
    return exp(x);
}
#endif

/* exp(logit - largest) of each class of `count` pixels, [class][pixel]; the largest, and their sum.
 */
static void exponentials(const hs_real *logits, int count, int classes, int pitch,
                         hs_real (*e)[LOSS_BLOCK], hs_real largest[LOSS_BLOCK],
                         hs_real sum[LOSS_BLOCK])
{
    for (int i = 0; i < LOSS_BLOCK; i++) {
        const hs_real *x = logits + (int64_t)(i < count ? i : count - 1) * pitch;
        for (int c = 0; c < classes; c++)
            e[c][i] = x[c];
    }
    memcpy(largest, e[0], sizeof e[0]);
    for (int c = 1; c < classes; c++)
#pragma omp simd
        for (int i = 0; i < LOSS_BLOCK; i++) {
            hs_real x = e[c][i], before = largest[i];
            largest[i] = x > before ? x : before;
        }
    for (int c = 0; c < classes; c++)
#pragma omp simd
        for (int i = 0; i < LOSS_BLOCK; i++) {
            e[c][i] = exp_below(e[c][i] - largest[i]);
            sum[i] = c > 0 ? sum[i] + e[c][i] : e[c][i];
        }
}

/* Losses of a chunk and their weights. The logarithm of a product is the sum of logarithms: one a
 * label, but where the product would overflow. */
static void sum_losses(const hs_real *logits, int64_t pixels, int classes, int pitch,
                       const uint8_t *labels, const hs_real *weight, double total[2])
{
    hs_real e[LOSS_CLASSES][LOSS_BLOCK], largest[LOSS_BLOCK], sum[LOSS_BLOCK];
    double product[LOSS_CLASSES];
    for (int c = 0; c < LOSS_CLASSES; c++)
        product[c] = 1;
    total[0] = total[1] = 0;
    for (int64_t p = 0; p < pixels; p += LOSS_BLOCK) {
        int count = (int)(pixels - p < LOSS_BLOCK ? pixels - p : LOSS_BLOCK);
        exponentials(logits + p * pitch, count, classes, pitch, e, largest, sum);
        for (int i = 0; i < count; i++) {
            int label = labels[p + i];
            double w = (double)weight[label];
            if (w == 0)
                continue;
            total[0] += w * (double)(largest[i] - logits[(p + i) * pitch + label]);
            total[1] += w;
            product[label] *= (double)sum[i];
            if (product[label] > 0x1p1000) {
                total[0] += w * log(product[label]);
                product[label] = 1;
            }
        }
    }
    for (int c = 0; c < classes; c++)
        total[0] += (double)weight[c] * log(product[c]);
}

void NAMED(softmax_loss)(const hs_real *logits, int64_t pixels, int classes, int pitch,
                         const uint8_t *labels, const hs_real *weight, double *scratch,
                         double total[2])
{
    int64_t chunks = (pixels + LOSS_CHUNK - 1) / LOSS_CHUNK;
#pragma omp parallel for schedule(static)
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        int64_t first = chunk * LOSS_CHUNK, rest = pixels - first;
        sum_losses(logits + first * pitch, rest < LOSS_CHUNK ? rest : LOSS_CHUNK, classes, pitch,
                   labels + first, weight, scratch + 2 * chunk);
    }
    total[0] = total[1] = 0;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        total[0] += scratch[2 * chunk];
        total[1] += scratch[2 * chunk + 1];
    }
}

/* softmax - one_hot, times the weight, of a block's pixels, [class][pixel]. */
static void block_gradient(int classes, const uint8_t *labels, int count, const hs_real *weight,
                           hs_real factor, const hs_real sum[LOSS_BLOCK], hs_real (*e)[LOSS_BLOCK])
{
    hs_real w[LOSS_BLOCK];
    for (int i = 0; i < LOSS_BLOCK; i++)
        w[i] = i < count ? weight[labels[i]] * factor : 0;
    for (int c = 0; c < classes; c++)
#pragma omp simd
        for (int i = 0; i < LOSS_BLOCK; i++)
            e[c][i] /= sum[i];
    for (int i = 0; i < count; i++)
        if (labels[i] < classes)
            e[labels[i]][i] -= 1;
    for (int c = 0; c < classes; c++)
#pragma omp simd
        for (int i = 0; i < LOSS_BLOCK; i++) {
            hs_real value = w[i] * e[c][i];
            e[c][i] = w[i] != 0 ? value : 0;
        }
}

void NAMED(softmax_loss_backward)(const hs_real *logits, int64_t pixels, int classes, int pitch,
                                  const uint8_t *labels, const hs_real *weight, hs_real factor,
                                  hs_real *dlogits, bool accumulate)
{
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p += LOSS_BLOCK) {
        hs_real e[LOSS_CLASSES][LOSS_BLOCK], largest[LOSS_BLOCK], sum[LOSS_BLOCK];
        int count = (int)(pixels - p < LOSS_BLOCK ? pixels - p : LOSS_BLOCK);
        exponentials(logits + p * pitch, count, classes, pitch, e, largest, sum);
        block_gradient(classes, labels + p, count, weight, factor, sum, e);
        for (int i = 0; i < count; i++) {
            hs_real *to = dlogits + (p + i) * pitch;
            for (int c = 0; c < pitch && !accumulate; c += LANES)
                memset(to + c, 0, sizeof(hs_real) * LANES);
            for (int c = 0; c < classes; c++)
                to[c] += e[c][i];
        }
    }
}

int64_t NAMED(argmax)(const hs_real *logits, int64_t pixels, int classes, int pitch,
                      uint8_t *labels)
{
    int64_t nonfinite = 0;
#pragma omp parallel for schedule(static) reduction(+ : nonfinite)
    for (int64_t p = 0; p < pixels; p++) {
        const hs_real *x = logits + p * pitch;
        hs_real zero = x[0] * 0; /* NaN where one of them is not finite */
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = x[c] > x[best] ? c : best;
            zero += x[c] * 0;
        }
        labels[p] = (uint8_t)best;
        nonfinite += zero != 0;
    }
    return nonfinite;
}

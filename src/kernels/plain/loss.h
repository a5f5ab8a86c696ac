/* Softmax cross-entropy and the label of the largest logit. */
#include <math.h>

#ifdef HS_REAL_IS_FLOAT
#    define EXP expf
#else
#    define EXP exp
#endif

enum { LOSS_CHUNK = 4096 };

size_t NAMED(softmax_scratch)(int64_t pixels)
{
    return (size_t)((pixels + LOSS_CHUNK - 1) / LOSS_CHUNK) * 2;
}

/* exp(logit - largest) of each class; returns the largest, their sum in *sum. */
static hs_real exponentials(const hs_real *logits, int classes, hs_real *out, hs_real *sum)
{
    hs_real largest = logits[0];
    for (int c = 1; c < classes; c++)
        largest = logits[c] > largest ? logits[c] : largest;
    *sum = 0;
    for (int c = 0; c < classes; c++) {
        hs_real e = EXP(logits[c] - largest);
        *sum += e;
        if (out)
            out[c] = e;
    }
    return largest;
}

void NAMED(softmax_loss)(const hs_real *logits, int64_t pixels, int classes, int pitch,
                         const uint8_t *labels, const hs_real *weight, double *scratch,
                         double total[2])
{
    int64_t chunks = (pixels + LOSS_CHUNK - 1) / LOSS_CHUNK;
#pragma omp parallel for schedule(static)
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        int64_t last = (chunk + 1) * LOSS_CHUNK < pixels ? (chunk + 1) * LOSS_CHUNK : pixels;
        double loss = 0, weights = 0;
        for (int64_t p = chunk * LOSS_CHUNK; p < last; p++) {
            hs_real w = weight[labels[p]], sum;
            if (w == 0)
                continue;
            const hs_real *x = logits + p * pitch;
            hs_real largest = exponentials(x, classes, NULL, &sum);
            loss += (double)w * (log((double)sum) + (double)(largest - x[labels[p]]));
            weights += (double)w;
        }
        scratch[2 * chunk] = loss;
        scratch[2 * chunk + 1] = weights;
    }
    total[0] = total[1] = 0;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        total[0] += scratch[2 * chunk];
        total[1] += scratch[2 * chunk + 1];
    }
}

void NAMED(softmax_loss_backward)(const hs_real *logits, int64_t pixels, int classes, int pitch,
                                  const uint8_t *labels, const hs_real *weight, hs_real factor,
                                  hs_real *dlogits, bool accumulate)
{
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p++) {
        hs_real gradient[256], sum, w = weight[labels[p]] * factor;
        exponentials(logits + p * pitch, classes, gradient, &sum);
        hs_real *to = dlogits + p * pitch;
        for (int c = 0; c < pitch; c++) {
            hs_real value = c < classes && w != 0 ? w * (gradient[c] / sum - (c == labels[p])) : 0;
            to[c] = accumulate ? to[c] + value : value;
        }
    }
}

void NAMED(argmax)(const hs_real *logits, int64_t pixels, int classes, int pitch, uint8_t *labels)
{
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p++) {
        const hs_real *x = logits + p * pitch;
        int best = 0;
        for (int c = 1; c < classes; c++)
            best = x[c] > x[best] ? c : best;
        labels[p] = (uint8_t)best;
    }
}

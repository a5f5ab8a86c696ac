#include "eval/calibration.h"

#include "eval/metrics.h"
#include <math.h>

void hs_calibration_add(hs_calibration *c, const uint8_t *truth, const uint8_t *prediction,
                        const float *probabilities, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (truth[i] == HS_METRICS_IGNORE || (truth[i] == 0 && prediction[i] == 0))
            continue;
        double p = (double)probabilities[prediction[i] * n + i];
        p = p > 0 ? fmin(p, 1) : 0; /* NaN too */
        int bin = (int)(p * HS_CALIBRATION_BINS);
        bin = bin < HS_CALIBRATION_BINS ? bin : HS_CALIBRATION_BINS - 1;
        c->pixels[bin]++;
        c->correct[bin] += truth[i] == prediction[i];
        c->confidence[bin] += p;
    }
}

double hs_calibration_error(const hs_calibration *c)
{
    double error = 0;
    uint64_t pixels = 0;
    for (int bin = 0; bin < HS_CALIBRATION_BINS; bin++) {
        error += fabs((double)c->correct[bin] - c->confidence[bin]);
        pixels += c->pixels[bin];
    }
    return pixels ? error / (double)pixels : NAN;
}

/* Whether probabilities mean what they say: of the pixels labelled with a probability of 0.8, 80 %
 * should be right (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017). Counted over
 * the pixels that are a hand in truth or prediction: the background, nearly all of a frame and
 * easy, would hide the rest. */
#ifndef HS_EVAL_CALIBRATION_H
#define HS_EVAL_CALIBRATION_H

#include <stdint.h>

enum { HS_CALIBRATION_BINS = 10 };

/* Sums of each bin; bin k holds probabilities in [k, k + 1) / 10, the last one also 1. Initialise
 * with {0}. */
typedef struct hs_calibration {
    uint64_t pixels[HS_CALIBRATION_BINS], correct[HS_CALIBRATION_BINS];
    double confidence[HS_CALIBRATION_BINS]; /* sum of the probabilities */
} hs_calibration;

/* Counts n pixels by the probability of the predicted class. probabilities: [classes][n]; those
 * outside of [0, 1] count as the nearer end, NaN as 0. truth may be HS_METRICS_IGNORE: such pixels
 * are left out. */
void hs_calibration_add(hs_calibration *calibration, const uint8_t *truth,
                        const uint8_t *prediction, const float *probabilities, int64_t n);

/* Expected calibration error: the mean over the pixels of |share of correct ones - mean
 * probability| of their bin, in [0, 1]; NaN where there are none. */
double hs_calibration_error(const hs_calibration *calibration);

#endif

/* Calibration: against sums made bin by bin, and by hand. */
#include "base/rng.h"
#include "eval/calibration.h"
#include "support/suite.h"
#include <math.h>
#include <stdbool.h>

enum { CLASSES = 3, PIXELS = 997 };

static uint8_t truth[PIXELS], prediction[PIXELS];
static float probabilities[CLASSES * PIXELS];

/* Random probabilities; the truth follows them, and is unknown at times. */
static void make_pixels(void)
{
    hs_rng rng = hs_rng_make(8, 0, 0, HS_PURPOSE_TEST);
    for (int i = 0; i < PIXELS; i++) {
        double x[CLASSES], sum = 0;
        for (int c = 0; c < CLASSES; c++)
            sum += x[c] = pow(hs_rng_uniform(&rng), 4);
        prediction[i] = 0;
        for (int c = 0; c < CLASSES; c++) {
            probabilities[c * PIXELS + i] = (float)(x[c] / sum);
            if (x[c] > x[prediction[i]])
                prediction[i] = (uint8_t)c;
        }
        double draw = hs_rng_uniform(&rng) * sum;
        truth[i] = (uint8_t)(draw < x[0] ? 0 : draw < x[0] + x[1] ? 1 : 2);
        if (hs_rng_below(&rng, 10) == 0)
            truth[i] = 255;
    }
}

START_TEST(sums_are_those_of_each_bin)
{
    hs_calibration c = {0}, parts = {0};
    make_pixels();
    hs_calibration_add(&c, truth, prediction, probabilities, PIXELS);
    double error = 0, all = 0;
    for (int bin = 0; bin < 10; bin++) {
        double pixels = 0, correct = 0, sum = 0;
        for (int i = 0; i < PIXELS; i++) {
            float most = 0;
            for (int k = 0; k < CLASSES; k++)
                most = fmaxf(most, probabilities[k * PIXELS + i]);
            bool counts = truth[i] != 255 && truth[i] + prediction[i] > 0;
            if (!counts || (double)most < bin / 10. || (double)most >= (bin + 1) / 10.)
                continue;
            pixels++;
            correct += truth[i] == prediction[i];
            sum += (double)most;
        }
        ck_assert_double_eq((double)c.pixels[bin], pixels);
        ck_assert_double_eq((double)c.correct[bin], correct);
        ck_assert_double_eq_tol(c.confidence[bin], sum, 1e-9);
        if (pixels > 0)
            error += pixels * fabs(correct / pixels - sum / pixels);
        all += pixels;
    }
    ck_assert_double_gt(all, PIXELS / 2);
    ck_assert_double_eq_tol(hs_calibration_error(&c), error / all, 1e-12);
    /* The same pixels as images of one pixel each. */
    for (int i = 0; i < PIXELS; i++) {
        float p[CLASSES];
        for (int k = 0; k < CLASSES; k++)
            p[k] = probabilities[k * PIXELS + i];
        hs_calibration_add(&parts, truth + i, prediction + i, p, 1);
    }
    ck_assert_double_eq_tol(hs_calibration_error(&parts), hs_calibration_error(&c), 1e-12);
}
END_TEST

START_TEST(cases_by_hand)
{
    /* One hand found at 0.75, one missed at 0.75, one surely found; background is not asked. */
    const uint8_t t[] = {1, 1, 1, 0, 255}, p[] = {1, 0, 1, 0, 1};
    const float of[] = {0.25f, 0.75f, 0, 0.5f, 0, 0.75f, 0.25f, 1, 0.5f, 1};
    hs_calibration c = {0};
    ck_assert(isnan(hs_calibration_error(&c)));
    hs_calibration_add(&c, t, p, of, 5);
    ck_assert_uint_eq(c.pixels[7], 2);
    ck_assert_uint_eq(c.correct[7], 1);
    ck_assert_uint_eq(c.pixels[9], 1);
    ck_assert_uint_eq(c.correct[9], 1);
    ck_assert_double_eq_tol(hs_calibration_error(&c), (2 * 0.25 + 0) / 3, 1e-14);
}
END_TEST

/* Of a model gone wrong; a bin far outside would be another's memory. */
START_TEST(whatever_is_called_a_probability_falls_into_a_bin)
{
    const uint8_t t[] = {1, 1, 1, 1, 1}, p[] = {1, 1, 1, 1, 1};
    const float of[] = {0, 0, 0, 0, 0, NAN, INFINITY, -INFINITY, -0.5f, 1e30f};
    struct {
        uint64_t before[64];
        hs_calibration c;
        uint64_t after[64];
    } room = {0};
    hs_calibration_add(&room.c, t, p, of, 5);
    ck_assert_uint_eq(room.c.pixels[0], 3);
    ck_assert_uint_eq(room.c.pixels[HS_CALIBRATION_BINS - 1], 2);
    ck_assert_double_eq_tol(hs_calibration_error(&room.c), 3. / 5, 1e-14);
    for (int i = 0; i < 64; i++)
        ck_assert(room.before[i] == 0 && room.after[i] == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibration");
    TCase *tests = tcase_create("calibration");
    tcase_add_test(tests, sums_are_those_of_each_bin);
    tcase_add_test(tests, cases_by_hand);
    tcase_add_test(tests, whatever_is_called_a_probability_falls_into_a_bin);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

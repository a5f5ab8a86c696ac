/* Optimisers and schedules against PyTorch's numbers; the norm against a plain sum. */
#include "base/rng.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "support/suite.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "golden/optim.inc"

static void assert_close(const hs_real *got, const float *expected, int n, double tolerance)
{
    for (int i = 0; i < n; i++)
        ck_assert_double_le(fabs(got[i] - expected[i]), tolerance * (fabs(expected[i]) + 1e-30));
}

START_TEST(steps_equal_those_of_pytorch)
{
    for (size_t c = 0; c < sizeof golden_optimizers / sizeof *golden_optimizers; c++) {
        const struct golden_optimizer *golden = &golden_optimizers[c];
        hs_real w[GOLDEN_N], dw[GOLDEN_N], first[GOLDEN_N] = {0}, second[GOLDEN_N] = {0};
        for (int i = 0; i < GOLDEN_N; i++)
            w[i] = golden_start[i];
        for (int step = 1; step <= GOLDEN_STEPS; step++) {
            for (int i = 0; i < GOLDEN_N; i++)
                dw[i] = golden_gradients[step - 1][i];
            double norm = hs_gradient_norm(dw, GOLDEN_N);
            hs_optimizer_step(&golden->settings, golden->settings.lr,
                              hs_clip_scale(norm, golden->settings.clip_norm), step, GOLDEN_N, w,
                              dw, (hs_real *const[]){first, second});
        }
        assert_close(w, golden->w, GOLDEN_N, 1e-6);
        assert_close(first, golden->slots[0], GOLDEN_N, 4e-6);
        assert_close(second, golden->slots[1], GOLDEN_N, 4e-6);
    }
}
END_TEST

START_TEST(schedules_equal_those_of_pytorch)
{
    hs_schedule step = {.method = HS_SCHEDULE_step, .every = 5, .gamma = 0.5};
    hs_schedule poly = {.method = HS_SCHEDULE_poly, .total = 20, .power = 0.9};
    hs_schedule cosine = {.method = HS_SCHEDULE_cosine, .total = 20, .lowest = 0.01};
    for (int t = 0; t < GOLDEN_RATES; t++) {
        ck_assert_double_eq_tol(hs_schedule_rate(&step, 0.1, t), golden_step[t], 1e-12);
        ck_assert_double_eq_tol(hs_schedule_rate(&poly, 0.1, t), golden_poly[t], 1e-12);
        ck_assert_double_eq_tol(hs_schedule_rate(&cosine, 0.1, t), golden_cosine[t], 1e-12);
    }
}
END_TEST

START_TEST(warmup_grows_in_equal_parts_then_the_shape_begins)
{
    hs_schedule s = {.method = HS_SCHEDULE_constant, .warmup = 4};
    for (int t = 0; t < 4; t++)
        ck_assert_double_eq_tol(hs_schedule_rate(&s, 2, t), 0.5 * (t + 1), 1e-15);
    ck_assert_double_eq(hs_schedule_rate(&s, 2, 4), 2);
    ck_assert_double_eq(hs_schedule_rate(&s, 2, 1000000), 2);
    hs_schedule bare = {.method = HS_SCHEDULE_cosine, .total = 20};
    hs_schedule warm = {.method = HS_SCHEDULE_cosine, .total = 24, .warmup = 4};
    for (int t = 0; t < 30; t++)
        ck_assert_double_eq(hs_schedule_rate(&warm, 2, t + 4), hs_schedule_rate(&bare, 2, t));
}
END_TEST

START_TEST(results_do_not_depend_on_the_number_of_threads)
{
    enum { N = 9000011 }; /* more than CHUNKS chunks of the least size, and odd */
    hs_real *memory = calloc(5 * (size_t)N, sizeof *memory);
    hs_real *dw = memory, *w1 = memory + N, *w2 = w1 + N, *m = w2 + N, *v = m + N;
    hs_rng rng = hs_rng_make(3, 0, 0, HS_PURPOSE_TEST);
    double sum = 0;
    for (int64_t i = 0; i < N; i++) {
        dw[i] = (hs_real)(hs_rng_uniform(&rng) - 0.3);
        sum += (double)dw[i] * (double)dw[i];
    }
    hs_optimizer adam = golden_optimizers[1].settings;
    int threads = omp_get_max_threads();
    double norms[4];
    for (int t = 0; t < 4; t++) {
        omp_set_num_threads(t + 1);
        norms[t] = hs_gradient_norm(dw, N);
        memset(m, 0, 2 * (size_t)N * sizeof *m);
        hs_real *w = t ? w2 : w1;
        memset(w, 0, (size_t)N * sizeof *w);
        hs_optimizer_step(&adam, 0.1, 0.5, 1, N, w, dw, (hs_real *const[]){m, v});
        ck_assert(memcmp(w1, w, (size_t)N * sizeof *w) == 0);
        ck_assert(norms[t] == norms[0]);
    }
    omp_set_num_threads(threads);
    ck_assert_double_eq_tol(norms[0] / sqrt(sum), 1, 1e-12);
    free(memory);
}
END_TEST

START_TEST(norm_of_any_length_and_clipping)
{
    hs_real x[100];
    for (int i = 0; i < 100; i++)
        x[i] = 3;
    for (int n = 0; n < 100; n++)
        ck_assert_double_eq_tol(hs_gradient_norm(x, n), 3 * sqrt(n), 1e-12);
    x[57] = NAN;
    ck_assert(isnan(hs_gradient_norm(x, 100)));
    x[57] = INFINITY;
    ck_assert(isinf(hs_gradient_norm(x, 100)));
    ck_assert_double_eq(hs_clip_scale(10, 0), 1);
    ck_assert_double_eq(hs_clip_scale(1, 5), 1);
    ck_assert_double_eq(hs_clip_scale(10, 5), 5 / (10 + 1e-6));
}
END_TEST

START_TEST(settings_have_working_defaults_and_names)
{
    hs_ini ini = {0};
    hs_optimizer o;
    hs_schedule s;
    const char *text = "[optimizer]\n[schedule]\nmethod=cosine\n";
    ck_assert_ok(hs_ini_parse(&ini, "t.ini", text, strlen(text)));
    ck_assert_ok(hs_fields_read(&ini, hs_ini_find(&ini, "optimizer"), hs_optimizer_fields,
                                hs_optimizer_field_count, &o));
    ck_assert_ok(hs_fields_read(&ini, hs_ini_find(&ini, "schedule"), hs_schedule_fields,
                                hs_schedule_field_count, &s));
    ck_assert_int_eq(o.method, HS_OPTIMIZER_adam);
    ck_assert_double_eq(o.beta1, 0.5);
    ck_assert_int_eq(s.method, HS_SCHEDULE_cosine);
    ck_assert_str_eq(hs_optimizer_slot_name(HS_OPTIMIZER_adam, 1), "v");
    ck_assert_ptr_null(hs_optimizer_slot_name(HS_OPTIMIZER_sgd, 1));
    hs_ini_free(&ini);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("optim");
    TCase *tests = tcase_create("optim");
    tcase_add_test(tests, steps_equal_those_of_pytorch);
    tcase_add_test(tests, schedules_equal_those_of_pytorch);
    tcase_add_test(tests, warmup_grows_in_equal_parts_then_the_shape_begins);
    tcase_add_test(tests, results_do_not_depend_on_the_number_of_threads);
    tcase_add_test(tests, norm_of_any_length_and_clipping);
    tcase_add_test(tests, settings_have_working_defaults_and_names);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

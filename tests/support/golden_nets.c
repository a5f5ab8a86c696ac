#include "support/golden_nets.h"

#include "support/files.h"
#include "support/net_params.h"
#include "support/suite.h"
#include "support/trace.h"
#include "train/config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const hs_golden_nets[HS_GOLDEN_NETS] = {
    "handseg", "handseg_sum", "handseg_half",  "fcn32s",    "fcn16s",
    "fcn8s",   "segnet",      "fcn32s_pad100", "deconvnet",
};

/* Bounds on sqrt(mean of squared differences / mean of squares), and for logits on the largest
 * difference over the largest logit too. */
static const double logits_bound = 1e-4, tensor_bound = 1e-3;

/* An array of reals and its shape, from rank 1 to 4 with ones before. */
typedef struct reals {
    hs_real *values;
    int64_t dims[4], count;
} reals;

static reals read_reals(hs_h5 *file, const char *name)
{
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
    reals r = {.dims = {1, 1, 1, 1}, .count = 1};
    ck_assert_ok(hs_h5_shape(file, name, NULL, &rank, dims));
    ck_assert_int_le(rank, 4);
    for (int i = 0; i < rank; i++) {
        r.dims[4 - rank + i] = dims[i];
        r.count *= dims[i];
    }
    ck_assert_ok(hs_allocate(sizeof *r.values * (size_t)r.count, name, (void **)&r.values));
    ck_assert_ok(hs_trace_read(file, name, rank, dims, r.values));
    return r;
}

/* Leaves every `every`th row and column. */
static void thin_out(reals *r, int64_t every)
{
    int64_t rows = (r->dims[2] + every - 1) / every, columns = (r->dims[3] + every - 1) / every;
    hs_real *to = r->values;
    for (int64_t i = 0; i < r->dims[0] * r->dims[1]; i++)
        for (int64_t y = 0; y < rows; y++)
            for (int64_t x = 0; x < columns; x++)
                *to++ = r->values[(i * r->dims[2] + y * every) * r->dims[3] + x * every];
    r->dims[2] = rows;
    r->dims[3] = columns;
    r->count = to - r->values;
}

/* Differences of two arrays of one name, as shares of the second. */
typedef struct difference {
    double rms, max;
} difference;

/* `every`: of the rows and columns of `got`, those that there are of `expected`. */
static difference compare(hs_h5 *got_file, hs_h5 *expected_file, const char *name, int64_t every)
{
    reals got = read_reals(got_file, name), expected = read_reals(expected_file, name);
    thin_out(&got, every);
    for (int i = 0; i < 4; i++)
        ck_assert_msg(got.dims[i] == expected.dims[i], "%s: dimension %d: got %lld, expected %lld",
                      name, i, (long long)got.dims[i], (long long)expected.dims[i]);
    double error = 0, size = 0, most_error = 0, most = 0;
    for (int64_t i = 0; i < got.count; i++) {
        double e = (double)got.values[i] - (double)expected.values[i];
        double x = (double)expected.values[i];
        error += e * e;
        size += x * x;
        most_error = fabs(e) > most_error ? fabs(e) : most_error;
        most = fabs(x) > most ? fabs(x) : most;
    }
    free(got.values);
    free(expected.values);
    ck_assert_msg(size > 0, "%s: all zero", name);
    return (difference){sqrt(error / size), most_error / most};
}

void hs_golden_group_close(hs_h5 *got, hs_h5 *expected, const char *group, double bound,
                           const char *what)
{
    hs_arena arena = {0};
    int n_layers, n_names, compared = 0;
    const char *const *layers, *const *names;
    ck_assert_ok(hs_h5_list(expected, group, &arena, &n_layers, &layers));
    for (int i = 0; i < n_layers; i++) {
        const char *layer = hs_arena_format(&arena, "%s/%s", group, layers[i]);
        ck_assert_ok(hs_h5_list(expected, layer, &arena, &n_names, &names));
        for (int k = 0; k < n_names; k++, compared++) {
            const char *name = hs_arena_format(&arena, "%s/%s", layer, names[k]);
            double rms = compare(got, expected, name, 1).rms;
            ck_assert_msg(rms <= bound, "%s: %s: got a difference of %.2e, expected at most %.0e",
                          what, name, rms, bound);
        }
    }
    ck_assert_int_gt(compared, 0);
    hs_arena_free(&arena);
}

/* ---- a net -------------------------------------------------------------------------------------
 */
static const char *golden_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "tests/golden/nets/%s.h5", name);
    return path;
}

/* configs/nets/NAME.ini with 1/narrow of its filters and without dropout, whose masks two programs
 * cannot both draw. */
static const char *config_of(hs_arena *arena, const char *name, int narrow)
{
    hs_ini ini = {0};
    ck_assert_ok(hs_ini_read(&ini, hs_arena_format(arena, "configs/nets/%s.ini", name)));
    hs_test_net_narrow(&ini, narrow);
    for (hs_ini_section *s = ini.sections; s; s = s->next)
        if (strcmp(s->type, "dropout") == 0)
            hs_ini_put(&ini, s, "p", "0", "test");
    const char *text = hs_config_text(&ini, arena);
    hs_ini_free(&ini);
    return text;
}

static void assert_logits_close(hs_h5 *got, hs_h5 *expected, int64_t every, const char *what)
{
    static const char *const logits[] = {"/inference", "/logits"};
    for (int i = 0; i < 2; i++) {
        difference d = compare(got, expected, logits[i], every);
        ck_assert_msg(d.max <= logits_bound && d.rms <= logits_bound,
                      "%s: %s: got differences of %.2e (max) and %.2e (RMS), expected at most %.0e",
                      what, logits[i], d.max, d.rms, logits_bound);
    }
}

/* What the library makes of a case: in the test's folder, until the next. */
static hs_h5 *trace(const char *name, hs_h5 *golden)
{
    hs_arena arena = {0};
    int64_t narrow;
    hs_h5 *got;
    const char *out = hs_test_path("trace.h5");
    ck_assert_ok(hs_h5_get_i64(golden, "/", "narrow", &narrow));
    ck_assert_ok(hs_trace_run(golden_of(name), config_of(&arena, name, (int)narrow), out));
    ck_assert_ok(hs_h5_open(out, &got));
    hs_arena_free(&arena);
    return got;
}

void hs_golden_net_check(const char *name, hs_golden_part part, const char *what)
{
    int64_t every;
    hs_h5 *got, *expected;
    ck_assert_ok(hs_h5_open(golden_of(name), &expected));
    ck_assert_ok(hs_h5_get_i64(expected, "/", "every", &every));
    got = trace(name, expected);
    assert_logits_close(got, expected, every, what);
    if (part == HS_GOLDEN_ALL) {
        hs_golden_group_close(got, expected, "/gradients", tensor_bound, what);
        ck_assert_double_le(compare(got, expected, "/loss", 1).max, logits_bound);
        if (hs_h5_exists(expected, "/after"))
            hs_golden_group_close(got, expected, "/after", tensor_bound, what);
    }
    hs_h5_close(got);
    hs_h5_close(expected);
}

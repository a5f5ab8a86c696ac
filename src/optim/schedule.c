#include "optim/schedule.h"

#include <math.h>

static const char *const methods[] = {
#define HS_SCHEDULE(name, meaning) #name,
#include "handseg/schedules.def"
#undef HS_SCHEDULE
    NULL,
};

#define OFFSET(member) offsetof(hs_schedule, member)
const hs_field hs_schedule_fields[] = {
    {"method", HS_FIELD_CHOICE, OFFSET(method), "constant", 0, 0, methods, "shape of the schedule"},
    {"warmup", HS_FIELD_INT64, OFFSET(warmup), "0", 0, 1e9, NULL, "steps of linear warm-up"},
    {"total", HS_FIELD_INT64, OFFSET(total), "0", 0, 1e12, NULL,
     "poly, cosine: step at which they end; 0: the end of training"},
    {"every", HS_FIELD_INT64, OFFSET(every), "10000", 1, 1e12, NULL, "step: steps between drops"},
    {"gamma", HS_FIELD_REAL, OFFSET(gamma), "0.1", 0, 1, NULL, "step: factor of a drop"},
    {"power", HS_FIELD_REAL, OFFSET(power), "0.9", 0, 100, NULL, "poly: exponent"},
    {"lowest", HS_FIELD_REAL, OFFSET(lowest), "0", 0, 1e3, NULL,
     "poly, cosine: the rate they end at"},
};
#undef OFFSET
const int hs_schedule_field_count = sizeof hs_schedule_fields / sizeof *hs_schedule_fields;

/* Each shape gives the rate at step t of the `length` steps after warm-up. */
static double shape_constant(const hs_schedule *s, double lr, int64_t t, int64_t length)
{
    (void)s, (void)t, (void)length;
    return lr;
}

static double shape_step(const hs_schedule *s, double lr, int64_t t, int64_t length)
{
    (void)length;
    return lr * pow(s->gamma, (double)(t / s->every));
}

static double share(int64_t t, int64_t length)
{
    return t < length ? (double)t / (double)length : 1;
}

static double shape_poly(const hs_schedule *s, double lr, int64_t t, int64_t length)
{
    return s->lowest + (lr - s->lowest) * pow(1 - share(t, length), s->power);
}

static double shape_cosine(const hs_schedule *s, double lr, int64_t t, int64_t length)
{
    const double pi = 3.14159265358979323846;
    return s->lowest + (lr - s->lowest) * (1 + cos(pi * share(t, length))) / 2;
}

double hs_schedule_rate(const hs_schedule *schedule, double lr, int64_t step)
{
    static double (*const shapes[])(const hs_schedule *, double, int64_t, int64_t) = {
#define HS_SCHEDULE(name, meaning) shape_##name,
#include "handseg/schedules.def"
#undef HS_SCHEDULE
    };
    if (step < schedule->warmup)
        return lr * (double)(step + 1) / (double)schedule->warmup;
    return shapes[schedule->method](schedule, lr, step - schedule->warmup,
                                    schedule->total - schedule->warmup);
}

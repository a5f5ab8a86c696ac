/* Learning rates as pure functions of the step: a resumed run needs no state of theirs. */
#ifndef HS_OPTIM_SCHEDULE_H
#define HS_OPTIM_SCHEDULE_H

#include "config/fields.h"
#include <stdint.h>

typedef enum hs_schedule_method {
#define HS_SCHEDULE(name, meaning) HS_SCHEDULE_##name,
#include "optim/schedules.def"
#undef HS_SCHEDULE
    HS_SCHEDULE_METHODS
} hs_schedule_method;

/* Settings of section [schedule]. */
typedef struct hs_schedule {
    int method;     /* hs_schedule_method */
    int64_t warmup; /* first steps, in which the rate grows in equal parts to the full one */
    int64_t total;  /* poly, cosine: step at which they end, warm-up included; 0: that of training,
                       which the caller puts here before the first use */
    int64_t every;  /* step: steps between two drops */
    double gamma;   /* step: factor of a drop */
    double power;   /* poly */
    double lowest;  /* poly, cosine: the rate they end at */
} hs_schedule;

extern const hs_field hs_schedule_fields[];
extern const int hs_schedule_field_count;

/* Learning rate of a step, counted from 0; `lr` is the full rate. Warm-up takes step s to
 * lr (s + 1) / warmup; what follows is the method's shape over the steps after it. Past the end the
 * last rate stays. */
double hs_schedule_rate(const hs_schedule *schedule, double lr, int64_t step);

#endif

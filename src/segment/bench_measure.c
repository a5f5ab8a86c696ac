#include "segment/bench_measure.h"

#include "base/log.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double page_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_minflt + (double)usage.ru_majflt;
}

hs_status hs_measure(hs_status (*run)(void *), void (*warm)(void *), void *user, double seconds,
                     hs_measurement *m)
{
    enum { WARM_UP = 2, LEAST = 3, MOST = 10000 };
    static double taken[MOST];
    hs_status status = HS_OK;
    int n = 0;
    memset(taken, 0, sizeof taken); /* its pages are not those of a run */
    for (int i = 0; i < WARM_UP; i++)
        HS_TRY(run(user));
    if (warm)
        warm(user);
    double faults = page_faults(), began = hs_now(), last = began;
    while (n < LEAST || (n < MOST && last - began < seconds)) {
        HS_TRY(run(user));
        double now = hs_now();
        taken[n++] = now - last;
        last = now;
    }
    faults = page_faults() - faults;
    qsort(taken, (size_t)n, sizeof *taken, by_value);
    *m = (hs_measurement){.seconds = taken[n / 2], .faults = faults / n, .times = n};
exit:
    return status;
}

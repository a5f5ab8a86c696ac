#include "base/log.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool quiet_mode;
static bool bar_on_screen;

double hs_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void clear_bar(void)
{
    if (bar_on_screen)
        fputs("\r\033[K", stderr);
    bar_on_screen = false;
}

void hs_log_quiet(bool quiet)
{
    quiet_mode = quiet;
}

void hs_log(const char *fmt, ...)
{
    if (quiet_mode)
        return;
    clear_bar();
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

void hs_warn(const char *fmt, ...)
{
    clear_bar();
    fputs("handseg: warning: ", stderr);
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

void hs_format_duration(double seconds, char *text, int size)
{
    if (!(seconds >= 0) || seconds > 1e8) {
        snprintf(text, (size_t)size, "--");
        return;
    }
    long s = lround(seconds);
    if (s >= 3600)
        snprintf(text, (size_t)size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else if (s >= 60)
        snprintf(text, (size_t)size, "%ld:%02ld", s / 60, s % 60);
    else
        snprintf(text, (size_t)size, "%ld s", s);
}

hs_progress hs_progress_start(const char *what, const char *unit, int64_t first, int64_t total)
{
    double now = hs_now();
    bool terminal = isatty(STDERR_FILENO) == 1;
    return (hs_progress){.what = what,
                         .unit = unit,
                         .total = total,
                         .done = first,
                         .first = first,
                         .started = now,
                         .drawn = terminal ? 0 : now,
                         .terminal = terminal};
}

static void draw(hs_progress *p, const char *note, bool last)
{
    enum { WIDTH = 24 };
    double elapsed = hs_now() - p->started;
    double rate = elapsed > 0 ? (double)(p->done - p->first) / elapsed : 0;
    double left = last ? elapsed : (double)(p->total - p->done) / rate;
    double share = p->total > 0 ? (double)p->done / (double)p->total : 1;
    char duration[32], line[256];
    hs_format_duration(left, duration, sizeof duration);
    int filled = (int)(WIDTH * (share > 1 ? 1 : share));
    char bar[WIDTH + 1];
    memset(bar, ' ', WIDTH);
    memset(bar, '=', (size_t)filled);
    bar[WIDTH] = 0;
    snprintf(line, sizeof line, "%s%s%s%s%3.0f%% %lld/%lld %s, %.*f/s, %s %s%s%s", p->what,
             p->terminal ? " [" : " ", p->terminal ? bar : "", p->terminal ? "] " : "", 100 * share,
             (long long)p->done, (long long)p->total, p->unit, rate < 10 ? 2 : 0, rate, duration,
             last ? "in all" : "left", note ? ", " : "", note ? note : "");
    if (p->terminal)
        fprintf(stderr, "\r\033[K%s%s", line, last ? "\n" : "");
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    bar_on_screen = p->terminal && !last;
}

void hs_progress_update(hs_progress *progress, int64_t done, const char *note)
{
    progress->done = done;
    double now = hs_now();
    if (quiet_mode || now - progress->drawn < (progress->terminal ? 0.1 : 10.0))
        return;
    progress->drawn = now;
    draw(progress, note, false);
}

void hs_progress_finish(hs_progress *progress, const char *note)
{
    if (!quiet_mode)
        draw(progress, note, true);
}

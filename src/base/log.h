/* What the program says while it works: lines, and progress with rate and time left. */
#ifndef HS_BASE_LOG_H
#define HS_BASE_LOG_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>

/* Seconds of a clock that never goes back. */
double hs_now(void);

/* One line to stderr, above a progress bar where one is shown. A newline is added. */
void hs_log(const char *fmt, ...) HS_PRINTF(1, 2);

/* The same, prefixed "handseg: warning: ". */
void hs_warn(const char *fmt, ...) HS_PRINTF(1, 2);

/* No lines and no progress from here on (--quiet); warnings and errors stay. */
void hs_log_quiet(bool quiet);

/* Progress of long work: a bar redrawn in place on a terminal, a plain line every ten seconds and
 * at the end elsewhere. A value type; one at a time. */
typedef struct hs_progress {
    const char *what; /* borrowed: "rendering" */
    const char *unit; /* borrowed: "frames" */
    int64_t total, done, first;
    double started, drawn;
    bool terminal;
} hs_progress;

/* `first` is what was already done before (a resumed run), so that the rate stays honest. */
hs_progress hs_progress_start(const char *what, const char *unit, int64_t first, int64_t total);

/* Sets the work done so far; `note` (may be NULL) is shown at the end of the line. */
void hs_progress_update(hs_progress *progress, int64_t done, const char *note);

/* Draws the last state and ends the line. */
void hs_progress_finish(hs_progress *progress, const char *note);

/* "1:02:03", "2:05" or "7 s" of a duration in seconds. */
void hs_format_duration(double seconds, char *text, int size);

#endif

/* Raising errors: every user or file error is recorded once, where it is found. */
#ifndef HS_BASE_STATUS_H
#define HS_BASE_STATUS_H

#include "handseg/status.h"

#if defined(__GNUC__)
#    define HS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#    define HS_PRINTF(fmt, args)
#endif

/* Records an error for this thread and returns `status`, so that `return hs_error(...)` reads as
 * one step. `hint` says what to do about it; NULL or "" where the message already does. */
hs_status hs_error(hs_status status, const char *hint, const char *fmt, ...) HS_PRINTF(3, 4);

/* The same with the system's reason (strerror of `err`) appended: for failed calls of the system.
 */
hs_status hs_error_system(int err, const char *hint, const char *fmt, ...) HS_PRINTF(3, 4);

/* Puts "CONTEXT: " before the recorded message and returns `status` (HS_OK passes untouched). */
hs_status hs_error_context(hs_status status, const char *fmt, ...) HS_PRINTF(2, 3);

/* Leaves the function through its exit label on the first failure. */
#define HS_TRY(expression)     \
    do {                       \
        status = (expression); \
        if (status != HS_OK)   \
            goto exit;         \
    } while (0)

#endif

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

/* An error on its way from one thread to another. Initialise with {0}: no error. */
typedef struct hs_error_record {
    hs_status status;
    char message[1024], hint[512];
} hs_error_record;

/* Keeps this thread's error if `status` is one. */
void hs_error_save(hs_error_record *record, hs_status status);

/* Makes a kept error this thread's own; HS_OK where there is none. */
hs_status hs_error_raise(const hs_error_record *record);

/* Leaves the function through its exit label on the first failure. */
#define HS_TRY(expression)     \
    do {                       \
        status = (expression); \
        if (status != HS_OK)   \
            goto exit;         \
    } while (0)

#endif

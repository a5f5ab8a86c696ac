#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 2048, HINT_SIZE = 1024 };

static _Thread_local char message[MESSAGE_SIZE];
static _Thread_local char hint_text[HINT_SIZE];

const char *hs_status_name(hs_status status)
{
    switch (status) {
#define HS_STATUS(code, exit_status, meaning) \
    case HS_##code:                           \
        return #code;
#include "handseg/status_codes.def"
#undef HS_STATUS
    }
    return "unknown";
}

int hs_status_exit(hs_status status)
{
    switch (status) {
#define HS_STATUS(code, exit_status, meaning) \
    case HS_##code:                           \
        return exit_status;
#include "handseg/status_codes.def"
#undef HS_STATUS
    }
    return 1;
}

const char *hs_error_message(void)
{
    return message;
}

const char *hs_error_hint(void)
{
    return hint_text;
}

/* Formats into a buffer of its own first: arguments may point into the current message. */
static void record(const char *hint, const char *fmt, va_list args, const char *tail)
{
    char text[MESSAGE_SIZE];
    vsnprintf(text, sizeof text, fmt, args);
    char hint_copy[HINT_SIZE];
    snprintf(hint_copy, sizeof hint_copy, "%s", hint ? hint : "");
    snprintf(message, sizeof message, "%.*s%s", (int)(sizeof message - 256), text, tail);
    memcpy(hint_text, hint_copy, sizeof hint_text);
}

hs_status hs_error(hs_status status, const char *hint, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    record(hint, fmt, args, "");
    va_end(args);
    return status;
}

hs_status hs_error_system(int err, const char *hint, const char *fmt, ...)
{
    char tail[256];
    snprintf(tail, sizeof tail, ": %s", strerror(err));
    va_list args;
    va_start(args, fmt);
    record(hint, fmt, args, tail);
    va_end(args);
    return HS_ERR_IO;
}

hs_status hs_error_context(hs_status status, const char *fmt, ...)
{
    if (status == HS_OK)
        return status;
    char context[512], text[MESSAGE_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(context, sizeof context, fmt, args);
    va_end(args);
    snprintf(text, sizeof text, "%s: %.*s", context, (int)(sizeof text - sizeof context - 4),
             message);
    memcpy(message, text, sizeof message);
    return status;
}

void hs_error_save(hs_error_record *record, hs_status status)
{
    record->status = status;
    if (status == HS_OK)
        return;
    snprintf(record->message, sizeof record->message, "%.*s", (int)sizeof record->message - 1,
             message);
    snprintf(record->hint, sizeof record->hint, "%.*s", (int)sizeof record->hint - 1, hint_text);
}

hs_status hs_error_raise(const hs_error_record *record)
{
    if (record->status == HS_OK)
        return HS_OK;
    return hs_error(record->status, record->hint, "%s", record->message);
}

/* verdicts.log: what people said of the frames of a folder, one line a key press. Lines are only
 * ever added; nothing is taken back but by a further line.
 *
 *   handseg verdicts 1
 *   2025-03-01T09:15:02.118Z ann 5b2c07e1 1 reject user-1.00000012 outline_off 1c9a53f0
 *   2025-03-01T09:15:03.001Z ann 5b2c07e1 2 keep user-1.00000013..user-1.00000020 - 77ab01d3
 *   2025-03-01T09:15:04.513Z ann 5b2c07e1 3 undo 5b2c07e1:2 - 0cf2e6aa
 *
 * Fields, one blank between them: time (UTC), reviewer, session (one opening of the page), sequence
 * number within the session, action, frames, reason ("-" for none), CRC-32 of the line up to the
 * blank before it. Session and sequence number name a line. Frames are names joined by ',', or
 * FIRST..LAST, which stands for every number between them; a name may have a prefix that ends in
 * ':', which makes it a name of its own. An undo names the line that counts no more; it can itself
 * be undone.
 *
 * A last line without its end is that of a program that was killed while writing: it is left out.
 * Anything else that is not as above is an error that says where. */
#ifndef HS_DATA_VERDICT_LOG_H
#define HS_DATA_VERDICT_LOG_H

#include "base/memory.h"
#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>

#define HS_VERDICT_FILE "verdicts.log"

/* The first three are verdicts: their values are those of hs_verdict. */
typedef enum hs_verdict_action {
    HS_ACTION_CLEAR,
    HS_ACTION_KEEP,
    HS_ACTION_REJECT,
    HS_ACTION_UNDO,
} hs_verdict_action;

typedef struct hs_verdict_record {
    int64_t time; /* milliseconds since 1970, UTC */
    const char *reviewer, *session, *reason;
    const char *frames; /* of an undo: SESSION:SEQUENCE */
    uint32_t sequence;  /* from 1 */
    hs_verdict_action action;
} hs_verdict_record;

typedef struct hs_verdict_log {
    hs_arena arena; /* of the records' strings */
    char *path;
    hs_verdict_record *records; /* [count], by time, then session, then sequence number */
    int64_t count, capacity;
    int64_t size; /* bytes of the file that hold whole lines */
    int fd;       /* open for appending where above 0 */
} hs_verdict_log;

/* Reads a log; a missing file is an empty one. HS_ERR_FORMAT with line and byte for damage.
 * Initialise with {0}; free also after a failure. */
hs_status hs_verdict_log_read(hs_verdict_log *log, const char *path);

/* The same to append to: makes the file where there is none, cuts off a last line without its end,
 * and keeps others from appending until hs_verdict_log_free (HS_ERR_STATE where somebody does). */
hs_status hs_verdict_log_open(hs_verdict_log *log, const char *path);
void hs_verdict_log_free(hs_verdict_log *log);

/* Appends n records and brings them to the disk: all of them, or on failure none, in memory as in
 * the file. Strings are copied. */
hs_status hs_verdict_log_append(hs_verdict_log *log, const hs_verdict_record *records, int64_t n);

/* The time for the next record: now, but always later than the last one, so that the order of times
 * is that of the lines whatever the clock does. */
int64_t hs_verdict_log_next_time(const hs_verdict_log *log);

/* Appends what the log at `other` has and the one at `path` has not; *added lines. Merging again
 * adds nothing. HS_ERR_DATA where both have a line of the same session and number that differs. */
hs_status hs_verdict_log_merge(const char *path, const char *other, int64_t *added);

/* The first line of a file that begins so is that of a log. */
#define HS_VERDICT_HEADER "handseg verdicts 1\n"

/* Whether the text can be a reviewer, a session or a reason: 1 to 64 letters, digits and "._@+-".
 */
bool hs_is_verdict_word(const char *text);

#endif

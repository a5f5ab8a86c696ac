#include "data/verdict_log.h"

#include "base/log.h"
#include "data/verdict_line.h"
#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = sizeof HS_VERDICT_HEADER - 1 };

/* ---- records in memory ---- */

static hs_status reserve(hs_verdict_log *log, int64_t more)
{
    if (log->count + more <= log->capacity)
        return HS_OK;
    int64_t capacity = 2 * (log->count + more);
    hs_verdict_record *records = realloc(log->records, (size_t)capacity * sizeof *records);
    if (!records)
        return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for %lld verdicts", log->path,
                        (long long)capacity);
    log->records = records;
    log->capacity = capacity;
    return HS_OK;
}

/* The text, kept once where the record before has the same. */
static const char *keep(hs_arena *arena, const char *text, const char *before)
{
    return before && strcmp(before, text) == 0 ? before : hs_arena_string(arena, text);
}

/* There is room for it. */
static void add(hs_verdict_log *log, hs_verdict_record record)
{
    const hs_verdict_record none = {0};
    const hs_verdict_record *before = log->count ? &log->records[log->count - 1] : &none;
    record.reviewer = keep(&log->arena, record.reviewer, before->reviewer);
    record.session = keep(&log->arena, record.session, before->session);
    record.reason = keep(&log->arena, record.reason, before->reason);
    record.frames = hs_arena_string(&log->arena, record.frames);
    log->records[log->count++] = record;
}

static int by_name(const void *a, const void *b)
{
    const hs_verdict_record *x = a, *y = b;
    int order = strcmp(x->session, y->session);
    return order ? order : (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static int by_time(const void *a, const void *b)
{
    const hs_verdict_record *x = a, *y = b;
    return x->time != y->time ? (x->time > y->time) - (x->time < y->time) : by_name(a, b);
}

static bool same(const hs_verdict_record *a, const hs_verdict_record *b)
{
    return by_time(a, b) == 0 && a->action == b->action && !strcmp(a->frames, b->frames) &&
           !strcmp(a->reason, b->reason) && !strcmp(a->reviewer, b->reviewer);
}

static void sort(hs_verdict_log *log, int (*order)(const void *a, const void *b))
{
    if (log->count)
        qsort(log->records, (size_t)log->count, sizeof *log->records, order);
}

/* Into the order of time, each once. */
static void put_in_order(hs_verdict_log *log)
{
    int64_t kept = 0;
    for (int64_t i = 1; i < log->count; i++)
        if (by_time(&log->records[i - 1], &log->records[i]) >= 0) { /* a merged one */
            sort(log, by_time);
            break;
        }
    for (int64_t i = 0; i < log->count; i++)
        if (kept == 0 || !same(&log->records[kept - 1], &log->records[i]))
            log->records[kept++] = log->records[i];
    log->count = kept;
}

/* ---- reading ---- */

static hs_status damaged(const hs_verdict_log *log, int64_t line, size_t at, const char *why)
{
    return hs_error(HS_ERR_FORMAT, "take this file from a copy, or remove the damaged line",
                    "%s:%lld: damaged at byte %lld: %s", log->path, (long long)line,
                    (long long)log->size + (long long)at, why);
}

/* The first line: `length` bytes of it. Less than the header's beginning is a header being written
 * when the program was killed. */
static hs_status check_header(hs_verdict_log *log, const char *text, size_t length)
{
    if (length == HEADER && memcmp(text, HS_VERDICT_HEADER, HEADER) == 0) {
        log->size = HEADER;
        return HS_OK;
    }
    if (length < HEADER && memcmp(text, HS_VERDICT_HEADER, length) == 0)
        return HS_OK;
    return hs_error(HS_ERR_FORMAT, "a log of a later version needs that version",
                    "%s:1: got '%.*s', expected '%.*s'", log->path, (int)strcspn(text, "\n"), text,
                    HEADER - 1, HS_VERDICT_HEADER);
}

static hs_status read_lines(hs_verdict_log *log, FILE *file)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length;
    hs_status status = HS_OK;
    for (int64_t line = 1; errno = 0, (length = getline(&text, &capacity, file)) > 0; line++) {
        hs_verdict_record record;
        const char *why;
        if (line == 1) {
            HS_TRY(check_header(log, text, (size_t)length));
            continue;
        }
        if (text[length - 1] != '\n')
            goto exit; /* what was being written when the program was killed */
        size_t at = hs_verdict_line_parse(text, (size_t)length - 1, &record, &why);
        if (why)
            HS_TRY(damaged(log, line, at, why));
        HS_TRY(reserve(log, 1));
        add(log, record);
        log->size += length;
    }
    if (errno)
        status = hs_file_open_error(log->path, errno);
exit:
    free(text);
    return status;
}

hs_status hs_verdict_log_read(hs_verdict_log *log, const char *path)
{
    hs_status status;
    log->path = hs_arena_string(&log->arena, path);
    FILE *file = fopen(path, "rb");
    if (!file)
        return errno == ENOENT ? HS_OK : hs_file_open_error(path, errno);
    HS_TRY(read_lines(log, file));
    put_in_order(log);
exit:
    fclose(file);
    return status;
}

/* ---- appending ---- */

/* Writes all of it at the end, and to the disk; on failure the file is what it was. */
static hs_status write_end(hs_verdict_log *log, const char *text, size_t size)
{
    ssize_t wrote = write(log->fd, text, size);
    int err = wrote < 0 ? errno : (size_t)wrote < size ? ENOSPC : 0;
    if (!err && fdatasync(log->fd) != 0)
        err = errno;
    if (!err) {
        log->size += (int64_t)size;
        return HS_OK;
    }
    if (ftruncate(log->fd, log->size) != 0)
        return hs_error_system(errno, "no verdict can be added before this is mended",
                               "%s: cannot take back half a line", log->path);
    return hs_file_write_error(log->path, err);
}

hs_status hs_verdict_log_open(hs_verdict_log *log, const char *path)
{
    hs_status status;
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return hs_file_write_error(path, errno);
    log->fd = fd;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? hs_error(HS_ERR_STATE, "end the other one first",
                                               "%s: another program is adding verdicts", path)
                                    : hs_error_system(errno, NULL, "%s: cannot lock", path);
    HS_TRY(hs_verdict_log_read(log, path));
    off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0 || (end > log->size && ftruncate(fd, log->size) != 0))
        return hs_file_write_error(path, errno);
    if (end > log->size && log->size > 0)
        hs_log("%s: left out a last line of %lld bytes that was not written whole", path,
               (long long)(end - log->size));
    if (log->size == 0) {
        HS_TRY(write_end(log, HS_VERDICT_HEADER, HEADER));
        HS_TRY(hs_file_sync_folder(path));
    }
exit:
    return status;
}

void hs_verdict_log_free(hs_verdict_log *log)
{
    if (log->fd > 0)
        close(log->fd);
    free(log->records);
    hs_arena_free(&log->arena);
    *log = (hs_verdict_log){0};
}

hs_status hs_verdict_log_append(hs_verdict_log *log, const hs_verdict_record *records, int64_t n)
{
    char *text = NULL;
    size_t size = 0;
    hs_status status;
    HS_TRY(reserve(log, n));
    FILE *lines = open_memstream(&text, &size);
    for (int64_t i = 0; lines && i < n; i++)
        hs_verdict_line_write(&records[i], lines);
    if (!lines || fclose(lines) != 0)
        HS_TRY(hs_error(HS_ERR_MEMORY, NULL, "%s: no memory for a line", log->path));
    HS_TRY(write_end(log, text, size));
    for (int64_t i = 0; i < n; i++)
        add(log, records[i]);
exit:
    free(text);
    return status;
}

int64_t hs_verdict_log_next_time(const hs_verdict_log *log)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    int64_t last = log->count ? log->records[log->count - 1].time : 0;
    return time > last ? time : last + 1;
}

/* ---- merging ---- */

/* Keeps of `from` what `log` has not; both sorted by name. */
static hs_status leave_known_out(const hs_verdict_log *log, hs_verdict_log *from)
{
    int64_t kept = 0;
    for (int64_t i = 0, k = 0; i < from->count; i++) {
        const hs_verdict_record *record = &from->records[i];
        while (k < log->count && by_name(&log->records[k], record) < 0)
            k++;
        if (k == log->count || by_name(&log->records[k], record) != 0)
            from->records[kept++] = *record;
        else if (!same(&log->records[k], record))
            return hs_error(HS_ERR_DATA, "one of the two was changed by hand",
                            "%s: line %s:%u differs from that of %s", from->path, record->session,
                            record->sequence, log->path);
    }
    from->count = kept;
    return HS_OK;
}

hs_status hs_verdict_log_merge(const char *path, const char *other, int64_t *added)
{
    hs_verdict_log log = {0}, from = {0};
    hs_status status;
    *added = 0;
    if (access(other, F_OK) != 0)
        return hs_file_open_error(other, errno);
    HS_TRY(hs_verdict_log_read(&from, other));
    HS_TRY(hs_verdict_log_open(&log, path));
    sort(&from, by_name);
    sort(&log, by_name);
    HS_TRY(leave_known_out(&log, &from));
    sort(&from, by_time);
    if (from.count)
        HS_TRY(hs_verdict_log_append(&log, from.records, from.count));
    *added = from.count;
exit:
    hs_verdict_log_free(&log);
    hs_verdict_log_free(&from);
    return status;
}

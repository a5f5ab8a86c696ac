#include "data/verdict_line.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIELDS = 8, MOST = 9 /* digits of an int32_t */ };

static const char digits[] = "0123456789";
static const char word[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._@+-";
static const char *const actions[] = {"clear", "keep", "reject", "undo"};
enum { ACTIONS = sizeof actions / sizeof *actions };

/* CRC-32 as zlib and Ethernet have it, four bits at a time. */
static uint32_t crc32(const char *bytes, size_t size)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= (unsigned char)bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

bool hs_is_verdict_word(const char *text)
{
    size_t length = strspn(text, word);
    return length >= 1 && length <= 64 && !text[length];
}

/* ---- the parts of a line ---- */

static void format_time(int64_t time, char text[32])
{
    time_t seconds = (time_t)(time / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t used = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, 32 - used, ".%03dZ", (int)(time % 1000));
}

/* Only what format_time writes. */
static bool parse_time(const char *text, int64_t *time)
{
    struct tm parts = {0};
    int milliseconds, end = 0;
    char again[32];
    if (strlen(text) != 24 ||
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &parts.tm_year, &parts.tm_mon,
               &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &milliseconds,
               &end) != 7 ||
        end != 24)
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon--;
    *time = (int64_t)timegm(&parts) * 1000 + milliseconds;
    if (*time < 0)
        return false;
    format_time(*time, again);
    return strcmp(text, again) == 0;
}

/* A number from 1 to 2^32-1 without leading zeros, and its end. */
static bool parse_sequence(const char *text, uint32_t *sequence)
{
    size_t length = strspn(text, digits);
    if (length < 1 || length > 10 || text[length] || text[0] == '0')
        return false;
    unsigned long long value = strtoull(text, NULL, 10);
    *sequence = (uint32_t)value;
    return value <= UINT32_MAX;
}

static bool parse_action(const char *text, hs_verdict_action *action)
{
    for (int a = 0; a < ACTIONS; a++)
        if (strcmp(text, actions[a]) == 0) {
            *action = (hs_verdict_action)a;
            return true;
        }
    return false;
}

bool hs_verdict_line_name(const char *text, char *session, uint32_t *sequence)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon - text > 64)
        return false;
    snprintf(session, 65, "%.*s", (int)(colon - text), text);
    return hs_is_verdict_word(session) && parse_sequence(colon + 1, sequence);
}

/* A name at *text: its stem and number. */
static bool parse_name(const char **text, hs_frame_item *item, int32_t *number)
{
    const char *at = *text;
    size_t prefix = strspn(at, word);
    if (at[prefix] == ':' && prefix <= 64)
        at += prefix + 1;
    if (strncmp(at, "user-", 5) != 0)
        return false;
    at += 5;
    size_t subject = strspn(at, digits), length;
    if (subject < 1 || subject > MOST || at[subject] != '.')
        return false;
    at += subject + 1;
    length = strspn(at, digits);
    if (length < 1 || length > MOST)
        return false;
    item->stem = *text;
    item->stem_length = (int)(at - *text);
    item->digits = (int)length;
    *number = atoi(at);
    *text = at + length;
    return true;
}

bool hs_frame_item_next(const char **text, hs_frame_item *item)
{
    const char *at = *text;
    hs_frame_item last;
    if (!parse_name(&at, item, &item->first))
        return false;
    item->last = item->first;
    if (strncmp(at, "..", 2) == 0) {
        at += 2;
        if (!parse_name(&at, &last, &item->last) || item->last < item->first ||
            last.stem_length != item->stem_length || last.digits != item->digits ||
            memcmp(last.stem, item->stem, (size_t)last.stem_length) != 0)
            return false;
    }
    if (*at == ',' && at[1])
        at++;
    else if (*at)
        return false;
    *text = at;
    return true;
}

void hs_frame_item_name(const hs_frame_item *item, int32_t number, char name[HS_VERDICT_NAME])
{
    snprintf(name, HS_VERDICT_NAME, "%.*s%0*d", item->stem_length, item->stem, item->digits,
             number);
}

static bool are_frames(const char *text)
{
    hs_frame_item item;
    while (hs_frame_item_next(&text, &item))
        ;
    return !*text;
}

/* ---- lines ---- */

/* Cuts the text at its blanks: the number of fields. */
static int cut(char *text, char *fields[FIELDS])
{
    int n = 0;
    for (char *at = text; at; n++) {
        if (n < FIELDS)
            fields[n] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = 0;
    }
    return n;
}

static bool are_targets(hs_verdict_action action, const char *text)
{
    char session[65];
    uint32_t sequence;
    return action == HS_ACTION_UNDO ? hs_verdict_line_name(text, session, &sequence)
                                    : *text && are_frames(text);
}

/* Reads the fields; the first that is wrong, or -1. */
static int read_fields(char *const fields[FIELDS], hs_verdict_record *record)
{
    record->reviewer = fields[1];
    record->session = fields[2];
    record->frames = fields[5];
    record->reason = fields[6];
    return !parse_time(fields[0], &record->time)           ? 0
           : !hs_is_verdict_word(fields[1])                ? 1
           : !hs_is_verdict_word(fields[2])                ? 2
           : !parse_sequence(fields[3], &record->sequence) ? 3
           : !parse_action(fields[4], &record->action)     ? 4
           : !are_targets(record->action, fields[5])       ? 5
           : !hs_is_verdict_word(fields[6])                ? 6
                                                           : -1;
}

size_t hs_verdict_line_parse(char *text, size_t length, hs_verdict_record *record, const char **why)
{
    static const char *const faults[FIELDS] = {
        "got no time, expected one such as 2025-03-01T09:15:02.118Z",
        "got no reviewer, expected letters and digits",
        "got no session, expected letters and digits",
        "got no sequence number, expected one from 1",
        "got no action, expected clear, keep, reject or undo",
        "got no frames, expected names",
        "got no reason, expected a code or -",
    };
    char *fields[FIELDS], *end;
    *record = (hs_verdict_record){0};
    *why = "the checksum of the line is not that of its text";
    size_t summed = length > 9 ? length - 9 : 0;
    if (strlen(text) < length || summed == 0 || text[summed] != ' ' ||
        strspn(text + summed + 1, "0123456789abcdef") != 8 ||
        strtoul(text + summed + 1, &end, 16) != crc32(text, summed))
        return 0;
    text[length] = 0;
    int n = cut(text, fields);
    *why = "got another number of fields, expected 8";
    if (n != FIELDS)
        return 0;
    int fault = read_fields(fields, record);
    *why = fault < 0 ? NULL : faults[fault];
    return fault < 0 ? 0 : (size_t)(fields[fault] - text);
}

void hs_verdict_line_write(const hs_verdict_record *record, FILE *file)
{
    char time[32], *text = NULL;
    format_time(record->time, time);
    int length =
        asprintf(&text, "%s %s %s %u %s %s %s", time, record->reviewer, record->session,
                 record->sequence, actions[record->action], record->frames, record->reason);
    if (length < 0)
        abort();
    fprintf(file, "%s %08x\n", text, crc32(text, (size_t)length));
    free(text);
}

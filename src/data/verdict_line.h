/* One line of a verdict log as text. */
#ifndef HS_DATA_VERDICT_LINE_H
#define HS_DATA_VERDICT_LINE_H

#include "data/verdict_log.h"
#include <stdio.h>

/* Reads a line of `length` bytes without its end, which is cut into the strings of `record`.
 * *why is NULL, or says what is wrong with the byte whose place is returned. */
size_t hs_verdict_line_parse(char *text, size_t length, hs_verdict_record *record,
                             const char **why);

/* Writes the line with its end. */
void hs_verdict_line_write(const hs_verdict_record *record, FILE *file);

/* The name of a line, SESSION:SEQUENCE: false where the text is none. `session` has room for 65
 * bytes. */
bool hs_verdict_line_name(const char *text, char *session, uint32_t *sequence);

enum { HS_VERDICT_NAME = 96 }; /* bytes of the longest name, with its prefix and end */

/* One item of a list of frames: PREFIX user-S.FIRST .. user-S.LAST. */
typedef struct hs_frame_item {
    const char *stem; /* not ended: up to the number, "known:user-1." */
    int stem_length;  /* of it */
    int digits;       /* of the numbers, with leading zeros */
    int32_t first, last;
} hs_frame_item;

/* Reads the item at *text and moves on to the one after it; false where there is none, and then
 * *text is at the end, or at what is no item. */
bool hs_frame_item_next(const char **text, hs_frame_item *item);

/* The name of one number of it. */
void hs_frame_item_name(const hs_frame_item *item, int32_t number, char name[HS_VERDICT_NAME]);

#endif

/* Small text helpers: nearest name for hints, JSON output. */
#ifndef HS_BASE_TEXT_H
#define HS_BASE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* The name among `names` (n of them) with the smallest edit distance to `word`, or NULL where none
 * is near enough to be what was meant. */
const char *hs_nearest_name(const char *word, const char *const *names, int n);

/* Writes a hint "did you mean 'x'?" or "one of: a, b, c" for a misspelt `word` into text. */
void hs_hint_names(const char *word, const char *const *names, int n, char *text, int size);

/* Writes a finite number in the fewest digits from which the same number is read. */
void hs_write_real(FILE *file, double value);

/* JSON written as it goes: commas and indentation are kept here, nesting by the caller.
 * Keys may be NULL inside arrays. Numbers that are not finite become null. */
typedef struct hs_json {
    FILE *file; /* borrowed */
    int depth;
    bool first;
} hs_json;

hs_json hs_json_start(FILE *file);
void hs_json_open(hs_json *json, const char *key, char bracket); /* '{' or '[' */
void hs_json_close(hs_json *json, char bracket);                 /* '}' or ']' */
void hs_json_string(hs_json *json, const char *key, const char *value);
void hs_json_number(hs_json *json, const char *key, double value); /* read back exactly */
void hs_json_integer(hs_json *json, const char *key, long long value);
void hs_json_bool(hs_json *json, const char *key, bool value);

#endif

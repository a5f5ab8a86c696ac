#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Optimal string alignment distance: a swap of neighbours counts one, as typing errors go. */
static int edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    int row[3][LONGEST + 1];
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *two = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = before[j - 1] + (a[i - 1] != b[j - 1]);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = two[j - 2] + 1 < best ? two[j - 2] + 1 : best;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

const char *hs_nearest_name(const char *word, const char *const *names, int n)
{
    const char *nearest = NULL;
    int least = (int)strlen(word) / 2 + 1;
    for (int i = 0; i < n; i++) {
        int distance = edit_distance(word, names[i]);
        if (distance < least) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

void hs_hint_names(const char *word, const char *const *names, int n, char *text, int size)
{
    const char *nearest = hs_nearest_name(word, names, n);
    if (nearest) {
        snprintf(text, (size_t)size, "did you mean '%s'?", nearest);
        return;
    }
    int used = snprintf(text, (size_t)size, "one of:");
    for (int i = 0; i < n && used < size; i++)
        used += snprintf(text + used, (size_t)(size - used), "%s %s", i ? "," : "", names[i]);
}

void hs_write_real(FILE *file, double value)
{
    char text[32];
    bool whole = value == rint(value) && fabs(value) < 1e15; /* 100000, not 1e+05 */
    for (int digits = whole ? 15 : 1; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, file);
}

hs_json hs_json_start(FILE *file)
{
    return (hs_json){.file = file, .first = true};
}

/* Bytes of the character of UTF-8 that `text` begins with; 0 where it begins with none. */
static int utf8_length(const char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* fewer bytes do for less */
    unsigned char lead = (unsigned char)*text;
    int length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length < 2)
        return length;
    uint32_t code = lead & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3F);
    }
    bool surrogate = code >= 0xD800 && code < 0xE000;
    return lead < 0xF8 && code >= least[length] && code <= 0x10FFFF && !surrogate ? length : 0;
}

/* File names are any bytes, JSON is UTF-8: what is none of it becomes U+FFFD, byte by byte. */
static void quoted(FILE *file, const char *text)
{
    fputc('"', file);
    for (const char *c = text; *c;) {
        int length = utf8_length(c);
        if (length == 0)
            fputs("\xEF\xBF\xBD", file);
        else if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            fprintf(file, "\\u%04x", (unsigned char)*c);
        else
            fwrite(c, 1, (size_t)length, file);
        c += length > 0 ? length : 1;
    }
    fputc('"', file);
}

static void begin_item(hs_json *json, const char *key)
{
    if (!json->first)
        fputc(',', json->file);
    if (json->depth > 0)
        fprintf(json->file, "\n%*s", 2 * json->depth, "");
    json->first = false;
    if (key) {
        quoted(json->file, key);
        fputs(": ", json->file);
    }
}

void hs_json_open(hs_json *json, const char *key, char bracket)
{
    begin_item(json, key);
    fputc(bracket, json->file);
    json->depth++;
    json->first = true;
}

void hs_json_close(hs_json *json, char bracket)
{
    json->depth--;
    if (!json->first)
        fprintf(json->file, "\n%*s", 2 * json->depth, "");
    fputc(bracket, json->file);
    json->first = false;
    if (json->depth == 0)
        fputc('\n', json->file);
}

void hs_json_string(hs_json *json, const char *key, const char *value)
{
    begin_item(json, key);
    quoted(json->file, value);
}

void hs_json_number(hs_json *json, const char *key, double value)
{
    begin_item(json, key);
    if (isfinite(value))
        hs_write_real(json->file, value);
    else
        fputs("null", json->file);
}

void hs_json_integer(hs_json *json, const char *key, long long value)
{
    begin_item(json, key);
    fprintf(json->file, "%lld", value);
}

void hs_json_bool(hs_json *json, const char *key, bool value)
{
    begin_item(json, key);
    fputs(value ? "true" : "false", json->file);
}

#include "config/fields.h"

#include "base/text.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_LIMIT = 128 }; /* keys offered in a hint */

/* ---- bounds and messages ----------------------------------------------------------------------
 */

static bool is_whole(const hs_field *field)
{
    return field->type == HS_FIELD_INT32 || field->type == HS_FIELD_INT64 ||
           field->type == HS_FIELD_PAIR;
}

static bool is_bounded(const hs_field *field)
{
    return field->low != 0 || field->high != 0;
}

static bool in_range(const hs_field *field, double value)
{
    if (is_bounded(field))
        return value >= field->low && value <= field->high;
    bool narrow = is_whole(field) && field->type != HS_FIELD_INT64;
    return !narrow || (value >= INT32_MIN && value <= INT32_MAX);
}

/* "a whole number from 1 to 1024", into text. */
static void describe(const hs_field *field, char *text, size_t size)
{
    static const char *const nouns[] = {
        [HS_FIELD_INT32] = "a whole number",
        [HS_FIELD_INT64] = "a whole number",
        [HS_FIELD_PAIR] = "one or two whole numbers separated by a comma",
        [HS_FIELD_REAL] = "a number",
        [HS_FIELD_REALS] = "numbers separated by commas",
        [HS_FIELD_BOOL] = "yes or no",
        [HS_FIELD_STRING] = "text",
        [HS_FIELD_CHOICE] = "one of:",
        [HS_FIELD_NAMES] = "names separated by commas",
    };
    int used = snprintf(text, size, "%s", nouns[field->type]);
    if (is_bounded(field))
        snprintf(text + used, size - (size_t)used, " from %.10g to %.10g", field->low, field->high);
    if (field->type == HS_FIELD_CHOICE)
        for (int i = 0; field->choices[i] && (size_t)used < size; i++)
            used += snprintf(text + used, size - (size_t)used, "%s %s", i ? "," : "",
                             field->choices[i]);
}

/* Where a value stands, for its message. */
typedef struct origin {
    const hs_ini_section *section;
    const char *where, *text;
} origin;

static hs_status bad_value(const hs_field *field, const origin *from)
{
    char expected[256], hint[512] = "";
    describe(field, expected, sizeof expected);
    int choices = 0;
    while (field->type == HS_FIELD_CHOICE && field->choices[choices])
        choices++;
    if (choices && hs_nearest_name(from->text, field->choices, choices))
        hs_hint_names(from->text, field->choices, choices, hint, sizeof hint);
    return hs_error(HS_ERR_CONFIG, hint, "%s: %s %s: got '%s', expected %s", from->where,
                    from->section->title, field->key, from->text, expected);
}

/* ---- reading one value ------------------------------------------------------------------------
 */

/* One number at *text, which moves past it and the blanks around it. */
static bool read_number(const hs_field *field, const char **text, int64_t *whole, double *real)
{
    char *end;
    errno = 0;
    if (is_whole(field)) {
        *whole = strtoll(*text, &end, 10);
        *real = (double)*whole;
    } else {
        *real = strtod(*text, &end);
    }
    bool overflow = errno == ERANGE && (is_whole(field) || fabs(*real) > 1);
    if (end == *text || overflow || !isfinite(*real) || !in_range(field, *real))
        return false;
    while (isspace((unsigned char)*end))
        end++;
    *text = end;
    return true;
}

static bool read_pair(const hs_field *field, const char *text, int32_t pair[2])
{
    int64_t first, second;
    double real;
    if (!read_number(field, &text, &first, &real))
        return false;
    second = first;
    if (*text == ',') {
        text++;
        if (!read_number(field, &text, &second, &real))
            return false;
    }
    pair[0] = (int32_t)first;
    pair[1] = (int32_t)second;
    return !*text;
}

static int count_items(const char *text)
{
    int count = *text != 0;
    for (const char *c = text; *c; c++)
        count += *c == ',';
    return count;
}

static bool read_reals(hs_ini *ini, const hs_field *field, const char *text, hs_real_list *list)
{
    int count = count_items(text);
    double *values = hs_arena_take(&ini->arena, (size_t)count * sizeof *values);
    for (int i = 0; i < count; i++) {
        int64_t whole;
        if (!read_number(field, &text, &whole, &values[i]))
            return false;
        bool last = i + 1 == count;
        if (last ? *text != 0 : *text++ != ',')
            return false;
    }
    *list = (hs_real_list){values, count};
    return true;
}

static bool read_names(hs_ini *ini, const char *text, hs_name_list *list)
{
    int count = count_items(text);
    const char **names = hs_arena_take(&ini->arena, (size_t)count * sizeof *names);
    for (int i = 0; i < count; i++) {
        text += strspn(text, " \t");
        size_t length = strcspn(text, ", \t"), after = length + strspn(text + length, " \t");
        if (length == 0 || (text[after] && text[after] != ','))
            return false;
        names[i] = hs_arena_format(&ini->arena, "%.*s", (int)length, text);
        text += after + (text[after] == ',');
    }
    *list = (hs_name_list){names, count};
    return true;
}

static bool read_bool(const char *text, bool *value)
{
    static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};
    for (int i = 0; i < 6; i++)
        if (strcmp(text, words[i]) == 0) {
            *value = i % 2 == 1;
            return true;
        }
    return false;
}

static bool read_choice(const hs_field *field, const char *text, int *choice)
{
    for (int i = 0; field->choices[i]; i++)
        if (strcmp(text, field->choices[i]) == 0) {
            *choice = i;
            return true;
        }
    return false;
}

static bool read_value(hs_ini *ini, const hs_field *field, const char *text, void *out)
{
    int64_t whole;
    double real;
    switch (field->type) {
    case HS_FIELD_INT32:
        if (!read_number(field, &text, &whole, &real) || *text)
            return false;
        *(int32_t *)out = (int32_t)whole;
        return true;
    case HS_FIELD_INT64:
        return read_number(field, &text, out, &real) && !*text;
    case HS_FIELD_PAIR:
        return read_pair(field, text, out);
    case HS_FIELD_REAL:
        return read_number(field, &text, &whole, out) && !*text;
    case HS_FIELD_REALS:
        return read_reals(ini, field, text, out);
    case HS_FIELD_BOOL:
        return read_bool(text, out);
    case HS_FIELD_STRING:
        *(const char **)out = hs_arena_string(&ini->arena, text);
        return true;
    case HS_FIELD_CHOICE:
        return read_choice(field, text, out);
    case HS_FIELD_NAMES:
        return read_names(ini, text, out);
    }
    return false;
}

/* ---- sections ---------------------------------------------------------------------------------
 */

static hs_status read_group(hs_ini *ini, const hs_ini_section *section, const hs_field_group *group)
{
    for (int i = 0; i < group->count; i++) {
        const hs_field *field = &group->fields[i];
        const hs_ini_entry *entry = hs_ini_entry_find(section, field->key);
        if (!entry && !field->standard) {
            char expected[256];
            describe(field, expected, sizeof expected);
            return hs_error(HS_ERR_CONFIG, field->help, "%s: %s: '%s' is missing, expected %s",
                            section->where, section->title, field->key, expected);
        }
        origin from = {section, entry ? entry->where : section->where,
                       entry ? entry->value : field->standard};
        if (!read_value(ini, field, from.text, (char *)group->out + field->offset))
            return bad_value(field, &from);
    }
    return HS_OK;
}

static hs_status check_key(const hs_ini_section *section, const hs_ini_entry *entry,
                           const hs_field_group *groups, int count)
{
    const char *keys[KEYS_LIMIT] = {NULL};
    int n = 0;
    for (int g = 0; g < count; g++)
        for (int i = 0; i < groups[g].count; i++) {
            if (strcmp(groups[g].fields[i].key, entry->key) == 0)
                return HS_OK;
            if (n < KEYS_LIMIT)
                keys[n++] = groups[g].fields[i].key;
        }
    char hint[1024];
    hs_hint_names(entry->key, keys, n, hint, sizeof hint);
    return hs_error(HS_ERR_CONFIG, n ? hint : "this section has no keys",
                    "%s: %s: unknown key '%s'", entry->where, section->title, entry->key);
}

hs_status hs_fields_read_groups(hs_ini *ini, const hs_ini_section *section,
                                const hs_field_group *groups, int count)
{
    hs_status status = HS_OK;
    for (const hs_ini_entry *e = section->entries; e; e = e->next)
        HS_TRY(check_key(section, e, groups, count));
    for (int g = 0; g < count; g++)
        HS_TRY(read_group(ini, section, &groups[g]));
exit:
    return status;
}

hs_status hs_fields_read(hs_ini *ini, const hs_ini_section *section, const hs_field *fields,
                         int count, void *out)
{
    return hs_fields_read_groups(ini, section, &(hs_field_group){fields, count, out}, 1);
}

static void print_value(FILE *file, const hs_field *field, const void *in)
{
    switch (field->type) {
    case HS_FIELD_INT32:
        fprintf(file, "%d", *(const int32_t *)in);
        break;
    case HS_FIELD_INT64:
        fprintf(file, "%lld", (long long)*(const int64_t *)in);
        break;
    case HS_FIELD_PAIR: {
        const int32_t *pair = in;
        fprintf(file, pair[0] == pair[1] ? "%d" : "%d,%d", pair[0], pair[1]);
        break;
    }
    case HS_FIELD_REAL:
        hs_write_real(file, *(const double *)in);
        break;
    case HS_FIELD_REALS: {
        const hs_real_list *list = in;
        for (int i = 0; i < list->count; i++) {
            fputs(i ? "," : "", file);
            hs_write_real(file, list->values[i]);
        }
        break;
    }
    case HS_FIELD_BOOL:
        fputs(*(const bool *)in ? "yes" : "no", file);
        break;
    case HS_FIELD_STRING:
        fputs(*(const char *const *)in, file);
        break;
    case HS_FIELD_CHOICE:
        fputs(field->choices[*(const int *)in], file);
        break;
    case HS_FIELD_NAMES: {
        const hs_name_list *list = in;
        for (int i = 0; i < list->count; i++)
            fprintf(file, "%s%s", i ? "," : "", list->names[i]);
        break;
    }
    }
}

void hs_fields_store(hs_ini *ini, hs_ini_section *section, const hs_field *fields, int count,
                     const void *in)
{
    for (int i = 0; i < count; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        if (!file)
            abort();
        print_value(file, &fields[i], (const char *)in + fields[i].offset);
        fclose(file);
        hs_ini_put(ini, section, fields[i].key, text, "the resolved configuration");
        free(text);
    }
}

#include "config/ini.h"

#include "base/text.h"
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_LIMIT = 16 << 20, /* bytes; a larger file was meant for something else */
    SECTION_LIMIT = 49,    /* inih cuts longer section headers silently */
    NAMES_LIMIT = 256      /* labels offered in a hint */
};

/* Distributions build inih without line numbers and without a call for each section. Both are
 * regained through its reader callback, which hands it one line at a time: the lines are counted
 * here, and after each header one more line follows whose key no file can contain. */
#define SECTION_MARK "\x01"

typedef struct parser {
    hs_ini *ini;
    const char *label;      /* of the text, for messages */
    bool one_line;          /* the text has no line numbers anybody knows */
    const char *next, *end; /* what is not handed to inih yet */
    int line;               /* number of the line in hand, from 1 */
    bool header;            /* the line in hand is a header: its mark is due */
    bool unread;            /* the line in hand has content that did not reach the handler */
    hs_ini_section *section;
    hs_status status;
} parser;

static bool is_word(const char *text)
{
    const char *c = text;
    while (isalnum((unsigned char)*c) || *c == '_' || *c == '-')
        c++;
    return c > text && !*c;
}

hs_ini_section *hs_ini_find(const hs_ini *ini, const char *label)
{
    hs_ini_section *section = ini->sections;
    while (section && strcmp(hs_ini_label(section), label) != 0)
        section = section->next;
    return section;
}

/* FNV-1a. */
static size_t hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = key; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    return (size_t)hash;
}

/* The place in the table of a section's entries where this key is or would be. */
static hs_ini_entry **slot_of(const hs_ini_section *section, const char *key)
{
    size_t at = hash_of(key) & (section->slots - 1);
    while (section->table[at] && strcmp(section->table[at]->key, key) != 0)
        at = (at + 1) & (section->slots - 1);
    return &section->table[at];
}

hs_ini_entry *hs_ini_entry_find(const hs_ini_section *section, const char *key)
{
    return section->slots ? *slot_of(section, key) : NULL;
}

/* Makes room for one more entry; the table is never more than half full. */
static void grow_table(hs_ini *ini, hs_ini_section *section)
{
    if (2 * (section->count + 1) <= section->slots)
        return;
    section->slots = section->slots ? 2 * section->slots : 16;
    section->table = hs_arena_take(&ini->arena, section->slots * sizeof(hs_ini_entry *));
    for (hs_ini_entry *e = section->entries; e; e = e->next)
        *slot_of(section, e->key) = e;
}

hs_status hs_ini_add(hs_ini *ini, const char *type, const char *name, const char *where,
                     hs_ini_section **section)
{
    *section = NULL;
    if (!is_word(type) || (name && !is_word(name)))
        return hs_error(HS_ERR_CONFIG, "names are made of letters, digits, '_' and '-'",
                        "%s: got section [%s%s%s], expected [type] or [type name]", where, type,
                        name ? " " : "", name ? name : "");
    const char *label = name ? name : type;
    const hs_ini_section *other = hs_ini_find(ini, label);
    if (other)
        return hs_error(HS_ERR_CONFIG, "give each section a name of its own: [type name]",
                        "%s: section '%s' is already at %s as %s", where, label, other->where,
                        other->title);
    hs_ini_section *fresh = hs_arena_take(&ini->arena, sizeof *fresh);
    fresh->type = hs_arena_string(&ini->arena, type);
    fresh->name = name ? hs_arena_string(&ini->arena, name) : NULL;
    fresh->where = hs_arena_string(&ini->arena, where);
    fresh->title =
        hs_arena_format(&ini->arena, "[%s%s%s]", type, name ? " " : "", name ? name : "");
    hs_ini_section **last = &ini->sections;
    while (*last)
        last = &(*last)->next;
    *section = *last = fresh;
    return HS_OK;
}

void hs_ini_put(hs_ini *ini, hs_ini_section *section, const char *key, const char *value,
                const char *where)
{
    hs_ini_entry *entry = hs_ini_entry_find(section, key);
    if (!entry) {
        grow_table(ini, section);
        entry = hs_arena_take(&ini->arena, sizeof *entry);
        entry->key = hs_arena_string(&ini->arena, key);
        *slot_of(section, key) = entry;
        *(section->last ? &section->last->next : &section->entries) = entry;
        section->last = entry;
        section->count++;
    }
    entry->value = hs_arena_string(&ini->arena, value);
    entry->where = hs_arena_string(&ini->arena, where);
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static const char *place(const parser *p)
{
    return p->one_line ? p->label : hs_arena_format(&p->ini->arena, "%s:%d", p->label, p->line);
}

/* Checks what inih would pass over or cut, in the line in hand. */
static hs_status check_line(const parser *p, const char *line, size_t size, size_t limit)
{
    const char *end = line + size;
    if (size > limit)
        return hs_error(HS_ERR_CONFIG, NULL, "%s: got a line of %zu bytes, expected at most %zu",
                        place(p), size, limit);
    for (const char *c = line; c < end; c++)
        if (iscntrl((unsigned char)*c) && *c != '\t')
            return hs_error(HS_ERR_CONFIG, "is this a text file?",
                            "%s: got the byte 0x%02x, expected text", place(p), (unsigned char)*c);
    if (!p->header)
        return HS_OK;
    const char *close = memchr(line, ']', size), *rest = close ? close + 1 : end;
    while (rest < end && isspace((unsigned char)*rest))
        rest++;
    if (!close || (rest < end && !strchr(";#", *rest)))
        return hs_error(HS_ERR_CONFIG, "entries go on lines of their own",
                        "%s: got '%.*s', expected [type] or [type name]", place(p), (int)size,
                        line);
    if (close - line - 1 > SECTION_LIMIT)
        return hs_error(HS_ERR_CONFIG, NULL,
                        "%s: got a section header of %d bytes, expected at most %d", place(p),
                        (int)(close - line - 1), SECTION_LIMIT);
    return HS_OK;
}

static char *stop(parser *p, hs_status status)
{
    p->status = status;
    return NULL;
}

/* Gives inih its next line, as fgets would: the blanks before it removed, so that no line is taken
 * for the continuation of another. */
static char *next_line(char *buffer, int size, void *context)
{
    parser *p = context;
    if (p->status != HS_OK)
        return NULL;
    if (p->header) {
        p->header = false;
        return strcpy(buffer, SECTION_MARK "=");
    }
    if (p->unread)
        return stop(p, hs_error(HS_ERR_CONFIG, "comments begin with '#' or ';'",
                                "%s: got neither an entry nor a section, expected key = value",
                                place(p)));
    if (p->next == p->end)
        return NULL;
    const char *line = p->next, *end = memchr(line, '\n', (size_t)(p->end - line));
    p->next = end ? end + 1 : p->end;
    p->line++;
    end = end ? end : p->end;
    end -= end > line && end[-1] == '\r';
    while (line < end && (*line == ' ' || *line == '\t'))
        line++;
    size_t length = (size_t)(end - line);
    p->header = length && *line == '[';
    p->unread = length && !strchr(";#", *line);
    hs_status status = check_line(p, line, length, (size_t)size - 1);
    if (status != HS_OK)
        return stop(p, status);
    memcpy(buffer, line, length);
    buffer[length] = 0;
    return buffer;
}

/* `header` is what stands between the brackets. */
static hs_status open_section(parser *p, const char *header)
{
    char type[SECTION_LIMIT + 1], name[SECTION_LIMIT + 1], more;
    int words = sscanf(header, "%49s %49s %c", type, name, &more);
    if (words != 1 && words != 2)
        return hs_error(HS_ERR_CONFIG, NULL, "%s: got [%s], expected [type] or [type name]",
                        place(p), header);
    return hs_ini_add(p->ini, type, words == 2 ? name : NULL, place(p), &p->section);
}

static hs_status add_entry(parser *p, const char *key, const char *value)
{
    const char *where = place(p);
    if (!p->section)
        return hs_error(HS_ERR_CONFIG, NULL, "%s: got '%s' before any section, expected [type]",
                        where, key);
    if (!is_word(key))
        return hs_error(HS_ERR_CONFIG, "keys are made of letters, digits, '_' and '-'",
                        "%s: %s: got the key '%s', expected a name", where, p->section->title, key);
    const hs_ini_entry *other = hs_ini_entry_find(p->section, key);
    if (other)
        return hs_error(HS_ERR_CONFIG, NULL, "%s: %s: '%s' is already set at %s", where,
                        p->section->title, key, other->where);
    hs_ini_put(p->ini, p->section, key, value, where);
    return HS_OK;
}

static int take_entry(void *context, const char *header, const char *key, const char *value)
{
    parser *p = context;
    p->unread = false;
    if (p->status == HS_OK)
        p->status =
            strcmp(key, SECTION_MARK) == 0 ? open_section(p, header) : add_entry(p, key, value);
    return p->status == HS_OK;
}

static hs_status parse(parser *p)
{
    int failed = ini_parse_stream(next_line, p, take_entry, p);
    if (p->status == HS_OK && failed)
        return hs_error(HS_ERR_CONFIG, NULL, "%s: the line cannot be read", place(p));
    return p->status;
}

hs_status hs_ini_parse(hs_ini *ini, const char *label, const char *text, size_t size)
{
    bool marked = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0; /* UTF-8's byte order mark */
    parser p = {.ini = ini, .label = label, .next = text + (marked ? 3 : 0), .end = text + size};
    return parse(&p);
}

/* Reads what there is of a file, up to FILE_LIMIT + 1 bytes, into *text: from malloc, also where it
 * fails. 0, or errno. */
static int read_whole(FILE *file, char **text, size_t *size)
{
    enum { FIRST = 64 << 10 };
    size_t capacity = 0, got = 1;
    *text = NULL;
    for (*size = 0; got > 0 && *size <= FILE_LIMIT; *size += got) {
        if (*size == capacity) {
            capacity = capacity ? 2 * capacity : FIRST;
            char *more = realloc(*text, capacity);
            if (!more)
                return ENOMEM;
            *text = more;
        }
        got = fread(*text + *size, 1, capacity - *size, file);
    }
    return ferror(file) ? errno : 0;
}

hs_status hs_ini_read(hs_ini *ini, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return hs_error_system(errno, NULL, "%s: cannot open it", path);
    char *text;
    size_t size;
    hs_status status;
    int err = read_whole(file, &text, &size);
    if (err)
        status = hs_error_system(err, NULL, "%s: cannot read it", path);
    else if (size > FILE_LIMIT)
        status = hs_error(HS_ERR_CONFIG, NULL,
                          "%s: got more than %d MiB, expected a configuration (INI text)", path,
                          FILE_LIMIT >> 20);
    else
        status = hs_ini_parse(ini, path, text, size);
    fclose(file);
    free(text);
    return status;
}

/* ---- overrides, checks, writing ---------------------------------------------------------------
 */

static hs_status unknown_label(const hs_ini *ini, const char *where, const char *label,
                               const char *const *types, int n)
{
    const char *names[NAMES_LIMIT] = {NULL};
    int count = 0;
    for (const hs_ini_section *s = ini->sections; s && count < NAMES_LIMIT; s = s->next)
        names[count++] = hs_ini_label(s);
    for (int i = 0; i < n && count < NAMES_LIMIT; i++)
        if (!hs_ini_find(ini, types[i]))
            names[count++] = types[i];
    char hint[512];
    hs_hint_names(label, names, count, hint, sizeof hint);
    return hs_error(HS_ERR_CONFIG, hint, "%s: unknown section '%s'", where, label);
}

hs_status hs_ini_set(hs_ini *ini, const char *assignment, const char *const *types, int n)
{
    hs_status status = HS_OK;
    hs_ini patch = {0};
    const char *where = hs_arena_format(&patch.arena, "--set %s", assignment);
    const char *equals = strchr(assignment, '=');
    const char *dot = equals ? memchr(assignment, '.', (size_t)(equals - assignment)) : NULL;
    if (!dot) {
        status = hs_error(HS_ERR_CONFIG, "such as optimizer.lr=1e-3",
                          "%s: expected section.key=value", where);
        goto exit;
    }
    /* Read as a file of two lines, so that what is an entry is decided in one place. */
    const char *label = hs_arena_format(&patch.arena, "%.*s", (int)(dot - assignment), assignment);
    const char *text = hs_arena_format(&patch.arena, "[%s]\n%s", label, dot + 1);
    parser p = {
        .ini = &patch, .label = where, .one_line = true, .next = text, .end = text + strlen(text)};
    HS_TRY(parse(&p));
    const hs_ini_section *given = patch.sections;
    if (given->next || given->name || !given->entries || given->entries->next) {
        status = hs_error(HS_ERR_CONFIG, NULL, "%s: expected one section.key=value", where);
        goto exit;
    }
    hs_ini_section *section = hs_ini_find(ini, label);
    for (int i = 0; i < n && !section; i++)
        if (strcmp(types[i], label) == 0)
            HS_TRY(hs_ini_add(ini, label, NULL, where, &section));
    if (section)
        hs_ini_put(ini, section, given->entries->key, given->entries->value, where);
    else
        status = unknown_label(ini, where, label, types, n);
exit:
    hs_ini_free(&patch);
    return status;
}

hs_status hs_ini_check_types(const hs_ini *ini, const char *const *types, int n)
{
    for (const hs_ini_section *s = ini->sections; s; s = s->next) {
        bool known = false;
        for (int i = 0; i < n; i++)
            known |= strcmp(s->type, types[i]) == 0;
        if (!known) {
            char hint[1024];
            hs_hint_names(s->type, types, n, hint, sizeof hint);
            return hs_error(HS_ERR_CONFIG, hint, "%s: %s: unknown section type '%s'", s->where,
                            s->title, s->type);
        }
    }
    return HS_OK;
}

void hs_ini_write(const hs_ini *ini, FILE *file)
{
    for (const hs_ini_section *s = ini->sections; s; s = s->next) {
        fprintf(file, "%s%s\n", s == ini->sections ? "" : "\n", s->title);
        /* No blanks around '=': one after it would turn a value's leading ';' into a comment. */
        for (const hs_ini_entry *e = s->entries; e; e = e->next)
            fprintf(file, "%s=%s\n", e->key, e->value);
    }
}

void hs_ini_free(hs_ini *ini)
{
    hs_arena_free(&ini->arena);
    ini->sections = NULL;
}

/* Configuration text: sections in order, each with its entries in order and the place every one
 * came from. inih splits the lines; what a key means is said by a schema (config/fields.h).
 *
 *   # a comment line            ; so is this
 *   [conv enc1]                 a section: its type and, where there are several, its name
 *   kernel = 4                  ; a comment after a value needs a blank before it
 *
 * A section is known by its label: its name, or its type where it has none. Labels are unique in a
 * file, and so are the keys of a section. Types, names and keys are made of letters, digits, '_'
 * and
 * '-'. A line holds at most 199 bytes. */
#ifndef HS_CONFIG_INI_H
#define HS_CONFIG_INI_H

#include "base/memory.h"
#include <stdio.h>

typedef struct hs_ini_entry {
    struct hs_ini_entry *next;
    const char *key, *value; /* value may be "" */
    const char *where;       /* "net.ini:12" or "--set enc1.kernel=3": begins messages about it */
} hs_ini_entry;

typedef struct hs_ini_section {
    struct hs_ini_section *next;
    const char *type;
    const char *name;  /* NULL where the header gives none */
    const char *title; /* "[conv enc1]", for messages */
    const char *where;
    hs_ini_entry *entries; /* in order */
    hs_ini_entry *last;    /* of them */
    hs_ini_entry **table;  /* [slots] the same by their keys: a recording has one for each frame */
    size_t slots, count;
} hs_ini_section;

/* Everything in it lives in its arena until hs_ini_free. Initialise with {0}. */
typedef struct hs_ini {
    hs_arena arena;
    hs_ini_section *sections; /* in order */
} hs_ini;

/* Each appends sections to `ini`, so that several files can make one configuration. On failure
 * `ini` is still valid, holding what came before the error, and must be freed as ever.
 * HS_ERR_CONFIG with file and line for a line that is no entry, a section or key met twice (both
 * places are named), a line that is too long, a character that is no text; HS_ERR_IO for a file
 * that cannot be read. `label` stands for the file's name in messages. */
hs_status hs_ini_read(hs_ini *ini, const char *path);
hs_status hs_ini_parse(hs_ini *ini, const char *label, const char *text, size_t size);

/* Sets one value from "label.key=value", such as "optimizer.lr=1e-3" or "enc1.filters=32", over
 * what the file says. `types` (n of them; NULL for none) are the section types that are made when
 * the configuration has no such section; any other label must exist. Whether the key exists is
 * checked with all others by hs_fields_read. HS_ERR_CONFIG otherwise, with the nearest label. */
hs_status hs_ini_set(hs_ini *ini, const char *assignment, const char *const *types, int n);

/* The section of this label, or NULL; the entry of this key, or NULL. */
hs_ini_section *hs_ini_find(const hs_ini *ini, const char *label);
hs_ini_entry *hs_ini_entry_find(const hs_ini_section *section, const char *key);

/* What a section is found by: its name, or its type where it has none. */
static inline const char *hs_ini_label(const hs_ini_section *section)
{
    return section->name ? section->name : section->type;
}

/* A new empty section at the end (name may be NULL); HS_ERR_CONFIG where its label is taken or is
 * no name. `where` says in messages who made it. */
hs_status hs_ini_add(hs_ini *ini, const char *type, const char *name, const char *where,
                     hs_ini_section **section);

/* Gives the entry of this key a new value, or appends it. The strings are copied. */
void hs_ini_put(hs_ini *ini, hs_ini_section *section, const char *key, const char *value,
                const char *where);

/* HS_ERR_CONFIG for the first section whose type is not among `types`, with the nearest of them. */
hs_status hs_ini_check_types(const hs_ini *ini, const char *const *types, int n);

/* Writes it as text that hs_ini_parse reads back to the same sections and entries. Comments are not
 * kept. The caller checks the file for errors when closing it. */
void hs_ini_write(const hs_ini *ini, FILE *file);

void hs_ini_free(hs_ini *ini);

#endif

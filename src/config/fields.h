/* Typed values from configuration text. A schema is a table of fields; from it come reading with
 * defaults, checks, messages, and the resolved configuration.
 *
 *   typedef struct conv { int32_t filters, kernel[2]; int act; } conv;
 *   static const char *const acts[] = {"none", "relu", "leaky", NULL};
 *   static const hs_field fields[] = {
 *       {"filters", HS_FIELD_INT32, offsetof(conv, filters), NULL, 1, 65536, NULL, "channels out"},
 *       {"kernel", HS_FIELD_PAIR, offsetof(conv, kernel), "3", 1, 1024, NULL, "rows, columns"},
 *       {"act", HS_FIELD_CHOICE, offsetof(conv, act), "none", 0, 0, acts, "activation"},
 *   };
 */
#ifndef HS_CONFIG_FIELDS_H
#define HS_CONFIG_FIELDS_H

#include "config/ini.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct hs_real_list {
    const double *values;
    int count;
} hs_real_list;

typedef struct hs_name_list {
    const char *const *names;
    int count;
} hs_name_list;

/* What a field holds in its struct, and how it is written. */
typedef enum hs_field_type {
    HS_FIELD_INT32,  /* int32_t: 64 */
    HS_FIELD_INT64,  /* int64_t */
    HS_FIELD_PAIR,   /* int32_t[2], rows then columns: 4,3 or, for both the same, 4 */
    HS_FIELD_REAL,   /* double, finite: 2e-4 */
    HS_FIELD_REALS,  /* hs_real_list, may be empty: 1, 32.5, 32 */
    HS_FIELD_BOOL,   /* bool: yes no true false 1 0 */
    HS_FIELD_STRING, /* const char *: the rest of the line, may be empty */
    HS_FIELD_CHOICE, /* int: index into `choices` */
    HS_FIELD_NAMES,  /* hs_name_list, may be empty: enc4, enc3 */
} hs_field_type;

typedef struct hs_field {
    const char *key;
    hs_field_type type;
    size_t offset;              /* of the value in the struct */
    const char *standard;       /* the default as text; NULL: the key is required */
    double low, high;           /* bounds, included, of each number; both 0: those of the type */
    const char *const *choices; /* HS_FIELD_CHOICE: ended by NULL */
    const char *help;           /* what it is, with its unit */
} hs_field;

/* One table of fields and the struct it fills. */
typedef struct hs_field_group {
    const hs_field *fields;
    int count;
    void *out;
} hs_field_group;

/* Fills `out` from a section: each field from its entry or its default, in the table's order.
 * HS_ERR_CONFIG, with the place, for a key that is no field (with the nearest one), a value that
 * cannot be read or is out of range, a required key that is missing. Strings and lists live in the
 * arena of `ini`. */
hs_status hs_fields_read(hs_ini *ini, const hs_ini_section *section, const hs_field *fields,
                         int count, void *out);

/* The same where a section's keys belong to several structs. */
hs_status hs_fields_read_groups(hs_ini *ini, const hs_ini_section *section,
                                const hs_field_group *groups, int count);

/* The way back: puts every field of `in` as text into the section, over what was there. With
 * hs_ini_write this writes the resolved configuration, from which the same struct is read. */
void hs_fields_store(hs_ini *ini, hs_ini_section *section, const hs_field *fields, int count,
                     const void *in);

#endif

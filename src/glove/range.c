#include "glove/range.h"

#include "config/fields.h"
#include <stddef.h>
#include <string.h>

const char *const hs_glove_names[HS_GLOVES] = {"right", "left"};

/* A section as it is written. */
typedef struct glove_section {
    int32_t hue[2], saturation[2], value[2];
    int64_t pixels, shots;
} glove_section;

static const hs_field fields[] = {
    {"hue", HS_FIELD_PAIR, offsetof(glove_section, hue), NULL, 0, 179, NULL, "low, high"},
    {"saturation", HS_FIELD_PAIR, offsetof(glove_section, saturation), NULL, 0, 255, NULL,
     "low, high"},
    {"value", HS_FIELD_PAIR, offsetof(glove_section, value), NULL, 0, 255, NULL, "low, high"},
    {"pixels", HS_FIELD_INT64, offsetof(glove_section, pixels), "0", 0, 9e18, NULL,
     "that the ranges come from"},
    {"shots", HS_FIELD_INT64, offsetof(glove_section, shots), "0", 0, 9e18, NULL,
     "that the pixels come from"},
};

static int index_of(const char *name)
{
    for (int g = 0; g < HS_GLOVES; g++)
        if (name && strcmp(name, hs_glove_names[g]) == 0)
            return g;
    return -1;
}

static hs_status check_order(const hs_ini_section *section, const char *key, const int32_t pair[2])
{
    if (pair[0] <= pair[1])
        return HS_OK;
    const hs_ini_entry *entry = hs_ini_entry_find(section, key);
    return hs_error(HS_ERR_CONFIG, "only hue wraps around",
                    "%s: %s %s: got '%s', expected low, high", entry->where, section->title, key,
                    entry->value);
}

static hs_status read_section(hs_ini *ini, const hs_ini_section *section, hs_gloves *gloves,
                              hs_glove_evidence *evidence)
{
    int g = index_of(section->name);
    if (g < 0)
        return hs_error(HS_ERR_CONFIG, NULL,
                        "%s: %s: no such glove, expected [glove right] or [glove left]",
                        section->where, section->title);
    glove_section s;
    hs_status status;
    HS_TRY(hs_fields_read(ini, section, fields, sizeof fields / sizeof *fields, &s));
    HS_TRY(check_order(section, "saturation", s.saturation));
    HS_TRY(check_order(section, "value", s.value));
    for (int end = 0; end < 2; end++) {
        gloves->range[g].hue[end] = (uint8_t)s.hue[end];
        gloves->range[g].saturation[end] = (uint8_t)s.saturation[end];
        gloves->range[g].value[end] = (uint8_t)s.value[end];
    }
    gloves->worn[g] = true;
    if (evidence) {
        evidence->pixels[g] = s.pixels;
        evidence->shots[g] = s.shots;
    }
exit:
    return status;
}

hs_status hs_gloves_read(hs_ini *ini, const char *path, hs_gloves *gloves,
                         hs_glove_evidence *evidence)
{
    hs_status status = HS_OK;
    *gloves = (hs_gloves){0};
    if (evidence)
        *evidence = (hs_glove_evidence){0};
    for (const hs_ini_section *s = ini->sections; s; s = s->next)
        if (strcmp(s->type, "glove") == 0)
            HS_TRY(read_section(ini, s, gloves, evidence));
    if (!gloves->worn[0] && !gloves->worn[1])
        status = hs_error(HS_ERR_CONFIG, "handseg calibrate writes such a file",
                          "%s: no glove, expected a section [glove right] or [glove left]", path);
exit:
    return status;
}

void hs_gloves_write(const hs_gloves *gloves, const hs_glove_evidence *evidence, FILE *file)
{
    for (int g = 0; g < HS_GLOVES; g++) {
        const hs_glove_range *r = &gloves->range[g];
        if (!gloves->worn[g])
            continue;
        fprintf(file, "[glove %s]\nhue = %d, %d\nsaturation = %d, %d\nvalue = %d, %d\n",
                hs_glove_names[g], r->hue[0], r->hue[1], r->saturation[0], r->saturation[1],
                r->value[0], r->value[1]);
        fprintf(file, "pixels = %lld\nshots = %lld\n\n", (long long)evidence->pixels[g],
                (long long)evidence->shots[g]);
    }
}

hs_status hs_gloves_parse(const char *text, hs_gloves *gloves)
{
    char name[16];
    int v[6], end = 0;
    int read = sscanf(text, "%15[a-z]=%3d-%3d,%3d-%3d,%3d-%3d%n", name, &v[0], &v[1], &v[2], &v[3],
                      &v[4], &v[5], &end);
    int g = read == 7 && !text[end] ? index_of(name) : -1;
    bool good = g >= 0 && v[2] <= v[3] && v[4] <= v[5];
    for (int i = 0; i < 6 && good; i++)
        good = v[i] >= 0 && v[i] <= (i < 2 ? 179 : 255);
    if (!good)
        return hs_error(
            HS_ERR_USAGE, "hue 0 to 179 (low > high wraps), saturation and value 0 to 255",
            "range of a glove: got '%s', expected right=H0-H1,S0-S1,V0-V1 or left=...", text);
    gloves->worn[g] = true;
    gloves->range[g] = (hs_glove_range){{(uint8_t)v[0], (uint8_t)v[1]},
                                        {(uint8_t)v[2], (uint8_t)v[3]},
                                        {(uint8_t)v[4], (uint8_t)v[5]}};
    return HS_OK;
}

void hs_glove_range_format(const hs_glove_range *r, char *text, size_t size)
{
    snprintf(text, size, "%d-%d,%d-%d,%d-%d", r->hue[0], r->hue[1], r->saturation[0],
             r->saturation[1], r->value[0], r->value[1]);
}

static bool hue_inside(const hs_glove_range *r, int hue)
{
    return r->hue[0] <= r->hue[1] ? hue >= r->hue[0] && hue <= r->hue[1]
                                  : hue >= r->hue[0] || hue <= r->hue[1];
}

static bool intervals_meet(const uint8_t a[2], const uint8_t b[2])
{
    return a[0] <= b[1] && b[0] <= a[1];
}

bool hs_glove_ranges_overlap(const hs_glove_range *a, const hs_glove_range *b)
{
    /* two arcs of a circle meet where one begins inside the other */
    return (hue_inside(a, b->hue[0]) || hue_inside(b, a->hue[0])) &&
           intervals_meet(a->saturation, b->saturation) && intervals_meet(a->value, b->value);
}

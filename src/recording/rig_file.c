#include "recording/rig_file.h"

#include "config/fields.h"
#include <stdlib.h>
#include <string.h>

static const char *const lens_models[] = {
    [HS_LENS_NONE] = "none",
    [HS_LENS_BROWN_CONRADY] = "brown_conrady",
    [HS_LENS_INVERSE_BROWN_CONRADY] = "inverse_brown_conrady",
    NULL,
};

static const hs_field lens_fields[] = {
    {"width", HS_FIELD_INT32, offsetof(hs_lens, width), NULL, 1, 32767, NULL, "pixels"},
    {"height", HS_FIELD_INT32, offsetof(hs_lens, height), NULL, 1, 32767, NULL, "pixels"},
    {"fx", HS_FIELD_REAL, offsetof(hs_lens, fx), NULL, 1, 1e5, NULL, "focal length, pixels"},
    {"fy", HS_FIELD_REAL, offsetof(hs_lens, fy), NULL, 1, 1e5, NULL, "focal length, pixels"},
    {"cx", HS_FIELD_REAL, offsetof(hs_lens, cx), NULL, -1e5, 1e5, NULL, "centre, pixels"},
    {"cy", HS_FIELD_REAL, offsetof(hs_lens, cy), NULL, -1e5, 1e5, NULL, "centre, pixels"},
    {"model", HS_FIELD_CHOICE, offsetof(hs_lens, model), "none", 0, 0, lens_models,
     "of distortion"},
    {"k1", HS_FIELD_REAL, offsetof(hs_lens, k[0]), "0", -1e3, 1e3, NULL, "of the model"},
    {"k2", HS_FIELD_REAL, offsetof(hs_lens, k[1]), "0", -1e3, 1e3, NULL, "of the model"},
    {"p1", HS_FIELD_REAL, offsetof(hs_lens, k[2]), "0", -1e3, 1e3, NULL, "of the model"},
    {"p2", HS_FIELD_REAL, offsetof(hs_lens, k[3]), "0", -1e3, 1e3, NULL, "of the model"},
    {"k3", HS_FIELD_REAL, offsetof(hs_lens, k[4]), "0", -1e3, 1e3, NULL, "of the model"},
};

static const hs_field unit_fields[] = {
    {"unit", HS_FIELD_REAL, offsetof(hs_rig, depth_unit), NULL, 1e-7, 1, NULL, "metres a count"},
};

static const hs_field recording_fields[] = {
    {"subject", HS_FIELD_INT32, offsetof(hs_rig_file, subject), "0", 0, 99999999, NULL,
     "number of the person; 0: none"},
    {"tolerance", HS_FIELD_REAL, offsetof(hs_rig_file, tolerance), "0.012", 1e-6, 10, NULL,
     "seconds between the exposures of a pair"},
};

typedef struct motion {
    hs_real_list rotation, translation;
} motion;

static const hs_field motion_fields[] = {
    {"rotation", HS_FIELD_REALS, offsetof(motion, rotation), NULL, -2, 2, NULL,
     "9 numbers, row by row"},
    {"translation", HS_FIELD_REALS, offsetof(motion, translation), NULL, -100, 100, NULL,
     "3 numbers, metres"},
};

enum {
    LENS_FIELDS = sizeof lens_fields / sizeof *lens_fields,
    UNIT_FIELDS = sizeof unit_fields / sizeof *unit_fields,
    RECORDING_FIELDS = sizeof recording_fields / sizeof *recording_fields,
    MOTION_FIELDS = sizeof motion_fields / sizeof *motion_fields,
    NUMBER_DIGITS = 8,
};

static const char *const section_types[] = {"recording",      "depth",       "color",
                                            "depth_to_color", "depth_times", "color_times"};

/* ---- lists of frames ------------------------------------------------------------------------ */

hs_status hs_stamps_add(hs_stamps *stamps, int64_t *capacity, hs_stamp stamp)
{
    if (stamps->count == *capacity) {
        int64_t more = *capacity ? 2 * *capacity : 1024;
        hs_stamp *items = realloc(stamps->items, (size_t)more * sizeof *items);
        if (!items)
            return hs_error(HS_ERR_MEMORY, NULL, "no memory for the list of %lld frames",
                            (long long)more);
        stamps->items = items;
        *capacity = more;
    }
    stamps->items[stamps->count++] = stamp;
    return HS_OK;
}

static int by_time(const void *a, const void *b)
{
    const hs_stamp *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

void hs_stamps_sort(hs_stamps *stamps)
{
    if (stamps->count > 0)
        qsort(stamps->items, (size_t)stamps->count, sizeof *stamps->items, by_time);
}

/* ---- reading -------------------------------------------------------------------------------- */

static hs_status find_section(const hs_ini *ini, const char *path, const char *label,
                              const hs_ini_section **section)
{
    *section = hs_ini_find(ini, label);
    return *section ? HS_OK
                    : hs_error(HS_ERR_CONFIG, "is this the camera.ini of a recording?",
                               "%s: section [%s]: missing", path, label);
}

static hs_status read_lens(hs_ini *ini, const char *path, const char *label, hs_lens *lens,
                           hs_rig *unit)
{
    const hs_ini_section *section;
    hs_status status = find_section(ini, path, label, &section);
    if (status != HS_OK)
        return status;
    const hs_field_group groups[] = {{lens_fields, LENS_FIELDS, lens},
                                     {unit_fields, UNIT_FIELDS, unit}};
    return hs_fields_read_groups(ini, section, groups, unit ? 2 : 1);
}

static hs_status copy_reals(const hs_ini_section *section, const char *key, hs_real_list list,
                            double *out, int count)
{
    if (list.count != count)
        return hs_error(HS_ERR_CONFIG, NULL, "%s: %s %s: got %d numbers, expected %d",
                        hs_ini_entry_find(section, key)->where, section->title, key, list.count,
                        count);
    memcpy(out, list.values, (size_t)count * sizeof *out);
    return HS_OK;
}

static hs_status read_motion(hs_ini *ini, const char *path, hs_rig *rig)
{
    const hs_ini_section *section;
    motion read;
    hs_status status;
    HS_TRY(find_section(ini, path, "depth_to_color", &section));
    HS_TRY(hs_fields_read(ini, section, motion_fields, MOTION_FIELDS, &read));
    HS_TRY(copy_reals(section, "rotation", read.rotation, rig->rotation, 9));
    HS_TRY(copy_reals(section, "translation", read.translation, rig->translation, 3));
exit:
    return status;
}

static hs_status read_times(hs_ini *ini, const char *path, const char *label, hs_stamps *stamps)
{
    const hs_ini_section *section;
    int64_t capacity = 0;
    hs_status status = find_section(ini, path, label, &section);
    for (const hs_ini_entry *e = status == HS_OK ? section->entries : NULL; e; e = e->next) {
        if (strlen(e->key) != NUMBER_DIGITS || strspn(e->key, "0123456789") != NUMBER_DIGITS)
            return hs_error(HS_ERR_CONFIG, NULL,
                            "%s: %s: got the key '%s', expected a frame's name: %d digits",
                            e->where, section->title, e->key, NUMBER_DIGITS);
        char *end;
        double time = strtod(e->value, &end);
        if (end == e->value || *end || !(time >= 0 && time <= 1e9))
            return hs_error(HS_ERR_CONFIG, NULL,
                            "%s: %s %s: got '%s', expected seconds since the start, 0 or more",
                            e->where, section->title, e->key, e->value);
        HS_TRY(hs_stamps_add(stamps, &capacity, (hs_stamp){time, atoi(e->key)}));
    }
exit:
    hs_stamps_sort(stamps);
    return status;
}

hs_status hs_rig_file_read(const char *path, hs_rig_file *file)
{
    hs_ini ini = {0};
    hs_status status;
    HS_TRY(hs_ini_read(&ini, path));
    HS_TRY(hs_ini_check_types(&ini, section_types, sizeof section_types / sizeof *section_types));
    const hs_ini_section *recording;
    HS_TRY(find_section(&ini, path, "recording", &recording));
    HS_TRY(hs_fields_read(&ini, recording, recording_fields, RECORDING_FIELDS, file));
    HS_TRY(read_lens(&ini, path, "depth", &file->rig.depth, &file->rig));
    HS_TRY(read_lens(&ini, path, "color", &file->rig.color, NULL));
    HS_TRY(read_motion(&ini, path, &file->rig));
    HS_TRY(read_times(&ini, path, "depth_times", &file->depth));
    HS_TRY(read_times(&ini, path, "color_times", &file->color));
exit:
    hs_ini_free(&ini);
    return status;
}

void hs_rig_file_free(hs_rig_file *file)
{
    free(file->depth.items);
    free(file->color.items);
    *file = (hs_rig_file){0};
}

/* ---- writing -------------------------------------------------------------------------------- */

static hs_ini_section *add_section(hs_ini *ini, const char *type, const hs_field *fields, int count,
                                   const void *in)
{
    hs_ini_section *section = NULL;
    if (hs_ini_add(ini, type, NULL, "camera.ini", &section) != HS_OK)
        abort(); /* each type is added once */
    hs_fields_store(ini, section, fields, count, in);
    return section;
}

/* Fewer digits than hs_fields_store writes: a line of INI text holds 199 bytes. */
static void put_reals(hs_ini *ini, hs_ini_section *section, const char *key, const double *values,
                      int count)
{
    char text[256];
    int used = 0;
    for (int i = 0; i < count; i++)
        used +=
            snprintf(text + used, sizeof text - (size_t)used, "%s%.10g", i ? ", " : "", values[i]);
    hs_ini_put(ini, section, key, text, "camera.ini");
}

static void write_times(FILE *out, const char *title, const hs_stamps *stamps)
{
    fprintf(out, "\n[%s]\n", title);
    for (int64_t i = 0; i < stamps->count; i++)
        fprintf(out, "%0*d=%.6f\n", NUMBER_DIGITS, stamps->items[i].number, stamps->items[i].time);
}

void hs_rig_file_write(const hs_rig_file *file, FILE *out)
{
    hs_ini ini = {0};
    const hs_rig *rig = &file->rig;
    add_section(&ini, "recording", recording_fields, RECORDING_FIELDS, file);
    hs_ini_section *depth = add_section(&ini, "depth", lens_fields, LENS_FIELDS, &rig->depth);
    hs_fields_store(&ini, depth, unit_fields, UNIT_FIELDS, rig);
    add_section(&ini, "color", lens_fields, LENS_FIELDS, &rig->color);
    hs_ini_section *moved = add_section(&ini, "depth_to_color", NULL, 0, NULL);
    put_reals(&ini, moved, "rotation", rig->rotation, 9);
    put_reals(&ini, moved, "translation", rig->translation, 3);
    hs_ini_write(&ini, out);
    hs_ini_free(&ini);
    write_times(out, "depth_times", &file->depth);
    write_times(out, "color_times", &file->color);
}

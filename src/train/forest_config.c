#include "train/forest_config.h"

#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

typedef struct input_size {
    int32_t height, width;
} input_size;

static const hs_field input_fields[] = {
    {"height", HS_FIELD_INT32, offsetof(input_size, height), "120", 1, HS_FOREST_MAX_SIDE, NULL,
     "pixels"},
    {"width", HS_FIELD_INT32, offsetof(input_size, width), "160", 1, HS_FOREST_MAX_SIDE, NULL,
     "pixels"},
};

static const char *const leaves[] = {"frames", "pixels", NULL};
#define OFFSET(member) offsetof(hs_forest_config, member)
static const hs_field forest_fields[] = {
    {"trees", HS_FIELD_INT32, OFFSET(trees), "3", 1, 1000, NULL, "that are averaged"},
    {"depth", HS_FIELD_INT32, OFFSET(depth), "22", 1, 30, NULL, "most splits above a leaf"},
    {"candidates", HS_FIELD_INT32, OFFSET(candidates), "2000", 1, 1e6, NULL,
     "features a node chooses from"},
    {"thresholds", HS_FIELD_INT32, OFFSET(thresholds), "50", 1, 1000, NULL, "of each feature"},
    {"pixels", HS_FIELD_INT32, OFFSET(pixels), "2000", 1, 1e6, NULL,
     "of a frame that a tree learns from, as many of each class where there are"},
    {"offset", HS_FIELD_REAL, OFFSET(offset), "129", 1.0 / HS_PROBE_STEPS,
     INT16_MAX / (double)HS_PROBE_STEPS, NULL,
     "largest offset of the probes, each way, in pixel-metres of the input"},
    {"own", HS_FIELD_REAL, OFFSET(own), "0.5", 0, 1, NULL,
     "share of the features whose v is 0: depth there against the pixel's own"},
    {"score", HS_FIELD_INT64, OFFSET(score), "20000", 1, 1 << 24, NULL,
     "pixels of a node on which its candidates are scored, at most"},
    {"least", HS_FIELD_INT64, OFFSET(least), "1", 1, 1e9, NULL, "pixels on each side of a split"},
    {"bag", HS_FIELD_REAL, OFFSET(bag), "1", 1e-6, 1, NULL, "share of the frames each tree draws"},
    {"leaves", HS_FIELD_CHOICE, OFFSET(leaves), "frames", 0, 0, leaves,
     "count every pixel of the frames, or the balanced pixels the tree was grown from"},
    {"memory", HS_FIELD_INT64, OFFSET(memory), "4096", 1, 1e9, NULL,
     "MiB that training may take, at most"},
};
#undef OFFSET

static const hs_field train_fields[] = {
    {"out", HS_FIELD_STRING, offsetof(hs_forest_run, out), NULL, 0, 0, NULL, "run folder"},
    {"seed", HS_FIELD_INT64, offsetof(hs_forest_run, seed), "1", 0, 9e15, NULL,
     "of every random number"},
    {"checkpoint_minutes", HS_FIELD_REAL, offsetof(hs_forest_run, checkpoint_minutes), "10", 0.001,
     1e6, NULL, "between checkpoints within a level"},
};

static const char *const section_types[] = {"input", "forest", "data", "augment", "train"};

bool hs_config_is_forest(const hs_ini *ini)
{
    return hs_ini_find(ini, "forest") != NULL;
}

hs_status hs_config_names_forest(const char *path, const char *const *overrides, int n,
                                 bool *forest)
{
    hs_ini ini = {0};
    hs_status status = hs_ini_read(&ini, path);
    if (status == HS_OK && !hs_config_is_forest(&ini))
        status = hs_config_gather(&ini, path, overrides, n);
    *forest = hs_config_is_forest(&ini);
    hs_ini_free(&ini);
    return status;
}

/* What a network's training says and a forest's cannot. */
static hs_status check_sections(const hs_ini *ini)
{
    static const char *const others[] = {"optimizer", "schedule", "loss", "init"};
    for (const hs_ini_section *s = ini->sections; s; s = s->next)
        for (int i = 0; i < COUNT(others); i++)
            if (strcmp(s->type, others[i]) == 0)
                return hs_error(HS_ERR_CONFIG, "remove the section",
                                "%s: %s: got a section for networks, expected none: a forest has "
                                "no use for it",
                                s->where, s->title);
    return hs_ini_check_types(ini, section_types, COUNT(section_types));
}

static hs_status read_section(hs_forest_train_config *c, const char *type, const char *where,
                              const hs_field *fields, int count, void *out)
{
    hs_status status = HS_OK;
    hs_ini_section *section = hs_ini_find(&c->ini, type);
    if (!section)
        HS_TRY(hs_ini_add(&c->ini, type, NULL, where, &section));
    HS_TRY(hs_fields_read(&c->ini, section, fields, count, out));
    hs_fields_store(&c->ini, section, fields, count, out);
exit:
    return status;
}

static hs_status resolve(hs_forest_train_config *c, const char *path, const char *const *overrides,
                         int n)
{
    hs_status status;
    input_size size;
    HS_TRY(hs_config_gather(&c->ini, path, overrides, n));
    HS_TRY(check_sections(&c->ini));
    HS_TRY(read_section(c, "input", path, input_fields, COUNT(input_fields), &size));
    c->height = size.height;
    c->width = size.width;
    HS_TRY(read_section(c, "forest", path, forest_fields, COUNT(forest_fields), &c->forest));
    c->alone = !hs_ini_find(&c->ini, "data") && !hs_ini_find(&c->ini, "train");
    if (c->alone)
        return HS_OK;
    HS_TRY(read_section(c, "data", path, hs_data_fields, hs_data_field_count, &c->data));
    HS_TRY(
        read_section(c, "augment", path, hs_augment_fields, hs_augment_field_count, &c->augment));
    HS_TRY(read_section(c, "train", path, train_fields, COUNT(train_fields), &c->train));
exit:
    return status;
}

hs_status hs_forest_config_read(hs_forest_train_config *config, const char *path,
                                const char *const *overrides, int n)
{
    hs_status status = hs_ini_read(&config->ini, path);
    return status == HS_OK ? resolve(config, path, overrides, n) : status;
}

hs_status hs_forest_config_parse(hs_forest_train_config *config, const char *label,
                                 const char *text)
{
    hs_status status = hs_ini_parse(&config->ini, label, text, strlen(text));
    return status == HS_OK ? resolve(config, label, NULL, 0) : status;
}

void hs_forest_config_free(hs_forest_train_config *config)
{
    hs_ini_free(&config->ini);
    *config = (hs_forest_train_config){0};
}

hs_probe_view hs_forest_view(const hs_forest_train_config *config, double depth_unit)
{
    return (hs_probe_view){config->height, config->width, (float)depth_unit};
}

#include "glove/config.h"

#include "config/fields.h"
#include "glove/annotate.h"
#include <stddef.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#define OFFSET(member) offsetof(hs_annotate_params, member)
static const hs_field annotate_fields[] = {
    {"opening", HS_FIELD_INT32, OFFSET(opening), "5", 0, 0, NULL,
     "diameter of the circle of the opening, pixels, odd"},
    {"join", HS_FIELD_REAL, OFFSET(join), "25", 0, 0, NULL,
     "components nearer than this are one, pixels"},
    {"smallest", HS_FIELD_INT32, OFFSET(smallest), "200", 0, 0, NULL,
     "pixels of a glove's colour that make a hand"},
    {"radius", HS_FIELD_REAL, OFFSET(radius), "0.1", 0, 0, NULL,
     "of a sphere that encloses the hand at rest, metres"},
};
#undef OFFSET

/* [quality] as it is written. */
typedef struct quality_section {
    double threshold, hand_area;
    hs_real_list limits[HS_MEASURES];
} quality_section;

static const hs_field quality_fields[] = {
    {"threshold", HS_FIELD_REAL, offsetof(quality_section, threshold), "0.5", 0, 1, NULL,
     "frames with a lower score are rejected"},
    {"hand_area", HS_FIELD_REAL, offsetof(quality_section, hand_area), "0.009", 1e-6, 100, NULL,
     "of a usual hand as the camera sees it, square metres"},
#define HS_MEASURE(name, standard, meaning)                                                       \
    {#name, HS_FIELD_REALS, offsetof(quality_section, limits[HS_MEASURE_##name]), standard, 0, 0, \
     NULL,  meaning},
#include "glove/quality_measures.def"
#undef HS_MEASURE
};

static const char *const section_types[] = {"annotate", "quality"};

static hs_status read_section(hs_glove_config *c, const char *where, const char *type,
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

static hs_status take_limits(const quality_section *section, const char *where,
                             hs_quality_params *params)
{
    params->threshold = section->threshold;
    params->hand_area = section->hand_area;
    for (int i = 0; i < HS_MEASURES; i++) {
        const hs_real_list *list = &section->limits[i];
        const double *v = list->values;
        if (list->count != 3 || v[0] >= v[1] || v[2] < 0 || v[2] > 1)
            return hs_error(
                HS_ERR_CONFIG, "such as: 0.1, 0.3, 1",
                "%s: [quality] %s: expected GOOD, BAD, WEIGHT with GOOD < BAD and a weight "
                "from 0 to 1",
                where, hs_measure_name((hs_measure)i));
        params->limits[i] = (hs_quality_limit){v[0], v[1], v[2]};
    }
    return HS_OK;
}

hs_status hs_glove_config_read(hs_glove_config *config, const char *path,
                               const char *const *overrides, int n)
{
    hs_status status = HS_OK;
    quality_section quality;
    const char *where = path ? path : "the defaults";
    if (path)
        HS_TRY(hs_ini_read(&config->ini, path));
    for (int i = 0; i < n; i++)
        HS_TRY(hs_ini_set(&config->ini, overrides[i], section_types, COUNT(section_types)));
    HS_TRY(hs_ini_check_types(&config->ini, section_types, COUNT(section_types)));
    HS_TRY(read_section(config, where, "annotate", annotate_fields, COUNT(annotate_fields),
                        &config->annotate));
    HS_TRY(hs_error_context(hs_annotate_params_check(&config->annotate), "%s", where));
    HS_TRY(read_section(config, where, "quality", quality_fields, COUNT(quality_fields), &quality));
    HS_TRY(take_limits(&quality, where, &config->quality));
exit:
    return status;
}

void hs_glove_config_free(hs_glove_config *config)
{
    hs_ini_free(&config->ini);
    *config = (hs_glove_config){0};
}

hs_annotate_params hs_annotate_defaults(void)
{
    hs_glove_config config = {0};
    hs_glove_config_read(&config, NULL, NULL, 0); /* the defaults are within their own bounds */
    hs_annotate_params params = config.annotate;
    hs_glove_config_free(&config);
    return params;
}

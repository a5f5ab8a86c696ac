/* The parameters of annotation and of its quality score, as configs/glove/ has them. */
#ifndef HS_GLOVE_CONFIG_H
#define HS_GLOVE_CONFIG_H

#include "config/ini.h"
#include "glove/quality.h"

/* Initialise with {0}. */
typedef struct hs_glove_config {
    hs_ini ini; /* resolved: every key with its value */
    hs_annotate_params annotate;
    hs_quality_params quality;
} hs_glove_config;

/* Reads a file (NULL: the defaults alone), puts the n overrides "section.key=value" over it, and
 * writes what is not said into config->ini. HS_ERR_CONFIG or HS_ERR_IO; free in any case. */
hs_status hs_glove_config_read(hs_glove_config *config, const char *path,
                               const char *const *overrides, int n);
void hs_glove_config_free(hs_glove_config *config);

#endif

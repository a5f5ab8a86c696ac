/* The configuration of a forest's training: a file with [forest], and those of networks' trainings
 * that a forest has a use for. */
#ifndef HS_TRAIN_FOREST_CONFIG_H
#define HS_TRAIN_FOREST_CONFIG_H

#include "forest/tree.h"
#include "train/config.h"

typedef struct hs_forest_run {
    const char *out; /* run folder */
    int64_t seed;
    double checkpoint_minutes; /* between checkpoints within a level */
} hs_forest_run;

typedef struct hs_forest_train_config {
    hs_ini ini; /* resolved: with overrides and the forest's sections */
    int32_t height, width;
    hs_forest_config forest;
    bool alone; /* a forest without a training: what follows is not set */
    hs_data_config data;
    hs_augment_config augment;
    hs_forest_run train;
} hs_forest_train_config;

/* Whether the sections are those of a forest. */
bool hs_config_is_forest(const hs_ini *ini);

/* The same of a file, network or training, with the one it names and `overrides`. */
hs_status hs_config_names_forest(const char *path, const char *const *overrides, int n,
                                 bool *forest);

/* Reads a training file and the forest it names, or a forest alone, then `overrides` of the form
 * section.key=value. HS_ERR_CONFIG for sections a forest has no use for. Initialise with {0}; free
 * after failure too. */
hs_status hs_forest_config_read(hs_forest_train_config *config, const char *path,
                                const char *const *overrides, int n);

/* The same from the text of a resolved configuration. */
hs_status hs_forest_config_parse(hs_forest_train_config *config, const char *label,
                                 const char *text);
void hs_forest_config_free(hs_forest_train_config *config);

/* Size of the frames and metres of one count of the forest's features. */
hs_probe_view hs_forest_view(const hs_forest_train_config *config, double depth_unit);

#endif

/* A configuration from whatever holds one: a network alone, a training file, a checkpoint. */
#ifndef HS_SEGMENT_CONFIG_SOURCE_H
#define HS_SEGMENT_CONFIG_SOURCE_H

#include "train/checkpoint.h"
#include "train/config.h"

typedef struct hs_config_source {
    hs_arena arena;
    hs_train_config config; /* of a network alone: the usual training, of no data set */
    bool trained;           /* a checkpoint; `info` is of it */
    hs_checkpoint_info info;
} hs_config_source;

/* Initialise with {0}; free after failure too. HS_ERR_USAGE for overrides of a checkpoint. */
hs_status hs_config_source_read(hs_config_source *source, const char *path,
                                const char *const *overrides, int n);
void hs_config_source_free(hs_config_source *source);

#endif

/* A forest's configuration, and the forest where there is one: from a forest alone, a training
 * file, or a file of trees. */
#ifndef HS_SEGMENT_FOREST_SOURCE_H
#define HS_SEGMENT_FOREST_SOURCE_H

#include "segment/bench.h"
#include "segment/describe.h"
#include "train/checkpoint.h"
#include "train/forest_config.h"

typedef struct hs_forest_source {
    hs_arena arena;
    hs_forest_train_config config;
    bool trained; /* a file of trees; what follows is of it */
    hs_checkpoint_info info;
    hs_tree *trees; /* [count] */
    int32_t count;  /* finished ones */
} hs_forest_source;

/* Initialise with {0}; free after failure too. HS_ERR_USAGE for overrides of a file of trees;
 * HS_ERR_FORMAT for one that is no sound forest. */
hs_status hs_forest_source_read(hs_forest_source *source, const char *path,
                                const char *const *overrides, int n);
void hs_forest_source_free(hs_forest_source *source);

/* Trees, nodes and planned memory, and how far a forest was trained, on what. */
hs_status hs_describe_forest(const hs_describe_request *request, FILE *file);

#endif

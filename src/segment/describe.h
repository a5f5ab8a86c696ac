/* What a model or a configuration holds, for people and for programs. */
#ifndef HS_SEGMENT_DESCRIBE_H
#define HS_SEGMENT_DESCRIBE_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct hs_describe_request {
    const char *path;
    const char *const *overrides; /* [n] section.key=value, of configurations */
    int n;
    int32_t batch; /* of the training memory; 0: the configuration's, or the usual one */
    bool json;
} hs_describe_request;

/* Says of any kind of model what it has to say. HS_ERR_FORMAT for a file that is none. */
hs_status hs_describe(const hs_describe_request *request, FILE *file);

/* Layers, parameters, operations and planned memory of the network of a configuration or a
 * checkpoint, and of a checkpoint how far it was trained, on what. Nothing large is allocated. */
hs_status hs_describe_net(const hs_describe_request *request, FILE *file);

#endif

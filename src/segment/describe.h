/* What a configuration or a checkpoint holds, for people and for programs. */
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

/* Layers, parameters, operations and planned memory of the network of a configuration or a
 * checkpoint, and of a checkpoint how far it was trained, on what. Nothing large is allocated. */
hs_status hs_describe(const hs_describe_request *request, FILE *file);

#endif

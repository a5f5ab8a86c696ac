/* A trained network from its checkpoint. */
#ifndef HS_SEGMENT_MODEL_H
#define HS_SEGMENT_MODEL_H

#include "config/ini.h"
#include "eval/predictor.h"
#include "handseg/segment.h"
#include "train/checkpoint.h"

struct hs_model {
    hs_arena arena;
    const char *path;
    hs_checkpoint_info info;
    hs_ini ini;
    hs_net *net;
    hs_params *params;
    hs_predictor predictor;
    double depth_unit; /* of the frames to come */

    /* Room for one frame on its way in and out; after hs_model_segment `view` is what the network
     * saw, [height][width] of the network, and `labels` what it made of it. */
    uint16_t *view;
    hs_real *images; /* [batch][height][width] of the network */
    uint8_t *labels; /* likewise */
    int32_t *map;    /* columns and rows, of the network's size and of the frame's */
    int32_t map_room;
};

#endif

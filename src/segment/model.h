/* A trained network from its checkpoint. */
#ifndef HS_SEGMENT_MODEL_H
#define HS_SEGMENT_MODEL_H

#include "config/ini.h"
#include "eval/frame_predictor.h"
#include "handseg/segment.h"
#include "train/checkpoint.h"

struct hs_model {
    hs_arena arena;
    const char *path;
    hs_checkpoint_info info;
    hs_ini ini;
    hs_net *net;
    hs_params *params;
    hs_frame_predictor frames;
    double depth_unit; /* of the frames to come */
};

#endif

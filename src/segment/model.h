/* A model of any kind from its file, with what brings frames of any size to it. */
#ifndef HS_SEGMENT_MODEL_H
#define HS_SEGMENT_MODEL_H

#include "config/ini.h"
#include "eval/frame_segmenter.h"
#include "handseg/segment.h"

typedef struct hs_model_kind hs_model_kind;

struct hs_model {
    hs_arena arena;
    const char *path;
    const hs_model_kind *kind;
    void *state; /* the kind's */
    const hs_segmenter *segmenter;
    const char *const *labels; /* [segmenter->classes] */
    double trained_unit;       /* metres of one raw unit of the training data */
    double depth_unit;         /* of the frames to come */
    hs_frame_segmenter frames;
};

#endif

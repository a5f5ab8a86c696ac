/* The frames of its data set that a run trains on, and those it validates on. */
#ifndef HS_TRAIN_RUN_FRAMES_H
#define HS_TRAIN_RUN_FRAMES_H

#include "base/memory.h"
#include "train/config.h"

typedef struct hs_run_frames {
    const uint32_t *train,
        *val; /* indices, ascending; borrowed from the data set or in the arena */
    uint32_t train_count, val_count;
} hs_run_frames;

/* As the configuration's [data] says. HS_ERR_DATA for an empty split, HS_ERR_CONFIG for a subset
 * larger than it. Logs how hands are counted in validation where the set labels one. */
hs_status hs_run_frames_find(hs_arena *arena, const hs_dataset *dataset,
                             const hs_data_config *config, hs_run_frames *frames);

#endif

#include "train/run_frames.h"

#include "base/log.h"
#include "data/sampler.h"
#include "data/subset.h"
#include "eval/one_hand.h"

hs_status hs_run_frames_find(hs_arena *arena, const hs_dataset *dataset,
                             const hs_data_config *config, hs_run_frames *f)
{
    hs_status status;
    *f = (hs_run_frames){0};
    HS_TRY(hs_dataset_split(dataset, (hs_split)config->train, &f->train, &f->train_count));
    HS_TRY(hs_subset_draw(arena, dataset, f->train, config->subset,
                          (hs_subset_unit)config->subset_by, (uint64_t)config->subset_seed,
                          &f->train, &f->train_count));
    if (config->validate == HS_SPLIT_NONE)
        return HS_OK;
    HS_TRY(hs_dataset_split(dataset, (hs_split)config->validate, &f->val, &f->val_count));
    f->val = hs_spread_frames(arena, f->val, config->validate_frames, &f->val_count);
    const char *one_hand = hs_one_hand(hs_dataset_get_info(dataset));
    if (one_hand)
        hs_log("validation: %s", one_hand);
exit:
    return status;
}

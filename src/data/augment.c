#include "data/augment.h"

#include "base/rng.h"
#include <math.h>

hs_augmentation hs_augmentation_draw(const hs_augment_config *config, uint64_t seed, uint32_t epoch,
                                     uint32_t frame)
{
    /* Every number is drawn whether it is used or not: switching one off leaves the others. */
    hs_rng rng = hs_rng_make(seed, epoch, frame, HS_PURPOSE_AUGMENT);
    bool flip = hs_rng_uniform(&rng) < 0.5;
    double x = hs_rng_range(&rng, -config->translate, config->translate);
    double y = hs_rng_range(&rng, -config->translate, config->translate);
    double most = log1p(config->scale);
    return (hs_augmentation){.flip = config->flip && flip,
                             .shift_x = x,
                             .shift_y = y,
                             .scale = exp(hs_rng_range(&rng, -most, most))};
}

void hs_augmentation_apply(const hs_augmentation *augmentation, hs_axis *rows, hs_axis *columns)
{
    columns->flip = augmentation->flip;
    columns->shift = augmentation->shift_x * columns->out;
    rows->shift = augmentation->shift_y * rows->out;
    rows->scale = columns->scale = augmentation->scale;
}

#include "data/sampler.h"

#include "base/rng.h"

void hs_epoch_order(const uint32_t *frames, uint32_t n, bool shuffle, uint64_t seed, uint32_t epoch,
                    uint32_t *order)
{
    hs_rng rng = hs_rng_make(seed, epoch, 0, HS_PURPOSE_SHUFFLE);
    if (shuffle)
        hs_rng_permutation(&rng, order, n);
    for (uint32_t i = 0; i < n; i++)
        order[i] = frames[shuffle ? order[i] : i];
}

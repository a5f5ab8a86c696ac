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

const uint32_t *hs_spread_frames(hs_arena *arena, const uint32_t *frames, int64_t most,
                                 uint32_t *count)
{
    if (most == 0 || most >= *count)
        return frames;
    uint32_t *chosen = hs_arena_take(arena, sizeof *chosen * (size_t)most);
    for (int64_t i = 0; i < most; i++)
        chosen[i] = frames[i * *count / most];
    *count = (uint32_t)most;
    return chosen;
}

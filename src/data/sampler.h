/* The order in which an epoch takes its frames. */
#ifndef HS_DATA_SAMPLER_H
#define HS_DATA_SAMPLER_H

#include "base/memory.h"
#include <stdbool.h>
#include <stdint.h>

/* Steps of an epoch: enough batches to take every one of n frames. */
static inline uint32_t hs_epoch_steps(uint32_t n, uint32_t batch)
{
    return n / batch + (n % batch != 0);
}

/* order[n] = frames[n] as epoch `epoch` takes them: position i of the epoch is order[i mod n], so
 * the last batch is filled from the beginning. Not shuffled: as they are. */
void hs_epoch_order(const uint32_t *frames, uint32_t n, bool shuffle, uint64_t seed, uint32_t epoch,
                    uint32_t *order);

/* At most `most` of frames[*count] (0: all), evenly spread; *count becomes how many. In `arena`, or
 * the list itself. */
const uint32_t *hs_spread_frames(hs_arena *arena, const uint32_t *frames, int64_t most,
                                 uint32_t *count);

#endif

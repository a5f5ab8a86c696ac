/* A random part of a list of frames, for experiments on the size of a data set. */
#ifndef HS_DATA_SUBSET_H
#define HS_DATA_SUBSET_H

#include "base/memory.h"
#include "base/status.h"
#include "handseg/dataset.h"

typedef enum hs_subset_unit {
    HS_SUBSET_FRAME,   /* frames of everybody */
    HS_SUBSET_SUBJECT, /* all frames of one person after the other, of the last perhaps a part */
} hs_subset_unit;

/* Draws `wanted` of frames[*count], indices of the data set: so many, or below 1 such a share; 0 is
 * all. *count becomes how many; the list, ascending, is in `arena` or the one given. Depends on the
 * frames and the seed only, and a larger subset holds every smaller one of its seed (the paper,
 * section 5: random sub-samples). HS_ERR_CONFIG where more are wanted than there are, or exactly
 * one, which may mean all, or no whole number; or people where the data set does not know them. */
hs_status hs_subset_draw(hs_arena *arena, const hs_dataset *dataset, const uint32_t *frames,
                         double wanted, hs_subset_unit unit, uint64_t seed, const uint32_t **subset,
                         uint32_t *count);

#endif

#include "data/subset.h"

#include "base/rng.h"
#include <math.h>
#include <stdlib.h>

/* A frame and its place in the order they are taken in: by the first key, then the second. */
typedef struct candidate {
    uint32_t keys[2];
    uint32_t frame;
} candidate;

static int by_keys(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    for (int k = 0; k < 2; k++)
        if (x->keys[k] != y->keys[k])
            return x->keys[k] < y->keys[k] ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A person's frames share their first key, which is drawn for the person. */
static uint32_t key_of(uint64_t seed, uint32_t stream, int32_t id)
{
    hs_rng rng = hs_rng_make(seed, stream, (uint32_t)id, HS_PURPOSE_SUBSET);
    return hs_rng_u32(&rng);
}

static hs_status number_of(double wanted, uint32_t count, uint32_t *number)
{
    if (wanted >= 1 && (wanted < 2 || wanted != floor(wanted)))
        return hs_error(HS_ERR_CONFIG, NULL,
                        "data.subset: got %g, expected 0 for all frames, a share below 1, or a "
                        "whole number of frames from 2 on",
                        wanted);
    double n = wanted < 1 ? fmax(1, round(wanted * count)) : wanted;
    *number = (uint32_t)fmin(n, count);
    if (n <= count)
        return HS_OK;
    return hs_error(HS_ERR_CONFIG, "a number of frames, or below 1 a share of them",
                    "data.subset: got %.0f, expected at most the split's %u frames", n, count);
}

hs_status hs_subset_draw(hs_arena *arena, const hs_dataset *dataset, const uint32_t *frames,
                         double wanted, hs_subset_unit unit, uint64_t seed, const uint32_t **subset,
                         uint32_t *count)
{
    enum { PEOPLE, FRAMES };
    uint32_t n = 0, total = *count;
    void *memory = NULL;
    hs_status status;
    *subset = frames;
    if (wanted == 0)
        return HS_OK;
    if (unit == HS_SUBSET_SUBJECT && hs_dataset_get_info(dataset)->subjects_unknown)
        HS_TRY(hs_error(HS_ERR_CONFIG, "the data set does not say who is in its frames",
                        "data.subset_by: got subject, expected frame"));
    HS_TRY(number_of(wanted, total, &n));
    HS_TRY(hs_allocate(sizeof(candidate) * total, "frames of a subset", &memory));
    candidate *candidates = memory;
    for (uint32_t i = 0; i < total; i++) {
        int32_t subject = hs_dataset_get_frame(dataset, frames[i])->subject;
        candidates[i] = (candidate){
            {unit == HS_SUBSET_SUBJECT ? key_of(seed, PEOPLE, subject) : 0,
             key_of(seed, FRAMES, (int32_t)i)},
            frames[i],
        };
    }
    qsort(candidates, total, sizeof *candidates, by_keys);
    uint32_t *chosen = hs_arena_take(arena, sizeof *chosen * n);
    for (uint32_t i = 0; i < n; i++)
        chosen[i] = candidates[i].frame;
    qsort(chosen, n, sizeof *chosen, ascending);
    *subset = chosen;
    *count = n;
exit:
    free(memory);
    return status;
}

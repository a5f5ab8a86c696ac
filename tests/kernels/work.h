/* One call of a kernel as data: what goes in, what comes out, and how to make the call again with
 * another instruction set or another number of threads. */
#ifndef HS_TESTS_KERNELS_WORK_H
#define HS_TESTS_KERNELS_WORK_H

#include "base/rng.h"
#include "kernels/prototypes.h"
#include "support/guard.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_ITEMS = 12, MAX_SCRATCH = 3 };

typedef enum item_kind {
    INPUT,  /* must not change */
    OUTPUT, /* reals, within the tolerance of those of the reference */
    EXACT,  /* bytes, equal to those of the reference */
} item_kind;

typedef struct item {
    hs_guarded memory;
    item_kind kind;
    int channels, pitch; /* of reals: channels from `channels` on are zero, to the end of the block,
                            and the others of the pitch stay; pitch 0: no such rule */
    unsigned char *start, *expected, *single; /* before the call; of the reference; of one thread */
} item;

typedef struct work {
    item items[MAX_ITEMS];
    int n;
    hs_guarded scratch[MAX_SCRATCH]; /* of one call */
    int n_scratch;
    bool accumulate, flag, mapped;
    int64_t pixels;
    int channels, pitch, x_pitch;
    hs_real slope;
    union {
        hs_conv_geometry conv;
        hs_pool_geometry pool;
        hs_window window;
        hs_bilinear bilinear;
        hs_dropout_mask dropout;
        struct {
            hs_probe_view view;
            hs_forest_candidates candidates;
        } forest;
    } g;
} work;

/* A kernel, or some that are called together, with all the slots of the table this covers. */
typedef struct kernel_case {
    const char *slots; /* separated by spaces */
    void (*setup)(work *w, hs_rng *rng, int round);
    void (*run)(work *w);
} kernel_case;

static inline unsigned char *copy_of(const void *data, size_t bytes)
{
    unsigned char *copy = malloc(bytes + 1);
    ck_assert_ptr_nonnull(copy);
    return memcpy(copy, data, bytes);
}

/* Adds an item of that many bytes, all of them 0xFF. */
static inline item *add_item(work *w, item_kind kind, size_t bytes)
{
    ck_assert_int_lt(w->n, MAX_ITEMS);
    item *it = &w->items[w->n++];
    *it = (item){.kind = kind, .memory = hs_guard_allocate(bytes, 0xFF)};
    return it;
}

/* Adds a tensor of reals with padded channels: random where it is read, NaN where it is not. What
 * lies behind the padding belongs to others: NaN in inputs, and ones, which stay, in outputs. */
static inline void add_tensor(work *w, item_kind kind, int64_t pixels, int channels, int pitch,
                              bool filled, hs_rng *rng)
{
    item *it = add_item(w, kind, sizeof(hs_real) * (size_t)(pixels * pitch));
    it->channels = channels;
    it->pitch = pitch;
    hs_real *v = it->memory.data;
    int own = hs_pitch_of(channels) < pitch ? hs_pitch_of(channels) : pitch;
    for (int64_t p = 0; p < pixels; p++, v += pitch) {
        for (int c = 0; c < own && filled; c++)
            v[c] = c < channels ? (hs_real)hs_rng_range(rng, -1, 1) : 0;
        for (int c = own; c < pitch && kind != INPUT; c++)
            v[c] = 1;
    }
}

/* A pitch for that many channels, alone or among others. */
static inline int draw_pitch(hs_rng *rng, int channels)
{
    return hs_pitch_of(channels) + HS_CHANNEL_BLOCK * (int)hs_rng_below(rng, 3);
}

static inline void *data_of(const work *w, int i)
{
    return w->items[i].memory.data;
}

/* Scratch of one call, NaN all through, between guard zones. */
static inline void *take_scratch(work *w, size_t bytes)
{
    ck_assert_int_lt(w->n_scratch, MAX_SCRATCH);
    w->scratch[w->n_scratch] = hs_guard_allocate(bytes, 0xFF);
    return w->scratch[w->n_scratch++].data;
}

static inline int pick(hs_rng *rng, const int *from, int n)
{
    return from[hs_rng_below(rng, (uint32_t)n)];
}

static inline int between(hs_rng *rng, int low, int high)
{
    return low + (int)hs_rng_below(rng, (uint32_t)(high - low + 1));
}

static const int channel_counts[] = {1, 3, 15, 16, 17, 33, 64, 65, 130};

enum { CHANNEL_COUNTS = sizeof channel_counts / sizeof *channel_counts };

/* Around blocks of 16 and vectors of channels. */
static inline int pick_channels(hs_rng *rng)
{
    return pick(rng, channel_counts, CHANNEL_COUNTS);
}

#endif

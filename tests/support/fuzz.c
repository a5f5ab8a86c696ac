#include "support/fuzz.h"

#include "base/rng.h"
#include "support/files.h"
#include "support/suite.h"
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Called by tests/fuzz/test_fuzz_*.c only, which have the target. */
#pragma weak LLVMFuzzerTestOneInput

enum { SEEDS = 64, LONGEST = 1 << 17 };

typedef struct input {
    uint8_t *bytes; /* [LONGEST] for the one being changed */
    size_t size;
} input;

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* the locale does not change the sequence */
}

static int read_seeds(const char *folder, input seeds[SEEDS])
{
    struct dirent **entries;
    int count = 0, n = scandir(folder, &entries, NULL, by_name);
    ck_assert_msg(n > 0, "%s: cannot list", folder);
    for (int i = 0; i < n; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && count < SEEDS) {
            seeds[count].bytes = hs_test_read(path, &seeds[count].size);
            count++;
        }
        free(entries[i]);
    }
    free(entries);
    return count;
}

/* Moves the bytes from `at` on by `by`, which may be negative, within what fits. */
static void move_rest(input *in, size_t at, long by)
{
    if (by > 0 && in->size + (size_t)by > LONGEST)
        return;
    size_t from = by < 0 ? at + (size_t)-by : at;
    if (from > in->size)
        return;
    memmove(in->bytes + (by > 0 ? at + (size_t)by : at), in->bytes + from, in->size - from);
    in->size = (size_t)((long)in->size + by);
}

static void mutate(hs_rng *rng, input *in)
{
    static const uint32_t extremes[] = {0,          1,          0x7F,       0x80,       0xFF,
                                        0xFFFF,     0x10000,    0x7FFFFFFF, 0x80000000, 0xFFFFFFFC,
                                        0xFFFFFFFF, 0x01000000, 0x00FFFFFF};
    if (in->size < 8)
        return;
    size_t at = hs_rng_below(rng, (uint32_t)in->size - 4);
    size_t from = hs_rng_below(rng, (uint32_t)in->size - 4);
    size_t most = in->size - (at > from ? at : from);
    size_t length = 1 + hs_rng_below(rng, (uint32_t)(most < 64 ? most : 64));
    uint32_t number = extremes[hs_rng_below(rng, sizeof extremes / sizeof *extremes)];
    length = length > most ? most : length;
    switch (hs_rng_below(rng, 8)) {
    case 0:
        in->bytes[at] ^= (uint8_t)(1u << hs_rng_below(rng, 8));
        break;
    case 1:
        in->bytes[at] = (uint8_t)hs_rng_u32(rng);
        break;
    case 2:
        memcpy(in->bytes + at, &number, hs_rng_below(rng, 2) ? 4 : 2);
        break;
    case 3:
        memmove(in->bytes + at, in->bytes + from, length);
        break;
    case 4:
        move_rest(in, at, -(long)length);
        break;
    case 5:
        move_rest(in, at, (long)length);
        break;
    case 6: /* of a number in a text, so that the text stays one that can be read */
        while (at < in->size - 1 && !isdigit(in->bytes[at]))
            at++;
        in->bytes[at] = (uint8_t)('0' + hs_rng_below(rng, 10));
        break;
    default:
        in->size = hs_rng_below(rng, 4) ? in->size : at;
    }
}

void hs_fuzz_short_run(const char *folder, int count)
{
    input seeds[SEEDS];
    int n = read_seeds(folder, seeds);
    ck_assert_int_gt(n, 0);
    uint8_t *bytes = malloc(LONGEST);
    for (int i = 0; i < n + count; i++) {
        const input *seed = &seeds[i % n];
        input in = {bytes, seed->size < LONGEST ? seed->size : LONGEST};
        memcpy(bytes, seed->bytes, in.size);
        hs_rng rng = hs_rng_make(1, 0, (uint32_t)i, HS_PURPOSE_TEST);
        for (uint32_t left = i < n ? 0 : 1 + hs_rng_below(&rng, 6); left > 0; left--)
            mutate(&rng, &in);
        /* A copy of its own size, so that reading beyond the end is seen. */
        uint8_t *exact = malloc(in.size + !in.size);
        memcpy(exact, bytes, in.size);
        ck_assert_int_eq(LLVMFuzzerTestOneInput(exact, in.size), 0);
        free(exact);
    }
    free(bytes);
    for (int i = 0; i < n; i++)
        free(seeds[i].bytes);
}

#include "support/guard.h"

#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ZONE = 4096 };

/* A signalling NaN: even adding 0 to it changes its bits. */
static const unsigned char pattern[4] = {0xFF, 0xFF, 0xBF, 0xFF};

static bool is_pattern(const unsigned char *from, const unsigned char *to)
{
    for (; from < to; from++)
        if (*from != pattern[(uintptr_t)from % sizeof pattern])
            return false;
    return true;
}

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static void poison(const hs_guarded *m)
{
    ASAN_POISON_MEMORY_REGION(m->zones, ZONE);
    ASAN_POISON_MEMORY_REGION((unsigned char *)m->data + m->bytes,
                              ZONE + rounded(m->bytes) - m->bytes);
}

static void unpoison(const hs_guarded *m)
{
    ASAN_UNPOISON_MEMORY_REGION(m->zones, 2 * ZONE + rounded(m->bytes));
}

hs_guarded hs_guard_allocate(size_t bytes, unsigned char fill)
{
    size_t size = 2 * ZONE + rounded(bytes);
    hs_guarded m = {.bytes = bytes, .zones = aligned_alloc(64, size)};
    if (!m.zones)
        abort();
    for (size_t i = 0; i < size; i++)
        m.zones[i] = pattern[i % sizeof pattern];
    m.data = m.zones + ZONE;
    memset(m.data, fill, bytes);
    poison(&m);
    return m;
}

bool hs_guard_intact(const hs_guarded *m)
{
    const unsigned char *data = m->data;
    unpoison(m);
    bool intact =
        is_pattern(m->zones, data) && is_pattern(data + m->bytes, data + rounded(m->bytes) + ZONE);
    poison(m);
    return intact;
}

void hs_guard_free(hs_guarded *m)
{
    if (m->zones)
        unpoison(m);
    free(m->zones);
    *m = (hs_guarded){0};
}

#include "support/guard.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

enum { ZONE = 4096, PATTERN = 0xA5 };

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
    memset(m.zones, PATTERN, size);
    m.data = m.zones + ZONE;
    memset(m.data, fill, bytes);
    poison(&m);
    return m;
}

bool hs_guard_intact(const hs_guarded *m)
{
    bool intact = true;
    unpoison(m);
    for (size_t i = 0; i < ZONE; i++)
        intact = intact && m->zones[i] == PATTERN;
    const unsigned char *end = (const unsigned char *)m->data + m->bytes;
    for (size_t i = 0; i < ZONE + rounded(m->bytes) - m->bytes; i++)
        intact = intact && end[i] == PATTERN;
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

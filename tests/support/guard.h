/* Memory between two guard zones: writing outside it shows in a check, and under the address
 * sanitizer reading outside it ends the program. */
#ifndef HS_TESTS_GUARD_H
#define HS_TESTS_GUARD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct hs_guarded {
    void *data; /* 64-byte aligned */
    size_t bytes;
    unsigned char *zones; /* what was allocated */
} hs_guarded;

/* Memory of which every byte is `fill`; 0xFF makes NaN of every real number. Aborts where the
 * system gives none. */
hs_guarded hs_guard_allocate(size_t bytes, unsigned char fill);

/* Whether both zones are as they were made. */
bool hs_guard_intact(const hs_guarded *memory);

void hs_guard_free(hs_guarded *memory);

#endif

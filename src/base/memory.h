/* Allocation that reports failure as a status, aligned memory, and an arena. */
#ifndef HS_BASE_MEMORY_H
#define HS_BASE_MEMORY_H

#include "base/status.h"
#include <stddef.h>

enum {
    HS_ALIGNMENT = 64,      /* a cache line, and the widest vector */
    HS_HUGE_PAGE = 2 << 20, /* what the system maps at once where it is asked to (x86-64) */
};

/* Bytes rounded up to whole cache lines. */
static inline size_t hs_align_up(size_t bytes)
{
    return (bytes + HS_ALIGNMENT - 1) / HS_ALIGNMENT * HS_ALIGNMENT;
}

/* Zeroed memory aligned to a cache line; `what` names it in the error. Zero bytes give a valid
 * pointer. The caller frees it with free(). What fills huge pages lies on them where the system
 * gives them, and is touched by all OpenMP threads. Refuses early, as HS_ERR_MEMORY, what is beyond
 * the memory of this machine, with both figures: an over-committed allocation would be killed later
 * instead. */
hs_status hs_allocate(size_t bytes, const char *what, void **memory);

/* Bytes of memory a new allocation can use now: what the system calls available, within the limit
 * of the process's control group where there is one. */
size_t hs_memory_available(void);

/* Bytes of memory the process has now: program, libraries, stacks. */
size_t hs_memory_resident(void);

/* Many small objects of one lifetime: freed together, never one by one. */
typedef struct hs_arena {
    struct hs_arena_block *blocks;
} hs_arena;

/* Zeroed memory that lives until hs_arena_free; aborts where the system gives none, because what is
 * kept in arenas (names, shapes, lists) is small. */
void *hs_arena_take(hs_arena *arena, size_t bytes);
char *hs_arena_string(hs_arena *arena, const char *text);
char *hs_arena_format(hs_arena *arena, const char *fmt, ...) HS_PRINTF(2, 3);
void hs_arena_free(hs_arena *arena);

#endif

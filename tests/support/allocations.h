/* Counts the allocations of a whole program, its libraries' included: for one source of each. */
#ifndef HS_TESTS_SUPPORT_ALLOCATIONS_H
#define HS_TESTS_SUPPORT_ALLOCATIONS_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

static atomic_long allocations;

/* count_allocations: false where they cannot be counted with this C library. */

#ifdef __SANITIZE_ADDRESS__
/* <sanitizer/allocator_interface.h>, which not every compiler brings along. */
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
                                              void (*released)(const volatile void *));

static void count_allocation(const volatile void *memory, size_t bytes)
{
    (void)memory, (void)bytes;
    allocations++;
}

static void count_release(const volatile void *memory)
{
    (void)memory;
}

static bool count_allocations(void)
{
    return __sanitizer_install_malloc_and_free_hooks(count_allocation, count_release) > 0;
}

#elif defined(__GLIBC__)
/* The C library's own functions under its other names. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes)
{
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    allocations++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    allocations++;
    return __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    allocations++;
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    *memory = aligned_alloc(alignment, bytes);
    return *memory ? 0 : ENOMEM;
}

static bool count_allocations(void)
{
    return true;
}
#else
static bool count_allocations(void)
{
    return false;
}
#endif

#endif

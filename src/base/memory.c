#include "base/memory.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t read_number(const char *path, const char *label)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return SIZE_MAX;
    char line[256];
    unsigned long long value = 0;
    size_t result = SIZE_MAX;
    while (fgets(line, sizeof line, file)) {
        size_t skip = strlen(label);
        if (strncmp(line, label, skip) == 0 && sscanf(line + skip, "%llu", &value) == 1) {
            result = (size_t)value;
            break;
        }
    }
    fclose(file);
    return result;
}

size_t hs_memory_resident(void)
{
    unsigned long long total, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        if (fscanf(file, "%llu %llu", &total, &resident) != 2)
            resident = 0;
        fclose(file);
    }
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
}

size_t hs_memory_available(void)
{
    size_t kib = read_number("/proc/meminfo", "MemAvailable:");
    size_t available = kib == SIZE_MAX ? SIZE_MAX : kib * 1024;
    size_t limit = read_number("/sys/fs/cgroup/memory.max", "");
    size_t used = read_number("/sys/fs/cgroup/memory.current", "");
    if (limit != SIZE_MAX && used != SIZE_MAX) {
        size_t group = limit > used ? limit - used : 0;
        available = group < available ? group : available;
    }
    return available;
}

/* Aligned to HS_HUGE_PAGE and on huge pages where it is that large; NULL where there is none. The
 * last part of a page stays on small ones: a huge page would take memory that nobody asked for. */
static void *take_pages(size_t size)
{
    void *p;
    bool huge = size >= HS_HUGE_PAGE;
    if (posix_memalign(&p, huge ? HS_HUGE_PAGE : HS_ALIGNMENT, size) != 0)
        return NULL;
    if (huge)
        madvise(p, size - size % HS_HUGE_PAGE, MADV_HUGEPAGE); /* a system without them refuses */
    return p;
}

/* By all threads where it is large: the first touch of a page, in which the system finds and clears
 * it, takes longer than the zeros. */
static void zero_pages(unsigned char *p, size_t size)
{
    int64_t pages = (int64_t)((size + HS_HUGE_PAGE - 1) / HS_HUGE_PAGE);
#pragma omp parallel for schedule(static) if (pages >= 8)
    for (int64_t i = 0; i < pages; i++) {
        size_t at = (size_t)i * HS_HUGE_PAGE, left = size - at;
        memset(p + at, 0, left < HS_HUGE_PAGE ? left : HS_HUGE_PAGE);
    }
}

hs_status hs_allocate(size_t bytes, const char *what, void **memory)
{
    *memory = NULL;
    size_t size = hs_align_up(bytes ? bytes : 1);
    enum { SMALL = 64 << 20 }; /* asking the system costs more than such an allocation */
    size_t available = size > SMALL ? hs_memory_available() : SIZE_MAX;
    void *p = size >= bytes && size <= available ? take_pages(size) : NULL;
    if (!p) {
        double gib = 1.0 / (1 << 30);
        available = hs_memory_available();
        return hs_error(HS_ERR_MEMORY, "use a smaller batch, a smaller input or a narrower net",
                        "%s: needs %.2f GiB, available %.2f GiB", what, (double)bytes * gib,
                        (double)available * gib);
    }
    zero_pages(p, size);
    *memory = p;
    return HS_OK;
}

typedef struct hs_arena_block {
    struct hs_arena_block *next;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
} hs_arena_block;

void *hs_arena_take(hs_arena *arena, size_t bytes)
{
    bytes = (bytes + 15) / 16 * 16;
    hs_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes) {
        size_t size = bytes > 16384 ? bytes : 16384;
        block = calloc(1, sizeof *block + size);
        if (!block)
            abort();
        block->size = size;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *p = block->bytes + block->used;
    block->used += bytes;
    return p;
}

char *hs_arena_string(hs_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(hs_arena_take(arena, size), text, size);
}

char *hs_arena_format(hs_arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = hs_arena_take(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, fmt, again);
    va_end(again);
    return text;
}

void hs_arena_free(hs_arena *arena)
{
    while (arena->blocks) {
        hs_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

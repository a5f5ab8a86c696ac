/* Memory from lifetimes. */
#include "graph/graph.h"

#include <stdlib.h>

/* Largest first, then in order: what is hard to place is placed while there is room. */
static int by_size(const void *a, const void *b, void *buffers)
{
    int i = *(const int *)a, k = *(const int *)b;
    size_t x = ((const hs_buffer *)buffers)[i].bytes, y = ((const hs_buffer *)buffers)[k].bytes;
    return x != y ? (x < y) - (x > y) : (i > k) - (i < k);
}

/* The lowest offset at which `bytes` fit among the `n` placed buffers that are in use meanwhile,
 * which stand in order of their offsets. */
static size_t find_offset(const hs_buffer *buffers, const int *placed, int n, const hs_buffer *b)
{
    size_t offset = 0;
    for (int i = 0; i < n; i++) {
        const hs_buffer *other = &buffers[placed[i]];
        if (other->last < b->first || other->first > b->last)
            continue;
        if (offset + b->bytes <= other->offset)
            break;
        size_t end = other->offset + other->bytes;
        offset = end > offset ? end : offset;
    }
    return offset;
}

size_t hs_layout_buffers(hs_buffer *buffers, int n)
{
    int *order = calloc((size_t)n + 1, sizeof *order),
        *placed = calloc((size_t)n + 1, sizeof *placed);
    if (!order || !placed)
        abort();
    for (int i = 0; i < n; i++) {
        buffers[i].bytes = hs_align_up(buffers[i].bytes);
        order[i] = i;
    }
    qsort_r(order, (size_t)n, sizeof *order, by_size, buffers);
    size_t total = 0;
    for (int i = 0; i < n; i++) {
        hs_buffer *b = &buffers[order[i]];
        b->offset = find_offset(buffers, placed, i, b);
        int at = i;
        for (; at > 0 && buffers[placed[at - 1]].offset > b->offset; at--)
            placed[at] = placed[at - 1];
        placed[at] = order[i];
        total = b->offset + b->bytes > total ? b->offset + b->bytes : total;
    }
    free(order);
    free(placed);
    return total;
}

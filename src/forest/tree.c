#include "forest/tree.h"

#include <stdlib.h>
#include <string.h>

hs_status hs_tree_reserve(hs_tree *t, uint32_t room)
{
    if (room <= t->room)
        return HS_OK;
    void *nodes = realloc(t->nodes, sizeof *t->nodes * room);
    if (nodes)
        t->nodes = nodes;
    void *counts = realloc(t->counts, sizeof *t->counts * room * (size_t)t->classes);
    if (counts)
        t->counts = counts;
    if (!nodes || !counts)
        return hs_error(HS_ERR_MEMORY, "lower forest.depth", "forest: out of memory");
    t->room = room;
    return HS_OK;
}

hs_status hs_tree_extend(hs_tree *t, uint32_t more)
{
    uint64_t count = (uint64_t)t->count + more, classes = (uint64_t)t->classes;
    hs_status status = HS_OK;
    if (count > INT32_MAX)
        return hs_error(HS_ERR_MEMORY, "raise forest.least or lower forest.depth",
                        "forest: got more than %d nodes in a tree", INT32_MAX);
    if (count > t->room)
        status = hs_tree_reserve(t, (uint32_t)(count + count / 2));
    if (status != HS_OK)
        return status;
    memset(t->nodes + t->count, 0, sizeof *t->nodes * more);
    memset(t->counts + t->count * classes, 0, sizeof *t->counts * more * classes);
    t->count = (uint32_t)count;
    return HS_OK;
}

void hs_tree_free(hs_tree *t)
{
    free(t->nodes);
    free(t->counts);
    *t = (hs_tree){0};
}

uint32_t hs_tree_check(const hs_forest_node *nodes, uint32_t count)
{
    uint32_t next = 1;
    for (uint32_t i = 0; i < count; i++) {
        if (i >= next || (nodes[i].child && nodes[i].child != next))
            return i;
        next += nodes[i].child ? 2 : 0;
    }
    return next == count ? count : count - 1;
}

int32_t hs_tree_depth(const hs_tree *t)
{
    /* Breadth first: a level ends where the children of its nodes begin, and the next ends where
     * theirs do. */
    int32_t depth = -1;
    for (uint32_t first = 0, end = 1; first < end; depth++) {
        uint32_t last = end;
        for (uint32_t i = first; i < end; i++)
            if (t->nodes[i].child)
                last = t->nodes[i].child + 2;
        first = end;
        end = last;
    }
    return depth;
}

uint32_t hs_tree_leaves(const hs_tree *t)
{
    return t->count / 2 + 1; /* every split makes two nodes */
}

/* Growing a tree, breadth first. A batch of nodes of one level is split at once, each by the best
 * of its own random features and thresholds; what a node chooses depends on its pixels, the seed
 * and its number, never on batches or threads. */
#ifndef HS_FOREST_GROW_H
#define HS_FOREST_GROW_H

#include "forest/tree.h"
#include <stddef.h>

enum { HS_GROWTH_BATCH = 1024 }; /* nodes of a step, at most */

/* What became of a level; no nodes: it is not finished. */
typedef struct hs_level {
    int32_t level; /* splits above it */
    uint32_t nodes, splits;
    uint64_t pixels; /* that came to its nodes */
} hs_level;

typedef struct hs_growth {
    hs_forest_config config;
    uint64_t seed;
    uint32_t number; /* of the tree */
    hs_probe_view view;
    const uint16_t *frames;  /* [slots][hs_probe_area] */
    hs_forest_pixel *pixels; /* [n]: those of a node side by side, in the order they came in */
    hs_forest_pixel *spare;  /* [n] */
    uint32_t n;
    hs_tree *tree;

    uint32_t next;                   /* the first node that was not looked at; tree->count: grown */
    int32_t level;                   /* of that node: splits above it */
    uint32_t level_first, level_end; /* nodes of the level */
    uint32_t *start;                 /* [start_room]: where the pixels of a node begin */
    uint32_t start_room;
    int threads;
    struct hs_node_split_room *rooms; /* [threads] */
    void *memory;                     /* of the rooms */
    struct grown_node *batch;         /* [HS_GROWTH_BATCH] */
    struct hs_node_split *found;      /* [HS_GROWTH_BATCH][parts of a node's candidates] */
} hs_growth;

/* Bytes that a growth has besides frames, pixels and tree, for so many threads and a tree with room
 * for so many nodes; and those that hs_growth_begin takes for a while. */
size_t hs_growth_bytes(const hs_forest_config *config, int32_t classes, int threads, size_t nodes);
size_t hs_growth_begin_bytes(size_t nodes);

/* Begins a tree, or goes on with one whose first `next` nodes were looked at: config to tree are
 * set, pixels [n] as they were drawn. HS_ERR_DATA where they are not those the nodes were made
 * from. Initialise with {0}; free after failure too: memory that the caller set stays his. */
hs_status hs_growth_begin(hs_growth *g, uint32_t next);

/* What there is to do in pixels times levels, all and what is left of it, at most: it falls as
 * leaves are found. */
uint64_t hs_growth_work(const hs_growth *g);
uint64_t hs_growth_work_left(const hs_growth *g);

/* Looks at the next nodes: those that the level has left, at most HS_GROWTH_BATCH. `finished` is
 * that level where these were the last of it. */
hs_status hs_growth_step(hs_growth *g, hs_level *finished);

/* Pixels that came to a node. */
uint64_t hs_growth_pixels(const hs_growth *g, uint32_t node);

static inline bool hs_growth_done(const hs_growth *g)
{
    return g->next == g->tree->count;
}

void hs_growth_free(hs_growth *g);

#endif

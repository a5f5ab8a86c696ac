/* A decision tree, and what is to be learnt of it. */
#ifndef HS_FOREST_TREE_H
#define HS_FOREST_TREE_H

#include "base/status.h"
#include "kernels/probe.h"
#include <stdbool.h>

/* What leaves count. */
typedef enum hs_leaves {
    HS_LEAVES_FRAMES, /* every measured pixel of the tree's frames: classes as often as they are */
    HS_LEAVES_PIXELS, /* the pixels it was grown from, whose classes are balanced */
} hs_leaves;

/* How a forest is grown (Shotton et al. 2011, section 3.3). */
typedef struct hs_forest_config {
    int32_t trees;
    int32_t depth;      /* most splits between root and leaf */
    int32_t candidates; /* features a node chooses from */
    int32_t thresholds; /* of each of them */
    int32_t pixels;     /* of a frame, an equal part of them of each class */
    double offset;      /* largest, each way, in pixel-metres */
    double own;         /* share of the features whose v is 0: against the pixel's own depth */
    int64_t score;      /* pixels on which the candidates of a node are scored, at most */
    int64_t least;      /* pixels on each side of a split */
    double bag;         /* share of the frames that each tree draws */
    int leaves;         /* hs_leaves */
    int64_t memory;     /* of training, in MiB, at most */
} hs_forest_config;

/* Nodes in the order in which they were made: breadth first, the children of a node side by side,
 * pairs in the order of their parents. Initialise with {.classes = n}. */
typedef struct hs_tree {
    hs_forest_node *nodes; /* [count]; nodes[0] is the root */
    uint64_t *counts;      /* [count][classes]: pixels of each class that came to the node */
    uint32_t count, room;
    int32_t classes;
} hs_tree;

/* Makes room for so many nodes in all, so that a tree which has no more never moves. Pages that no
 * node came to take no memory. HS_ERR_MEMORY. */
hs_status hs_tree_reserve(hs_tree *tree, uint32_t nodes);

/* Appends `more` nodes without children, their counts zero. */
hs_status hs_tree_extend(hs_tree *tree, uint32_t more);
void hs_tree_free(hs_tree *tree);

/* Whether `count` nodes are a tree in that order: what a file holds is not taken on trust. Returns
 * the first node that breaks it, or `count`. */
uint32_t hs_tree_check(const hs_forest_node *nodes, uint32_t count);

/* Splits on the longest way from the root; the number of nodes without children. */
int32_t hs_tree_depth(const hs_tree *tree);
uint32_t hs_tree_leaves(const hs_tree *tree);

#endif

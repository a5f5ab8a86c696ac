/* The best split of a node. */
#ifndef HS_FOREST_SPLIT_H
#define HS_FOREST_SPLIT_H

#include "forest/grow.h"
#include "kernels/kernels.h"

/* What one thread works with. */
typedef struct hs_node_split_room {
    hs_forest_candidates candidates; /* room for a part of them */
    uint32_t *counts;                /* [hs_forest_count_size] */
    hs_forest_pixel *pixels;         /* [config.score] */
} hs_node_split_room;

/* What a node's candidates have to offer: f < node.threshold, without `child`. */
typedef struct hs_node_split {
    double gain; /* of information, bits a pixel; 0: nothing */
    hs_forest_node node;
} hs_node_split;

/* Candidates of a part, whose counts stay in the cache; and parts of a node. */
int32_t hs_node_split_part(const hs_forest_config *config, int32_t classes);
int32_t hs_node_split_parts(const hs_forest_config *config, int32_t classes);

/* Lays `threads` rooms out in `memory`; NULL only measures. Returns bytes. */
size_t hs_node_split_rooms(const hs_forest_config *config, int32_t classes, int threads,
                           void *memory, hs_node_split_room *rooms);

/* The best of part `part` of the candidates of a node; the first of equals. */
void hs_node_split_find(const hs_growth *g, uint32_t node, int32_t part, hs_node_split_room *room,
                        hs_node_split *split);

#endif

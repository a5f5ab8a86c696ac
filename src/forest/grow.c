#include "forest/grow.h"

#include "base/memory.h"
#include "forest/split.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What became of a node of the batch. */
typedef struct grown_node {
    hs_node_split split;                       /* gain 0: a leaf */
    uint64_t counts[2][HS_FOREST_MAX_CLASSES]; /* of its children */
} grown_node;

static uint64_t *counts_of(const hs_growth *g, uint32_t node)
{
    return g->tree->counts + (uint64_t)node * (uint64_t)g->tree->classes;
}

uint64_t hs_growth_pixels(const hs_growth *g, uint32_t node)
{
    uint64_t n = 0;
    for (int32_t c = 0; c < g->tree->classes; c++)
        n += counts_of(g, node)[c];
    return n;
}

/* ---- memory -----------------------------------------------------------------------------------
 */
static size_t batch_bytes(void)
{
    return hs_align_up(sizeof(grown_node) * HS_GROWTH_BATCH);
}

static size_t found_bytes(const hs_forest_config *config, int32_t classes)
{
    size_t parts = (size_t)hs_node_split_parts(config, classes);
    return hs_align_up(sizeof(hs_node_split) * HS_GROWTH_BATCH * parts);
}

size_t hs_growth_bytes(const hs_forest_config *config, int32_t classes, int threads, size_t nodes)
{
    return hs_node_split_rooms(config, classes, threads, NULL, NULL) + batch_bytes() +
           found_bytes(config, classes) + sizeof(hs_node_split_room) * (size_t)threads +
           sizeof(uint32_t) * nodes;
}

size_t hs_growth_begin_bytes(size_t nodes)
{
    return sizeof(uint64_t) * nodes;
}

static hs_status allocate(hs_growth *g)
{
    const hs_forest_config *config = &g->config;
    int32_t classes = g->tree->classes;
    hs_status status;
    g->threads = hs_threads();
    HS_TRY(hs_allocate(sizeof *g->rooms * (size_t)g->threads, "forest", (void **)&g->rooms));
    HS_TRY(hs_allocate(hs_node_split_rooms(config, classes, g->threads, NULL, NULL), "forest",
                       &g->memory));
    hs_node_split_rooms(config, classes, g->threads, g->memory, g->rooms);
    HS_TRY(hs_allocate(batch_bytes(), "forest", (void **)&g->batch));
    HS_TRY(hs_allocate(found_bytes(config, classes), "forest", (void **)&g->found));
exit:
    return status;
}

void hs_growth_free(hs_growth *g)
{
    free(g->rooms);
    free(g->memory);
    free(g->batch);
    free(g->found);
    free(g->start);
    *g = (hs_growth){0};
}

/* Room for where the pixels of the tree's nodes begin. */
static hs_status extend_start(hs_growth *g)
{
    if (g->tree->count <= g->start_room)
        return HS_OK;
    uint32_t *start = realloc(g->start, sizeof *start * g->tree->room);
    if (!start)
        return hs_error(HS_ERR_MEMORY, "lower forest.depth", "forest: out of memory");
    g->start = start;
    g->start_room = g->tree->room;
    return HS_OK;
}

/* ---- beginning and going on -------------------------------------------------------------------
 */
static hs_status plant(hs_growth *g)
{
    hs_status status = hs_tree_extend(g->tree, 1);
    if (status != HS_OK)
        return status;
    for (uint32_t i = 0; i < g->n; i++)
        g->tree->counts[g->pixels[i].place & 255]++;
    return HS_OK;
}

/* Whether a pixel goes to the second child. */
static bool goes_right(const hs_growth *g, const hs_forest_node *node, hs_forest_pixel pixel)
{
    const uint16_t *frame = g->frames + pixel.frame * hs_probe_area(&g->view);
    hs_probe_origin origin = hs_probe_from(&g->view, frame, pixel.place >> 8);
    return hs_probe_feature(&g->view, frame, origin, node->u, node->v) >= node->threshold;
}

static uint32_t end_of_walk(const hs_growth *g, hs_forest_pixel pixel)
{
    const hs_forest_node *nodes = g->tree->nodes;
    uint32_t at = 0;
    while (nodes[at].child)
        at = nodes[at].child + goes_right(g, &nodes[at], pixel);
    return at;
}

/* Sends the pixels down to the nodes they had come to: in each of them in the order of before,
 * which is the order in which they were drawn. */
static hs_status sort_pixels(hs_growth *g)
{
    const hs_tree *t = g->tree;
    hs_status status = HS_OK;
    uint64_t begin = 0;
    uint64_t *fill = NULL;
    HS_TRY(hs_allocate(sizeof *fill * t->count, "forest", (void **)&fill));
    for (uint32_t i = 0; i < t->count; i++) {
        g->start[i] = (uint32_t)begin;
        fill[i] = begin;
        begin += t->nodes[i].child ? 0 : hs_growth_pixels(g, i);
    }
    bool same = begin == g->n;
    for (uint32_t i = 0; i < g->n && same; i++) {
        uint32_t node = end_of_walk(g, g->pixels[i]);
        same = fill[node] < g->start[node] + hs_growth_pixels(g, node);
        if (same)
            g->spare[fill[node]++] = g->pixels[i];
    }
    if (!same) {
        status = hs_error(HS_ERR_DATA, "begin the run anew",
                          "forest: tree %u: the pixels of its frames are not those it grew from",
                          g->number + 1);
        goto exit;
    }
    memcpy(g->pixels, g->spare, sizeof *g->pixels * g->n);
exit:
    free(fill);
    return status;
}

/* Level of the next node, and where it ends: the nodes that were looked at are whole levels and a
 * part of one, and the children of that part are the last nodes. */
static void find_level(hs_growth *g)
{
    uint32_t first = 0, end = 1;
    g->level = 0;
    while (end <= g->next && end < g->tree->count) {
        uint32_t last = end;
        for (uint32_t i = first; i < end; i++)
            if (g->tree->nodes[i].child >= last)
                last = g->tree->nodes[i].child + 2;
        first = end;
        end = last;
        g->level++;
    }
    g->level_first = first;
    g->level_end = end;
}

hs_status hs_growth_begin(hs_growth *g, uint32_t next)
{
    hs_status status;
    g->next = next;
    HS_TRY(allocate(g));
    if (g->tree->count == 0)
        HS_TRY(plant(g));
    HS_TRY(extend_start(g));
    HS_TRY(sort_pixels(g));
    find_level(g);
exit:
    return status;
}

/* ---- a batch of nodes -------------------------------------------------------------------------
 */
/* Whether more splits may tell more of a node. */
static bool is_open(const hs_growth *g, uint32_t node)
{
    const uint64_t *counts = counts_of(g, node);
    uint64_t n = hs_growth_pixels(g, node);
    bool pure = false;
    for (int32_t c = 0; c < g->tree->classes; c++)
        pure = pure || counts[c] == n;
    return g->level < g->config.depth && !pure && n >= 2 * (uint64_t)g->config.least;
}

/* Splits by every part of the candidates of every node: the best of each part, then of all. */
static void find_splits(hs_growth *g, uint32_t first, uint32_t count)
{
    int32_t parts = hs_node_split_parts(&g->config, g->tree->classes);
    int64_t jobs = (int64_t)count * parts;
#pragma omp parallel for schedule(dynamic) num_threads(g->threads)
    for (int64_t job = 0; job < jobs; job++) {
        uint32_t node = first + (uint32_t)(job / parts);
        g->found[job] = (hs_node_split){0};
        if (is_open(g, node))
            hs_node_split_find(g, node, (int32_t)(job % parts), &g->rooms[omp_get_thread_num()],
                               &g->found[job]);
    }
    for (uint32_t i = 0; i < count; i++) {
        g->batch[i].split = (hs_node_split){0};
        for (int32_t part = 0; part < parts; part++) {
            const hs_node_split *split = &g->found[(int64_t)i * parts + part];
            if (split->gain > g->batch[i].split.gain)
                g->batch[i].split = *split;
        }
    }
}

/* Brings the pixels of a node's children side by side, and counts them. */
static void part_pixels(const hs_growth *g, uint32_t node, grown_node *grown)
{
    uint32_t start = g->start[node], n = (uint32_t)hs_growth_pixels(g, node), left = 0, right = 0;
    hs_forest_pixel *pixels = g->pixels + start, *spare = g->spare + start;
    memset(grown->counts, 0, sizeof grown->counts);
    for (uint32_t i = 0; i < n; i++) {
        hs_forest_pixel pixel = pixels[i];
        bool to_right = goes_right(g, &grown->split.node, pixel);
        grown->counts[to_right][pixel.place & 255]++;
        if (to_right)
            spare[right++] = pixel;
        else
            pixels[left++] = pixel;
    }
    memcpy(pixels + left, spare, sizeof *pixels * right);
}

static hs_status add_children(hs_growth *g, uint32_t node, const grown_node *grown)
{
    hs_tree *t = g->tree;
    uint32_t child = t->count;
    hs_status status;
    HS_TRY(hs_tree_extend(t, 2));
    HS_TRY(extend_start(g));
    t->nodes[node] = grown->split.node;
    t->nodes[node].child = child;
    for (uint32_t side = 0; side < 2; side++)
        memcpy(counts_of(g, child + side), grown->counts[side],
               sizeof *t->counts * (size_t)t->classes);
    g->start[child] = g->start[node];
    g->start[child + 1] = g->start[node] + (uint32_t)hs_growth_pixels(g, child);
exit:
    return status;
}

uint64_t hs_growth_work(const hs_growth *g)
{
    return (uint64_t)g->n * (uint64_t)g->config.depth;
}

uint64_t hs_growth_work_left(const hs_growth *g)
{
    uint64_t left = 0, levels = (uint64_t)(g->config.depth - g->level);
    for (uint32_t i = g->next; i < g->tree->count; i++)
        left += hs_growth_pixels(g, i) * (i < g->level_end ? levels : levels - 1);
    return left;
}

/* The level is over: says what became of it, and goes to the next. */
static void end_level(hs_growth *g, hs_level *finished)
{
    *finished = (hs_level){.level = g->level,
                           .nodes = g->level_end - g->level_first,
                           .splits = (g->tree->count - g->level_end) / 2};
    for (uint32_t i = g->level_first; i < g->level_end; i++)
        finished->pixels += hs_growth_pixels(g, i);
    g->level_first = g->level_end;
    g->level_end = g->tree->count;
    g->level++;
}

hs_status hs_growth_step(hs_growth *g, hs_level *finished)
{
    hs_status status = HS_OK;
    uint32_t first = g->next, left = g->level_end - first;
    uint32_t count = left < HS_GROWTH_BATCH ? left : HS_GROWTH_BATCH;
    *finished = (hs_level){0};
    find_splits(g, first, count);
#pragma omp parallel for schedule(dynamic) num_threads(g->threads)
    for (uint32_t i = 0; i < count; i++)
        if (g->batch[i].split.gain > 0)
            part_pixels(g, first + i, &g->batch[i]);
    for (uint32_t i = 0; i < count; i++)
        if (g->batch[i].split.gain > 0)
            HS_TRY(add_children(g, first + i, &g->batch[i]));
    g->next += count;
    if (g->next == g->level_end)
        end_level(g, finished);
exit:
    return status;
}

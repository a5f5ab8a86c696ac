#include "train/forest_file.h"

#include <math.h>
#include <stdlib.h>

enum { OFFSETS = 4 };

/* The columns of a tree's nodes as they lie in a file. */
typedef struct columns {
    float *offsets;
    int32_t *threshold, *left;
} columns;

static hs_status allocate_columns(columns *c, uint32_t nodes)
{
    hs_status status;
    HS_TRY(hs_allocate(sizeof *c->offsets * OFFSETS * nodes, "forest", (void **)&c->offsets));
    HS_TRY(hs_allocate(sizeof *c->threshold * nodes, "forest", (void **)&c->threshold));
    HS_TRY(hs_allocate(sizeof *c->left * nodes, "forest", (void **)&c->left));
exit:
    return status;
}

size_t hs_forest_file_bytes(size_t nodes)
{
    const columns *c = NULL;
    return nodes * (sizeof *c->offsets * OFFSETS + sizeof *c->threshold + sizeof *c->left);
}

static void free_columns(columns *c)
{
    free(c->offsets);
    free(c->threshold);
    free(c->left);
}

static const char *name_of(char name[64], int32_t tree, const char *array)
{
    snprintf(name, 64, HS_FOREST_GROUP "/tree%d/%s", tree, array);
    return name;
}

/* ---- writing ----------------------------------------------------------------------------------
 */
static hs_status write_tree(hs_h5 *file, int32_t index, const hs_tree *t)
{
    char name[64];
    columns c = {0};
    hs_status status;
    const int64_t n = t->count;
    HS_TRY(allocate_columns(&c, t->count));
    for (uint32_t i = 0; i < t->count; i++) {
        const hs_forest_node *node = &t->nodes[i];
        const int16_t steps[OFFSETS] = {node->u[0], node->u[1], node->v[0], node->v[1]};
        for (int k = 0; k < OFFSETS; k++)
            c.offsets[i * OFFSETS + (uint32_t)k] = (float)steps[k] / HS_PROBE_STEPS;
        c.threshold[i] = node->threshold;
        c.left[i] = node->child ? (int32_t)node->child : -1;
    }
    HS_TRY(hs_h5_write(file, name_of(name, index, "offsets"), HS_H5_F32, 2,
                       (const int64_t[]){n, OFFSETS}, c.offsets));
    HS_TRY(hs_h5_write(file, name_of(name, index, "threshold"), HS_H5_I32, 1, &n, c.threshold));
    HS_TRY(hs_h5_write(file, name_of(name, index, "left"), HS_H5_I32, 1, &n, c.left));
    HS_TRY(hs_h5_write(file, name_of(name, index, "counts"), HS_H5_U64, 2,
                       (const int64_t[]){n, t->classes}, t->counts));
exit:
    free_columns(&c);
    return status;
}

hs_status hs_forest_file_write(const char *path, const hs_tree *trees, int32_t count,
                               const hs_checkpoint_info *info)
{
    hs_status status;
    hs_h5 *file = NULL;
    HS_TRY(hs_h5_create(path, &file));
    for (int32_t i = 0; i < count; i++)
        HS_TRY(write_tree(file, i, &trees[i]));
    HS_TRY(hs_checkpoint_write_info(file, info));
    HS_TRY(hs_h5_commit(file));
exit:
    hs_h5_close(file);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------
 */
hs_status hs_forest_file_open(const char *path, hs_arena *arena, hs_h5 **file,
                              hs_checkpoint_info *info)
{
    hs_status status;
    HS_TRY(hs_checkpoint_open(path, HS_FOREST_GROUP, file));
    HS_TRY(hs_checkpoint_read_info_from(*file, arena, info));
    if (!(info->depth_unit > 0 && info->depth_unit < 1) || info->classes < 1 ||
        info->classes > HS_FOREST_MAX_CLASSES)
        status = hs_error(HS_ERR_FORMAT, NULL,
                          "%s: got %d labels and a depth unit of %g m, expected 1 to %d and a unit "
                          "below a metre",
                          path, info->classes, info->depth_unit, HS_FOREST_MAX_CLASSES);
exit:
    return status;
}

static hs_status node_error(const char *path, int32_t tree, uint32_t node, const char *what,
                            double got)
{
    return hs_error(HS_ERR_FORMAT, NULL, "%s: tree %d, node %u: got %s %g, expected %s", path, tree,
                    node, what, got,
                    what[0] == 'a' ? "whole steps of 1/128 pixel-metre"
                                   : "the children of the nodes in their order");
}

static hs_status take_columns(const char *path, int32_t index, const columns *c, hs_tree *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        int16_t steps[OFFSETS];
        for (int k = 0; k < OFFSETS; k++) {
            float offset = c->offsets[i * OFFSETS + (uint32_t)k], s = offset * HS_PROBE_STEPS;
            if (!(fabsf(s) <= INT16_MAX) || s != rintf(s))
                return node_error(path, index, i, "an offset of", (double)offset);
            steps[k] = (int16_t)s;
        }
        int32_t left = c->left[i];
        t->nodes[i] = (hs_forest_node){.u = {steps[0], steps[1]},
                                       .v = {steps[2], steps[3]},
                                       .threshold = c->threshold[i],
                                       .child = left > 0 ? (uint32_t)left : 0};
        if (left < -1 || left == 0)
            return node_error(path, index, i, "left child", left);
    }
    uint32_t wrong = hs_tree_check(t->nodes, t->count);
    return wrong == t->count ? HS_OK : node_error(path, index, wrong, "left child", c->left[wrong]);
}

/* A damaged file may claim any number of nodes. */
static hs_status check_room(const char *path, const char *name, size_t nodes, int32_t classes)
{
    size_t node = sizeof(hs_forest_node) + (size_t)classes * sizeof(uint64_t);
    size_t needed = nodes * node + hs_forest_file_bytes(nodes), available = hs_memory_available();
    if (needed <= available)
        return HS_OK;
    return hs_error(HS_ERR_MEMORY,
                    "take a machine with more memory, or a copy of the file that is "
                    "not damaged",
                    "%s: %s: got %zu nodes, which need %.0f MiB, available %.0f MiB", path, name,
                    nodes, (double)needed / (1 << 20), (double)available / (1 << 20));
}

hs_status hs_forest_file_read(hs_h5 *file, const char *path, int32_t index, int32_t classes,
                              hs_tree *t)
{
    char name[64];
    columns c = {0};
    hs_status status;
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
    HS_TRY(hs_h5_shape(file, name_of(name, index, "left"), NULL, &rank, dims));
    if (rank != 1 || dims[0] < 1 || dims[0] > INT32_MAX) {
        status = hs_error(HS_ERR_FORMAT, NULL, "%s: %s: got no list of nodes", path, name);
        goto exit;
    }
    const int64_t n = dims[0];
    HS_TRY(check_room(path, name, (size_t)n, classes));
    *t = (hs_tree){.classes = classes};
    HS_TRY(hs_tree_reserve(t, (uint32_t)n));
    HS_TRY(hs_tree_extend(t, (uint32_t)n));
    HS_TRY(allocate_columns(&c, t->count));
    HS_TRY(hs_h5_read(file, name_of(name, index, "offsets"), HS_H5_F32, 2,
                      (const int64_t[]){n, OFFSETS}, c.offsets));
    HS_TRY(hs_h5_read(file, name_of(name, index, "threshold"), HS_H5_I32, 1, &n, c.threshold));
    HS_TRY(hs_h5_read(file, name_of(name, index, "left"), HS_H5_I32, 1, &n, c.left));
    HS_TRY(hs_h5_read(file, name_of(name, index, "counts"), HS_H5_U64, 2,
                      (const int64_t[]){n, classes}, t->counts));
    HS_TRY(take_columns(path, index, &c, t));
exit:
    free_columns(&c);
    if (status != HS_OK)
        hs_tree_free(t);
    return status;
}

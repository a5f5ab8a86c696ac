/* Forests in HDF5 files, read by h5py as well:
 *
 *   /forest/treeI/offsets    [nodes][4] float32: u.x, u.y, v.x, v.y in pixel-metres
 *   /forest/treeI/threshold  [nodes] int32: left where f < threshold; in units of `depth_unit`
 *   /forest/treeI/left       [nodes] int32: the left child, the right one is left + 1; -1: a leaf
 *   /forest/treeI/counts     [nodes][classes] uint64: pixels of each class; in finished trees those
 *                            of leaves are what forest.leaves says
 *   /train and attributes of /: as in checkpoints of networks (train/checkpoint.h). Of the state,
 *                            `epoch` is the number of finished trees, `step` of finished levels,
 *                            `batch` the next node of the tree that is under way
 *
 * Node 0 is the root; nodes are numbered breadth first. */
#ifndef HS_TRAIN_FOREST_FILE_H
#define HS_TRAIN_FOREST_FILE_H

#include "forest/tree.h"
#include "train/checkpoint.h"

#define HS_FOREST_GROUP "/forest"

/* Writes the first `count` trees. On failure what was at `path` stays. */
hs_status hs_forest_file_write(const char *path, const hs_tree *trees, int32_t count,
                               const hs_checkpoint_info *info);

/* Bytes that the writing or reading of a tree of so many nodes takes. */
size_t hs_forest_file_bytes(size_t nodes);

/* Opens a file and reads what it says; strings live in `arena`. HS_ERR_FORMAT for another file. */
hs_status hs_forest_file_open(const char *path, hs_arena *arena, hs_h5 **file,
                              hs_checkpoint_info *info);

/* Reads tree `index` into an empty tree: a whole one, whatever the file holds, or an error. */
hs_status hs_forest_file_read(hs_h5 *file, const char *path, int32_t index, int32_t classes,
                              hs_tree *tree);

#endif

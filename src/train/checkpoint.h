/* Checkpoints: parameters, optimiser, position and configuration in one HDF5 file, in PyTorch's
 * shapes.
 *
 *   /params/LAYER/{weight,bias,bn_weight,bn_bias,bn_mean,bn_var}
 *   /optimizer/SLOT/LAYER/...   attribute `step`
 *   /train                      attributes step, epoch, seed and what else a run needs to go on
 *   /                           attributes config (INI text), labels, version, processor, data_hash
 *
 * Written to a temporary name and renamed: a path holds a whole checkpoint or the one before. */
#ifndef HS_TRAIN_CHECKPOINT_H
#define HS_TRAIN_CHECKPOINT_H

#include "graph/graph.h"
#include "handseg/dataset.h"
#include "io/hdf5.h"
#include "train/solver.h"

enum { HS_CHECKPOINT_LABELS = HS_MAX_CLASSES };

/* Where a run stands: everything besides parameters and optimiser that the next step depends on. */
typedef struct hs_progress_state {
    int64_t step;  /* updates done */
    int64_t epoch; /* of the next batch */
    int64_t batch; /* of that epoch */
    uint64_t seed;
    double seconds;   /* spent so far */
    double best_miou; /* of validation, -1 before the first */
    int64_t best_epoch, best_step;
} hs_progress_state;

/* What a checkpoint says besides its arrays. */
typedef struct hs_checkpoint_info {
    const char *config; /* INI text of network and training */
    const char *const *labels;
    int classes;
    uint64_t data_hash; /* of the data set trained on */
    double depth_unit;  /* metres of one raw unit */
    hs_progress_state state;
    const char *version;   /* of the program that wrote it; set by reading */
    const char *processor; /* it ran on; set by reading */
} hs_checkpoint_info;

/* Writes a checkpoint; `solver` may be NULL. On failure what was at `path` stays. */
hs_status hs_checkpoint_write(const char *path, const hs_params *params, const hs_solver *solver,
                              const hs_checkpoint_info *info);

/* Whether the file is a checkpoint. */
bool hs_checkpoint_is(hs_h5 *file);

/* Reads what it says; strings live in `arena`. HS_ERR_FORMAT for a file that is no checkpoint. */
hs_status hs_checkpoint_read_info(const char *path, hs_arena *arena, hs_checkpoint_info *info);

/* Reads the arrays into parameters of a graph, and into `solver` where it is not NULL. HS_ERR_DATA
 * where the file holds other tensors: names those that are missing, unexpected or of another shape.
 * HS_ERR_NONFINITE, with its name, for one that holds an infinity or a NaN. */
hs_status hs_checkpoint_read(const char *path, hs_params *params, hs_solver *solver);

/* HS_ERR_DATA where the data set `data`, of the file `file`, is not the one that the run of the
 * checkpoint at `path` began with: other labels, or other content. */
hs_status hs_checkpoint_check_data(const hs_checkpoint_info *info, const char *path,
                                   const hs_dataset_info *data, const char *file);

/* Parts of it that every kind of model has: what it says besides its arrays, in a file being
 * written or read; and opening a file, which must hold the group of its arrays. */
#define HS_CHECKPOINT_PARAMS "/params"
hs_status hs_checkpoint_write_info(hs_h5 *file, const hs_checkpoint_info *info);
hs_status hs_checkpoint_read_info_from(hs_h5 *file, hs_arena *arena, hs_checkpoint_info *info);
hs_status hs_checkpoint_open(const char *path, const char *group, hs_h5 **file);

#endif

/* A forest's run while it trains: everything that is open. */
#ifndef HS_TRAIN_FOREST_SESSION_H
#define HS_TRAIN_FOREST_SESSION_H

#include "forest/grow.h"
#include "train/checkpoint.h"
#include "train/forest_config.h"
#include "train/forest_frames.h"
#include "train/run_folder.h"
#include "train/run_frames.h"
#include "train/run_log.h"

typedef struct hs_forest_session {
    hs_forest_train_config config;
    hs_arena arena;
    const char *config_text;
    hs_dataset *dataset;
    const hs_dataset_info *data;
    hs_run_frames split; /* val_count 0: no validation */

    hs_probe_view view;
    hs_forest_reader reader;
    hs_tree *trees; /* [config.forest.trees] */

    /* Of the tree that is under way. */
    uint32_t *bag; /* [slots]: frames of the data set */
    uint32_t slots;
    uint16_t *frames;                /* [slots][hs_probe_area] */
    hs_forest_pixel *pixels, *spare; /* [slots * config.forest.pixels] */
    hs_growth growth;

    hs_run_log log;
    hs_run_folder folder;
    hs_progress_state state; /* as in train/forest_file.h */
    double started;          /* on hs_now's clock, less what was spent before a resume */
} hs_forest_session;

/* Opens everything a run needs, checking it against memory before allocating; on failure
 * hs_forest_session_close is still due. With `resume`, state and trees are those of last.h5 where
 * there is one. */
hs_status hs_forest_session_open(hs_forest_session *s, const char *path,
                                 const char *const *overrides, int n, bool resume);
void hs_forest_session_close(hs_forest_session *s);

/* Reads the frames of tree state.epoch, draws its pixels and begins to grow it, or goes on where
 * it was left. */
hs_status hs_forest_session_plant(hs_forest_session *s);

/* Writes a checkpoint of the state now: "last.h5" or "best.h5". */
hs_status hs_forest_session_save(hs_forest_session *s, const char *name);

const char *hs_forest_session_path(hs_forest_session *s, const char *name);

/* Trains a forest as hs_train does. */
hs_status hs_train_forest(const char *path, const char *const *overrides, int n, bool resume);

/* Bytes that training on these frames of a data set takes at most, by part. `work`: what comes and
 * goes; `program`: what this process has now, and its threads and
 * libraries will have. */
typedef struct hs_forest_memory {
    size_t frames, pixels, trees, work, program;
    size_t total;
} hs_forest_memory;
hs_forest_memory hs_forest_memory_of(const hs_forest_train_config *config,
                                     const hs_dataset *dataset, const hs_run_frames *split);

#endif

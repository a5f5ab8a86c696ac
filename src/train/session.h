/* A run while it trains: everything that is open. */
#ifndef HS_TRAIN_SESSION_H
#define HS_TRAIN_SESSION_H

#include "data/loader.h"
#include "eval/evaluator.h"
#include "eval/net_segmenter.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/run_folder.h"
#include "train/run_frames.h"
#include "train/run_log.h"

typedef struct hs_session {
    hs_train_config config;
    hs_arena arena;
    const char *config_text;
    hs_dataset *dataset;
    const hs_dataset_info *data;
    hs_run_frames split; /* val_count 0: no validation */
    double class_weights[HS_CLASSES_MAX];

    hs_graph *graph;
    hs_value input, labels, logits, loss;
    hs_params *params;
    hs_plan *plan;
    hs_predictor predictor; /* of validation; shares the plan's memory */
    hs_net_segmenter validation;
    hs_solver *solver;
    void *memory;
    hs_loader *loader;

    hs_run_log log;
    hs_run_folder folder;
    hs_progress_state state;
    int64_t batches, updates; /* of an epoch */
    int64_t steps;            /* updates of the whole run, at most */
    double started;           /* on hs_now's clock, less what was spent before a resume */
} hs_session;

/* Opens everything a run needs, checking it against memory before allocating; on failure
 * hs_session_close is still due. With `resume`, state and arrays are those of last.h5 where there
 * is one. */
hs_status hs_session_open(hs_session *s, const char *path, const char *const *overrides, int n,
                          bool resume);
void hs_session_close(hs_session *s);

/* The two steps of it that need no data: network and loss for training and the network for
 * validation, planned; then parameters, their memory and the solver. A session is
 * {0} before the first; its own `config` is not read. */
hs_status hs_session_build(hs_session *s, const hs_train_config *config,
                           const double *class_weights);
hs_status hs_session_allocate(hs_session *s, const hs_train_config *config);

/* Bytes a configuration needs for training, by part. */
typedef struct hs_memory_plan {
    size_t parameters, gradients, optimizer, activations, loader;
    size_t program; /* what the process has already */
    size_t total;
} hs_memory_plan;
/* Plans without allocating anything large; without a data set (NULL) the loader is left out. */
hs_status hs_train_memory(const hs_train_config *config, const hs_dataset *dataset,
                          hs_memory_plan *memory);

/* Path of a file of the run folder, in the session's arena. */
const char *hs_session_path(hs_session *s, const char *name);

/* Writes a checkpoint of the state now: "last.h5" or "best.h5". HS_ERR_NONFINITE, with what was
 * there kept, where a parameter or statistic is no number. */
hs_status hs_session_save(hs_session *s, const char *name);

#endif

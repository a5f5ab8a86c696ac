/* The configuration of a run: network, data, optimiser, schedule, augmentation, training. */
#ifndef HS_TRAIN_CONFIG_H
#define HS_TRAIN_CONFIG_H

#include "config/fields.h"
#include "data/augment.h"
#include "handseg/dataset.h"
#include "handseg/optimizer.h"
#include "net/net.h"

typedef struct hs_data_config {
    const char *file;    /* data set, relative to the working folder */
    int train, validate; /* hs_split */
    double subset;       /* frames of `train`, or below 1 a share of them; 0: all */
    int subset_by;       /* hs_subset_unit */
    int64_t subset_seed;
    int64_t validate_frames; /* at most, evenly spread; 0: all */
    int32_t workers;         /* threads that read and prepare frames */
} hs_data_config;

typedef enum hs_balance { HS_BALANCE_MEDIAN, HS_BALANCE_NONE } hs_balance;
typedef struct hs_loss_config {
    int balance;                /* hs_balance */
    hs_real_list class_weights; /* instead, one a class */
    int32_t ignore;             /* label that does not count, -1: none */
} hs_loss_config;

typedef enum hs_memory { HS_MEMORY_NORMAL, HS_MEMORY_SMALL } hs_memory;
typedef struct hs_train_settings {
    const char *out;       /* run folder */
    const char *init;      /* file whose tensors to begin with, see pretrained.h; "": none */
    int64_t epochs, steps; /* at most; steps 0: any number */
    bool fuse;
    int memory;                /* hs_memory */
    int32_t batch, accumulate; /* frames a pass; passes an update */
    int64_t seed;
    double minutes;            /* stop after so long; 0: never */
    int64_t patience;          /* epochs without a better validation; 0: any number */
    double checkpoint_minutes; /* between checkpoints within an epoch */
} hs_train_settings;

typedef struct hs_train_config {
    hs_ini ini; /* resolved: with overrides and the network's sections */
    hs_net *net;
    hs_data_config data;
    hs_augment_config augment;
    hs_loss_config loss;
    hs_optimizer optimizer;
    hs_schedule schedule;
    hs_train_settings train;
} hs_train_config;

/* Of [data] and [augment], which every kind of training has. */
extern const hs_field hs_data_fields[], hs_augment_fields[];
extern const int hs_data_field_count, hs_augment_field_count;

/* The sections of a training file already in `ini` and of what its [net] names (relative to the
 * folder of `path`), with overrides of the form section.key=value. */
hs_status hs_config_gather(hs_ini *ini, const char *path, const char *const *overrides, int n);

/* Its text, from which the same sections are read: in `arena`. */
const char *hs_config_text(const hs_ini *ini, hs_arena *arena);

/* Reads a training file and the network it names (relative to its own folder), then `overrides` of
 * the form section.key=value. Initialise with {0}; free after failure too. */
hs_status hs_train_config_read(hs_train_config *config, const char *path,
                               const char *const *overrides, int n);

/* The same from the text of a resolved configuration. */
hs_status hs_train_config_parse(hs_train_config *config, const char *label, const char *text);

/* The resolved configuration as INI text, from which the same run is read: in `arena`. */
const char *hs_train_config_text(const hs_train_config *config, hs_arena *arena);

void hs_train_config_free(hs_train_config *config);

/* Whether the file holds a network alone: no section of training. */
bool hs_config_is_net(const hs_ini *ini);

/* A network read from either kind of file, or from a checkpoint's text. */
hs_status hs_net_from_config_text(hs_ini *ini, const char *label, const char *text, hs_net **net);

#endif

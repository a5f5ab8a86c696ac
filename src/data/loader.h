/* Batches prepared ahead by threads of their own: read, decompressed, augmented, normalised (or
 * left as measured). What comes out depends on the data set and the configuration only, not on the
 * threads. */
#ifndef HS_DATA_LOADER_H
#define HS_DATA_LOADER_H

#include "base/status.h"
#include "data/sample.h"
#include "handseg/dataset.h"

typedef struct hs_loader_config {
    const uint32_t *frames; /* [count] indices of the data set; copied */
    uint32_t count;
    uint32_t batch;
    int32_t height, width; /* of the net */
    bool raw;              /* depth as measured, for others than the training: batches have `raw` */
    hs_normalization normalization;
    double constant;                  /* raw depth that becomes 1; 0: the data set's own */
    bool shuffle;                     /* a new order each epoch */
    const hs_augment_config *augment; /* NULL: none; copied */
    uint64_t seed;
    uint32_t epoch, step; /* of the first batch: where a run is resumed */
    int threads;          /* at least 1 */
    int queue;            /* batches in memory, the caller's one included; 2 or more work ahead */
} hs_loader_config;

/* N = config.batch, H and W the net's. */
typedef struct hs_batch {
    hs_real *depth;  /* [N][H][W]; NULL where config.raw is set */
    uint16_t *raw;   /* [N][H][W] where it is; NULL otherwise */
    uint8_t *color;  /* [N][H][W][3], see hs_frame_batch; NULL: a data set has none */
    uint8_t *mask;   /* [N][H][W] */
    uint32_t *frame; /* [N] */
    uint32_t fresh;  /* samples before the epoch's first ones come again: N but in the last step */
    uint32_t epoch, step;
} hs_batch;

typedef struct hs_loader hs_loader;

/* Starts the threads. The data set must outlive the loader. HS_ERR_DATA for no frames, HS_ERR_USAGE
 * for impossible numbers. */
hs_status hs_loader_create(const hs_dataset *dataset, const hs_loader_config *config,
                           hs_loader **loader);

/* The next batch in order, across epochs without end; valid until the next call. A frame that
 * cannot be read is the error of the batch it belongs to, and of every call after it. */
hs_status hs_loader_next(hs_loader *loader, const hs_batch **batch);

/* Stops the threads, at any moment, and frees. NULL is fine. */
void hs_loader_destroy(hs_loader *loader);

/* Batches of an epoch. */
uint32_t hs_loader_steps(const hs_loader *loader);

/* Seconds hs_loader_next has waited for batches so far. */
double hs_loader_waited(const hs_loader *loader);

/* Bytes a loader of this configuration allocates, all of them when it is created. */
size_t hs_loader_bytes(const hs_dataset *dataset, const hs_loader_config *config);

#endif

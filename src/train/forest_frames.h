/* Frames of a data set as a tree learns from them: of the forest's size, augmented anew for each
 * tree, in the bordered form. */
#ifndef HS_TRAIN_FOREST_FRAMES_H
#define HS_TRAIN_FOREST_FRAMES_H

#include "data/sample.h"
#include "handseg/dataset.h"
#include "kernels/probe.h"

typedef struct hs_forest_reader {
    const hs_dataset *dataset;
    hs_probe_view view;
    hs_sample_config sample;
    hs_augment_config augment;
    uint64_t seed;
    int threads;
} hs_forest_reader;

/* One frame, with room for [2 * height * width] to work in: called by any thread, for each frame
 * once. `slot` is its place in the list. */
typedef void hs_forest_visit(void *user, uint32_t slot, const uint16_t *frame, const uint8_t *mask,
                             uint32_t *room);

/* Reads frames[count] of the data set as tree number `tree` sees them. */
hs_status hs_forest_read_frames(const hs_forest_reader *reader, uint32_t tree,
                                const uint32_t *frames, uint32_t count, hs_forest_visit *visit,
                                void *user);

/* Bytes it takes while it reads. */
size_t hs_forest_reader_bytes(const hs_forest_reader *reader);

#endif

/* What the loader and the checks need of a data set beyond the public interface. */
#ifndef HS_DATA_DATASET_H
#define HS_DATA_DATASET_H

#include "handseg/dataset.h"
#include "io/hdf5.h"

/* hs_dataset_read with the caller's room to decode in, so that nothing is allocated. */
hs_status hs_dataset_read_with(const hs_dataset *dataset, int64_t index, uint16_t *depth,
                               uint8_t *mask, hs_h5_block *block);

/* Bytes such a block grows to. */
size_t hs_dataset_block_size(const hs_dataset *dataset);

/* The classes that a mirrored frame swaps; both 0 where there are none. */
void hs_dataset_hands(const hs_dataset_info *info, int32_t *left, int32_t *right);

/* The hands that occur among the labels: see hs_dataset_info. */
const char *hs_hands_labelled(int classes, const char *const *labels,
                              const hs_class_counts *counts);

/* Names of what is stored. */
#define HS_DATASET_DEPTH "/depth"
#define HS_DATASET_MASK "/mask"

#endif

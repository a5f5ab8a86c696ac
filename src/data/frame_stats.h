/* Facts of a frame's pixels and what follows from them: class counts, weights, the content hash. */
#ifndef HS_DATA_FRAME_STATS_H
#define HS_DATA_FRAME_STATS_H

#include "handseg/dataset.h"
#include <stddef.h>

/* HS_ERR_DATA, with a value that is no class and the number of such pixels, where mask [pixels] has
 * any. `what` names the mask. */
hs_status hs_labels_check(const uint8_t *mask, size_t pixels, int classes, const char *what);

/* Adds a frame's mask [pixels] to the counts; values of HS_CLASSES_MAX and above are left out. */
void hs_class_counts_add(hs_class_counts *counts, const uint8_t *mask, size_t pixels);

/* Sums counts of other frames into `counts`. */
void hs_class_counts_merge(hs_class_counts *counts, const hs_class_counts *other);

/* Median frequency balancing (Eigen and Fergus 2015, as used by SegNet): weights[c] =
 * median(freq) / freq(c) over the classes that occur, 0 for those that do not. */
void hs_median_frequency_weights(const hs_class_counts *counts, int classes, double *weights);

/* The same where frames are mirrored: a hand that occurs in mirrored frames only (weight 0) gets
 * the other's weight, as it fills as much of them. left, right: of hs_dataset_hands. */
void hs_mirror_weights(int32_t left, int32_t right, double *weights);

/* 64-bit hash of bytes, continuing from `hash` (0 to begin with). Not cryptographic. */
uint64_t hs_hash_bytes(uint64_t hash, const void *bytes, size_t size);

/* Hash of one frame: origin, split, depth and mask. That of a data set continues over those of its
 * frames in order. */
uint64_t hs_frame_hash(const hs_frame_info *info, const uint16_t *depth, const uint8_t *mask,
                       size_t pixels);

#endif

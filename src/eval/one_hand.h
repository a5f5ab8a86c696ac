/* Data sets that label one hand. A class nobody labelled has nothing to be right about: one stray
 * pixel of it has an IoU of 0 and halves the mean. As in HandSeg's table 4 left and right count as
 * one class there. */
#ifndef HS_EVAL_ONE_HAND_H
#define HS_EVAL_ONE_HAND_H

#include "eval/metrics.h"
#include "handseg/dataset.h"

/* What to say where left and right count as one: "left and right count as one: the set labels left
 * hands only". NULL where the set labels both, or tells none apart. */
const char *hs_one_hand(const hs_dataset_info *data);

/* hs_metrics_of; where the set labels one hand, the means and the accuracy are those of left and
 * right as one class, and `of` stays as it is. */
hs_metrics hs_metrics_of_set(const hs_confusion *confusion, const hs_dataset_info *data);

#endif

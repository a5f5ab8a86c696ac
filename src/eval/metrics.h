/* Metrics of segmentation, over all pixels of a test set: count first, divide last.
 *
 * Two numbers are called IoU in the literature this project follows, so each has a name here:
 *   iou              TP / (TP + FP + FN), the definition (HandSeg, section 4)
 *   iou_binary_mean  (IoU of the class + IoU of everything else) / 2, which the rows of the
 *                    networks in its tables 2 and 3 hold; for a small class the larger one
 * Class 0 is the background, every other class a hand. */
#ifndef HS_EVAL_METRICS_H
#define HS_EVAL_METRICS_H

#include "base/status.h"
#include <stdint.h>

enum {
    HS_METRICS_CLASSES = 16, /* at most */
    HS_METRICS_IGNORE = 255  /* a truth label: the pixel counts nowhere */
};

/* Pixels of each truth that were predicted as each class. Initialise with {.classes = n}. */
typedef struct hs_confusion {
    int classes;
    uint64_t count[HS_METRICS_CLASSES][HS_METRICS_CLASSES]; /* [truth][prediction] */
} hs_confusion;

/* Counts n pixels. HS_ERR_DATA, with nothing counted, for a label that is no class (a truth may be
 * HS_METRICS_IGNORE). */
hs_status hs_confusion_add(hs_confusion *confusion, const uint8_t *truth, const uint8_t *prediction,
                           int64_t n);

/* Makes one class, 1, of all hands: for comparisons of models and sets that do not tell right from
 * left. */
void hs_merge_hands(uint8_t *labels, int64_t n);

/* The counts that the same pixels have once their hands are merged. */
hs_confusion hs_confusion_of_hands(const hs_confusion *confusion);

/* Adds the counts of `other`, which has as many classes. */
void hs_confusion_merge(hs_confusion *confusion, const hs_confusion *other);

/* Of one class; each in [0, 1], NaN where its denominator is zero: iou and iou_binary_mean where
 * the class is neither in truth nor prediction, precision where never predicted, recall where never
 * true. */
typedef struct hs_class_metrics {
    double iou, iou_binary_mean, precision, recall;
    uint64_t pixels; /* of this class in the truth */
} hs_class_metrics;

typedef struct hs_metrics {
    int classes;
    hs_class_metrics of[HS_METRICS_CLASSES];
    /* Means of each figure over the hands and over all classes; NaN figures are left out, the mean
     * of none is NaN. `pixels` is the sum. */
    hs_class_metrics hands, all;
    double accuracy; /* correct pixels / all pixels */
} hs_metrics;

hs_metrics hs_metrics_of(const hs_confusion *confusion);

#endif

/* Labels frames of a data set, or from elsewhere, and counts. Memory does not grow with their
 * number. */
#ifndef HS_EVAL_EVALUATOR_H
#define HS_EVAL_EVALUATOR_H

#include "data/loader.h"
#include "eval/metrics.h"
#include "eval/segmenter.h"

/* What a frame gave, at the segmenter's size; valid during the call. */
typedef struct hs_frame_result {
    uint32_t frame;                    /* index in the data set */
    const uint8_t *truth, *prediction; /* [height][width]; merged where that was asked for */
    hs_confusion confusion;
} hs_frame_result;

typedef struct hs_evaluation {
    hs_confusion confusion;
    double loss; /* mean cross-entropy, weighted by class; NaN where nobody asked */
} hs_evaluation;

typedef struct hs_evaluate_options {
    const uint32_t *frames;
    uint32_t count;
    bool merge_hands; /* every class but the background is the same: hand */
    const double
        *class_weights;   /* [classes] of the loss, of a segmenter that has one; NULL: none */
    const char *progress; /* what the progress bar says; NULL: none */
    hs_status (*visit)(void *user,
                       const hs_frame_result *result); /* each frame, in order; or NULL */
    void *user;
} hs_evaluate_options;

/* Where batches come from: each fresh frame comes once. */
typedef struct hs_batch_source {
    void *self;
    hs_status (*next)(void *self, const hs_batch **batch); /* with `raw`; valid until the next */
    const char *name;                                      /* for messages */
    int32_t classes;
    double depth_unit; /* metres */
} hs_batch_source;

/* Labels options->count frames of the source; `frames` of the options is not read. Batches are of
 * the segmenter's size and have colours where it needs them. HS_ERR_DATA where source and segmenter
 * have another number of classes, unless all hands are the same. */
hs_status hs_evaluate_batches(const hs_segmenter *segmenter, const hs_batch_source *source,
                              const hs_evaluate_options *options, hs_evaluation *result);

/* The same for frames of a data set. */
hs_status hs_evaluate(const hs_segmenter *segmenter, const hs_dataset *dataset,
                      const hs_evaluate_options *options, hs_evaluation *result);

/* The loader that hs_evaluate uses for frames of `height` x `width`, `batch` at once: for its share
 * of memory. */
hs_loader_config hs_evaluate_loader(int32_t batch, int32_t height, int32_t width,
                                    const uint32_t *frames, uint32_t count);

#endif

/* Labelled frames that models are evaluated on: a split of a data set, or recordings that have true
 * labels, which also have colours. */
#ifndef HS_SEGMENT_EVALUATION_DATA_H
#define HS_SEGMENT_EVALUATION_DATA_H

#include "eval/evaluator.h"
#include "segment/recorded.h"

/* Initialise with {0}; close after failure too. */
typedef struct hs_evaluation_data {
    const char *path;
    const char *split;     /* its name; NULL of recordings */
    hs_dataset *dataset;   /* either */
    hs_recorded *recorded; /* or */
    int32_t height, width;
    int32_t classes;
    const char *const *labels; /* [classes] */
    double depth_unit;         /* metres */
    const uint32_t *frames;    /* [count] */
    uint32_t count;
    const char *one_hand; /* hs_one_hand's remark where the set labels one; NULL otherwise */
    uint32_t *all;        /* the memory of `frames` of recordings */
} hs_evaluation_data;

/* `split` NULL: the usual one, "test", or all of recordings, which are not split: HS_ERR_USAGE for
 * another. HS_ERR_DATA for recordings without true labels. */
hs_status hs_evaluation_data_open(hs_evaluation_data *data, const char *path, const char *split);
void hs_evaluation_data_close(hs_evaluation_data *data);

const hs_frame_info *hs_evaluation_data_frame(const hs_evaluation_data *data, uint32_t frame);

/* Reads depth and mask [height][width], and color [height][width][3] where it is not NULL. */
hs_status hs_evaluation_data_read(const hs_evaluation_data *data, uint32_t frame, uint16_t *depth,
                                  uint8_t *color, uint8_t *mask);

/* hs_evaluate over its frames. HS_ERR_DATA for colours wanted of a data set. */
hs_status hs_evaluation_data_run(const hs_evaluation_data *data, const hs_segmenter *segmenter,
                                 const hs_evaluate_options *options, hs_evaluation *result);

#endif

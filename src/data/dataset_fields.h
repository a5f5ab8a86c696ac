/* Names in the file of what a data set stores besides its images: one place for writer and reader.
 */
#ifndef HS_DATA_DATASET_FIELDS_H
#define HS_DATA_DATASET_FIELDS_H

#include "handseg/dataset.h"

/* Per frame. */
#define HS_DATASET_SUBJECT "/subject" /* int32 */
#define HS_DATASET_FRAME "/frame"     /* int32 */
#define HS_DATASET_SOURCE "/source"   /* strings */
#define HS_DATASET_SPLIT "/split"     /* uint8, an index into its attribute: */
#define HS_DATASET_SPLIT_NAMES "names"

/* Attributes of the file; see hs_dataset_info. */
#define HS_DATASET_LABELS "labels"
#define HS_DATASET_UNIT "depth_unit"
#define HS_DATASET_NORMALIZATION "normalization"
#define HS_DATASET_INTRINSICS "intrinsics" /* fx, fy, cx, cy */
#define HS_DATASET_METHOD "split_method"
#define HS_DATASET_LABELLED_HANDS "hands"
#define HS_DATASET_SENSOR "sensor"           /* or not there */
#define HS_DATASET_ANNOTATION "annotation"   /* or not there */
#define HS_DATASET_NOBODY "subjects_unknown" /* 1, or not there */
#define HS_DATASET_PIXELS "class_pixels"
#define HS_DATASET_IMAGE_PIXELS "class_image_pixels"
#define HS_DATASET_TRAIN_PIXELS "train_class_pixels"
#define HS_DATASET_TRAIN_IMAGE_PIXELS "train_class_image_pixels"
#define HS_DATASET_WEIGHTS "class_weights"
#define HS_DATASET_HASH "hash"
#define HS_DATASET_REVIEW "review" /* int64[5], the members of hs_review_counts; or not there */
enum { HS_REVIEW_COUNTS = sizeof(hs_review_counts) / sizeof(int64_t) };

#endif

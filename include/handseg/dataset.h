/* Data sets: labelled depth frames in one HDF5 file.
 *
 *   hs_dataset *dataset;
 *   if (hs_dataset_open("hands.h5", &dataset) == HS_OK) {
 *       const uint32_t *frames;
 *       uint32_t count;
 *       hs_dataset_split(dataset, HS_SPLIT_TRAIN, &frames, &count);
 *       hs_dataset_read(dataset, frames[0], depth, mask);
 *       hs_dataset_close(dataset);
 *   }
 *
 * Depth is raw: whole numbers of the sensor's unit, 0 = no measurement. Masks hold one class a
 * pixel; class 0 is the background. Images are [height][width], rows top down. */
#ifndef HANDSEG_DATASET_H
#define HANDSEG_DATASET_H

#include "handseg/status.h"
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Metres of one unit of the SR300's raw depth: HandSeg's images are in it. */
#define HS_SR300_DEPTH_UNIT (8.191 / 65535)

/* Raw depth that the nets see as 1, in units of so many metres: HandSeg divides the SR300's by
 * 10000; other units get the same distance. */
static inline double hs_depth_normalization(double depth_unit)
{
    return 10000 * (HS_SR300_DEPTH_UNIT / depth_unit);
}

enum { HS_CLASSES_MAX = 16 };

/* The part of a data set a frame belongs to. Files store the names. */
typedef enum hs_split {
    HS_SPLIT_TRAIN,
    HS_SPLIT_VAL,
    HS_SPLIT_TEST,
    HS_SPLIT_NONE, /* in no list: only among HS_SPLIT_ALL */
    HS_SPLIT_ALL,  /* every frame; not the split of any */
} hs_split;

enum { HS_SPLITS = HS_SPLIT_ALL }; /* splits a frame can have */

/* "train", "val", "test", "none", "all". */
const char *hs_split_name(hs_split split);

/* The split of that name; HS_ERR_USAGE with the nearest name otherwise. */
hs_status hs_split_parse(const char *name, hs_split *split);

/* A pinhole: pixels; the centre of the top left pixel is (0, 0). All 0 where unknown. */
typedef struct hs_intrinsics {
    double fx, fy, cx, cy;
} hs_intrinsics;

/* How often each class occurs in some frames. */
typedef struct hs_class_counts {
    uint64_t pixels[HS_CLASSES_MAX];       /* of the class */
    uint64_t image_pixels[HS_CLASSES_MAX]; /* of all the images in which the class occurs */
} hs_class_counts;

/* What people and the automatic score said of the frames of the folder that was packed. Rejected
 * frames are not in the data set, unless it was asked for all. */
typedef struct hs_review_counts {
    int64_t accepted_by_person, accepted_by_score;
    int64_t rejected_by_person, rejected_by_score; /* by score: and no person kept it */
    int64_t unjudged;                              /* by neither; packed */
} hs_review_counts;

typedef struct hs_dataset_info {
    int64_t frames;
    int32_t height, width;
    int32_t classes, subjects;
    bool subjects_unknown; /* frames do not all say whom they show: those have subject 0, and
                            * `subjects` counts it */
    const char *labels[HS_CLASSES_MAX]; /* "background", "right", "left" */
    double depth_unit;                  /* metres of one unit */
    double normalization; /* raw depth that the nets see as 1: 10000 of the SR300's units */
    hs_intrinsics intrinsics;
    const char *split_method; /* "subject", "frame", "lists" or "published": how it was split */
    const char *hands;        /* that are labelled: "both", "left", "right" or "none" */
    const char *sensor;       /* "SR300", "rendered SR300"; "" where unknown */
    const char *annotation;   /* how the masks came about, "automatic"; "" where unknown */
    int64_t split_frames[HS_SPLITS];
    hs_class_counts counts, train_counts; /* of all frames; of the training split */
    /* Median frequency balancing of the training split: w = median(freq) / freq, where freq is
     * pixels over image_pixels; 0 for a class that does not occur in it. */
    double weights[HS_CLASSES_MAX];
    const hs_review_counts *review; /* NULL where the folder had neither scores nor verdicts */
    uint64_t hash;                  /* of the content: equal data sets, equal hash */
} hs_dataset_info;

/* Where a frame comes from. */
typedef struct hs_frame_info {
    int32_t subject, number;
    hs_split split;
    const char *source; /* file it was read from, relative to the folder that was packed */
} hs_frame_info;

/* ---- reading ---- */

typedef struct hs_dataset hs_dataset;

hs_status hs_dataset_open(const char *path, hs_dataset **dataset);
void hs_dataset_close(hs_dataset *dataset); /* NULL is fine */

/* Both borrowed from the data set. `index` in [0, frames). */
const hs_dataset_info *hs_dataset_get_info(const hs_dataset *dataset);
const hs_frame_info *hs_dataset_get_frame(const hs_dataset *dataset, int64_t index);
const char *hs_dataset_get_path(const hs_dataset *dataset);

/* Indices of the frames of a split, ascending; borrowed. HS_ERR_DATA, with what each split holds,
 * where there is none. */
hs_status hs_dataset_split(const hs_dataset *dataset, hs_split split, const uint32_t **frames,
                           uint32_t *count);

/* Reads one frame into depth [height][width] and mask [height][width]; either may be NULL. Safe
 * from any thread. */
hs_status hs_dataset_read(const hs_dataset *dataset, int64_t index, uint16_t *depth, uint8_t *mask);

/* ---- writing ---- */

typedef struct hs_dataset_writer hs_dataset_writer;

/* What a new data set says of itself. Strings are copied. */
typedef struct hs_dataset_spec {
    int32_t height, width;
    int32_t classes;
    const char *labels[HS_CLASSES_MAX];
    double depth_unit; /* metres */
    hs_intrinsics intrinsics;
    const char *split_method;
    const char *sensor, *annotation; /* or NULL: unknown */
    const hs_review_counts *review;  /* or NULL */
    bool subjects_unknown;           /* see hs_dataset_info */
} hs_dataset_spec;

/* Starts a data set that will replace `path`; nothing is there before hs_dataset_finish. */
hs_status hs_dataset_create(const char *path, const hs_dataset_spec *spec,
                            hs_dataset_writer **writer);

/* Appends n frames: infos[n], depth [n][height][width], mask [n][height][width]. Compresses in
 * parallel; the file's bytes do not depend on the number of threads. HS_ERR_DATA for a mask with
 * a value that is no class. */
hs_status hs_dataset_append(hs_dataset_writer *writer, int n, const hs_frame_info *infos,
                            const uint16_t *depth, const uint8_t *mask);

/* Writes counts, weights and hash, and gives the file its name. hs_dataset_drop is still due. */
hs_status hs_dataset_finish(hs_dataset_writer *writer);

/* Frees the writer; a data set that was not finished leaves nothing behind. NULL is fine. */
void hs_dataset_drop(hs_dataset_writer *writer);

#ifdef __cplusplus
}
#endif

#endif

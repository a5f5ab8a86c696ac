/* Files with tensors, whatever wrote them: a list with our names, and a way to read each. */
#ifndef HS_TRAIN_PRETRAINED_SOURCE_H
#define HS_TRAIN_PRETRAINED_SOURCE_H

#include "base/memory.h"
#include "io/hdf5.h"

/* A tensor as its file has it. */
typedef struct hs_source_tensor {
    const char *key; /* its name in the file, and as text to show */
    const char *shown;
    const char *layer, *tensor; /* ours */
    const char *type;           /* "float32" */
    int index;                  /* of the file's list */
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
} hs_source_tensor;

typedef struct hs_source {
    hs_arena arena;
    const char *path;
    const char *kind;   /* what the file is, for people */
    const char *hint;   /* what its tensors may be for */
    const char *root;   /* HDF5: the group above the tensors */
    bool foreign;       /* shapes may be those of VGG16 for colour images with a classifier */
    bool channels_last; /* kernels [R, S, IC, OC], matrices [IC, OC] */
    hs_source_tensor *tensors;
    int count;
    int classes; /* 0: says nothing of labels */
    const char *const *labels;
    hs_h5 *h5;
    /* Reads one tensor of floating point numbers of any width, as rows of hs_real. */
    hs_status (*read)(const struct hs_source *source, const hs_source_tensor *tensor,
                      hs_h5_rows *take, void *context);
} hs_source;

/* Opens a file by what it is. Initialise with {0}; close also after a failure. */
hs_status hs_source_open(const char *path, hs_source *source);
void hs_source_close(hs_source *source);

/* A tensor's names, for `list` functions: the last part after `separator` is the tensor. */
void hs_source_split(hs_source *source, hs_source_tensor *tensor, char separator);

#endif

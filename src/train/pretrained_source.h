/* Files with tensors, whatever wrote them: a list with our names, and a way to read each. */
#ifndef HS_TRAIN_PRETRAINED_SOURCE_H
#define HS_TRAIN_PRETRAINED_SOURCE_H

#include "base/memory.h"
#include "io/hdf5.h"
#include "io/safetensors.h"

/* A tensor as its file has it. */
typedef struct hs_source_tensor {
    const char *key;            /* its name in the file */
    const char *shown;          /* that, fit to be printed */
    const char *layer, *tensor; /* ours; of one that no net has, its name cut in two */
    bool known;                 /* a net may have it */
    const char *type;           /* "float32" */
    int index;                  /* in the file's list */
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
} hs_source_tensor;

typedef struct hs_source {
    hs_arena arena;
    const char *path;
    const char *kind;   /* what the file is, for people */
    const char *hint;   /* where none of its tensors is of use */
    const char *root;   /* HDF5: the group above the tensors */
    bool foreign;       /* VGG16 for colour images, with a classifier: shapes are made to fit */
    bool channels_last; /* kernels are [R, S, IC, OC], matrices [inputs, outputs] */
    hs_source_tensor *tensors;
    int count;
    int classes; /* 0: says nothing of labels */
    const char *const *labels;
    hs_h5 *h5;
    hs_safetensors *safetensors;
    /* Reads one tensor of floating point numbers of any width, as rows of hs_real. */
    hs_status (*read)(const struct hs_source *source, const hs_source_tensor *tensor,
                      hs_h5_rows *take, void *context);
} hs_source;

/* Opens a file by what it is. Initialise with {0}; close also after a failure. */
hs_status hs_source_open(const char *path, hs_source *source);
void hs_source_close(hs_source *source);

/* ---- for the kinds of files ---- */

/* Room for `count` tensors, and the key of each; the rest of a tensor is set by the caller. */
void hs_source_make_list(hs_source *source, int count);
void hs_source_set_key(hs_source *source, hs_source_tensor *tensor, const char *key);

/* Cuts what is shown at its last `separator` into layer and tensor. */
void hs_source_cut(hs_source *source, hs_source_tensor *tensor, char separator);

/* Lists all arrays below `root` of an HDF5 file, cut at their last slash. */
hs_status hs_source_list_h5(hs_source *source);

/* Opens what an HDF5 file of Keras, already opened, and a safetensors file hold. */
bool hs_source_is_keras(hs_h5 *file);
hs_status hs_source_open_keras(hs_source *source);
hs_status hs_source_open_safetensors(hs_source *source);

#endif

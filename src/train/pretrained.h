/* Parameters from elsewhere: a training begins with the tensors of a file that have their names in
 * the net; the others keep their random values. A file is, by its content,
 *
 *   a checkpoint          taken by name, LAYER/TENSOR
 *   safetensors           VGG16 with the names of torchvision (vgg16, vgg16_bn) or timm
 *   HDF5 of Keras         VGG16 with the names of keras.applications
 *
 * VGG16's tensors go to the layers conv1_1 ... conv5_3, fc6, fc7. Its first filters are summed over
 * their three colours where the net reads one channel; its fully connected layers become
 * convolutions (Long et al. 2015). */
#ifndef HS_TRAIN_PRETRAINED_H
#define HS_TRAIN_PRETRAINED_H

#include "graph/graph.h"
#include "handseg/dataset.h"
#include <stdio.h>

typedef enum hs_fate {
    HS_FATE_TAKEN,
    HS_FATE_LEFT,   /* in the file, not in the net */
    HS_FATE_FRESH,  /* in the net, not in the file: random, or what its op begins with */
    HS_FATE_DIFFERS /* in both, of another shape; not taken */
} hs_fate;

/* What became of one tensor. */
typedef struct hs_pretrained_row {
    hs_fate fate;
    const char *layer, *tensor; /* the net's names, or cut from the file's */
    const char *done;           /* to a taken one: "", "summed, transposed" */
    const char *file_tensor;    /* its name in the file; "" for a fresh one */
    const char *file_shape;     /* "64x3x3x3"; "" for a fresh one */
    const char *net_shape;      /* "" for one that is left */
} hs_pretrained_row;

/* Of every tensor of the net, in its order, then of every other of the file. */
typedef struct hs_pretrained_report {
    hs_arena arena;
    const char *file, *kind;
    hs_pretrained_row *rows;
    int count;
} hs_pretrained_report;

/* Reads what the file at `path` has for these parameters. `data`: what the net is trained on, whose
 * labels a checkpoint must have. Fails, with `params` of no use, where the file cannot be read, is
 * of no known kind, or has not one tensor of the net. */
hs_status hs_pretrained_read(const char *path, const hs_dataset_info *data, hs_params *params,
                             hs_pretrained_report *report);
void hs_pretrained_report_free(hs_pretrained_report *report);

/* A table for people, layers of one fate in one line, to a file or the log; and the whole as CSV.
 */
void hs_pretrained_print(const hs_pretrained_report *report, FILE *file);
void hs_pretrained_log(const hs_pretrained_report *report);
hs_status hs_pretrained_write(const hs_pretrained_report *report, const char *path);

#endif

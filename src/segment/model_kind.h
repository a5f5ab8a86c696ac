/* The kinds of models there are. A kind is a file with one of these tables and a line in
 * segment/model_kinds.def; nothing else asks which kind a model is of. */
#ifndef HS_SEGMENT_MODEL_KIND_H
#define HS_SEGMENT_MODEL_KIND_H

#include "io/hdf5.h"
#include "segment/bench.h"
#include "segment/describe.h"
#include "segment/model.h"

/* A file that may hold a model, opened. */
typedef struct hs_model_file {
    const char *path;
    hs_h5 *h5;  /* NULL: text */
    hs_ini ini; /* of text; no sections otherwise */
} hs_model_file;

struct hs_model_kind {
    const char *what; /* "a checkpoint of a network": for messages */

    /* Whether the file is of this kind, judged by what is in it. */
    bool (*knows)(const hs_model_file *file);

    /* Fills state, segmenter, labels and trained_unit of a model whose arena and path are set, for
     * `batch` frames at once. `free` follows failure too, with what state there is; NULL is fine.
     */
    hs_status (*load)(const hs_model_file *file, int32_t batch, hs_model *model);
    void (*free)(void *state);

    /* What there is to say of a file of this kind: `handseg info`. */
    hs_status (*describe)(const hs_describe_request *request, FILE *file);

    /* Measures and prints how fast a file of this kind runs here: `handseg bench`. */
    hs_status (*bench)(const hs_bench_request *request, bool json, FILE *file);

    /* Logits of the frames labelled last, and the shape before there are any. NULL: it has none. */
    hs_tensor (*logits)(const void *state);
};

#define HS_MODEL_KIND(name) extern const hs_model_kind hs_model_kind_##name;
#include "segment/model_kinds.def"
#undef HS_MODEL_KIND

/* Opens what a kind needs to know its files. Initialise with {0}; close after failure too. */
hs_status hs_model_file_open(hs_model_file *file, const char *path);
void hs_model_file_close(hs_model_file *file);

/* HS_ERR_FORMAT, with the kinds there are, for a file of none. */
hs_status hs_model_kind_of(const hs_model_file *file, const hs_model_kind **kind);

#endif

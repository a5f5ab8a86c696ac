/* A network as a segmenter: raw depth, normalised as its [input] says, and the largest logit. */
#ifndef HS_EVAL_NET_SEGMENTER_H
#define HS_EVAL_NET_SEGMENTER_H

#include "eval/predictor.h"
#include "eval/segmenter.h"

typedef struct hs_net_segmenter {
    hs_segmenter segmenter;
    const char *name;
    hs_predictor *predictor;
    hs_net_input input;
    hs_real *images; /* [batch][height][width]: what the network saw last */
    double *scratch; /* of the loss */
} hs_net_segmenter;

/* `predictor`, of a network of one channel, and `name`, with which errors begin, are borrowed;
 * the predictor must be bound before the first frame. Initialise with {0}; free after failure too.
 * The segmenter points to `l`. */
hs_status hs_net_segmenter_init(hs_net_segmenter *l, const char *name, hs_predictor *predictor,
                                const hs_net_input *input);
void hs_net_segmenter_free(hs_net_segmenter *l);

/* Bytes that one for this predictor allocates. */
size_t hs_net_segmenter_bytes(const hs_predictor *predictor);

#endif

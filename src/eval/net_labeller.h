/* A network as a labeller: raw depth, normalised as its [input] says, and the largest logit. */
#ifndef HS_EVAL_NET_LABELLER_H
#define HS_EVAL_NET_LABELLER_H

#include "eval/labeller.h"
#include "eval/predictor.h"

typedef struct hs_net_labeller {
    hs_labeller labeller;
    hs_predictor *predictor;
    hs_net_input input;
    hs_real *images; /* [batch][height][width]: what the network saw last */
    double *scratch; /* of the loss */
} hs_net_labeller;

/* `predictor`, of a network of one channel, is borrowed and must be bound before the first frame.
 * Initialise with {0}; free after failure too. The labeller points to `l`. */
hs_status hs_net_labeller_init(hs_net_labeller *l, hs_predictor *predictor,
                               const hs_net_input *input);
void hs_net_labeller_free(hs_net_labeller *l);

/* Bytes that one for this predictor allocates. */
size_t hs_net_labeller_bytes(const hs_predictor *predictor);

#endif

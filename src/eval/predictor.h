/* A network that labels images: a plan without gradients, and the largest logit of each pixel. */
#ifndef HS_EVAL_PREDICTOR_H
#define HS_EVAL_PREDICTOR_H

#include "base/status.h"
#include "handseg/net.h"

typedef struct hs_predictor {
    hs_graph *graph;
    hs_plan *plan;
    hs_value input, logits;
    hs_shape in, out; /* [batch, channels, height, width]; [batch, classes, height, width] */
} hs_predictor;

/* Plans the network for `batch` images of height x width (0: the network's), for HS_INFERENCE or
 * HS_EVALUATION. HS_ERR_SHAPE where
 * logits and image differ in size. Initialise with {0}; free after failure too. */
hs_status hs_predictor_init(hs_predictor *predictor, const hs_net *net, hs_mode mode, int32_t batch,
                            int32_t height, int32_t width);

/* Binds it to parameters, which it borrows, and to memory as hs_plan_bind does. */
hs_status hs_predictor_bind(hs_predictor *predictor, hs_params *params, void *arena);
void hs_predictor_free(hs_predictor *predictor);

/* Runs images [batch][channels][height][width] and labels the first `count`: the class of the
 * largest logit, [count][height][width]. The logits stay readable with hs_plan_get until the next
 * run. HS_ERR_NONFINITE, with the layer, where a logit is no finite number. */
hs_status hs_predictor_run(hs_predictor *predictor, const hs_real *images, int32_t count,
                           uint8_t *labels);

#endif

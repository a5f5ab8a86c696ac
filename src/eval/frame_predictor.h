/* From a frame as a camera gives it to labels of its size: samples of the network's size,
 * normalised depth, the network, and back. What does not change from frame to frame is done once:
 * weights are packed when first used, the maps of samples are kept while frames have one size, and
 * a run allocates nothing while they do. */
#ifndef HS_EVAL_FRAME_PREDICTOR_H
#define HS_EVAL_FRAME_PREDICTOR_H

#include "eval/predictor.h"

typedef struct hs_frame_predictor {
    hs_predictor predictor;
    hs_net_input input;
    int32_t height, width; /* of the frames the maps are for */
    int32_t *maps;         /* rows and columns of the network's size, then of the frame's */

    /* After a run: what the network saw, [height][width] of the network, and made of it. */
    uint16_t *view;
    uint8_t *labels; /* [batch][height][width] */
    hs_real *images; /* likewise */
} hs_frame_predictor;

/* Plans the network, of one channel, at its own size. Initialise with {0}; free after failure too.
 */
hs_status hs_frame_predictor_init(hs_frame_predictor *p, const hs_net *net, int32_t batch);

/* Binds it to parameters of predictor.graph, which it borrows, and allocates its room. */
hs_status hs_frame_predictor_bind(hs_frame_predictor *p, hs_params *params);
void hs_frame_predictor_free(hs_frame_predictor *p);

/* depth [height][width] in units of `depth_unit` metres, 0: nothing measured; labels likewise. */
hs_status hs_frame_predictor_run(hs_frame_predictor *p, const uint16_t *depth, int32_t height,
                                 int32_t width, double depth_unit, uint8_t *labels);

#endif

#include "eval/predictor.h"

#include "graph/graph.h"
#include "kernels/kernels.h"

hs_status hs_predictor_init(hs_predictor *p, const hs_net *net, hs_mode mode, int32_t batch,
                            int32_t height, int32_t width)
{
    hs_status status;
    HS_TRY(hs_graph_create(&p->graph));
    HS_TRY(hs_net_build(net, p->graph, batch, height, width, &p->input, &p->logits));
    p->in = hs_graph_shape(p->graph, p->input);
    p->out = hs_graph_shape(p->graph, p->logits);
    if (p->in.h != p->out.h || p->in.w != p->out.w) {
        status =
            hs_error(HS_ERR_SHAPE, "input sizes must be multiples of the network's total stride",
                     "net: got logits of %dx%d for images of %dx%d, expected equal sizes", p->out.w,
                     p->out.h, p->in.w, p->in.h);
        goto exit;
    }
    HS_TRY(hs_plan_create(p->graph, mode, &p->plan));
exit:
    return status;
}

hs_status hs_predictor_bind(hs_predictor *p, hs_params *params, void *arena)
{
    return hs_plan_bind(p->plan, params, arena);
}

void hs_predictor_free(hs_predictor *p)
{
    hs_plan_destroy(p->plan);
    hs_graph_destroy(p->graph);
    *p = (hs_predictor){0};
}

/* Says where the first of them is made. */
static hs_status nonfinite_error(hs_predictor *p, const hs_real *images)
{
    hs_status status;
    HS_TRY(hs_plan_set(p->plan, p->input, images)); /* its memory may hold something else by now */
    const char *layer = hs_plan_find_nonfinite(p->plan, 0, 0);
    status = hs_error(HS_ERR_NONFINITE,
                      "its parameters are too large: take an earlier checkpoint, or train it again "
                      "with a lower optimizer.lr",
                      "got outputs of infinity or NaN, first in layer '%s', expected finite "
                      "numbers",
                      layer ? layer : "output");
exit:
    return status;
}

hs_status hs_predictor_run(hs_predictor *p, const hs_real *images, int32_t count, uint8_t *labels)
{
    hs_status status;
    HS_TRY(hs_plan_set(p->plan, p->input, images));
    HS_TRY(hs_plan_forward(p->plan, 0, 0));
    const hs_tensor *logits = hs_plan_tensor(p->plan, p->logits);
    int64_t area = (int64_t)logits->shape.h * logits->shape.w;
    if (hs_kernels_get()->argmax(logits->data, count * area, logits->shape.c, logits->pitch,
                                 labels) != 0)
        status = nonfinite_error(p, images);
exit:
    return status;
}

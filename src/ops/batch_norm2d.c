/* Batch normalisation (Ioffe and Szegedy 2015), as PyTorch's BatchNorm2d:
 *   training: y = (x - mean) / sqrt(var + eps) * weight + bias, mean and biased variance over N, H,
 * W; running mean and var move by `momentum` towards the batch's mean and unbiased variance
 *   inference: the same with the running statistics
 * x, y [N,C,H,W]; weight, bias, mean, var [C].
 * Backward, with xhat the normalised x and M = N*H*W: dbias = sum dy, dweight = sum dy*xhat,
 *   dx = weight / sqrt(var + eps) * (dy - dbias/M - xhat * dweight/M).
 * Serves an activation that follows: act(y), and dy * act'(y) in place of dy. */
#include "ops/op.h"

#include <math.h>
#include <string.h>

static const hs_field fields[] = {
    {"eps", HS_FIELD_REAL, offsetof(hs_batch_norm2d_attr, eps), "1e-5", 1e-12, 1, NULL,
     "added to the variance"},
    {"momentum", HS_FIELD_REAL, offsetof(hs_batch_norm2d_attr, momentum), "0.1", 1e-6, 1, NULL,
     "share of the new statistics in the running ones"},
};

enum { WEIGHT, BIAS, MEAN, VAR };
enum {
    KEPT = 5,
    VECTORS = 1
}; /* arrays that are kept; in scratch, after the sums of the kernels */

/* What is kept of each channel: from forward mean, 1/sqrt(var + eps) and that times the weight,
 * from backward the mean of dz and the scale of x. */
static hs_status shape(hs_node *node)
{
    hs_batch_norm2d_attr *a = node->attr;
    a->eps = a->eps > 0 ? a->eps : 1e-5;
    a->momentum = a->momentum > 0 ? a->momentum : 0.1;
    hs_shape x = node->in[0];
    node->out[0] = x;
    hs_node_add_vector(node, "bn_weight", x.c, true, HS_PARAM_NORM_SCALE);
    hs_node_add_vector(node, "bn_bias", x.c, true, HS_PARAM_ZERO);
    hs_node_add_vector(node, "bn_mean", x.c, false, HS_PARAM_ZERO);
    hs_node_add_vector(node, "bn_var", x.c, false, HS_PARAM_ONE);
    node->backward_inputs = 1;
    int32_t pitch = hs_pitch_of(x.c);
    node->keep_bytes = sizeof(hs_real) * KEPT * (size_t)pitch;
    size_t vectors = sizeof(hs_real) * VECTORS * (size_t)pitch;
    node->forward_scratch =
        vectors + sizeof(double) * hs_kernels_get()->channel_scratch(hs_pixels(x), pitch);
    node->backward_scratch = node->forward_scratch;
    return HS_OK;
}

/* The arrays of scratch that follow the sums of the kernels. */
static hs_real *vectors_of(const hs_step *s)
{
    hs_shape x = s->in[0].shape;
    size_t sums = hs_kernels_get()->channel_scratch(hs_pixels(x), hs_pitch_of(x.c));
    return (hs_real *)((double *)s->scratch + sums);
}

/* Statistics of the batch into mean and var, and their share into the running ones. */
static void batch_statistics(const hs_step *s, hs_real *mean, hs_real *var)
{
    const hs_batch_norm2d_attr *a = s->node->attr;
    const hs_kernels *k = hs_kernels_get();
    const hs_tensor *x = &s->in[0];
    int64_t pixels = hs_pixels(x->shape);
    int pitch = hs_pitch_of(x->shape.c);
    if (!s->moments) { /* else the op before has left them there */
#pragma omp parallel
        k->channel_partial_moments(x->data, x->pitch, pixels, pitch, 0, pixels, s->scratch);
    }
    k->channel_merge_moments(pixels, pitch, s->scratch, mean, var);
    double share = a->momentum, unbias = pixels > 1 ? (double)pixels / (double)(pixels - 1) : 1;
    for (int c = 0; c < x->shape.c; c++) {
        s->param[MEAN][c] = (hs_real)((1 - share) * s->param[MEAN][c] + share * mean[c]);
        s->param[VAR][c] = (hs_real)((1 - share) * s->param[VAR][c] + share * unbias * var[c]);
    }
}

static hs_affine map(const hs_step *s)
{
    int pitch = hs_pitch_of(s->in[0].shape.c);
    const hs_real *mean = s->keep;
    return (hs_affine){
        .mean = mean, .scale = mean + 2 * pitch, .shift = s->param[BIAS], .slope = s->node->slope};
}

static hs_norm_gradient norm_gradient(const hs_step *s)
{
    int pitch = hs_pitch_of(s->in[0].shape.c);
    const hs_real *dz_mean = (const hs_real *)s->keep + 3 * pitch;
    return (hs_norm_gradient){.map = map(s),
                              .x = s->in[0].data,
                              .x_scale = dz_mean + pitch,
                              .dz_mean = dz_mean,
                              .x_pitch = s->in[0].pitch,
                              .dx = s->din[0].data};
}

/* The statistics to normalise with, and what follows from them. */
static void find_map(const hs_step *s)
{
    const hs_batch_norm2d_attr *a = s->node->attr;
    int pitch = hs_pitch_of(s->in[0].shape.c);
    hs_real *mean = s->keep, *invstd = mean + pitch, *scale = invstd + pitch;
    hs_real *var = vectors_of(s);
    if (s->training) {
        batch_statistics(s, mean, var);
    } else {
        memcpy(mean, s->param[MEAN], sizeof *mean * (size_t)pitch);
        memcpy(var, s->param[VAR], sizeof *var * (size_t)pitch);
    }
    for (int c = 0; c < pitch; c++) {
        invstd[c] = (hs_real)(1 / sqrt((double)var[c] + a->eps));
        scale[c] = invstd[c] * s->param[WEIGHT][c];
    }
}

static void forward(const hs_step *s)
{
    if (!s->again)
        find_map(s);
    hs_affine m = map(s);
    if (s->out[0].data) /* else those who read it apply the map */
        hs_kernels_get()->channel_affine(s->in[0].data, s->in[0].pitch, hs_pixels(s->in[0].shape),
                                         s->out[0].pitch, &m, s->out[0].data);
}

static void backward(const hs_step *s)
{
    const hs_kernels *k = hs_kernels_get();
    int pitch = hs_pitch_of(s->in[0].shape.c);
    int64_t pixels = hs_pixels(s->in[0].shape);
    hs_affine m = map(s);
    const hs_real *invstd = m.mean + pitch;
    hs_real *dz_sum = (hs_real *)s->keep + 3 * pitch, *x_scale = dz_sum + pitch;
    hs_real *dz_x_sum = vectors_of(s);
    k->channel_products(s->in[0].data, s->in[0].pitch, s->dout[0].data, pixels, pitch, &m,
                        s->scratch, dz_sum, dz_x_sum);
    for (int c = 0; c < pitch; c++) {
        s->dparam[BIAS][c] += dz_sum[c];
        s->dparam[WEIGHT][c] += dz_x_sum[c] * invstd[c];
        x_scale[c] = -m.scale[c] * invstd[c] * invstd[c] * (dz_x_sum[c] / (hs_real)pixels);
        dz_sum[c] /= (hs_real)pixels;
    }
    if (s->din[0].data && !s->node->passes_to)
        k->channel_affine_backward(s->in[0].data, s->in[0].pitch, s->dout[0].data, pixels, pitch,
                                   &m, x_scale, dz_sum, m.scale, s->din[0].data, s->accumulate[0]);
}

static double norm_eps(const hs_node *node)
{
    return ((const hs_batch_norm2d_attr *)node->attr)->eps;
}

const hs_op hs_op_batch_norm2d = {.name = "batch_norm",
                                  .summary = "batch normalisation",
                                  .least_inputs = 1,
                                  .most_inputs = 1,
                                  .activates = true,
                                  .norm_eps = norm_eps,
                                  .map = map,
                                  .reads_slices = true,
                                  .takes_moments = true,
                                  .norm_gradient = norm_gradient,
                                  .fields = fields,
                                  .n_fields = sizeof fields / sizeof *fields,
                                  .attr_size = sizeof(hs_batch_norm2d_attr),
                                  .rerun = HS_RERUN_CHEAP,
                                  .over_dy = true,
                                  .shape = shape,
                                  .forward = forward,
                                  .backward = backward};

hs_value hs_batch_norm2d(hs_graph *g, const char *layer, hs_value x, hs_batch_norm2d_attr attr)
{
    return hs_graph_apply(g, &hs_op_batch_norm2d, layer, &x, 1, &attr);
}

/* What the two convolutions share: they are one geometry in two directions. */
#include "ops/op.h"

#include <math.h>
#include <string.h>

/* Of a batch norm's parameters, from the first. */
enum { WEIGHT, BIAS, MEAN, VAR };

static size_t weight_reals(const hs_conv_geometry *g)
{
    return (size_t)g->kernel[0] * g->kernel[1] * g->big_c * g->weight_pitch;
}

/* Reals of the weights in `ready`. */
static size_t ready_reals(const hs_conv_geometry *g, hs_conv_direction direction)
{
    size_t packed = hs_kernels_get()->conv_packed_size(g, direction);
    return packed ? packed : weight_reals(g);
}

static int32_t out_channels(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return direction == HS_CONV_DOWN ? g->small_c : g->big_c;
}

size_t hs_conv_backward_scratch(const hs_conv_geometry *g, hs_conv_direction direction,
                                int64_t pixels)
{
    const hs_kernels *k = hs_kernels_get();
    size_t run = k->conv_packed_size(g, direction) + k->conv_scratch(g, direction, hs_threads());
    size_t whole = k->conv_gradient_scratch(g, hs_threads());
    size_t pieces = hs_conv_is_large(g) ? k->conv_pieces_scratch(g, hs_threads()) : 0;
    size_t gradient = pieces > whole ? pieces : whole;
    int32_t pitch = direction == HS_CONV_UP ? g->small_pitch : g->big_pitch;
    size_t bytes = sizeof(hs_real) * (run > gradient ? run : gradient);
    size_t sums = sizeof(double) * k->channel_scratch(pixels, pitch);
    return bytes > sums ? bytes : sums;
}

void hs_conv_fold(hs_node *node, const hs_conv_geometry *g, hs_conv_direction direction)
{
    bool packed = hs_kernels_get()->conv_packed_size(g, direction) > 0;
    size_t scaled = packed ? sizeof(hs_real) * weight_reals(g) : 0;
    int32_t pitch = hs_pitch_of(out_channels(g, direction));
    node->ready_bytes = sizeof(hs_real) * (ready_reals(g, direction) + (size_t)pitch);
    node->forward_scratch = node->forward_scratch > scaled ? node->forward_scratch : scaled;
}

/* Weights times the scale of the batch norm, and its shift, which takes in the bias. */
static void fold_norm(const hs_step *s, const hs_conv_geometry *g, hs_conv_direction direction,
                      hs_real *scaled, hs_real *shift)
{
    hs_real *const *norm = s->param + s->node->norm;
    const hs_real *bias = s->node->norm > 1 ? s->param[1] : NULL;
    int64_t rows = (int64_t)g->kernel[0] * g->kernel[1] * g->big_c;
    int32_t channels = out_channels(g, direction);
    memset(shift, 0, sizeof *shift * (size_t)hs_pitch_of(channels));
    for (int c = 0; c < channels; c++) /* the scale, until the weights have it */
        shift[c] = (hs_real)(norm[WEIGHT][c] / sqrt((double)norm[VAR][c] + s->node->norm_eps));
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++)
        for (int c = 0; c < g->weight_pitch; c++) {
            int64_t i = row * g->weight_pitch + c;
            int out = direction == HS_CONV_DOWN ? c : (int)(row % g->big_c);
            scaled[i] = s->param[0][i] * shift[out];
        }
    for (int c = 0; c < channels; c++)
        shift[c] = ((bias ? bias[c] : 0) - norm[MEAN][c]) * shift[c] + norm[BIAS][c];
}

void hs_conv_prepare(const hs_step *s, const hs_conv_geometry *g, hs_conv_direction direction)
{
    bool packed = hs_kernels_get()->conv_packed_size(g, direction) > 0;
    hs_real *scaled = packed ? s->scratch : s->ready;
    if (s->node->norm)
        fold_norm(s, g, direction, scaled, (hs_real *)s->ready + ready_reals(g, direction));
    if (packed)
        hs_kernels_get()->conv_pack(g, direction, s->node->norm ? scaled : s->param[0], s->ready);
}

/* The geometry with the pitches of the image that the direction reads, and of the other. */
static hs_conv_geometry between(const hs_conv_geometry *g, hs_conv_direction direction,
                                const hs_tensor *from, const hs_tensor *to)
{
    bool down = direction == HS_CONV_DOWN;
    hs_conv_geometry pitched = *g;
    pitched.big_pitch = down ? from->pitch : to->pitch;
    pitched.small_pitch = down ? to->pitch : from->pitch;
    return pitched;
}

void hs_conv_forward(const hs_step *s, const hs_conv_geometry *g, hs_conv_direction direction,
                     bool bias)
{
    const hs_real *weights = s->node->ready_bytes ? s->ready : s->param[0];
    const hs_real *shift = s->node->norm ? (hs_real *)s->ready + ready_reals(g, direction)
                           : bias        ? s->param[1]
                                         : NULL;
    hs_conv_geometry pitched = between(g, direction, &s->in[0], &s->out[0]);
    hs_kernels_get()->conv_run(&pitched, direction, weights, shift, s->node->slope, s->in[0].data,
                               s->out[0].data, false, s->scratch);
}

static void pack_and_run(const hs_conv_geometry *g, hs_conv_direction direction,
                         const hs_real *weights, const hs_real *in, hs_real *out, bool accumulate,
                         hs_real *scratch)
{
    const hs_kernels *k = hs_kernels_get();
    size_t packed = k->conv_packed_size(g, direction);
    if (packed > 0) {
        k->conv_pack(g, direction, weights, scratch);
        weights = scratch;
    }
    k->conv_run(g, direction, weights, NULL, 1, in, out, accumulate, scratch + packed);
}

/* The gradient of the weights, stored or passed on in pieces. */
static void weight_gradient(const hs_step *s, const hs_conv_geometry *g, bool down)
{
    const hs_kernels *k = hs_kernels_get();
    const hs_real *dy = s->dout[0].data, *x = s->in[0].data;
    hs_conv_geometry pitched = between(g, down ? HS_CONV_DOWN : HS_CONV_UP, &s->in[0], &s->dout[0]);
    if (s->dparam[0])
        k->conv_gradient(&pitched, down ? x : dy, down ? dy : x, s->dparam[0], s->scratch);
    else
        *s->sink_sum =
            k->conv_gradient_pieces(&pitched, down ? x : dy, down ? dy : x, s->sink, s->scratch);
}

void hs_conv_backward(const hs_step *s, const hs_conv_geometry *geometry,
                      hs_conv_direction direction, bool bias)
{
    const hs_kernels *k = hs_kernels_get();
    const hs_norm_gradient *norm = s->norm.x ? &s->norm : NULL;
    hs_conv_geometry g = *geometry;
    hs_real *dy = s->dout[0].data;
    int64_t pixels = hs_pixels(s->dout[0].shape);
    bool down = direction == HS_CONV_DOWN;
    /* Who may change the weights comes last; who makes dx of dy, first. */
    bool first = norm && s->dparam[0];
    if (norm && !first)
        k->channel_affine_backward(norm->x, norm->x_pitch, dy, pixels, s->dout[0].pitch, &norm->map,
                                   norm->x_scale, norm->dz_mean, norm->map.scale, norm->dx, false);
    if (hs_activates(s->node))
        k->leaky_relu_backward(s->out[0].data, s->out[0].pitch, dy, pixels, s->dout[0].pitch,
                               s->node->slope, dy, false);
    if (first) {
        g.small_norm = norm;
        weight_gradient(s, &g, down);
    }
    if (s->din[0].data) {
        hs_conv_direction back = down ? HS_CONV_UP : HS_CONV_DOWN;
        hs_conv_geometry pitched = between(&g, back, &s->dout[0], &s->din[0]);
        pack_and_run(&pitched, back, s->param[0], dy, s->din[0].data, s->accumulate[0], s->scratch);
    }
    if (bias)
        k->channel_sums(dy, pixels, s->dout[0].pitch, s->scratch, s->dparam[1]);
    if (!first)
        weight_gradient(s, &g, down);
}

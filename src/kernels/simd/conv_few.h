/* Part of simd/conv.h: at most FEW output channels, such as the logits of three classes. Vectors
 * lie along the input's channels and are summed up at the end; with vectors along so few outputs
 * most of each would be padding. Weights are packed [phase][tap][output channel][input channels,
 * padded]. */

/* total[m][c] += sum over taps and channels of in[tap][m][k] * weights[tap][c][k], `depth` channels
 * in whole vectors; `stride` is that of packed output channels. */
#define DEFINE_DOT(CHANNELS)                                                                      \
    static void dot_##CHANNELS(int taps, int depth, const float *const *in, const float *weights, \
                               int64_t stride, float total[DOT_PIXELS][FEW])                      \
    {                                                                                             \
        VEC sum[DOT_PIXELS][CHANNELS];                                                            \
        _Pragma("GCC unroll 8") for (int m = 0; m < DOT_PIXELS; m++)                              \
            _Pragma("GCC unroll 8") for (int c = 0; c < CHANNELS; c++) sum[m][c] = VZERO();       \
        for (int t = 0; t < taps; t++) {                                                          \
            const float *x[DOT_PIXELS], *w = weights + t * CHANNELS * stride;                     \
            _Pragma("GCC unroll 8") for (int m = 0; m < DOT_PIXELS; m++) x[m] =                   \
                in[t * DOT_PIXELS + m];                                                           \
            for (int k = 0; k < depth; k += LANES) {                                              \
                VEC value[DOT_PIXELS];                                                            \
                _Pragma("GCC unroll 8") for (int m = 0; m < DOT_PIXELS; m++) value[m] =           \
                    VLOAD(x[m] + k);                                                              \
                _Pragma("GCC unroll 8") for (int c = 0; c < CHANNELS; c++)                        \
                {                                                                                 \
                    VEC weight = VLOAD(w + c * stride + k);                                       \
                    _Pragma("GCC unroll 8") for (int m = 0; m < DOT_PIXELS; m++) sum[m][c] =      \
                        VFMA(value[m], weight, sum[m][c]);                                        \
                }                                                                                 \
            }                                                                                     \
        }                                                                                         \
        _Pragma("GCC unroll 8") for (int m = 0; m < DOT_PIXELS; m++)                              \
            _Pragma("GCC unroll 8") for (int c = 0; c < CHANNELS; c++) total[m][c] +=             \
            VSUM(sum[m][c]);                                                                      \
    }
DEFINE_DOT(1)
DEFINE_DOT(2)
DEFINE_DOT(3)
DEFINE_DOT(4)

typedef void dot_function(int taps, int depth, const float *const *in, const float *weights,
                          int64_t stride, float total[DOT_PIXELS][FEW]);
static dot_function *const dots[FEW + 1] = {NULL, dot_1, dot_2, dot_3, dot_4};

/* Weights of one tap: [output channel][padded input channels]. */
static void pack_few(const hs_conv_geometry *g, hs_conv_direction direction, const float *tap,
                     float *packed)
{
    image in = input_of(g, direction), out = output_of(g, direction);
    int depth = hs_pitch_of(in.channels);
    for (int c = 0; c < out.channels; c++)
        for (int k = 0; k < depth; k++)
            packed[c * depth + k] = k >= in.channels ? 0
                                    : direction == HS_CONV_DOWN
                                        ? tap[(int64_t)k * g->weight_pitch + c]
                                        : tap[(int64_t)c * g->weight_pitch + k];
}

/* All taps and channels of up to DOT_PIXELS pixels. */
static void run_few(const job *q, const place *places, int count)
{
    const float *in[BLOCK_TAPS * DOT_PIXELS];
    float total[DOT_PIXELS][FEW] = {{0}};
    int channels = q->out.channels, depth = hs_pitch_of(q->in.channels), taps = q->p->taps;
    for (int t = 0; t < taps; t += BLOCK_TAPS) {
        int last = min_int(t + BLOCK_TAPS, taps);
        for (int k = 0; k < depth; k += BLOCK_CHANNELS) {
            for (int m = 0; m < DOT_PIXELS; m++)
                point_taps(q, &places[min_int(m, count - 1)], t, last, k, DOT_PIXELS, in + m);
            dots[channels](last - t, min_int(BLOCK_CHANNELS, depth - k), in,
                           q->weights + (int64_t)t * channels * depth + k, depth, total);
        }
    }
    for (int m = 0; m < count; m++)
        for (int c = 0; c < HS_CHANNEL_BLOCK; c++) {
            float start = q->accumulate ? places[m].output[c] : q->bias ? q->bias[c] : 0;
            places[m].output[c] = start + (c < channels ? total[m][c] : 0);
        }
}

static void run_few_strip(const job *q, int64_t first, int count)
{
    place places[STRIP_PIXELS];
    find_places(q, first, count, places);
    for (int i = 0; i < count; i += DOT_PIXELS)
        run_few(q, places + i, min_int(DOT_PIXELS, count - i));
}

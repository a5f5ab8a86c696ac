/* Part of simd/conv.h: many output channels. Vectors lie along the output's channels; each value of
 * the input is broadcast to all of them. */

typedef struct next_read {
    const float *from;
    int64_t step;
} next_read;

static const next_read nothing_ahead = {zeros, 0};

/* out[m][..] (+)= sum over taps and depth of in[tap][m][depth] * weights[tap][depth][..], starting
 * from what out holds (load), from bias, or from zero. What is read after this is asked for
 * meanwhile: one address of `ahead` each step in depth, so many floats apart. */
#define DEFINE_TILE(VECTORS, PIXELS)                                                              \
    static void tile_##VECTORS(int taps, int depth, const float *const *in, const float *weights, \
                               float *const *out, const float *bias, bool load, next_read ahead)  \
    {                                                                                             \
        VEC sum[PIXELS][VECTORS];                                                                 \
        _Pragma("GCC unroll 16") for (int m = 0; m < PIXELS; m++)                                 \
            _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) sum[m][v] =                 \
                load   ? VLOAD(out[m] + v * LANES)                                                \
                : bias ? VLOAD(bias + v * LANES)                                                  \
                       : VZERO();                                                                 \
        for (int t = 0; t < taps; t++) {                                                          \
            const float *x[PIXELS];                                                               \
            _Pragma("GCC unroll 16") for (int m = 0; m < PIXELS; m++) x[m] = in[t * PIXELS + m];  \
            for (int k = 0; k < depth; k++) {                                                     \
                VEC w[VECTORS];                                                                   \
                __builtin_prefetch(ahead.from);                                                   \
                ahead.from += ahead.step;                                                         \
                _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) w[v] =                  \
                    VLOAD(weights + v * LANES);                                                   \
                _Pragma("GCC unroll 16") for (int m = 0; m < PIXELS; m++)                         \
                {                                                                                 \
                    VEC value = VSET1(x[m][k]);                                                   \
                    _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) sum[m][v] =         \
                        VFMA(value, w[v], sum[m][v]);                                             \
                }                                                                                 \
                weights += VECTORS * LANES;                                                       \
            }                                                                                     \
        }                                                                                         \
        _Pragma("GCC unroll 16") for (int m = 0; m < PIXELS; m++)                                 \
            _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++)                             \
                VSTORE(out[m] + v * LANES, sum[m][v]);                                            \
    }
FOR_EACH_TILE(DEFINE_TILE)

typedef void tile_function(int taps, int depth, const float *const *in, const float *weights,
                           float *const *out, const float *bias, bool load, next_read ahead);

#define TILE_ENTRY(VECTORS, PIXELS) [VECTORS] = {tile_##VECTORS, PIXELS},
static const struct {
    tile_function *run;
    int pixels;
} tiles[PANEL + 1] = {FOR_EACH_TILE(TILE_ENTRY)};

/* Adds taps [from, to), channels [channel, channel + depth) to every pixel of the strip. */
static void run_block(const job *q, const place *places, int count, int from, int to, int channel,
                      int depth, bool load)
{
    float unused[PANEL_WIDTH];
    const float *in[BLOCK_TAPS * MAX_PIXELS];
    float *out[MAX_PIXELS];
    int pixels = tiles[q->vectors].pixels, width = q->vectors * LANES;
    const float *weights = q->weights + ((int64_t)from * q->in.channels + channel) * width;
    for (int first = 0; first < count; first += pixels) {
        for (int m = 0; m < pixels; m++) {
            bool real = first + m < count;
            out[m] = real ? places[first + m].output : unused;
            if (real)
                point_taps(q, &places[first + m], from, to, channel, pixels, in + m);
            else
                for (int t = 0; t < to - from; t++)
                    in[t * pixels + m] = zeros;
        }
        if (load && count - first < pixels)
            for (int c = 0; c < width; c++)
                unused[c] = 0;
        tiles[q->vectors].run(to - from, depth, in, weights, out, q->bias, load, nothing_ahead);
    }
}

static void run_strip(const job *q, int64_t first, int count)
{
    place places[STRIP_PIXELS];
    find_places(q, first, count, places);
    int channels = q->in.channels, taps = q->p->taps;
    bool load = q->accumulate;
    if (taps == 0 && !load) /* a phase no tap reaches: the bias alone */
        run_block(q, places, count, 0, 0, 0, 0, false);
    int group = channels >= BLOCK_CHANNELS ? 1 : min_int(BLOCK_TAPS, BLOCK_DEPTH / channels);
    for (int t = 0; t < taps; t += group) {
        for (int k = 0; k < channels; k += BLOCK_CHANNELS) {
            run_block(q, places, count, t, min_int(t + group, taps), k,
                      min_int(BLOCK_CHANNELS, channels - k), load);
            load = true;
        }
    }
}

/* Weights of one tap, input channels [first, first + depth), and panel: [input channel][width]. */
static void pack_tap(const hs_conv_geometry *g, hs_conv_direction direction, const float *tap,
                     int first, int depth, int from, int width, float *packed)
{
    if (direction == HS_CONV_DOWN) {
        tap += (int64_t)first * g->weight_pitch + from;
        for (int k = 0; k < depth; k++, tap += g->weight_pitch)
            for (int c = 0; c < width; c += LANES)
                VSTORE(packed + (int64_t)k * width + c, VLOAD(tap + c));
        return;
    }
    enum { BLOCK = 16 }; /* squares that stay in the first-level cache while they are transposed */
    tap += first;
    for (int k0 = 0; k0 < depth; k0 += BLOCK)
        for (int c = 0; c < width; c++)
            for (int k = k0; k < min_int(k0 + BLOCK, depth); k++)
                packed[(int64_t)k * width + c] =
                    from + c < g->big_c ? tap[(int64_t)(from + c) * g->weight_pitch + k] : 0;
}

/* Part of simd/winograd.h: the transforms of one tile. Included once for each filter, after
 * defining TAPS of the kernel and TILE output pixels, a side; OF_FILTER(name), the name with both
 * in it; and OF_POINTS(name), with the points they come to. */

enum {
    OF_FILTER(POINTS) = TILE + TAPS - 1, /* input pixels, a side */
    OF_FILTER(PRODUCTS) = OF_FILTER(POINTS) * OF_FILTER(POINTS),
};
#define POINTS OF_FILTER(POINTS)
#define PRODUCTS OF_FILTER(PRODUCTS)

/* Both sides of a square: to = T from T', with the transform T of one vector. */
#define DEFINE_SQUARE(NAME, OF, FROM, TO)                                                  \
    static inline void OF_FILTER(NAME##_square)(VEC(*from)[FROM], VEC(*to)[TO])            \
    {                                                                                      \
        VEC half[FROM][TO];                                                                \
        _Pragma("GCC unroll 6") for (int i = 0; i < FROM; i++) OF(NAME)(from[i], half[i]); \
        _Pragma("GCC unroll 6") for (int j = 0; j < TO; j++)                               \
        {                                                                                  \
            VEC column[FROM], done[TO];                                                    \
            _Pragma("GCC unroll 6") for (int i = 0; i < FROM; i++) column[i] = half[i][j]; \
            OF(NAME)(column, done);                                                        \
            _Pragma("GCC unroll 6") for (int i = 0; i < TO; i++) to[i][j] = done[i];       \
        }                                                                                  \
    }
DEFINE_SQUARE(transform_in, OF_POINTS, POINTS, POINTS)
DEFINE_SQUARE(transform_out, OF_FILTER, POINTS, TILE)
DEFINE_SQUARE(transform_out_back, OF_FILTER, TILE, POINTS)
DEFINE_SQUARE(transform_kernel, OF_FILTER, TAPS, POINTS)
DEFINE_SQUARE(transform_kernel_back, OF_FILTER, POINTS, TAPS)
#undef DEFINE_SQUARE

/* B' d B of one tile and phase: to[product * plane + channel]. */
static void OF_FILTER(input_tile)(const square *s, float *to, int64_t plane)
{
    for (int c = 0; c < s->channels; c += LANES) {
        VEC d[POINTS][POINTS], v[POINTS][POINTS];
        if (s->map) {
            lanes_map map = load_map(s->map, c);
            for (int i = 0; i < PRODUCTS; i++)
                d[i / POINTS][i % POINTS] = load_mapped(s, i, c, &map);
        } else {
            for (int i = 0; i < PRODUCTS; i++)
                d[i / POINTS][i % POINTS] = VLOAD(s->pixel[i] + c * s->step[i]);
        }
        OF_FILTER(transform_in_square)(d, v);
        for (int i = 0; i < PRODUCTS; i++)
            VSTORE(to + i * plane + c, v[i / POINTS][i % POINTS]);
    }
}

/* A' m A of one tile and phase into the pixels of the output that exist. */
static void OF_FILTER(output_tile)(const square *s, const float *from, int64_t plane,
                                   const float *bias, float slope, bool accumulate)
{
    for (int c = 0; c < s->channels; c += LANES) {
        VEC m[POINTS][POINTS], y[TILE][TILE];
        for (int i = 0; i < PRODUCTS; i++) {
            m[i / POINTS][i % POINTS] = VLOAD(from + i * plane + c);
            __builtin_prefetch(from + i * plane + c + PREFETCH); /* too many rows for hardware */
        }
        OF_FILTER(transform_out_square)(m, y);
        VEC shift = bias ? VLOAD(bias + c) : VZERO();
        for (int i = 0; i < TILE * TILE; i++) {
            float *to = (float *)s->pixel[i] + c;
            if (!s->step[i])
                continue;
            VEC sum = VADD(y[i / TILE][i % TILE], accumulate ? VLOAD(to) : shift);
            VSTORE(to, accumulate ? sum : VMAX(sum, VMUL(VSET1(slope), sum)));
        }
    }
}

/* A dy A' of one tile, in panels: to[product * plane + panel's first channel * block + ..]. */
static void OF_FILTER(gradient_tile)(const square *s, int block, int tile, float *to, int64_t plane)
{
    for (int c = 0; c < s->channels; c += LANES) {
        VEC y[TILE][TILE], m[POINTS][POINTS];
        if (s->map || s->norm) {
            lanes_map map = load_map(s->norm ? &s->norm->map : s->map, c);
            for (int i = 0; i < TILE * TILE; i++)
                y[i / TILE][i % TILE] =
                    s->norm ? pass_norm(s, i, c, &map) : load_mapped(s, i, c, &map);
        } else {
            for (int i = 0; i < TILE * TILE; i++)
                y[i / TILE][i % TILE] = VLOAD(s->pixel[i] + c * s->step[i]);
        }
        OF_FILTER(transform_out_back_square)(y, m);
        int from = c / PANEL_WIDTH * PANEL_WIDTH, wide = min_int(PANEL_WIDTH, s->channels - from);
        float *at = to + (int64_t)from * block + (int64_t)tile * wide + (c - from);
        for (int i = 0; i < PRODUCTS; i++)
            VSTORE(at + i * plane, m[i / POINTS][i % POINTS]);
    }
}

/* G g G' of LANES weights: tap (i, j) of the phase lies at taps[i * TAPS + j]; `real` false: zeros.
 */
static inline void OF_FILTER(kernel_tile)(const float *const *taps, int64_t offset, bool real,
                                          VEC u[POINTS][POINTS])
{
    VEC g[TAPS][TAPS];
    for (int t = 0; t < TAPS * TAPS; t++)
        g[t / TAPS][t % TAPS] = real ? VLOAD(taps[t] + offset) : VZERO();
    OF_FILTER(transform_kernel_square)(g, u);
}

/* Weights of one phase of the input by one panel: [product][input channel][width], `plane` apart.
 */
static void OF_FILTER(pack_down)(const hs_conv_geometry *g, const float *const *taps, int from,
                                 int width, float *packed, int64_t plane)
{
    VEC u[POINTS][POINTS];
    for (int k = 0; k < hs_pitch_of(g->big_c); k++)
        for (int c = 0; c < width; c += LANES) {
            OF_FILTER(kernel_tile)(taps, (int64_t)k * g->weight_pitch + from + c, k < g->big_c, u);
            for (int i = 0; i < PRODUCTS; i++)
                VSTORE(packed + i * plane + (int64_t)k * width + c, u[i / POINTS][i % POINTS]);
        }
}

/* The same for a panel of big channels: input channels, which lie together, go across. */
static void OF_FILTER(pack_up)(const hs_conv_geometry *g, const float *const *taps, int from,
                               int width, float *packed, int64_t plane)
{
    float block[PRODUCTS][LANES][LANES]; /* output channel, input channel */
    VEC u[POINTS][POINTS];
    for (int c = 0; c < width; c += LANES) {
        for (int k = 0; k < g->weight_pitch; k += LANES) {
            for (int i = 0; i < LANES; i++) {
                int row = from + c + i;
                OF_FILTER(kernel_tile)(taps, (int64_t)row * g->weight_pitch + k, row < g->big_c, u);
                for (int p = 0; p < PRODUCTS; p++)
                    VSTORE(block[p][i], u[p / POINTS][p % POINTS]);
            }
            for (int p = 0; p < PRODUCTS; p++)
                for (int row = 0; row < LANES; row++)
                    for (int i = 0; i < LANES; i++)
                        packed[p * plane + (int64_t)(k + row) * width + c + i] = block[p][i][row];
        }
    }
}

/* Adds G' sums G of one phase and big channel to the gradient of its taps. */
static void OF_FILTER(unpack_gradient)(const hs_conv_geometry *g, const float *sums, int64_t plane,
                                       float *const *taps, int64_t offset)
{
    for (int c = 0; c < g->weight_pitch; c += LANES) {
        VEC u[POINTS][POINTS], d[TAPS][TAPS];
        for (int i = 0; i < PRODUCTS; i++)
            u[i / POINTS][i % POINTS] = VLOAD(sums + i * plane + c);
        OF_FILTER(transform_kernel_back_square)(u, d);
        for (int t = 0; t < TAPS * TAPS; t++) {
            float *to = taps[t] + offset + c;
            VSTORE(to, VADD(VLOAD(to), d[t / TAPS][t % TAPS]));
        }
    }
}

static const minimal_filter OF_FILTER(filter) = {
    .taps = TAPS,
    .tile = TILE,
    .points = POINTS,
    .products = PRODUCTS,
    .input_tile = OF_FILTER(input_tile),
    .output_tile = OF_FILTER(output_tile),
    .gradient_tile = OF_FILTER(gradient_tile),
    .pack_down = OF_FILTER(pack_down),
    .pack_up = OF_FILTER(pack_up),
    .unpack_gradient = OF_FILTER(unpack_gradient),
};

#undef POINTS
#undef PRODUCTS
#undef TAPS
#undef TILE
#undef OF_FILTER
#undef OF_POINTS

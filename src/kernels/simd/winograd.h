/* Part of simd/conv.h: 3x3 kernels at stride 1 by minimal filtering F(4x4, 3x3) (Winograd 1980;
 * Lavin and Gray 2016). With d a 6x6 tile of the input, g the kernel and y 4x4 pixels of the
 * output, y = A' [(G g G') . (B' d B)] A needs 36 products where the definition has 144. The points
 * 0, +-5/8, +-3/2 and infinity keep the rounding error under twice that of direct sums. Tiles are
 * transformed a block at a time, so that products of a block, which are 36 independent matrix
 * products, find their operands in the cache. All threads work on one block: how it is cut does not
 * depend on their number. */

enum {
    TILE = 4,                   /* output pixels a side */
    POINTS = 6,                 /* input pixels a side */
    PRODUCTS = POINTS * POINTS, /* of one tile */
    WINOGRAD_CHANNELS = 32,     /* fewer, and the transforms cost more than they save */
    WINOGRAD_TILES = 28,        /* the same */
    WINOGRAD_REALS = 3 << 20,   /* of a block, transformed */
    WINOGRAD_BLOCK = 64,        /* tiles of a block, at least: each weight is used as often */
    WINOGRAD_SKEW =
        HS_CHANNEL_BLOCK, /* rows of a power of two would share a few sets of the cache */
    WINOGRAD_GROUP = 4 * GRADIENT_ROWS,
};

static const float point_a = 0.625F, point_b = 1.5F;

/* One direction of a geometry as a convolution with pad `pad`. */
typedef struct winograd {
    image in, out;
    int pad[2];
    int rows, columns;           /* tiles of an image */
    int64_t count;               /* tiles of all images */
    int block;                   /* tiles of a block */
    int64_t in_pitch, out_pitch; /* of one transformed tile and product */
} winograd;

static winograd make_winograd(const hs_conv_geometry *g, hs_conv_direction direction)
{
    winograd w = {.in = input_of(g, direction), .out = output_of(g, direction)};
    for (int axis = 0; axis < 2; axis++)
        w.pad[axis] = direction == HS_CONV_DOWN ? g->pad[axis] : 2 - g->pad[axis];
    w.rows = (w.out.height + TILE - 1) / TILE;
    w.columns = (w.out.width + TILE - 1) / TILE;
    w.count = (int64_t)g->n * w.rows * w.columns;
    w.in_pitch = hs_pitch_of(w.in.channels) + WINOGRAD_SKEW;
    w.out_pitch = hs_pitch_of(w.out.channels) + WINOGRAD_SKEW;
    int64_t block = WINOGRAD_REALS / (PRODUCTS * (w.in_pitch + w.out_pitch));
    block = block < WINOGRAD_BLOCK ? WINOGRAD_BLOCK : block;
    int64_t blocks = (w.count + block - 1) / block; /* of even size */
    w.block = (int)((w.count + blocks - 1) / blocks);
    return w;
}

static bool is_winograd(const hs_conv_geometry *g)
{
    for (int axis = 0; axis < 2; axis++)
        if (g->kernel[axis] != 3 || g->stride[axis] != 1 || g->dilation[axis] != 1 ||
            g->pad[axis] > 2)
            return false;
    int64_t squares =
        (int64_t)g->n * ((g->small_h + TILE - 1) / TILE) * ((g->small_w + TILE - 1) / TILE);
    return squares >= WINOGRAD_TILES && g->big_c >= WINOGRAD_CHANNELS &&
           g->small_c >= WINOGRAD_CHANNELS;
}

/* ---- transforms -------------------------------------------------------------------------------
 */

/* B' d. */
static inline void transform_in(const VEC d[POINTS], VEC v[POINTS])
{
    const float a2 = point_a * point_a, b2 = point_b * point_b;
    VEC a = VSET1(point_a), b = VSET1(point_b), less_a2 = VSET1(-a2), less_b2 = VSET1(-b2);
    VEC both = VSET1(a2 * b2), sum = VSET1(-(a2 + b2));
    VEC even_b = VFMA(less_b2, d[2], d[4]), odd_b = VFMA(less_b2, d[1], d[3]);
    VEC even_a = VFMA(less_a2, d[2], d[4]), odd_a = VFMA(less_a2, d[1], d[3]);
    v[0] = VFMA(both, d[0], VFMA(sum, d[2], d[4]));
    v[1] = VFMA(a, odd_b, even_b);
    v[2] = VFNMA(a, odd_b, even_b);
    v[3] = VFMA(b, odd_a, even_a);
    v[4] = VFNMA(b, odd_a, even_a);
    v[5] = VFMA(both, d[1], VFMA(sum, d[3], d[5]));
}

/* A' m. */
static inline void transform_out(const VEC m[POINTS], VEC y[TILE])
{
    const float a2 = point_a * point_a, b2 = point_b * point_b;
    VEC sum_a = VADD(m[1], m[2]), sum_b = VADD(m[3], m[4]);
    VEC less_a = VSUB(m[1], m[2]), less_b = VSUB(m[3], m[4]);
    y[0] = VADD(m[0], VADD(sum_a, sum_b));
    y[1] = VFMA(VSET1(point_a), less_a, VMUL(VSET1(point_b), less_b));
    y[2] = VFMA(VSET1(a2), sum_a, VMUL(VSET1(b2), sum_b));
    y[3] = VFMA(VSET1(a2 * point_a), less_a, VFMA(VSET1(b2 * point_b), less_b, m[5]));
}

/* A y: the transpose of transform_out. */
static inline void transform_out_back(const VEC y[TILE], VEC m[POINTS])
{
    const float a2 = point_a * point_a, b2 = point_b * point_b;
    VEC even_a = VFMA(VSET1(a2), y[2], y[0]), even_b = VFMA(VSET1(b2), y[2], y[0]);
    VEC odd_a = VFMA(VSET1(a2 * point_a), y[3], VMUL(VSET1(point_a), y[1]));
    VEC odd_b = VFMA(VSET1(b2 * point_b), y[3], VMUL(VSET1(point_b), y[1]));
    m[0] = y[0];
    m[1] = VADD(even_a, odd_a);
    m[2] = VSUB(even_a, odd_a);
    m[3] = VADD(even_b, odd_b);
    m[4] = VSUB(even_b, odd_b);
    m[5] = y[3];
}

/* Reciprocals of the products of differences of the points: the scale of the kernel's transform. */
static inline void kernel_scales(float scale[3])
{
    const double a2 = (double)point_a * point_a, b2 = (double)point_b * point_b;
    scale[0] = (float)(1 / (a2 * b2));
    scale[1] = (float)(1 / (2 * a2 * (a2 - b2)));
    scale[2] = (float)(1 / (2 * b2 * (b2 - a2)));
}

/* G g. */
static inline void transform_kernel(const VEC g[3], VEC u[POINTS])
{
    float scale[3];
    kernel_scales(scale);
    const float points[2] = {point_a, point_b};
    u[0] = VMUL(VSET1(scale[0]), g[0]);
    for (int i = 0; i < 2; i++) {
        float p = points[i], s = scale[1 + i];
        VEC even = VFMA(VSET1(p * p * s), g[2], VMUL(VSET1(s), g[0]));
        u[1 + 2 * i] = VFMA(VSET1(p * s), g[1], even);
        u[2 + 2 * i] = VFNMA(VSET1(p * s), g[1], even);
    }
    u[5] = g[2];
}

/* G' u: the transpose of transform_kernel. */
static inline void transform_kernel_back(const VEC u[POINTS], VEC g[3])
{
    float scale[3];
    kernel_scales(scale);
    const float points[2] = {point_a, point_b};
    g[0] = VMUL(VSET1(scale[0]), u[0]);
    g[1] = VZERO();
    g[2] = u[5];
    for (int i = 0; i < 2; i++) {
        float p = points[i], s = scale[1 + i];
        VEC sum = VADD(u[1 + 2 * i], u[2 + 2 * i]), less = VSUB(u[1 + 2 * i], u[2 + 2 * i]);
        g[0] = VFMA(VSET1(s), sum, g[0]);
        g[1] = VFMA(VSET1(p * s), less, g[1]);
        g[2] = VFMA(VSET1(p * p * s), sum, g[2]);
    }
}

/* Both sides of a FROM x FROM square: to[i][j] from from[i][j], by one of the above. */
#define DEFINE_BOTH_SIDES(NAME, FROM, TO)                                                  \
    static inline void NAME##_square(VEC(*from)[FROM], VEC(*to)[TO])                       \
    {                                                                                      \
        VEC half[FROM][TO];                                                                \
        _Pragma("GCC unroll 6") for (int i = 0; i < FROM; i++) NAME(from[i], half[i]);     \
        _Pragma("GCC unroll 6") for (int j = 0; j < TO; j++)                               \
        {                                                                                  \
            VEC column[FROM], done[TO];                                                    \
            _Pragma("GCC unroll 6") for (int i = 0; i < FROM; i++) column[i] = half[i][j]; \
            NAME(column, done);                                                            \
            _Pragma("GCC unroll 6") for (int i = 0; i < TO; i++) to[i][j] = done[i];       \
        }                                                                                  \
    }
DEFINE_BOTH_SIDES(transform_in, POINTS, POINTS)
DEFINE_BOTH_SIDES(transform_out, POINTS, TILE)
DEFINE_BOTH_SIDES(transform_out_back, TILE, POINTS)
DEFINE_BOTH_SIDES(transform_kernel, 3, POINTS)
DEFINE_BOTH_SIDES(transform_kernel_back, POINTS, 3)

/* Image, row and column of the first output pixel of a tile. */
static void tile_place(const winograd *w, int64_t tile, int64_t *n, int *row, int *column)
{
    *n = tile / ((int64_t)w->rows * w->columns);
    int rest = (int)(tile % ((int64_t)w->rows * w->columns));
    *row = rest / w->columns * TILE;
    *column = rest % w->columns * TILE;
}

/* size x size pixels of an image from (row, column) on; those outside read zeros: step 0. */
static void point_square(image m, const float *data, int64_t n, int row, int column, int size,
                         const float **pixel, int *step)
{
    for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
            bool inside = (unsigned)(row + i) < (unsigned)m.height &&
                          (unsigned)(column + j) < (unsigned)m.width;
            pixel[i * size + j] =
                inside ? data + ((n * m.height + row + i) * m.width + column + j) * m.pitch : zeros;
            step[i * size + j] = inside;
        }
    }
}

/* B' d B of one tile: to[product * plane + channel]. */
static void input_tile(const winograd *w, const float *in, int64_t tile, float *to, int64_t plane)
{
    const float *pixel[PRODUCTS];
    int step[PRODUCTS], row, column;
    int64_t n;
    tile_place(w, tile, &n, &row, &column);
    point_square(w->in, in, n, row - w->pad[0], column - w->pad[1], POINTS, pixel, step);
    for (int c = 0; c < hs_pitch_of(w->in.channels); c += LANES) {
        VEC d[POINTS][POINTS], v[POINTS][POINTS];
        for (int i = 0; i < PRODUCTS; i++)
            d[i / POINTS][i % POINTS] = VLOAD(pixel[i] + c * step[i]);
        transform_in_square(d, v);
        for (int i = 0; i < PRODUCTS; i++)
            VSTORE(to + i * plane + c, v[i / POINTS][i % POINTS]);
    }
}

/* ---- down and up ------------------------------------------------------------------------------
 */

static size_t winograd_packed_size(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return (size_t)PRODUCTS * input_of(g, direction).channels *
           hs_pitch_of(output_of(g, direction).channels);
}

/* G g G' of LANES small channels from `c` on, of big channel k; `flip`: of the kernel turned round.
 */
static inline void kernel_square(const hs_conv_geometry *g, const float *weights, int k, int c,
                                 bool flip, VEC u[POINTS][POINTS])
{
    VEC taps[3][3];
    int64_t size = (int64_t)g->big_c * g->weight_pitch;
    for (int t = 0; t < 9; t++)
        taps[t / 3][t % 3] =
            VLOAD(weights + (flip ? 8 - t : t) * size + (int64_t)k * g->weight_pitch + c);
    transform_kernel_square(taps, u);
}

/* Weights of one panel of output channels: [product][input channel][width]. */
static void winograd_pack_panel(const hs_conv_geometry *g, hs_conv_direction direction,
                                const float *weights, int from, int width, float *packed)
{
    int depth = input_of(g, direction).channels;
    int64_t plane = (int64_t)depth * width;
    VEC u[POINTS][POINTS];
    if (direction == HS_CONV_DOWN) {
        for (int k = 0; k < depth; k++)
            for (int c = 0; c < width; c += LANES) {
                kernel_square(g, weights, k, from + c, false, u);
                for (int i = 0; i < PRODUCTS; i++)
                    VSTORE(packed + i * plane + (int64_t)k * width + c, u[i / POINTS][i % POINTS]);
            }
        return;
    }
    float square[PRODUCTS][LANES][LANES]; /* output channel, input channel */
    for (int c = 0; c < width; c += LANES) {
        for (int k = 0; k < depth; k += LANES) {
            for (int i = 0; i < LANES; i++) {
                bool real = from + c + i < g->big_c;
                if (real)
                    kernel_square(g, weights, from + c + i, k, true, u);
                for (int p = 0; p < PRODUCTS; p++)
                    VSTORE(square[p][i], real ? u[p / POINTS][p % POINTS] : VZERO());
            }
            for (int p = 0; p < PRODUCTS; p++)
                for (int row = 0; row < min_int(LANES, depth - k); row++)
                    for (int i = 0; i < LANES; i++)
                        packed[p * plane + (int64_t)(k + row) * width + c + i] = square[p][i][row];
        }
    }
}

static void winograd_pack(const hs_conv_geometry *g, hs_conv_direction direction,
                          const float *weights, float *packed)
{
    int width = hs_pitch_of(output_of(g, direction).channels);
    int64_t depth = input_of(g, direction).channels;
#pragma omp parallel for schedule(dynamic)
    for (int from = 0; from < width; from += PANEL_WIDTH)
        winograd_pack_panel(g, direction, weights, from, min_int(PANEL_WIDTH, width - from),
                            packed + PRODUCTS * depth * from);
}

static size_t winograd_scratch(const hs_conv_geometry *g, hs_conv_direction direction)
{
    winograd w = make_winograd(g, direction);
    return (size_t)PRODUCTS * w.block * (w.in_pitch + w.out_pitch);
}

/* One product of `count` tiles by one panel: out[tile][..] = in[tile] * weights. */
static void product_panel(const winograd *w, const float *in, const float *weights, int count,
                          int vectors, float *out)
{
    float unused[PANEL_WIDTH];
    const float *x[MAX_PIXELS];
    float *y[MAX_PIXELS];
    int pixels = tiles[vectors].pixels;
    for (int k = 0; k < w->in.channels; k += BLOCK_CHANNELS) {
        int depth = min_int(BLOCK_CHANNELS, w->in.channels - k);
        for (int first = 0; first < count; first += pixels) {
            for (int m = 0; m < pixels; m++) {
                bool real = first + m < count;
                x[m] = real ? in + (first + m) * w->in_pitch + k : zeros;
                y[m] = real ? out + (first + m) * w->out_pitch : unused;
            }
            if (k > 0 && count - first < pixels)
                for (int c = 0; c < vectors * LANES; c++)
                    unused[c] = 0;
            tiles[vectors].run(1, depth, x, weights + (int64_t)k * vectors * LANES, y, NULL, k > 0);
        }
    }
}

/* A' m A of one tile into the output. */
static void output_tile(const winograd *w, const float *from, int64_t plane, int64_t tile,
                        const float *bias, float *out, bool accumulate)
{
    int row, column;
    int64_t n;
    tile_place(w, tile, &n, &row, &column);
    float *corner = out + ((n * w->out.height + row) * w->out.width + column) * w->out.pitch;
    int rows = min_int(TILE, w->out.height - row), columns = min_int(TILE, w->out.width - column);
    for (int c = 0; c < hs_pitch_of(w->out.channels); c += LANES) {
        VEC m[POINTS][POINTS], y[TILE][TILE];
        for (int i = 0; i < PRODUCTS; i++)
            m[i / POINTS][i % POINTS] = VLOAD(from + i * plane + c);
        transform_out_square(m, y);
        VEC shift = bias ? VLOAD(bias + c) : VZERO();
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) {
                float *to = corner + ((int64_t)i * w->out.width + j) * w->out.pitch + c;
                VSTORE(to, VADD(y[i][j], accumulate ? VLOAD(to) : shift));
            }
    }
}

static void winograd_run(const hs_conv_geometry *g, hs_conv_direction direction,
                         const float *packed, const float *bias, const float *in, float *out,
                         bool accumulate, float *scratch)
{
    winograd w = make_winograd(g, direction);
    int width = hs_pitch_of(w.out.channels), panels = (width + PANEL_WIDTH - 1) / PANEL_WIDTH;
    int64_t in_plane = w.block * w.in_pitch, out_plane = w.block * w.out_pitch;
    float *products = scratch + PRODUCTS * in_plane;
#pragma omp parallel
    for (int64_t first = 0; first < w.count; first += w.block) {
        int count = (int)(w.count - first < w.block ? w.count - first : w.block);
#pragma omp for schedule(dynamic, 4)
        for (int t = 0; t < count; t++)
            input_tile(&w, in, first + t, scratch + t * w.in_pitch, in_plane);
#pragma omp for schedule(dynamic)
        for (int item = 0; item < PRODUCTS * panels; item++) {
            int product = item % PRODUCTS, from = item / PRODUCTS * PANEL_WIDTH;
            int wide = min_int(PANEL_WIDTH, width - from);
            product_panel(&w, scratch + product * in_plane,
                          packed +
                              ((int64_t)PRODUCTS * from + (int64_t)product * wide) * w.in.channels,
                          count, wide / LANES, products + product * out_plane + from);
        }
#pragma omp for schedule(dynamic, 4)
        for (int t = 0; t < count; t++)
            output_tile(&w, products + t * w.out_pitch, out_plane, first + t,
                        accumulate ? NULL : bias, out, accumulate);
    }
}

/* ---- the gradient of the weights: dg = G' [sum over tiles of (A dy A') . (B' d B)] G -----------
 */

/* Offsets of the scratch: input, output gradients, then the sums [product][big_c][weight_pitch]. */
static size_t winograd_gradient_scratch(const hs_conv_geometry *g)
{
    return winograd_scratch(g, HS_CONV_DOWN) +
           (size_t)PRODUCTS * g->big_c * (size_t)g->weight_pitch + WINOGRAD_SKEW;
}

/* A dy A' of one tile: to[product * plane + panel * block + channel of the panel]. */
static void gradient_tile(const winograd *w, const float *dy, int64_t tile, int t, float *to,
                          int64_t plane)
{
    const float *pixel[TILE * TILE];
    int step[TILE * TILE], row, column, width = hs_pitch_of(w->out.channels);
    int64_t n;
    tile_place(w, tile, &n, &row, &column);
    point_square(w->out, dy, n, row, column, TILE, pixel, step);
    for (int c = 0; c < width; c += LANES) {
        VEC y[TILE][TILE], m[POINTS][POINTS];
        for (int i = 0; i < TILE * TILE; i++)
            y[i / TILE][i % TILE] = VLOAD(pixel[i] + c * step[i]);
        transform_out_back_square(y, m);
        int from = c / PANEL_WIDTH * PANEL_WIDTH, wide = min_int(PANEL_WIDTH, width - from);
        float *at = to + (int64_t)from * w->block + (int64_t)t * wide + (c - from);
        for (int i = 0; i < PRODUCTS; i++)
            VSTORE(at + i * plane, m[i / POINTS][i % POINTS]);
    }
}

/* Adds the sums of one block for one product, some channels of the big image, one panel. */
static void gradient_products(const hs_conv_geometry *g, const winograd *w, const float *in,
                              const float *dy, int count, int group, int from, float *sums)
{
    int wide = min_int(PANEL_WIDTH, g->weight_pitch - from);
    int last = min_int(g->big_c, (group + 1) * WINOGRAD_GROUP);
    for (int k = group * WINOGRAD_GROUP; k < last; k += GRADIENT_ROWS)
        gradients[wide / LANES](1, count, in + k, 0, w->in_pitch, dy + (int64_t)from * w->block,
                                sums + (int64_t)k * g->weight_pitch + from, g->weight_pitch,
                                g->big_c - k);
}

static void winograd_gradient_end(const hs_conv_geometry *g, const float *sums, int k,
                                  float *dweights)
{
    int64_t size = (int64_t)g->big_c * g->weight_pitch, at = (int64_t)k * g->weight_pitch;
    for (int c = 0; c < g->weight_pitch; c += LANES, at += LANES) {
        VEC u[POINTS][POINTS], taps[3][3];
        for (int i = 0; i < PRODUCTS; i++)
            u[i / POINTS][i % POINTS] = VLOAD(sums + i * size + at);
        transform_kernel_back_square(u, taps);
        for (int t = 0; t < 9; t++) {
            float *to = dweights + t * size + at;
            VSTORE(to, VADD(VLOAD(to), taps[t / 3][t % 3]));
        }
    }
}

static void winograd_gradient(const hs_conv_geometry *g, const float *big, const float *small,
                              float *dweights, float *scratch)
{
    winograd w = make_winograd(g, HS_CONV_DOWN);
    int64_t in_plane = w.block * w.in_pitch, out_plane = w.block * w.out_pitch;
    int64_t size = (int64_t)g->big_c * g->weight_pitch;
    float *dy = scratch + PRODUCTS * in_plane + WINOGRAD_SKEW, *sums = dy + PRODUCTS * out_plane;
    int groups = (g->big_c + WINOGRAD_GROUP - 1) / WINOGRAD_GROUP;
    int panels = (g->weight_pitch + PANEL_WIDTH - 1) / PANEL_WIDTH;
#pragma omp parallel
    {
#pragma omp for schedule(static)
        for (int64_t i = 0; i < PRODUCTS * size; i += LANES)
            VSTORE(sums + i, VZERO());
        for (int64_t first = 0; first < w.count; first += w.block) {
            int count = (int)(w.count - first < w.block ? w.count - first : w.block);
#pragma omp for schedule(dynamic, 4)
            for (int t = 0; t < count; t++) {
                input_tile(&w, big, first + t, scratch + t * w.in_pitch, in_plane);
                gradient_tile(&w, small, first + t, t, dy, out_plane);
            }
#pragma omp for schedule(dynamic) collapse(3)
            for (int product = 0; product < PRODUCTS; product++)
                for (int panel = 0; panel < panels; panel++)
                    for (int group = 0; group < groups; group++)
                        gradient_products(g, &w, scratch + product * in_plane,
                                          dy + product * out_plane, count, group,
                                          panel * PANEL_WIDTH, sums + product * size);
        }
#pragma omp for schedule(static)
        for (int k = 0; k < g->big_c; k++)
            winograd_gradient_end(g, sums, k, dweights);
    }
}

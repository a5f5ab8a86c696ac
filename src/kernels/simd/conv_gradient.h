/* Part of simd/conv.h: the gradient of the weights. A work item is the gradient of one kernel row,
 * some channels of the big image and some of the small one, summed over all positions by one
 * thread. */

enum {
    GRADIENT_PIXELS = 256, /* positions summed in registers before they are added to the gradient */
    GRADIENT_TILES = 4,
    GRADIENT_CHANNELS = GRADIENT_TILES * GRADIENT_ROWS,
    GRADIENT_PANELS = 4,
};

/* Rows of positions summed in one go. */
static int gradient_rows(const hs_conv_geometry *g)
{
    int rows = (GRADIENT_PIXELS + g->small_w - 1) / g->small_w;
    return min_int(rows, g->small_h);
}

/* Columns of the big image the positions of one row touch, padding included. */
static int gradient_width(const hs_conv_geometry *g)
{
    return (g->small_w - 1) * g->stride[1] + (g->kernel[1] - 1) * g->dilation[1] + 1;
}

static size_t gradient_big_size(const hs_conv_geometry *g)
{
    return (size_t)gradient_rows(g) * gradient_width(g) * GRADIENT_CHANNELS;
}

static size_t gradient_thread_scratch(const hs_conv_geometry *g)
{
    size_t small = (size_t)gradient_rows(g) * g->small_w * PANEL_WIDTH;
    return hs_pitch_of((int32_t)gradient_big_size(g)) + small;
}

static size_t direct_gradient_scratch(const hs_conv_geometry *g, int threads)
{
    return gradient_thread_scratch(g) * threads;
}

/* gradient[m][..] += sum over positions of big[position][m] * small[position][..], m < valid. */
#define DEFINE_GRADIENT(VECTORS, PIXELS)                                                     \
    static void gradient_##VECTORS(int rows, int columns, const float *big, int64_t big_row, \
                                   int64_t big_column, const float *small, float *gradient,  \
                                   int64_t pitch, int valid)                                 \
    {                                                                                        \
        VEC sum[GRADIENT_ROWS][VECTORS];                                                     \
        _Pragma("GCC unroll 16") for (int m = 0; m < GRADIENT_ROWS; m++)                     \
            _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) sum[m][v] = VZERO();   \
        for (int row = 0; row < rows; row++) {                                               \
            const float *x = big + row * big_row;                                            \
            for (int column = 0; column < columns; column++, x += big_column) {              \
                VEC y[VECTORS];                                                              \
                _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) y[v] =             \
                    VLOAD(small + v * LANES);                                                \
                small += VECTORS * LANES;                                                    \
                _Pragma("GCC unroll 16") for (int m = 0; m < GRADIENT_ROWS; m++)             \
                {                                                                            \
                    VEC value = VSET1(x[m]);                                                 \
                    _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) sum[m][v] =    \
                        VFMA(value, y[v], sum[m][v]);                                        \
                }                                                                            \
            }                                                                                \
        }                                                                                    \
        _Pragma("GCC unroll 16") for (int m = 0; m < GRADIENT_ROWS; m++)                     \
            _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++)                        \
        {                                                                                    \
            float *to = gradient + m * pitch + v * LANES;                                    \
            if (m < valid)                                                                   \
                VSTORE(to, VADD(VLOAD(to), sum[m][v]));                                      \
        }                                                                                    \
    }
FOR_EACH_TILE(DEFINE_GRADIENT)

typedef void gradient_function(int rows, int columns, const float *big, int64_t big_row,
                               int64_t big_column, const float *small, float *gradient,
                               int64_t pitch, int valid);

#define GRADIENT_ENTRY(VECTORS, PIXELS) [VECTORS] = gradient_##VECTORS,
static gradient_function *const gradients[PANEL + 1] = {FOR_EACH_TILE(GRADIENT_ENTRY)};

/* Rows of the big image under kernel row r, for positions of rows [i, i + rows) of image n,
 * channels [from, from + count): [tile][row][column][GRADIENT_ROWS], zeros outside the image. */
static void pack_big(const hs_conv_geometry *g, const float *big, int n, int i, int rows, int r,
                     int from, int count, float *packed)
{
    int width = gradient_width(g);
    for (int tile = 0; tile * GRADIENT_ROWS < count; tile++) {
        int channel = from + tile * GRADIENT_ROWS;
        int valid = min_int(GRADIENT_ROWS, from + count - channel);
        for (int row = 0; row < rows; row++) {
            int h = (i + row) * g->stride[0] - g->pad[0] + r * g->dilation[0];
            bool row_inside = h >= 0 && h < g->big_h;
            const float *line =
                big + ((int64_t)n * g->big_h + (row_inside ? h : 0)) * g->big_w * g->big_pitch;
            for (int x = 0; x < width; x++, packed += GRADIENT_ROWS) {
                int w = x - g->pad[1];
                bool inside = row_inside && w >= 0 && w < g->big_w;
                const float *pixel = line + (int64_t)w * g->big_pitch + channel;
                for (int m = 0; m < GRADIENT_ROWS; m++)
                    packed[m] = inside && m < valid ? pixel[m] : 0;
            }
        }
    }
}

static void pack_small(const hs_conv_geometry *g, const float *small, int n, int i, int rows,
                       int from, int width, float *packed)
{
    const float *pixel = small + ((int64_t)n * g->small_h + i) * g->small_w * g->small_pitch + from;
    for (int x = 0; x < rows * g->small_w; x++, pixel += g->small_pitch, packed += width)
        for (int v = 0; v < width; v += LANES)
            VSTORE(packed + v, VLOAD(pixel + v));
}

/* Gradient of kernel row r, big channels [from, from + count), small channels [c0, c1). */
static void gradient_item(const hs_conv_geometry *g, const float *big, const float *small, int r,
                          int from, int count, int c0, int c1, float *dweights, float *scratch)
{
    float *packed_big = scratch,
          *packed_small = scratch + hs_pitch_of((int32_t)gradient_big_size(g));
    int group = gradient_rows(g), width = gradient_width(g);
    for (int n = 0; n < g->n; n++) {
        for (int i = 0; i < g->small_h; i += group) {
            int rows = min_int(group, g->small_h - i);
            pack_big(g, big, n, i, rows, r, from, count, packed_big);
            for (int c = c0; c < c1; c += PANEL_WIDTH) {
                int wide = min_int(PANEL_WIDTH, c1 - c);
                pack_small(g, small, n, i, rows, c, wide, packed_small);
                for (int s = 0; s < g->kernel[1]; s++) {
                    float *tap =
                        dweights + (int64_t)(r * g->kernel[1] + s) * g->big_c * g->weight_pitch;
                    for (int k = 0; k < count; k += GRADIENT_ROWS)
                        gradients[wide / LANES](rows, g->small_w,
                                                packed_big + (int64_t)k * rows * width +
                                                    s * g->dilation[1] * GRADIENT_ROWS,
                                                (int64_t)width * GRADIENT_ROWS,
                                                g->stride[1] * GRADIENT_ROWS, packed_small,
                                                tap + (int64_t)(from + k) * g->weight_pitch + c,
                                                g->weight_pitch, count - k);
                }
            }
        }
    }
}

static void direct_gradient(const hs_conv_geometry *g, const float *big, const float *small,
                            float *dweights, float *scratch)
{
    int group = GRADIENT_PANELS * PANEL_WIDTH;
    int groups = (g->weight_pitch + group - 1) / group;
    int parts = (g->big_c + GRADIENT_CHANNELS - 1) / GRADIENT_CHANNELS;
    size_t size = gradient_thread_scratch(g);
#pragma omp parallel for schedule(dynamic) collapse(3)
    for (int part = 0; part < parts; part++)
        for (int r = 0; r < g->kernel[0]; r++)
            for (int c = 0; c < groups; c++) {
                int from = part * GRADIENT_CHANNELS;
                gradient_item(g, big, small, r, from, min_int(GRADIENT_CHANNELS, g->big_c - from),
                              c * group, min_int((c + 1) * group, g->weight_pitch), dweights,
                              scratch + size * omp_get_thread_num());
            }
}

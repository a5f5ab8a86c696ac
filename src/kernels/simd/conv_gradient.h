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

/* gradient[m][..] += sum over positions of big[position][m] * small[position][..], m < valid.
 * `ahead` as for tiles, one address a position. */
#define DEFINE_GRADIENT(VECTORS, PIXELS)                                                     \
    static void gradient_##VECTORS(int rows, int columns, const float *big, int64_t big_row, \
                                   int64_t big_column, const float *small, float *gradient,  \
                                   int64_t pitch, int valid, next_read ahead)                \
    {                                                                                        \
        VEC sum[GRADIENT_ROWS][VECTORS];                                                     \
        _Pragma("GCC unroll 16") for (int m = 0; m < GRADIENT_ROWS; m++)                     \
            _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++) sum[m][v] = VZERO();   \
        for (int row = 0; row < rows; row++) {                                               \
            const float *x = big + row * big_row;                                            \
            for (int column = 0; column < columns; column++, x += big_column) {              \
                VEC y[VECTORS];                                                              \
                __builtin_prefetch(ahead.from);                                              \
                ahead.from += ahead.step;                                                    \
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
                               int64_t pitch, int valid, next_read ahead);

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

/* A work item's part of the weights: kernel row r, big channels [from, from + count), small
 * channels [c0, c1). Tap s, channel k lies at gradient + s * tap + k * pitch, small channel c0
 * first. */
typedef struct gradient_part {
    int r, from, count, c0, c1;
    float *gradient;
    int64_t tap, pitch;
} gradient_part;

/* Adds the gradient of a part. */
static void gradient_item(const hs_conv_geometry *g, const float *big, const float *small,
                          const gradient_part *q, float *scratch)
{
    float *packed_big = scratch,
          *packed_small = scratch + hs_pitch_of((int32_t)gradient_big_size(g));
    int group = gradient_rows(g), width = gradient_width(g);
    for (int n = 0; n < g->n; n++) {
        for (int i = 0; i < g->small_h; i += group) {
            int rows = min_int(group, g->small_h - i);
            pack_big(g, big, n, i, rows, q->r, q->from, q->count, packed_big);
            for (int c = q->c0; c < q->c1; c += PANEL_WIDTH) {
                int wide = min_int(PANEL_WIDTH, q->c1 - c);
                pack_small(g, small, n, i, rows, c, wide, packed_small);
                for (int s = 0; s < g->kernel[1]; s++) {
                    float *tap = q->gradient + s * q->tap + (c - q->c0);
                    for (int k = 0; k < q->count; k += GRADIENT_ROWS)
                        gradients[wide / LANES](rows, g->small_w,
                                                packed_big + (int64_t)k * rows * width +
                                                    s * g->dilation[1] * GRADIENT_ROWS,
                                                (int64_t)width * GRADIENT_ROWS,
                                                g->stride[1] * GRADIENT_ROWS, packed_small,
                                                tap + k * q->pitch, q->pitch, q->count - k,
                                                nothing_ahead);
                }
            }
        }
    }
}

enum { GRADIENT_GROUP = GRADIENT_PANELS * PANEL_WIDTH };

/* Items: kernel rows, by parts of the big image's channels, by groups of the small one's. */
static int gradient_items(const hs_conv_geometry *g)
{
    return (g->big_c + GRADIENT_CHANNELS - 1) / GRADIENT_CHANNELS * g->kernel[0] *
           ((g->weight_pitch + GRADIENT_GROUP - 1) / GRADIENT_GROUP);
}

static gradient_part find_part(const hs_conv_geometry *g, int item)
{
    int groups = (g->weight_pitch + GRADIENT_GROUP - 1) / GRADIENT_GROUP;
    gradient_part q = {.r = item / groups % g->kernel[0],
                       .from = item / groups / g->kernel[0] * GRADIENT_CHANNELS,
                       .c0 = item % groups * GRADIENT_GROUP};
    q.count = min_int(GRADIENT_CHANNELS, g->big_c - q.from);
    q.c1 = min_int(q.c0 + GRADIENT_GROUP, g->weight_pitch);
    return q;
}

/* Where a part begins in the weights. */
static int64_t first_of(const hs_conv_geometry *g, const gradient_part *q)
{
    return ((int64_t)q->r * g->kernel[1] * g->big_c + q->from) * g->weight_pitch + q->c0;
}

static void direct_gradient(const hs_conv_geometry *g, const float *big, const float *small,
                            float *dweights, float *scratch)
{
    size_t size = gradient_thread_scratch(g);
#pragma omp parallel for schedule(dynamic)
    for (int item = 0; item < gradient_items(g); item++) {
        gradient_part q = find_part(g, item);
        q.gradient = dweights + first_of(g, &q);
        q.tap = (int64_t)g->big_c * g->weight_pitch;
        q.pitch = g->weight_pitch;
        gradient_item(g, big, small, &q, scratch + size * omp_get_thread_num());
    }
}

/* ---- in pieces: an item's part is handed over while it is in the cache --------------------------
 */

static size_t part_size(const hs_conv_geometry *g)
{
    return (size_t)g->kernel[1] * GRADIENT_CHANNELS * GRADIENT_GROUP;
}

/* Reals that hold as many doubles: what the sink returned of each item. */
static size_t sums_size(int64_t items)
{
    return (size_t)items * (sizeof(double) / sizeof(float));
}

static double sum_in_order(const double *sums, int64_t count)
{
    double total = 0;
    for (int64_t i = 0; i < count; i++)
        total += sums[i];
    return total;
}

static size_t direct_pieces_scratch(const hs_conv_geometry *g, int threads)
{
    return sums_size(gradient_items(g)) + HS_CHANNEL_BLOCK +
           (gradient_thread_scratch(g) + part_size(g)) * threads;
}

static double hand_over_part(const hs_conv_geometry *g, const gradient_part *q, const hs_sink *sink)
{
    double sum = 0;
    int64_t first = sink->base + first_of(g, q);
    for (int s = 0; s < g->kernel[1]; s++)
        for (int k = 0; k < q->count; k++)
            sum += sink->take(sink->context, first + ((int64_t)s * g->big_c + k) * g->weight_pitch,
                              q->c1 - q->c0, q->gradient + s * q->tap + k * q->pitch);
    return sum;
}

static double direct_pieces(const hs_conv_geometry *g, const float *big, const float *small,
                            const hs_sink *sink, float *scratch)
{
    int items = gradient_items(g);
    double *sums = (double *)(void *)scratch;
    float *room =
        scratch + (sums_size(items) + HS_CHANNEL_BLOCK - 1) / HS_CHANNEL_BLOCK * HS_CHANNEL_BLOCK;
    size_t size = gradient_thread_scratch(g) + part_size(g);
#pragma omp parallel for schedule(dynamic)
    for (int item = 0; item < items; item++) {
        gradient_part q = find_part(g, item);
        q.gradient = room + size * omp_get_thread_num();
        q.pitch = q.c1 - q.c0;
        q.tap = q.pitch * q.count;
        for (int64_t i = 0; i < q.tap * g->kernel[1]; i += LANES)
            VSTORE(q.gradient + i, VZERO());
        gradient_item(g, big, small, &q, q.gradient + part_size(g));
        sums[item] = hand_over_part(g, &q, sink);
    }
    return sum_in_order(sums, items);
}

/* Of a gradient that is only known as a whole. */
enum { PIECE = 4096 };

static int64_t weight_size(const hs_conv_geometry *g)
{
    return (int64_t)g->kernel[0] * g->kernel[1] * g->big_c * g->weight_pitch;
}

static double hand_over_whole(const hs_conv_geometry *g, const float *whole, const hs_sink *sink,
                              double *sums)
{
    int64_t size = weight_size(g), pieces = (size + PIECE - 1) / PIECE;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < pieces; i++) {
        int64_t first = i * PIECE, rest = size - first;
        sums[i] = sink->take(sink->context, sink->base + first, rest < PIECE ? rest : PIECE,
                             whole + first);
    }
    return sum_in_order(sums, pieces);
}

/* Direct convolution for one instruction set: included once by each, after defining
 *   ISA            suffix of the function names
 *   VEC            vector type, LANES floats wide, with VZERO(), VLOAD(p), VSTORE(p, v), VSET1(x)
 * and VFMA(a, b, c) = a*b + c, rounded once PANEL          vectors of output channels a tile
 * computes at most FOR_EACH_TILE(T)  T(vectors, pixels) for vectors = 1 .. PANEL: the tile's
 * pixels, as many as leave all its sums in registers GRADIENT_ROWS  channels of the big image in a
 * tile of the weight gradient
 *
 * Both directions are sums over taps of shifted matrix products. A tile is some pixels of the
 * output by some vectors of its channels; it reads each pixel through a pointer of its own, so that
 * borders, strides, dilation and rows of any width are the driver's affair: a tap outside the image
 * reads zeros. DOWN has one phase. UP with stride s has s*s: the pixels of one phase see the same
 * taps, and are dense stride-1 products. Weights are packed [phase][panel][tap][input
 * channel][panel's channels]. */
#include "kernels/prototypes.h"
#include <omp.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NAMED(what) JOIN(hs_f32_##what##__, ISA)

enum {
    PANEL_WIDTH = PANEL * LANES,
    MAX_TAPS = HS_MAX_KERNEL * HS_MAX_KERNEL,
    MAX_PIXELS = 16, /* of a tile */
    BLOCK_DEPTH =
        1024, /* products a tile adds in one go: its weights stay in the second-level cache */
    BLOCK_CHANNELS = 512, /* of one tap */
    BLOCK_TAPS = 64,
    STRIP_PIXELS = 96,     /* of one work item; each weight is used for as many while near */
    GRADIENT_PIXELS = 256, /* positions summed in registers before they are added to the gradient */
    GRADIENT_TILES = 4,
    GRADIENT_CHANNELS = GRADIENT_TILES * GRADIENT_ROWS,
    GRADIENT_PANELS = 4,
};

static const float zeros[BLOCK_CHANNELS] __attribute__((aligned(64)));

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

/* ---- both directions --------------------------------------------------------------------------
 */

/* Pixels of the output with equal taps: (first + step*i, ...) of the image. Output pixel i reads
 * input pixel i*in_step + offset of each tap. */
typedef struct phase {
    int first[2], step[2], count[2], in_step[2];
    int taps;
    int16_t row[MAX_TAPS], column[MAX_TAPS]; /* offset of each tap in the input */
    int16_t source[MAX_TAPS];                /* its place in the unpacked weights */
    int64_t packed;                          /* taps of the phases before */
} phase;

typedef struct image {
    int height, width, channels, pitch;
} image;

static int phases_of(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return direction == HS_CONV_DOWN ? 1 : g->stride[0] * g->stride[1];
}

static image input_of(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return direction == HS_CONV_DOWN ? (image){g->big_h, g->big_w, g->big_c, g->big_pitch}
                                     : (image){g->small_h, g->small_w, g->small_c, g->small_pitch};
}

static image output_of(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return input_of(g, direction == HS_CONV_DOWN ? HS_CONV_UP : HS_CONV_DOWN);
}

/* Whether tap t reaches phase `first` along one axis of the up direction, and from which offset. */
static bool up_offset(const hs_conv_geometry *g, int axis, int first, int t, int *offset)
{
    int reach = first + g->pad[axis] - t * g->dilation[axis];
    *offset = reach / g->stride[axis];
    return reach % g->stride[axis] == 0;
}

static void make_phase(const hs_conv_geometry *g, hs_conv_direction direction, int index, phase *p)
{
    bool down = direction == HS_CONV_DOWN;
    image out = output_of(g, direction);
    int size[2] = {out.height, out.width};
    int first[2] = {down ? 0 : index / g->stride[1], down ? 0 : index % g->stride[1]};
    for (int axis = 0; axis < 2; axis++) {
        p->first[axis] = first[axis];
        p->step[axis] = down ? 1 : g->stride[axis];
        p->in_step[axis] = down ? g->stride[axis] : 1;
        p->count[axis] = (size[axis] - first[axis] + p->step[axis] - 1) / p->step[axis];
        p->count[axis] = p->count[axis] < 0 ? 0 : p->count[axis];
    }
    p->taps = 0;
    p->packed = 0;
    for (int r = 0; r < g->kernel[0]; r++) {
        for (int s = 0; s < g->kernel[1]; s++) {
            int row = r * g->dilation[0] - g->pad[0], column = s * g->dilation[1] - g->pad[1];
            bool mine = down || (up_offset(g, 0, first[0], r, &row) &
                                 up_offset(g, 1, first[1], s, &column));
            if (!mine) { /* count those of the phases before this one */
                int other = 0, unused;
                while (!(up_offset(g, 0, other / g->stride[1], r, &unused) &
                         up_offset(g, 1, other % g->stride[1], s, &unused)))
                    other++;
                p->packed += other < index;
                continue;
            }
            p->row[p->taps] = (int16_t)row;
            p->column[p->taps] = (int16_t)column;
            p->source[p->taps++] = (int16_t)(r * g->kernel[1] + s);
        }
    }
}

size_t NAMED(conv_packed_size)(const hs_conv_geometry *g, hs_conv_direction direction)
{
    image in = input_of(g, direction), out = output_of(g, direction);
    return (size_t)g->kernel[0] * g->kernel[1] * in.channels * hs_pitch_of(out.channels);
}

/* Weights of one tap and panel: [input channel][width]. */
static void pack_tap(const hs_conv_geometry *g, hs_conv_direction direction, const float *tap,
                     int from, int width, float *packed)
{
    if (direction == HS_CONV_DOWN) {
        for (int k = 0; k < g->big_c; k++)
            for (int c = 0; c < width; c++)
                packed[(int64_t)k * width + c] = tap[(int64_t)k * g->weight_pitch + from + c];
        return;
    }
    enum {
        BLOCK = 16
    }; /* the transposition goes through squares that stay in the first-level cache */
    for (int k0 = 0; k0 < g->small_c; k0 += BLOCK)
        for (int c = 0; c < width; c++)
            for (int k = k0; k < min_int(k0 + BLOCK, g->small_c); k++)
                packed[(int64_t)k * width + c] =
                    from + c < g->big_c ? tap[(int64_t)(from + c) * g->weight_pitch + k] : 0;
}

void NAMED(conv_pack)(const hs_conv_geometry *g, hs_conv_direction direction,
                      const hs_real *weights, hs_real *packed)
{
    image in = input_of(g, direction), out = output_of(g, direction);
    int width = hs_pitch_of(out.channels), panels = (width + PANEL_WIDTH - 1) / PANEL_WIDTH;
    int64_t tap_size = (int64_t)g->big_c * g->weight_pitch;
#pragma omp parallel for schedule(dynamic) collapse(2)
    for (int index = 0; index < phases_of(g, direction); index++) {
        for (int panel = 0; panel < panels; panel++) {
            phase p;
            make_phase(g, direction, index, &p);
            int from = panel * PANEL_WIDTH, wide = min_int(PANEL_WIDTH, width - from);
            float *to = packed + (p.packed * width + (int64_t)p.taps * from) * in.channels;
            for (int t = 0; t < p.taps; t++)
                pack_tap(g, direction, weights + p.source[t] * tap_size, from, wide,
                         to + (int64_t)t * in.channels * wide);
        }
    }
}

/* out[m][..] (+)= sum over taps and depth of in[tap][m][depth] * weights[tap][depth][..], starting
 * from what out holds (load), from bias, or from zero. */
#define DEFINE_TILE(VECTORS, PIXELS)                                                              \
    static void tile_##VECTORS(int taps, int depth, const float *const *in, const float *weights, \
                               float *const *out, const float *bias, bool load)                   \
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
                           float *const *out, const float *bias, bool load);

#define TILE_ENTRY(VECTORS, PIXELS) [VECTORS] = {tile_##VECTORS, PIXELS},
static const struct {
    tile_function *run;
    int pixels;
} tiles[PANEL + 1] = {FOR_EACH_TILE(TILE_ENTRY)};

/* Everything a work item needs: a strip of one phase's pixels by one panel. */
typedef struct job {
    const phase *p;
    image in, out;
    const float *input, *weights, *bias; /* of the panel */
    float *output;                       /* at the panel's first channel */
    int vectors;
    bool accumulate;
} job;

/* Input and output of pixel number `index` of the phase, and where it lies. */
typedef struct place {
    const float *input;
    float *output;
    int row, column; /* of the input, before the tap's offset */
} place;

static place find_place(const job *q, int64_t index)
{
    const phase *p = q->p;
    int column = (int)(index % p->count[1]);
    int64_t rows = index / p->count[1];
    int row = (int)(rows % p->count[0]);
    int64_t n = rows / p->count[0];
    place at = {.row = row * p->in_step[0], .column = column * p->in_step[1]};
    at.input = q->input + ((n * q->in.height + at.row) * q->in.width + at.column) * q->in.pitch;
    int64_t h = p->first[0] + (int64_t)row * p->step[0],
            w = p->first[1] + (int64_t)column * p->step[1];
    at.output = q->output + ((n * q->out.height + h) * q->out.width + w) * q->out.pitch;
    return at;
}

/* Pointers of taps [from, to) for one pixel, `stride` apart. */
static void point_taps(const job *q, const place *at, int from, int to, int channel, int stride,
                       const float **in)
{
    const phase *p = q->p;
    for (int t = from; t < to; t++, in += stride) {
        bool inside = (unsigned)(at->row + p->row[t]) < (unsigned)q->in.height &&
                      (unsigned)(at->column + p->column[t]) < (unsigned)q->in.width;
        *in = inside ? at->input + channel +
                           ((int64_t)p->row[t] * q->in.width + p->column[t]) * q->in.pitch
                     : zeros;
    }
}

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
        tiles[q->vectors].run(to - from, depth, in, weights, out, q->bias, load);
    }
}

static void run_strip(const job *q, int64_t first, int count)
{
    place places[STRIP_PIXELS];
    for (int i = 0; i < count; i++)
        places[i] = find_place(q, first + i);
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

void NAMED(conv_run)(const hs_conv_geometry *g, hs_conv_direction direction, const hs_real *packed,
                     const hs_real *bias, const hs_real *in, hs_real *out, bool accumulate)
{
    image input = input_of(g, direction), output = output_of(g, direction);
    int width = hs_pitch_of(output.channels), panels = (width + PANEL_WIDTH - 1) / PANEL_WIDTH;
    for (int index = 0; index < phases_of(g, direction); index++) {
        phase p;
        make_phase(g, direction, index, &p);
        int64_t pixels = (int64_t)g->n * p.count[0] * p.count[1];
        int64_t strips = (pixels + STRIP_PIXELS - 1) / STRIP_PIXELS;
#pragma omp parallel for schedule(dynamic)
        for (int64_t item = 0; item < strips * panels; item++) {
            int64_t first = item % strips * STRIP_PIXELS;
            int from = (int)(item / strips) * PANEL_WIDTH;
            int wide = min_int(PANEL_WIDTH, width - from);
            job q = {.p = &p,
                     .in = input,
                     .out = output,
                     .input = in,
                     .output = out + from,
                     .weights =
                         packed + (p.packed * width + (int64_t)p.taps * from) * input.channels,
                     .bias = bias && !accumulate ? bias + from : NULL,
                     .vectors = wide / LANES,
                     .accumulate = accumulate};
            run_strip(&q, first,
                      (int)(pixels - first < STRIP_PIXELS ? pixels - first : STRIP_PIXELS));
        }
    }
}

/* ---- gradient of the weights ------------------------------------------------------------------
 */

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

size_t NAMED(conv_gradient_scratch)(const hs_conv_geometry *g, int threads)
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

void NAMED(conv_gradient)(const hs_conv_geometry *g, const hs_real *big, const hs_real *small,
                          hs_real *dweights, hs_real *scratch)
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

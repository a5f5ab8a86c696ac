/* Part of simd/conv.h: minimal filtering (Winograd 1980; Lavin and Gray 2016). With d a tile of the
 * input, g the kernel and y a tile of the output, y = A' [(G g G') . (B' d B)] A takes 36 products
 * for 4x4 pixels of a 3x3 kernel or 5x5 pixels of a 2x2 kernel, 16 for 3x3 pixels of a 2x2 kernel,
 * where the definition has 144, 100 and 36. A 4x4 kernel at stride 2 is four 2x2 kernels at stride
 * 1, each over every other row and column: of the input going down, whose sums add up, and of the
 * output going up. The points chosen keep the rounding error under twice that of direct sums. Tiles
 * are transformed a block at a time, so that the products of a block, which are as many matrix
 * products, find their operands in the cache. All threads work on one block: how it is cut does not
 * depend on their number. */

enum {
    FILTER_CHANNELS = 32,             /* fewer, and the transforms cost more than they save */
    FILTER_TILES = 12,                /* the same */
    FILTER_WEIGHTS = 48,              /* tiles that take as long as transforming a weight */
    FILTER_STRIDE = 2,                /* at most */
    FILTER_REALS = 3 << 18,           /* of a block, transformed: it stays in a near cache */
    FILTER_SUMS_REALS = 3 << 20,      /* more where each block reads and writes sums as well */
    FILTER_BLOCK = 48,                /* tiles of a block, at least: each weight is used as often */
    FILTER_SKEW = HS_CHANNEL_BLOCK,   /* rows of a power of two would share few sets of the cache */
    FILTER_GROUP = 4 * GRADIENT_ROWS, /* rows of the weights' gradient in a work item */
    PREFETCH = 4 * HS_CHANNEL_BLOCK,  /* products that follow */
    ITEMS_AHEAD = 2,                  /* of products and panels: what a thread of two takes next */
    MAX_POINTS = 6,
    MAX_TAPS_FILTER = 9,
};

/* The pixels of one tile, of one phase of its image. */
typedef struct square {
    const float *pixel[MAX_POINTS * MAX_POINTS];
    int step[MAX_POINTS * MAX_POINTS];   /* 1; 0 outside the image, where `pixel` is `zeros` */
    int channels;                        /* whole vectors */
    const hs_affine *map;                /* what the pixels stand for; NULL: themselves */
    const hs_norm_gradient *norm;        /* what they are dy of; NULL: of none */
    int64_t at[MAX_POINTS * MAX_POINTS]; /* of each pixel in its image: which, `pitch` apart */
    int pitch;
} square;

/* What channels from c on of pixel i stand for. */
static inline VEC load_mapped(const square *s, int i, int c, const lanes_map *m)
{
    return s->step[i] ? apply_map(m, VLOAD(s->pixel[i] + c)) : VZERO();
}

/* dx of channels from c on of pixel i, which is left in its place: the roundings are those of
 * channel_affine_backward. */
static inline VEC pass_norm(const square *s, int i, int c, const lanes_map *m)
{
    if (!s->step[i])
        return VZERO();
    const hs_norm_gradient *n = s->norm;
    VEC dy = VLOAD(s->pixel[i] + c),
        centred = VSUB(VLOAD(n->x + s->at[i] * n->x_pitch + c), m->mean);
    VEC z = VADD(VMUL(centred, m->scale), m->shift);
    VEC dz = VSUB(VPOSITIVE(z, dy, VMUL(m->slope, dy)), VLOAD(n->dz_mean + c));
    VEC dx = VADD(VMUL(dz, m->scale), VMUL(centred, VLOAD(n->x_scale + c)));
    VSTORE(n->dx + s->at[i] * s->pitch + c, dx);
    return dx;
}

typedef struct minimal_filter {
    int taps, tile, points, products;
    void (*input_tile)(const square *s, float *to, int64_t plane);
    void (*output_tile)(const square *s, const float *from, int64_t plane, const float *bias,
                        float slope, bool accumulate);
    void (*gradient_tile)(const square *s, int block, int tile, float *to, int64_t plane);
    void (*pack_down)(const hs_conv_geometry *g, const float *const *taps, int from, int width,
                      float *packed, int64_t plane);
    void (*pack_up)(const hs_conv_geometry *g, const float *const *taps, int from, int width,
                    float *packed, int64_t plane);
    void (*unpack_gradient)(const hs_conv_geometry *g, const float *sums, int64_t plane,
                            float *const *taps, int64_t offset);
} minimal_filter;

#include "kernels/simd/winograd_points.h"

#define TAPS 2
#define TILE 3
#define OF_FILTER(name) name##_3_2
#define OF_POINTS(name) name##_4
#include "kernels/simd/winograd_tile.h"

#define TAPS 2
#define TILE 5
#define OF_FILTER(name) name##_5_2
#define OF_POINTS(name) name##_6
#include "kernels/simd/winograd_tile.h"

#define TAPS 3
#define TILE 4
#define OF_FILTER(name) name##_4_3
#define OF_POINTS(name) name##_6
#include "kernels/simd/winograd_tile.h"

/* Smallest first. */
static const minimal_filter *const filters[] = {&filter_3_2, &filter_5_2, &filter_4_3};

enum { FILTERS = sizeof filters / sizeof *filters };

/* One side: pixel i of tile t and phase a is image pixel (t * tile + i) * step + a + offset. */
typedef struct side {
    image m;
    const hs_affine *map;
    int step, offset[2];
    int phases;    /* step * step */
    int width;     /* channels, in whole blocks */
    int64_t pitch; /* of a transformed tile, all phases */
} side;

/* One direction of a geometry. */
typedef struct winograd {
    const minimal_filter *f;
    side in, out;
    int rows, columns; /* tiles of an image */
    int64_t count;     /* tiles of all images */
    int block;         /* tiles of a block */
    int depth;         /* of the matrix products */
} winograd;

/* The smallest for a kernel, or NULL. */
static const minimal_filter *first_filter(const hs_conv_geometry *g)
{
    int i = 0, taps = g->kernel[0] / g->stride[0];
    while (i < FILTERS && filters[i]->taps != taps)
        i++;
    return i < FILTERS ? filters[i] : NULL;
}

/* Whether minimal filtering serves a geometry. */
static bool is_filtered(const hs_conv_geometry *g)
{
    const minimal_filter *f = first_filter(g);
    int stride = g->stride[0];
    for (int axis = 0; axis < 2; axis++)
        if (!f || stride > FILTER_STRIDE || g->stride[axis] != stride ||
            g->kernel[axis] != f->taps * stride || g->dilation[axis] != 1 ||
            g->pad[axis] >= g->kernel[axis])
            return false;
    int64_t count = (int64_t)g->n * ((g->small_h + f->tile - 1) / f->tile) *
                    ((g->small_w + f->tile - 1) / f->tile);
    return count >= FILTER_TILES && g->big_c >= FILTER_CHANNELS && g->small_c >= FILTER_CHANNELS;
}

static side make_side(image m, const hs_affine *map, int step)
{
    side s = {
        .m = m, .map = map, .step = step, .phases = step * step, .width = hs_pitch_of(m.channels)};
    s.pitch = (int64_t)s.phases * s.width + FILTER_SKEW;
    return s;
}

/* Cut into the tiles of one filter. */
static winograd cut_image(const hs_conv_geometry *g, hs_conv_direction direction,
                          const minimal_filter *f, int reals)
{
    bool down = direction == HS_CONV_DOWN;
    int stride = g->stride[0];
    winograd w = {.f = f,
                  .in = make_side(input_of(g, direction), down ? g->big_map : g->small_map,
                                  down ? stride : 1),
                  .out = make_side(output_of(g, direction), down ? g->small_map : g->big_map,
                                   down ? 1 : stride)};
    int size[2] = {w.out.m.height, w.out.m.width}, count[2];
    for (int axis = 0; axis < 2; axis++) {
        int pad = g->pad[axis], first = pad / stride;
        w.in.offset[axis] = down ? -pad : first - (f->taps - 1);
        w.out.offset[axis] = down ? 0 : first * stride - pad;
        int pixels = down ? size[axis] : (size[axis] - 1 + pad) / stride - first + 1;
        count[axis] = (pixels + f->tile - 1) / f->tile;
    }
    w.rows = count[0];
    w.columns = count[1];
    w.count = (int64_t)g->n * w.rows * w.columns;
    w.depth = w.in.phases * w.in.width;
    int64_t block = reals / (f->products * (w.in.pitch + w.out.pitch));
    block = block < FILTER_BLOCK ? FILTER_BLOCK : block;
    int64_t blocks = (w.count + block - 1) / block; /* of even size */
    w.block = (int)((w.count + blocks - 1) / blocks);
    return w;
}

/* By the filter that has the least to do. */
static winograd make_winograd(const hs_conv_geometry *g, hs_conv_direction direction)
{
    winograd best = cut_image(g, direction, first_filter(g), FILTER_REALS);
    for (int i = 0; i < FILTERS; i++) {
        winograd w = cut_image(g, direction, filters[i], FILTER_REALS);
        if (w.f->taps == best.f->taps && w.f->products * (w.count + FILTER_WEIGHTS) <
                                             best.f->products * (best.count + FILTER_WEIGHTS))
            best = w;
    }
    return best;
}

/* size x size pixels of a tile, of phase (a, b) of its side. */
static void find_square(const winograd *w, const side *s, const float *data, int64_t tile,
                        int phase_index, int size, square *q)
{
    int64_t n = tile / ((int64_t)w->rows * w->columns);
    int rest = (int)(tile % ((int64_t)w->rows * w->columns));
    int a = phase_index / s->step, b = phase_index % s->step;
    int row = rest / w->columns * w->f->tile, column = rest % w->columns * w->f->tile;
    q->channels = s->width;
    q->map = s->map;
    q->norm = NULL;
    q->pitch = s->m.pitch;
    for (int i = 0; i < size; i++) {
        int h = (row + i) * s->step + a + s->offset[0];
        for (int j = 0; j < size; j++) {
            int x = (column + j) * s->step + b + s->offset[1];
            bool inside = (unsigned)h < (unsigned)s->m.height && (unsigned)x < (unsigned)s->m.width;
            int64_t at = (n * s->m.height + h) * s->m.width + x;
            q->pixel[i * size + j] = inside ? data + at * s->m.pitch : zeros;
            q->step[i * size + j] = inside;
            q->at[i * size + j] = at;
        }
    }
}

/* The taps of a phase in an array of weights; turned round going up. */
static void find_taps(const hs_conv_geometry *g, const minimal_filter *f, const float *weights,
                      int phase_index, bool turned, const float **taps)
{
    int stride = g->stride[0], a = phase_index / stride, b = phase_index % stride;
    int64_t size = (int64_t)g->big_c * g->weight_pitch;
    for (int i = 0; i < f->taps; i++)
        for (int j = 0; j < f->taps; j++) {
            int r = (turned ? f->taps - 1 - i : i) * stride + a;
            int s = (turned ? f->taps - 1 - j : j) * stride + b;
            taps[i * f->taps + j] = weights + (r * g->kernel[1] + s) * size;
        }
}

static void input_tiles(const winograd *w, const float *in, int64_t tile, float *to, int64_t plane)
{
    for (int p = 0; p < w->in.phases; p++) {
        square s;
        find_square(w, &w->in, in, tile, p, w->f->points, &s);
        w->f->input_tile(&s, to + p * w->in.width, plane);
    }
}

/* ---- down and up ------------------------------------------------------------------------------
 */

static size_t winograd_packed_size(const hs_conv_geometry *g, hs_conv_direction direction)
{
    winograd w = make_winograd(g, direction);
    return (size_t)w.f->products * w.depth * w.out.phases * w.out.width;
}

/* Where the weights of an output phase and panel begin: [product][depth][width]. */
static int64_t packed_panel(const winograd *w, int out_phase, int from)
{
    return ((int64_t)out_phase * w->out.width + from) * w->f->products * w->depth;
}

static void winograd_pack(const hs_conv_geometry *g, hs_conv_direction direction,
                          const float *weights, float *packed)
{
    winograd w = make_winograd(g, direction);
    bool down = direction == HS_CONV_DOWN;
    int panels = (w.out.width + PANEL_WIDTH - 1) / PANEL_WIDTH, phases = w.in.phases * w.out.phases;
#pragma omp parallel for schedule(dynamic) collapse(2)
    for (int panel = 0; panel < panels; panel++)
        for (int p = 0; p < phases; p++) {
            const float *taps[MAX_TAPS_FILTER];
            int from = panel * PANEL_WIDTH, wide = min_int(PANEL_WIDTH, w.out.width - from);
            find_taps(g, w.f, weights, p, !down, taps);
            float *to = packed + packed_panel(&w, down ? 0 : p, from) +
                        (down ? (int64_t)p * w.in.width * wide : 0);
            (down ? w.f->pack_down : w.f->pack_up)(g, taps, from, wide, to,
                                                   (int64_t)w.depth * wide);
        }
}

/* Both sides of a block, transformed. */
static size_t block_size(const winograd *w)
{
    return (size_t)w->f->products * w->block * (w->in.pitch + w->out.pitch);
}

static size_t winograd_scratch(const hs_conv_geometry *g, hs_conv_direction direction)
{
    winograd w = make_winograd(g, direction);
    return block_size(&w);
}

/* One product of `count` tiles by one panel: out[tile][..] = in[tile] * weights; `next`: the
 * weights of a panel that comes later, which each pass over these asks for a share of. */
static void product_panel(const winograd *w, const float *in, const float *weights,
                          const float *next, int count, int vectors, float *out)
{
    float unused[PANEL_WIDTH];
    const float *x[MAX_PIXELS];
    float *y[MAX_PIXELS];
    int pixels = tiles[vectors].pixels, width = vectors * LANES;
    int passes = (count + pixels - 1) / pixels;
    for (int k = 0; k < w->depth; k += BLOCK_CHANNELS) {
        int depth = min_int(BLOCK_CHANNELS, w->depth - k);
        next_read ahead = {next + (int64_t)k * width, width / passes};
        for (int first = 0; first < count; first += pixels) {
            for (int m = 0; m < pixels; m++) {
                bool real = first + m < count;
                x[m] = real ? in + (first + m) * w->in.pitch + k : zeros;
                y[m] = real ? out + (first + m) * w->out.pitch : unused;
            }
            if (k > 0 && count - first < pixels)
                for (int c = 0; c < width; c++)
                    unused[c] = 0;
            tiles[vectors].run(1, depth, x, weights + (int64_t)k * width, y, NULL, k > 0, ahead);
            ahead.from += depth * ahead.step;
        }
    }
}

/* One product of a block by one panel of one output phase. */
typedef struct product_item {
    int product;
    int channel, width; /* of the panel, among those of all phases */
    int64_t weights;    /* where they begin */
} product_item;

/* Those of one product follow each other: its tiles stay in the near cache. */
static product_item find_item(const winograd *w, int i)
{
    int panels = (w->out.width + PANEL_WIDTH - 1) / PANEL_WIDTH, all = w->out.phases * panels;
    int p = i % all / panels, from = i % panels * PANEL_WIDTH;
    product_item it = {.product = i / all,
                       .channel = p * w->out.width + from,
                       .width = min_int(PANEL_WIDTH, w->out.width - from)};
    it.weights = packed_panel(w, p, from) + (int64_t)it.product * w->depth * it.width;
    return it;
}

/* Pixels of the output, in their order, that the first `count` tiles complete. */
static int64_t completed(const winograd *w, int64_t count)
{
    const image *m = &w->out.m;
    int64_t n = count / ((int64_t)w->rows * w->columns), row = count / w->columns % w->rows;
    int64_t rows = row * w->f->tile * w->out.step + w->out.offset[0];
    rows = rows < 0 ? 0 : rows > m->height ? m->height : rows;
    return (n * m->height + rows) * m->width;
}

/* Moments of what the block before tile `next` has completed. */
static void moments_before(const winograd *w, const hs_conv_geometry *g, const float *out,
                           int64_t next)
{
    int64_t from = next - 1 - (next - 1) % w->block, pixels = w->out.m.height * w->out.m.width;
    if (g->moments && next > 0)
        NAMED(channel_partial_moments)
    (out, w->out.m.pitch, g->n * pixels, w->out.width, completed(w, from), completed(w, next),
     g->moments);
}

static void winograd_run(const hs_conv_geometry *g, hs_conv_direction direction,
                         const float *packed, const float *bias, float slope, const float *in,
                         float *out, bool accumulate, float *scratch)
{
    winograd w = make_winograd(g, direction);
    int items = w.f->products * w.out.phases * ((w.out.width + PANEL_WIDTH - 1) / PANEL_WIDTH);
    int64_t in_plane = w.block * w.in.pitch, out_plane = w.block * w.out.pitch;
    float *products = scratch + w.f->products * in_plane;
#pragma omp parallel
    for (int64_t first = 0; first < w.count; first += w.block) {
        int count = (int)(w.count - first < w.block ? w.count - first : w.block);
#pragma omp for schedule(dynamic, 4)
        for (int t = 0; t < count; t++)
            input_tiles(&w, in, first + t, scratch + t * w.in.pitch, in_plane);
        moments_before(&w, g, out, first); /* all threads have written them by now */
#pragma omp for schedule(dynamic)
        for (int i = 0; i < items; i++) {
            product_item it = find_item(&w, i), next = find_item(&w, (i + ITEMS_AHEAD) % items);
            product_panel(&w, scratch + it.product * in_plane, packed + it.weights,
                          packed + next.weights, count, it.width / LANES,
                          products + it.product * out_plane + it.channel);
        }
#pragma omp for schedule(dynamic, 4) nowait /* the next block's input goes elsewhere */
        for (int t = 0; t < count; t++)
            for (int p = 0; p < w.out.phases; p++) {
                square s;
                find_square(&w, &w.out, out, first + t, p, w.f->tile, &s);
                w.f->output_tile(&s, products + t * w.out.pitch + p * w.out.width, out_plane,
                                 accumulate ? NULL : bias, slope, accumulate);
            }
    }
    if (g->moments)
#pragma omp parallel
        moments_before(&w, g, out, w.count);
}

/* ---- the gradient of the weights: dg = G' [sum over tiles of (A dy A') . (B' d B)] G -----------
 * By the smallest filter: its sums, as many as weights, are read and written for each block, and
 * their rounding is what counts. */

/* Input, gradients of the output, then the sums [product][phase and big channel][weight_pitch]. */
static size_t winograd_gradient_scratch(const hs_conv_geometry *g)
{
    winograd w = cut_image(g, HS_CONV_DOWN, first_filter(g), FILTER_SUMS_REALS);
    return block_size(&w) + (size_t)w.f->products * w.depth * (size_t)g->weight_pitch + FILTER_SKEW;
}

/* Adds the sums of one block for one product, some rows, one panel. */
static void gradient_products(const winograd *w, const float *in, const float *dy, int count,
                              int group, int from, float *sums)
{
    int pitch = w->out.width, wide = min_int(PANEL_WIDTH, pitch - from);
    int last = min_int(w->depth, (group + 1) * FILTER_GROUP);
    for (int k = group * FILTER_GROUP; k < last; k += GRADIENT_ROWS)
        gradients[wide / LANES](1, count, in + k, 0, w->in.pitch, dy + (int64_t)from * w->block,
                                sums + (int64_t)k * pitch + from, pitch, w->depth - k,
                                nothing_ahead);
}

static void winograd_gradient(const hs_conv_geometry *g, const float *big, const float *small,
                              float *dweights, float *scratch)
{
    winograd w = cut_image(g, HS_CONV_DOWN, first_filter(g), FILTER_SUMS_REALS);
    int64_t in_plane = w.block * w.in.pitch, out_plane = w.block * w.out.pitch;
    int64_t size = (int64_t)w.depth * g->weight_pitch;
    float *dy = scratch + w.f->products * in_plane + FILTER_SKEW;
    float *sums = dy + w.f->products * out_plane;
    int groups = (w.depth + FILTER_GROUP - 1) / FILTER_GROUP;
    int panels = (w.out.width + PANEL_WIDTH - 1) / PANEL_WIDTH;
#pragma omp parallel
    {
#pragma omp for schedule(static)
        for (int64_t i = 0; i < w.f->products * size; i += LANES)
            VSTORE(sums + i, VZERO());
        for (int64_t first = 0; first < w.count; first += w.block) {
            int count = (int)(w.count - first < w.block ? w.count - first : w.block);
#pragma omp for schedule(dynamic, 4)
            for (int t = 0; t < count; t++) {
                square s;
                input_tiles(&w, big, first + t, scratch + t * w.in.pitch, in_plane);
                find_square(&w, &w.out, small, first + t, 0, w.f->tile, &s);
                s.norm = g->small_norm;
                w.f->gradient_tile(&s, w.block, t, dy, out_plane);
            }
#pragma omp for schedule(dynamic) collapse(3)
            for (int product = 0; product < w.f->products; product++)
                for (int panel = 0; panel < panels; panel++)
                    for (int group = 0; group < groups; group++)
                        gradient_products(&w, scratch + product * in_plane,
                                          dy + product * out_plane, count, group,
                                          panel * PANEL_WIDTH, sums + product * size);
        }
#pragma omp for schedule(static) collapse(2)
        for (int p = 0; p < w.in.phases; p++)
            for (int k = 0; k < g->big_c; k++) {
                const float *taps[MAX_TAPS_FILTER];
                find_taps(g, w.f, dweights, p, false, taps);
                w.f->unpack_gradient(g, sums + ((int64_t)p * w.in.width + k) * g->weight_pitch,
                                     size, (float *const *)taps, (int64_t)k * g->weight_pitch);
            }
    }
}

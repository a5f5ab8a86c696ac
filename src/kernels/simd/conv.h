/* Direct convolution for one instruction set: included once by each, after defining
 *   ISA            suffix of the function names
 *   VEC            vector type, LANES floats wide, with VZERO(), VLOAD(p), VSTORE(p, v), VSET1(x)
 *   VADD VSUB VMUL VMAX (a, b), VPOSITIVE(z, a, b) = z > 0 ? a : b,
 *   VFMA(a, b, c) = a*b + c and VFNMA(a, b, c) = c - a*b, rounded once
 *   PANEL          vectors of output channels a tile computes at most
 *   FOR_EACH_TILE(T)  T(vectors, pixels) for vectors = 1 .. PANEL: the tile's pixels, as many as
 *                  leave all its sums in registers
 *   GRADIENT_ROWS  channels of the big image in a tile of the weight gradient
 *
 * Both directions are sums over taps of shifted matrix products. A tile is some pixels of the
 * output by some vectors of its channels; it reads each pixel through a pointer of its own, so that
 * borders, strides, dilation and rows of any width are the driver's affair: a tap outside the image
 * reads zeros. DOWN has one phase. UP with stride s has s*s: the pixels of one phase see the same
 * taps, and are dense stride-1 products. Weights are packed [phase][panel][tap][input
 * channel][panel's channels]. */
#include "kernels/named.h"
#include <omp.h>

enum {
    PANEL_WIDTH = PANEL * LANES,
    MAX_TAPS = HS_MAX_KERNEL * HS_MAX_KERNEL,
    MAX_PIXELS = 16, /* of a tile */
    BLOCK_DEPTH =
        1024, /* products a tile adds in one go: its weights stay in the second-level cache */
    BLOCK_CHANNELS = 512, /* of one tap */
    BLOCK_TAPS = 64,
    FEW = 4,           /* channels that are moved together, and up to which conv_few.h serves */
    PHASE_GROUP = 4,   /* phases that are run together */
    STRIP_PIXELS = 96, /* of one work item; each weight is used for as many while near */
};

static const float zeros[BLOCK_CHANNELS] __attribute__((aligned(64)));

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* A few channels of a pixel, wherever they lie. */
typedef float few_lanes __attribute__((vector_size(sizeof(float) * FEW), aligned(4), may_alias));
typedef int32_t few_bits __attribute__((vector_size(sizeof(float) * FEW)));

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

static size_t direct_packed_size(const hs_conv_geometry *g, hs_conv_direction direction)
{
    image in = input_of(g, direction), out = output_of(g, direction);
    size_t taps = (size_t)g->kernel[0] * g->kernel[1];
    return taps * in.channels * hs_pitch_of(out.channels);
}

/* Everything a work item needs: some of one phase's pixels by some vectors of channels. Weights are
 * those of the item, or all where they are not packed; bias and output stand at its first channel.
 */
typedef struct job {
    const phase *p;
    image in, out;
    const float *input, *weights, *bias;
    float *output;
    int vectors;
    float slope; /* of the activation; 1: none */
    bool accumulate;
} job;

/* Input and output of a pixel of the phase, and where it lies. */
typedef struct place {
    const float *input;
    float *output;
    int row, column; /* of the input, before the tap's offset */
} place;

/* Places of pixels [first, first + count) of the phase. */
static void find_places(const job *q, int64_t first, int count, place *places)
{
    const phase *p = q->p;
    int column = (int)(first % p->count[1]), row = (int)(first / p->count[1] % p->count[0]);
    int64_t n = first / p->count[1] / p->count[0];
    for (int i = 0; i < count; i++) {
        place at = {.row = row * p->in_step[0], .column = column * p->in_step[1]};
        int64_t h = p->first[0] + (int64_t)row * p->step[0],
                w = p->first[1] + (int64_t)column * p->step[1];
        at.input = q->input + ((n * q->in.height + at.row) * q->in.width + at.column) * q->in.pitch;
        at.output = q->output + ((n * q->out.height + h) * q->out.width + w) * q->out.pitch;
        places[i] = at;
        column++;
        if (column == p->count[1]) {
            column = 0;
            row++;
        }
        if (row == p->count[0]) {
            row = 0;
            n++;
        }
    }
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

/* LANES channels from c on of the map of an image. */
typedef struct lanes_map {
    VEC mean, scale, shift, slope;
} lanes_map;

static inline lanes_map load_map(const hs_affine *map, int c)
{
    return (lanes_map){VLOAD(map->mean + c), VLOAD(map->scale + c), VLOAD(map->shift + c),
                       VSET1(map->slope)};
}

/* What x stands for: the roundings are those of channel_affine. */
static inline VEC apply_map(const lanes_map *m, VEC x)
{
    VEC z = VADD(VMUL(VSUB(x, m->mean), m->scale), m->shift);
    return VMAX(z, VMUL(m->slope, z));
}

#include "kernels/simd/conv_tile.h"

#include "kernels/simd/conv_gradient.h"

#include "kernels/simd/conv_gather.h"

#include "kernels/simd/conv_few.h"

static void direct_pack(const hs_conv_geometry *g, hs_conv_direction direction,
                        const float *weights, float *packed)
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
                pack_tap(g, direction, weights + p.source[t] * tap_size, 0, in.channels, from, wide,
                         to + (int64_t)t * in.channels * wide);
        }
    }
}

/* The activation of some pixels, while they are near. */
static void activate_places(const job *q, const place *places, int count)
{
    VEC slope = VSET1(q->slope);
    for (int i = 0; i < count; i++)
        for (int v = 0; v < q->vectors * LANES; v += LANES) {
            VEC y = VLOAD(places[i].output + v);
            VSTORE(places[i].output + v, VMAX(y, VMUL(slope, y)));
        }
}

static void activate_strip(const job *q, int64_t first, int count)
{
    place places[STRIP_PIXELS];
    find_places(q, first, count, places);
    activate_places(q, places, count);
}

#include "kernels/simd/conv_stream.h"

/* A strip of one phase by `wide` channels from `from` on. */
static void run_item(const hs_conv_geometry *g, const phase *p, job *q, int64_t first, int from,
                     int wide, bool gathered)
{
    int64_t pixels = (int64_t)g->n * p->count[0] * p->count[1];
    int count = (int)(pixels - first < STRIP_PIXELS ? pixels - first : STRIP_PIXELS);
    int width = hs_pitch_of(q->out.channels);
    q->p = p;
    q->output += from;
    q->bias = q->bias ? q->bias + from : NULL;
    q->vectors = min_int(wide, width - from) / LANES;
    q->weights += (p->packed * width + (int64_t)p->taps * from) * q->in.channels;
    if (count <= 0)
        return;
    if (gathered)
        run_gathered_strip(q, first, count);
    else
        run_strip(q, first, count);
    if (q->slope != 1)
        activate_strip(q, first, count);
}

/* The phases of a strip follow each other: they read the same part of the input. */
static void direct_run(const hs_conv_geometry *g, hs_conv_direction direction, const job *all)
{
    bool gathered = is_gathered(g, direction);
    int width = hs_pitch_of(all->out.channels), wide = gathered ? width : PANEL_WIDTH;
    int panels = (width + wide - 1) / wide;
    for (int base = 0; base < phases_of(g, direction); base += PHASE_GROUP) {
        phase group[PHASE_GROUP];
        int phases = min_int(PHASE_GROUP, phases_of(g, direction) - base);
        int64_t most = 0;
        for (int i = 0; i < phases; i++) {
            make_phase(g, direction, base + i, &group[i]);
            int64_t pixels = (int64_t)g->n * group[i].count[0] * group[i].count[1];
            most = pixels > most ? pixels : most;
        }
        int64_t strips = (most + STRIP_PIXELS - 1) / STRIP_PIXELS;
#pragma omp parallel for schedule(dynamic)
        for (int64_t item = 0; item < strips * panels * phases; item++) {
            job q = *all;
            int64_t strip = item / phases;
            run_item(g, &group[item % phases], &q, strip % strips * STRIP_PIXELS,
                     (int)(strip / strips) * wide, wide, gathered);
        }
    }
}

#include "kernels/simd/winograd.h"

/* ---- the kernels: one of the algorithms by shape ------------------------------------------
 */

bool NAMED(conv_maps)(const hs_conv_geometry *g)
{
    return is_filtered(g);
}

bool NAMED(conv_maps_input)(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return is_filtered(g) || maps_few(g, direction);
}

size_t NAMED(conv_packed_size)(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return is_filtered(g)              ? winograd_packed_size(g, direction)
           : is_few(g, direction)      ? few_packed_size(g, direction)
           : is_streamed(g, direction) ? 0
                                       : direct_packed_size(g, direction);
}

void NAMED(conv_pack)(const hs_conv_geometry *g, hs_conv_direction direction,
                      const hs_real *weights, hs_real *packed)
{
    if (is_filtered(g))
        winograd_pack(g, direction, weights, packed);
    else if (is_few(g, direction))
        few_pack(g, direction, weights, packed);
    else
        direct_pack(g, direction, weights, packed);
}

size_t NAMED(conv_scratch)(const hs_conv_geometry *g, hs_conv_direction direction, int threads)
{
    return is_filtered(g)              ? winograd_scratch(g, direction)
           : is_few(g, direction)      ? few_scratch(g, direction) * (size_t)threads
           : is_streamed(g, direction) ? streamed_scratch(threads)
                                       : 0;
}

void NAMED(conv_run)(const hs_conv_geometry *g, hs_conv_direction direction, const hs_real *packed,
                     const hs_real *bias, hs_real slope, const hs_real *in, hs_real *out,
                     bool accumulate, hs_real *scratch)
{
    const job all = {.in = input_of(g, direction),
                     .out = output_of(g, direction),
                     .input = in,
                     .weights = packed,
                     .output = out,
                     .bias = accumulate ? NULL : bias,
                     .slope = accumulate ? 1 : slope,
                     .accumulate = accumulate};
    if (is_filtered(g))
        winograd_run(g, direction, packed, bias, slope, in, out, accumulate, scratch);
    else if (is_few(g, direction))
        few_run(g, direction, &all, scratch);
    else if (is_streamed(g, direction))
        streamed_run(g, direction, &all, scratch);
    else
        direct_run(g, direction, &all);
}

size_t NAMED(conv_gradient_scratch)(const hs_conv_geometry *g, int threads)
{
    return is_filtered(g)        ? winograd_gradient_scratch(g)
           : gathers_gradient(g) ? gathered_gradient_scratch(g, threads)
                                 : direct_gradient_scratch(g, threads);
}

void NAMED(conv_gradient)(const hs_conv_geometry *g, const hs_real *big, const hs_real *small,
                          hs_real *dweights, hs_real *scratch)
{
    if (is_filtered(g))
        winograd_gradient(g, big, small, dweights, scratch);
    else if (gathers_gradient(g))
        gathered_gradient(g, big, small, dweights, scratch);
    else
        direct_gradient(g, big, small, dweights, scratch);
}

static bool makes_pieces(const hs_conv_geometry *g)
{
    return !is_filtered(g) && !gathers_gradient(g);
}

size_t NAMED(conv_pieces_scratch)(const hs_conv_geometry *g, int threads)
{
    if (makes_pieces(g))
        return direct_pieces_scratch(g, threads);
    size_t whole = (size_t)weight_size(g), rest = NAMED(conv_gradient_scratch)(g, threads);
    size_t sums = sums_size((int64_t)(whole / PIECE) + 1);
    return whole + (rest > sums ? rest : sums);
}

double NAMED(conv_gradient_pieces)(const hs_conv_geometry *g, const hs_real *big,
                                   const hs_real *small, const hs_sink *sink, hs_real *scratch)
{
    if (makes_pieces(g))
        return direct_pieces(g, big, small, sink, scratch);
    int64_t size = weight_size(g);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < size; i += LANES)
        VSTORE(scratch + i, VZERO());
    NAMED(conv_gradient)(g, big, small, scratch, scratch + size);
    return hand_over_whole(g, scratch, sink, (double *)(void *)(scratch + size));
}

/* Part of simd/conv.h: weights so large that a packed copy is not worth its memory. A work item is
 * some pixels of a phase by some channels. It packs a chunk of one tap's weights, adds the products
 * to all its pixels that the tap finds inside the image while the chunk is in the second-level
 * cache, and goes on to the next: the sums of a pixel stay one chain, by tap and channel. */

enum {
    STREAM_BYTES = 16 << 20, /* weights up to this are packed whole, once for all pixels */
    STREAM_DEPTH = 256,      /* input channels of a chunk */
    STREAM_CHANNELS = 256,   /* output channels of a chunk */
    STREAM_PIXELS = 384,     /* of an item: their inputs and sums share the cache with the chunk */
    STREAM_ROWS = 16,        /* of weights packed before the next panel's: still in the cache */
};

static bool is_streamed(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return weight_size(g) * (int64_t)sizeof(float) > STREAM_BYTES &&
           input_of(g, direction).channels > GATHER_CHANNELS;
}

static size_t streamed_scratch(int threads)
{
    return (size_t)STREAM_DEPTH * STREAM_CHANNELS * threads;
}

/* Asks for rows [k, k + STREAM_ROWS) of the weights early: they lie too far apart for the processor
 * to see a pattern. */
static void prefetch_rows(const hs_conv_geometry *g, hs_conv_direction direction, const float *tap,
                          int k, int from, int wide)
{
    enum { LINE = 16 };
    bool down = direction == HS_CONV_DOWN;
    int rows = down ? min_int(STREAM_ROWS, g->big_c - k) : min_int(wide, g->big_c - from);
    int columns = down ? wide : min_int(STREAM_ROWS, g->small_c - k);
    tap += down ? (int64_t)k * g->weight_pitch + from : (int64_t)from * g->weight_pitch + k;
    for (int row = 0; row < rows; row++)
        for (int c = 0; c < columns; c += LINE)
            __builtin_prefetch(tap + (int64_t)row * g->weight_pitch + c);
}

/* Output channels [from, from + wide) of input channels [k, k + depth): panel after panel. */
static void pack_chunk(const hs_conv_geometry *g, hs_conv_direction direction, const float *tap,
                       int k, int depth, int from, int wide, float *packed)
{
    for (int row = 0; row < depth; row += STREAM_ROWS) {
        prefetch_rows(g, direction, tap, k + row + STREAM_ROWS, from, wide);
        for (int c = 0; c < wide; c += PANEL_WIDTH) {
            int width = min_int(PANEL_WIDTH, wide - c);
            pack_tap(g, direction, tap, k + row, min_int(STREAM_ROWS, depth - row), from + c, width,
                     packed + (int64_t)c * depth + row * width);
        }
    }
}

/* Inputs and outputs of the places that tap t finds inside the image. */
static int find_inside(const job *q, const place *places, int count, int t, const float **in,
                       float **out)
{
    int inside = 0;
    for (int i = 0; i < count; i++) {
        point_taps(q, &places[i], t, t + 1, 0, 1, &in[inside]);
        out[inside] = places[i].output;
        inside += in[inside] != zeros;
    }
    return inside;
}

/* Adds the products of a packed chunk, whose first input channel is k, to `count` pixels. */
static void add_chunk(const float *packed, int k, int depth, int wide, const float *const *in,
                      float *const *out, int count)
{
    float unused[PANEL_WIDTH] = {0};
    for (int c = 0; c < wide; c += PANEL_WIDTH) {
        int vectors = min_int(PANEL_WIDTH, wide - c) / LANES, pixels = tiles[vectors].pixels;
        for (int first = 0; first < count; first += pixels) {
            const float *x[MAX_PIXELS];
            float *y[MAX_PIXELS];
            for (int m = 0; m < pixels; m++) {
                bool real = first + m < count;
                x[m] = real ? in[first + m] + k : zeros;
                y[m] = real ? out[first + m] + c : unused;
            }
            tiles[vectors].run(1, depth, x, packed + (int64_t)c * depth, y, NULL, true,
                               nothing_ahead);
        }
    }
}

/* What the sums of a strip begin with. */
static void begin_strip(const job *q, const place *places, int count)
{
    for (int i = 0; i < count && !q->accumulate; i++)
        for (int v = 0; v < q->vectors * LANES; v += LANES)
            VSTORE(places[i].output + v, q->bias ? VLOAD(q->bias + v) : VZERO());
}

/* `q` stands at the item's first channel and has its vectors; `weights` are those of all taps. */
static void run_streamed_item(const hs_conv_geometry *g, hs_conv_direction direction, const job *q,
                              int64_t first, int count, int from, float *packed)
{
    place places[STREAM_PIXELS];
    const float *in[STREAM_PIXELS];
    float *out[STREAM_PIXELS];
    int wide = q->vectors * LANES;
    find_places(q, first, count, places);
    begin_strip(q, places, count);
    for (int t = 0; t < q->p->taps; t++) {
        const float *tap = q->weights + (int64_t)q->p->source[t] * g->big_c * g->weight_pitch;
        int inside = find_inside(q, places, count, t, in, out);
        for (int k = 0; k < q->in.channels && inside > 0; k += STREAM_DEPTH) {
            int depth = min_int(STREAM_DEPTH, q->in.channels - k);
            pack_chunk(g, direction, tap, k, depth, from, wide, packed);
            add_chunk(packed, k, depth, wide, in, out, inside);
        }
    }
    if (q->slope != 1)
        activate_places(q, places, count);
}

/* One phase. Items are halved while there are too few of them for the threads; who adds what to a
 * sum does not depend on it. */
static void run_streamed_phase(const hs_conv_geometry *g, hs_conv_direction direction,
                               const job *all, float *scratch)
{
    enum { ITEMS = 4 }; /* of a thread, or the last leaves the others waiting */
    int64_t pixels = (int64_t)g->n * all->p->count[0] * all->p->count[1], strips, strip;
    int width = hs_pitch_of(all->out.channels), wide = STREAM_CHANNELS, groups;
    for (strip = STREAM_PIXELS;; strip /= 2) {
        strips = (pixels + strip - 1) / strip;
        for (wide = STREAM_CHANNELS;; wide /= 2) {
            groups = (width + wide - 1) / wide;
            if (wide == PANEL_WIDTH || strips * groups >= ITEMS * omp_get_max_threads())
                break;
        }
        if (strip <= STRIP_PIXELS || strips * groups >= ITEMS * omp_get_max_threads())
            break;
    }
#pragma omp parallel for schedule(dynamic)
    for (int64_t item = 0; item < strips * groups; item++) {
        job q = *all;
        int64_t first = item % strips * strip, rest = pixels - first;
        int from = (int)(item / strips) * wide;
        q.output += from;
        q.bias = q.bias ? q.bias + from : NULL;
        q.vectors = min_int(wide, width - from) / LANES;
        run_streamed_item(g, direction, &q, first, (int)(rest < strip ? rest : strip), from,
                          scratch + streamed_scratch(omp_get_thread_num()));
    }
}

static void streamed_run(const hs_conv_geometry *g, hs_conv_direction direction, const job *all,
                         float *scratch)
{
    for (int index = 0; index < phases_of(g, direction); index++) {
        phase p;
        job q = *all;
        make_phase(g, direction, index, &p);
        q.p = &p;
        run_streamed_phase(g, direction, &q, scratch);
    }
}

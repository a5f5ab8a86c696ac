/* Part of simd/conv.h: few input channels, such as a depth image. So few products a tap do not pay
 * for its pointers, so the channels of all taps are gathered into one row a pixel, and the row is
 * summed in one go. Weights are packed as for other tiles. */

enum {
    GATHER_CHANNELS = 8, /* of the input, at most */
    GATHER_DEPTH = 128,  /* of a row, at most */
    GATHER_PIXELS = 256, /* positions summed in registers before they are added to the gradient */
    GATHER_PARTS = 16,   /* that positions are cut into; their sums are merged in order */
};

static bool is_gathered(const hs_conv_geometry *g, hs_conv_direction direction)
{
    int channels = input_of(g, direction).channels;
    return channels <= GATHER_CHANNELS && channels * g->kernel[0] * g->kernel[1] <= GATHER_DEPTH;
}

/* [tap][channel] of one pixel; zeros outside the image. */
static void gather_edge(const job *q, const place *at, float *row)
{
    const phase *p = q->p;
    int channels = q->in.channels;
    for (int t = 0; t < p->taps; t++, row += channels) {
        bool inside = (unsigned)(at->row + p->row[t]) < (unsigned)q->in.height &&
                      (unsigned)(at->column + p->column[t]) < (unsigned)q->in.width;
        const float *from =
            inside ? at->input + ((int64_t)p->row[t] * q->in.width + p->column[t]) * q->in.pitch
                   : zeros;
        for (int c = 0; c < channels; c++)
            row[c] = from[c];
    }
}

/* The same of a pixel whose taps are all inside, `offset` away. Copies whole lanes: what is too
 * much is written over by the next tap, and lies beyond the row after the last. */
static void gather_inner(const job *q, const place *at, const int64_t *offset, float *row)
{
    int channels = q->in.channels, taps = q->p->taps;
    for (int t = 0; t < taps; t++, row += channels)
        for (int c = 0; c < channels; c += FEW)
            *(few_lanes *)(row + c) = *(const few_lanes *)(at->input + offset[t] + c);
}

/* Rows of `count` pixels, and up to FEW reals beyond. */
static void gather_rows(const job *q, const place *places, int count, float *rows)
{
    const phase *p = q->p;
    int64_t offset[GATHER_DEPTH];
    int low[2] = {0}, high[2] = {0}, depth = p->taps * q->in.channels;
    for (int t = 0; t < p->taps; t++) {
        offset[t] = ((int64_t)p->row[t] * q->in.width + p->column[t]) * q->in.pitch;
        low[0] = min_int(low[0], p->row[t]);
        low[1] = min_int(low[1], p->column[t]);
        high[0] = max_int(high[0], p->row[t]);
        high[1] = max_int(high[1], p->column[t]);
    }
    for (int i = 0; i < count; i++) {
        const place *at = &places[i];
        bool inner = at->row + low[0] >= 0 && at->row + high[0] < q->in.height &&
                     at->column + low[1] >= 0 && at->column + high[1] < q->in.width;
        if (inner)
            gather_inner(q, at, offset, rows + i * depth);
        else
            gather_edge(q, at, rows + i * depth);
    }
}

/* A strip by all panels: they share its rows. Weights and output are those of the first. */
static void run_gathered_strip(const job *q, int64_t first, int count)
{
    float rows[STRIP_PIXELS * GATHER_DEPTH + FEW], unused[PANEL_WIDTH];
    int depth = q->p->taps * q->in.channels, width = hs_pitch_of(q->out.channels);
    place places[STRIP_PIXELS];
    find_places(q, first, count, places);
    gather_rows(q, places, count, rows);
    for (int from = 0; from < width; from += PANEL_WIDTH) {
        int vectors = min_int(PANEL_WIDTH, width - from) / LANES, pixels = tiles[vectors].pixels;
        const float *weights = q->weights + (int64_t)depth * from;
        for (int c = 0; c < PANEL_WIDTH; c++)
            unused[c] = 0;
        for (int i = 0; i < count; i += pixels) {
            const float *in[MAX_PIXELS];
            float *out[MAX_PIXELS];
            for (int m = 0; m < pixels; m++) {
                in[m] = i + m < count ? rows + (i + m) * depth : zeros;
                out[m] = i + m < count ? places[i + m].output + from : unused;
            }
            next_read next = nothing_ahead; /* writing has to read first */
            if (i + pixels < count && depth > 0)
                next = (next_read){places[i + pixels].output + from, pixels * q->out.pitch / depth};
            tiles[vectors].run(1, depth, in, weights, out, q->bias ? q->bias + from : NULL,
                               q->accumulate, next);
        }
    }
}

/* ---- the gradient of the weights: rows of the big image by pixels of the small one --------------
 */

/* Whether the gradient of the weights gathers the taps of the big image. */
static bool gathers_gradient(const hs_conv_geometry *g)
{
    return is_gathered(g, HS_CONV_DOWN);
}

static int64_t positions_of(const hs_conv_geometry *g)
{
    return (int64_t)g->n * g->small_h * g->small_w;
}

static int gather_parts(const hs_conv_geometry *g)
{
    int64_t chunks = (positions_of(g) + GATHER_PIXELS - 1) / GATHER_PIXELS;
    return (int)(chunks < GATHER_PARTS ? chunks : GATHER_PARTS);
}

/* Sums of a part, [tap][channel][weight_pitch]. */
static size_t gather_sums(const hs_conv_geometry *g)
{
    return (size_t)g->kernel[0] * g->kernel[1] * g->big_c * g->weight_pitch;
}

/* Of a thread: rows, whose last a tile of GRADIENT_ROWS may read past, and a panel of pixels. */
static size_t gather_thread_scratch(void)
{
    return (size_t)GATHER_PIXELS * (GATHER_DEPTH + PANEL_WIDTH) + HS_CHANNEL_BLOCK;
}

static size_t gathered_gradient_scratch(const hs_conv_geometry *g, int threads)
{
    return gather_sums(g) * gather_parts(g) + gather_thread_scratch() * threads;
}

/* `wide` channels from `from` on of positions [first, first + count) of the small image. */
static void take_panel(const hs_conv_geometry *g, const float *small, int64_t first, int count,
                       int from, int wide, float *panel)
{
    lanes_map m[PANEL];
    for (int v = 0; v < wide && g->small_map; v += LANES)
        m[v / LANES] = load_map(g->small_map, from + v);
    for (int i = 0; i < count; i++)
        for (int v = 0; v < wide; v += LANES) {
            VEC x = VLOAD(small + (first + i) * g->small_pitch + from + v);
            VSTORE(panel + i * wide + v, g->small_map ? apply_map(&m[v / LANES], x) : x);
        }
}

/* Adds positions [first, first + count) to the sums of their part, meanwhile asking for as many
 * after them: each call for its share of every pixel's channels. */
static void gather_chunk(const hs_conv_geometry *g, const job *q, const float *small, int64_t first,
                         int count, float *sums, float *scratch)
{
    float *panel = scratch, *rows = scratch + GATHER_PIXELS * PANEL_WIDTH;
    int depth = q->p->taps * q->in.channels;
    place places[GATHER_PIXELS];
    find_places(q, first, count, places);
    gather_rows(q, places, count, rows);
    int panels = (g->weight_pitch + PANEL_WIDTH - 1) / PANEL_WIDTH;
    int calls = panels * ((depth + GRADIENT_ROWS - 1) / GRADIENT_ROWS), call = 0;
    const float *after = small + (first + count) * g->small_pitch;
    for (int from = 0; from < g->weight_pitch; from += PANEL_WIDTH) {
        int wide = min_int(PANEL_WIDTH, g->weight_pitch - from);
        take_panel(g, small, first, count, from, wide, panel);
        for (int k = 0; k < depth; k += GRADIENT_ROWS) {
            next_read next = {after + call++ * g->weight_pitch / calls, g->small_pitch};
            gradients[wide / LANES](1, count, rows + k, 0, depth, panel,
                                    sums + (int64_t)k * g->weight_pitch + from, g->weight_pitch,
                                    depth - k, next);
        }
    }
}

static void gathered_gradient(const hs_conv_geometry *g, const float *big, const float *small,
                              float *dweights, float *scratch)
{
    phase p;
    make_phase(g, HS_CONV_DOWN, 0, &p);
    job q = {
        .p = &p, .in = input_of(g, HS_CONV_DOWN), .out = output_of(g, HS_CONV_DOWN), .input = big};
    int64_t positions = positions_of(g), chunks = (positions + GATHER_PIXELS - 1) / GATHER_PIXELS;
    int parts = gather_parts(g);
    int64_t size = (int64_t)gather_sums(g);
    float *room = scratch + size * parts;
#pragma omp parallel for schedule(dynamic)
    for (int part = 0; part < parts; part++) {
        float *sums = scratch + size * part;
        for (int64_t i = 0; i < size; i += LANES)
            VSTORE(sums + i, VZERO());
        for (int64_t chunk = chunks * part / parts; chunk < chunks * (part + 1) / parts; chunk++) {
            int64_t first = chunk * GATHER_PIXELS, rest = positions - first;
            gather_chunk(g, &q, small, first, (int)(rest < GATHER_PIXELS ? rest : GATHER_PIXELS),
                         sums, room + gather_thread_scratch() * omp_get_thread_num());
        }
    }
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < size; i += LANES) {
        VEC sum = VLOAD(scratch + i);
        for (int part = 1; part < parts; part++)
            sum = VADD(sum, VLOAD(scratch + part * size + i));
        VSTORE(dweights + i, VADD(VLOAD(dweights + i), sum));
    }
}

/* Part of simd/conv.h: at most FEW output channels, such as the logits of three classes. Vectors
 * along so few would be mostly padding, so they lie along the outputs of all taps: a pixel of the
 * input is multiplied by all its weights at once, and each product is then added to the output
 * pixel it belongs to. Each pixel is read once, and its map applied on the way. Only where every
 * tap of a pixel is of use: going up, and at stride 1. Weights are packed [panel][input
 * channel][tap and output channel of the panel]. */

enum {
    FEW_ROWS = 32,   /* of the output in a work item; its neighbours share the input at its ends */
    FEW_PIXELS = 48, /* of the input that are mapped and multiplied while they are near */
};

static bool is_few(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return output_of(g, direction).channels <= FEW &&
           (direction == HS_CONV_UP || (g->stride[0] == 1 && g->stride[1] == 1));
}

/* Products of a pixel of the input, in whole vectors. */
static int few_products(const hs_conv_geometry *g, hs_conv_direction direction)
{
    int outputs = g->kernel[0] * g->kernel[1] * output_of(g, direction).channels;
    return (outputs + LANES - 1) / LANES * LANES;
}

static size_t few_packed_size(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return (size_t)input_of(g, direction).channels * few_products(g, direction);
}

static void few_pack(const hs_conv_geometry *g, hs_conv_direction direction, const float *weights,
                     float *packed)
{
    int depth = input_of(g, direction).channels, channels = output_of(g, direction).channels;
    int products = few_products(g, direction), taps = g->kernel[0] * g->kernel[1];
    for (int from = 0; from < products; from += PANEL_WIDTH) {
        int wide = min_int(PANEL_WIDTH, products - from);
        for (int k = 0; k < depth; k++)
            for (int i = 0; i < wide; i++) {
                int tap = (from + i) / channels, c = (from + i) % channels;
                bool down = direction == HS_CONV_DOWN;
                int64_t row = (int64_t)tap * g->big_c + (down ? k : c);
                *packed++ = tap < taps ? weights[row * g->weight_pitch + (down ? c : k)] : 0;
            }
    }
}

/* What a thread needs: products of a row and the pixels that a tile may add to it, then pixels that
 * are mapped. */
static size_t few_row_size(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return (size_t)(input_of(g, direction).width + MAX_PIXELS) * few_products(g, direction) + FEW;
}

static size_t few_scratch(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return few_row_size(g, direction) +
           (size_t)FEW_PIXELS * hs_pitch_of(input_of(g, direction).channels);
}

/* Where the map of the input, if any, is applied: the gradient of the weights has to as well. */
static bool maps_few(const hs_conv_geometry *g, hs_conv_direction direction)
{
    return direction == HS_CONV_UP && is_few(g, direction) && gathers_gradient(g);
}

/* products[pixel][..] of `count` pixels `pitch` apart, meanwhile asking for those at `ahead`. */
static void multiply_pixels(const job *q, const float *pixel, int pitch, int count, int width,
                            float *products, const float *ahead)
{
    int depth = q->in.channels;
    for (int from = 0; from < width; from += PANEL_WIDTH) {
        int wide = min_int(PANEL_WIDTH, width - from), pixels = tiles[wide / LANES].pixels;
        for (int k = 0; k < depth; k += BLOCK_CHANNELS) {
            const float *weights = q->weights + (int64_t)from * depth + (int64_t)k * wide;
            for (int i = 0; i < count; i += pixels) {
                const float *in[MAX_PIXELS];
                float *out[MAX_PIXELS];
                for (int m = 0; m < pixels; m++) {
                    in[m] = i + m < count ? pixel + (int64_t)(i + m) * pitch + k : zeros;
                    out[m] = products + (int64_t)(i + m) * width + from;
                }
                next_read next = {ahead + (int64_t)i * q->in.pitch, pixels * q->in.pitch / depth};
                tiles[wide / LANES].run(1, min_int(BLOCK_CHANNELS, depth - k), in, weights, out,
                                        NULL, k > 0, next);
            }
        }
    }
}

static void map_pixels(const hs_affine *map, const float *pixel, int pitch, int count, int depth,
                       float *mapped)
{
    for (int i = 0; i < count; i++, pixel += pitch, mapped += depth) {
        for (int c = 0; c < depth; c += LANES) {
            lanes_map m = load_map(map, c);
            VSTORE(mapped + c, apply_map(&m, VLOAD(pixel + c)));
        }
    }
}

/* products[pixel][tap][channel] of a row of the input. */
static void multiply_row(const job *q, const hs_affine *map, const float *row, int width,
                         float *products, float *mapped)
{
    int depth = hs_pitch_of(q->in.channels);
    for (int first = 0; first < q->in.width; first += FEW_PIXELS) {
        int count = min_int(FEW_PIXELS, q->in.width - first), pitch = q->in.pitch;
        const float *pixel = row + (int64_t)first * pitch;
        if (map) {
            map_pixels(map, pixel, pitch, count, depth, mapped);
            pixel = mapped;
            pitch = depth;
        }
        multiply_pixels(q, pixel, pitch, count, width, products + (int64_t)first * width,
                        row + (int64_t)(first + FEW_PIXELS) * q->in.pitch);
    }
}

/* One tap of a row: adds the products of `count` pixels, `width` apart, to pixels of the output
 * `step` apart. */
static void add_tap(const float *products, int width, int count, int channels, float *out, int step)
{
    few_bits mask;
    for (int c = 0; c < FEW; c++)
        mask[c] = c < channels ? -1 : 0;
    for (int i = 0; i < count; i++, products += width, out += step)
        *(few_lanes *)out += (few_lanes)((few_bits) * (const few_lanes *)products & mask);
}

/* How the input lies on the output along one axis: tap t of pixel x belongs to x*step + sign*(t*
 * dilation - pad). */
typedef struct lattice {
    int step, sign, dilation, pad, taps;
} lattice;

static lattice find_lattice(const hs_conv_geometry *g, hs_conv_direction direction, int axis)
{
    bool up = direction == HS_CONV_UP;
    return (lattice){up ? g->stride[axis] : 1, up ? 1 : -1, g->dilation[axis], g->pad[axis],
                     g->kernel[axis]};
}

static int offset_of(const lattice *l, int tap)
{
    return l->sign * (tap * l->dilation - l->pad);
}

/* The smallest x whose x*step + offset is at least `least`. */
static int first_reaching(int least, int offset, int step)
{
    int distance = least - offset;
    return distance > 0 ? (distance + step - 1) / step : -(-distance / step);
}

/* Adds the products of row `row` of the input to rows [begin, end) of an image of the output. */
static void add_row(const job *q, const lattice l[2], const float *products, int width, int row,
                    int begin, int end, float *out)
{
    int channels = q->out.channels;
    for (int r = 0; r < l[0].taps; r++) {
        int h = row * l[0].step + offset_of(&l[0], r);
        if (h < begin || h >= end)
            continue;
        for (int s = 0; s < l[1].taps; s++) {
            int offset = offset_of(&l[1], s), first = first_reaching(0, offset, l[1].step);
            int last = first_reaching(q->out.width, offset, l[1].step);
            first = first > 0 ? first : 0;
            last = min_int(last, q->in.width);
            int64_t at = (int64_t)h * q->out.width + first * l[1].step + offset;
            add_tap(products + (int64_t)first * width + (r * l[1].taps + s) * channels, width,
                    last - first, channels, out + at * q->out.pitch, l[1].step * q->out.pitch);
        }
    }
}

/* Rows [begin, end) of an image of the output begin as the bias, and zeros beyond the channels. */
static void begin_rows(const job *q, int begin, int end, float *out)
{
    if (q->accumulate)
        return;
    for (int64_t i = (int64_t)begin * q->out.width; i < (int64_t)end * q->out.width; i++)
        for (int c = 0; c < HS_CHANNEL_BLOCK; c += LANES)
            VSTORE(out + i * q->out.pitch + c, q->bias ? VLOAD(q->bias + c) : VZERO());
}

static void activate_rows(const job *q, int begin, int end, float *out)
{
    VEC slope = VSET1(q->slope);
    for (int64_t i = (int64_t)begin * q->out.width; i < (int64_t)end * q->out.width; i++)
        for (int c = 0; c < HS_CHANNEL_BLOCK; c += LANES) {
            VEC y = VLOAD(out + i * q->out.pitch + c);
            VSTORE(out + i * q->out.pitch + c, VMAX(y, VMUL(slope, y)));
        }
}

/* Rows [begin, end) of image n of the output: the input's rows that reach them, one by one. */
static void run_few_rows(const job *q, const hs_affine *map, const lattice l[2], int width,
                         int64_t n, int begin, int end, float *products, float *mapped)
{
    const float *in = q->input + n * q->in.height * q->in.width * q->in.pitch;
    float *out = q->output + n * q->out.height * q->out.width * q->out.pitch;
    int ends[2] = {offset_of(&l[0], 0), offset_of(&l[0], l[0].taps - 1)};
    int lowest = min_int(ends[0], ends[1]), highest = ends[0] + ends[1] - lowest;
    int first = first_reaching(begin, highest, l[0].step), ready = begin;
    int last = min_int(q->in.height, first_reaching(end, lowest, l[0].step));
    for (int row = first > 0 ? first : 0; row < last; row++) {
        int reach = min_int(end, row * l[0].step + highest + 1);
        if (reach > ready) {
            begin_rows(q, ready, reach, out);
            ready = reach;
        }
        multiply_row(q, map, in + (int64_t)row * q->in.width * q->in.pitch, width, products,
                     mapped);
        add_row(q, l, products, width, row, begin, end, out);
    }
    begin_rows(q, ready, end, out);
    if (q->slope != 1)
        activate_rows(q, begin, end, out);
}

static void few_run(const hs_conv_geometry *g, hs_conv_direction direction, const job *q,
                    float *scratch)
{
    const hs_affine *map = direction == HS_CONV_UP ? g->small_map : g->big_map;
    lattice l[2] = {find_lattice(g, direction, 0), find_lattice(g, direction, 1)};
    int width = few_products(g, direction), blocks = (q->out.height + FEW_ROWS - 1) / FEW_ROWS;
    size_t size = few_scratch(g, direction), row = few_row_size(g, direction);
#pragma omp parallel for schedule(dynamic)
    for (int64_t item = 0; item < (int64_t)g->n * blocks; item++) {
        float *room = scratch + size * (size_t)omp_get_thread_num();
        int begin = (int)(item % blocks) * FEW_ROWS;
        run_few_rows(q, map, l, width, item / blocks, begin,
                     min_int(q->out.height, begin + FEW_ROWS), room, room + row);
    }
}

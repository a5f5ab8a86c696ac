/* Max pooling with kept places, unpooling, and the gradients of both. Memory bounds them: each goes
 * through the image once, in order, a block of LANES channels at a time. Loops over lanes have no
 * branches and no conditional loads: what is chosen from is loaded before. */
#include <math.h>
#include <string.h>

/* Positions [first, last) of a window, row by row and column by column, that lie in the image, and
 * where the window begins: the index of its position (0, 0), which may lie outside. */
typedef struct pool_window {
    int64_t corner;
    int first[2], last[2];
} pool_window;

static inline pool_window window_at(const hs_pool_geometry *g, int64_t n, int i, int j)
{
    int top = i * g->stride[0] - g->pad[0], left = j * g->stride[1] - g->pad[1];
    int rows = g->big_h - top, columns = g->big_w - left;
    return (pool_window){
        .corner = ((n * g->big_h + top) * g->big_w + left) * g->big_pitch,
        .first = {top < 0 ? -top : 0, left < 0 ? -left : 0},
        .last = {rows < g->kernel[0] ? rows : g->kernel[0],
                 columns < g->kernel[1] ? columns : g->kernel[1]},
    };
}

static inline int64_t place_pitch(const hs_pool_geometry *g)
{
    return (int64_t)hs_pixel_bytes(hs_place_dtype(g->kernel), hs_pitch_of(g->c));
}

/* Packed places of LANES channels are one word. A position repeated all through such a word is
 * right for each lane, which looks at its own bits alone: no lane shifts anything. */
static const uint32_t lane_bits[2][LANES] = {
    {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
     0xFF},
    {0x3, 0xC, 0x30, 0xC0, 0x300, 0xC00, 0x3000, 0xC000, 0x30000, 0xC0000, 0x300000, 0xC00000,
     0x3000000, 0xC000000, 0x30000000, 0xC0000000},
};

static inline uint32_t code_of(bool packed, int position)
{
    return (uint32_t)position * (packed ? 0x55555555u : 1u);
}

static inline void read_places(bool packed, const uint8_t *pixel, int c, uint32_t place[LANES])
{
    if (packed) {
        uint32_t word;
        memcpy(&word, pixel + c / 4, sizeof word);
#pragma omp simd
        for (int i = 0; i < LANES; i++)
            place[i] = word;
    } else {
#pragma omp simd
        for (int i = 0; i < LANES; i++)
            place[i] = pixel[c + i];
    }
}

static inline void write_places(bool packed, const uint32_t place[LANES], int c, uint8_t *pixel)
{
    if (packed) {
        uint32_t word = 0;
#pragma omp simd reduction(| : word)
        for (int i = 0; i < LANES; i++)
            word |= place[i] & lane_bits[true][i];
        memcpy(pixel + c / 4, &word, sizeof word);
    } else {
#pragma omp simd
        for (int i = 0; i < LANES; i++)
            pixel[c + i] = (uint8_t)place[i];
    }
}

/* ---- pooling ----------------------------------------------------------------------------------
 */

/* A block of channels of a pixel as the pool sees it: in `room` what the map makes of it. */
static inline const hs_real *seen(const hs_affine *map, int c, const hs_real *x,
                                  hs_real room[LANES])
{
    if (!map)
        return x + c;
    const hs_affine a = *map;
#pragma omp simd
    for (int i = 0; i < LANES; i++)
        room[i] = affine(a, c + i, x[c + i]);
    return room;
}

/* A NaN wins. With | there is no branch, which would keep compilers from making vectors. */
static inline bool is_larger(hs_real value, hs_real best)
{
    return (value > best) | (value != value);
}

/* How far below the largest value of its window a value still counts as equal to it. Where an image
 * is constant, as depth is where there is none, all values of a window are equal; minimal filtering
 * rounds each differently, and that must not choose the place from which an unpooling starts. So
 * beside it a tie is POOL_TIE of the largest of LANES channels there. */
static inline hs_real tie_of(const hs_real best[LANES])
{
    hs_real size[LANES];
#pragma omp simd
    for (int i = 0; i < LANES; i++)
        size[i] = best[i] < 0 ? -best[i] : best[i];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            size[i] = size[i] > size[i + half] ? size[i] : size[i + half];
    return size[0] * (hs_real)POOL_TIE;
}

/* Infinities are compared as they are: their tie is no number. */
static inline bool is_best(hs_real value, hs_real best, hs_real tie)
{
    return (value >= best - tie) | (value == best) | (value != value);
}

/* One block of channels of a window of 2x2 that lies inside, as nearly all of the paper's networks
 * do: in registers all through, half again as fast as max_block. */
static inline void max_pair(const hs_pool_geometry *g, const pool_window *v, const hs_real *big,
                            const hs_affine *map, int c, hs_real *small, uint8_t *places)
{
    const hs_real *top = big + v->corner, *bottom = top + (int64_t)g->big_w * g->big_pitch;
    hs_real room[4][LANES], best[LANES];
    const hs_real *x0 = seen(map, c, top, room[0]), *x1 = seen(map, c, top + g->big_pitch, room[1]);
    const hs_real *x2 = seen(map, c, bottom, room[2]),
                  *x3 = seen(map, c, bottom + g->big_pitch, room[3]);
    uint32_t place[LANES];
#pragma omp simd
    for (int i = 0; i < LANES; i++) {
        hs_real y = x0[i], y1 = x1[i], y2 = x2[i], y3 = x3[i];
        y = is_larger(y1, y) ? y1 : y;
        y = is_larger(y2, y) ? y2 : y;
        best[i] = is_larger(y3, y) ? y3 : y;
    }
    hs_real tie = tie_of(best);
#pragma omp simd
    for (int i = 0; i < LANES; i++) {
        hs_real y = x0[i], y1 = x1[i], y2 = x2[i], most = best[i];
        uint32_t code = is_best(y2, most, tie) ? code_of(true, 2) : code_of(true, 3);
        code = is_best(y1, most, tie) ? code_of(true, 1) : code;
        place[i] = is_best(y, most, tie) ? 0 : code;
    }
    memcpy(small + c, best, sizeof best);
    write_places(true, place, c, places);
}

/* One block of channels of any window. */
static inline void max_block(const hs_pool_geometry *g, const pool_window *v, const hs_real *big,
                             const hs_affine *map, int c, hs_real *small, uint8_t *places)
{
    bool packed = hs_place_dtype(g->kernel) == HS_U2;
    const hs_real *corner = big + v->corner;
    hs_real best[LANES], room[LANES];
    uint32_t place[LANES] = {0};
    for (int i = 0; i < LANES; i++)
        best[i] = -INFINITY;
    for (int r = v->first[0]; r < v->last[0]; r++) {
        for (int s = v->first[1]; s < v->last[1]; s++) {
            int64_t at = ((int64_t)r * g->big_w + s) * g->big_pitch;
            const hs_real *x = seen(map, c, corner + at, room);
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                hs_real value = x[i], before = best[i];
                best[i] = is_larger(value, before) ? value : before;
            }
        }
    }
    hs_real tie = tie_of(best);
    /* Backwards, so that the first of the best stays. */
    for (int r = v->last[0] - 1; r >= v->first[0]; r--) {
        for (int s = v->last[1] - 1; s >= v->first[1]; s--) {
            int64_t at = ((int64_t)r * g->big_w + s) * g->big_pitch;
            const hs_real *x = seen(map, c, corner + at, room);
            uint32_t code = code_of(packed, r * g->kernel[1] + s);
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                hs_real value = x[i], most = best[i];
                place[i] = is_best(value, most, tie) ? code : place[i];
            }
        }
    }
    memcpy(small + c, best, sizeof best);
    write_places(packed, place, c, places);
}

/* Whether max_pair does it: a window of 2x2 that no border cuts. */
static inline bool is_whole_pair(const hs_pool_geometry *g, const pool_window *v)
{
    return g->kernel[0] == 2 && g->kernel[1] == 2 && v->first[0] == 0 && v->first[1] == 0 &&
           v->last[0] == 2 && v->last[1] == 2;
}

void NAMED(max_pool)(const hs_pool_geometry *g, const hs_real *big, const hs_affine *map,
                     hs_real *small, uint8_t *place)
{
    int64_t rows = (int64_t)g->n * g->small_h, pitch = place_pitch(g);
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        for (int j = 0; j < g->small_w; j++) {
            pool_window v = window_at(g, row / g->small_h, (int)(row % g->small_h), j);
            bool pair = is_whole_pair(g, &v);
            int64_t p = row * g->small_w + j;
            for (int c = 0; c < g->c; c += LANES)
                (pair ? max_pair : max_block)(g, &v, big, map, c, small + p * g->small_pitch,
                                              place + p * pitch);
        }
    }
}

/* ---- back to the places -----------------------------------------------------------------------
 */

/* The value of one window, for the pixel at that position in it. */
static inline void scatter_pixel(const hs_pool_geometry *g, bool packed, int position,
                                 const hs_real *small, const uint8_t *places, hs_real *big,
                                 bool accumulate)
{
    const uint32_t *bits = lane_bits[packed], code = code_of(packed, position);
    for (int c = 0; c < g->c; c += LANES) {
        uint32_t place[LANES];
        read_places(packed, places, c, place);
        const hs_real *from = small + c;
        hs_real *to = big + c;
        if (accumulate) {
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                hs_real before = to[i], value = before + from[i];
                to[i] = (place[i] ^ code) & bits[i] ? before : value;
            }
        } else {
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                hs_real value = 0 + from[i];
                to[i] = (place[i] ^ code) & bits[i] ? 0 : value;
            }
        }
    }
}

/* Moves [first, last), the windows along an axis that cover pixel `at`, on from those of a pixel
 * before it. */
static inline void advance_windows(const hs_pool_geometry *g, int axis, int windows, int at,
                                   int range[2])
{
    int end = at + g->pad[axis];
    while (range[1] < windows && range[1] * g->stride[axis] <= end)
        range[1]++;
    while (range[0] < range[1] && range[0] * g->stride[axis] + g->kernel[axis] <= end)
        range[0]++;
}

/* A row of the image: each pixel takes from the windows that cover it, in their order. */
static void scatter_row(const hs_pool_geometry *g, int64_t row, const hs_real *small,
                        const uint8_t *place, hs_real *big, bool accumulate)
{
    bool packed = hs_place_dtype(g->kernel) == HS_U2;
    int64_t pitch = place_pitch(g), first = row / g->big_h * g->small_h;
    int h = (int)(row % g->big_h), is[2] = {0, 0}, js[2] = {0, 0};
    advance_windows(g, 0, g->small_h, h, is);
    for (int w = 0; w < g->big_w; w++) {
        hs_real *to = big + (row * g->big_w + w) * g->big_pitch;
        bool add = accumulate;
        advance_windows(g, 1, g->small_w, w, js);
        for (int i = is[0]; i < is[1]; i++) {
            for (int j = js[0]; j < js[1]; j++) {
                int64_t p = (first + i) * g->small_w + j;
                int r = h + g->pad[0] - i * g->stride[0], s = w + g->pad[1] - j * g->stride[1];
                scatter_pixel(g, packed, r * g->kernel[1] + s, small + p * g->small_pitch,
                              place + p * pitch, to, add);
                add = true;
            }
        }
        if (!add)
            memset(to, 0, sizeof *to * (size_t)hs_pitch_of(g->c));
    }
}

void NAMED(pool_scatter)(const hs_pool_geometry *g, const hs_real *small, const uint8_t *place,
                         hs_real *big, bool accumulate)
{
    int64_t rows = (int64_t)g->n * g->big_h;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++)
        scatter_row(g, row, small, place, big, accumulate);
}

/* ---- from the places --------------------------------------------------------------------------
 */

/* One block of channels of one window: of all its pixels, each lane keeps the one at its place. */
static inline void gather_block(const hs_pool_geometry *g, const pool_window *v, const hs_real *big,
                                const uint8_t *places, int c, hs_real *small, bool accumulate)
{
    bool packed = hs_place_dtype(g->kernel) == HS_U2;
    const uint32_t *bits = lane_bits[packed];
    hs_real value[LANES] = {0}, *to = small + c;
    uint32_t place[LANES];
    read_places(packed, places, c, place);
    for (int r = v->first[0]; r < v->last[0]; r++) {
        for (int s = v->first[1]; s < v->last[1]; s++) {
            const hs_real *x = big + v->corner + ((int64_t)r * g->big_w + s) * g->big_pitch + c;
            uint32_t code = code_of(packed, r * g->kernel[1] + s);
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                hs_real from = x[i], before = value[i];
                value[i] = (place[i] ^ code) & bits[i] ? before : from;
            }
        }
    }
    if (accumulate) {
#pragma omp simd
        for (int i = 0; i < LANES; i++)
            to[i] += value[i];
    } else {
        memcpy(to, value, sizeof value);
    }
}

void NAMED(pool_gather)(const hs_pool_geometry *g, const hs_real *big, const uint8_t *place,
                        hs_real *small, bool accumulate)
{
    int64_t rows = (int64_t)g->n * g->small_h, pitch = place_pitch(g);
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        for (int j = 0; j < g->small_w; j++) {
            pool_window v = window_at(g, row / g->small_h, (int)(row % g->small_h), j);
            int64_t p = row * g->small_w + j;
            for (int c = 0; c < g->c; c += LANES)
                gather_block(g, &v, big, place + p * pitch, c, small + p * g->small_pitch,
                             accumulate);
        }
    }
}

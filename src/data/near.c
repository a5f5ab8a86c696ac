#include "data/near.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Orders of the bits, neighbours looked at in each, and bits that may differ of a pair worth a
 * look. */
enum { TURNS = 16, WINDOW = 32, BITS_APART = 16, BITS = 64 * HS_GIST_WORDS };

static hs_gist_cell make_cell(const uint16_t *depth, int32_t width, const int32_t rows[2],
                              const int32_t columns[2])
{
    uint64_t sum = 0, measured = 0;
    uint64_t pixels = (uint64_t)((rows[1] - rows[0]) * (columns[1] - columns[0]));
    for (int32_t y = rows[0]; y < rows[1]; y++)
        for (int32_t x = columns[0]; x < columns[1]; x++) {
            uint16_t d = depth[(size_t)y * (size_t)width + (size_t)x];
            sum += d;
            measured += d > 0;
        }
    return (hs_gist_cell){.mean = (uint16_t)(measured ? sum / measured : 0),
                          .measured = (uint16_t)(HS_GIST_ALL * measured / pixels)};
}

/* By more than noise makes of two cells of one surface. */
static bool is_greater(uint16_t a, uint16_t b)
{
    enum { NOISE = 64 }; /* one part in so many */
    return a > b + b / NOISE;
}

void hs_gist_make(const uint16_t *depth, int32_t height, int32_t width, hs_gist *gist)
{
    memset(gist, 0, sizeof *gist);
    if (height < HS_GIST_ROWS || width < HS_GIST_COLUMNS)
        return;
    for (int r = 0; r < HS_GIST_ROWS; r++)
        for (int c = 0; c < HS_GIST_COLUMNS; c++) {
            const int32_t rows[2] = {r * height / HS_GIST_ROWS, (r + 1) * height / HS_GIST_ROWS};
            const int32_t columns[2] = {c * width / HS_GIST_COLUMNS,
                                        (c + 1) * width / HS_GIST_COLUMNS};
            gist->cells[r][c] = make_cell(depth, width, rows, columns);
        }
    for (int bit = 0; bit < BITS; bit++) {
        const hs_gist_cell *cell =
            &gist->cells[bit / (HS_GIST_COLUMNS - 1)][bit % (HS_GIST_COLUMNS - 1)];
        gist->bits[bit / 64] |= (uint64_t)is_greater(cell[1].mean, cell[0].mean) << bit % 64;
    }
}

/* Of the part that both have measured the difference, of what only one has all of it: but for a
 * share that scattered noise may take. */
static int64_t cell_distance(const hs_gist_cell *a, const hs_gist_cell *b)
{
    enum { SCATTERED = 8 }; /* one part in so many */
    const hs_gist_cell *more = a->measured > b->measured ? a : b, *less = more == a ? b : a;
    int lost = more->measured - more->measured / SCATTERED - less->measured;
    return (int64_t)abs(a->mean - b->mean) * less->measured +
           (int64_t)more->mean * (lost > 0 ? lost : 0);
}

double hs_gist_distance(const hs_gist *a, const hs_gist *b)
{
    int64_t sum = 0;
    for (int r = 0; r < HS_GIST_ROWS; r++)
        for (int c = 0; c < HS_GIST_COLUMNS; c++)
            sum += cell_distance(&a->cells[r][c], &b->cells[r][c]);
    return (double)sum / (HS_GIST_ALL * HS_GIST_ROWS * HS_GIST_COLUMNS);
}

/* A gist's bits as one turn sorts them. */
typedef struct entry {
    uint64_t key[HS_GIST_WORDS];
    int64_t index;
} entry;

static int by_key(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    for (int w = 0; w < HS_GIST_WORDS; w++)
        if (x->key[w] != y->key[w])
            return x->key[w] < y->key[w] ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* The bits, rotated so that every turn begins the order with others. */
static entry turned(const hs_gist *gist, int64_t index, int turn)
{
    const uint64_t *bits = gist->bits;
    int shift = turn * BITS / TURNS, words = shift / 64, rest = shift % 64;
    entry e = {.index = index};
    for (int w = 0; w < HS_GIST_WORDS; w++) {
        uint64_t high = bits[(w + words) % HS_GIST_WORDS];
        uint64_t low = bits[(w + words + 1) % HS_GIST_WORDS];
        e.key[w] = rest ? high << rest | low >> (64 - rest) : high;
    }
    return e;
}

static int bits_apart(const entry *a, const entry *b)
{
    int n = 0;
    for (int w = 0; w < HS_GIST_WORDS; w++)
        n += __builtin_popcountll(a->key[w] ^ b->key[w]);
    return n;
}

/* A pair that was found, smaller index first. */
typedef struct pair {
    int64_t i, j;
} pair;

typedef struct pairs {
    pair *list;
    int64_t count, capacity;
} pairs;

static hs_status add_pair(pairs *p, int64_t a, int64_t b)
{
    if (p->count == p->capacity) {
        int64_t capacity = p->capacity ? 2 * p->capacity : 256;
        pair *list = realloc(p->list, sizeof *list * (size_t)capacity);
        if (!list)
            return hs_error(HS_ERR_MEMORY, NULL, "near-duplicates: no memory for %lld pairs",
                            (long long)capacity);
        p->list = list;
        p->capacity = capacity;
    }
    p->list[p->count++] = a < b ? (pair){a, b} : (pair){b, a};
    return HS_OK;
}

static int by_pair(const void *a, const void *b)
{
    const pair *x = a, *y = b;
    if (x->i != y->i)
        return x->i < y->i ? -1 : 1;
    return x->j < y->j ? -1 : x->j > y->j;
}

hs_status hs_near_pairs(const hs_gist *gists, const uint8_t *groups, int64_t n, double most,
                        void (*found)(void *user, int64_t i, int64_t j), void *user)
{
    pairs all = {0};
    void *memory = NULL;
    hs_status status;
    HS_TRY(hs_allocate(sizeof(entry) * (size_t)n, "near-duplicates", &memory));
    entry *entries = memory;
    for (int turn = 0; turn < TURNS; turn++) {
        for (int64_t i = 0; i < n; i++)
            entries[i] = turned(&gists[i], i, turn);
        qsort(entries, (size_t)n, sizeof *entries, by_key);
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = i + 1; j < n && j <= i + WINDOW; j++) {
                int64_t a = entries[i].index, b = entries[j].index;
                if (groups[a] != groups[b] && bits_apart(&entries[i], &entries[j]) <= BITS_APART &&
                    hs_gist_distance(&gists[a], &gists[b]) <= most)
                    HS_TRY(add_pair(&all, a, b));
            }
    }
    if (all.count > 0)
        qsort(all.list, (size_t)all.count, sizeof *all.list, by_pair);
    for (int64_t k = 0; k < all.count; k++)
        if (k == 0 || by_pair(&all.list[k - 1], &all.list[k]) != 0)
            found(user, all.list[k].i, all.list[k].j);
exit:
    free(all.list);
    free(memory);
    return status;
}

/* Sums and affine maps per channel. Sums are cut into parts fixed by shape and merged in order;
 * within a part, runs of CHUNK pixels are summed as reals and added up in double. */
#include <string.h>

enum { CHUNK = 256, MAX_PARTS = 64 };

static int parts_of(int64_t pixels)
{
    int64_t chunks = (pixels + CHUNK - 1) / CHUNK;
    return (int)(chunks < MAX_PARTS ? chunks : MAX_PARTS);
}

/* Pixels [first, last) of a part: whole chunks, as even as they go. */
static void part_bounds(int64_t pixels, int parts, int part, int64_t *first, int64_t *last)
{
    int64_t chunks = (pixels + CHUNK - 1) / CHUNK;
    *first = chunks * part / parts * CHUNK;
    *last = chunks * (part + 1) / parts * CHUNK;
    *last = *last < pixels ? *last : pixels;
}

size_t NAMED(channel_scratch)(int64_t pixels, int pitch)
{
    return (size_t)parts_of(pixels) * pitch * 2;
}

static void sum_part(const hs_real *x, int64_t first, int64_t last, int pitch, double *sums)
{
    for (int c = 0; c < pitch; c += LANES) {
        double total[LANES] = {0};
        for (int64_t from = first; from < last; from += CHUNK) {
            int64_t to = from + CHUNK < last ? from + CHUNK : last;
            hs_real sum[LANES] = {0};
            for (int64_t p = from; p < to; p++)
                for (int i = 0; i < LANES; i++)
                    sum[i] += x[p * pitch + c + i];
            for (int i = 0; i < LANES; i++)
                total[i] += (double)sum[i];
        }
        for (int i = 0; i < LANES; i++)
            sums[c + i] = total[i];
    }
}

void NAMED(channel_sums)(const hs_real *x, int64_t pixels, int pitch, double *scratch,
                         hs_real *sums)
{
    int parts = parts_of(pixels);
#pragma omp parallel for schedule(static)
    for (int part = 0; part < parts; part++) {
        int64_t first, last;
        part_bounds(pixels, parts, part, &first, &last);
        sum_part(x, first, last, pitch, scratch + (int64_t)part * pitch);
    }
    for (int c = 0; c < pitch; c++) {
        double total = 0;
        for (int part = 0; part < parts; part++)
            total += scratch[(int64_t)part * pitch + c];
        sums[c] += (hs_real)total;
    }
}

/* Merges mean and sum of squared deviations of two sets (Chan, Golub, LeVeque 1979). */
static void merge_moments(double count_a, double *mean_a, double *square_a, double count_b,
                          double mean_b, double square_b)
{
    double count = count_a + count_b, delta = mean_b - *mean_a;
    *mean_a += delta * count_b / count;
    *square_a += square_b + delta * delta * count_a * count_b / count;
}

/* Mean, then squared deviations from it, of one chunk: two passes over memory that is near. */
static void chunk_moments(const hs_real *x, int64_t from, int64_t to, int pitch, double *mean,
                          double *square)
{
    hs_real sum[LANES] = {0}, centre[LANES], deviation[LANES] = {0}, rest[LANES] = {0};
    hs_real count = (hs_real)(to - from);
    for (int64_t p = from; p < to; p++)
        for (int i = 0; i < LANES; i++)
            sum[i] += x[p * pitch + i];
    for (int i = 0; i < LANES; i++)
        centre[i] = sum[i] / count;
    for (int64_t p = from; p < to; p++) {
        for (int i = 0; i < LANES; i++) {
            hs_real d = x[p * pitch + i] - centre[i];
            rest[i] += d; /* what rounding left of the mean */
            deviation[i] += d * d;
        }
    }
    for (int i = 0; i < LANES; i++) {
        double correction = (double)rest[i] / (double)count;
        mean[i] = (double)centre[i] + correction;
        square[i] = (double)deviation[i] - correction * (double)rest[i];
    }
}

static void moments_part(const hs_real *x, int x_pitch, int64_t first, int64_t last, int pitch,
                         double *means, double *squares)
{
    for (int c = 0; c < pitch; c += LANES) {
        double count = 0, *mean = means + c, *square = squares + c;
        for (int i = 0; i < LANES; i++)
            mean[i] = square[i] = 0;
        for (int64_t from = first; from < last; from += CHUNK) {
            int64_t to = from + CHUNK < last ? from + CHUNK : last;
            double chunk_mean[LANES], chunk_square[LANES], size = (double)(to - from);
            chunk_moments(x + c, from, to, x_pitch, chunk_mean, chunk_square);
            for (int i = 0; i < LANES; i++)
                merge_moments(count, &mean[i], &square[i], size, chunk_mean[i], chunk_square[i]);
            count += size;
        }
    }
}

void NAMED(channel_partial_moments)(const hs_real *x, int x_pitch, int64_t pixels, int pitch,
                                    int64_t from, int64_t to, double *scratch)
{
    int parts = parts_of(pixels);
#pragma omp for schedule(static, 1) nowait
    for (int part = 0; part < parts; part++) {
        int64_t first, last;
        part_bounds(pixels, parts, part, &first, &last);
        if (from < last && last <= to)
            moments_part(x, x_pitch, first, last, pitch, scratch + 2 * (int64_t)part * pitch,
                         scratch + (2 * (int64_t)part + 1) * pitch);
    }
}

void NAMED(channel_merge_moments)(int64_t pixels, int pitch, const double *scratch, hs_real *mean,
                                  hs_real *variance)
{
    int parts = parts_of(pixels);
    for (int c = 0; c < pitch; c++) {
        double count = 0, total_mean = 0, square = 0;
        for (int part = 0; part < parts; part++) {
            int64_t first, last;
            part_bounds(pixels, parts, part, &first, &last);
            merge_moments(count, &total_mean, &square, (double)(last - first),
                          scratch[2 * (int64_t)part * pitch + c],
                          scratch[(2 * (int64_t)part + 1) * pitch + c]);
            count += (double)(last - first);
        }
        mean[c] = (hs_real)total_mean;
        variance[c] = (hs_real)(square / (double)pixels);
    }
}

/* dy * act'(z). */
static inline hs_real through_activation(hs_real z, hs_real slope, hs_real dy)
{
    return z > 0 ? dy : slope * dy;
}

static void products_part(const hs_real *x, int x_pitch, const hs_real *dy, int64_t first,
                          int64_t last, int pitch, const hs_affine *a, double *sums,
                          double *products)
{
    for (int c = 0; c < pitch; c += LANES) {
        double total[LANES] = {0}, total_product[LANES] = {0};
        hs_real mean[LANES], scale[LANES], shift[LANES], slope = a->slope;
        memcpy(mean, a->mean + c, sizeof mean);
        memcpy(scale, a->scale + c, sizeof scale);
        memcpy(shift, a->shift + c, sizeof shift);
        for (int64_t from = first; from < last; from += CHUNK) {
            int64_t to = from + CHUNK < last ? from + CHUNK : last;
            hs_real sum[LANES] = {0}, product[LANES] = {0};
            for (int64_t p = from; p < to; p++) {
                for (int i = 0; i < LANES; i++) {
                    hs_real centred = x[p * x_pitch + c + i] - mean[i];
                    hs_real dz = through_activation(centred * scale[i] + shift[i], slope,
                                                    dy[p * pitch + c + i]);
                    sum[i] += dz;
                    product[i] += dz * centred;
                }
            }
            for (int i = 0; i < LANES; i++) {
                total[i] += (double)sum[i];
                total_product[i] += (double)product[i];
            }
        }
        for (int i = 0; i < LANES; i++) {
            sums[c + i] = total[i];
            products[c + i] = total_product[i];
        }
    }
}

void NAMED(channel_products)(const hs_real *x, int x_pitch, const hs_real *dy, int64_t pixels,
                             int pitch, const hs_affine *a, double *scratch, hs_real *dz_sum,
                             hs_real *dz_x_sum)
{
    int parts = parts_of(pixels);
#pragma omp parallel for schedule(static)
    for (int part = 0; part < parts; part++) {
        int64_t first, last;
        part_bounds(pixels, parts, part, &first, &last);
        products_part(x, x_pitch, dy, first, last, pitch, a, scratch + 2 * (int64_t)part * pitch,
                      scratch + (2 * (int64_t)part + 1) * pitch);
    }
    for (int c = 0; c < pitch; c++) {
        double total = 0, product = 0;
        for (int part = 0; part < parts; part++) {
            total += scratch[2 * (int64_t)part * pitch + c];
            product += scratch[(2 * (int64_t)part + 1) * pitch + c];
        }
        dz_sum[c] = (hs_real)total;
        dz_x_sum[c] = (hs_real)product;
    }
}

/* act(z) of channel c: what every kernel that applies such a map computes, to the bit. */
static inline hs_real affine(const hs_affine a, int c, hs_real x)
{
    hs_real z = (x - a.mean[c]) * a.scale[c] + a.shift[c];
    return z > 0 ? z : a.slope * z;
}

/* The functions of one pixel name their arrays apart, which compilers need to know to make vectors.
 */
static void affine_pixel(int pitch, const hs_affine *a, const hs_real *restrict x,
                         hs_real *restrict y)
{
    const hs_affine map = *a;
    for (int c = 0; c < pitch; c++)
        y[c] = affine(map, c, x[c]);
}

void NAMED(channel_affine)(const hs_real *x, int x_pitch, int64_t pixels, int pitch,
                           const hs_affine *a, hs_real *y)
{
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p++)
        affine_pixel(pitch, a, x + p * x_pitch, y + p * pitch);
}

static void affine_backward_pixel(int pitch, const hs_affine *a, const hs_real *x,
                                  const hs_real *dy, const hs_real *x_scale, const hs_real *dz_mean,
                                  const hs_real *dz_scale, hs_real *dx, bool accumulate)
{
    const hs_real *mean = a->mean, *scale = a->scale, *shift = a->shift, slope = a->slope;
#pragma omp simd /* dx may be dy */
    for (int c = 0; c < pitch; c++) {
        hs_real centred = x[c] - mean[c];
        hs_real dz = through_activation(centred * scale[c] + shift[c], slope, dy[c]);
        hs_real value = (dz - dz_mean[c]) * dz_scale[c] + centred * x_scale[c];
        dx[c] = accumulate ? dx[c] + value : value;
    }
}

void NAMED(channel_affine_backward)(const hs_real *x, int x_pitch, const hs_real *dy,
                                    int64_t pixels, int pitch, const hs_affine *a,
                                    const hs_real *x_scale, const hs_real *dz_mean,
                                    const hs_real *dz_scale, hs_real *dx, bool accumulate)
{
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < pixels; p++)
        affine_backward_pixel(pitch, a, x + p * x_pitch, dy + p * pitch, x_scale, dz_mean, dz_scale,
                              dx + p * pitch, accumulate);
}

/* Convolution in plain loops: the definition of correct. Sums are kept in double. */
#include "kernels/prototypes.h"
#include <omp.h>

bool hs_f32_conv_maps__ref(const hs_conv_geometry *g)
{
    (void)g;
    return true;
}

bool hs_f32_conv_maps_input__ref(const hs_conv_geometry *g, hs_conv_direction direction)
{
    (void)g, (void)direction;
    return true;
}

/* What channel c of a pixel of an image stands for. */
static double mapped(const hs_affine *map, const hs_real *image, int pitch, int64_t at, int c)
{
    hs_real x = image[at * pitch + c];
    if (!map)
        return (double)x;
    hs_real z = (x - map->mean[c]) * map->scale[c] + map->shift[c];
    return (double)(z > 0 ? z : map->slope * z);
}

size_t hs_f32_conv_packed_size__ref(const hs_conv_geometry *g, hs_conv_direction direction)
{
    (void)g, (void)direction;
    return 0;
}

void hs_f32_conv_pack__ref(const hs_conv_geometry *g, hs_conv_direction direction,
                           const hs_real *weights, hs_real *packed)
{
    (void)g, (void)direction, (void)weights, (void)packed;
}

size_t hs_f32_conv_scratch__ref(const hs_conv_geometry *g, hs_conv_direction direction, int threads)
{
    (void)g, (void)direction, (void)threads;
    return 0;
}

/* One pixel of the small image, all channels. */
static void down_pixel(const hs_conv_geometry *g, const hs_real *weights, const hs_real *big, int n,
                       int i, int j, int c, double *sum)
{
    for (int r = 0; r < g->kernel[0]; r++) {
        int h = i * g->stride[0] - g->pad[0] + r * g->dilation[0];
        for (int s = 0; s < g->kernel[1]; s++) {
            int w = j * g->stride[1] - g->pad[1] + s * g->dilation[1];
            if (h < 0 || h >= g->big_h || w < 0 || w >= g->big_w)
                continue;
            int64_t pixel = ((int64_t)n * g->big_h + h) * g->big_w + w;
            const hs_real *tap =
                weights + (int64_t)(r * g->kernel[1] + s) * g->big_c * g->weight_pitch + c;
            for (int k = 0; k < g->big_c; k++)
                *sum += mapped(g->big_map, big, g->big_pitch, pixel, k) *
                        (double)tap[(int64_t)k * g->weight_pitch];
        }
    }
}

/* One pixel of the big image, channel c: every position whose kernel touches it. */
static void up_pixel(const hs_conv_geometry *g, const hs_real *weights, const hs_real *small, int n,
                     int h, int w, int c, double *sum)
{
    for (int r = 0; r < g->kernel[0]; r++) {
        int i = h + g->pad[0] - r * g->dilation[0];
        if (i < 0 || i % g->stride[0] || i / g->stride[0] >= g->small_h)
            continue;
        for (int s = 0; s < g->kernel[1]; s++) {
            int j = w + g->pad[1] - s * g->dilation[1];
            if (j < 0 || j % g->stride[1] || j / g->stride[1] >= g->small_w)
                continue;
            int64_t pixel =
                ((int64_t)n * g->small_h + i / g->stride[0]) * g->small_w + j / g->stride[1];
            const hs_real *tap =
                weights + ((int64_t)(r * g->kernel[1] + s) * g->big_c + c) * g->weight_pitch;
            for (int k = 0; k < g->small_c; k++)
                *sum += mapped(g->small_map, small, g->small_pitch, pixel, k) * (double)tap[k];
        }
    }
}

void hs_f32_conv_run__ref(const hs_conv_geometry *g, hs_conv_direction direction,
                          const hs_real *packed, const hs_real *bias, hs_real slope,
                          const hs_real *in, hs_real *out, bool accumulate, hs_real *scratch)
{
    (void)scratch;
    bool down = direction == HS_CONV_DOWN;
    int height = down ? g->small_h : g->big_h, width = down ? g->small_w : g->big_w;
    int channels = down ? g->small_c : g->big_c, pitch = down ? g->small_pitch : g->big_pitch;
    int64_t rows = (int64_t)g->n * height;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        int n = (int)(row / height), y = (int)(row % height);
        for (int x = 0; x < width; x++) {
            hs_real *pixel = out + (row * width + x) * pitch;
            for (int c = 0; c < channels; c++) {
                double sum = accumulate ? pixel[c] : bias ? bias[c] : 0;
                if (down)
                    down_pixel(g, packed, in, n, y, x, c, &sum);
                else
                    up_pixel(g, packed, in, n, y, x, c, &sum);
                pixel[c] = (hs_real)sum;
                if (!accumulate && !(pixel[c] > 0))
                    pixel[c] *= slope;
            }
            for (int c = channels; c < hs_pitch_of(channels) && !accumulate; c++)
                pixel[c] = 0;
        }
    }
    if (g->moments)
        hs_f32_channel_partial_moments__ref(out, pitch, rows * width, hs_pitch_of(channels), 0,
                                            rows * width, g->moments);
}

size_t hs_f32_conv_gradient_scratch__ref(const hs_conv_geometry *g, int threads)
{
    (void)g, (void)threads;
    return 0;
}

/* dweights[r][s][k][c] for one tap and big channel k, all small channels c. */
static void gradient_row(const hs_conv_geometry *g, const hs_real *big, const hs_real *small, int r,
                         int s, int k, int c, double *sum)
{
    for (int n = 0; n < g->n; n++) {
        for (int i = 0; i < g->small_h; i++) {
            int h = i * g->stride[0] - g->pad[0] + r * g->dilation[0];
            if (h < 0 || h >= g->big_h)
                continue;
            for (int j = 0; j < g->small_w; j++) {
                int w = j * g->stride[1] - g->pad[1] + s * g->dilation[1];
                if (w < 0 || w >= g->big_w)
                    continue;
                int64_t b = ((int64_t)n * g->big_h + h) * g->big_w + w;
                int64_t a = ((int64_t)n * g->small_h + i) * g->small_w + j;
                *sum += mapped(g->big_map, big, g->big_pitch, b, k) *
                        mapped(g->small_map, small, g->small_pitch, a, c);
            }
        }
    }
}

void hs_f32_conv_gradient__ref(const hs_conv_geometry *g, const hs_real *big, const hs_real *small,
                               hs_real *dweights, hs_real *scratch)
{
    (void)scratch;
    int64_t rows = (int64_t)g->kernel[0] * g->kernel[1] * g->big_c;
    const hs_norm_gradient *norm = g->small_norm;
    if (norm) {
        hs_f32_channel_affine_backward__ref(
            norm->x, norm->x_pitch, small, (int64_t)g->n * g->small_h * g->small_w, g->small_pitch,
            &norm->map, norm->x_scale, norm->dz_mean, norm->map.scale, norm->dx, false);
        small = norm->dx;
    }
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        int tap = (int)(row / g->big_c), k = (int)(row % g->big_c);
        for (int c = 0; c < g->small_c; c++) {
            double sum = dweights[row * g->weight_pitch + c];
            gradient_row(g, big, small, tap / g->kernel[1], tap % g->kernel[1], k, c, &sum);
            dweights[row * g->weight_pitch + c] = (hs_real)sum;
        }
    }
}

/* Rows of pieces, one for each thread, then what the sink returned of each row of the weights. */
size_t hs_f32_conv_pieces_scratch__ref(const hs_conv_geometry *g, int threads)
{
    size_t rows = (size_t)g->kernel[0] * g->kernel[1] * g->big_c;
    return (size_t)g->weight_pitch * threads + rows * (sizeof(double) / sizeof(hs_real));
}

double hs_f32_conv_gradient_pieces__ref(const hs_conv_geometry *g, const hs_real *big,
                                        const hs_real *small, const hs_sink *sink, hs_real *scratch)
{
    int64_t rows = (int64_t)g->kernel[0] * g->kernel[1] * g->big_c;
    double *sums = (double *)scratch, total = 0;
    hs_real *pieces = (hs_real *)(sums + rows);
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        hs_real *piece = pieces + (int64_t)g->weight_pitch * omp_get_thread_num();
        int tap = (int)(row / g->big_c), k = (int)(row % g->big_c);
        for (int c = 0; c < g->weight_pitch; c++) {
            double sum = 0;
            if (c < g->small_c)
                gradient_row(g, big, small, tap / g->kernel[1], tap % g->kernel[1], k, c, &sum);
            piece[c] = (hs_real)sum;
        }
        sums[row] =
            sink->take(sink->context, sink->base + row * g->weight_pitch, g->weight_pitch, piece);
    }
    for (int64_t row = 0; row < rows; row++)
        total += sums[row];
    return total;
}

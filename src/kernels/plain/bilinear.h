/* Bilinear interpolation and its gradient. */
#include <string.h>

/* The two input pixels around an output pixel's centre along one axis, and the second one's share.
 */
static void bilinear_axis(int out, double step, int size, int at[2], hs_real share[2])
{
    double x = (out + 0.5) * step - 0.5;
    x = x > 0 ? x : 0;
    int low = (int)x;
    at[0] = low < size - 1 ? low : size - 1;
    at[1] = at[0] < size - 1 ? at[0] + 1 : at[0];
    share[1] = (hs_real)(x - at[0]);
    share[0] = 1 - share[1];
}

void NAMED(bilinear)(const hs_bilinear *b, const hs_real *x, hs_real *y)
{
    int64_t rows = (int64_t)b->n * b->out_h;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        int h[2], w[2];
        hs_real down[2], right[2];
        bilinear_axis((int)(row % b->out_h), b->step[0], b->in_h, h, down);
        const hs_real *image = x + row / b->out_h * b->in_h * b->in_w * b->in_pitch;
        const hs_real *top = image + (int64_t)h[0] * b->in_w * b->in_pitch;
        const hs_real *bottom = image + (int64_t)h[1] * b->in_w * b->in_pitch;
        for (int j = 0; j < b->out_w; j++) {
            bilinear_axis(j, b->step[1], b->in_w, w, right);
            int64_t l = (int64_t)w[0] * b->in_pitch, r = (int64_t)w[1] * b->in_pitch;
            hs_real *to = y + (row * b->out_w + j) * b->out_pitch;
            for (int c = 0; c < b->out_pitch; c++)
                to[c] = down[0] * (right[0] * top[l + c] + right[1] * top[r + c]) +
                        down[1] * (right[0] * bottom[l + c] + right[1] * bottom[r + c]);
        }
    }
}

/* One image, one block of channels: each output's gradient goes to its four pixels. */
static void bilinear_backward_block(const hs_bilinear *b, int n, int c, const hs_real *dy,
                                    hs_real *dx)
{
    hs_real *image = dx + (int64_t)n * b->in_h * b->in_w * b->in_pitch + c;
    for (int i = 0; i < b->out_h; i++) {
        int h[2], w[2];
        hs_real down[2], right[2];
        bilinear_axis(i, b->step[0], b->in_h, h, down);
        for (int j = 0; j < b->out_w; j++) {
            bilinear_axis(j, b->step[1], b->in_w, w, right);
            const hs_real *from =
                dy + (((int64_t)n * b->out_h + i) * b->out_w + j) * b->out_pitch + c;
            for (int corner = 0; corner < 4; corner++) {
                int r = corner / 2, s = corner % 2;
                hs_real *to = image + ((int64_t)h[r] * b->in_w + w[s]) * b->in_pitch;
                for (int k = 0; k < LANES; k++)
                    to[k] += down[r] * right[s] * from[k];
            }
        }
    }
}

void NAMED(bilinear_backward)(const hs_bilinear *b, const hs_real *dy, hs_real *dx, bool accumulate)
{
    int64_t area = (int64_t)b->in_h * b->in_w;
#pragma omp parallel for schedule(static) collapse(2)
    for (int n = 0; n < b->n; n++) {
        for (int c = 0; c < b->in_pitch; c += LANES) {
            for (int64_t p = n * area; p < (n + 1) * area && !accumulate; p++)
                memset(dx + p * b->in_pitch + c, 0, sizeof *dx * LANES);
            bilinear_backward_block(b, n, c, dy, dx);
        }
    }
}

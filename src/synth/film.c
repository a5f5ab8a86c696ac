#include "synth/film.h"

#include "synth/noise.h"

enum { TONES = 4096 };

/* Gamma of levels i / TONES. */
static void make_tones(uint8_t tones[TONES + 1])
{
    for (int i = 0; i <= TONES; i++)
        tones[i] = (uint8_t)lround(255 * pow((double)i / TONES, 1 / 2.2));
}

/* Photon noise and that of the read-out, white: a fifth of it is left by the blur that follows. */
static void add_noise(int64_t n, uint32_t key, float *plane, float *noise)
{
    const float photons = 0.0014f, dark = 0.000025f;
    hs_noise_white(key, n, noise);
    for (int64_t i = 0; i < n; i++)
        plane[i] += noise[i] * sqrtf(photons * plane[i] + dark);
}

static void vignette(int width, int height, double gain, float *plane)
{
    double cx = 0.5 * (width - 1), cy = 0.5 * (height - 1), scale = 0.22 / (cx * cx + cy * cy);
    for (int v = 0; v < height; v++)
        for (int u = 0; u < width; u++) {
            double r2 = (u - cx) * (u - cx) + (v - cy) * (v - cy);
            plane[(int64_t)v * width + u] *= (float)(gain * (1 - scale * r2));
        }
}

/* One row blurred by 1 2 1 / 4 across, its ends repeated. */
static void blur_row(const float *row, int width, float *out)
{
    for (int u = 0; u < width; u++)
        out[u] = 0.25f * (row[u > 0 ? u - 1 : 0] + 2 * row[u] + row[u + 1 < width ? u + 1 : u]);
}

/* 1 2 1 / 4 in both directions, gamma, and into channel c of the picture; across is scratch. */
static void develop(int width, int height, const float *plane, const uint8_t tones[TONES + 1],
                    float *across, int c, uint8_t *picture)
{
    for (int v = 0; v < height; v++)
        blur_row(plane + (int64_t)v * width, width, across + (int64_t)v * width);
    for (int v = 0; v < height; v++) {
        const float *row = across + (int64_t)v * width;
        const float *up = v > 0 ? row - width : row, *down = v + 1 < height ? row + width : row;
        for (int u = 0; u < width; u++) {
            float level = 0.25f * (up[u] + 2 * row[u] + down[u]);
            float tone = fminf(fmaxf(level, 0), 1) * TONES + 0.5f;
            picture[((int64_t)v * width + u) * 3 + c] = tones[(int)tone];
        }
    }
}

void hs_film_expose(int width, int height, double gain, uint32_t key, float *const rgb[3],
                    float *noise, uint8_t *picture)
{
    uint8_t tones[TONES + 1];
    make_tones(tones);
    for (int c = 0; c < 3; c++) {
        vignette(width, height, gain, rgb[c]);
        add_noise((int64_t)width * height, key + (uint32_t)c, rgb[c], noise);
        develop(width, height, rgb[c], tones, noise, c, picture);
    }
}

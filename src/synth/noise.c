#include "synth/noise.h"

#include "base/rng.h"
#include <stdlib.h>

/* A mixing function of 32 bits (the finaliser of MurmurHash3 around a multiply). */
static inline uint32_t mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85EBCA6Bu;
    h ^= h >> 13;
    h *= 0xC2B2AE35u;
    return h ^ (h >> 16);
}

/* Products of a lattice point's coordinates, whose sums modulo 2^32 lead to its neighbours. */
static const uint32_t lattice_x = 0x9E3779B1u, lattice_y = 0x85EBCA77u, lattice_z = 0xC2B2AE3Du;

static inline double lattice_value(uint32_t h)
{
    return mix(h) * 0x1p-31 - 1;
}

static inline double lattice(uint32_t key, int32_t x, int32_t y)
{
    return lattice_value(key ^ (uint32_t)x * lattice_x ^ (uint32_t)y * lattice_y);
}

static inline double smooth(double t)
{
    return t * t * (3 - 2 * t);
}

/* floor() is a call where the compiler may not use SSE4.1. */
static inline int32_t floor_of(double x)
{
    int32_t towards_zero = (int32_t)x;
    return towards_zero - (x < towards_zero);
}

/* The values at the corners of the cell, x fastest. */
static void find_cell(uint32_t key, int32_t x, int32_t y, int32_t z, hs_noise_cell *cell)
{
    uint32_t at[3][2] = {
        {(uint32_t)x * lattice_x}, {(uint32_t)y * lattice_y}, {(uint32_t)z * lattice_z}};
    at[0][1] = at[0][0] + lattice_x;
    at[1][1] = at[1][0] + lattice_y;
    at[2][1] = at[2][0] + lattice_z;
    for (int i = 0; i < 8; i++)
        cell->value[i] = lattice_value(key ^ at[0][i & 1] ^ at[1][i >> 1 & 1] ^ at[2][i >> 2]);
    cell->key = key, cell->x = x, cell->y = y, cell->z = z;
    cell->known = true;
}

double hs_noise3_near(uint32_t key, hs_vec3 p, hs_noise_cell *cell)
{
    int32_t x = floor_of(p.x), y = floor_of(p.y), z = floor_of(p.z);
    double tx = smooth(p.x - x), ty = smooth(p.y - y), tz = smooth(p.z - z);
    if (!cell->known || cell->x != x || cell->y != y || cell->z != z || cell->key != key)
        find_cell(key, x, y, z, cell);
    const double *v = cell->value;
    return hs_mix(hs_mix(hs_mix(v[0], v[1], tx), hs_mix(v[2], v[3], tx), ty),
                  hs_mix(hs_mix(v[4], v[5], tx), hs_mix(v[6], v[7], tx), ty), tz);
}

double hs_noise3(uint32_t key, hs_vec3 p)
{
    hs_noise_cell cell = {.known = false};
    return hs_noise3_near(key, p, &cell);
}

void hs_noise_field(uint32_t key, int width, int height, double scale, double amplitude,
                    float *field)
{
    /* Lattice values are uniform in [-1, 1], variance 1/3; interpolation keeps about half of it. */
    double gain = amplitude * 2.4, *ease = malloc(sizeof *ease * (size_t)width);
    int32_t *cell = malloc(sizeof *cell * (size_t)width);
    if (!ease || !cell)
        abort();
    for (int u = 0; u < width; u++) {
        cell[u] = (int32_t)(u / scale);
        ease[u] = smooth(u / scale - cell[u]);
    }
    for (int v = 0; v < height; v++) {
        int32_t row = (int32_t)(v / scale);
        double ty = smooth(v / scale - row);
        float *line = field + (int64_t)v * width;
        for (int u = 0; u < width;) {
            int32_t column = cell[u];
            double left = hs_mix(lattice(key, column, row), lattice(key, column, row + 1), ty);
            double right =
                hs_mix(lattice(key, column + 1, row), lattice(key, column + 1, row + 1), ty);
            for (; u < width && cell[u] == column; u++)
                line[u] += (float)(gain * hs_mix(left, right, ease[u]));
        }
    }
    free(ease);
    free(cell);
}

void hs_noise_white(uint32_t key, int64_t n, float *field)
{
    /* Four bytes sum to mean 510 and variance 4 (256^2 - 1) / 12. */
    const float deviation = 147.8005f;
    for (int64_t i = 0; i < n; i += 4) {
        uint32_t words[4];
        hs_philox((uint32_t[4]){(uint32_t)(i / 4), 0, 0, 0}, (uint32_t[2]){key, 0}, words);
        for (int64_t k = 0; k < 4 && i + k < n; k++) {
            uint32_t w = words[k];
            int sum = (int)((w & 255) + (w >> 8 & 255) + (w >> 16 & 255) + (w >> 24));
            field[i + k] = (float)(sum - 510) / deviation;
        }
    }
}

float hs_noise_uniform(uint32_t key, uint32_t index)
{
    return (float)(mix(key ^ index * 0x9E3779B1u) >> 8) * 0x1p-24f;
}

#include "synth/noise.h"

#include "base/rng.h"

/* A mixing function of 32 bits (the finaliser of MurmurHash3 around a multiply). */
static inline uint32_t mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85EBCA6Bu;
    h ^= h >> 13;
    h *= 0xC2B2AE35u;
    return h ^ (h >> 16);
}

static inline double lattice(uint32_t key, int32_t x, int32_t y, int32_t z)
{
    uint32_t h = mix(key ^ (uint32_t)x * 0x9E3779B1u ^ (uint32_t)y * 0x85EBCA77u ^
                     (uint32_t)z * 0xC2B2AE3Du);
    return h * 0x1p-31 - 1;
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

double hs_noise3(uint32_t key, hs_vec3 p)
{
    int32_t x = floor_of(p.x), y = floor_of(p.y), z = floor_of(p.z);
    double tx = smooth(p.x - x), ty = smooth(p.y - y), tz = smooth(p.z - z), plane[2];
    for (int k = 0; k < 2; k++)
        plane[k] = hs_mix(
            hs_mix(lattice(key, x, y, z + k), lattice(key, x + 1, y, z + k), tx),
            hs_mix(lattice(key, x, y + 1, z + k), lattice(key, x + 1, y + 1, z + k), tx), ty);
    return hs_mix(plane[0], plane[1], tz);
}

void hs_noise_field(uint32_t key, int width, int height, double scale, double amplitude,
                    float *field)
{
    /* Lattice values are uniform in [-1, 1], variance 1/3; interpolation keeps about half of it. */
    double gain = amplitude * 2.4;
    for (int v = 0; v < height; v++) {
        double y = v / scale;
        int32_t row = (int32_t)y, column = -1;
        double ty = smooth(y - row);
        double left = 0, right = 0;
        for (int u = 0; u < width; u++) {
            double x = u / scale;
            if ((int32_t)x != column) {
                column = (int32_t)x;
                left = hs_mix(lattice(key, column, row, 0), lattice(key, column, row + 1, 0), ty);
                right = hs_mix(lattice(key, column + 1, row, 0),
                               lattice(key, column + 1, row + 1, 0), ty);
            }
            field[(int64_t)v * width + u] += (float)(gain * hs_mix(left, right, smooth(x - column)));
        }
    }
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

/* Random fields: smooth noise over the image or over space, and white noise of pixels. All are pure
 * functions of their key. */
#ifndef HS_SYNTH_NOISE_H
#define HS_SYNTH_NOISE_H

#include "synth/geometry.h"
#include <stdbool.h>
#include <stdint.h>

/* Smooth noise of space with features of about unit size, in about [-1, 1]: gradient-free value
 * noise on the lattice of whole numbers. */
double hs_noise3(uint32_t key, hs_vec3 p);

/* The same, remembering in `cell` (initialise with {0}) what the next point near this one needs
 * too. */
typedef struct hs_noise_cell {
    double value[8];
    uint32_t key;
    int32_t x, y, z;
    bool known;
} hs_noise_cell;
double hs_noise3_near(uint32_t key, hs_vec3 p, hs_noise_cell *cell);

/* Adds smooth noise over the image to field [H][W]: standard deviation about `amplitude`, features
 * of `scale` pixels (>= 2). */
void hs_noise_field(uint32_t key, int width, int height, double scale, double amplitude,
                    float *field);

/* White noise: field [n], nearly normal (sum of four bytes), mean 0, variance 1. */
void hs_noise_white(uint32_t key, int64_t n, float *field);

/* Uniform number in [0, 1) of a pixel or other index. */
float hs_noise_uniform(uint32_t key, uint32_t index);

#endif

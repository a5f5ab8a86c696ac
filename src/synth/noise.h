/* Random fields: smooth noise over the image or over space, and white noise of pixels. All are pure
 * functions of their key. */
#ifndef HS_SYNTH_NOISE_H
#define HS_SYNTH_NOISE_H

#include "synth/geometry.h"
#include <stdint.h>

/* Smooth noise of space with features of about unit size, in about [-1, 1]: gradient-free value
 * noise on the lattice of whole numbers. */
double hs_noise3(uint32_t key, hs_vec3 p);

/* Adds smooth noise over the image to field [H][W]: standard deviation about `amplitude`, features
 * of `scale` pixels (>= 2). */
void hs_noise_field(uint32_t key, int width, int height, double scale, double amplitude,
                    float *field);

/* White noise: field [n], nearly normal (sum of four bytes), mean 0, variance 1. */
void hs_noise_white(uint32_t key, int64_t n, float *field);

/* Uniform number in [0, 1) of a pixel or other index. */
float hs_noise_uniform(uint32_t key, uint32_t index);

#endif

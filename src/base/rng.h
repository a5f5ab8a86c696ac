/* Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). A stream is named by what it is for, never by who draws it, so any thread or
 * rank draws the same numbers. */
#ifndef HS_BASE_RNG_H
#define HS_BASE_RNG_H

#include <stdint.h>

typedef enum hs_purpose {
#define HS_PURPOSE(name, meaning) HS_PURPOSE_##name,
#include "base/purposes.def"
#undef HS_PURPOSE
} hs_purpose;

/* One stream of numbers; a value type, made by hs_rng_make and advanced by every draw. */
typedef struct hs_rng {
    uint32_t key[2], counter[4];
    uint32_t block[4];
    int left; /* unused words of block */
} hs_rng;

/* The stream of (seed, epoch, sample, purpose); sample below 2^32 of each epoch. */
hs_rng hs_rng_make(uint64_t seed, uint32_t epoch, uint32_t sample, hs_purpose purpose);

uint32_t hs_rng_u32(hs_rng *rng);

/* Uniform integer in [0, n), n > 0, without modulo bias. */
uint32_t hs_rng_below(hs_rng *rng, uint32_t n);

/* Uniform in [0, 1) with 32 random bits; and in [low, high). */
double hs_rng_uniform(hs_rng *rng);
double hs_rng_range(hs_rng *rng, double low, double high);

/* Standard normal (Box-Muller, two uniforms a draw: no state beyond the stream). */
double hs_rng_normal(hs_rng *rng);

/* A random permutation of 0 .. n-1 (Fisher-Yates). */
void hs_rng_permutation(hs_rng *rng, uint32_t *order, uint32_t n);

/* The bare generator, for kernels that index their numbers: out = philox(counter, key). */
void hs_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

#endif

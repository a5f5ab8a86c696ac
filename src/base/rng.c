#include "base/rng.h"

#include <math.h>

enum { PHILOX_ROUNDS = 10 };

void hs_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t next0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, next2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = next0;
        c2 = next2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

hs_rng hs_rng_make(uint64_t seed, uint32_t epoch, uint32_t sample, hs_purpose purpose)
{
    return (hs_rng){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                    .counter = {0, (uint32_t)purpose, sample, epoch}};
}

uint32_t hs_rng_u32(hs_rng *rng)
{
    if (rng->left == 0) {
        hs_philox(rng->counter, rng->key, rng->block);
        rng->counter[0]++;
        rng->left = 4;
    }
    return rng->block[--rng->left];
}

uint32_t hs_rng_below(hs_rng *rng, uint32_t n)
{
    /* Lemire 2019: multiply-shift, rejecting the few draws that would bias the result. */
    uint64_t product = (uint64_t)hs_rng_u32(rng) * n;
    uint32_t threshold = (uint32_t)(-n) % n;
    while ((uint32_t)product < threshold)
        product = (uint64_t)hs_rng_u32(rng) * n;
    return (uint32_t)(product >> 32);
}

double hs_rng_uniform(hs_rng *rng)
{
    return hs_rng_u32(rng) * 0x1p-32;
}

double hs_rng_range(hs_rng *rng, double low, double high)
{
    return low + (high - low) * hs_rng_uniform(rng);
}

double hs_rng_normal(hs_rng *rng)
{
    double radius = sqrt(-2.0 * log(1.0 - hs_rng_uniform(rng)));
    return radius * cos(6.283185307179586 * hs_rng_uniform(rng));
}

void hs_rng_permutation(hs_rng *rng, uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = hs_rng_below(rng, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

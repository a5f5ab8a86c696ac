/* Multiply-adds as the compiler makes them of plain loops. */
#include "kernels/prototypes.h"
#include <string.h>

enum { BATCH = 32 }; /* fits the registers of every machine */

void hs_f32_peak__ref(int64_t rounds, hs_real scale, hs_real shift, hs_real *x)
{
    hs_real chain[BATCH];
    for (int first = 0; first < HS_PEAK_CHAINS; first += BATCH) {
        memcpy(chain, x + first, sizeof chain);
        for (int64_t i = 0; i < rounds; i++)
            for (int k = 0; k < BATCH; k++)
                chain[k] = chain[k] * scale + shift;
        memcpy(x + first, chain, sizeof chain);
    }
}

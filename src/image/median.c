#include "image/median.h"

/* The bin in which number `*place` of a histogram lies; *place becomes its place in the bin. */
static uint16_t bin_of(const uint32_t histogram[256], size_t *place)
{
    uint16_t bin = 0;
    while (*place >= histogram[bin])
        *place -= histogram[bin++];
    return bin;
}

uint16_t hs_median_u16(const uint16_t *values, size_t n)
{
    if (n == 0)
        return 0;
    /* The high byte first, then the low byte among those that share it: two small histograms. */
    uint32_t highs[256] = {0}, lows[256] = {0};
    for (size_t i = 0; i < n; i++)
        highs[values[i] >> 8]++;
    size_t place = (n - 1) / 2;
    uint16_t high = bin_of(highs, &place);
    for (size_t i = 0; i < n; i++)
        lows[values[i] & 255] += values[i] >> 8 == high;
    return (uint16_t)(high << 8 | bin_of(lows, &place));
}

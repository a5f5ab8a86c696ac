#include "image/hsv.h"

#include <stdbool.h>

enum { SHIFT = 12, HALF = 1 << (SHIFT - 1) };

/* scale * 2^SHIFT / i to the nearest integer, 0 at i = 0. There are no ties below 256. */
static void reciprocals(int32_t scale, int32_t table[256])
{
    table[0] = 0;
    for (int32_t i = 1; i < 256; i++)
        table[i] = (2 * (scale << SHIFT) + i) / (2 * i);
}

void hs_rgb_to_hsv(const uint8_t *rgb, size_t n, uint8_t *hue, uint8_t *saturation, uint8_t *value)
{
    int32_t by_value[256], by_chroma[256];
    reciprocals(255, by_value);
    reciprocals(180 / 6, by_chroma);
    for (size_t i = 0; i < n; i++) {
        int32_t r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
        int32_t high = r > g ? r : g, low = r < g ? r : g;
        high = high > b ? high : b;
        low = low < b ? low : b;
        int32_t chroma = high - low;
        int32_t sector = high == r ? g - b : high == g ? b - r + 2 * chroma : r - g + 4 * chroma;
        int32_t h = (sector * by_chroma[chroma] + HALF) >> SHIFT; /* floor, as OpenCV has it */
        hue[i] = (uint8_t)(h < 0 ? h + 180 : h);
        saturation[i] = (uint8_t)((chroma * by_value[high] + HALF) >> SHIFT);
        value[i] = (uint8_t)high;
    }
}

void hs_hsv_in_box(const uint8_t *hue, const uint8_t *saturation, const uint8_t *value, size_t n,
                   const uint8_t low[3], const uint8_t high[3], uint8_t *mask)
{
    const uint8_t h0 = low[0], h1 = high[0], s0 = low[1], s1 = high[1], v0 = low[2], v1 = high[2];
    const bool wraps = h0 > h1;
    for (size_t i = 0; i < n; i++) {
        uint8_t from = hue[i] >= h0, to = hue[i] <= h1;
        uint8_t inside = wraps ? from | to : from & to;
        inside &= (saturation[i] >= s0) & (saturation[i] <= s1);
        inside &= (value[i] >= v0) & (value[i] <= v1);
        mask[i] = inside;
    }
}

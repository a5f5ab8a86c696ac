#include "data/resample.h"

#include <math.h>
#include <string.h>

void hs_axis_map(const hs_axis *axis, int32_t *map)
{
    double middle = axis->out / 2.0;
    for (int32_t i = 0; i < axis->out; i++) {
        double at = middle + (i + 0.5 - middle - axis->shift) / axis->scale;
        at = axis->flip ? axis->out - at : at;
        /* Multiplied before it is divided: whole results are exact, so ties fall one way. */
        double source = ceil(at * axis->in / axis->out) - 1;
        map[i] = source >= 0 && source < axis->in ? (int32_t)source : -1;
    }
}

void hs_gather_u16(const uint16_t *in, int32_t in_width, const int32_t *rows,
                   const int32_t *columns, int32_t height, int32_t width, uint16_t *out)
{
    for (int32_t y = 0; y < height; y++) {
        const uint16_t *row = in + (rows[y] < 0 ? 0 : (int64_t)rows[y] * in_width);
        for (int32_t x = 0; x < width; x++)
            *out++ = rows[y] < 0 || columns[x] < 0 ? 0 : row[columns[x]];
    }
}

void hs_gather_u8(const uint8_t *in, int32_t in_width, const int32_t *rows, const int32_t *columns,
                  int32_t height, int32_t width, uint8_t *out)
{
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *row = in + (rows[y] < 0 ? 0 : (int64_t)rows[y] * in_width);
        for (int32_t x = 0; x < width; x++)
            *out++ = rows[y] < 0 || columns[x] < 0 ? 0 : row[columns[x]];
    }
}

void hs_gather_rgb(const uint8_t *in, int32_t in_width, const int32_t *rows, const int32_t *columns,
                   int32_t height, int32_t width, uint8_t *out)
{
    static const uint8_t black[3];
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *row = in + (rows[y] < 0 ? 0 : 3 * (int64_t)rows[y] * in_width);
        for (int32_t x = 0; x < width; x++, out += 3)
            memcpy(out, rows[y] < 0 || columns[x] < 0 ? black : row + 3 * (int64_t)columns[x], 3);
    }
}

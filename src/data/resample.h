/* Taking samples of an image: sizes, flips, shifts and scales are all a choice of source columns
 * and rows, never an average, which would invent depths at edges and holes. */
#ifndef HS_DATA_RESAMPLE_H
#define HS_DATA_RESAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/* How the output of `out` samples looks at the input of `in` samples along one axis. */
typedef struct hs_axis {
    int32_t in, out;
    bool flip;
    double shift; /* of the content, in output samples, to the right or down */
    double scale; /* of the content about its middle; above 1 is larger */
} hs_axis;

/* map[out]: for each output sample the nearest input sample, the lower one of two equally near
 * (640 to 320 takes 0, 2, 4, ...), or -1 outside the input. */
void hs_axis_map(const hs_axis *axis, int32_t *map);

/* The plain change of size: no flip, shift 0, scale 1. */
static inline hs_axis hs_axis_resize(int32_t in, int32_t out)
{
    return (hs_axis){.in = in, .out = out, .scale = 1};
}

/* out [height][width] takes in[rows[y]][columns[x]], or 0 where one of them is -1; `in_width` is
 * the length of a row of `in`. */
void hs_gather_u16(const uint16_t *in, int32_t in_width, const int32_t *rows,
                   const int32_t *columns, int32_t height, int32_t width, uint16_t *out);
void hs_gather_u8(const uint8_t *in, int32_t in_width, const int32_t *rows, const int32_t *columns,
                  int32_t height, int32_t width, uint8_t *out);

/* The same of red, green and blue: in [..][in_width][3], out [height][width][3]. */
void hs_gather_rgb(const uint8_t *in, int32_t in_width, const int32_t *rows, const int32_t *columns,
                   int32_t height, int32_t width, uint8_t *out);

#endif

#include "image/morphology.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

hs_element hs_element_ellipse(int32_t diameter)
{
    assert(diameter % 2 == 1 && diameter / 2 <= HS_ELEMENT_RADIUS_MAX);
    int32_t r = diameter / 2;
    hs_element element = {.radius = r};
    for (int32_t dy = -r; dy <= r; dy++) /* as OpenCV rounds it */
        element.reach[dy + r] =
            r ? (int32_t)lrint(r * sqrt((r * r - dy * dy) * (1.0 / (r * r)))) : 0;
    return element;
}

static void meet(uint8_t *restrict out, const uint8_t *restrict in, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        out[i] &= in[i];
}

static void join(uint8_t *restrict out, const uint8_t *restrict in, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        out[i] |= in[i];
}

/* Row y of the result: the rows around it, each shifted along its reach. */
static void make_row(const uint8_t *in, int32_t height, int32_t width, const hs_element *element,
                     int32_t y, bool erode, uint8_t *out)
{
    memset(out, erode, (size_t)width);
    for (int32_t dy = -element->radius; dy <= element->radius; dy++) {
        if (y + dy < 0 || y + dy >= height)
            continue;
        const uint8_t *row = in + (size_t)(y + dy) * width;
        int32_t reach = element->reach[dy + element->radius];
        bool empty = !memchr(row, 1, (size_t)width);
        if (empty && erode) {
            memset(out, 0, (size_t)width);
            return;
        }
        for (int32_t dx = -reach; dx <= reach && !empty; dx++) {
            int32_t skip = dx < 0 ? -dx : 0, n = width - (dx < 0 ? -dx : dx);
            (erode ? meet : join)(out + skip, row + skip + dx, n);
        }
    }
}

void hs_erode(const uint8_t *in, int32_t height, int32_t width, const hs_element *element,
              uint8_t *out)
{
    for (int32_t y = 0; y < height; y++)
        make_row(in, height, width, element, y, true, out + (size_t)y * width);
}

void hs_dilate(const uint8_t *in, int32_t height, int32_t width, const hs_element *element,
               uint8_t *out)
{
    for (int32_t y = 0; y < height; y++)
        make_row(in, height, width, element, y, false, out + (size_t)y * width);
}

void hs_open(const uint8_t *in, int32_t height, int32_t width, const hs_element *element,
             uint8_t *room, uint8_t *out)
{
    hs_erode(in, height, width, element, room);
    hs_dilate(room, height, width, element, out);
}

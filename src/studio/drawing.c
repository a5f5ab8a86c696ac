#include "studio/drawing.h"

#include <math.h>
#include <string.h>

hs_status hs_draw_reduced(const uint8_t *rgb, int width, int height, int step, hs_picture *picture)
{
    int w = (width + step - 1) / step, h = (height + step - 1) / step;
    hs_status status = hs_picture_init(picture, w, h, (hs_colour){{0}});
    for (int y = 0; status == HS_OK && y < h; y++)
        for (int x = 0; x < w; x++)
            memcpy(picture->rgb + 3 * ((size_t)y * (size_t)w + (size_t)x),
                   rgb + 3 * ((size_t)(y * step) * (size_t)width + (size_t)(x * step)), 3);
    return status;
}

static void put(hs_picture *picture, int x, int y, hs_colour colour)
{
    if (x >= 0 && y >= 0 && x < picture->width && y < picture->height)
        memcpy(picture->rgb + 3 * ((size_t)y * (size_t)picture->width + (size_t)x), colour.rgb, 3);
}

void hs_draw_circle(hs_picture *picture, double x, double y, double radius, hs_colour colour)
{
    int steps = (int)(8 * radius) + 16;
    for (int k = 0; k < steps; k++) {
        double angle = k * 2 * M_PI / steps;
        for (int wide = 0; wide < 2; wide++)
            put(picture, (int)lround(x + (radius + wide) * cos(angle)),
                (int)lround(y + (radius + wide) * sin(angle)), colour);
    }
}

void hs_draw_box(hs_picture *picture, int left, int top, int right, int bottom, hs_colour colour)
{
    for (int x = left; x <= right; x++)
        put(picture, x, top, colour), put(picture, x, bottom, colour);
    for (int y = top; y <= bottom; y++)
        put(picture, left, y, colour), put(picture, right, y, colour);
}

hs_colour hs_draw_hsv(int hue, int saturation, int value)
{
    double sector = hue / 30.0, chroma = value * saturation / 255.0;
    double between = chroma * (1 - fabs(fmod(sector, 2) - 1)), least = value - chroma;
    double levels[6][3] = {{chroma, between, 0}, {between, chroma, 0}, {0, chroma, between},
                           {0, between, chroma}, {between, 0, chroma}, {chroma, 0, between}};
    hs_colour colour;
    for (int c = 0; c < 3; c++)
        colour.rgb[c] = (uint8_t)lround(levels[(int)sector % 6][c] + least);
    return colour;
}

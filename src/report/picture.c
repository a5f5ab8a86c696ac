#include "report/picture.h"

#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t glyphs[][7] = {
#define HS_GLYPH(character, ...) {__VA_ARGS__},
#include "report/font.def"
#undef HS_GLYPH
};
enum { FIRST_GLYPH = ' ', GLYPHS = sizeof glyphs / sizeof *glyphs };

hs_status hs_picture_init(hs_picture *picture, int width, int height, hs_colour colour)
{
    *picture = (hs_picture){0};
    void *memory;
    size_t pixels = (size_t)width * (size_t)height;
    hs_status status = hs_allocate(pixels * 3, "picture", &memory);
    if (status != HS_OK)
        return status;
    *picture = (hs_picture){width, height, memory};
    for (size_t i = 0; i < pixels; i++)
        memcpy(picture->rgb + 3 * i, colour.rgb, 3);
    return HS_OK;
}

void hs_picture_free(hs_picture *picture)
{
    free(picture->rgb);
    *picture = (hs_picture){0};
}

static uint8_t *pixel(const hs_picture *picture, int x, int y)
{
    return picture->rgb + 3 * ((size_t)y * (size_t)picture->width + (size_t)x);
}

void hs_picture_paste(hs_picture *picture, int x, int y, const hs_picture *from)
{
    int left = x < 0 ? -x : 0;
    int right = from->width < picture->width - x ? from->width : picture->width - x;
    for (int row = 0; row < from->height; row++)
        if (y + row >= 0 && y + row < picture->height && left < right)
            memcpy(pixel(picture, x + left, y + row), pixel(from, left, row),
                   3 * (size_t)(right - left));
}

static void fill_square(hs_picture *picture, int x, int y, int size, hs_colour colour)
{
    for (int j = y < 0 ? 0 : y; j < y + size && j < picture->height; j++)
        for (int i = x < 0 ? 0 : x; i < x + size && i < picture->width; i++)
            memcpy(pixel(picture, i, j), colour.rgb, 3);
}

void hs_picture_write(hs_picture *picture, int x, int y, int scale, hs_colour colour,
                      const char *text)
{
    for (; *text; text++, x += HS_GLYPH_WIDTH * scale) {
        int index = (unsigned char)*text - FIRST_GLYPH;
        const uint8_t *glyph = glyphs[index >= 0 && index < GLYPHS ? index : '?' - FIRST_GLYPH];
        for (int row = 0; row < 7; row++)
            for (int column = 0; column < 5; column++)
                if (glyph[row] >> (4 - column) & 1)
                    fill_square(picture, x + column * scale, y + row * scale, scale, colour);
    }
}

/* The caption, cut to `width` pixels. */
static void write_caption(hs_picture *sheet, int x, int y, int scale, int width,
                          const char *caption)
{
    char text[256];
    size_t fits = (size_t)(width / (HS_GLYPH_WIDTH * scale));
    fits = fits < sizeof text - 1 ? fits : sizeof text - 1;
    snprintf(text, sizeof text, "%s", caption);
    if (strlen(caption) > fits) {
        text[fits] = 0;
        for (size_t i = fits > 2 ? fits - 2 : 0; i < fits; i++)
            text[i] = '.';
    }
    hs_picture_write(sheet, x, y, scale, (hs_colour){{214, 218, 224}}, text);
}

hs_status hs_picture_sheet(const hs_picture *pictures, const char *const *captions, int n,
                           int columns, hs_picture *sheet)
{
    int width = 1, height = 1;
    for (int i = 0; i < n; i++) {
        width = pictures[i].width > width ? pictures[i].width : width;
        height = pictures[i].height > height ? pictures[i].height : height;
    }
    columns = columns < 1 ? 1 : columns > n ? n : columns;
    int margin = 6 + width / 64, scale = 1 + width / 480, rows = (n + columns - 1) / columns;
    int caption_height = captions ? HS_GLYPH_HEIGHT * scale + margin / 2 : 0;
    int step_x = width + margin, step_y = height + caption_height + margin;
    hs_status status = hs_picture_init(sheet, margin + columns * step_x, margin + rows * step_y,
                                       (hs_colour){{27, 29, 34}});
    for (int i = 0; i < n && status == HS_OK; i++) {
        int x = margin + i % columns * step_x, y = margin + i / columns * step_y;
        hs_picture_paste(sheet, x, y, &pictures[i]);
        if (captions && captions[i])
            write_caption(sheet, x, y + pictures[i].height + margin / 2, scale, width, captions[i]);
    }
    return status;
}

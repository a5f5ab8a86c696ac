/* Colour pictures in memory: pasting, captions, contact sheets. */
#ifndef HS_REPORT_PICTURE_H
#define HS_REPORT_PICTURE_H

#include "base/status.h"
#include <stdint.h>

/* Rows from the top; free with hs_picture_free. */
typedef struct hs_picture {
    int width, height;
    uint8_t *rgb; /* [height][width][3] */
} hs_picture;

typedef struct hs_colour {
    uint8_t rgb[3];
} hs_colour;

/* A picture of one colour; HS_ERR_MEMORY where there is no room for it. */
hs_status hs_picture_init(hs_picture *picture, int width, int height, hs_colour colour);
void hs_picture_free(hs_picture *picture);

/* Copies `from` with its upper left corner at column x, row y; what falls outside is left out. */
void hs_picture_paste(hs_picture *picture, int x, int y, const hs_picture *from);

enum { HS_GLYPH_WIDTH = 6, HS_GLYPH_HEIGHT = 8 }; /* of a character, with the space around it */

/* Writes a line of ASCII, each of its pixels `scale` wide; other characters show as '?'. */
void hs_picture_write(hs_picture *picture, int x, int y, int scale, hs_colour colour,
                      const char *text);

/* Lays n > 0 pictures out in rows of `columns`, with margins, each with its caption below it
 * (`captions` or any of them may be NULL; too long a caption is cut). Makes the picture *sheet. */
hs_status hs_picture_sheet(const hs_picture *pictures, const char *const *captions, int n,
                           int columns, hs_picture *sheet);

#endif

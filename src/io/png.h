/* PNG files: the only user of libpng. */
#ifndef HS_IO_PNG_H
#define HS_IO_PNG_H

#include "base/status.h"
#include <stddef.h>
#include <stdint.h>

/* Facts of a PNG's header. */
typedef struct hs_png_info {
    int width, height;
    int bits;     /* per channel: 1, 2, 4, 8 or 16 */
    int channels; /* 1 grey or palette index, 2 grey and alpha, 3 colour, 4 colour and alpha */
} hs_png_info;

/* Reads the header only. */
hs_status hs_png_read_info(const char *path, hs_png_info *info);

/* Size of an image that the reader of the same name would accept, from the header only; the same
 * refusals. */
hs_status hs_png_size_u16(const char *path, int *width, int *height);
hs_status hs_png_size_u8(const char *path, int *width, int *height);
hs_status hs_png_size_rgb(const char *path, int *width, int *height);

/* Each reads a whole image into memory it allocates (the caller frees it with free()) and refuses
 * any other pixel format, naming what was found and what was expected. [H][W] or [H][W][3], rows
 * top down. */
hs_status hs_png_read_u16(const char *path, uint16_t **pixels, int *width, int *height); /* grey */
hs_status hs_png_read_u8(const char *path, uint8_t **pixels, int *width, int *height);   /* grey */
hs_status hs_png_read_rgb(const char *path, uint8_t **pixels, int *width, int *height);

/* Each writes to a temporary name in the same folder and renames: never half a file. */
hs_status hs_png_write_u16(const char *path, const uint16_t *pixels, int width, int height);
hs_status hs_png_write_u8(const char *path, const uint8_t *pixels, int width, int height);
hs_status hs_png_write_rgb(const char *path, const uint8_t *pixels, int width, int height);

/* The bytes that such a file would hold; the caller frees them with free(). */
hs_status hs_png_encode_rgb(const uint8_t *pixels, int width, int height, uint8_t **bytes,
                            size_t *size);

#endif

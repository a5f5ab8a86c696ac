#include "io/png.h"

#include "base/memory.h"
#include "io/file.h"
#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One file being read or written. libpng leaves by longjmp; what must survive it lives here. */
typedef struct stream {
    const char *path;
    FILE *file;
    png_structp png;
    png_infop info;
    void *pixels;     /* read: owned until handed over */
    bool truncated;   /* the file ended early */
    int err;          /* errno of a failed call of the system, or 0 */
    char reason[128]; /* libpng's */
} stream;

/* The format of a pixel as the caller wants it. */
typedef struct pixel_format {
    int bits, channels;
    const char *name;
} pixel_format;

static const pixel_format grey16 = {16, 1, "16-bit grey"};
static const pixel_format grey8 = {8, 1, "8-bit grey"};
static const pixel_format rgb8 = {8, 3, "8-bit colour"};

static size_t row_bytes(const pixel_format *format, int width)
{
    return (size_t)width * (size_t)format->channels * (size_t)(format->bits / 8);
}

/* ---- what libpng calls ---- */

static void on_error(png_structp png, png_const_charp reason)
{
    stream *s = png_get_error_ptr(png);
    snprintf(s->reason, sizeof s->reason, "%s", reason);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png, (void)reason; /* oddities of ancillary chunks do not touch the pixels */
}

static void on_read(png_structp png, png_bytep bytes, size_t size)
{
    stream *s = png_get_io_ptr(png);
    if (fread(bytes, 1, size, s->file) == size)
        return;
    s->truncated = !ferror(s->file);
    s->err = s->truncated ? 0 : errno;
    png_error(png, "read");
}

static void on_write(png_structp png, png_bytep bytes, size_t size)
{
    stream *s = png_get_io_ptr(png);
    if (fwrite(bytes, 1, size, s->file) == size)
        return;
    s->err = errno;
    png_error(png, "write");
}

static void on_flush(png_structp png)
{
    (void)png; /* fclose flushes */
}

/* ---- reading ---- */

static hs_status read_error(const stream *s)
{
    if (s->err)
        return hs_file_open_error(s->path, s->err);
    if (s->truncated)
        return hs_error(HS_ERR_FORMAT, "copy or download the file again",
                        "%s: truncated PNG: the file ends before the image does", s->path);
    return hs_error(HS_ERR_FORMAT, "copy or download the file again", "%s: damaged PNG: %s",
                    s->path, s->reason);
}

static hs_status open_signature(stream *s)
{
    s->file = fopen(s->path, "rb");
    if (!s->file)
        return hs_file_open_error(s->path, errno);
    unsigned char signature[8];
    size_t got = fread(signature, 1, sizeof signature, s->file);
    if (ferror(s->file))
        return hs_file_open_error(s->path, errno);
    if (got == 0 || png_sig_cmp(signature, 0, got) != 0)
        return hs_error(HS_ERR_FORMAT, NULL, "%s: not a PNG: got %s, expected a PNG file", s->path,
                        got ? "other content" : "an empty file");
    s->truncated = got < sizeof signature;
    return s->truncated ? read_error(s) : HS_OK;
}

static hs_status open_header(stream *s)
{
    hs_status status = open_signature(s);
    if (status != HS_OK)
        return status;
    s->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, s, on_error, on_warning);
    s->info = s->png ? png_create_info_struct(s->png) : NULL;
    if (!s->info)
        return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory to read it", s->path);
    if (setjmp(png_jmpbuf(s->png)))
        return read_error(s);
    png_set_read_fn(s->png, s, on_read);
    /* Text, colour profiles and the like are passed over: libpng would allocate what they claim. */
    png_set_keep_unknown_chunks(s->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_sig_bytes(s->png, 8);
    png_read_info(s->png, s->info);
    return HS_OK;
}

static void close_read(stream *s)
{
    png_destroy_read_struct(&s->png, &s->info, NULL);
    if (s->file)
        fclose(s->file);
    free(s->pixels);
}

static hs_png_info header_of(const stream *s)
{
    return (hs_png_info){.width = (int)png_get_image_width(s->png, s->info),
                         .height = (int)png_get_image_height(s->png, s->info),
                         .bits = png_get_bit_depth(s->png, s->info),
                         .channels = png_get_channels(s->png, s->info)};
}

hs_status hs_png_read_info(const char *path, hs_png_info *info)
{
    stream s = {.path = path};
    hs_status status = open_header(&s);
    if (status == HS_OK)
        *info = header_of(&s);
    close_read(&s);
    return status;
}

static hs_status check_format(const stream *s, const pixel_format *expected)
{
    static const char *const names[] = {[PNG_COLOR_TYPE_GRAY] = "grey",
                                        [PNG_COLOR_TYPE_GRAY_ALPHA] = "grey with alpha",
                                        [PNG_COLOR_TYPE_PALETTE] = "palette",
                                        [PNG_COLOR_TYPE_RGB] = "colour",
                                        [PNG_COLOR_TYPE_RGB_ALPHA] = "colour with alpha"};
    int type = png_get_color_type(s->png, s->info), bits = png_get_bit_depth(s->png, s->info);
    int wanted = expected->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY;
    if (type == wanted && bits == expected->bits)
        return HS_OK;
    const char *hint = expected->bits == 16 && bits == 8
                           ? "an 8-bit image has lost the depth values: export the raw 16-bit depth"
                           : "convert the image without scaling its values";
    return hs_error(HS_ERR_FORMAT, hint, "%s: got %d-bit %s, expected %s", s->path, bits,
                    names[type], expected->name);
}

/* Whether the file is large enough for the image that its header claims: deflate makes at most 1032
 * bytes of one, so memory for more is not even asked for. */
static bool can_hold(const stream *s, size_t bytes)
{
    enum { DEFLATE_RATIO = 1032 };
    struct stat info;
    return fstat(fileno(s->file), &info) != 0 || !S_ISREG(info.st_mode) ||
           bytes / DEFLATE_RATIO <= (size_t)info.st_size;
}

static hs_status read_pixels(stream *s, const pixel_format *format)
{
    hs_png_info header = header_of(s);
    size_t stride = row_bytes(format, header.width), bytes = stride * (size_t)header.height;
    s->truncated = !can_hold(s, bytes);
    if (s->truncated)
        return read_error(s);
    hs_status status = hs_allocate(bytes, s->path, &s->pixels);
    if (status != HS_OK)
        return status;
    if (setjmp(png_jmpbuf(s->png)))
        return read_error(s);
    if (format->bits == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(s->png);
    int passes = png_set_interlace_handling(s->png);
    png_start_read_image(s->png);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < header.height; y++)
            png_read_row(s->png, (png_bytep)s->pixels + stride * (size_t)y, NULL);
    png_read_end(s->png, NULL);
    return HS_OK;
}

/* The header only where `pixels` is NULL. */
static hs_status read_image(const char *path, const pixel_format *format, void **pixels, int *width,
                            int *height)
{
    stream s = {.path = path};
    hs_status status;
    if (pixels)
        *pixels = NULL;
    HS_TRY(open_header(&s));
    HS_TRY(check_format(&s, format));
    hs_png_info header = header_of(&s);
    *width = header.width;
    *height = header.height;
    if (pixels) {
        HS_TRY(read_pixels(&s, format));
        *pixels = s.pixels;
        s.pixels = NULL;
    }
exit:
    close_read(&s);
    return status;
}

hs_status hs_png_size_u16(const char *path, int *width, int *height)
{
    return read_image(path, &grey16, NULL, width, height);
}

hs_status hs_png_size_u8(const char *path, int *width, int *height)
{
    return read_image(path, &grey8, NULL, width, height);
}

hs_status hs_png_size_rgb(const char *path, int *width, int *height)
{
    return read_image(path, &rgb8, NULL, width, height);
}

hs_status hs_png_read_u16(const char *path, uint16_t **pixels, int *width, int *height)
{
    void *memory;
    hs_status status = read_image(path, &grey16, &memory, width, height);
    *pixels = memory;
    return status;
}

hs_status hs_png_read_u8(const char *path, uint8_t **pixels, int *width, int *height)
{
    void *memory;
    hs_status status = read_image(path, &grey8, &memory, width, height);
    *pixels = memory;
    return status;
}

hs_status hs_png_read_rgb(const char *path, uint8_t **pixels, int *width, int *height)
{
    void *memory;
    hs_status status = read_image(path, &rgb8, &memory, width, height);
    *pixels = memory;
    return status;
}

/* ---- writing ---- */

static hs_status write_error(const stream *s)
{
    if (s->err)
        return hs_file_write_error(s->path, s->err);
    return hs_error(HS_ERR_IO, NULL, "%s: cannot write: %s", s->path, s->reason);
}

static hs_status write_pixels(stream *s, const pixel_format *format, const void *pixels, int width,
                              int height)
{
    s->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, s, on_error, on_warning);
    s->info = s->png ? png_create_info_struct(s->png) : NULL;
    if (!s->info)
        return hs_error(HS_ERR_MEMORY, NULL, "%s: no memory to write it", s->path);
    if (setjmp(png_jmpbuf(s->png)))
        return write_error(s);
    png_set_write_fn(s->png, s, on_write, on_flush);
    png_set_IHDR(s->png, s->info, (png_uint_32)width, (png_uint_32)height, format->bits,
                 format->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    /* Data sets have hundreds of thousands of frames: speed counts more than the last per cent. */
    png_set_compression_level(s->png, 1);
    png_set_filter(s->png, PNG_FILTER_TYPE_BASE,
                   format->bits == 8 && format->channels == 1 ? PNG_FILTER_NONE : PNG_FILTER_SUB);
    png_write_info(s->png, s->info);
    if (format->bits == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(s->png);
    size_t stride = row_bytes(format, width);
    for (int y = 0; y < height; y++)
        png_write_row(s->png, (png_const_bytep)pixels + stride * (size_t)y);
    png_write_end(s->png, NULL);
    return HS_OK;
}

static hs_status write_image(const char *path, const pixel_format *format, const void *pixels,
                             int width, int height)
{
    stream s = {.path = path};
    char *temporary = NULL;
    hs_status status;
    HS_TRY(hs_file_temporary(path, &temporary));
    s.file = fopen(temporary, "wb");
    if (!s.file) {
        status = hs_file_write_error(path, errno);
        goto exit;
    }
    status = write_pixels(&s, format, pixels, width, height);
    png_destroy_write_struct(&s.png, &s.info);
    if (fclose(s.file) != 0 && status == HS_OK)
        status = hs_file_write_error(path, errno);
    if (status == HS_OK)
        status = hs_file_commit(temporary, path);
    else
        remove(temporary);
exit:
    free(temporary);
    return status;
}

hs_status hs_png_write_u16(const char *path, const uint16_t *pixels, int width, int height)
{
    return write_image(path, &grey16, pixels, width, height);
}

hs_status hs_png_write_u8(const char *path, const uint8_t *pixels, int width, int height)
{
    return write_image(path, &grey8, pixels, width, height);
}

hs_status hs_png_write_rgb(const char *path, const uint8_t *pixels, int width, int height)
{
    return write_image(path, &rgb8, pixels, width, height);
}

hs_status hs_png_encode_rgb(const uint8_t *pixels, int width, int height, uint8_t **bytes,
                            size_t *size)
{
    stream s = {.path = "picture"};
    char *memory = NULL;
    s.file = open_memstream(&memory, size);
    if (!s.file)
        return hs_error(HS_ERR_MEMORY, NULL, "picture: no memory to write it");
    hs_status status = write_pixels(&s, &rgb8, pixels, width, height);
    png_destroy_write_struct(&s.png, &s.info);
    if (fclose(s.file) != 0 && status == HS_OK)
        status = hs_error(HS_ERR_MEMORY, NULL, "picture: no memory to write it");
    *bytes = (uint8_t *)memory;
    if (status != HS_OK) {
        free(memory);
        *bytes = NULL;
    }
    return status;
}

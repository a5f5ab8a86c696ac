/* The reader of PNG files, in each pixel format: of the bytes as they are, and with the checksums
 * of their chunks made right, which a fuzzer does not find. */
#include "io/png.h"
#include "support/fuzz.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { SIGNATURE = 8, FRAME = 12 }; /* bytes before the chunks, and of each beside its data */

static size_t number_at(const uint8_t *b)
{
    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

static void mend_checksums(uint8_t *bytes, size_t size)
{
    for (size_t at = SIGNATURE; at + FRAME <= size;) {
        size_t length = number_at(bytes + at);
        if (length > size - at - FRAME)
            break;
        uLong sum = crc32(0, bytes + at + 4, (uInt)length + 4);
        uint8_t *to = bytes + at + 8 + length;
        for (int i = 0; i < 4; i++)
            to[i] = (uint8_t)(sum >> (24 - 8 * i));
        at += FRAME + length;
    }
}

static void read_image(const uint8_t *bytes, size_t size)
{
    const char *path;
    hs_png_info info;
    uint16_t *depth = NULL;
    uint8_t *mask = NULL, *color = NULL;
    int width, height, fd = hs_fuzz_file(bytes, size, &path);
    hs_png_read_info(path, &info);
    hs_png_read_u16(path, &depth, &width, &height);
    hs_png_read_u8(path, &mask, &width, &height);
    hs_png_read_rgb(path, &color, &width, &height);
    free(depth);
    free(mask);
    free(color);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *mended = malloc(size + !size);
    memcpy(mended, bytes, size);
    mend_checksums(mended, size);
    read_image(bytes, size);
    if (memcmp(mended, bytes, size) != 0)
        read_image(mended, size);
    free(mended);
    return 0;
}

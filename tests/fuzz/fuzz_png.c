/* The reader of PNG files, in each pixel format. */
#include "io/png.h"
#include "support/fuzz.h"
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
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
    return 0;
}

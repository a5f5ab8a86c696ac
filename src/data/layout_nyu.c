/* NYU's hand data (Tompson, Stein, LeCun and Perlin 2014): a Kinect's depth packed in a colour PNG.
 * The frames of its hand classifier hold their labels, hand or not, in the red channel. It does not
 * say who is in a frame, so all have subject 0, and the labelled hand is the left one. */
#include "data/layout.h"

#include "io/png.h"
#include <stdlib.h>
#include <string.h>

enum { FAR = 2001 }; /* millimetres: stands for everything further away, or not measured */

/* depth_<frame>.png, or depth_<camera>_<frame>.png. */
static hs_layout_entry parse(const char *name, hs_frame_info *info)
{
    static const char digits[] = "0123456789";
    if (strncmp(name, "depth_", 6) != 0)
        return HS_ENTRY_OTHER;
    const char *number = name + 6;
    size_t length = strspn(number, digits);
    if (length == 1 && number[1] == '_') {
        number += 2;
        length = strspn(number, digits);
    }
    if (length < 1 || length > 9 || strcmp(number + length, ".png") != 0)
        return HS_ENTRY_WRONG;
    info->subject = 0;
    info->number = atoi(number);
    return HS_ENTRY_FRAME;
}

static hs_status read(const char *depth_path, const char *mask_path, uint16_t **depth,
                      uint8_t **mask)
{
    (void)mask_path;
    int width, height;
    uint8_t *packed = NULL;
    void *memory;
    hs_status status;
    HS_TRY(hs_png_read_rgb(depth_path, &packed, &width, &height));
    size_t pixels = (size_t)width * (size_t)height;
    HS_TRY(hs_allocate(pixels * sizeof **depth, depth_path, &memory));
    *depth = memory;
    HS_TRY(hs_allocate(pixels, depth_path, &memory));
    *mask = memory;
    for (size_t i = 0; i < pixels; i++) {
        int mm = packed[3 * i + 1] << 8 | packed[3 * i + 2];
        (*depth)[i] = (uint16_t)(mm < FAR ? mm : 0);
        (*mask)[i] = packed[3 * i] ? HS_LAYOUT_LEFT : 0;
    }
exit:
    free(packed);
    return status;
}

const hs_layout_kind hs_layout_nyu = {
    .name = "nyu",
    .shape = "expected depth_<frame>.png or depth_<camera>_<frame>.png, in the folder itself or in "
             "train/ and test/",
    .file = "depth_<frame>.png or depth_<camera>_<frame>.png",
    .depth = "",
    .depth_unit = 0.001,
    .parts = {{"train", HS_SPLIT_TRAIN}, {"test", HS_SPLIT_TEST}},
    .sensor = "Kinect v1",
    .subjects_unknown = true,
    .parse = parse,
    .look = hs_layout_look_rgb,
    .read = read,
};

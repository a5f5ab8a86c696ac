/* The Rendered Hand Pose Dataset of Freiburg (Zimmermann and Brox 2017), as its README describes
 * it. It does not say who is in a frame, so all have subject 0. */
#include "data/layout.h"

#include "data/frame_stats.h"
#include "io/png.h"
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 5 };

/* Labels of its masks: background, the person, 16 parts of the left hand, 16 of the right. */
enum { FIRST_LEFT = 2, FIRST_RIGHT = 18, LABELS = 34 };

static hs_layout_entry parse(const char *name, hs_frame_info *info)
{
    if (strspn(name, "0123456789") != DIGITS || strcmp(name + DIGITS, ".png") != 0)
        return HS_ENTRY_WRONG;
    info->subject = 0;
    info->number = atoi(name);
    return HS_ENTRY_FRAME;
}

/* Raw depth is the 16 bits that red and green hold; 65535 of them are 5 m. */
static hs_status read(const char *depth_path, const char *mask_path, uint16_t **depth,
                      uint8_t **mask)
{
    int width, height;
    uint8_t *packed = NULL;
    void *memory;
    hs_status status;
    HS_TRY(hs_png_read_rgb(depth_path, &packed, &width, &height));
    HS_TRY(hs_png_read_u8(mask_path, mask, &width, &height));
    size_t pixels = (size_t)width * (size_t)height;
    HS_TRY(hs_labels_check(*mask, pixels, LABELS, mask_path));
    HS_TRY(hs_allocate(pixels * sizeof **depth, depth_path, &memory));
    *depth = memory;
    for (size_t i = 0; i < pixels; i++) {
        uint8_t label = (*mask)[i];
        (*depth)[i] = (uint16_t)(packed[3 * i] << 8 | packed[3 * i + 1]);
        (*mask)[i] = label >= FIRST_RIGHT  ? HS_LAYOUT_RIGHT
                     : label >= FIRST_LEFT ? HS_LAYOUT_LEFT
                                           : 0;
    }
exit:
    free(packed);
    return status;
}

const hs_layout_kind hs_layout_freiburg = {
    .name = "freiburg",
    .shape = "expected depth/ and mask/ with <frame>.png, in the folder itself or in training/ and "
             "evaluation/",
    .file = "<frame>.png with five digits",
    .depth = "depth",
    .mask = "mask",
    .depth_unit = 5.0 / 65535,
    .parts = {{"training", HS_SPLIT_TRAIN}, {"evaluation", HS_SPLIT_TEST}},
    .sensor = "rendered",
    .annotation = "rendered",
    .subjects_unknown = true,
    .parse = parse,
    .look = hs_layout_look_rgb,
    .read = read,
};

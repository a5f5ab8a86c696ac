/* The layout in which HandSeg was released: images/user-<s>.<f>.png, 16-bit raw depth, and masks/
 * of the same names, 8-bit: 0 background, 1 right, 2 left. */
#include "data/layout.h"

#include "data/frame_stats.h"
#include "io/png.h"
#include <stdlib.h>
#include <string.h>

/* "user-3.00000120" followed by `end` gives 3 and 120. */
static bool parse_name(const char *name, const char *end, hs_frame_info *info)
{
    enum { MOST = 9 }; /* digits of an int32_t */
    static const char digits[] = "0123456789";
    if (strncmp(name, "user-", 5) != 0)
        return false;
    const char *subject = name + 5;
    size_t subject_digits = strspn(subject, digits);
    const char *number = subject + subject_digits + 1;
    if (subject_digits < 1 || subject_digits > MOST || number[-1] != '.')
        return false;
    size_t number_digits = strspn(number, digits);
    if (number_digits < 1 || number_digits > MOST || strcmp(number + number_digits, end) != 0)
        return false;
    info->subject = atoi(subject);
    info->number = atoi(number);
    return true;
}

bool hs_is_frame_name(const char *name)
{
    hs_frame_info info;
    return parse_name(name, "", &info);
}

static hs_layout_entry parse(const char *name, hs_frame_info *info)
{
    return parse_name(name, ".png", info) ? HS_ENTRY_FRAME : HS_ENTRY_WRONG;
}

static hs_status look(const char *depth_path, hs_frame_info *info, hs_layout_header *header)
{
    (void)info; /* the name says it all */
    return hs_png_size_u16(depth_path, &header->width, &header->height);
}

static hs_status read(const char *depth_path, const char *mask_path, uint16_t **depth,
                      uint8_t **mask)
{
    int width, height;
    hs_status status;
    HS_TRY(hs_png_read_u16(depth_path, depth, &width, &height));
    HS_TRY(hs_png_read_u8(mask_path, mask, &width, &height));
    HS_TRY(hs_labels_check(*mask, (size_t)width * (size_t)height, HS_LAYOUT_CLASSES, mask_path));
exit:
    return status;
}

const hs_layout_kind hs_layout_handseg = {
    .name = "handseg",
    .shape = "expected " HS_LAYOUT_IMAGES "/user-<subject>.<frame>.png and " HS_LAYOUT_MASKS
             "/ with the same names",
    .file = "user-<subject>.<frame>.png",
    .depth = HS_LAYOUT_IMAGES,
    .mask = HS_LAYOUT_MASKS,
    .sensor = "SR300",
    .annotation = "automatic",
    .parse = parse,
    .look = look,
    .read = read,
};

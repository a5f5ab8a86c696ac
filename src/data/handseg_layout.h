/* A folder in HandSeg's layout: images/user-<s>.<f>.png, 16-bit raw depth, and masks/ of the same
 * names, 8-bit: 0 background, 1 right, 2 left. */
#ifndef HS_DATA_HANDSEG_LAYOUT_H
#define HS_DATA_HANDSEG_LAYOUT_H

#include "base/memory.h"
#include "base/status.h"
#include "handseg/dataset.h"
#include <stdbool.h>

#define HS_LAYOUT_IMAGES "images"
#define HS_LAYOUT_MASKS "masks"

typedef struct hs_handseg_layout {
    hs_arena arena;
    const char *folder;
    hs_frame_info *frames; /* [count], by subject, then frame number; all HS_SPLIT_NONE */
    int64_t count;
    int32_t width, height; /* of every image and mask */
} hs_handseg_layout;

/* Lists the folder and checks every name and every header, so that the long work after it starts
 * with a sound folder. Each kind of fault has its message. Initialise with {0}; free also after a
 * failure. */
hs_status hs_handseg_layout_scan(hs_handseg_layout *layout, const char *folder);
void hs_handseg_layout_free(hs_handseg_layout *layout);

/* The same without a look at any header: width and height stay 0. */
hs_status hs_handseg_layout_list(hs_handseg_layout *layout, const char *folder);

/* Names of the frames in their order, "user-<s>.<f>"; the list and the names live in the layout's
 * arena. */
const char *const *hs_handseg_layout_names(hs_handseg_layout *layout);

/* Whether this is such a name. */
bool hs_is_frame_name(const char *name);

/* Reads frame i and checks its labels: depth and mask, each [height][width], allocated for the
 * caller, who frees them. Safe from any thread. */
hs_status hs_handseg_layout_read(const hs_handseg_layout *layout, int64_t i, uint16_t **depth,
                                 uint8_t **mask);

/* Names of the classes, and their number. */
enum { HS_LAYOUT_CLASSES = 3 };
extern const char *const hs_layout_labels[HS_LAYOUT_CLASSES];

#endif

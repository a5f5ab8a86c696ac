/* Folders of labelled depth images, laid out as the published data sets are on disk. All give raw
 * depth, 0 where nothing was measured, and masks of HandSeg's classes: 0 background, 1 right,
 * 2 left. */
#ifndef HS_DATA_LAYOUT_H
#define HS_DATA_LAYOUT_H

#include "base/memory.h"
#include "base/status.h"
#include "handseg/dataset.h"
#include <stdbool.h>

#define HS_LAYOUT_IMAGES "images"
#define HS_LAYOUT_MASKS "masks"

typedef enum hs_layout_entry {
    HS_ENTRY_FRAME,
    HS_ENTRY_OTHER, /* of the data set, but no frame: passed over */
    HS_ENTRY_WRONG, /* nothing of the data set */
} hs_layout_entry;

/* What the header of a depth file tells. */
typedef struct hs_layout_header {
    int width, height;
    char *person; /* the text that stands for who is in the frame, of the caller; or NULL */
    bool nobody;  /* it could say who is in the frame, and does not */
} hs_layout_header;

typedef struct hs_layout_kind {
    const char *name;  /* "handseg" */
    const char *shape; /* of the folder, for hints */
    const char *file;  /* how a frame's file is named, for messages */
    /* The folders of the depth and, with the same names, of the masks; of the first "" where files
     * lie in the folder itself, of the second NULL where the depth files hold the labels too. */
    const char *depth, *mask;
    const char *sensor, *annotation; /* see hs_dataset_info */
    bool subjects_unknown;           /* names do not say who is in a frame: all have subject 0 */
    double depth_unit; /* metres; 0: the folder's camera.ini has it, and else it is the SR300's */
    struct {
        const char *folder;
        hs_split split;
    } parts[HS_SPLIT_NONE]; /* in which the publisher split the set; unused ones are 0 */

    /* What a file is by its name; of a frame also `subject` and `number`. */
    hs_layout_entry (*parse)(const char *name, hs_frame_info *info);
    /* Reads the header of a depth file; `header` starts as {0}. May set info->subject. */
    hs_status (*look)(const char *depth_path, hs_frame_info *info, hs_layout_header *header);
    /* Both, [height][width], allocated for the caller. `mask_path` where the layout has masks. */
    hs_status (*read)(const char *depth_path, const char *mask_path, uint16_t **depth,
                      uint8_t **mask);
} hs_layout_kind;

/* The `look` of layouts whose depth lies in the channels of a colour image. */
hs_status hs_layout_look_rgb(const char *depth_path, hs_frame_info *info, hs_layout_header *header);

#define HS_LAYOUT(name) extern const hs_layout_kind hs_layout_##name;
#include "data/layouts.def"
#undef HS_LAYOUT

/* All of them, and after the last NULL. */
extern const hs_layout_kind *const hs_layout_kinds[];

typedef struct hs_layout {
    const hs_layout_kind *kind;
    hs_arena arena;
    const char *folder;
    /* [count], by subject, then frame number; HS_SPLIT_NONE, or the publisher's split. */
    hs_frame_info *frames;
    int64_t count;
    bool published;        /* frames have the publisher's split */
    bool subjects_unknown; /* neither name nor header of some frames say who is in them */
    int32_t width, height; /* of every image and mask */
} hs_layout;

/* Lists the folder, or those of the publisher's parts that it has (with a warning of parts it lacks
 * and of frames beside them), and checks every name and every
 * header, so that the long work after it starts with a sound folder. Each kind of fault has its
 * message. Shows progress. People whom headers name by texts get the numbers after the largest that
 * headers give, in the order of the texts; who is not named is 0. Initialise with {0}; free also
 * after a failure. */
hs_status hs_layout_scan(hs_layout *layout, const hs_layout_kind *kind, const char *folder);
void hs_layout_free(hs_layout *layout);

/* The same without a look at any header: width and height stay 0. */
hs_status hs_layout_list(hs_layout *layout, const hs_layout_kind *kind, const char *folder);

/* Names of the frames in their order, without folder and ending: "user-<s>.<f>"; the list and the
 * names live in the layout's arena. */
const char *const *hs_layout_names(hs_layout *layout);

/* Whether this is the name of a frame of HandSeg, "user-<s>.<f>". */
bool hs_is_frame_name(const char *name);

/* Reads frame i and checks its labels: depth and mask, each [height][width], allocated for the
 * caller, who frees them. Safe from any thread. */
hs_status hs_layout_read(const hs_layout *layout, int64_t i, uint16_t **depth, uint8_t **mask);

/* Names of the classes, and their number. */
enum { HS_LAYOUT_CLASSES = 3, HS_LAYOUT_RIGHT = 1, HS_LAYOUT_LEFT = 2 };
extern const char *const hs_layout_labels[HS_LAYOUT_CLASSES];

#endif

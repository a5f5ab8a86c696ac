/* A folder of images and masks -> one data set file. */
#ifndef HS_DATA_PACK_H
#define HS_DATA_PACK_H

#include "base/status.h"
#include "data/layout.h"
#include "data/split.h"
#include <stdbool.h>

typedef enum hs_split_method {
    HS_METHOD_AUTO, /* published where the folder has it, else by subject; by frame where these are
                       unknown */
    HS_METHOD_SUBJECT,
    HS_METHOD_FRAME,
    HS_METHOD_LISTS,
    HS_METHOD_PUBLISHED, /* the publisher's; where that has no val, the ratio's share of train */
} hs_split_method;

typedef struct hs_pack_config {
    const char *folder, *out;
    const hs_layout_kind *layout; /* of the folder; NULL: HandSeg's */
    hs_split_method method;
    int ratio[HS_SPLIT_PARTS];         /* not for lists */
    uint64_t seed;                     /* not for lists */
    const char *drawn;                 /* the option that said how to draw; NULL: none did. An error
                                        * where the publisher leaves nothing to draw */
    const char *lists[HS_SPLIT_PARTS]; /* files of names, only for lists; NULL: none */
    double depth_unit;                 /* metres; 0: camera.ini's, else the layout's, SR300's */
    int32_t width, height;             /* of the data set; 0: as the images are */
    bool all;                          /* rejected frames too */
    bool force;                        /* replace an existing file */
} hs_pack_config;

/* Reads and checks the folder (data/layout.h), refuses one whose annotation is unfinished, leaves
 * rejected frames out (data/selection.h), splits, and writes the file, in parallel; equal input
 * gives equal bytes. Shows progress. On failure `out` is what it was before; one that cannot be
 * written is refused before the folder is read. */
hs_status hs_pack(const hs_pack_config *config);

#endif

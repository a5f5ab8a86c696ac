/* Frames as a reviewer sees them: depth in false colour or the colour image, with the outline of
 * the mask, right hand green, left hand orange; at any size. */
#ifndef HS_REVIEW_DRAW_H
#define HS_REVIEW_DRAW_H

#include "report/picture.h"
#include <stdbool.h>
#include <stddef.h>

/* A frame as its files hold it. */
typedef struct hs_review_frame {
    int width, height;
    uint16_t *depth; /* [height][width] */
    uint8_t *mask;   /* [height][width] */
    uint8_t *rgb;    /* [height][width][3], NULL where there is none */
} hs_review_frame;

/* Reads depth and mask, and colour unless its path is NULL or leads nowhere. HS_ERR_DATA where they
 * differ in size. Free also after a failure. */
hs_status hs_review_frame_read(hs_review_frame *frame, const char *depth, const char *mask,
                               const char *rgb);
void hs_review_frame_free(hs_review_frame *frame);

typedef enum hs_review_view {
    HS_VIEW_DEPTH,
    HS_VIEW_COLOUR, /* dark where there is none */
    HS_VIEWS,
} hs_review_view;

/* Fills the whole of `out`, whatever its size. A pixel of a smaller picture belongs to a hand where
 * any pixel below it does, so that no wrong speck is lost. */
void hs_review_draw(const hs_review_frame *frame, hs_review_view view, bool outline,
                    hs_picture *out);

/* Bytes of a picture as an uncompressed BMP file, which costs nothing to make or to decode: *bytes,
 * which the caller frees. */
hs_status hs_picture_bmp(const hs_picture *picture, unsigned char **bytes, size_t *size);

#endif

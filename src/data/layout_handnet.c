/* HandNet (Wetzler, Slossberg and Kimmel 2015): one MATLAB file a frame, with the depth in
 * millimetres, labels of a hand's parts and the session, a text or a number, which stands for the
 * person. The hand is the left one. */
#include "data/layout.h"

#include "io/mat.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 7, LABELS = 8 };
static const char prefix[] = "Data_";

static hs_layout_entry parse(const char *name, hs_frame_info *info)
{
    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return HS_ENTRY_OTHER;
    const char *number = name + sizeof prefix - 1;
    if (strspn(number, "0123456789") != DIGITS || strcmp(number + DIGITS, ".mat") != 0)
        return HS_ENTRY_WRONG;
    info->subject = 0;
    info->number = atoi(number);
    return HS_ENTRY_FRAME;
}

static hs_status look(const char *depth_path, hs_frame_info *info, hs_layout_header *header)
{
    hs_mat_value session = {0};
    hs_status status;
    HS_TRY(hs_mat_size(depth_path, "depth", &header->width, &header->height));
    HS_TRY(hs_mat_read_value(depth_path, "session", &session));
    if (session.kind == HS_MAT_NUMBER && !(session.number >= 0 && session.number < 1e6))
        HS_TRY(hs_error(HS_ERR_DATA, NULL, "%s: session: got %g, expected a number of a session",
                        depth_path, session.number));
    info->subject = (int32_t)session.number;
    header->person = session.text;
    header->nobody = session.kind == HS_MAT_ABSENT;
exit:
    return status;
}

/* `values` in place; not a number and below 0 are no measurement. */
static hs_status depth_of(const char *path, const hs_mat_matrix *m, uint16_t *depth)
{
    for (size_t i = 0; i < (size_t)m->width * (size_t)m->height; i++) {
        double mm = m->values[i];
        if (mm > UINT16_MAX)
            return hs_error(HS_ERR_DATA, NULL, "%s: depth: got %g, expected millimetres up to %d",
                            path, mm, UINT16_MAX);
        depth[i] = (uint16_t)(mm > 0 ? lrint(mm) : 0);
    }
    return HS_OK;
}

static hs_status mask_of(const char *path, const hs_mat_matrix *m, uint8_t *mask)
{
    for (size_t i = 0; i < (size_t)m->width * (size_t)m->height; i++) {
        double label = m->values[i];
        if (!(label >= 0 && label < LABELS))
            return hs_error(HS_ERR_DATA, NULL, "%s: lbl: got value %g, expected 0 to %d", path,
                            label, LABELS - 1);
        mask[i] = label > 0 ? HS_LAYOUT_LEFT : 0;
    }
    return HS_OK;
}

static hs_status read(const char *depth_path, const char *mask_path, uint16_t **depth,
                      uint8_t **mask)
{
    (void)mask_path;
    static const char *const wanted[] = {"depth", "lbl"};
    hs_mat_matrix got[2] = {{0}};
    void *memory;
    hs_status status;
    HS_TRY(hs_mat_read(depth_path, 2, wanted, got));
    if (got[1].width != got[0].width || got[1].height != got[0].height)
        HS_TRY(hs_error(HS_ERR_DATA, "depth and mask must show the same pixels",
                        "%s: lbl: got %dx%d, expected %dx%d like its depth", depth_path,
                        got[1].width, got[1].height, got[0].width, got[0].height));
    size_t pixels = (size_t)got[0].width * (size_t)got[0].height;
    HS_TRY(hs_allocate(pixels * sizeof **depth, depth_path, &memory));
    *depth = memory;
    HS_TRY(hs_allocate(pixels, depth_path, &memory));
    *mask = memory;
    HS_TRY(depth_of(depth_path, &got[0], *depth));
    HS_TRY(mask_of(depth_path, &got[1], *mask));
exit:
    hs_mat_free(2, got);
    return status;
}

const hs_layout_kind hs_layout_handnet = {
    .name = "handnet",
    .shape = "expected Data_<frame>.mat, in the folder itself or in TrainData/, ValidationData/ "
             "and TestData/",
    .file = "Data_<frame>.mat with seven digits",
    .depth = "",
    .depth_unit = 0.001,
    .parts = {{"TrainData", HS_SPLIT_TRAIN},
              {"ValidationData", HS_SPLIT_VAL},
              {"TestData", HS_SPLIT_TEST}},
    .sensor = "SR300",
    .annotation = "heuristic",
    .parse = parse,
    .look = look,
    .read = read,
};

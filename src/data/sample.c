#include "data/sample.h"

float hs_depth_divisor(const uint16_t *depth, size_t n, hs_normalization normalization,
                       double constant)
{
    if (normalization == HS_NORMALIZE_CONSTANT)
        return (float)constant;
    uint64_t sum = 0, measured = 0;
    for (size_t i = 0; i < n; i++) {
        sum += depth[i];
        measured += depth[i] != 0;
    }
    return measured ? (float)((double)sum / (double)measured) : 1;
}

void hs_depth_normalize(const uint16_t *depth, size_t n, float divisor, hs_real *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (hs_real)depth[i] / divisor;
}

static void swap_classes(uint8_t *mask, size_t n, int32_t a, int32_t b)
{
    for (size_t i = 0; i < n; i++)
        mask[i] = (uint8_t)(mask[i] == a ? b : mask[i] == b ? a : mask[i]);
}

void hs_sample_make(const hs_sample_config *config, const hs_augmentation *augmentation,
                    const uint16_t *raw, const uint8_t *labels, const hs_sample_room *room,
                    hs_real *depth, uint8_t *mask)
{
    size_t n = (size_t)config->height * (size_t)config->width;
    hs_axis rows = hs_axis_resize(config->in_height, config->height);
    hs_axis columns = hs_axis_resize(config->in_width, config->width);
    hs_augmentation_apply(augmentation, &rows, &columns);
    hs_axis_map(&rows, room->rows);
    hs_axis_map(&columns, room->columns);
    hs_gather_u16(raw, config->in_width, room->rows, room->columns, config->height, config->width,
                  room->view);
    hs_gather_u8(labels, config->in_width, room->rows, room->columns, config->height, config->width,
                 mask);
    if (augmentation->flip)
        swap_classes(mask, n, config->left, config->right);
    if (!depth)
        return;
    double nearer = config->scale_depth ? augmentation->scale : 1;
    float divisor =
        hs_depth_divisor(room->view, n, config->normalization, config->constant * nearer);
    hs_depth_normalize(room->view, n, divisor, depth);
}

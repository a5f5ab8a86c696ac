/* Tensors at the border: NCHW outside, NHWC with padded channels inside. */
#include "handseg/tensor.h"

#include <string.h>

/* Bytes of an element in NCHW. */
static size_t element_bytes(hs_dtype dtype)
{
    static const size_t sizes[] = {
        [HS_F32] = sizeof(hs_real), [HS_U16] = 2, [HS_U8] = 1, [HS_U2] = 1};
    return sizes[dtype];
}

size_t hs_pixel_bytes(hs_dtype dtype, int32_t pitch)
{
    if (dtype == HS_U2)
        return (size_t)hs_pitch_of(pitch) / 4;
    return (size_t)pitch * element_bytes(dtype);
}

/* One pixel: element c is at nchw + c * step. */
static void pixel_from_nchw(hs_dtype dtype, int channels, const unsigned char *nchw, size_t step,
                            unsigned char *pixel)
{
    size_t size = element_bytes(dtype);
    for (int c = 0; c < channels; c++, nchw += step) {
        if (dtype == HS_U2) {
            uint32_t *word = (uint32_t *)(void *)pixel + c / HS_CHANNEL_BLOCK;
            *word |= (uint32_t)(*nchw & 3) << 2 * (c % HS_CHANNEL_BLOCK);
        } else {
            memcpy(pixel + (size_t)c * size, nchw, size);
        }
    }
}

static void pixel_to_nchw(hs_dtype dtype, int channels, const unsigned char *pixel,
                          unsigned char *nchw, size_t step)
{
    size_t size = element_bytes(dtype);
    for (int c = 0; c < channels; c++, nchw += step) {
        if (dtype == HS_U2) {
            const uint32_t *word = (const uint32_t *)(const void *)pixel + c / HS_CHANNEL_BLOCK;
            *nchw = *word >> 2 * (c % HS_CHANNEL_BLOCK) & 3;
        } else {
            memcpy(nchw, pixel + (size_t)c * size, size);
        }
    }
}

void hs_tensor_from_nchw(const hs_tensor *tensor, const void *nchw)
{
    hs_shape s = tensor->shape;
    size_t size = element_bytes(tensor->dtype);
    size_t bytes = hs_pixel_bytes(tensor->dtype, tensor->pitch);
    int64_t area = (int64_t)s.h * s.w;
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < s.n * area; p++) {
        unsigned char *to = (unsigned char *)tensor->data + (size_t)p * bytes;
        const unsigned char *from =
            (const unsigned char *)nchw + (size_t)(p / area * s.c * area + p % area) * size;
        memset(to, 0, bytes);
        pixel_from_nchw(tensor->dtype, s.c, from, (size_t)area * size, to);
    }
}

void hs_tensor_to_nchw(const hs_tensor *tensor, void *nchw)
{
    hs_shape s = tensor->shape;
    size_t size = element_bytes(tensor->dtype);
    size_t bytes = hs_pixel_bytes(tensor->dtype, tensor->pitch);
    int64_t area = (int64_t)s.h * s.w;
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < s.n * area; p++) {
        const unsigned char *from = (const unsigned char *)tensor->data + (size_t)p * bytes;
        unsigned char *to =
            (unsigned char *)nchw + (size_t)(p / area * s.c * area + p % area) * size;
        pixel_to_nchw(tensor->dtype, s.c, from, to, (size_t)area * size);
    }
}

/* Tensors at the border: NCHW outside, NHWC with padded channels inside. */
#include "handseg/tensor.h"

#include <string.h>

size_t hs_dtype_size(hs_dtype dtype)
{
    static const size_t sizes[] = {[HS_F32] = sizeof(hs_real), [HS_U16] = 2, [HS_U8] = 1};
    return sizes[dtype];
}

void hs_tensor_from_nchw(const hs_tensor *tensor, const void *nchw)
{
    hs_shape s = tensor->shape;
    size_t size = hs_dtype_size(tensor->dtype), pitch = (size_t)tensor->pitch;
    int64_t area = (int64_t)s.h * s.w;
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < s.n * area; p++) {
        unsigned char *to = (unsigned char *)tensor->data + (size_t)p * pitch * size;
        const unsigned char *from =
            (const unsigned char *)nchw + (size_t)(p / area * s.c * area + p % area) * size;
        for (int c = 0; c < s.c; c++)
            memcpy(to + (size_t)c * size, from + (size_t)(c * area) * size, size);
        memset(to + (size_t)s.c * size, 0, (pitch - (size_t)s.c) * size);
    }
}

void hs_tensor_to_nchw(const hs_tensor *tensor, void *nchw)
{
    hs_shape s = tensor->shape;
    size_t size = hs_dtype_size(tensor->dtype), pitch = (size_t)tensor->pitch;
    int64_t area = (int64_t)s.h * s.w;
#pragma omp parallel for schedule(static)
    for (int64_t p = 0; p < s.n * area; p++) {
        const unsigned char *from = (const unsigned char *)tensor->data + (size_t)p * pitch * size;
        unsigned char *to =
            (unsigned char *)nchw + (size_t)(p / area * s.c * area + p % area) * size;
        for (int c = 0; c < s.c; c++)
            memcpy(to + (size_t)(c * area) * size, from + (size_t)c * size, size);
    }
}

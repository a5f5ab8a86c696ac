/* Tensors: a view of memory with a shape. They own nothing and free nothing. */
#ifndef HANDSEG_TENSOR_H
#define HANDSEG_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Arithmetic type of the library. float in every build that ships; the project's gradient checks
 * build the whole library once more with -DHS_REAL=double. */
#ifndef HS_REAL
#    define HS_REAL float
#    define HS_REAL_IS_FLOAT 1
#endif
typedef HS_REAL hs_real;

typedef enum hs_dtype {
    HS_F32, /* hs_real */
    HS_U16,
    HS_U8,
    HS_U2, /* 0 to 3; HS_CHANNEL_BLOCK channels a 32-bit word, the first one in the lowest bits */
} hs_dtype;

/* Images, channels, height, width: the order spoken everywhere outside a tensor's memory. */
typedef struct hs_shape {
    int32_t n, c, h, w;
} hs_shape;

/* Channels are stored in multiples of this many, the padding always zero: a cache line of floats.
 */
enum { HS_CHANNEL_BLOCK = 16 };

/* Memory is [N][H][W][pitch] (NHWC): channel c of pixel (n, h, w) is at ((n*H + h)*W + w)*pitch +
 * c. Of a slice of a larger tensor the pitch is that of the larger one. */
typedef struct hs_tensor {
    void *data; /* borrowed; 64-byte aligned where the tensor is not a slice */
    hs_shape shape;
    int32_t pitch; /* elements from one pixel to the next, >= c */
    hs_dtype dtype;
} hs_tensor;

/* Channels rounded up to whole blocks: the pitch of a tensor of reals. */
static inline int32_t hs_pitch_of(int32_t channels)
{
    return (channels + HS_CHANNEL_BLOCK - 1) / HS_CHANNEL_BLOCK * HS_CHANNEL_BLOCK;
}

/* Pixels in all images. */
static inline int64_t hs_pixels(hs_shape s)
{
    return (int64_t)s.n * s.h * s.w;
}

/* Elements, without padding. */
static inline int64_t hs_elements(hs_shape s)
{
    return hs_pixels(s) * s.c;
}

/* Bytes from one pixel of a tensor to the next. */
size_t hs_pixel_bytes(hs_dtype dtype, int32_t pitch);

/* Fills `tensor` from [N][C][H][W] values of its type, HS_U2 a byte each, padding with zeros; and
 * the other way. */
void hs_tensor_from_nchw(const hs_tensor *tensor, const void *nchw);
void hs_tensor_to_nchw(const hs_tensor *tensor, void *nchw);

#ifdef __cplusplus
}
#endif

#endif

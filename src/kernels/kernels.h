/* The table of kernels: raw pointers in, raw pointers out. Kernels allocate nothing, check nothing
 * and trust their contract: tensors are NHWC with the pitch given, data and pitch of dense tensors
 * are multiples of 64 bytes, outputs overlap no input, nothing is read or written outside the
 * tensors. Channels between the channel count and the next multiple of HS_CHANNEL_BLOCK hold zeros
 * on entry and on return. Every kernel shares its work among OpenMP threads such that each output
 * element is one chain of operations in an order fixed by shape: results do not depend on the
 * number of threads. `accumulate`: add to the output instead of overwriting it. */
#ifndef HS_KERNELS_KERNELS_H
#define HS_KERNELS_KERNELS_H

#include "handseg/tensor.h"
#include "kernels/probe.h"
#include <stdbool.h>

enum {
    HS_MAX_KERNEL = 32,   /* largest kernel height and width of convolutions */
    HS_PEAK_CHAINS = 192, /* of the kernel `peak` */
};

/* An affine map per channel and the activation after it; slope 1: none. A pixel x stands for
 * act(z), z = (x - mean) * scale + shift; beyond the borders of an image there are zeros all the
 * same. */
typedef struct hs_affine {
    const hs_real *mean, *scale, *shift;
    hs_real slope;
} hs_affine;

/* The backward pass of a map that is a batch norm: of dy and x comes
 * dx = (dz - dz_mean) * scale + (x - mean) * x_scale with dz = dy * act'(z). dx lies as dy does;
 * the pixels of x are x_pitch apart. */
typedef struct hs_norm_gradient {
    hs_affine map;
    const hs_real *x, *x_scale, *dz_mean;
    int32_t x_pitch;
    hs_real *dx; /* may be dy */
} hs_norm_gradient;

/* One geometry serves convolution and transposed convolution. `big` is the image the kernel slides
 * over, `small` the image with one pixel per position of the kernel: position (i, j), tap (r, s)
 * touches the big pixel (i*stride - pad + r*dilation, likewise s). A convolution maps big to small,
 * a transposed one small to big, and each is the other's gradient, so three kernels do everything.
 * Weights are [R][S][big_c][weight_pitch], small channels innermost. */
typedef struct hs_conv_geometry {
    int32_t n;
    int32_t big_h, big_w, big_c, big_pitch;
    int32_t small_h, small_w, small_c, small_pitch;
    int32_t kernel[2], stride[2], pad[2], dilation[2]; /* height, width */
    int32_t weight_pitch;                              /* hs_pitch_of(small_c) */
    /* What the pixels that a kernel reads of an image stand for; NULL: themselves. Only where
     * conv_maps or conv_maps_input says that the kernels can. */
    const hs_affine *big_map, *small_map;
    /* conv_gradient's small image is dy of this, takes part as dx, and leaves dx; NULL: itself. */
    const hs_norm_gradient *small_norm;
    /* Where conv_run leaves the partial moments of its output, pass by pass while it is near, as
     * channel_partial_moments does; NULL: nowhere. */
    double *moments;
} hs_conv_geometry;

typedef enum hs_conv_direction {
    HS_CONV_DOWN, /* big -> small: convolution; gradient of the input of a transposed one */
    HS_CONV_UP,   /* small -> big: transposed convolution; gradient of the input of a convolution */
} hs_conv_direction;

/* Where elements [first, first + count) of an array go, which is not stored: `take` is called with
 * `base` added to `first`, by any thread, and returns a number of theirs, such as a sum. */
typedef struct hs_sink {
    double (*take)(void *context, int64_t first, int64_t count, const hs_real *values);
    void *context;
    int64_t base;
} hs_sink;

/* Pooling with windows of `kernel` at `stride`: big is pooled to small. Windows begin inside the
 * padded image and are cut at its borders. Places are dense, of the type hs_place_dtype gives. */
typedef struct hs_pool_geometry {
    int32_t n, c;
    int32_t big_h, big_w, big_pitch;
    int32_t small_h, small_w, small_pitch;
    int32_t kernel[2], stride[2], pad[2]; /* kernel[0] * kernel[1] <= 256 */
} hs_pool_geometry;

/* The smallest type that holds the places of a window. */
static inline hs_dtype hs_place_dtype(const int32_t kernel[2])
{
    return kernel[0] * kernel[1] <= 4 ? HS_U2 : HS_U8;
}

typedef struct hs_window {
    int32_t n, c;
    int32_t fill; /* channels after c to set to zero, unless accumulating */
    int32_t from_h, from_w, from_pitch, sign_pitch;
    int32_t to_h, to_w, to_pitch;
    int32_t dh, dw;
    hs_real slope; /* of the activation that goes with it, where `sign` or a map is given */
    const hs_affine
        *map; /* what the pixels of `sign`, or without it of `from`, stand for; or NULL */
} hs_window;

typedef struct hs_bilinear {
    int32_t n, c;
    int32_t in_h, in_w, in_pitch;
    int32_t out_h, out_w, out_pitch;
    double step[2]; /* input pixels per output pixel: height, width */
} hs_bilinear;

typedef struct hs_dropout_mask {
    int32_t n, c, pitch;
    int64_t area;  /* H*W */
    double p;      /* probability of zeroing, in [0, 1) */
    bool channels; /* whole channels of an image instead of elements */
    uint32_t key[2], stream[3];
} hs_dropout_mask;

typedef struct hs_kernels {
#define HS_SLOT(type, name, arguments) type(*name) arguments;
#include "kernels/slots.def"
#undef HS_SLOT
} hs_kernels;

/* Instruction sets, each including those before it. */
typedef enum hs_isa {
#define HS_ISA(name, features) HS_ISA_##name,
#include "kernels/isa.def"
#undef HS_ISA
} hs_isa;

/* The kernels in use: the best this machine runs, or those HS_ISA=ref|avx2|avx512 asks for (an
 * instruction set the machine lacks ends the program with a message). Chosen once, on first use. */
const hs_kernels *hs_kernels_get(void);

/* The instruction set in use, and its name. */
hs_isa hs_kernels_isa(void);
const char *hs_isa_name(hs_isa isa);

/* Whether this machine and its system run an instruction set. */
bool hs_isa_supported(hs_isa isa);

/* Chooses again, for tests and benchmarks that compare instruction sets; false where unsupported.
 * Not while another thread computes. */
bool hs_kernels_force(hs_isa isa);

/* Most threads a parallel region will have. */
int hs_threads(void);

#endif

/* Prototypes of every variant in kernels.def, with the type of its slot. */
#ifndef HS_KERNELS_PROTOTYPES_H
#define HS_KERNELS_PROTOTYPES_H

#include "kernels/kernels.h"

#define HS_CONV_KERNELS(how)                                                                       \
    size_t hs_f32_conv_packed_size__##how(const hs_conv_geometry *g, hs_conv_direction direction); \
    void hs_f32_conv_pack__##how(const hs_conv_geometry *g, hs_conv_direction direction,           \
                                 const hs_real *weights, hs_real *packed);                         \
    void hs_f32_conv_run__##how(const hs_conv_geometry *g, hs_conv_direction direction,            \
                                const hs_real *packed, const hs_real *bias, const hs_real *in,     \
                                hs_real *out, bool accumulate);                                    \
    size_t hs_f32_conv_gradient_scratch__##how(const hs_conv_geometry *g, int threads);            \
    void hs_f32_conv_gradient__##how(const hs_conv_geometry *g, const hs_real *big,                \
                                     const hs_real *small, hs_real *dweights, hs_real *scratch);

HS_CONV_KERNELS(ref)
HS_CONV_KERNELS(avx2)
HS_CONV_KERNELS(avx512)

#endif

/* Prototypes of the kernels: every slot in every instruction set; kernels.def says which exist. */
#ifndef HS_KERNELS_PROTOTYPES_H
#define HS_KERNELS_PROTOTYPES_H

#include "kernels/kernels.h"

#define HS_SLOT(type, name, arguments)    \
    type hs_f32_##name##__ref arguments;  \
    type hs_f32_##name##__avx2 arguments; \
    type hs_f32_##name##__avx512 arguments;
#include "kernels/slots.def"
#undef HS_SLOT

#endif

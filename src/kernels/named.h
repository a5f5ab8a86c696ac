/* Names of an instruction set's kernels: included after defining ISA. */
#ifndef HS_KERNELS_NAMED_H
#define HS_KERNELS_NAMED_H

#include "kernels/prototypes.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NAMED(what) JOIN(hs_f32_##what##__, ISA)

#endif

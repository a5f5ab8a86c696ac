/* Every op written from its formula, in double, over dense [N][C][H][W]: what the library is held
 * against. Shares nothing with it but the attributes. */
#ifndef HS_TESTS_NAIVE_H
#define HS_TESTS_NAIVE_H

#include "handseg/ops.h"

typedef struct hs_naive_image {
    hs_shape shape;
    double *v; /* [N][C][H][W] */
} hs_naive_image;

enum { HS_NAIVE_PARAMS = 4 };

/* One op with its inputs, parameters (PyTorch's shapes, in the order of the op) and what is asked
 * of it. `y` has its shape set by the caller. Backward reads dy and adds to dx and dparam, where
 * not NULL. Labels are inputs like any other. */
typedef struct hs_naive_call {
    const void *attr;               /* of the graph's node: usual values filled in */
    const hs_max_pool2d_attr *pool; /* max_unpool2d: the pool that took x[1] in */
    hs_mode mode;
    int n;
    hs_naive_image x[HS_MAX_INPUTS], dx[HS_MAX_INPUTS], y, dy;
    double *param[HS_NAIVE_PARAMS], *dparam[HS_NAIVE_PARAMS];
    const double *kept; /* dropout: 1 where an element is kept, else 0 */
} hs_naive_call;

hs_naive_image hs_naive_new(hs_shape shape); /* zeros; the caller frees v */

/* hs_naive_OP and hs_naive_OP_backward for every line of ops.def. */
#define HS_OP(name)                            \
    void hs_naive_##name(hs_naive_call *call); \
    void hs_naive_##name##_backward(hs_naive_call *call);
#include "ops/ops.def"
#undef HS_OP

#endif

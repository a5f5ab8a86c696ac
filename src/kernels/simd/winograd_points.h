/* Part of simd/winograd.h: minimal filtering of one row, y = A' [(G g) . (B' d)], as five linear
 * maps: transform_in B', transform_out A', transform_out_back A, transform_kernel G,
 * transform_kernel_back G'. They come from evaluating polynomials at as many points as there are
 * products (Toom and Cook). */

/* ---- six points: 0, +-5/8, +-3/2 and infinity --------------------------------------------------
 */

static const float point_a = 0.625F, point_b = 1.5F;

/* B' d. */
static inline void transform_in_6(const VEC d[6], VEC v[6])
{
    const float a2 = point_a * point_a, b2 = point_b * point_b;
    VEC a = VSET1(point_a), b = VSET1(point_b), less_a2 = VSET1(-a2), less_b2 = VSET1(-b2);
    VEC both = VSET1(a2 * b2), sum = VSET1(-(a2 + b2));
    VEC even_b = VFMA(less_b2, d[2], d[4]), odd_b = VFMA(less_b2, d[1], d[3]);
    VEC even_a = VFMA(less_a2, d[2], d[4]), odd_a = VFMA(less_a2, d[1], d[3]);
    v[0] = VFMA(both, d[0], VFMA(sum, d[2], d[4]));
    v[1] = VFMA(a, odd_b, even_b);
    v[2] = VFNMA(a, odd_b, even_b);
    v[3] = VFMA(b, odd_a, even_a);
    v[4] = VFNMA(b, odd_a, even_a);
    v[5] = VFMA(both, d[1], VFMA(sum, d[3], d[5]));
}

/* Reciprocals of the products of differences of the points: the scale of the kernel's transform. */
static inline void kernel_scales(float scale[3])
{
    const double a2 = (double)point_a * point_a, b2 = (double)point_b * point_b;
    scale[0] = (float)(1 / (a2 * b2));
    scale[1] = (float)(1 / (2 * a2 * (a2 - b2)));
    scale[2] = (float)(1 / (2 * b2 * (b2 - a2)));
}

/* A' m of `tile` pixels: row k has the points to the power of k, and infinity in the last one. */
static inline void transform_out_6(const VEC m[6], int tile, VEC *y)
{
    VEC sum_a = VADD(m[1], m[2]), sum_b = VADD(m[3], m[4]);
    VEC less_a = VSUB(m[1], m[2]), less_b = VSUB(m[3], m[4]);
    y[0] = VADD(m[0], VADD(sum_a, sum_b));
    float a = 1, b = 1;
    _Pragma("GCC unroll 4") for (int k = 1; k < tile; k++)
    {
        VEC of_a = k % 2 ? less_a : sum_a, of_b = k % 2 ? less_b : sum_b;
        a *= point_a;
        b *= point_b;
        VEC rest = k + 1 < tile ? VMUL(VSET1(b), of_b) : VFMA(VSET1(b), of_b, m[5]);
        y[k] = VFMA(VSET1(a), of_a, rest);
    }
}

/* A y. */
static inline void transform_out_back_6(const VEC *y, int tile, VEC m[6])
{
    const float points[2] = {point_a, point_b};
    m[0] = y[0];
    m[5] = y[tile - 1];
    for (int i = 0; i < 2; i++) {
        float p = points[i], p2 = p * p;
        VEC even = VFMA(VSET1(p2), y[2], y[0]), odd = VMUL(VSET1(p), y[1]);
        if (tile > 4)
            even = VFMA(VSET1(p2 * p2), y[4], even);
        odd = VFMA(VSET1(p2 * p), y[3], odd);
        m[1 + 2 * i] = VADD(even, odd);
        m[2 + 2 * i] = VSUB(even, odd);
    }
}

/* ---- F(4, 3) -----------------------------------------------------------------------------------
 */

static inline void transform_out_4_3(const VEC m[6], VEC y[4])
{
    transform_out_6(m, 4, y);
}

static inline void transform_out_back_4_3(const VEC y[4], VEC m[6])
{
    transform_out_back_6(y, 4, m);
}

/* G g. */
static inline void transform_kernel_4_3(const VEC g[3], VEC u[6])
{
    float scale[3];
    kernel_scales(scale);
    const float points[2] = {point_a, point_b};
    u[0] = VMUL(VSET1(scale[0]), g[0]);
    for (int i = 0; i < 2; i++) {
        float p = points[i], s = scale[1 + i];
        VEC even = VFMA(VSET1(p * p * s), g[2], VMUL(VSET1(s), g[0]));
        u[1 + 2 * i] = VFMA(VSET1(p * s), g[1], even);
        u[2 + 2 * i] = VFNMA(VSET1(p * s), g[1], even);
    }
    u[5] = g[2];
}

/* G' u. */
static inline void transform_kernel_back_4_3(const VEC u[6], VEC g[3])
{
    float scale[3];
    kernel_scales(scale);
    const float points[2] = {point_a, point_b};
    g[0] = VMUL(VSET1(scale[0]), u[0]);
    g[1] = VZERO();
    g[2] = u[5];
    for (int i = 0; i < 2; i++) {
        float p = points[i], s = scale[1 + i];
        VEC sum = VADD(u[1 + 2 * i], u[2 + 2 * i]), less = VSUB(u[1 + 2 * i], u[2 + 2 * i]);
        g[0] = VFMA(VSET1(s), sum, g[0]);
        g[1] = VFMA(VSET1(p * s), less, g[1]);
        g[2] = VFMA(VSET1(p * p * s), sum, g[2]);
    }
}

/* ---- F(5, 2) -----------------------------------------------------------------------------------
 */

static inline void transform_out_5_2(const VEC m[6], VEC y[5])
{
    transform_out_6(m, 5, y);
}

static inline void transform_out_back_5_2(const VEC y[5], VEC m[6])
{
    transform_out_back_6(y, 5, m);
}

/* G g. */
static inline void transform_kernel_5_2(const VEC g[2], VEC u[6])
{
    float scale[3];
    kernel_scales(scale);
    const float points[2] = {point_a, point_b};
    u[0] = VMUL(VSET1(scale[0]), g[0]);
    for (int i = 0; i < 2; i++) {
        VEC even = VMUL(VSET1(scale[1 + i]), g[0]), odd = VSET1(points[i] * scale[1 + i]);
        u[1 + 2 * i] = VFMA(odd, g[1], even);
        u[2 + 2 * i] = VFNMA(odd, g[1], even);
    }
    u[5] = g[1];
}

/* G' u. */
static inline void transform_kernel_back_5_2(const VEC u[6], VEC g[2])
{
    float scale[3];
    kernel_scales(scale);
    const float points[2] = {point_a, point_b};
    g[0] = VMUL(VSET1(scale[0]), u[0]);
    g[1] = u[5];
    for (int i = 0; i < 2; i++) {
        float s = scale[1 + i];
        g[0] = VFMA(VSET1(s), VADD(u[1 + 2 * i], u[2 + 2 * i]), g[0]);
        g[1] = VFMA(VSET1(points[i] * s), VSUB(u[1 + 2 * i], u[2 + 2 * i]), g[1]);
    }
}

/* ---- F(3, 2): points 0, +-1 and infinity -------------------------------------------------------
 */

/* B' d. */
static inline void transform_in_4(const VEC d[4], VEC v[4])
{
    v[0] = VSUB(d[0], d[2]);
    v[1] = VADD(d[2], d[1]);
    v[2] = VSUB(d[2], d[1]);
    v[3] = VSUB(d[3], d[1]);
}

/* A' m. */
static inline void transform_out_3_2(const VEC m[4], VEC y[3])
{
    VEC sum = VADD(m[1], m[2]);
    y[0] = VADD(m[0], sum);
    y[1] = VSUB(m[1], m[2]);
    y[2] = VADD(sum, m[3]);
}

/* A y. */
static inline void transform_out_back_3_2(const VEC y[3], VEC m[4])
{
    VEC even = VADD(y[0], y[2]);
    m[0] = y[0];
    m[1] = VADD(even, y[1]);
    m[2] = VSUB(even, y[1]);
    m[3] = y[2];
}

/* G g. */
static inline void transform_kernel_3_2(const VEC g[2], VEC u[4])
{
    VEC half = VSET1(0.5F), first = VMUL(half, g[0]);
    u[0] = g[0];
    u[1] = VFMA(half, g[1], first);
    u[2] = VFNMA(half, g[1], first);
    u[3] = g[1];
}

/* G' u. */
static inline void transform_kernel_back_3_2(const VEC u[4], VEC g[2])
{
    VEC half = VSET1(0.5F);
    g[0] = VFMA(half, VADD(u[1], u[2]), u[0]);
    g[1] = VFMA(half, VSUB(u[1], u[2]), u[3]);
}

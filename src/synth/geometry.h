/* Vectors and orthonormal frames of the renderer. Lengths are metres. Camera space: x right, y
 * down, z forward, the camera at the origin. */
#ifndef HS_SYNTH_GEOMETRY_H
#define HS_SYNTH_GEOMETRY_H

#include <math.h>

#define HS_PI 3.14159265358979323846

typedef struct hs_vec3 {
    double x, y, z;
} hs_vec3;

/* Three orthonormal axes; left-handed where it carries a mirrored (left) limb. */
typedef struct hs_axes {
    hs_vec3 x, y, z;
} hs_axes;

/* Where something stands and how it is turned: its own coordinates of a point q are
 * hs_locate(origin, &axes, q). */
typedef struct hs_placement {
    hs_vec3 origin;
    hs_axes axes;
} hs_placement;

static inline double hs_radians(double degrees)
{
    return degrees * (HS_PI / 180);
}

static inline double hs_clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static inline double hs_mix(double a, double b, double t)
{
    return a + (b - a) * t;
}

static inline hs_vec3 hs_vec(double x, double y, double z)
{
    return (hs_vec3){x, y, z};
}

static inline hs_vec3 hs_add(hs_vec3 a, hs_vec3 b)
{
    return hs_vec(a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline hs_vec3 hs_sub(hs_vec3 a, hs_vec3 b)
{
    return hs_vec(a.x - b.x, a.y - b.y, a.z - b.z);
}

static inline hs_vec3 hs_scale(hs_vec3 a, double s)
{
    return hs_vec(a.x * s, a.y * s, a.z * s);
}

/* a + s b */
static inline hs_vec3 hs_along(hs_vec3 a, double s, hs_vec3 b)
{
    return hs_vec(a.x + s * b.x, a.y + s * b.y, a.z + s * b.z);
}

static inline double hs_dot(hs_vec3 a, hs_vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline hs_vec3 hs_cross(hs_vec3 a, hs_vec3 b)
{
    return hs_vec(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline double hs_length(hs_vec3 a)
{
    return sqrt(hs_dot(a, a));
}

static inline double hs_distance(hs_vec3 a, hs_vec3 b)
{
    return hs_length(hs_sub(a, b));
}

/* Unit vector along a; a must not be zero. */
static inline hs_vec3 hs_unit(hs_vec3 a)
{
    return hs_scale(a, 1 / hs_length(a));
}

/* Unit vector along the part of a perpendicular to the unit vector n; where a is (nearly) parallel
 * to n, some other perpendicular. */
static inline hs_vec3 hs_perpendicular(hs_vec3 a, hs_vec3 n)
{
    hs_vec3 p = hs_along(a, -hs_dot(a, n), n);
    if (hs_dot(p, p) < 1e-12)
        p = hs_cross(n, fabs(n.x) < 0.7 ? hs_vec(1, 0, 0) : hs_vec(0, 1, 0));
    return hs_unit(p);
}

/* Turns the unit vectors *from and *to, perpendicular to each other, by `angle` in their plane:
 * *from moves towards *to. Holds for frames of either handedness. */
static inline void hs_turn(hs_vec3 *from, hs_vec3 *to, double angle)
{
    double c = cos(angle), s = sin(angle);
    hs_vec3 a = *from, b = *to;
    *from = hs_along(hs_scale(a, c), s, b);
    *to = hs_along(hs_scale(b, c), -s, a);
}

/* origin + axes * p */
static inline hs_vec3 hs_place(hs_vec3 origin, const hs_axes *axes, hs_vec3 p)
{
    return hs_along(hs_along(hs_along(origin, p.x, axes->x), p.y, axes->y), p.z, axes->z);
}

/* Coordinates of q in the frame: the inverse of hs_place. */
static inline hs_vec3 hs_locate(hs_vec3 origin, const hs_axes *axes, hs_vec3 q)
{
    hs_vec3 d = hs_sub(q, origin);
    return hs_vec(hs_dot(d, axes->x), hs_dot(d, axes->y), hs_dot(d, axes->z));
}

/* The same of a direction. */
static inline hs_vec3 hs_components(const hs_axes *axes, hs_vec3 d)
{
    return hs_vec(hs_dot(d, axes->x), hs_dot(d, axes->y), hs_dot(d, axes->z));
}

#endif

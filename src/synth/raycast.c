#include "synth/raycast.h"

#include <assert.h>
#include <string.h>

static const double nearest = 0.02; /* metres: closer surfaces count as behind the camera */

/* Numbers of a primitive that do not depend on the ray. */
typedef struct solver {
    hs_vec3 axis, a, b; /* cone: from a to b */
    double ra, rb, narrowing, d2, m1, k0, ca, cb;
    hs_vec3 w[3]; /* triangle: rows of the inverse of its corners; box: its axes */
    hs_vec3 center, half;
} solver;

static void prepare_cone(const hs_sphere ends[2], solver *s)
{
    s->a = ends[0].center, s->ra = ends[0].radius;
    s->b = ends[1].center, s->rb = ends[1].radius;
    s->axis = hs_sub(s->b, s->a);
    s->narrowing = s->ra - s->rb;
    s->d2 = hs_dot(s->axis, s->axis) - s->narrowing * s->narrowing;
    s->m1 = -hs_dot(s->axis, s->a);
    double aa = hs_dot(s->a, s->a);
    s->ca = aa - s->ra * s->ra;
    s->cb = hs_dot(s->b, s->b) - s->rb * s->rb;
    s->k0 = s->d2 * aa - s->m1 * s->m1 + 2 * s->m1 * s->narrowing * s->ra -
            (s->d2 + s->narrowing * s->narrowing) * s->ra * s->ra;
}

static void prepare_triangle(const hs_vec3 p[3], solver *s)
{
    double det = hs_dot(p[0], hs_cross(p[1], p[2]));
    double scale = fabs(det) < 1e-30 ? 0 : 1 / det; /* seen edge on: never hit */
    s->w[0] = hs_scale(hs_cross(p[1], p[2]), scale);
    s->w[1] = hs_scale(hs_cross(p[2], p[0]), scale);
    s->w[2] = hs_scale(hs_cross(p[0], p[1]), scale);
}

static void prepare(const hs_primitive *primitive, solver *s)
{
    switch (primitive->kind) {
    case HS_CONE:
        prepare_cone(primitive->ends, s);
        return;
    case HS_TRIANGLE:
        prepare_triangle(primitive->corners, s);
        return;
    case HS_BOX:
        s->w[0] = primitive->box.axes.x, s->w[1] = primitive->box.axes.y;
        s->w[2] = primitive->box.axes.z;
        s->center = hs_locate(hs_vec(0, 0, 0), &primitive->box.axes, primitive->box.center);
        s->half = primitive->box.half;
        return;
    }
}

/* Without the calls that fmin and fmax are; where one is no number, the other where it comes
 * second.
 */
static inline double least(double a, double b)
{
    return a < b ? a : b;
}

static inline double most(double a, double b)
{
    return a > b ? a : b;
}

/* These two have no branches, so that rows of rays become vectors: what is no number loses every
 * comparison. */
static inline double hit_sphere(double md, double dd, double c)
{
    double h = md * md - dd * c, t = c / (md + sqrt(h));
    return (h >= 0) & (md > 0) ? t : INFINITY;
}

/* Round cone: the lateral surface is quadratic in t with a hit valid between the circles where it
 * touches the spheres (I. Quilez's form, for a ray from the origin that is not normalised). Where
 * one sphere holds the other, d2 <= 0 and there is none. */
static inline double hit_cone(const solver *s, hs_vec3 d)
{
    double dd = hs_dot(d, d), da = hs_dot(d, s->a);
    double m2 = hs_dot(s->axis, d), k2 = s->d2 * dd - m2 * m2;
    double k1 = -s->d2 * da - s->m1 * m2 + m2 * s->narrowing * s->ra;
    /* The entry is this root for rays steeper than the cone too: k2 is negative then. */
    double lateral = (-sqrt(k1 * k1 - s->k0 * k2) - k1) / k2;
    double along = s->m1 - s->ra * s->narrowing + lateral * m2;
    double caps = least(hit_sphere(da, dd, s->ca), hit_sphere(hs_dot(d, s->b), dd, s->cb));
    /* Lateral where it is hit: that is where a convex body is entered. */
    return (along > 0) & (along < s->d2) & (lateral > 0) ? lateral : caps;
}

static inline double hit_triangle(const solver *s, hs_vec3 d)
{
    double a = hs_dot(s->w[0], d), b = hs_dot(s->w[1], d), c = hs_dot(s->w[2], d);
    return (a >= 0) & (b >= 0) & (c >= 0) & (a + b + c > 0) ? 1 / (a + b + c) : INFINITY;
}

/* A box is entered through the last of the faces turned to the camera that the ray passes: one in
 * each direction in which the camera is beside the box. */
static inline double hit_box(const solver *s, hs_vec3 d)
{
    const double center[3] = {s->center.x, s->center.y, s->center.z};
    const double half[3] = {s->half.x, s->half.y, s->half.z};
    double along[3], in = 0;
    int face = -1;
    for (int k = 0; k < 3; k++) {
        along[k] = hs_dot(s->w[k], d);
        if (fabs(center[k]) <= half[k])
            continue;
        double t = (center[k] - copysign(half[k], center[k])) / along[k];
        if (!(t > 0))
            return INFINITY;
        face = t > in ? k : face;
        in = most(in, t);
    }
    for (int k = 0; k < 3; k++)
        if (k != face && !(fabs(in * along[k] - center[k]) <= half[k]))
            return INFINITY;
    return face < 0 ? INFINITY : in;
}

enum { ROW = 128 }; /* rays that are cast at once */

static void hit_row(const hs_primitive *primitive, const solver *s, const float *x, const float *y,
                    int n, double *t)
{
    if (primitive->kind == HS_CONE) {
#pragma omp simd
        for (int i = 0; i < n; i++)
            t[i] = hit_cone(s, hs_vec(x[i], y[i], 1));
    } else if (primitive->kind == HS_TRIANGLE) {
#pragma omp simd
        for (int i = 0; i < n; i++)
            t[i] = hit_triangle(s, hs_vec(x[i], y[i], 1));
    } else {
        for (int i = 0; i < n; i++)
            t[i] = hit_box(s, hs_vec(x[i], y[i], 1));
    }
}

double hs_primitive_intersect(const hs_primitive *primitive, hs_vec3 d)
{
    solver s = {0};
    prepare(primitive, &s);
    return primitive->kind == HS_CONE       ? hit_cone(&s, d)
           : primitive->kind == HS_TRIANGLE ? hit_triangle(&s, d)
                                            : hit_box(&s, d);
}

/* The sphere of the cone that touches the surface at p has its centre `at` of the way. */
static hs_vec3 cone_normal(const hs_sphere ends[2], hs_vec3 p)
{
    hs_vec3 axis = hs_sub(ends[1].center, ends[0].center), from = hs_sub(p, ends[0].center);
    double narrowing = ends[0].radius - ends[1].radius;
    double slant = hs_dot(axis, axis) - narrowing * narrowing, at = narrowing < 0;
    if (slant > 0)
        at = hs_clamp((hs_dot(from, axis) - ends[0].radius * narrowing) / slant, 0, 1);
    return hs_unit(hs_sub(from, hs_scale(axis, at)));
}

static hs_vec3 box_normal(const hs_primitive *primitive, hs_vec3 p)
{
    hs_vec3 q = hs_locate(primitive->box.center, &primitive->box.axes, p);
    hs_vec3 half = primitive->box.half;
    double x = fabs(q.x) - half.x, y = fabs(q.y) - half.y, z = fabs(q.z) - half.z;
    return x >= y && x >= z ? primitive->box.axes.x
           : y >= z         ? primitive->box.axes.y
                            : primitive->box.axes.z;
}

hs_vec3 hs_primitive_normal(const hs_primitive *primitive, hs_vec3 p)
{
    hs_vec3 n;
    if (primitive->kind == HS_CONE)
        n = cone_normal(primitive->ends, p);
    else if (primitive->kind == HS_BOX)
        n = box_normal(primitive, p);
    else
        n = hs_unit(hs_cross(hs_sub(primitive->corners[1], primitive->corners[0]),
                             hs_sub(primitive->corners[2], primitive->corners[0])));
    return hs_dot(n, p) > 0 ? hs_scale(n, -1) : n;
}

/* Bounds of a projection: x/z and y/z, and the least z. */
typedef struct bounds {
    double x_low, x_high, y_low, y_high, near;
} bounds;

static const bounds nowhere = {INFINITY, -INFINITY, INFINITY, -INFINITY, INFINITY};

static void cover(bounds *b, double x_low, double x_high, double y_low, double y_high, double near)
{
    b->x_low = fmin(b->x_low, x_low), b->x_high = fmax(b->x_high, x_high);
    b->y_low = fmin(b->y_low, y_low), b->y_high = fmax(b->y_high, y_high);
    b->near = fmin(b->near, near);
}

/* Slopes x/z of the two tangents from the origin to a circle (x, z, r) with z > r. */
static void tangents(double x, double z, double r, double *low, double *high)
{
    double c = z * z - r * r, root = r * sqrt(x * x + c);
    *low = (x * z - root) / c, *high = (x * z + root) / c;
}

/* Everything in front of the camera, for what reaches behind it. */
static void cover_all(bounds *b)
{
    cover(b, -INFINITY, INFINITY, -INFINITY, INFINITY, 0);
}

static void cover_sphere(bounds *b, hs_sphere s)
{
    if (s.center.z - s.radius < nearest) {
        cover_all(b);
        return;
    }
    double xl, xh, yl, yh;
    tangents(s.center.x, s.center.z, s.radius, &xl, &xh);
    tangents(s.center.y, s.center.z, s.radius, &yl, &yh);
    cover(b, xl, xh, yl, yh, s.center.z - s.radius);
}

static void cover_point(bounds *b, hs_vec3 p)
{
    if (p.z < nearest)
        cover_all(b);
    else
        cover(b, p.x / p.z, p.x / p.z, p.y / p.z, p.y / p.z, p.z);
}

/* Bounds of a cone from fractions `from` to `to` of its axis. */
static bounds project_cone(const hs_sphere ends[2], double from, double to)
{
    bounds b = nowhere;
    for (int i = 0; i < 2; i++) {
        double at = i ? to : from;
        hs_vec3 axis = hs_sub(ends[1].center, ends[0].center);
        cover_sphere(&b, (hs_sphere){hs_along(ends[0].center, at, axis),
                                     hs_mix(ends[0].radius, ends[1].radius, at)});
    }
    return b;
}

static bounds project(const hs_primitive *primitive)
{
    bounds b = nowhere;
    if (primitive->kind == HS_CONE)
        return project_cone(primitive->ends, 0, 1);
    if (primitive->kind == HS_TRIANGLE) {
        for (int i = 0; i < 3; i++)
            cover_point(&b, primitive->corners[i]);
        return b;
    }
    hs_vec3 half = primitive->box.half;
    for (int i = 0; i < 8; i++) {
        hs_vec3 corner =
            hs_vec(i & 1 ? half.x : -half.x, i & 2 ? half.y : -half.y, i & 4 ? half.z : -half.z);
        cover_point(&b, hs_place(primitive->box.center, &primitive->box.axes, corner));
    }
    return b;
}

/* Where a primitive may be seen, in rectangles: a long cone fills little of one. */
enum { SLICES = 8, WORTH_SLICING = 512 /* pixels */ };
typedef struct coverage {
    hs_rectangle all, slices[SLICES];
    int count;
    double near;
} coverage;

static hs_rectangle find_rectangle(const hs_rays *rays, const bounds *b)
{
    return hs_rays_bounds(rays, b->x_low, b->x_high, b->y_low, b->y_high);
}

static void find_coverage(const hs_primitive *primitive, const hs_rays *rays, coverage *c)
{
    bounds b = project(primitive);
    c->near = b.near;
    c->count = 1;
    c->all = c->slices[0] = find_rectangle(rays, &b);
    if (primitive->kind != HS_CONE ||
        (c->all.x1 - c->all.x0) * (c->all.y1 - c->all.y0) < WORTH_SLICING)
        return;
    c->count = SLICES;
    for (int i = 0; i < SLICES; i++) {
        b = project_cone(primitive->ends, (double)i / SLICES, (double)(i + 1) / SLICES);
        c->slices[i] = find_rectangle(rays, &b);
    }
}

/* Columns of row v that may see the primitive. */
static void find_columns(const coverage *c, int v, int *first, int *last)
{
    *first = c->all.x1, *last = c->all.x0;
    for (int i = 0; i < c->count; i++) {
        const hs_rectangle *r = &c->slices[i];
        if (v < r->y0 || v >= r->y1)
            continue;
        *first = r->x0 < *first ? r->x0 : *first;
        *last = r->x1 > *last ? r->x1 : *last;
    }
}

/* Rays [first, last) of row v, at most ROW. */
static void cast_row(const hs_primitive *primitive, const solver *s, uint16_t surface,
                     const hs_rays *rays, int v, int first, int last, hs_view *view)
{
    double t[ROW];
    size_t at = (size_t)v * (size_t)view->width + (size_t)first;
    hit_row(primitive, s, rays->x + at, rays->y + at, last - first, t);
    for (int i = 0; i < last - first; i++) {
        if (!(t[i] >= nearest && t[i] < view->depth[at + i]))
            continue;
        view->depth[at + i] = (float)t[i];
        view->surface[at + i] = surface;
    }
}

static void cast_primitive(const hs_primitive *primitive, uint16_t surface, const hs_rays *rays,
                           double reach, hs_view *view)
{
    coverage c;
    find_coverage(primitive, rays, &c);
    if (c.near > reach)
        return;
    solver s = {0};
    prepare(primitive, &s);
    for (int v = c.all.y0; v < c.all.y1; v++) {
        int first, last;
        find_columns(&c, v, &first, &last);
        const float *depth = view->depth + (size_t)v * (size_t)view->width;
        while (first < last && depth[first] <= c.near)
            first++;
        while (first < last && depth[last - 1] <= c.near)
            last--;
        for (int u = first; u < last; u += ROW)
            cast_row(primitive, &s, surface, rays, v, u, u + ROW < last ? u + ROW : last, view);
    }
}

static void resolve(const hs_mesh *mesh, const hs_rays *rays, hs_view *view)
{
    size_t pixels = (size_t)view->width * (size_t)view->height;
    for (size_t i = 0; i < pixels; i++) {
        hs_vec3 n = {0, 0, 0};
        view->part[i] = HS_PART_NOTHING;
        if (view->surface[i]) {
            const hs_primitive *primitive = &mesh->items[view->surface[i] - 1];
            view->part[i] = primitive->part;
            n = hs_primitive_normal(primitive,
                                    hs_scale(hs_vec(rays->x[i], rays->y[i], 1), view->depth[i]));
        } else {
            view->depth[i] = 0;
        }
        view->normal[0][i] = (float)n.x;
        view->normal[1][i] = (float)n.y;
        view->normal[2][i] = (float)n.z;
    }
}

/* Leaves INFINITY as the depth where nothing is hit. */
static void cast_mesh(const hs_mesh *mesh, const hs_rays *rays, double reach, hs_view *view)
{
    assert(rays->width == view->width && rays->height == view->height);
    size_t pixels = (size_t)view->width * (size_t)view->height;
    for (size_t i = 0; i < pixels; i++)
        view->depth[i] = INFINITY;
    memset(view->surface, 0, pixels * sizeof *view->surface);
    for (int i = 0; i < mesh->count; i++)
        cast_primitive(&mesh->items[i], (uint16_t)(i + 1), rays, reach, view);
}

void hs_raycast_depth(const hs_mesh *mesh, const hs_rays *rays, hs_view *view)
{
    cast_mesh(mesh, rays, INFINITY, view);
    size_t pixels = (size_t)view->width * (size_t)view->height;
    for (size_t i = 0; i < pixels; i++)
        view->depth[i] = view->surface[i] ? view->depth[i] : 0;
}

void hs_raycast(const hs_mesh *mesh, const hs_rays *rays, double reach, hs_view *view)
{
    cast_mesh(mesh, rays, reach, view);
    resolve(mesh, rays, view);
}

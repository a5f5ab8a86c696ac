#include "synth/mesh.h"

#include <assert.h>

static const struct part {
    bool hand, cloth;
} parts[HS_PARTS] = {
#define HS_PART(name, hand, cloth, meaning) {hand, cloth},
#include "synth/parts.def"
#undef HS_PART
};

uint8_t hs_part_label(uint8_t part)
{
    if (!parts[part % HS_PART_LEFT].hand)
        return 0;
    return part & HS_PART_LEFT ? 2 : 1;
}

bool hs_part_is_cloth(uint8_t part)
{
    return parts[part % HS_PART_LEFT].cloth;
}

static hs_primitive *add(hs_mesh *mesh, hs_primitive_kind kind, uint8_t part)
{
    assert(mesh->count < HS_MESH_MAX && part % HS_PART_LEFT < HS_PARTS);
    hs_primitive *item = &mesh->items[mesh->count++];
    *item = (hs_primitive){.kind = kind, .part = part};
    return item;
}

static bool same_sphere(const hs_sphere *a, const hs_sphere *b)
{
    return a->center.x == b->center.x && a->center.y == b->center.y && a->center.z == b->center.z &&
           a->radius == b->radius;
}

void hs_mesh_cone(hs_mesh *mesh, uint8_t part, hs_sphere a, hs_sphere b)
{
    for (int i = mesh->count - 1; i >= 0 && mesh->items[i].part == part; i--) {
        const hs_primitive *old = &mesh->items[i];
        if (old->kind == HS_CONE &&
            ((same_sphere(&old->ends[0], &a) && same_sphere(&old->ends[1], &b)) ||
             (same_sphere(&old->ends[0], &b) && same_sphere(&old->ends[1], &a))))
            return;
    }
    hs_primitive *item = add(mesh, HS_CONE, part);
    item->ends[0] = a;
    item->ends[1] = b;
}

void hs_mesh_wedge(hs_mesh *mesh, uint8_t part, hs_sphere a, hs_sphere b, hs_sphere c)
{
    hs_mesh_cone(mesh, part, a, b);
    hs_mesh_cone(mesh, part, b, c);
    hs_mesh_cone(mesh, part, c, a);
    /* The unit normal n of a plane that touches all three solves n (b - a) = ra - rb and
     * n (c - a) = ra - rc; in the plane of the centres that is a 2x2 system. */
    hs_vec3 ab = hs_sub(b.center, a.center), ac = hs_sub(c.center, a.center);
    hs_vec3 cross = hs_cross(ab, ac);
    double bb = hs_dot(ab, ab), bc = hs_dot(ab, ac), cc = hs_dot(ac, ac), det = bb * cc - bc * bc;
    if (det < 1e-18)
        return; /* the centres lie on a line: the cones are the hull */
    double rb = a.radius - b.radius, rc = a.radius - c.radius;
    double s = (rb * cc - rc * bc) / det, t = (rc * bb - rb * bc) / det;
    hs_vec3 flat = hs_along(hs_scale(ab, s), t, ac);
    double up = 1 - hs_dot(flat, flat);
    if (up <= 0)
        return; /* one sphere reaches beyond every such plane */
    for (int side = -1; side <= 1; side += 2) {
        hs_vec3 n = hs_along(flat, side * sqrt(up), hs_unit(cross));
        hs_primitive *item = add(mesh, HS_TRIANGLE, part);
        item->corners[0] = hs_along(a.center, a.radius, n);
        item->corners[1] = hs_along(b.center, b.radius, n);
        item->corners[2] = hs_along(c.center, c.radius, n);
    }
}

void hs_mesh_quad(hs_mesh *mesh, uint8_t part, hs_sphere a, hs_sphere b, hs_sphere c, hs_sphere d)
{
    hs_mesh_wedge(mesh, part, a, b, c);
    hs_mesh_wedge(mesh, part, a, c, d);
}

void hs_mesh_box(hs_mesh *mesh, uint8_t part, hs_vec3 center, const hs_axes *axes, hs_vec3 half)
{
    hs_primitive *item = add(mesh, HS_BOX, part);
    item->box.center = center;
    item->box.axes = *axes;
    item->box.half = half;
}

double hs_cone_distance(hs_sphere a, hs_sphere b, hs_vec3 q)
{
    hs_vec3 axis = hs_sub(b.center, a.center), d = hs_sub(q, a.center);
    double length = hs_length(axis), narrowing = a.radius - b.radius;
    if (length <= fabs(narrowing))
        return a.radius > b.radius ? hs_length(d) - a.radius : hs_distance(q, b.center) - b.radius;
    double along = hs_dot(d, axis) / length, sine = narrowing / length;
    double across = sqrt(fmax(0, hs_dot(d, d) - along * along)), cosine = sqrt(1 - sine * sine);
    /* The nearest surface normal leans by `sine` from the perpendicular of the axis. */
    double at = hs_clamp(along - across * sine / cosine, 0, length);
    double dx = along - at;
    return sqrt(dx * dx + across * across) - (a.radius - sine * at);
}

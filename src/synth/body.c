#include "synth/body.h"

#include <stddef.h>

/* The trunk's spheres. */
typedef struct trunk {
    hs_sphere shoulder[2], chest[2], waist[2], hip[2], neck, belly;
} trunk;

hs_vec3 hs_body_shoulder(const hs_body_anatomy *anatomy, const hs_body_pose *pose, bool left)
{
    double x = left ? -anatomy->shoulder_half : anatomy->shoulder_half;
    return hs_place(pose->neck, &pose->axes, hs_vec(x, -0.02 + pose->shrug[left], 0));
}

static trunk place_trunk(const hs_body_anatomy *a, const hs_body_pose *pose, double loose)
{
    trunk t;
    double chest_half = a->shoulder_half - 0.72 * a->chest_radius;
    double waist_half = 0.85 * a->hip_half;
    for (int left = 0; left < 2; left++) {
        double side = left ? -1 : 1;
        t.shoulder[left] = (hs_sphere){hs_body_shoulder(a, pose, left), a->arm_radius + 0.014};
#define AT(x, y, z) hs_place(pose->neck, &pose->axes, hs_vec(x, y, z))
        t.chest[left] =
            (hs_sphere){AT(side * chest_half, -0.27 * a->trunk, 0.005), a->chest_radius + loose};
        t.waist[left] =
            (hs_sphere){AT(side * waist_half, -0.72 * a->trunk, 0), a->waist_radius + loose};
        t.hip[left] = (hs_sphere){AT(side * a->hip_half, -a->trunk, 0), a->hip_radius + loose};
    }
    t.neck = (hs_sphere){AT(0, 0.015, -0.01), 0.9 * a->neck_radius + 0.5 * loose};
    t.belly = (hs_sphere){AT(0, -0.7 * a->trunk, a->belly), a->waist_radius + loose};
#undef AT
    return t;
}

static void add_trunk(const trunk *t, hs_mesh *mesh)
{
    const uint8_t part = HS_PART_TORSO;
    hs_mesh_quad(mesh, part, t->chest[0], t->chest[1], t->waist[1], t->waist[0]);
    hs_mesh_quad(mesh, part, t->waist[0], t->waist[1], t->hip[1], t->hip[0]);
    hs_mesh_wedge(mesh, part, t->neck, t->chest[0], t->chest[1]);
    hs_mesh_wedge(mesh, part, t->chest[0], t->chest[1], t->belly);
    for (int left = 0; left < 2; left++) {
        hs_mesh_wedge(mesh, part, t->shoulder[left], t->neck, t->chest[left]);
        hs_mesh_wedge(mesh, part, t->belly, t->waist[left], t->hip[left]);
    }
}

/* Cranium and jaw; the rest of the head hangs on them. */
static void place_head(const hs_body_anatomy *a, const hs_body_pose *pose, hs_sphere *cranium,
                       hs_sphere *jaw)
{
    hs_vec3 base = hs_place(pose->neck, &pose->axes, hs_vec(0, 0.09, 0.01));
    double r = a->head_radius;
    *cranium = (hs_sphere){hs_place(base, &pose->head, hs_vec(0, 1.55 * r, 0.05 * r)), r};
    *jaw = (hs_sphere){hs_place(base, &pose->head, hs_vec(0, 0.45 * r, 0.55 * r)), 0.56 * r};
}

static void add_head(const hs_body_anatomy *a, const hs_body_pose *pose, hs_mesh *mesh)
{
    hs_sphere cranium, jaw;
    place_head(a, pose, &cranium, &jaw);
    double r = a->head_radius;
#define AT(x, y, z) hs_place(cranium.center, &pose->head, hs_vec(x *r, y *r, z *r))
    hs_sphere root = {hs_place(pose->neck, &pose->axes, hs_vec(0, -0.01, -0.01)), a->neck_radius};
    hs_sphere nape = {AT(0, -0.9, -0.2), 0.92 * a->neck_radius};
    hs_mesh_cone(mesh, HS_PART_NECK, root, nape);
    hs_mesh_cone(mesh, HS_PART_FACE, cranium, jaw);
    hs_sphere bridge = {AT(0, -0.05, 0.9), 0.11 * r}, nose = {AT(0, -0.5, 1.12), 0.16 * r};
    hs_mesh_cone(mesh, HS_PART_FACE, bridge, nose);
    for (int side = -1; side <= 1; side += 2) {
        hs_sphere top = {AT(side * 0.98, 0.05, -0.1), 0.13 * r};
        hs_sphere lobe = {AT(side * 0.95, -0.35, -0.05), 0.10 * r};
        hs_mesh_cone(mesh, HS_PART_FACE, top, lobe);
    }
    hs_sphere crown = {AT(0, 0.22, -0.08), 1.04 * r}, back = {AT(0, -0.35, -0.35), 0.86 * r};
    hs_mesh_cone(mesh, HS_PART_HAIR, crown, back);
#undef AT
}

/* Of each leg: hip, knee, ankle. */
static void place_legs(const hs_body_anatomy *a, const hs_body_pose *pose, const trunk *t,
                       hs_sphere joints[2][3])
{
    for (int left = 0; left < 2; left++) {
        double side = left ? -1 : 1, apart = side * sin(pose->knees / 2);
        hs_vec3 down = pose->seated ? hs_vec(apart, -0.12, cos(pose->knees / 2))
                                    : hs_vec(0.25 * apart, -1, 0.02);
        hs_vec3 thigh = hs_place(hs_vec(0, 0, 0), &pose->axes, hs_unit(down));
        hs_vec3 shin = hs_scale(pose->axes.y, -1);
        hs_sphere *j = joints[left];
        j[0] = (hs_sphere){t->hip[left].center, 0.88 * a->hip_radius};
        j[1] = (hs_sphere){hs_along(j[0].center, a->thigh, thigh), 0.58 * a->hip_radius};
        j[2] = (hs_sphere){hs_along(j[1].center, a->thigh, shin), 0.42 * a->hip_radius};
    }
}

static void add_legs(const hs_body_anatomy *a, const hs_body_pose *pose, const trunk *t,
                     hs_mesh *mesh)
{
    hs_sphere joints[2][3];
    place_legs(a, pose, t, joints);
    for (int left = 0; left < 2; left++)
        for (int i = 0; i < 2; i++)
            hs_mesh_cone(mesh, HS_PART_LEG, joints[left][i], joints[left][i + 1]);
}

void hs_body_mesh(const hs_body_anatomy *anatomy, const hs_body_pose *pose,
                  const hs_clothes *clothes, hs_mesh *mesh)
{
    trunk t = place_trunk(anatomy, pose, clothes->trunk_loose);
    add_trunk(&t, mesh);
    add_head(anatomy, pose, mesh);
    add_legs(anatomy, pose, &t, mesh);
}

void hs_face_mesh(const hs_body_anatomy *anatomy, const hs_body_pose *pose, hs_mesh *mesh)
{
    hs_sphere cranium, jaw;
    place_head(anatomy, pose, &cranium, &jaw);
    double r = anatomy->head_radius;
#define AT(x, y, z) hs_place(cranium.center, &pose->head, hs_vec(x *r, y *r, z *r))
    for (int side = -1; side <= 1; side += 2) {
        hs_sphere corner = {AT(side * 0.30, -0.08, 0.875), 0.09 * r};
        hs_sphere outer = {AT(side * 0.46, -0.07, 0.79), 0.07 * r};
        hs_mesh_cone(mesh, HS_PART_EYE, corner, outer);
        hs_sphere inner = {AT(side * 0.20, 0.20, 0.94), 0.05 * r};
        hs_sphere end = {AT(side * 0.58, 0.22, 0.77), 0.035 * r};
        hs_mesh_cone(mesh, HS_PART_BROW, inner, end);
    }
    hs_sphere right = {AT(0.24, -0.98, 0.97), 0.06 * r}, left = {AT(-0.24, -0.98, 0.97), 0.06 * r};
    hs_sphere middle = {AT(0, -0.98, 1.04), 0.075 * r};
    hs_mesh_cone(mesh, HS_PART_LIP, right, middle);
    hs_mesh_cone(mesh, HS_PART_LIP, middle, left);
#undef AT
}

/* Distances from shoulder to wrist between the bent and the nearly straight arm. */
static void reach_limits(const hs_body_anatomy *anatomy, double *least, double *most)
{
    double a = anatomy->upper_arm, b = anatomy->forearm;
    /* The elbow bends to about 145 degrees and is never quite straight. */
    *least = sqrt(a * a + b * b - 2 * a * b * cos(hs_radians(180 - 145)));
    *most = 0.995 * (a + b);
}

hs_vec3 hs_arm_limit(const hs_body_anatomy *anatomy, const hs_body_pose *pose, bool left,
                     hs_vec3 wrist)
{
    double least, most;
    reach_limits(anatomy, &least, &most);
    hs_vec3 shoulder = hs_body_shoulder(anatomy, pose, left), reach = hs_sub(wrist, shoulder);
    double d = hs_length(reach), within = hs_clamp(d, least + 1e-6, most - 1e-6);
    return d > 0 ? hs_along(shoulder, within / d, reach) : hs_along(shoulder, within, pose->axes.z);
}

bool hs_arm_reach(const hs_body_anatomy *anatomy, const hs_body_pose *pose, bool left,
                  hs_vec3 wrist, hs_vec3 elbow, double pronation, hs_arm *arm)
{
    double a = anatomy->upper_arm, b = anatomy->forearm;
    hs_vec3 shoulder = hs_body_shoulder(anatomy, pose, left), reach = hs_sub(wrist, shoulder);
    double d = hs_length(reach), least, most;
    reach_limits(anatomy, &least, &most);
    if (d > most || d < least)
        return false;
    hs_vec3 along = hs_scale(reach, 1 / d);
    double at = (d * d + a * a - b * b) / (2 * d), off = sqrt(fmax(0, a * a - at * at));
    hs_vec3 aside = hs_perpendicular(elbow, along);
    arm->shoulder = shoulder;
    arm->wrist = wrist;
    arm->elbow = hs_along(hs_along(shoulder, at, along), off, aside);
    hs_axes *axes = &arm->forearm;
    axes->y = hs_unit(hs_sub(wrist, arm->elbow));
    /* With the arm bent and the hand unturned the thumb points to the side of the shoulder. */
    axes->x = hs_perpendicular(hs_scale(aside, -1), axes->y);
    hs_vec3 palmar = left ? hs_cross(axes->y, axes->x) : hs_cross(axes->x, axes->y);
    hs_turn(&axes->x, &palmar, pronation);
    axes->z = hs_scale(palmar, -1);
    return true;
}

/* Spheres of a forearm from the wrist (0) to the elbow (1), `loose` metres thicker. */
static void place_forearm(const hs_subject *subject, const hs_arm *arm, double at, double loose,
                          hs_sphere pair[2])
{
    const hs_hand_anatomy *hand = &subject->hand;
    double bulge = 0.7, t = fmin(at, bulge) / bulge;
    double radius = hs_mix(hand->wrist_radius, subject->body.elbow_radius, t) + loose;
    double half = hs_mix(hand->wrist_half, 0.004, t);
    hs_vec3 center = hs_along(arm->wrist, at, hs_sub(arm->elbow, arm->wrist));
    /* The flat side turns with the hand near the wrist only; the axes are those of the wrist. */
    pair[0] = (hs_sphere){hs_along(center, half, arm->forearm.x), radius};
    pair[1] = (hs_sphere){hs_along(center, -half, arm->forearm.x), radius};
}

/* Adds the part of the forearm between two shares of its length, from the wrist. */
static void add_forearm(const hs_subject *subject, const hs_arm *arm, double from, double to,
                        double loose, uint8_t part, hs_mesh *mesh)
{
    const double bulge = 0.7;
    double cuts[3] = {from, hs_clamp(bulge, from, to), to};
    for (int i = 0; i < 2; i++) {
        hs_sphere near[2], far[2];
        if (cuts[i + 1] <= cuts[i])
            continue;
        place_forearm(subject, arm, cuts[i], loose, near);
        place_forearm(subject, arm, cuts[i + 1], loose, far);
        hs_mesh_quad(mesh, part, near[0], near[1], far[1], far[0]);
    }
}

void hs_arm_mesh(const hs_subject *subject, const hs_arm *arm, bool left, const hs_clothes *clothes,
                 hs_mesh *mesh)
{
    uint8_t side = left ? HS_PART_LEFT : 0;
    const hs_body_anatomy *a = &subject->body;
    bool bare = clothes->sleeve_end >= 1;
    double glove = clothes->glove_cuff / a->forearm;
    double end = bare ? 1 : fmax(clothes->sleeve_end, glove * 0.6);
    if (end > glove)
        add_forearm(subject, arm, glove, end, 0, (uint8_t)(HS_PART_FOREARM + side), mesh);
    if (!bare)
        add_forearm(subject, arm, end, 1, clothes->sleeve_loose, (uint8_t)(HS_PART_SLEEVE + side),
                    mesh);
    double loose = bare ? 0 : clothes->sleeve_loose;
    hs_sphere elbow = {arm->elbow, a->elbow_radius + loose};
    hs_sphere shoulder = {arm->shoulder, a->arm_radius + fmax(loose, 0.012)};
    /* A short sleeve ends above the middle of the upper arm. */
    hs_sphere middle = {hs_along(arm->shoulder, 0.6, hs_sub(arm->elbow, arm->shoulder)),
                        hs_mix(shoulder.radius, elbow.radius, 0.6)};
    uint8_t lower = bare ? HS_PART_UPPER_ARM : HS_PART_SLEEVE;
    hs_mesh_cone(mesh, (uint8_t)(lower + side), middle, elbow);
    middle.radius += bare ? 0.008 : 0;
    hs_mesh_cone(mesh, (uint8_t)(HS_PART_SLEEVE + side), shoulder, middle);
}

double hs_body_clearance(const hs_body_anatomy *anatomy, const hs_body_pose *pose,
                         const hs_clothes *clothes, const hs_sphere *spheres, int n)
{
    trunk t = place_trunk(anatomy, pose, clothes->trunk_loose);
    hs_sphere cranium, jaw, leg[2][3];
    place_head(anatomy, pose, &cranium, &jaw);
    place_legs(anatomy, pose, &t, leg);
    const hs_sphere ends[][2] = {
        {t.chest[0], t.chest[1]}, {t.chest[0], t.waist[0]}, {t.chest[1], t.waist[1]},
        {t.chest[0], t.waist[1]}, {t.waist[0], t.waist[1]}, {t.waist[0], t.hip[0]},
        {t.waist[1], t.hip[1]},   {t.hip[0], t.hip[1]},     {t.neck, t.chest[0]},
        {t.neck, t.chest[1]},     {t.belly, t.belly},       {cranium, jaw},
        {leg[0][0], leg[0][1]},   {leg[0][1], leg[0][2]},   {leg[1][0], leg[1][1]},
        {leg[1][1], leg[1][2]}};
    double least = INFINITY;
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
            double gap = hs_cone_distance(ends[k][0], ends[k][1], spheres[i].center);
            least = fmin(least, gap - spheres[i].radius);
        }
    return least;
}

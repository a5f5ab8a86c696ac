#include "synth/hand.h"

/* Where the metacarpals start and point: millimetres and degrees of a hand of scale 1. */
static const struct ray {
    hs_vec3 base;
    double fan; /* of the metacarpal towards the thumb */
} rays[HS_FINGERS] = {
    [HS_THUMB] = {{17, 15, -6}, 0},     [HS_INDEX] = {{10, 24, 0}, 9},
    [HS_MIDDLE] = {{2, 25, 2}, 1},      [HS_RING] = {{-7, 24, 1}, -8},
    [HS_LITTLE] = {{-14, 21, -3}, -17},
};

static hs_vec3 fanned(double angle)
{
    return hs_vec(sin(angle), cos(angle), 0);
}

/* Directions of the fingers in the plane of the palm. */
static void finger_directions(const hs_hand_pose *pose, double direction[HS_FINGERS])
{
    const double *a = pose->angle;
    direction[HS_MIDDLE] = a[HS_JOINT_SWAY];
    direction[HS_INDEX] = direction[HS_MIDDLE] + a[HS_JOINT_INDEX_SPREAD];
    direction[HS_RING] = direction[HS_MIDDLE] - a[HS_JOINT_RING_SPREAD];
    direction[HS_LITTLE] = direction[HS_RING] - a[HS_JOINT_LITTLE_SPREAD];
    for (int f = HS_INDEX; f <= HS_LITTLE; f++) {
        /* Bent fingers come together: the joint's ligaments are tight in flexion. */
        double bent = hs_clamp(a[hs_finger_joint(f, 0)] / hs_joint_high(HS_JOINT_INDEX_MCP), 0, 1);
        direction[f] = hs_mix(direction[f], direction[HS_MIDDLE], 0.8 * bent);
    }
}

static void place_finger(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose, int f,
                         double direction, hs_skeleton *s)
{
    const hs_finger *finger = &anatomy->fingers[f];
    hs_vec3 palmar = hs_vec(0, 0, -1), along = fanned(hs_radians(rays[f].fan));
    double cup = pose->angle[HS_JOINT_CUP];
    cup = f == HS_LITTLE ? cup : f == HS_RING ? cup / 2 : 0;
    s->joint[f][0] = hs_scale(rays[f].base, 0.001 * anatomy->scale);
    hs_turn(&along, &palmar, cup);
    s->joint[f][1] = hs_along(s->joint[f][0], finger->length[0], along);
    palmar = hs_vec(0, 0, -1), along = fanned(direction);
    hs_turn(&along, &palmar, cup);
    for (int b = 1; b < finger->bones; b++) {
        hs_turn(&along, &palmar, pose->angle[hs_finger_joint(f, b - 1)]);
        s->joint[f][b + 1] = hs_along(s->joint[f][b], finger->length[b], along);
    }
    s->tip[f] = hs_along(s->joint[f][finger->bones], finger->pulp - finger->radius[3], along);
}

static void place_thumb(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose, hs_skeleton *s)
{
    const hs_finger *finger = &anatomy->fingers[HS_THUMB];
    double spread = pose->angle[HS_JOINT_THUMB_SPREAD] + hs_radians(rays[HS_INDEX].fan);
    double turn = pose->angle[HS_JOINT_THUMB_OPPOSITION];
    hs_vec3 aside = hs_vec(cos(turn), 0, -sin(turn));
    hs_vec3 along = hs_along(hs_scale(aside, sin(spread)), cos(spread), hs_vec(0, 1, 0));
    /* The thumb bends across the palm: towards the little finger and somewhat to the front. */
    hs_vec3 bend = hs_perpendicular(hs_vec(-1, -0.1, -0.35), along);
    s->joint[HS_THUMB][0] = hs_scale(rays[HS_THUMB].base, 0.001 * anatomy->scale);
    for (int b = 0; b < finger->bones; b++) {
        if (b > 0)
            hs_turn(&along, &bend, pose->angle[HS_JOINT_THUMB_MCP + b - 1]);
        s->joint[HS_THUMB][b + 1] = hs_along(s->joint[HS_THUMB][b], finger->length[b], along);
    }
    s->tip[HS_THUMB] =
        hs_along(s->joint[HS_THUMB][finger->bones], finger->pulp - finger->radius[3], along);
}

hs_skeleton hs_hand_skeleton(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose)
{
    hs_skeleton s = {0};
    double direction[HS_FINGERS];
    finger_directions(pose, direction);
    place_thumb(anatomy, pose, &s);
    for (int f = HS_INDEX; f <= HS_LITTLE; f++)
        place_finger(anatomy, pose, f, direction[f], &s);
    return s;
}

hs_axes hs_hand_axes(const hs_axes *forearm, const hs_hand_pose *pose)
{
    hs_axes axes = *forearm;
    hs_vec3 palmar = hs_scale(axes.z, -1);
    hs_turn(&axes.y, &axes.x, pose->angle[HS_JOINT_WRIST_DEVIATION]);
    hs_turn(&axes.y, &palmar, pose->angle[HS_JOINT_WRIST_FLEXION]);
    axes.z = hs_scale(palmar, -1);
    return axes;
}

/* Spheres of the hand, placed; `thick` metres of glove over the skin. */
typedef struct spheres {
    hs_sphere finger[HS_FINGERS][4]; /* base to tip */
    hs_sphere palm[HS_FINGERS];      /* heads of the metacarpals; [HS_THUMB]: web */
    hs_sphere wrist[2];              /* thumb's side, little finger's side */
    hs_sphere heel;                  /* below the little finger */
} spheres;

static spheres place_spheres(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose,
                             const hs_limb *limb, double thick)
{
    hs_skeleton k = hs_hand_skeleton(anatomy, pose);
    spheres s;
#define AT(p) hs_place(limb->wrist, &limb->hand, p)
    for (int f = 0; f < HS_FINGERS; f++) {
        const hs_finger *finger = &anatomy->fingers[f];
        int first = f == HS_THUMB ? 0 : 1;
        for (int j = 0; j < 3; j++)
            s.finger[f][j] = (hs_sphere){AT(k.joint[f][first + j]), finger->radius[j] + thick};
        s.finger[f][3] = (hs_sphere){AT(k.tip[f]), finger->radius[3] + thick};
        s.palm[f] = (hs_sphere){AT(hs_along(k.joint[f][1], -0.002, hs_vec(0, 0, 1))),
                                anatomy->palm_radius[f] + thick};
    }
    const hs_vec3 *thumb = k.joint[HS_THUMB];
    s.palm[HS_THUMB] = (hs_sphere){AT(hs_along(thumb[0], 0.62, hs_sub(thumb[1], thumb[0]))),
                                   0.62 * anatomy->fingers[HS_THUMB].radius[1] + thick};
    double wrist = anatomy->wrist_radius + thick;
    double half = anatomy->wrist_half, scale = 0.001 * anatomy->scale;
    s.wrist[0] = (hs_sphere){AT(hs_vec(half, 0, 0)), wrist};
    s.wrist[1] = (hs_sphere){AT(hs_vec(-half, 0, 0)), wrist};
    s.heel = (hs_sphere){AT(hs_scale(hs_vec(-17, 26, -5), scale)), 0.94 * wrist};
#undef AT
    return s;
}

static void add_cuff(const hs_hand_anatomy *anatomy, const hs_limb *limb, const hs_clothes *clothes,
                     uint8_t part, hs_mesh *mesh)
{
    hs_sphere end[4];
    for (int i = 0; i < 4; i++) {
        double x = i == 0 || i == 3 ? anatomy->wrist_half : -anatomy->wrist_half;
        hs_vec3 p = hs_vec(x, i < 2 ? 0 : -clothes->glove_cuff, 0);
        /* A glove's hem stands off the skin a little. */
        double stand_off = clothes->glove_thick + (i < 2 ? 0 : 0.001);
        end[i] = (hs_sphere){hs_place(limb->wrist, &limb->forearm, p),
                             anatomy->wrist_radius + stand_off};
    }
    hs_mesh_quad(mesh, part, end[0], end[1], end[2], end[3]);
}

void hs_hand_mesh(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose, const hs_limb *limb,
                  const hs_clothes *clothes, hs_mesh *mesh)
{
    static const uint8_t parts[HS_FINGERS] = {HS_PART_THUMB, HS_PART_INDEX, HS_PART_MIDDLE,
                                              HS_PART_RING, HS_PART_LITTLE};
    uint8_t side = limb->left ? HS_PART_LEFT : 0, palm = (uint8_t)(HS_PART_PALM + side);
    spheres s = place_spheres(anatomy, pose, limb, clothes->glove_thick);
    for (int f = 0; f < HS_FINGERS; f++)
        for (int j = 0; j < 3; j++)
            hs_mesh_cone(mesh, (uint8_t)(parts[f] + side), s.finger[f][j], s.finger[f][j + 1]);
    hs_mesh_wedge(mesh, palm, s.wrist[0], s.wrist[1], s.palm[HS_MIDDLE]);
    hs_mesh_wedge(mesh, palm, s.wrist[0], s.palm[HS_INDEX], s.palm[HS_MIDDLE]);
    hs_mesh_wedge(mesh, palm, s.wrist[1], s.palm[HS_MIDDLE], s.palm[HS_RING]);
    hs_mesh_wedge(mesh, palm, s.wrist[1], s.palm[HS_RING], s.palm[HS_LITTLE]);
    hs_mesh_wedge(mesh, palm, s.wrist[1], s.heel, s.palm[HS_LITTLE]);
    hs_mesh_wedge(mesh, palm, s.wrist[0], s.finger[HS_THUMB][0], s.palm[HS_INDEX]);
    hs_mesh_wedge(mesh, palm, s.finger[HS_THUMB][0], s.palm[HS_THUMB], s.palm[HS_INDEX]);
    if (clothes->glove_cuff > 0)
        add_cuff(anatomy, limb, clothes, (uint8_t)(HS_PART_CUFF + side), mesh);
}

int hs_hand_spheres(const hs_hand_anatomy *anatomy, const hs_hand_pose *pose, const hs_limb *limb,
                    hs_sphere out[HS_HAND_SPHERES])
{
    spheres s = place_spheres(anatomy, pose, limb, 0);
    int n = 0;
    for (int f = 0; f < HS_FINGERS; f++)
        for (int j = f == HS_THUMB; j < 4; j++)
            out[n++] = s.finger[f][j];
    out[n++] = s.heel;
    out[n++] = s.wrist[0];
    out[n++] = s.wrist[1];
    hs_sphere *palm = s.palm; /* the middle of the palm, between wrist and knuckles */
    out[n++] = (hs_sphere){hs_scale(hs_add(palm[HS_MIDDLE].center, limb->wrist), 0.5),
                           1.6 * palm[HS_MIDDLE].radius};
    return n;
}

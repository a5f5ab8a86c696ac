#include "synth/pose.h"

static const struct limits {
    double low, high;
} limits[HS_JOINTS] = {
#define HS_JOINT(name, low, high, meaning) {low, high},
#include "synth/joints.def"
#undef HS_JOINT
};

/* A gesture in degrees: how far the fingers are bent (MCP, PIP; DIP follows), how spread they are
 * (0 closed, 1 widest), and the thumb (spread, opposition, MCP, IP). */
static const struct gesture {
    const char *name;
    double weight; /* how often it is made */
    double finger[4][2];
    double spread;
    double thumb[4];
} gestures[] = {
    {"open", 4.5, {{0, 4}, {0, 4}, {0, 5}, {0, 5}}, 0.9, {48, 10, 0, 0}},
    {"flat", 2.5, {{3, 3}, {3, 3}, {3, 3}, {3, 4}}, 0.1, {14, 15, 5, 5}},
    {"relaxed", 3.0, {{18, 28}, {24, 33}, {28, 36}, {30, 36}}, 0.25, {28, 38, 14, 16}},
    {"half_closed", 2.0, {{38, 48}, {42, 52}, {46, 54}, {48, 54}}, 0.2, {30, 50, 20, 22}},
    {"fist", 2.0, {{78, 92}, {80, 93}, {80, 92}, {78, 88}}, 0.0, {18, 62, 42, 50}},
    {"fist_thumb_inside", 0.4, {{68, 86}, {72, 88}, {72, 88}, {70, 84}}, 0.0, {20, 85, 50, 40}},
    {"thumbs_up", 1.2, {{76, 92}, {78, 93}, {78, 92}, {76, 88}}, 0.0, {44, -4, -3, -6}},
    {"point", 2.2, {{4, 6}, {74, 90}, {76, 90}, {74, 86}}, 0.1, {20, 62, 36, 40}},
    {"gun", 0.9, {{4, 5}, {72, 88}, {74, 90}, {72, 86}}, 0.1, {48, 4, 0, 2}},
    {"two", 1.6, {{2, 4}, {2, 5}, {72, 90}, {70, 86}}, 0.8, {20, 70, 40, 42}},
    {"three", 1.2, {{2, 4}, {1, 4}, {4, 6}, {66, 82}}, 0.7, {24, 76, 40, 40}},
    {"thumb_two", 1.0, {{2, 4}, {2, 5}, {72, 88}, {70, 84}}, 0.7, {48, 8, 0, 0}},
    {"four", 1.6, {{0, 4}, {0, 4}, {1, 5}, {2, 6}}, 0.7, {18, 78, 34, 32}},
    {"pinch", 2.0, {{46, 42}, {38, 46}, {40, 50}, {42, 50}}, 0.25, {34, 68, 14, 26}},
    {"ok", 1.4, {{48, 46}, {16, 14}, {10, 10}, {6, 8}}, 0.6, {34, 66, 16, 28}},
    {"tripod", 1.2, {{48, 38}, {50, 42}, {56, 58}, {60, 60}}, 0.1, {32, 74, 14, 26}},
    {"claw", 1.4, {{-6, 58}, {-6, 60}, {-4, 60}, {-2, 56}}, 0.7, {44, 40, 10, 44}},
    {"grip", 1.6, {{34, 42}, {38, 46}, {42, 48}, {46, 46}}, 0.45, {42, 66, 12, 14}},
    {"tight_grip", 1.0, {{52, 66}, {56, 70}, {60, 72}, {62, 68}}, 0.1, {30, 78, 24, 26}},
    {"hook", 0.6, {{2, 84}, {2, 88}, {2, 86}, {4, 80}}, 0.1, {20, 30, 20, 24}},
    {"horns", 0.7, {{2, 5}, {74, 90}, {74, 90}, {4, 6}}, 0.5, {22, 72, 40, 40}},
    {"call", 0.7, {{74, 90}, {76, 92}, {74, 90}, {4, 6}}, 0.6, {52, 0, -4, -6}},
    {"little_out", 0.4, {{70, 86}, {72, 88}, {70, 86}, {4, 6}}, 0.4, {24, 70, 36, 36}},
    {"flat_bent", 0.9, {{66, 6}, {68, 6}, {70, 6}, {70, 8}}, 0.1, {20, 58, 10, 8}},
    {"spread_bent", 1.6, {{22, 30}, {22, 32}, {24, 34}, {26, 32}}, 0.9, {50, 30, 6, 14}},
};

enum { GESTURES = sizeof gestures / sizeof *gestures };

double hs_joint_low(hs_joint joint)
{
    return hs_radians(limits[joint].low);
}

double hs_joint_high(hs_joint joint)
{
    return hs_radians(limits[joint].high);
}

hs_joint hs_finger_joint(int finger, int joint)
{
    return (hs_joint)(HS_JOINT_INDEX_MCP + 3 * (finger - HS_INDEX) + joint);
}

int hs_gesture_count(void)
{
    return GESTURES;
}

const char *hs_gesture_name(int gesture)
{
    return gestures[gesture].name;
}

static void keep_limits(hs_hand_pose *pose)
{
    for (int j = 0; j < HS_JOINTS; j++)
        pose->angle[j] =
            hs_clamp(pose->angle[j], hs_joint_low((hs_joint)j), hs_joint_high((hs_joint)j));
}

hs_hand_pose hs_gesture_pose(int gesture)
{
    const struct gesture *g = &gestures[gesture];
    hs_hand_pose pose = {{0}};
    double *angle = pose.angle, bent = 0;
    for (int f = HS_INDEX; f <= HS_LITTLE; f++) {
        const double *finger = g->finger[f - HS_INDEX];
        angle[hs_finger_joint(f, 0)] = hs_radians(finger[0]);
        angle[hs_finger_joint(f, 1)] = hs_radians(finger[1]);
        angle[hs_finger_joint(f, 2)] = hs_radians(finger[1] * 2 / 3);
        bent += f >= HS_RING ? finger[0] / 2 : 0;
    }
    for (int j = HS_JOINT_INDEX_SPREAD; j <= HS_JOINT_LITTLE_SPREAD; j++)
        angle[j] = hs_mix(hs_joint_low((hs_joint)j), hs_joint_high((hs_joint)j), g->spread);
    for (int i = 0; i < 4; i++)
        angle[HS_JOINT_THUMB_SPREAD + i] = hs_radians(g->thumb[i]);
    angle[HS_JOINT_CUP] = hs_radians(fmax(0, bent) * 0.2);
    keep_limits(&pose);
    return pose;
}

static int draw_gesture(hs_rng *rng)
{
    double total = 0;
    for (int i = 0; i < GESTURES; i++)
        total += gestures[i].weight;
    double at = hs_rng_range(rng, 0, total);
    int g = 0;
    while (g < GESTURES - 1 && at >= gestures[g].weight)
        at -= gestures[g++].weight;
    return g;
}

hs_hand_pose hs_pose_draw(const hs_subject *subject, hs_rng *rng)
{
    hs_hand_pose pose = hs_gesture_pose(draw_gesture(rng));
    hs_hand_pose other = hs_gesture_pose(draw_gesture(rng));
    /* Half of the time on the way from one gesture to another. */
    double t = hs_rng_uniform(rng) < 0.5 ? 0 : hs_rng_range(rng, 0.1, 0.9);
    const double *bias = subject->pose_bias;
    double loose = hs_rng_range(rng, 0, 1); /* some poses are held precisely */
    double bend = bias[0] + hs_radians(5) * loose * hs_rng_normal(rng);
    for (int j = 0; j < HS_JOINTS; j++) {
        double angle = hs_mix(pose.angle[j], other.angle[j], t);
        double common = j < HS_JOINT_INDEX_SPREAD     ? bend
                        : j <= HS_JOINT_LITTLE_SPREAD ? bias[1]
                        : j <= HS_JOINT_THUMB_IP      ? bias[2]
                                                      : 0;
        double deviation = j >= HS_JOINT_INDEX_SPREAD && j <= HS_JOINT_SWAY ? 3 : 8;
        pose.angle[j] = angle + common + hs_radians(deviation) * loose * hs_rng_normal(rng);
    }
    for (int f = HS_INDEX; f <= HS_LITTLE; f++) /* one tendon bends both end joints */
        pose.angle[hs_finger_joint(f, 2)] =
            pose.angle[hs_finger_joint(f, 1)] * 2 / 3 + hs_radians(3) * hs_rng_normal(rng);
    pose.angle[HS_JOINT_WRIST_FLEXION] = bias[3] + hs_radians(24) * hs_rng_normal(rng);
    pose.angle[HS_JOINT_WRIST_DEVIATION] = hs_radians(-3 + 10 * hs_rng_normal(rng));
    keep_limits(&pose);
    return pose;
}

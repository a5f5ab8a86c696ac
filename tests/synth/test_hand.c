/* Anatomy, joint limits, kinematics of hand and arm, left against right. */
#include "support/suite.h"
#include "synth/body.h"
#include "synth/raycast.h"
#include <stdlib.h>
#include <string.h>

enum { SUBJECTS = 40, POSES = 50, W = 64, H = 48 };

static const double degree = HS_PI / 180;

START_TEST(poses_keep_the_joint_limits)
{
    /* Limits as measured on people, apart from the table the poses are kept to. */
    static const double flexion[3] = {87, 97, 85};
    for (uint32_t s = 1; s <= SUBJECTS; s++) {
        hs_subject person = hs_subject_make(3, s);
        hs_rng rng = hs_rng_make(3, 0, s, HS_PURPOSE_TEST);
        for (int i = 0; i < POSES; i++) {
            hs_hand_pose pose = hs_pose_draw(&person, &rng);
            for (int j = 0; j < HS_JOINTS; j++) {
                ck_assert_double_ge(pose.angle[j], hs_joint_low((hs_joint)j));
                ck_assert_double_le(pose.angle[j], hs_joint_high((hs_joint)j));
            }
            for (int f = HS_INDEX; f <= HS_LITTLE; f++)
                for (int j = 0; j < 3; j++)
                    ck_assert_double_le(pose.angle[hs_finger_joint(f, j)],
                                        (flexion[j] + 1e-9) * degree);
            ck_assert_double_le(pose.angle[HS_JOINT_THUMB_SPREAD], 53.001 * degree);
            ck_assert_double_le(pose.angle[HS_JOINT_INDEX_SPREAD], 17.001 * degree);
            ck_assert_double_le(pose.angle[HS_JOINT_RING_SPREAD], 14.001 * degree);
            ck_assert_double_le(pose.angle[HS_JOINT_LITTLE_SPREAD], 32.001 * degree);
        }
    }
}
END_TEST

START_TEST(gestures_are_all_different)
{
    for (int a = 0; a < hs_gesture_count(); a++)
        for (int b = 0; b < a; b++) {
            hs_hand_pose p = hs_gesture_pose(a), q = hs_gesture_pose(b);
            double difference = 0;
            for (int j = 0; j < HS_JOINTS; j++)
                difference += fabs(p.angle[j] - q.angle[j]);
            ck_assert_msg(difference > 30 * degree, "%s and %s", hs_gesture_name(a),
                          hs_gesture_name(b));
        }
}
END_TEST

START_TEST(poses_keep_the_bones_lengths)
{
    for (uint32_t s = 1; s <= SUBJECTS; s++) {
        hs_subject person = hs_subject_make(5, s);
        hs_rng rng = hs_rng_make(5, 0, s, HS_PURPOSE_TEST);
        for (int i = 0; i < POSES; i++) {
            hs_hand_pose pose = hs_pose_draw(&person, &rng);
            hs_skeleton k = hs_hand_skeleton(&person.hand, &pose);
            for (int f = 0; f < HS_FINGERS; f++) {
                const hs_finger *finger = &person.hand.fingers[f];
                ck_assert_int_eq(finger->bones, f == HS_THUMB ? 3 : 4);
                for (int b = 0; b < finger->bones; b++)
                    ck_assert_double_eq_tol(hs_distance(k.joint[f][b], k.joint[f][b + 1]),
                                            finger->length[b], 1e-9);
                double pulp = hs_distance(k.joint[f][finger->bones], k.tip[f]);
                ck_assert_double_eq_tol(pulp, fabs(finger->pulp - finger->radius[3]), 1e-9);
            }
        }
    }
}
END_TEST

START_TEST(angles_between_bones_are_the_joints_angles)
{
    hs_subject person = hs_subject_make(5, 1);
    hs_hand_pose pose = hs_gesture_pose(3);
    hs_skeleton k = hs_hand_skeleton(&person.hand, &pose);
    for (int f = HS_INDEX; f <= HS_LITTLE; f++)
        for (int j = 1; j < 3; j++) {
            hs_vec3 a = hs_unit(hs_sub(k.joint[f][j + 1], k.joint[f][j]));
            hs_vec3 b = hs_unit(hs_sub(k.joint[f][j + 2], k.joint[f][j + 1]));
            ck_assert_double_eq_tol(acos(hs_dot(a, b)), pose.angle[hs_finger_joint(f, j)], 1e-6);
            ck_assert_double_lt(hs_cross(a, b).x, 0); /* about the axis that leads to the palm */
        }
}
END_TEST

START_TEST(anatomy_is_human_and_differs)
{
    double sum = 0, square = 0;
    for (uint32_t s = 1; s <= 400; s++) {
        hs_hand_anatomy hand = hs_subject_make(7, s).hand;
        const hs_finger *middle = &hand.fingers[HS_MIDDLE];
        double length = middle->pulp;
        for (int b = 0; b < 4; b++)
            length += middle->length[b];
        ck_assert_double_gt(length, 0.120);
        ck_assert_double_lt(length, 0.205);
        sum += length, square += length * length;
        for (int f = 0; f < HS_FINGERS; f++)
            for (int j = 0; j < 3; j++)
                ck_assert_double_ge(hand.fingers[f].radius[j], hand.fingers[f].radius[j + 1]);
    }
    /* 64.6 + 44.6 + 26.3 + 17.4 mm of bone and 5 of pulp. */
    double mean = sum / 400, deviation = sqrt(square / 400 - mean * mean);
    ck_assert_double_eq_tol(mean, 0.158, 0.004);
    ck_assert_double_gt(deviation / mean, 0.045);
    ck_assert_double_lt(deviation / mean, 0.085);
}
END_TEST

/* Seen from behind: x right, y up, z towards the viewer, so that the person faces away from him. */
START_TEST(a_right_hand_is_a_right_hand)
{
    hs_subject person = hs_subject_make(5, 2);
    hs_body_pose body = {.axes = {{1, 0, 0}, {0, 1, 0}, {0, 0, -1}}};
    for (int left = 0; left < 2; left++) {
        double side = left ? -1 : 1;
        hs_vec3 wrist = hs_vec(side * person.body.shoulder_half, -0.3, -0.25);
        hs_vec3 elbow = hs_vec(0, -1, 0.3);
        hs_arm arm;
        ck_assert(hs_arm_reach(&person.body, &body, left, wrist, elbow, 0, &arm));
        ck_assert_double_gt(arm.forearm.x.y, 0.7);        /* the thumb is up */
        ck_assert_double_gt(side * arm.forearm.z.x, 0.7); /* the back of the hand is outside */
        ck_assert(hs_arm_reach(&person.body, &body, left, wrist, elbow, HS_PI / 2, &arm));
        ck_assert_double_lt(side * arm.forearm.x.x, -0.7); /* palm down: the thumb is inside */
        ck_assert_double_gt(arm.forearm.z.y, 0.7);
    }
}
END_TEST

START_TEST(arms_connect_shoulder_to_wrist)
{
    hs_subject person = hs_subject_make(5, 3);
    hs_body_pose body = {.axes = {{-1, 0, 0}, {0, -1, 0}, {0, 0, -1}}, .neck = {0, -0.2, 0.9}};
    hs_rng rng = hs_rng_make(5, 0, 1, HS_PURPOSE_TEST);
    int reached = 0;
    for (int i = 0; i < 500; i++) {
        bool left = i & 1;
        hs_vec3 wrist = hs_vec(hs_rng_range(&rng, -0.5, 0.5), hs_rng_range(&rng, -0.5, 0.5),
                               hs_rng_range(&rng, 0.2, 0.9));
        hs_vec3 shoulder = hs_body_shoulder(&person.body, &body, left);
        double length = person.body.upper_arm + person.body.forearm;
        hs_arm arm;
        if (!hs_arm_reach(&person.body, &body, left, wrist, hs_vec(0, 1, 0), 0.3, &arm))
            continue;
        reached++;
        ck_assert_double_lt(hs_distance(wrist, shoulder), length);
        ck_assert_double_eq_tol(hs_distance(arm.shoulder, shoulder), 0, 1e-12);
        ck_assert_double_eq_tol(hs_distance(arm.shoulder, arm.elbow), person.body.upper_arm, 1e-9);
        ck_assert_double_eq_tol(hs_distance(arm.elbow, arm.wrist), person.body.forearm, 1e-9);
        ck_assert_double_eq_tol(hs_distance(arm.wrist, wrist), 0, 1e-12);
        const hs_axes *a = &arm.forearm;
        ck_assert_double_eq_tol(hs_dot(a->x, a->y), 0, 1e-9);
        ck_assert_double_eq_tol(hs_dot(hs_cross(a->x, a->y), a->z), left ? 1 : -1, 1e-9);
    }
    ck_assert_int_gt(reached, 50);
}
END_TEST

/* Renders one hand into depth and label [H][W]. */
static void render_hand(const hs_subject *person, const hs_hand_pose *pose, const hs_limb *limb,
                        float *depth, uint8_t *label)
{
    static float normal[3][W * H];
    static uint16_t surface[W * H];
    hs_camera camera = {.width = W, .height = H, .fx = 90, .fy = 90};
    camera.cx = (W - 1) / 2.0, camera.cy = (H - 1) / 2.0;
    hs_rays rays;
    ck_assert_ok(hs_rays_init(&rays, &camera));
    hs_mesh *mesh = malloc(sizeof *mesh);
    mesh->count = 0;
    hs_clothes clothes = {.glove_cuff = 0.03, .glove_thick = 0.001};
    hs_hand_mesh(&person->hand, pose, limb, &clothes, mesh);
    hs_view view = {W, H, depth, surface, label, {normal[0], normal[1], normal[2]}};
    hs_raycast(mesh, &rays, INFINITY, &view);
    for (int i = 0; i < W * H; i++)
        label[i] = hs_part_label(label[i]);
    hs_rays_free(&rays);
    free(mesh);
}

static hs_axes mirrored(hs_axes axes)
{
    axes.x.x = -axes.x.x, axes.y.x = -axes.y.x, axes.z.x = -axes.z.x;
    return axes;
}

START_TEST(left_and_right_are_mirror_images)
{
    static float right[W * H], left[W * H];
    static uint8_t right_label[W * H], left_label[W * H];
    hs_subject person = hs_subject_make(9, 1);
    int hits = 0, differ = 0;
    for (int g = 0; g < hs_gesture_count(); g++) {
        hs_hand_pose pose = hs_gesture_pose(g);
        hs_limb limb = {.wrist = {0.01, 0.06, 0.45}};
        limb.forearm = (hs_axes){{1, 0, 0}, {0, -1, 0}, {0, 0, 1}};
        hs_turn(&limb.forearm.x, &limb.forearm.z, 0.2 * g);
        limb.hand = hs_hand_axes(&limb.forearm, &pose);
        render_hand(&person, &pose, &limb, right, right_label);
        limb.left = true;
        limb.wrist.x = -limb.wrist.x;
        limb.hand = mirrored(limb.hand), limb.forearm = mirrored(limb.forearm);
        render_hand(&person, &pose, &limb, left, left_label);
        for (int v = 0; v < H; v++)
            for (int u = 0; u < W; u++) {
                int i = v * W + u, k = v * W + W - 1 - u;
                differ += fabsf(right[i] - left[k]) > 1e-6f;
                differ += 2 * right_label[i] != left_label[k];
                hits += right_label[i] == 1;
            }
    }
    ck_assert_int_eq(differ, 0);
    ck_assert_int_gt(hits, 2000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/hand");
    TCase *tests = tcase_create("hand");
    tcase_add_test(tests, poses_keep_the_joint_limits);
    tcase_add_test(tests, gestures_are_all_different);
    tcase_add_test(tests, poses_keep_the_bones_lengths);
    tcase_add_test(tests, angles_between_bones_are_the_joints_angles);
    tcase_add_test(tests, anatomy_is_human_and_differs);
    tcase_add_test(tests, a_right_hand_is_a_right_hand);
    tcase_add_test(tests, arms_connect_shoulder_to_wrist);
    tcase_add_test(tests, left_and_right_are_mirror_images);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

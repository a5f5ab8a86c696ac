/* Rendered recordings: what both cameras see, how people move, what goes wrong, the probe. */
#include "support/suite.h"
#include "synth/probe.h"
#include "synth/take.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = 320, H = 240, N = W * H };

/* The paper's colours: lowest and highest hue, saturation, value of each glove. */
static const int ranges[2][6] = {{28, 70, 35, 200, 100, 255}, {3, 15, 160, 255, 100, 255}};

static const hs_profile *profile;
static hs_recorder recorder;
static hs_recorder_buffers buffers;
static uint16_t depth[N];
static uint8_t truth[N], picture[3 * N];

static void set_up(void)
{
    ck_assert_ok(hs_profile_find("handseg", &profile));
    ck_assert_ok(hs_recorder_init(&recorder, profile, 21, W, H));
    ck_assert_ok(hs_recorder_buffers_init(&buffers, &recorder));
}

static void tear_down(void)
{
    hs_recorder_buffers_free(&buffers);
    hs_recorder_free(&recorder);
}

/* Hue 0 to 180, saturation and value 0 to 255, in real numbers. */
static void to_hsv(const uint8_t *rgb, double hsv[3])
{
    double r = rgb[0], g = rgb[1], b = rgb[2];
    double most = fmax(r, fmax(g, b)), span = most - fmin(r, fmin(g, b));
    double h = span == 0   ? 0
               : most == r ? (g - b) / span
               : most == g ? 2 + (b - r) / span
                           : 4 + (r - g) / span;
    hsv[0] = 30 * (h < 0 ? h + 6 : h);
    hsv[1] = most > 0 ? 255 * span / most : 0;
    hsv[2] = most;
}

static bool is_glove(const uint8_t *rgb, int left)
{
    double hsv[3];
    to_hsv(rgb, hsv);
    for (int c = 0; c < 3; c++)
        if (hsv[c] < ranges[left][2 * c] - 0.5 || hsv[c] > ranges[left][2 * c + 1] + 0.5)
            return false;
    return true;
}

/* A point of the depth camera's frame in the colour camera's, by the numbers a recording gives. */
static void to_color(const double p[3], double q[3])
{
    const hs_rig *rig = &recorder.rig;
    for (int i = 0; i < 3; i++)
        q[i] = rig->rotation[3 * i] * p[0] + rig->rotation[3 * i + 1] * p[1] +
               rig->rotation[3 * i + 2] * p[2] + rig->translation[i];
}

/* Nearest pixel of the colour picture; false outside. */
static bool to_pixel(const double q[3], int *pixel)
{
    double point[2];
    hs_lens_project(&recorder.rig.color, q[0] / q[2], q[1] / q[2], point);
    double u = round(point[0]), v = round(point[1]);
    *pixel = (int)v * W + (int)u;
    return u >= 0 && v >= 0 && u < W && v < H;
}

static void point_of(int i, double z, double p[3])
{
    double ray[2];
    hs_lens_ray(&recorder.rig.depth, i % W, i / W, ray);
    p[0] = ray[0] * z, p[1] = ray[1] * z, p[2] = z;
}

/* True where the label holds for all pixels around. */
static bool inside(int i)
{
    int u = i % W, v = i / W;
    if (u < 2 || v < 2 || u >= W - 2 || v >= H - 2)
        return false;
    for (int dv = -2; dv <= 2; dv++)
        for (int du = -2; du <= 2; du++)
            if (truth[i + dv * W + du] != truth[i])
                return false;
    return true;
}

START_TEST(the_rig_is_that_of_the_camera)
{
    const hs_rig *rig = &recorder.rig;
    ck_assert_double_eq_tol(rig->color.fx, 620.33 / 2, 1e-9);
    ck_assert_double_eq_tol(rig->color.cx, (309.21 + 0.5) / 2 - 0.5, 1e-9);
    ck_assert_int_eq(rig->color.model, HS_LENS_NONE);
    ck_assert_double_eq_tol(rig->translation[0], 0.0257, 1e-12);
    ck_assert_int_eq(rig->depth.model, HS_LENS_INVERSE_BROWN_CONRADY);
    double off = 0;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            double dot = 0;
            for (int c = 0; c < 3; c++)
                dot += rig->rotation[3 * i + c] * rig->rotation[3 * k + c];
            ck_assert_double_eq_tol(dot, i == k, 1e-9);
            off = fmax(off, fabs(rig->rotation[3 * i + k] - (i == k)));
        }
    ck_assert_double_gt(off, 0);
    ck_assert_double_lt(off, 5e-3);
}
END_TEST

START_TEST(both_cameras_see_one_scene)
{
    static float seen[N];
    static uint8_t part[N];
    hs_take take;
    ck_assert_ok(hs_take_init(&take, &recorder, 2, 12, 0.5));
    for (int f = 0; f < take.count; f += 3) {
        take.frames[f].time[HS_COLOR_VIEW] = take.frames[f].time[HS_DEPTH_VIEW];
        hs_take_depth(&recorder, &take, f, &buffers, depth, truth);
        memcpy(seen, buffers.depth.view.depth, sizeof seen);
        memcpy(part, buffers.depth.view.part, sizeof part);
        hs_take_color(&recorder, &take, f, &buffers, picture);
        int points = 0, same = 0, before = 0, hidden = 0;
        for (int i = 0; i < N; i++) {
            double p[3], q[3];
            int pixel;
            if (part[i] == HS_PART_NOTHING || hs_part_is_cloth(part[i])) /* folded for depth only */
                continue;
            point_of(i, seen[i], p);
            to_color(p, q);
            if (!to_pixel(q, &pixel))
                continue;
            double first = buffers.depth.view.depth[pixel];
            points++;
            same += fabs(first - q[2]) < 0.004;
            before += first > q[2] + 0.03; /* something in front that the colour camera misses */
            hidden += first < q[2] - 0.03;
        }
        ck_assert_int_gt(points, N / 40);
        ck_assert_int_gt(same, points * 85 / 100);
        ck_assert_int_lt(before, points * 4 / 100); /* pixels at outlines */
        ck_assert_int_gt(hidden, 0);                /* the views differ by 26 mm */
    }
    hs_take_free(&take);
}
END_TEST

START_TEST(truth_is_the_label_of_what_the_ray_hits)
{
    hs_take take;
    ck_assert_ok(hs_take_init(&take, &recorder, 1, 4, 0.5));
    hs_take_depth(&recorder, &take, 3, &buffers, depth, truth);
    const hs_mesh *mesh = &buffers.depth.scene->mesh;
    int wrong = 0, count[3] = {0};
    for (int i = 0; i < N; i += 7) {
        double ray[2], nearest = INFINITY;
        int label = 0;
        hs_lens_ray(&recorder.rig.depth, i % W, i / W, ray);
        for (int k = 0; k < mesh->count; k++) {
            double t = hs_primitive_intersect(&mesh->items[k], hs_vec(ray[0], ray[1], 1));
            if (t < nearest)
                nearest = t, label = hs_part_label(mesh->items[k].part);
        }
        count[label]++;
        wrong += label != truth[i];
    }
    ck_assert_int_le(wrong, 1); /* rays are kept in single precision */
    ck_assert_int_gt(count[1], 40);
    ck_assert_int_gt(count[2], 40);
    hs_take_free(&take);
}
END_TEST

START_TEST(gloves_have_the_papers_colours_and_nothing_else_has)
{
    long glove = 0, coloured = 0, other = 0, false_glove = 0;
    for (uint32_t s = 1; s <= 8; s++) {
        hs_take take;
        ck_assert_ok(hs_take_init(&take, &recorder, s, 8, 1));
        for (int f = 0; f < take.count; f++) {
            if (take.frames[f].episode != HS_EPISODE_GOOD)
                continue;
            hs_take_depth(&recorder, &take, f, &buffers, depth, truth);
            hs_take_color(&recorder, &take, f, &buffers, picture);
            for (int i = 0; i < N; i++) {
                double p[3], q[3];
                int pixel;
                if (!truth[i] || !depth[i] || !inside(i))
                    continue;
                point_of(i, depth[i] * recorder.rig.depth_unit, p);
                to_color(p, q);
                ck_assert(to_pixel(q, &pixel)); /* good frames have their hands in both views */
                glove++;
                coloured += is_glove(picture + 3 * pixel, truth[i] - 1);
            }
            const hs_view *view = &buffers.depth.view; /* the colour camera's */
            for (int i = W; i < N - W; i++) {
                bool near = false; /* blurred outlines are neither */
                for (int k = -1; k <= 1; k++)
                    near |=
                        hs_part_label(view->part[i + k]) || hs_part_label(view->part[i + k * W]);
                other += !near;
                false_glove +=
                    !near && (is_glove(picture + 3 * i, 0) || is_glove(picture + 3 * i, 1));
            }
        }
        hs_take_free(&take);
    }
    ck_assert_int_gt(glove, 50000);
    ck_assert_int_gt(coloured, glove * 97 / 100);
    ck_assert_int_lt(false_glove, other / 500);
}
END_TEST

START_TEST(times_rise_and_pairs_are_close)
{
    const hs_recording_profile *r = &profile->recording;
    hs_take take;
    for (int fast = 0; fast < 2; fast++) {
        double interval = fast ? 1 / 48.0 : 0.25, last[HS_VIEWS] = {-1, -1};
        int late = 0;
        ck_assert_ok(hs_take_init(&take, &recorder, 3, 1500, interval));
        for (int f = 0; f < take.count; f++) {
            const hs_take_frame *frame = &take.frames[f];
            for (int v = 0; v < HS_VIEWS; v++) {
                ck_assert_double_gt(frame->time[v], last[v]);
                last[v] = frame->time[v];
            }
            ck_assert_double_eq_tol(frame->time[0], f * interval, 2 * r->jitter);
            double delay = frame->time[1] - frame->time[0];
            ck_assert_double_gt(delay, r->delay.low - 2 * r->jitter);
            bool is_late = frame->episode == HS_EPISODE_LATE;
            double most = is_late ? r->delay.high + r->late.high : r->delay.high;
            late += is_late;
            ck_assert_double_gt(delay, is_late ? r->delay.low + r->late.low - 2 * r->jitter : 0);
            ck_assert_double_lt(delay, most + 2 * r->jitter);
        }
        ck_assert_int_gt(late, 0);
        hs_take_free(&take);
    }
}
END_TEST

START_TEST(a_frame_does_not_depend_on_how_many_follow)
{
    static uint16_t other_depth[N];
    static uint8_t other_truth[N], other_picture[3 * N];
    hs_take few, many;
    ck_assert_ok(hs_take_init(&few, &recorder, 1, 5, 0.25));
    ck_assert_ok(hs_take_init(&many, &recorder, 1, 50, 0.25));
    ck_assert_int_eq(memcmp(few.frames, many.frames, 5 * sizeof *few.frames), 0);
    hs_take_depth(&recorder, &few, 4, &buffers, depth, truth);
    hs_take_color(&recorder, &few, 4, &buffers, picture);
    for (int f = 40; f >= 4; f -= 36) { /* nor on what the buffers held */
        hs_take_depth(&recorder, &many, f, &buffers, other_depth, other_truth);
        hs_take_color(&recorder, &many, f, &buffers, other_picture);
        bool same = f == 4;
        ck_assert_int_eq(memcmp(depth, other_depth, sizeof depth) == 0, same);
        ck_assert_int_eq(memcmp(truth, other_truth, sizeof truth) == 0, same);
        ck_assert_int_eq(memcmp(picture, other_picture, sizeof picture) == 0, same);
    }
    hs_take_free(&few);
    hs_take_free(&many);
}
END_TEST

START_TEST(people_move_smoothly_within_their_joints)
{
    hs_take take;
    hs_scene *scene = calloc(1, sizeof *scene);
    hs_vec3 last[HS_SIDES] = {{0, 0, 0}}, travel = {0, 0, 0};
    ck_assert_ok(hs_take_init(&take, &recorder, 4, 60, 0.25));
    const double step = 1 / 192.0;
    for (int i = 0; i < 60 * 48; i++) {
        hs_motion_pose(&take.motion, i * step, scene);
        for (int s = 0; s < HS_SIDES; s++) {
            hs_vec3 tip = hs_along(scene->limb[s].wrist, 0.1, scene->limb[s].hand.y);
            ck_assert(isfinite(tip.x) && isfinite(tip.y) && isfinite(tip.z));
            if (i > 0) {
                ck_assert_double_lt(hs_distance(tip, last[s]), 3.5 * step); /* metres a second */
                travel.x += hs_distance(tip, last[s]);
            }
            last[s] = tip;
            for (int j = 0; j < HS_JOINTS; j++) {
                ck_assert_double_ge(scene->pose[s].angle[j], hs_joint_low((hs_joint)j) - 1e-9);
                ck_assert_double_le(scene->pose[s].angle[j], hs_joint_high((hs_joint)j) + 1e-9);
            }
        }
    }
    ck_assert_double_gt(travel.x, 1); /* hands do move */
    hs_take_free(&take);
    free(scene);
}
END_TEST

/* ---- episodes ---- */

/* Mean value of a picture's pixels of a glove and share of those with the glove's colour; n: how
 * many. */
static void look_at_gloves(double *value, double *share, int *n)
{
    double sum = 0, coloured = 0;
    *n = 0;
    for (int i = 0; i < N; i++) {
        double hsv[3];
        uint8_t label = hs_part_label(buffers.depth.view.part[i]);
        if (!label)
            continue;
        to_hsv(picture + 3 * i, hsv);
        sum += hsv[2], coloured += is_glove(picture + 3 * i, label - 1), ++*n;
    }
    *value = sum / fmax(1, *n), *share = coloured / fmax(1, *n);
}

/* Share of the picture's pixels of a part that have a glove's colour. */
static double glove_share(uint8_t part, int left, int *n)
{
    int coloured = 0;
    *n = 0;
    for (int i = 0; i < N; i++)
        if (buffers.depth.view.part[i] == part)
            coloured += is_glove(picture + 3 * i, left), ++*n;
    return *n ? (double)coloured / *n : 0;
}

static void check_picture(const hs_take *take, int64_t f)
{
    const hs_take_frame *frame = &take->frames[f];
    const hs_key *key = hs_motion_key(&take->motion, frame->time[HS_DEPTH_VIEW]);
    double value, share;
    int n, seen;
    hs_take_color(&recorder, take, f, &buffers, picture);
    look_at_gloves(&value, &share, &n);
    ck_assert_int_gt(n, 0);
    switch (frame->episode) {
    case HS_EPISODE_BRIGHT:
        ck_assert_double_gt(value, 235);
        ck_assert_double_lt(share, 0.9);
        break;
    case HS_EPISODE_DARK:
        ck_assert_double_lt(value, 95);
        ck_assert_double_lt(share, 0.2);
        break;
    case HS_EPISODE_SHIRT:
        ck_assert_double_gt(glove_share(HS_PART_TORSO, key->left, &seen), 0.5);
        ck_assert_int_gt(seen, N / 50);
        break;
    case HS_EPISODE_OBJECT:
        ck_assert_double_gt(glove_share(HS_PART_PROBE, key->left, &seen), 0.8);
        ck_assert_int_gt(seen, N / 1000);
        break;
    default:
        ck_assert_double_gt(share, 0.9);
    }
}

static void check_hands(const hs_take *take, int64_t f, hs_scene *scene)
{
    static const hs_clearance normal = {.body = 0.1, .apart = 0.02, .border = 0.01};
    const hs_take_frame *frame = &take->frames[f];
    double time = frame->time[HS_DEPTH_VIEW];
    const hs_key *key = hs_motion_key(&take->motion, time);
    hs_motion_pose(&take->motion, time, scene);
    switch (frame->episode) {
    case HS_EPISODE_TOUCHING:
        ck_assert_double_lt(hs_hands_apart(scene), 0.02);
        break;
    case HS_EPISODE_NEAR_BODY:
        ck_assert_double_lt(hs_hand_body_gap(scene, key->left), 0.08);
        break;
    case HS_EPISODE_OUT_OF_VIEW: {
        double color = hs_hand_seen(scene, key->left, &recorder.views[HS_COLOR_VIEW]);
        double all = hs_hand_seen(scene, key->left, &recorder.views[HS_DEPTH_VIEW]);
        ck_assert_double_lt(fmin(color, all), 0.85);
        break;
    }
    default:
        ck_assert_msg(hs_hands_clear(scene, &normal, recorder.views), "subject %u frame %d: %s",
                      take->subject, (int)f, hs_episode_name(frame->episode));
    }
}

START_TEST(each_episode_occurs_and_does_what_it_says)
{
    enum { PEOPLE = 6, FRAMES = 1200, PICTURES = 3 };
    long count[HS_EPISODE_KINDS] = {0};
    int shown[HS_EPISODE_KINDS] = {0};
    hs_scene *scene = calloc(1, sizeof *scene);
    for (uint32_t s = 1; s <= PEOPLE; s++) {
        hs_take take;
        ck_assert_ok(hs_take_init(&take, &recorder, s, FRAMES, 0.25));
        for (int64_t f = 0; f < FRAMES; f++) {
            const hs_take_frame *frame = &take.frames[f];
            count[frame->episode]++;
            ck_assert_int_eq(hs_take_has(frame, HS_DEPTH_VIEW),
                             frame->episode != HS_EPISODE_NO_DEPTH);
            ck_assert_int_eq(hs_take_has(frame, HS_COLOR_VIEW),
                             frame->episode != HS_EPISODE_NO_COLOR);
            if (frame->episode != HS_EPISODE_GOOD && frame->strength < 0.999)
                continue;
            check_hands(&take, f, scene);
            if (f % 10 == 3 && shown[frame->episode]++ < PICTURES &&
                frame->episode != HS_EPISODE_OUT_OF_VIEW)
                check_picture(&take, f);
        }
        hs_take_free(&take);
    }
    for (int k = 0; k < HS_EPISODE_KINDS; k++)
        ck_assert_msg(count[k] > 0, "no frame is %s", hs_episode_name((hs_episode_kind)k));
    double good = (double)count[HS_EPISODE_GOOD] / (PEOPLE * FRAMES);
    ck_assert_double_gt(good, 0.8);
    ck_assert_double_lt(good, 0.9);
    free(scene);
}
END_TEST

/* ---- the probe ---- */

START_TEST(the_probe_is_where_it_should_be)
{
    for (int left = 0; left < 2; left++) {
        double columns[2] = {1, 0}, rows[2] = {1, 0}, far[2] = {9, 0};
        for (int shot = 0; shot < HS_PROBE_SHOTS; shot++) {
            hs_sphere ball = hs_probe_sphere(&recorder, left, shot);
            double p[3] = {ball.center.x, ball.center.y, ball.center.z}, q[3], middle[2], out[2];
            to_color(p, q);
            hs_lens_project(&recorder.rig.color, q[0] / q[2], q[1] / q[2], middle);
            columns[0] = fmin(columns[0], middle[0] / W), rows[0] = fmin(rows[0], middle[1] / H);
            columns[1] = fmax(columns[1], middle[0] / W), rows[1] = fmax(rows[1], middle[1] / H);
            far[0] = fmin(far[0], q[2]), far[1] = fmax(far[1], q[2]);
            if (shot % 6 != left)
                continue;
            hs_probe_shot(&recorder, left, shot, &buffers, depth, picture);
            double radius = ball.radius / sqrt(q[2] * q[2] - ball.radius * ball.radius);
            radius *= recorder.rig.color.fx;
            int wrong = 0, within = 0;
            for (int i = 0; i < N; i++) {
                double off = hypot(i % W - middle[0], i / W - middle[1]);
                bool glove = is_glove(picture + 3 * i, left);
                within += off < radius - 3;
                wrong += (off < radius - 3 && !glove) || (off > 1.15 * radius + 3 && glove);
            }
            ck_assert_int_gt(within, N / 100);
            ck_assert_int_lt(wrong, within / 50);
            hs_lens_project(&recorder.rig.depth, p[0] / p[2], p[1] / p[2], out);
            double z = depth[(int)round(out[1]) * W + (int)round(out[0])] * recorder.rig.depth_unit;
            double length = sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
            ck_assert_double_eq_tol(z, p[2] * (1 - ball.radius / length), 0.006);
        }
        ck_assert_double_lt(columns[0], 0.28); /* a grid over the view and the distances */
        ck_assert_double_gt(columns[1], 0.72);
        ck_assert_double_lt(rows[0], 0.32);
        ck_assert_double_gt(rows[1], 0.68);
        ck_assert_double_gt(far[1] - far[0], 0.25);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/recording");
    TCase *tests = tcase_create("recording");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_rig_is_that_of_the_camera);
    tcase_add_test(tests, both_cameras_see_one_scene);
    tcase_add_test(tests, truth_is_the_label_of_what_the_ray_hits);
    tcase_add_test(tests, gloves_have_the_papers_colours_and_nothing_else_has);
    tcase_add_test(tests, times_rise_and_pairs_are_close);
    tcase_add_test(tests, a_frame_does_not_depend_on_how_many_follow);
    tcase_add_test(tests, people_move_smoothly_within_their_joints);
    tcase_add_test(tests, each_episode_occurs_and_does_what_it_says);
    tcase_add_test(tests, the_probe_is_where_it_should_be);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

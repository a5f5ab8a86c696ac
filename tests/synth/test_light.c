/* Light, shadow, motion blur and the colour sensor, each by itself. */
#include "support/suite.h"
#include "synth/film.h"
#include "synth/recorder.h"
#include "synth/shade.h"
#include "synth/smear.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = 160, H = 120, N = W * H };

/* A ball before a wall that faces the camera, under a lamp at the camera's right and above. */
typedef struct stage {
    hs_scene *scene, *spare;
    hs_light light;
    hs_rays lamp_rays, rays;
    hs_shadow shadow;
    uint16_t *lamp_surface;
} stage;

static const double wall_z = 1.2, ball_z = 0.9, ball_radius = 0.1;

static void set_stage(stage *st)
{
    enum { LAMP = HS_SHADOW_SIDE * HS_SHADOW_SIDE };
    hs_camera camera = {.width = W, .height = H, .fx = 150, .fy = 150, .cx = 79.5, .cy = 59.5};
    memset(st, 0, sizeof *st);
    st->scene = calloc(1, sizeof *st->scene);
    st->spare = calloc(1, sizeof *st->spare);
    st->shadow.depth = calloc(LAMP, sizeof *st->shadow.depth);
    st->lamp_surface = calloc(LAMP, sizeof *st->lamp_surface);
    ck_assert_ok(hs_shadow_rays_init(&st->lamp_rays));
    ck_assert_ok(hs_rays_init(&st->rays, &camera));
    hs_scene *scene = st->scene;
    scene->nobody = true;
    scene->level = (hs_axes){{-1, 0, 0}, {0, -1, 0}, {0, 0, -1}};
    scene->body.axes = scene->body.head = scene->level;
    scene->body.neck = hs_vec(0, 0, ball_z);
    scene->ball = (hs_sphere){{0, 0, ball_z}, ball_radius};
    scene->clothes.glove = 1;
    scene->room.count = 1;
    scene->room.boxes[0] =
        (hs_room_box){HS_PART_WALL, {0, 0, ball_z - wall_z - 0.1}, {3, 3, 0.1}, 0};
    st->light = (hs_light){.lamp = {-1, 1, 1.2}, .fill = {0, 0, 1}};
    for (int c = 0; c < 3; c++)
        st->light.lamp_rgb[c] = 0.7f, st->light.sky_rgb[c] = st->light.ground_rgb[c] = 0.2f;
    hs_shadow_cast(&st->light, scene, &st->lamp_rays, st->spare, st->lamp_surface, &st->shadow);
    hs_scene_build(scene);
}

static void clear_stage(stage *st)
{
    hs_rays_free(&st->lamp_rays);
    hs_rays_free(&st->rays);
    free(st->scene);
    free(st->spare);
    free(st->shadow.depth);
    free(st->lamp_surface);
}

/* Where the lamp is in the camera's space, and where the shadow of the ball's middle falls. */
static hs_vec3 find_shadow(const stage *st, hs_vec3 *lamp)
{
    *lamp = hs_place(st->scene->body.neck, &st->scene->level, st->light.lamp);
    hs_vec3 way = hs_sub(st->scene->ball.center, *lamp);
    return hs_along(*lamp, (wall_z - lamp->z) / way.z, way);
}

START_TEST(shadows_fall_where_the_lamp_is_hidden)
{
    stage st;
    set_stage(&st);
    hs_vec3 lamp, middle = find_shadow(&st, &lamp), facing = {0, 0, -1};
    double soft = 0;
    int wrong = 0;
    for (double x = -0.4; x <= 0.4; x += 0.01)
        for (double y = -0.4; y <= 0.4; y += 0.01) {
            if (y > 0.1 && fabs(x) < 0.1)
                continue; /* the shadow of the stick */
            hs_vec3 p = hs_vec(middle.x + x, middle.y + y, wall_z), way = hs_sub(p, lamp);
            /* Distance of the ball's middle from the line between lamp and wall. */
            hs_vec3 across = hs_cross(hs_sub(st.scene->ball.center, lamp), hs_unit(way));
            double off = hs_length(across) - ball_radius;
            float lit = hs_shadow_lit(&st.shadow, p, facing);
            wrong += off < -0.03 && lit > 0.01f;
            wrong += off > 0.03 && lit < 0.99f;
            soft += lit > 0.05f && lit < 0.95f;
        }
    ck_assert_int_eq(wrong, 0);
    ck_assert_double_gt(soft, 20); /* its edge is not sharp */
    /* The ball's own sides: day and night. */
    hs_vec3 day = hs_unit(hs_sub(lamp, st.scene->ball.center)), night = hs_scale(day, -1);
    hs_vec3 c = st.scene->ball.center;
    ck_assert_float_gt(hs_shadow_lit(&st.shadow, hs_along(c, ball_radius, day), day), 0.99f);
    ck_assert_float_lt(hs_shadow_lit(&st.shadow, hs_along(c, ball_radius, night), night), 0.01f);
    clear_stage(&st);
}
END_TEST

START_TEST(surfaces_are_lambertian)
{
    static float depth[N], normal[3][N], planes[3][N];
    static uint16_t surface[N];
    static uint8_t part[N];
    static hs_paint paints[HS_MESH_MAX];
    stage st;
    set_stage(&st);
    hs_palette palette = hs_palette_draw(3, 0);
    palette.wall = hs_paint_hsv(0, 0, 1);
    hs_view view = {W, H, depth, surface, part, {normal[0], normal[1], normal[2]}};
    hs_raycast(&st.scene->mesh, &st.rays, INFINITY, &view);
    hs_paint_mesh(&palette, &st.scene->mesh, paints);
    hs_shading in = {st.scene, &st.rays, &view, &palette, paints, &st.light, &st.shadow};
    hs_shade(&in, (float *const[3]){planes[0], planes[1], planes[2]});
    hs_vec3 lamp, middle = find_shadow(&st, &lamp);
    double falloff = hs_dot(st.light.lamp, st.light.lamp);
    int walls = 0;
    for (int i = 0; i < N; i++) {
        if (part[i] != HS_PART_WALL)
            continue;
        hs_vec3 p = hs_scale(hs_vec(st.rays.x[i], st.rays.y[i], 1), depth[i]);
        if (hs_distance(p, middle) < 0.25)
            continue; /* in or beside the shadow */
        hs_vec3 way = hs_sub(lamp, p);
        double cosine = -way.z / hs_length(way);
        double expected = 0.2 + 0.7 * cosine * falloff / hs_dot(way, way);
        ck_assert_double_eq_tol(planes[1][i], expected, 0.06 * expected); /* but for its texture */
        walls++;
    }
    ck_assert_int_gt(walls, N / 4);
    clear_stage(&st);
}
END_TEST

START_TEST(hues_are_as_asked_for)
{
    for (int hue = 0; hue < 360; hue += 15) {
        hs_paint paint = hs_paint_hsv(hue, 0.6, 0.8);
        double rgb[3];
        for (int c = 0; c < 3; c++)
            rgb[c] = pow((double)paint.rgb[c], 1 / 2.2);
        double most = fmax(rgb[0], fmax(rgb[1], rgb[2]));
        double least = fmin(rgb[0], fmin(rgb[1], rgb[2])), span = most - least;
        ck_assert_double_eq_tol(most, 0.8, 1e-5);
        ck_assert_double_eq_tol(span / most, 0.6, 1e-5);
        double h = most == rgb[0]   ? (rgb[1] - rgb[2]) / span
                   : most == rgb[1] ? 2 + (rgb[2] - rgb[0]) / span
                                    : 4 + (rgb[0] - rgb[1]) / span;
        double off = fmod(60 * h - hue + 540, 360) - 180;
        ck_assert_double_eq_tol(off, 0, 1e-3);
    }
}
END_TEST

START_TEST(moving_hands_are_smeared_along_their_way)
{
    static uint8_t part[N];
    static float planes[3][N], scratch[N];
    hs_view view = {.width = W, .height = H, .part = part};
    const double way[HS_SIDES][2] = {[HS_LEFT] = {8, 0}};
    for (int i = 0; i < N; i++) {
        int u = i % W, v = i / W;
        bool left = u >= 40 && u < 70 && v >= 30 && v < 60, right = u >= 100 && u < 120;
        part[i] = left ? HS_PART_PALM + HS_PART_LEFT : right ? HS_PART_INDEX : HS_PART_TORSO;
        for (int c = 0; c < 3; c++)
            planes[c][i] = left ? 1 : u < 50 && v >= 30 ? 0.3f : (u + v) % 2 ? 0.4f : 0.2f;
    }
    hs_smear_hands(&view, way, (float *const[3]){planes[0], planes[1], planes[2]}, scratch);
    const float *row = planes[2] + 45 * W;
    ck_assert_float_eq_tol(row[55], 1, 1e-6f);
    for (int u = 36; u < 45; u++)
        ck_assert_float_gt(row[u + 1], row[u] - 1e-6f); /* the edge is a ramp of 8 pixels */
    ck_assert_float_lt(row[37], 0.5f);
    ck_assert_float_gt(row[42], 0.7f);
    ck_assert_float_lt(row[40], 0.85f);
    ck_assert_float_gt(row[39], 0.5f);
    /* What does not move stays as it was: above, aside, and the other hand. */
    const int still[] = {20 * W + 50, 45 * W + 80, 45 * W + 110, 29 * W + 55};
    for (int k = 0; k < 4; k++) {
        int u = still[k] % W, v = still[k] / W;
        float before = (u + v) % 2 ? 0.4f : 0.2f;
        ck_assert_float_eq_tol(planes[0][still[k]], before, 1e-6f);
    }
}
END_TEST

START_TEST(film_has_gain_vignetting_noise_and_gamma)
{
    static float planes[3][N], scratch[N];
    static uint8_t picture[3 * N], again[3 * N];
    float *const rgb[3] = {planes[0], planes[1], planes[2]};
    const float level[3] = {0.4f, 0.1f, 0};
    for (int run = 0; run < 2; run++) {
        for (int i = 0; i < N; i++)
            for (int c = 0; c < 3; c++)
                planes[c][i] = level[c];
        hs_film_expose(W, H, 0.5, 7, rgb, scratch, run ? again : picture);
    }
    ck_assert_int_eq(memcmp(picture, again, sizeof picture), 0);
    double sum[3] = {0}, squares[3] = {0}, corner = 0;
    int n = 0;
    for (int v = 45; v < 75; v++)
        for (int u = 60; u < 100; u++, n++)
            for (int c = 0; c < 3; c++) {
                double x = picture[3 * (v * W + u) + c];
                sum[c] += x, squares[c] += x * x;
            }
    for (int c = 0; c < 3; c++) {
        double mean = sum[c] / n, deviation = sqrt(squares[c] / n - mean * mean);
        double expected = 255 * pow(0.5 * (double)level[c], 1 / 2.2);
        ck_assert_double_eq_tol(mean, expected, c < 2 ? 2 : 8);
        ck_assert_double_gt(deviation, 0.7);
        ck_assert_double_lt(deviation, 9);
    }
    for (int v = 0; v < 12; v++)
        for (int u = 0; u < 12; u++)
            corner += picture[3 * (v * W + u)] / 144.0;
    double ratio = pow(corner / (sum[0] / n), 2.2);
    ck_assert_double_gt(ratio, 0.75);
    ck_assert_double_lt(ratio, 0.85);
    /* Too much light is white. */
    for (int i = 0; i < N; i++)
        planes[0][i] = planes[1][i] = planes[2][i] = 0.5f;
    hs_film_expose(W, H, 8, 7, rgb, scratch, picture);
    for (int i = 0; i < 3 * N; i++)
        ck_assert_int_eq(picture[i], 255);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/light");
    TCase *tests = tcase_create("light");
    tcase_add_test(tests, shadows_fall_where_the_lamp_is_hidden);
    tcase_add_test(tests, surfaces_are_lambertian);
    tcase_add_test(tests, hues_are_as_asked_for);
    tcase_add_test(tests, moving_hands_are_smeared_along_their_way);
    tcase_add_test(tests, film_has_gain_vignetting_noise_and_gamma);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

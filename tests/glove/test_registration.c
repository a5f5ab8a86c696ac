/* Lenses and registration, against computations in double precision and scenes known by hand. */
#include "base/rng.h"
#include "base/status.h"
#include "glove/registration.h"
#include "support/suite.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The cameras of an SR300, the second with `model` and a distortion of its own. */
static hs_rig sr300(hs_lens_model color_model)
{
    hs_rig rig = {.depth = {640,
                            480,
                            475.07,
                            475.07,
                            315.94,
                            245.29,
                            HS_LENS_INVERSE_BROWN_CONRADY,
                            {.0981, .2033, .0031, .0026, -.1124}},
                  .color = {640, 480, 620.33, 620.33, 309.21, 240.30, color_model, {0}},
                  .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                  .translation = {.0257, .00122, .0039},
                  .depth_unit = 8191. / 65535 / 1000};
    double angle = .005, c = cos(angle), s = sin(angle);
    memcpy(rig.rotation, (double[]){c, 0, s, 0, 1, 0, -s, 0, c}, sizeof rig.rotation);
    if (color_model != HS_LENS_NONE)
        memcpy(rig.color.k, (double[]){.11, -.22, .001, -.002, .05}, sizeof rig.color.k);
    return rig;
}

/* ---- lenses ---- */

static const hs_lens_model models[] = {HS_LENS_NONE, HS_LENS_BROWN_CONRADY,
                                       HS_LENS_INVERSE_BROWN_CONRADY};

START_TEST(projection_inverts_the_ray_inside_the_image)
{
    static const double coefficients[][5] = {{.0981, .2033, .0031, .0026, -.1124},
                                             {-.055, .064, -.0007, .0003, -.02},
                                             {.14, -.43, .001, -.003, .39}};
    for (int c = 0; c < 3; c++)
        for (int m = 0; m < 3; m++) {
            hs_lens lens = {640, 480, 475.07, 473.2, 315.94, 245.29, models[m], {0}};
            memcpy(lens.k, coefficients[c], sizeof lens.k);
            for (int v = 0; v <= 480; v += 15)
                for (int u = 0; u <= 640; u += 16) {
                    double ray[2], point[2];
                    hs_lens_ray(&lens, u, v, ray);
                    hs_lens_project(&lens, ray[0], ray[1], point);
                    ck_assert_msg(hypot(point[0] - u, point[1] - v) < 1e-6,
                                  "model %d, coefficients %d, (%d, %d): (%g, %g)", m, c, u, v,
                                  point[0], point[1]);
                }
        }
}
END_TEST

/* Computed by hand from the definition at x = .2, y = -.1: r2 = .05. */
START_TEST(the_polynomial_is_that_of_brown_and_conrady)
{
    hs_lens lens = {100, 100, 1, 1, 0, 0, HS_LENS_BROWN_CONRADY, {.1, .2, .3, .4, .5}};
    double radial = 1 + .1 * .05 + .2 * .05 * .05 + .5 * .05 * .05 * .05;
    double x = .2 * radial + 2 * .3 * .2 * -.1 + .4 * (.05 + 2 * .04);
    double y = -.1 * radial + 2 * .4 * .2 * -.1 + .3 * (.05 + 2 * .01);
    double point[2];
    hs_lens_project(&lens, .2, -.1, point);
    ck_assert_double_eq_tol(point[0], x, 1e-15);
    ck_assert_double_eq_tol(point[1], y, 1e-15);
    lens.model = HS_LENS_INVERSE_BROWN_CONRADY;
    hs_lens_ray(&lens, .2, -.1, point);
    ck_assert_double_eq_tol(point[0], x, 1e-15);
    ck_assert_double_eq_tol(point[1], y, 1e-15);
    lens.model = HS_LENS_NONE;
    hs_lens_ray(&lens, .2, -.1, point);
    ck_assert(point[0] == .2 && point[1] == -.1);
}
END_TEST

/* k1 = -1: x - x^3 has its largest value .385 at .577 and falls beyond. */
START_TEST(where_a_lens_folds_there_is_no_inverse)
{
    hs_lens lens = {100, 100, 1, 1, 0, 0, HS_LENS_BROWN_CONRADY, {-1}};
    double point[2];
    hs_lens_ray(&lens, .38, 0, point);
    ck_assert_double_eq_tol(point[0] - pow(point[0], 3), .38, 1e-9);
    ck_assert_double_lt(point[0], .578);
    for (double u = .386; u < 1000; u *= 1.5) {
        hs_lens_ray(&lens, u, 0, point);
        ck_assert(!isfinite(point[0]) && !isfinite(point[1]));
    }
    hs_lens_project(&lens, .9, 0, point);
    ck_assert(!isfinite(point[0]));
}
END_TEST

/* ---- registration ---- */

typedef struct scene {
    hs_rig rig;
    uint16_t *depth;      /* [H][W] */
    uint8_t *color;       /* [CH][CW][3] */
    uint8_t *rgb, *known; /* the result */
} scene;

static scene make_scene(hs_rig rig)
{
    size_t n = (size_t)rig.depth.width * (size_t)rig.depth.height;
    size_t m = (size_t)rig.color.width * (size_t)rig.color.height;
    scene s = {rig, calloc(n, 2), malloc(3 * m), malloc(3 * n), malloc(n)};
    for (size_t i = 0; i < m; i++) { /* each colour says where it is */
        s.color[3 * i] = (uint8_t)(i & 255);
        s.color[3 * i + 1] = (uint8_t)(i >> 8 & 255);
        s.color[3 * i + 2] = (uint8_t)(i >> 16 | 128);
    }
    return s;
}

static void free_scene(scene *s)
{
    free(s->depth);
    free(s->color);
    free(s->rgb);
    free(s->known);
}

static void register_scene(scene *s)
{
    hs_registration *registration;
    ck_assert_ok(hs_registration_init(&s->rig, &registration));
    void *scratch = malloc(hs_registration_scratch(registration));
    memset(scratch, 0xEE, hs_registration_scratch(registration));
    hs_registration_apply(registration, s->depth, s->color, scratch, s->rgb, s->known);
    free(scratch);
    hs_registration_free(registration);
}

static int64_t color_index(const uint8_t rgb[3])
{
    return rgb[0] | rgb[1] << 8 | (rgb[2] & 127) << 16;
}

/* Point of depth pixel (u, v) in the colour image, and its distance, straight from the formulas. */
static bool exact_point(const hs_rig *rig, int u, int v, uint16_t count, double point[2], double *z)
{
    double ray[2], d = count * rig->depth_unit, p[3];
    hs_lens_ray(&rig->depth, u, v, ray);
    for (int i = 0; i < 3; i++)
        p[i] = rig->rotation[3 * i] * ray[0] * d + rig->rotation[3 * i + 1] * ray[1] * d +
               rig->rotation[3 * i + 2] * d + rig->translation[i];
    hs_lens_project(&rig->color, p[0] / p[2], p[1] / p[2], point);
    *z = p[2];
    return count > 0 && p[2] > 0;
}

static bool near_border(double x)
{
    return fabs(x - floor(x) - .5) < 2e-3;
}

/* A smooth surface: nothing is hidden, so every pixel that falls inside has its colour. */
static void check_smooth(hs_lens_model model)
{
    scene s = make_scene(sr300(model));
    int w = s.rig.depth.width, h = s.rig.depth.height, inside = 0, off = 0;
    for (int i = 0; i < w * h; i++) {
        double x = (i % w - 320) / 640., y = (i / w - 240) / 480.;
        s.depth[i] = (uint16_t)(i % 11 == 0 ? 0 : 6000 + 1500 * x + 900 * sin(4 * y));
    }
    register_scene(&s);
    for (int i = 0; i < w * h; i++) {
        double point[2], z;
        bool seen = exact_point(&s.rig, i % w, i / w, s.depth[i], point, &z);
        if (seen && (near_border(point[0]) || near_border(point[1])))
            continue;
        int cu = (int)floor(point[0] + .5), cv = (int)floor(point[1] + .5);
        seen = seen && cu >= 0 && cv >= 0 && cu < s.rig.color.width && cv < s.rig.color.height;
        inside += seen;
        int64_t got = s.known[i] ? color_index(s.rgb + 3 * i) : -1;
        off += got != (seen ? cv * s.rig.color.width + cu : -1);
        if (!s.known[i])
            ck_assert_mem_eq(s.rgb + 3 * i, "\0\0\0", 3);
    }
    free_scene(&s);
    ck_assert_int_gt(inside, 140000);
    ck_assert_int_eq(off, 0);
}

START_TEST(a_smooth_surface_equals_double_precision)
{
    check_smooth(models[_i]);
}
END_TEST

/* Two planes facing the cameras, .4 m and .8 m; with pinholes of one focal length f and a baseline
 * b along x, the near one is shifted by f b / .4 and the far one by f b / .8 to the right. */
START_TEST(what_is_hidden_from_the_colour_camera_is_unknown)
{
    hs_rig rig = {.depth = {320, 240, 400, 400, 160, 120, HS_LENS_NONE, {0}},
                  .color = {320, 240, 400, 400, 160, 120, HS_LENS_NONE, {0}},
                  .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                  .translation = {.04, 0, 0},
                  .depth_unit = .001};
    enum { LEFT = 100, RIGHT = 160, TOP = 60, BOTTOM = 180, NEAR = 40, FAR = 20 }; /* shifts */
    scene s = make_scene(rig);
    for (int i = 0; i < 320 * 240; i++) {
        bool near = i % 320 >= LEFT && i % 320 < RIGHT && i / 320 >= TOP && i / 320 < BOTTOM;
        s.depth[i] = near ? 400 : 800;
    }
    register_scene(&s);
    for (int v = 0; v < 240; v++)
        for (int u = 0; u < 320; u++) {
            int i = v * 320 + u, shift = s.depth[i] == 400 ? NEAR : FAR;
            /* The near plane covers columns LEFT + NEAR up to RIGHT + NEAR of the colour image. */
            bool behind = s.depth[i] == 800 && u + FAR >= LEFT + NEAR && u + FAR < RIGHT + NEAR &&
                          v >= TOP && v < BOTTOM;
            bool seen = !behind && u + shift < 320;
            ck_assert_msg(s.known[i] == seen, "(%d, %d): got %d, expected %d", u, v, s.known[i],
                          seen);
            if (seen)
                ck_assert_int_eq(color_index(s.rgb + 3 * i), v * 320 + u + shift);
        }
    free_scene(&s);
}
END_TEST

/* A colour camera of much finer pixels: between the points of the near plane the far one must not
 * show through. */
START_TEST(a_near_surface_has_no_holes)
{
    hs_rig rig = {.depth = {64, 48, 80, 80, 32, 24, HS_LENS_NONE, {0}},
                  .color = {640, 480, 800, 800, 320, 240, HS_LENS_NONE, {0}},
                  .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                  .translation = {.1, .003, .002},
                  .depth_unit = .001};
    scene s = make_scene(rig);
    for (int i = 0; i < 64 * 48; i++)
        s.depth[i] = i % 64 >= 20 && i % 64 < 40 ? 400 : 940;
    register_scene(&s);
    for (int v = 1; v < 47; v++) {
        /* Near columns 20..39 are shifted by 20 pixels of depth, far ones by 8.5. */
        for (int u = 40; u < 50; u++)
            ck_assert_msg(!s.known[v * 64 + u], "(%d, %d) shows through", u, v);
        ck_assert(s.known[v * 64 + 10] && s.known[v * 64 + 30] && s.known[v * 64 + 53]);
    }
    free_scene(&s);
}
END_TEST

/* Steep surfaces do not hide themselves: a plane 70 degrees from facing the camera. */
START_TEST(a_steep_surface_keeps_its_colour)
{
    scene s = make_scene(sr300(HS_LENS_NONE));
    double slope = tan(70 * acos(-1) / 180), f = s.rig.depth.fx;
    int visible = 0, unknown = 0;
    for (int i = 0; i < 640 * 480; i++) {
        double x = (i % 640 - s.rig.depth.cx) / f, z = .7 / (1 + slope * x);
        s.depth[i] = (uint16_t)(z > .25 && z < 1.4 ? rint(z / s.rig.depth_unit) : 0);
    }
    register_scene(&s);
    for (int i = 0; i < 640 * 480; i++) {
        double point[2], z;
        if (!exact_point(&s.rig, i % 640, i / 640, s.depth[i], point, &z) || point[0] < 1 ||
            point[0] > 638 || point[1] < 1 || point[1] > 478)
            continue;
        visible++;
        unknown += !s.known[i];
    }
    free_scene(&s);
    ck_assert_int_gt(visible, 50000);
    ck_assert_msg(unknown <= visible / 1000, "%d of %d", unknown, visible);
}
END_TEST

START_TEST(noise_of_every_kind_stays_inside_the_images)
{
    for (int m = 0; m < 3; m++) {
        hs_rig rig = sr300(models[m]);
        rig.depth.width = 67, rig.depth.height = 31, rig.color.width = 45, rig.color.height = 53;
        rig.translation[2] = -.5; /* half of the points lie behind the colour camera */
        scene s = make_scene(rig);
        hs_rng rng = hs_rng_make(1, 0, (uint32_t)m, HS_PURPOSE_TEST);
        for (int i = 0; i < 67 * 31; i++)
            s.depth[i] = (uint16_t)hs_rng_below(&rng, 65536);
        register_scene(&s);
        for (int i = 0; i < 67 * 31; i++)
            ck_assert(s.known[i] <= 1 && (!s.known[i] || color_index(s.rgb + 3 * i) < 45 * 53));
        free_scene(&s);
    }
}
END_TEST

START_TEST(impossible_rigs_are_refused)
{
    hs_registration *registration;
    hs_rig rig = sr300(HS_LENS_NONE);
    rig.depth.width = 0;
    ck_assert_error(hs_registration_init(&rig, &registration), HS_ERR_DATA,
                    "depth camera: got images of 0x480");
    rig = sr300(HS_LENS_NONE);
    rig.color.fx = (double)NAN;
    ck_assert_error(hs_registration_init(&rig, &registration), HS_ERR_DATA, "colour camera: got");
    rig = sr300(HS_LENS_NONE);
    rig.rotation[0] = -rig.rotation[0];
    ck_assert_error(hs_registration_init(&rig, &registration), HS_ERR_DATA, "no rigid motion");
    rig = sr300(HS_LENS_NONE);
    rig.depth_unit = 0;
    ck_assert_error(hs_registration_init(&rig, &registration), HS_ERR_DATA, "unit of depth");
    ck_assert_ptr_null(registration);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("registration");
    TCase *tests = tcase_create("registration");
    tcase_add_test(tests, projection_inverts_the_ray_inside_the_image);
    tcase_add_test(tests, the_polynomial_is_that_of_brown_and_conrady);
    tcase_add_test(tests, where_a_lens_folds_there_is_no_inverse);
    tcase_add_loop_test(tests, a_smooth_surface_equals_double_precision, 0, 3);
    tcase_add_test(tests, what_is_hidden_from_the_colour_camera_is_unknown);
    tcase_add_test(tests, a_near_surface_has_no_holes);
    tcase_add_test(tests, a_steep_surface_keeps_its_colour);
    tcase_add_test(tests, noise_of_every_kind_stays_inside_the_images);
    tcase_add_test(tests, impossible_rigs_are_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

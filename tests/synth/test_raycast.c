/* Ray casting against slow references that share no formula with it. */
#include "base/rng.h"
#include "support/suite.h"
#include "synth/raycast.h"
#include <stdlib.h>
#include <string.h>

static double ray_sphere(hs_vec3 d, hs_vec3 c, double r)
{
    double a = hs_dot(d, d), b = hs_dot(d, c), h = b * b - a * (hs_dot(c, c) - r * r);
    return h < 0 ? INFINITY : (b - sqrt(h)) / a;
}

/* First hit of the sphere between the given ones whose centre and radius are mixed by the weights
 * 1-u-v, u, v. */
static double between(const hs_sphere *s, int n, double u, double v, hs_vec3 d)
{
    hs_vec3 c = hs_along(hs_scale(s[0].center, 1 - u - v), u, s[1].center);
    double r = (1 - u - v) * s[0].radius + u * s[1].radius;
    if (n == 3)
        c = hs_along(c, v, s[2].center), r += v * s[2].radius;
    return ray_sphere(d, c, r);
}

/* The hull of spheres is the union of the spheres between them: the nearest hit is searched on ever
 * finer grids of the weights. */
static double hull_hit(const hs_sphere *s, int n, hs_vec3 d)
{
    double best = INFINITY, u0 = 0.5, v0 = n == 3 ? 0.5 : 0, size = 0.5;
    for (int level = 0; level < 10; level++) {
        const int grid = level == 0 ? 120 : 16;
        double bu = u0, bv = v0;
        for (int i = 0; i <= grid; i++)
            for (int k = 0; k <= (n == 3 ? grid : 0); k++) {
                double u = hs_clamp(u0 + size * (2.0 * i / grid - 1), 0, 1);
                double v = n == 3 ? hs_clamp(v0 + size * (2.0 * k / grid - 1), 0, 1 - u) : 0;
                double t = between(s, n, u, v, d);
                if (t < best)
                    best = t, bu = u, bv = v;
            }
        u0 = bu, v0 = bv;
        size *= level == 0 ? 0.03 : 0.25;
    }
    return best;
}

static hs_sphere random_sphere(hs_rng *rng)
{
    hs_vec3 c = hs_vec(hs_rng_range(rng, -0.1, 0.1), hs_rng_range(rng, -0.1, 0.1),
                       hs_rng_range(rng, 0.4, 0.6));
    return (hs_sphere){c, hs_rng_range(rng, 0.004, 0.06)};
}

static double mesh_hit(const hs_mesh *mesh, hs_vec3 d, int *item)
{
    double best = INFINITY;
    for (int i = 0; i < mesh->count; i++) {
        double t = hs_primitive_intersect(&mesh->items[i], d);
        if (t < best)
            best = t, *item = i;
    }
    return best;
}

/* Along an outline the search by grid may miss what is hit: hulls a hair thicker and thinner tell.
 */
static bool grazes(const hs_sphere *s, int n, hs_vec3 d)
{
    hs_sphere thick[3], thin[3];
    for (int i = 0; i < n; i++) {
        thick[i] = thin[i] = s[i];
        thick[i].radius += 2e-5, thin[i].radius -= 2e-5;
    }
    double a = hull_hit(thick, n, d), b = hull_hit(thin, n, d);
    return (a == INFINITY) != (b == INFINITY) || fabs(a - b) > 1e-3;
}

static void check_hull(int n, uint32_t sample)
{
    enum { HULLS = 60, RAYS = 60 };
    hs_rng rng = hs_rng_make(1, 0, sample, HS_PURPOSE_TEST);
    hs_mesh *mesh = malloc(sizeof *mesh);
    int hits = 0, grazed = 0;
    for (int i = 0; i < HULLS; i++) {
        hs_sphere s[3] = {random_sphere(&rng), random_sphere(&rng), random_sphere(&rng)};
        mesh->count = 0;
        if (n == 2)
            hs_mesh_cone(mesh, HS_PART_PALM, s[0], s[1]);
        else
            hs_mesh_wedge(mesh, HS_PART_PALM, s[0], s[1], s[2]);
        for (int k = 0; k < RAYS; k++) {
            hs_vec3 d = hs_vec(hs_rng_range(&rng, -0.3, 0.3), hs_rng_range(&rng, -0.3, 0.3), 1);
            int item = -1;
            double t = mesh_hit(mesh, d, &item), expected = hull_hit(s, n, d);
            if (t != expected && !(fabs(t - expected) < 2e-6)) {
                ck_assert_msg(grazes(s, n, d), "hull %d ray %d: got %.9f, expected %.9f", i, k, t,
                              expected);
                grazed++;
            }
            if (t == INFINITY)
                continue;
            hits++;
            hs_vec3 normal = hs_primitive_normal(&mesh->items[item], hs_scale(d, t));
            ck_assert_double_eq_tol(hs_length(normal), 1, 1e-9);
            ck_assert_double_le(hs_dot(normal, d), 1e-9);
        }
    }
    ck_assert_int_gt(hits, HULLS * RAYS / 20);
    ck_assert_int_lt(grazed, HULLS * RAYS / 200);
    free(mesh);
}

START_TEST(cones_match_a_search_over_spheres)
{
    check_hull(2, 1);
}
END_TEST

START_TEST(wedges_match_a_search_over_spheres)
{
    check_hull(3, 2);
}
END_TEST

/* A ray almost along the axis of a steep cone meets the quadratic's other root. */
START_TEST(cones_seen_end_on)
{
    hs_sphere s[2] = {{{0.002, 0.001, 0.3}, 0.004}, {{0.001, 0.003, 0.62}, 0.09}};
    hs_mesh *mesh = malloc(sizeof *mesh);
    for (int flip = 0; flip < 2; flip++) {
        mesh->count = 0;
        hs_mesh_cone(mesh, HS_PART_PALM, s[flip], s[!flip]);
        for (int i = 0; i < 400; i++) {
            hs_vec3 d = hs_vec(0.005 * (i % 20) - 0.05, 0.005 * (i / 20) - 0.05, 1);
            double t = hs_primitive_intersect(&mesh->items[0], d);
            ck_assert_double_eq_tol(t, hull_hit(s, 2, d), 2e-6);
        }
    }
    free(mesh);
}
END_TEST

/* On the surface the normal is that of the sphere between the ends which touches it there. */
START_TEST(normals_are_those_of_the_touching_sphere)
{
    hs_rng rng = hs_rng_make(1, 0, 6, HS_PURPOSE_TEST);
    hs_mesh *mesh = malloc(sizeof *mesh);
    for (int i = 0; i < 200; i++) {
        hs_sphere a = random_sphere(&rng), b = random_sphere(&rng);
        mesh->count = 0;
        hs_mesh_cone(mesh, HS_PART_PALM, a, b);
        hs_vec3 d = hs_unit(hs_along(a.center, hs_rng_uniform(&rng), hs_sub(b.center, a.center)));
        hs_vec3 p = hs_scale(d, hs_primitive_intersect(&mesh->items[0], d)), expected = {0, 0, 0};
        double best = INFINITY;
        for (int k = 0; k <= 20000; k++) {
            double t = k / 20000.0, r = hs_mix(a.radius, b.radius, t);
            hs_vec3 c = hs_along(a.center, t, hs_sub(b.center, a.center));
            if (hs_distance(p, c) - r < best)
                best = hs_distance(p, c) - r, expected = hs_unit(hs_sub(p, c));
        }
        hs_vec3 normal = hs_primitive_normal(&mesh->items[0], p);
        ck_assert_double_gt(hs_dot(normal, expected), 1 - 1e-5);
    }
    free(mesh);
}
END_TEST

START_TEST(distance_to_a_cone_is_that_to_its_spheres)
{
    hs_rng rng = hs_rng_make(1, 0, 3, HS_PURPOSE_TEST);
    for (int i = 0; i < 300; i++) {
        hs_sphere a = random_sphere(&rng), b = random_sphere(&rng), q = random_sphere(&rng);
        double best = INFINITY;
        for (int k = 0; k <= 20000; k++) {
            double t = k / 20000.0, r = hs_mix(a.radius, b.radius, t);
            hs_vec3 c = hs_along(a.center, t, hs_sub(b.center, a.center));
            best = fmin(best, hs_distance(q.center, c) - r);
        }
        ck_assert_double_eq_tol(hs_cone_distance(a, b, q.center), best, 1e-5);
    }
}
END_TEST

START_TEST(boxes_match_marching)
{
    hs_rng rng = hs_rng_make(1, 0, 4, HS_PURPOSE_TEST);
    hs_mesh *mesh = malloc(sizeof *mesh);
    int hits = 0;
    for (int i = 0; i < 300; i++) {
        hs_axes axes = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        hs_turn(&axes.x, &axes.y, hs_rng_range(&rng, -3, 3));
        hs_turn(&axes.y, &axes.z, hs_rng_range(&rng, -3, 3));
        hs_vec3 center = hs_vec(0.02, -0.03, 0.6), half = hs_vec(0.1, 0.05, 0.02);
        mesh->count = 0;
        hs_mesh_box(mesh, HS_PART_WALL, center, &axes, half);
        hs_vec3 d = hs_vec(hs_rng_range(&rng, -0.2, 0.2), hs_rng_range(&rng, -0.2, 0.2), 1);
        double expected = INFINITY;
        for (double t = 0.45; t < 0.75 && expected == INFINITY; t += 1e-5) {
            hs_vec3 q = hs_locate(center, &axes, hs_scale(d, t));
            if (fabs(q.x) <= half.x && fabs(q.y) <= half.y && fabs(q.z) <= half.z)
                expected = t;
        }
        double t = hs_primitive_intersect(&mesh->items[0], d);
        if (expected < INFINITY)
            ck_assert_double_eq_tol(t, expected, 2e-5);
        else if (t < INFINITY) /* a corner that one step jumps over */
            ck_assert_double_lt(t, 0.75);
        hits += expected < INFINITY;
    }
    ck_assert_int_gt(hits, 40);
    free(mesh);
}
END_TEST

/* The bounds of no primitive cut it off: every pixel has the nearest of all primitives. */
START_TEST(bounds_hold_whole_primitives)
{
    enum { W = 96, H = 72 };
    hs_rng rng = hs_rng_make(1, 0, 5, HS_PURPOSE_TEST);
    const hs_profile *profile;
    ck_assert_ok(hs_profile_find("handseg", &profile));
    hs_camera camera = hs_camera_make(&profile->camera, 1, W, H);
    hs_rays rays;
    ck_assert_ok(hs_rays_init(&rays, &camera));
    hs_mesh *mesh = malloc(sizeof *mesh);
    mesh->count = 0;
    for (int i = 0; i < 12; i++) {
        hs_sphere s[3] = {random_sphere(&rng), random_sphere(&rng), random_sphere(&rng)};
        for (int k = 0; k < 3; k++)
            s[k].center.x *= 6, s[k].center.y *= 5;
        hs_mesh_wedge(mesh, (uint8_t)(HS_PART_PALM + i % 6), s[0], s[1], s[2]);
    }
    hs_axes level = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    hs_mesh_box(mesh, HS_PART_WALL, hs_vec(0, 0.4, 0.4), &level, hs_vec(2, 0.01, 1));
    static float depth[W * H], normal[3][W * H];
    static uint16_t surface[W * H];
    static uint8_t part[W * H];
    hs_view view = {W, H, depth, surface, part, {normal[0], normal[1], normal[2]}};
    hs_raycast(mesh, &rays, INFINITY, &view);
    int hits = 0, wrong = 0;
    for (int i = 0; i < W * H; i++) {
        int item = -1;
        double t = mesh_hit(mesh, hs_vec(rays.x[i], rays.y[i], 1), &item);
        wrong += (surface[i] > 0) != (item >= 0);
        if (item < 0)
            continue;
        hits++;
        wrong +=
            !surface[i] || fabs(depth[i] - t) > 1e-6 || part[i] != mesh->items[surface[i] - 1].part;
    }
    ck_assert_int_eq(wrong, 0);
    ck_assert_int_gt(hits, W * H / 4);
    hs_rays_free(&rays);
    free(mesh);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/raycast");
    TCase *tests = tcase_create("raycast");
    tcase_add_test(tests, cones_match_a_search_over_spheres);
    tcase_add_test(tests, wedges_match_a_search_over_spheres);
    tcase_add_test(tests, cones_seen_end_on);
    tcase_add_test(tests, normals_are_those_of_the_touching_sphere);
    tcase_add_test(tests, distance_to_a_cone_is_that_to_its_spheres);
    tcase_add_test(tests, boxes_match_marching);
    tcase_add_test(tests, bounds_hold_whole_primitives);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

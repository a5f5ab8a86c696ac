/* The sensor's model: range, unit, noise, gaps, weak returns. */
#include "support/suite.h"
#include "synth/sensor.h"
#include <stdlib.h>
#include <string.h>

enum { W = 320, H = 240, N = W * H };

/* A flat scene facing the camera, with everything the sensor needs. */
typedef struct bench {
    const hs_profile *profile;
    hs_rays rays;
    hs_view view;
    hs_sensor_scratch scratch;
    uint8_t *hidden;
    uint16_t *depth;
    double reflectance[HS_PART_CODES];
} bench;

static bench b;

static void set_up(void)
{
    memset(&b, 0, sizeof b);
    ck_assert_ok(hs_profile_find("handseg", &b.profile));
    hs_camera camera = hs_camera_make(&b.profile->camera, 1, W, H);
    memset(camera.distortion, 0, sizeof camera.distortion);
    ck_assert_ok(hs_rays_init(&b.rays, &camera));
    b.view = (hs_view){W, H, calloc(N, sizeof(float)), NULL, calloc(N, 1), {NULL}};
    for (int i = 0; i < 3; i++)
        b.view.normal[i] = calloc(N, sizeof(float));
    b.scratch =
        (hs_sensor_scratch){calloc(N, sizeof(float)), calloc(N, sizeof(float)), calloc(N, 1)};
    b.hidden = calloc(N, 1);
    b.depth = calloc(N, sizeof(uint16_t));
    for (int i = 0; i < HS_PART_CODES; i++)
        b.reflectance[i] = 1;
}

static void tear_down(void)
{
    hs_rays_free(&b.rays);
    free(b.view.depth);
    free(b.view.part);
    for (int i = 0; i < 3; i++)
        free(b.view.normal[i]);
    free(b.scratch.noise);
    free(b.scratch.signal);
    free(b.scratch.valid);
    free(b.hidden);
    free(b.depth);
}

/* Columns [from, to) at depth z, facing the camera. */
static void fill(int from, int to, double z)
{
    for (int v = 0; v < H; v++)
        for (int u = from; u < to; u++) {
            int i = v * W + u;
            b.view.depth[i] = (float)z;
            b.view.part[i] = HS_PART_PALM;
            b.view.normal[2][i] = -1;
        }
}

static void measure(uint32_t key)
{
    hs_sensor_input in = {&b.profile->sensor, &b.profile->camera, &b.rays, &b.view,
                          b.hidden,           b.reflectance,      key};
    hs_sensor_measure(&in, &b.scratch, b.depth);
}

static double share_measured(void)
{
    int n = 0;
    for (int i = 0; i < N; i++)
        n += b.depth[i] > 0;
    return (double)n / N;
}

START_TEST(depth_is_counted_in_the_unit)
{
    /* 8191 / 65535 mm */
    ck_assert_double_eq_tol(b.profile->camera.depth_unit, 0.000124987, 1e-9);
    for (double z = 0.25; z < 1.2; z += 0.2) {
        fill(0, W, z);
        measure(1);
        double sum = 0;
        int n = 0;
        for (int i = 0; i < N; i++)
            if (b.depth[i] > 0)
                sum += b.depth[i], n++;
        ck_assert_double_eq_tol(sum / n * 0.000124987, z, 2e-4);
    }
}
END_TEST

START_TEST(nothing_is_measured_out_of_range)
{
    static const double outside[] = {0.1, 0.199, 1.501, 1.8, 6};
    for (int i = 0; i < 5; i++) {
        fill(0, W, outside[i]);
        measure(1);
        ck_assert_double_eq(share_measured(), 0);
    }
    fill(0, W, 0.202); /* noise takes no depth over the limit */
    measure(1);
    int below = 0;
    for (int i = 0; i < N; i++)
        below += b.depth[i] > 0 && b.depth[i] < 1600;
    ck_assert_int_eq(below, 0);
    ck_assert_double_gt(share_measured(), 0.9);
}
END_TEST

START_TEST(noise_grows_with_the_square_of_depth)
{
    static const double at[] = {0.3, 0.6, 1.0};
    for (int k = 0; k < 3; k++) {
        fill(0, W, at[k]);
        measure(2);
        double square = 0, neighbours = 0;
        for (int v = 10; v < H - 10; v++)
            for (int u = 10; u < W - 10; u++) {
                double e = b.depth[v * W + u] * 0.000124987 - at[k];
                double f = b.depth[v * W + u + 1] * 0.000124987 - at[k];
                if (b.depth[v * W + u] && b.depth[v * W + u + 1])
                    square += e * e, neighbours += e * f;
            }
        double n = (double)(W - 20) * (H - 20), sigma = sqrt(square / n);
        ck_assert_double_gt(sigma, 0.9 * hypot(0.0003, 0.002 * at[k] * at[k]));
        ck_assert_double_lt(sigma, 1.1 * hypot(0.0003, 0.003 * at[k] * at[k]));
        ck_assert_double_gt(neighbours / square, 0.4); /* neighbours err alike */
    }
}
END_TEST

/* A near strip before a far wall: length of the zeros on both sides of it. */
static void strip_gaps(double near, double far, double *left, double *right)
{
    fill(0, W, far);
    fill(130, 190, near);
    *left = *right = 0;
    for (uint32_t key = 1; key <= 4; key++) {
        measure(key);
        for (int v = 0; v < H; v++) {
            for (int u = 129; u >= 0 && !b.depth[v * W + u]; u--)
                *left += 1.0 / (4 * H);
            for (int u = 190; u < W && !b.depth[v * W + u]; u++)
                *right += 1.0 / (4 * H);
        }
        int lost = 0;
        for (int v = 0; v < H; v++)
            for (int u = 132; u < 188; u++)
                lost += !b.depth[v * W + u];
        ck_assert_int_eq(lost, 0); /* the nearer surface is whole */
    }
}

START_TEST(gaps_open_behind_steps)
{
    double left, right, wide_left, wide_right;
    strip_gaps(0.5, 0.8, &left, &right);
    strip_gaps(0.5, 1.45, &wide_left, &wide_right);
    ck_assert_double_gt(left, 0.4);
    ck_assert_double_gt(right, 1.1 * left);
    ck_assert_double_gt(wide_left, left + 0.3);
    ck_assert_double_lt(wide_right, 8);
    strip_gaps(0.5, 0.508, &left, &right); /* less than a step */
    ck_assert_double_lt(left + right, 0.05);
}
END_TEST

START_TEST(weak_returns_are_lost)
{
    double last = 2;
    for (double reflectance = 1; reflectance > 0.01; reflectance *= 0.5) {
        b.reflectance[HS_PART_PALM] = reflectance;
        fill(0, W, 1.0);
        measure(1);
        ck_assert_double_le(share_measured(), last);
        last = share_measured();
    }
    ck_assert_double_lt(last, 0.01);
    b.reflectance[HS_PART_PALM] = 0.8;
    for (int i = 0; i < N; i++)
        b.view.normal[2][i] = -0.05f, b.view.normal[1][i] = 0; /* nearly edge on */
    measure(1);
    ck_assert_double_lt(share_measured(), 0.05);
}
END_TEST

START_TEST(a_key_names_its_noise)
{
    static uint16_t first[N];
    fill(0, W, 0.7);
    measure(5);
    memcpy(first, b.depth, sizeof first);
    measure(6);
    ck_assert_int_ne(memcmp(first, b.depth, sizeof first), 0);
    measure(5);
    ck_assert_int_eq(memcmp(first, b.depth, sizeof first), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/sensor");
    TCase *tests = tcase_create("sensor");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, depth_is_counted_in_the_unit);
    tcase_add_test(tests, nothing_is_measured_out_of_range);
    tcase_add_test(tests, noise_grows_with_the_square_of_depth);
    tcase_add_test(tests, gaps_open_behind_steps);
    tcase_add_test(tests, weak_returns_are_lost);
    tcase_add_test(tests, a_key_names_its_noise);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

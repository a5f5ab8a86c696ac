#include "synth/camera.h"

#include "base/memory.h"
#include "base/rng.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

hs_camera hs_camera_make(const hs_camera_profile *profile, uint64_t seed, int width, int height)
{
    /* Subjects count from 1, so epoch 0 of the subjects' stream is free for what all share. */
    hs_rng rng = hs_rng_make(seed, 0, 0, HS_PURPOSE_SYNTH_SUBJECT);
    double sx = (double)width / profile->width, sy = (double)height / profile->height;
    double focal = hs_rng_range(&rng, profile->focal.low, profile->focal.high);
    hs_camera camera = {.width = width, .height = height, .fx = focal * sx, .fy = focal * sy};
    camera.cx = (hs_rng_range(&rng, profile->cx.low, profile->cx.high) + 0.5) * sx - 0.5;
    camera.cy = (hs_rng_range(&rng, profile->cy.low, profile->cy.high) + 0.5) * sy - 0.5;
    double strength = hs_rng_range(&rng, 0.9, 1.1);
    for (int i = 0; i < 5; i++)
        camera.distortion[i] = profile->distortion[i] * strength;
    return camera;
}

hs_vec3 hs_camera_ray(const hs_camera *camera, double u, double v)
{
    const double *k = camera->distortion;
    double x = (u - camera->cx) / camera->fx, y = (v - camera->cy) / camera->fy;
    double r2 = x * x + y * y, radial = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]));
    return hs_vec(x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x),
                  y * radial + 2 * k[3] * x * y + k[2] * (r2 + 2 * y * y), 1);
}

/* Rising bounds, that they can be searched, whatever the lens does at its corners. */
static void widen(hs_rays *rays)
{
    for (int u = 1; u < rays->width; u++)
        rays->column_high[u] = fmaxf(rays->column_high[u], rays->column_high[u - 1]);
    for (int u = rays->width - 2; u >= 0; u--)
        rays->column_low[u] = fminf(rays->column_low[u], rays->column_low[u + 1]);
    for (int v = 1; v < rays->height; v++)
        rays->row_high[v] = fmaxf(rays->row_high[v], rays->row_high[v - 1]);
    for (int v = rays->height - 2; v >= 0; v--)
        rays->row_low[v] = fminf(rays->row_low[v], rays->row_low[v + 1]);
}

hs_status hs_rays_init(hs_rays *rays, const hs_camera *camera)
{
    size_t w = (size_t)camera->width, h = (size_t)camera->height;
    *rays = (hs_rays){.width = camera->width, .height = camera->height};
    hs_status status =
        hs_allocate((2 * w * h + 2 * w + 2 * h) * sizeof(float), "rays", (void **)&rays->x);
    if (status != HS_OK)
        return status;
    rays->y = rays->x + w * h;
    rays->column_low = rays->y + w * h;
    rays->column_high = rays->column_low + w;
    rays->row_low = rays->column_high + w;
    rays->row_high = rays->row_low + h;
    for (size_t u = 0; u < w; u++)
        rays->column_low[u] = INFINITY, rays->column_high[u] = -INFINITY;
    for (size_t v = 0; v < h; v++) {
        rays->row_low[v] = INFINITY, rays->row_high[v] = -INFINITY;
        for (size_t u = 0; u < w; u++) {
            hs_vec3 ray = hs_camera_ray(camera, (double)u, (double)v);
            float x = (float)ray.x, y = (float)ray.y;
            rays->x[v * w + u] = x;
            rays->y[v * w + u] = y;
            rays->column_low[u] = fminf(rays->column_low[u], x);
            rays->column_high[u] = fmaxf(rays->column_high[u], x);
            rays->row_low[v] = fminf(rays->row_low[v], y);
            rays->row_high[v] = fmaxf(rays->row_high[v], y);
        }
    }
    widen(rays);
    return HS_OK;
}

void hs_rays_free(hs_rays *rays)
{
    free(rays->x);
    memset(rays, 0, sizeof *rays);
}

/* The first of n rising numbers that is at least `value`, or with `above` greater; n: none. */
static int search(const float *numbers, int n, double value, bool above)
{
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        bool reached = above ? numbers[middle] > value : numbers[middle] >= value;
        high = reached ? middle : high;
        low = reached ? low : middle + 1;
    }
    return low;
}

/* First and one past the last of n intervals that meet [low, high]. */
static void find_range(const float *lows, const float *highs, int n, double low, double high,
                       int *first, int *last)
{
    *first = search(highs, n, low, false);
    *last = search(lows, n, high, true);
}

hs_rectangle hs_rays_bounds(const hs_rays *rays, double x_low, double x_high, double y_low,
                            double y_high)
{
    hs_rectangle box;
    find_range(rays->column_low, rays->column_high, rays->width, x_low, x_high, &box.x0, &box.x1);
    find_range(rays->row_low, rays->row_high, rays->height, y_low, y_high, &box.y0, &box.y1);
    return box;
}

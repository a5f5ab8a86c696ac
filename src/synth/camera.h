/* A pinhole camera with the inverse Brown-Conrady distortion of RealSense depth cameras: the
 * polynomial takes pixels to rays, so a ray is exact and needs no iteration. */
#ifndef HS_SYNTH_CAMERA_H
#define HS_SYNTH_CAMERA_H

#include "synth/geometry.h"
#include "synth/profile.h"
#include <stdint.h>

typedef struct hs_camera {
    int width, height;
    double fx, fy, cx, cy; /* pixels; a pixel's centre has whole coordinates */
    double distortion[5];
} hs_camera;

/* The ray (x, y, 1) of every pixel, and for each column (row) the range of x (y) its rays span. */
typedef struct hs_rays {
    int width, height;
    float *x, *y;                    /* [H][W] */
    float *column_low, *column_high; /* [W] */
    float *row_low, *row_high;       /* [H] */
} hs_rays;

/* The camera of a data set: the profile's, with intrinsics drawn from its spread by `seed`, scaled
 * to width x height pixels. */
hs_camera hs_camera_make(const hs_camera_profile *profile, uint64_t seed, int width, int height);

/* Ray through the image point (u, v), z = 1. */
hs_vec3 hs_camera_ray(const hs_camera *camera, double u, double v);

hs_status hs_rays_init(hs_rays *rays, const hs_camera *camera);
void hs_rays_free(hs_rays *rays);

/* Pixels [x0, x1) x [y0, y1) that hold every ray with x and y in the given bounds; may be empty. */
typedef struct hs_rectangle {
    int x0, x1, y0, y1;
} hs_rectangle;
hs_rectangle hs_rays_bounds(const hs_rays *rays, double x_low, double x_high, double y_low,
                            double y_high);

#endif

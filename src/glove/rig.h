/* A depth camera and a colour camera, and how they lie to each other. */
#ifndef HS_GLOVE_RIG_H
#define HS_GLOVE_RIG_H

#include <stdint.h>

/* How the image point of a ray leaves that of a pinhole. Both are the polynomial of Brown and
 * Conrady with k1, k2, k3 (radial) and p1, p2 (tangential), as librealsense has them. */
typedef enum hs_lens_model {
    HS_LENS_NONE,                  /* a pinhole */
    HS_LENS_BROWN_CONRADY,         /* the polynomial takes rays to image points */
    HS_LENS_INVERSE_BROWN_CONRADY, /* the polynomial takes image points to rays */
} hs_lens_model;

/* Intrinsics of one camera; the centre of a pixel has whole coordinates. */
typedef struct hs_lens {
    int32_t width, height; /* pixels */
    double fx, fy, cx, cy; /* pixels */
    hs_lens_model model;
    double k[5]; /* k1 k2 p1 p2 k3 */
} hs_lens;

/* A point p of the depth camera's frame is rotation * p + translation in the colour camera's;
 * x to the right, y down, z forward, metres. */
typedef struct hs_rig {
    hs_lens depth, color;
    double rotation[9]; /* row-major */
    double translation[3];
    double depth_unit; /* metres a count */
} hs_rig;

/* The ray (x, y, 1) through image point (u, v). */
void hs_lens_ray(const hs_lens *lens, double u, double v, double ray[2]);

/* The image point of the ray (x, y, 1): the inverse of hs_lens_ray to 1e-6 pixels inside the image;
 * where the polynomial has no inverse, not finite. */
void hs_lens_project(const hs_lens *lens, double x, double y, double point[2]);

#endif

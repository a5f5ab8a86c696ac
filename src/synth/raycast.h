/* Exact ray casting of a mesh: every primitive visits the pixels of its projected bounds, and the
 * nearest closed-form intersection is kept. */
#ifndef HS_SYNTH_RAYCAST_H
#define HS_SYNTH_RAYCAST_H

#include "synth/camera.h"
#include "synth/mesh.h"

/* What the camera sees: [H][W] arrays, owned by whoever made them. */
typedef struct hs_view {
    int width, height;
    float *depth;      /* metres along the optical axis; 0 where nothing is hit */
    uint16_t *surface; /* 1 + index of the primitive; 0 where nothing is hit */
    uint8_t *part;     /* part code */
    float *normal[3];  /* unit outward normal in camera space, a plane of the image a component */
} hs_view;

/* Distance along the ray d from the origin to the first point of the primitive, in units of d, or
 * INFINITY. The origin must be outside the primitive. */
double hs_primitive_intersect(const hs_primitive *primitive, hs_vec3 d);

/* Unit outward normal of the primitive at its surface point p, turned towards the origin. */
hs_vec3 hs_primitive_normal(const hs_primitive *primitive, hs_vec3 p);

/* Depth and surface only. */
void hs_raycast_depth(const hs_mesh *mesh, const hs_rays *rays, hs_view *view);

/* Renders the mesh (camera space) into `view`, whose size must be that of `rays`. Primitives that
 * begin beyond `reach` (metres along the optical axis; INFINITY: none) are left out. */
void hs_raycast(const hs_mesh *mesh, const hs_rays *rays, double reach, hs_view *view);

#endif

/* What is rendered: convex primitives with a part each. Spheres joined by cones and wedges make
 * hands and bodies (Tkach, Pauly, Tagliasacchi, "Sphere-Meshes for Real-Time Hand Modeling and
 * Tracking", SIGGRAPH Asia 2016); boxes make furniture and walls. */
#ifndef HS_SYNTH_MESH_H
#define HS_SYNTH_MESH_H

#include "synth/geometry.h"
#include <stdbool.h>
#include <stdint.h>

enum {
#define HS_PART(name, hand, cloth, meaning) HS_PART_##name,
#include "synth/parts.def"
#undef HS_PART
    HS_PARTS,
    HS_PART_LEFT = 32, /* added to the part of a left limb */
    HS_PART_CODES = 64
};

/* Label of a part code in a mask: 0 background, 1 right hand, 2 left hand. */
uint8_t hs_part_label(uint8_t part);
bool hs_part_is_cloth(uint8_t part);

/* A sphere of a sphere-mesh, in metres. */
typedef struct hs_sphere {
    hs_vec3 center;
    double radius;
} hs_sphere;

typedef enum hs_primitive_kind { HS_CONE, HS_TRIANGLE, HS_BOX } hs_primitive_kind;

typedef struct hs_primitive {
    hs_primitive_kind kind;
    uint8_t part;
    union {
        hs_sphere ends[2];  /* cone: the convex hull of two spheres */
        hs_vec3 corners[3]; /* triangle */
        struct {
            hs_vec3 center, half; /* box: half its extent along each axis */
            hs_axes axes;
        } box;
    };
} hs_primitive;

enum { HS_MESH_MAX = 640 };
typedef struct hs_mesh {
    int count;
    hs_primitive items[HS_MESH_MAX];
} hs_mesh;

/* Adds the convex hull of two spheres, once however often it is asked for. */
void hs_mesh_cone(hs_mesh *mesh, uint8_t part, hs_sphere a, hs_sphere b);

/* Adds the convex hull of three spheres: its cones and, where one plane touches all three from
 * outside, the two triangles between the points of contact. */
void hs_mesh_wedge(hs_mesh *mesh, uint8_t part, hs_sphere a, hs_sphere b, hs_sphere c);

/* Two wedges over the quadrilateral a b c d, in order around it. */
void hs_mesh_quad(hs_mesh *mesh, uint8_t part, hs_sphere a, hs_sphere b, hs_sphere c, hs_sphere d);

void hs_mesh_box(hs_mesh *mesh, uint8_t part, hs_vec3 center, const hs_axes *axes, hs_vec3 half);

/* Distance of q from the surface of the hull of two spheres; negative inside. */
double hs_cone_distance(hs_sphere a, hs_sphere b, hs_vec3 q);

#endif

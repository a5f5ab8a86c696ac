/* Distances that people who are recorded keep: hands from the body, the things around and each
 * other, and inside what both cameras see. */
#ifndef HS_SYNTH_CLEAR_H
#define HS_SYNTH_CLEAR_H

#include "synth/scene.h"

typedef struct hs_clearance {
    double body;   /* metres from a hand to trunk, head, legs, arms, furniture */
    double apart;  /* share of the image's width between the outlines of the two hands */
    double border; /* the same from a hand to the image's border */
} hs_clearance;

/* A camera and where it stands in the depth camera's space. */
typedef struct hs_viewpoint {
    hs_camera camera;
    hs_placement place;
} hs_viewpoint;

/* Image point of p (depth camera's space) in the pinhole of a viewpoint; p must be before it. */
void hs_viewpoint_project(const hs_viewpoint *view, hs_vec3 p, double point[2]);

/* Whether both hands of the placed scene (depth camera's space) keep the distances, seen from both
 * viewpoints. */
bool hs_hands_clear(const hs_scene *scene, const hs_clearance *clearance,
                    const hs_viewpoint views[2]);

/* Metres by which the hands are apart in space: the least over the spheres of both; negative where
 * they pass through each other. */
double hs_hands_apart(const hs_scene *scene);

/* Least distance of a hand from trunk, head and legs. */
double hs_hand_body_gap(const hs_scene *scene, bool left);

/* The share of a hand's spheres whose centres a viewpoint sees. */
double hs_hand_seen(const hs_scene *scene, bool left, const hs_viewpoint *view);

#endif

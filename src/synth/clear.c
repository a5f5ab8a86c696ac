#include "synth/clear.h"

/* The spheres of both hands. */
typedef struct hands {
    hs_sphere spheres[HS_SIDES][HS_HAND_SPHERES];
    int count[HS_SIDES];
} hands;

static hands find_hands(const hs_scene *scene)
{
    hands h;
    for (int s = 0; s < HS_SIDES; s++)
        h.count[s] =
            hs_hand_spheres(&scene->subject.hand, &scene->pose[s], &scene->limb[s], h.spheres[s]);
    return h;
}

void hs_viewpoint_project(const hs_viewpoint *view, hs_vec3 p, double point[2])
{
    hs_vec3 q = hs_locate(view->place.origin, &view->place.axes, p);
    point[0] = q.x / q.z * view->camera.fx + view->camera.cx;
    point[1] = q.y / q.z * view->camera.fy + view->camera.cy;
}

/* ---- in space ---- */

static double box_distance(const hs_room_box *box, const hs_scene *scene, hs_vec3 p)
{
    hs_axes axes = scene->level;
    hs_turn(&axes.x, &axes.z, box->turn);
    hs_vec3 center = hs_place(scene->body.neck, &scene->level, box->center);
    hs_vec3 q = hs_locate(center, &axes, p);
    return hs_length(hs_vec(fmax(fabs(q.x) - box->half.x, 0), fmax(fabs(q.y) - box->half.y, 0),
                            fmax(fabs(q.z) - box->half.z, 0)));
}

static bool clear_of_room(const hs_scene *scene, const hands *h, int s, double distance)
{
    const hs_room *room = &scene->room;
    for (int i = 0; i < h->count[s]; i++) {
        const hs_sphere *sphere = &h->spheres[s][i];
        double least = distance + sphere->radius;
        for (int k = 0; k < room->count; k++)
            if (box_distance(&room->boxes[k], scene, sphere->center) < least)
                return false;
        if (room->table && box_distance(&room->table_box, scene, sphere->center) < least)
            return false;
    }
    return true;
}

/* Of the other arm whole, of its own above the elbow. */
static bool clear_of_arms(const hs_scene *scene, const hands *h, int s, double distance)
{
    const hs_body_anatomy *a = &scene->subject.body;
    for (int side = 0; side < HS_SIDES; side++) {
        const hs_arm *arm = &scene->arm[side];
        hs_sphere wrist = {arm->wrist, scene->subject.hand.wrist_radius};
        hs_sphere elbow = {arm->elbow, a->elbow_radius + scene->clothes.sleeve_loose};
        hs_sphere shoulder = {arm->shoulder, a->arm_radius};
        for (int i = 0; i < h->count[s]; i++) {
            const hs_sphere *sphere = &h->spheres[s][i];
            double least = distance + sphere->radius;
            if (hs_cone_distance(elbow, shoulder, sphere->center) < least ||
                (side != s && hs_cone_distance(wrist, elbow, sphere->center) < least))
                return false;
        }
    }
    return true;
}

double hs_hands_apart(const hs_scene *scene)
{
    hands h = find_hands(scene);
    double least = INFINITY;
    for (int i = 0; i < h.count[HS_RIGHT]; i++)
        for (int k = 0; k < h.count[HS_LEFT]; k++) {
            const hs_sphere *a = &h.spheres[HS_RIGHT][i], *b = &h.spheres[HS_LEFT][k];
            least = fmin(least, hs_distance(a->center, b->center) - a->radius - b->radius);
        }
    return least;
}

double hs_hand_body_gap(const hs_scene *scene, bool left)
{
    hands h = find_hands(scene);
    return hs_body_clearance(&scene->subject.body, &scene->body, &scene->clothes, h.spheres[left],
                             h.count[left]);
}

/* ---- in the image ---- */

static bool within_view(const hands *h, int s, const hs_viewpoint *view, double border)
{
    const hs_camera *c = &view->camera;
    double margin = border * c->width;
    for (int i = 0; i < h->count[s]; i++) {
        const hs_sphere *sphere = &h->spheres[s][i];
        double z = hs_locate(view->place.origin, &view->place.axes, sphere->center).z;
        if (z < 0.3)
            return false;
        double p[2], r = margin + sphere->radius / z * c->fx;
        hs_viewpoint_project(view, sphere->center, p);
        if (p[0] < r || p[1] < r || p[0] > c->width - 1 - r || p[1] > c->height - 1 - r)
            return false;
    }
    return true;
}

/* Range of a hand's outline along a direction of the image. */
static void extent(const hands *h, int s, const hs_viewpoint *view, const double direction[2],
                   double range[2])
{
    range[0] = INFINITY, range[1] = -INFINITY;
    for (int i = 0; i < h->count[s]; i++) {
        const hs_sphere *sphere = &h->spheres[s][i];
        double p[2];
        hs_viewpoint_project(view, sphere->center, p);
        double at = p[0] * direction[0] + p[1] * direction[1];
        double z = hs_locate(view->place.origin, &view->place.axes, sphere->center).z;
        double r = sphere->radius / z * view->camera.fx;
        range[0] = fmin(range[0], at - r), range[1] = fmax(range[1], at + r);
    }
}

/* Pixels between the convex hulls of the hands: the widest empty strip of some directions. */
static double hull_gap(const hands *h, const hs_viewpoint *view)
{
    enum { DIRECTIONS = 16 };
    double widest = -INFINITY;
    for (int i = 0; i < DIRECTIONS; i++) {
        double angle = HS_PI * i / DIRECTIONS, direction[2] = {cos(angle), sin(angle)};
        double right[2], left[2];
        extent(h, HS_RIGHT, view, direction, right);
        extent(h, HS_LEFT, view, direction, left);
        widest = fmax(widest, fmax(left[0] - right[1], right[0] - left[1]));
    }
    return widest;
}

double hs_hand_seen(const hs_scene *scene, bool left, const hs_viewpoint *view)
{
    hands h = find_hands(scene);
    int inside = 0;
    for (int i = 0; i < h.count[left]; i++) {
        double p[2];
        hs_viewpoint_project(view, h.spheres[left][i].center, p);
        inside += p[0] >= 0 && p[1] >= 0 && p[0] <= view->camera.width - 1 &&
                  p[1] <= view->camera.height - 1;
    }
    return (double)inside / h.count[left];
}

bool hs_hands_clear(const hs_scene *scene, const hs_clearance *clearance,
                    const hs_viewpoint views[2])
{
    hands h = find_hands(scene);
    for (int s = 0; s < HS_SIDES; s++)
        for (int i = 0; i < 2; i++)
            if (!within_view(&h, s, &views[i], clearance->border))
                return false;
    for (int i = 0; i < 2; i++)
        if (hull_gap(&h, &views[i]) < clearance->apart * views[i].camera.width)
            return false;
    for (int s = 0; s < HS_SIDES; s++)
        if (hs_body_clearance(&scene->subject.body, &scene->body, &scene->clothes, h.spheres[s],
                              h.count[s]) < clearance->body ||
            !clear_of_arms(scene, &h, s, clearance->body) ||
            !clear_of_room(scene, &h, s, clearance->body))
            return false;
    return true;
}

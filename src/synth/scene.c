#include "synth/scene.h"

#include <string.h>

enum {
    SESSIONS = 3,       /* recordings of one person, each with its clothes and room */
    PLACEMENTS = 60,    /* tries to place the hands of a frame before the body moves */
    ARM_PLACEMENTS = 30 /* tries to place one arm */
};

/* Where a hand goes. */
typedef struct target {
    hs_vec3 palm;
    bool raised, behind; /* shown to the camera; kept behind the back */
} target;

static double within(hs_rng *rng, double mean, double deviation, double low, double high)
{
    return hs_clamp(mean + deviation * hs_rng_normal(rng), low, high);
}

hs_session hs_session_draw(const hs_staging_profile *staging, uint64_t seed, uint32_t subject,
                           uint32_t number, hs_scene *scene)
{
    hs_rng rng = hs_rng_make(seed, subject, 1 + number, HS_PURPOSE_SYNTH_SUBJECT);
    hs_session s;
    s.seated = hs_rng_uniform(&rng) < staging->seated;
    s.distance = hs_rng_range(&rng, staging->body_distance.low, staging->body_distance.high);
    s.shoulders = within(&rng, 0.12, 0.14, -0.25, 0.34);
    s.pitch = hs_radians(within(&rng, 4, 9, -14, 24));
    scene->clothes = hs_clothes_draw(&rng);
    scene->room = hs_room_draw(&rng, s.seated, s.distance);
    return s;
}

/* Cameras look down on tables: seen from below one would hide the person. */
static bool table_is_below(const hs_scene *scene)
{
    double eye = hs_locate(scene->body.neck, &scene->level, hs_vec(0, 0, 0)).y;
    return eye > hs_room_table_height(&scene->room) + 0.12;
}

void hs_body_draw(const hs_camera *camera, const hs_session *s, hs_rng *rng, hs_scene *scene)
{
    hs_body_pose *body = &scene->body;
    double z = s->distance + within(rng, 0, 0.05, -0.1, 0.1);
    double u = camera->width * within(rng, 0.5, 0.07, 0.3, 0.7);
    double v = camera->height * (s->shoulders + within(rng, 0, 0.04, -0.1, 0.1));
    body->neck = hs_scale(hs_camera_ray(camera, u, v), z);
    body->seated = s->seated;
    body->knees = hs_radians(hs_rng_range(rng, 10, 50));
    body->shrug[0] = within(rng, 0, 0.012, -0.02, 0.03);
    body->shrug[1] = within(rng, 0, 0.012, -0.02, 0.03);
    /* The person faces the camera, which looks down by `pitch`. */
    hs_axes axes = {{-1, 0, 0}, {0, -1, 0}, {0, 0, -1}};
    hs_turn(&axes.y, &axes.z, s->pitch);
    scene->level = axes;
    double yaw =
        hs_rng_uniform(rng) < 0.1 ? hs_rng_range(rng, -50, 50) : within(rng, 0, 12, -30, 30);
    hs_turn(&axes.z, &axes.x, hs_radians(yaw));
    hs_turn(&axes.y, &axes.x, hs_radians(within(rng, 0, 3, -8, 8)));
    hs_turn(&axes.y, &axes.z, hs_radians(within(rng, 4, 6, -8, 20)));
    body->axes = body->head = axes;
    hs_turn(&body->head.y, &body->head.z, hs_radians(within(rng, 6, 10, -15, 35)));
    hs_turn(&body->head.z, &body->head.x, hs_radians(within(rng, 0, 14, -40, 40)));
    scene->room.table &= table_is_below(scene);
}

/* A hand that is not raised hangs beside the body or is behind the back. */
static void lower_hand(const hs_scene *scene, bool left, hs_rng *rng, target *goal)
{
    const hs_body_anatomy *a = &scene->subject.body;
    double side = left ? -1 : 1;
    hs_vec3 p = hs_vec(side * (a->shoulder_half + hs_rng_range(rng, 0.02, 0.1)),
                       -a->upper_arm - a->forearm + hs_rng_range(rng, -0.04, 0.06),
                       hs_rng_range(rng, -0.05, 0.14));
    goal->behind = hs_rng_uniform(rng) < 0.5;
    if (goal->behind)
        p = hs_vec(side * hs_rng_range(rng, 0.0, 0.08), -0.8 * a->trunk,
                   -a->waist_radius - hs_rng_range(rng, 0.05, 0.1));
    goal->palm = hs_place(scene->body.neck, &scene->body.axes, p);
}

/* Both hands' targets: the right hand of a person facing the camera is on the image's left. True
 * where the hands may touch. */
static bool draw_targets(const hs_staging_profile *staging, const hs_camera *camera, hs_rng *rng,
                         const hs_scene *scene, target targets[HS_SIDES])
{
    bool one = hs_rng_uniform(rng) < staging->one_hand;
    bool together = hs_rng_uniform(rng) < staging->together;
    bool crossed = hs_rng_uniform(rng) < staging->crossed;
    int only = (int)hs_rng_below(rng, 2);
    if (staging->one_left)
        only = HS_LEFT;
    double chest = scene->body.neck.z;
    double middle = scene->body.neck.x / scene->body.neck.z * camera->fx + camera->cx;
    double far = fmin(staging->hand_distance.high, chest - 0.2);
    for (int s = 0; s < HS_SIDES; s++) {
        targets[s].raised = !one || s == only;
        double side = (s == HS_LEFT ? 1 : -1) * (crossed ? -0.6 : 1);
        double aside = within(rng, 0.14, 0.09, -0.06, 0.36) * side;
        double u = hs_mix(middle, 0.5 * camera->width, 0.5) + aside * camera->width;
        double v = camera->height * within(rng, 0.56, 0.16, 0.12, 0.92);
        double z = hs_rng_range(rng, fmax(staging->hand_distance.low, chest - 0.5), far);
        targets[s].palm = hs_scale(hs_camera_ray(camera, u, v), z);
        targets[s].behind = false;
        if (!targets[s].raised)
            lower_hand(scene, s == HS_LEFT, rng, &targets[s]);
    }
    together &= !one;
    if (together) {
        double apart = hs_rng_range(rng, 0.05, 0.14), turn = hs_rng_range(rng, -1.2, 1.2);
        hs_vec3 offset = hs_vec(apart * cos(turn), 0.6 * apart * sin(turn), 0);
        offset.z = hs_rng_range(rng, -0.07, 0.07);
        targets[HS_LEFT].palm = hs_add(targets[HS_RIGHT].palm, offset);
    }
    return together;
}

hs_arm_stance hs_arm_stance_draw(const hs_subject *subject, hs_rng *rng)
{
    hs_arm_stance stance;
    stance.pose = hs_pose_draw(subject, rng);
    /* Hands are shown with any turn of the forearm; the thumb up and the palm down most. */
    stance.pronation = hs_radians(within(rng, 15, 50, -88, 85));
    stance.elbow = hs_vec(within(rng, 0.4, 0.35, -0.2, 1.4), within(rng, -1, 0.3, -1.6, 0.4),
                          within(rng, -0.25, 0.3, -1, 0.5));
    return stance;
}

bool hs_arm_place(hs_scene *scene, bool left, hs_vec3 goal, const hs_arm_stance *stance, bool yield)
{
    const hs_body_pose *body = &scene->body;
    hs_vec3 shoulder = hs_body_shoulder(&scene->subject.body, body, left), elbow = stance->elbow;
    hs_limb *limb = &scene->limb[left];
    double palm = 0.085 * scene->subject.hand.scale;
    scene->pose[left] = stance->pose;
    elbow.x *= left ? -1 : 1;
    hs_vec3 along = hs_unit(hs_sub(goal, shoulder));
    for (int pass = 0; pass < 2; pass++) {
        /* The first pass finds how the hand lies, the second puts its palm on the target. */
        hs_vec3 wrist = hs_along(goal, -palm, along);
        if (yield)
            wrist = hs_arm_limit(&scene->subject.body, body, left, wrist);
        if (!hs_arm_reach(&scene->subject.body, body, left, wrist,
                          hs_place(hs_vec(0, 0, 0), &body->axes, elbow), stance->pronation,
                          &scene->arm[left]))
            return false;
        limb->left = left;
        limb->forearm = scene->arm[left].forearm;
        limb->hand = hs_hand_axes(&limb->forearm, &scene->pose[left]);
        limb->wrist = wrist;
        along = limb->hand.y;
    }
    return true;
}

/* Share of the spheres whose centres the camera sees; 0 where one is too near. */
static double seen(const hs_camera *camera, const hs_sphere *spheres, int n)
{
    int inside = 0;
    for (int i = 0; i < n; i++) {
        hs_vec3 p = spheres[i].center;
        if (p.z - spheres[i].radius < 0.25)
            return 0;
        double u = p.x / p.z * camera->fx + camera->cx, v = p.y / p.z * camera->fy + camera->cy;
        inside += u >= 0 && v >= 0 && u < camera->width && v < camera->height;
    }
    return (double)inside / n;
}

/* `least`: metres between hand and body or table; negative: hands may be pressed on. */
static bool clear_of_body(const hs_scene *scene, bool left, const hs_sphere *spheres, int n,
                          double least)
{
    const hs_body_anatomy *a = &scene->subject.body;
    if (hs_body_clearance(a, &scene->body, &scene->clothes, spheres, n) < least)
        return false;
    const hs_arm *arm = &scene->arm[left];
    hs_sphere forearm[3];
    for (int i = 0; i < 3; i++)
        forearm[i] =
            (hs_sphere){hs_along(arm->wrist, 0.25 * (i + 1), hs_sub(arm->elbow, arm->wrist)), 0.02};
    if (hs_body_clearance(a, &scene->body, &scene->clothes, forearm, 3) < -0.01)
        return false;
    double table = hs_room_table_height(&scene->room) + fmax(least, -0.004);
    for (int i = 0; i < n && scene->room.table; i++) {
        hs_vec3 p = hs_locate(scene->body.neck, &scene->level, spheres[i].center);
        if (p.y - spheres[i].radius < table)
            return false;
    }
    return true;
}

/* `least`: metres between a hand and the other hand or forearm; hands that touch are pressed
 * together a little. */
static bool clear_of_each_other(const hs_scene *scene, hs_sphere (*spheres)[HS_HAND_SPHERES],
                                const int *count, double least)
{
    for (int i = 0; i < count[HS_RIGHT]; i++)
        for (int k = 0; k < count[HS_LEFT]; k++) {
            const hs_sphere *a = &spheres[HS_RIGHT][i], *b = &spheres[HS_LEFT][k];
            if (hs_distance(a->center, b->center) < a->radius + b->radius + least)
                return false;
        }
    for (int s = 0; s < HS_SIDES; s++) {
        const hs_arm *other = &scene->arm[!s];
        hs_sphere wrist = {other->wrist, scene->subject.hand.wrist_radius};
        hs_sphere elbow = {other->elbow, scene->subject.body.elbow_radius};
        for (int i = 0; i < count[s]; i++)
            if (hs_cone_distance(wrist, elbow, spheres[s][i].center) < spheres[s][i].radius + least)
                return false;
    }
    return true;
}

/* True where both arms could be placed so that the frame is one a person could have recorded. */
static bool place_hands(const hs_staging_profile *staging, const hs_camera *camera, hs_rng *rng,
                        hs_scene *scene)
{
    target targets[HS_SIDES];
    const double pressed = -0.008;
    hs_sphere spheres[HS_SIDES][HS_HAND_SPHERES];
    int count[HS_SIDES];
    bool touch = draw_targets(staging, camera, rng, scene, targets);
    for (int s = 0; s < HS_SIDES; s++) {
        bool placed = false;
        scene->raised[s] = targets[s].raised;
        /* Some hands leave the image, as they do in recordings. */
        double least = !targets[s].raised ? 0 : hs_rng_uniform(rng) < 0.1 ? 0.4 : 0.9;
        for (int i = 0; i < ARM_PLACEMENTS && !placed; i++) {
            hs_arm_stance stance = hs_arm_stance_draw(&scene->subject, rng);
            if (!hs_arm_place(scene, s, targets[s].palm, &stance, false))
                continue;
            count[s] =
                hs_hand_spheres(&scene->subject.hand, &scene->pose[s], &scene->limb[s], spheres[s]);
            /* People show their hands: palm or back more than the edge. */
            double shown = fabs(hs_dot(scene->limb[s].hand.z, hs_unit(targets[s].palm)));
            if (hs_rng_uniform(rng) > 0.15 + 0.85 * shown * shown)
                continue;
            double clear = targets[s].raised ? staging->clear : pressed;
            placed = (!targets[s].raised || seen(camera, spheres[s], count[s]) >= least) &&
                     (targets[s].behind || clear_of_body(scene, s, spheres[s], count[s], clear));
        }
        if (!placed)
            return false;
    }
    return clear_of_each_other(scene, spheres, count, touch ? pressed : staging->apart);
}

static void set_reflectance(hs_scene *scene)
{
    const hs_clothes *c = &scene->clothes;
    const double table[HS_PARTS] = {
        [HS_PART_PALM] = c->glove,
        [HS_PART_THUMB] = c->glove,
        [HS_PART_INDEX] = c->glove,
        [HS_PART_MIDDLE] = c->glove,
        [HS_PART_RING] = c->glove,
        [HS_PART_LITTLE] = c->glove,
        [HS_PART_CUFF] = c->glove,
        [HS_PART_FOREARM] = c->skin,
        [HS_PART_SLEEVE] = c->shirt,
        [HS_PART_UPPER_ARM] = c->skin,
        [HS_PART_TORSO] = c->shirt,
        [HS_PART_NECK] = c->skin,
        [HS_PART_FACE] = c->skin,
        [HS_PART_HAIR] = c->hair,
        [HS_PART_LEG] = c->trousers,
        [HS_PART_FURNITURE] = scene->room.reflectance,
        [HS_PART_WALL] = 0.55 * scene->room.reflectance,
        [HS_PART_PROBE] = c->glove,
        [HS_PART_STICK] = 0.5,
    };
    for (int i = 0; i < HS_PART_CODES; i++)
        scene->reflectance[i] = i % HS_PART_LEFT < HS_PARTS ? table[i % HS_PART_LEFT] : 0;
}

static void add_person(const hs_scene *scene, hs_mesh *mesh)
{
    for (int s = 0; s < HS_SIDES; s++) {
        hs_hand_mesh(&scene->subject.hand, &scene->pose[s], &scene->limb[s], &scene->clothes, mesh);
        hs_arm_mesh(&scene->subject, &scene->arm[s], s, &scene->clothes, mesh);
    }
    hs_body_mesh(&scene->subject.body, &scene->body, &scene->clothes, mesh);
}

/* Held up on a thin stick. */
static void add_ball(const hs_scene *scene, hs_mesh *mesh)
{
    const double stick = 0.004, length = 1.2;
    hs_sphere top = {scene->ball.center, stick};
    hs_sphere foot = {hs_along(top.center, -length, scene->level.y), stick};
    hs_mesh_cone(mesh, HS_PART_PROBE, scene->ball, scene->ball);
    hs_mesh_cone(mesh, HS_PART_STICK, top, foot);
}

void hs_scene_build(hs_scene *scene)
{
    hs_mesh *mesh = &scene->mesh;
    mesh->count = 0;
    set_reflectance(scene);
    if (!scene->nobody)
        add_person(scene, mesh);
    if (scene->ball.radius > 0)
        add_ball(scene, mesh);
    hs_room_mesh(&scene->room, scene->body.neck, &scene->level, mesh);
}

static void move_point(const hs_placement *camera, hs_vec3 *p)
{
    *p = hs_locate(camera->origin, &camera->axes, *p);
}

static void move_axes(const hs_placement *camera, hs_axes *axes)
{
    axes->x = hs_components(&camera->axes, axes->x);
    axes->y = hs_components(&camera->axes, axes->y);
    axes->z = hs_components(&camera->axes, axes->z);
}

void hs_scene_move(hs_scene *scene, const hs_placement *camera)
{
    move_point(camera, &scene->ball.center);
    move_point(camera, &scene->body.neck);
    move_axes(camera, &scene->body.axes);
    move_axes(camera, &scene->body.head);
    move_axes(camera, &scene->level);
    for (int s = 0; s < HS_SIDES; s++) {
        hs_arm *arm = &scene->arm[s];
        hs_limb *limb = &scene->limb[s];
        move_point(camera, &arm->shoulder);
        move_point(camera, &arm->elbow);
        move_point(camera, &arm->wrist);
        move_axes(camera, &arm->forearm);
        move_point(camera, &limb->wrist);
        move_axes(camera, &limb->hand);
        move_axes(camera, &limb->forearm);
    }
}

void hs_scene_draw(const hs_staging_profile *staging, const hs_camera *camera, uint64_t seed,
                   uint32_t subject, hs_rng *rng, hs_scene *scene)
{
    memset(scene, 0, sizeof *scene);
    scene->subject = hs_subject_make(seed, subject);
    /* A session in which nothing can be placed is not insisted on. */
    for (bool placed = false; !placed;) {
        hs_session s = hs_session_draw(staging, seed, subject, hs_rng_below(rng, SESSIONS), scene);
        hs_body_draw(camera, &s, rng, scene);
        for (int i = 0; i < PLACEMENTS && !placed; i++)
            placed = place_hands(staging, camera, rng, scene);
    }
    hs_scene_build(scene);
}

#include "synth/motion.h"

#include "base/memory.h"
#include "synth/raycast.h"
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS_TRIED = 64, /* clothes, rooms and places tried until the person has room to move */
    PERSONS_TRIED = 16,  /* before another one is taken */
    FIRST_TRIES = 150,   /* stances tried in each */
    KEY_TRIES = 60,      /* stances tried for each key that follows */
    WAYPOINTS = 3,       /* places on the way from key to key where the hands must be clear */
    AIMS_FROM = 1 << 30  /* streams: keys count from 0, their episodes from here */
};

/* Where the movement starts there is room to move. */
static const hs_clearance at_first = {.body = 0.16, .apart = 0.05, .border = 0.03};
static const hs_clearance always = {.body = 0.12, .apart = 0.03, .border = 0.02};

/* What the drawing of keys reads. */
typedef struct stage {
    const hs_recording_profile *recording;
    const hs_viewpoint *views; /* [2] */
    hs_scene *scene;           /* where stances are tried */
} stage;

/* ---- stances ---- */

static double within(hs_rng *rng, double mean, double deviation, double low, double high)
{
    return hs_clamp(mean + deviation * hs_rng_normal(rng), low, high);
}

/* Places body and arms of the scene as the stance has them. */
static void take_stance(const hs_scene *base, const hs_stance *stance, hs_scene *scene)
{
    scene->body = base->body;
    hs_body_pose *body = &scene->body;
    body->neck = hs_add(body->neck, stance->sway);
    hs_axes *axes[2] = {&body->axes, &body->head};
    for (int i = 0; i < 2; i++) {
        hs_turn(&axes[i]->z, &axes[i]->x, stance->turn);
        hs_turn(&axes[i]->y, &axes[i]->z, stance->lean);
    }
    hs_turn(&body->head.z, &body->head.x, stance->look);
    hs_turn(&body->head.y, &body->head.z, stance->nod);
    for (int s = 0; s < HS_SIDES; s++) {
        scene->raised[s] = true;
        hs_arm_place(scene, s, stance->palm[s], &stance->arm[s], true);
    }
}

/* Rises smoothly from 0 to 1, at rest at both ends: the way hands move (minimum jerk). */
static double ease(double t)
{
    t = hs_clamp(t, 0, 1);
    return t * t * t * (10 + t * (6 * t - 15));
}

static hs_vec3 mix_points(hs_vec3 a, hs_vec3 b, double t)
{
    return hs_along(a, t, hs_sub(b, a));
}

/* How an arm gets from one stance to another: `t` of the way. */
static hs_arm_stance mix_arms(const hs_arm_stance *a, const hs_arm_stance *b, double t)
{
    hs_arm_stance m = {.pronation = hs_mix(a->pronation, b->pronation, t),
                       .elbow = mix_points(a->elbow, b->elbow, t)};
    for (int j = 0; j < HS_JOINTS; j++)
        m.pose.angle[j] = hs_mix(a->pose.angle[j], b->pose.angle[j], t);
    return m;
}

static hs_stance mix_stances(const hs_stance *a, const hs_stance *b, double t)
{
    hs_stance m = {.sway = mix_points(a->sway, b->sway, t),
                   .turn = hs_mix(a->turn, b->turn, t),
                   .lean = hs_mix(a->lean, b->lean, t),
                   .look = hs_mix(a->look, b->look, t),
                   .nod = hs_mix(a->nod, b->nod, t)};
    for (int s = 0; s < HS_SIDES; s++) {
        m.palm[s] = mix_points(a->palm[s], b->palm[s], t);
        m.arm[s] = mix_arms(&a->arm[s], &b->arm[s], t);
    }
    return m;
}

/* ---- keys ---- */

/* Where a palm is shown: the right hand of who faces the camera is on the image's left. */
static hs_vec3 draw_palm(const stage *st, const hs_scene *base, int s, hs_rng *rng)
{
    const hs_camera *color = &st->views[1].camera;
    double side = s == HS_LEFT ? 1 : -1, chest = base->body.neck.z;
    double middle = 0.4 * base->body.neck.x / base->body.neck.z;
    double x = middle + side * within(rng, 0.22, 0.08, 0.07, 0.38) * color->width / color->fx;
    double y = within(rng, 0.03, 0.13, -0.3, 0.34) * color->height / color->fy;
    double far = fmin(st->recording->hand_distance.high, chest - 0.24);
    double z = hs_rng_range(rng, fmin(st->recording->hand_distance.low, far - 0.05), far);
    return hs_scale(hs_vec(x, y, 1), z);
}

/* Another stance; where there is a `last` one, not further from it than `freely`, 0 to 1, allows.
 */
static hs_stance draw_stance(const stage *st, const hs_scene *base, const hs_stance *last,
                             double freely, hs_rng *rng)
{
    hs_stance stance;
    stance.sway = hs_vec(within(rng, 0, 0.012, -0.03, 0.03), within(rng, 0, 0.006, -0.015, 0.015),
                         within(rng, 0, 0.012, -0.03, 0.03));
    stance.turn = hs_radians(within(rng, 0, 4, -10, 10));
    stance.lean = hs_radians(within(rng, 0, 2, -5, 5));
    stance.look = hs_radians(within(rng, 0, 8, -20, 20));
    stance.nod = hs_radians(within(rng, 0, 5, -12, 12));
    for (int s = 0; s < HS_SIDES; s++) {
        hs_vec3 palm = draw_palm(st, base, s, rng);
        hs_arm_stance arm = hs_arm_stance_draw(&base->subject, rng);
        double stride = hs_rng_range(rng, 0.1, 1) * freely * st->recording->reach;
        double turned = hs_rng_range(rng, 0.3, 1) * freely;
        if (last) {
            hs_vec3 way = hs_sub(palm, last->palm[s]);
            palm = hs_along(last->palm[s], fmin(1, stride / fmax(hs_length(way), 1e-6)), way);
            arm = mix_arms(&last->arm[s], &arm, turned);
        }
        stance.palm[s] = palm;
        stance.arm[s] = arm;
    }
    return stance;
}

/* People show their hands: palm or back more than the edge. */
static bool hands_are_shown(const hs_scene *scene, hs_rng *rng)
{
    bool shown = true;
    for (int s = 0; s < HS_SIDES; s++) {
        double facing = hs_dot(scene->limb[s].hand.z, hs_unit(scene->limb[s].wrist));
        shown &= hs_rng_uniform(rng) < 0.1 + 0.9 * facing * facing;
    }
    return shown;
}

static bool stance_is_clear(const stage *st, const hs_scene *base, const hs_stance *stance,
                            const hs_clearance *clearance)
{
    take_stance(base, stance, st->scene);
    return hs_hands_clear(st->scene, clearance, st->views);
}

static bool way_is_clear(const stage *st, const hs_scene *base, const hs_stance *from,
                         const hs_stance *to)
{
    for (int i = 1; i <= WAYPOINTS; i++) {
        hs_stance stance = mix_stances(from, to, (double)i / (WAYPOINTS + 1));
        if (!stance_is_clear(st, base, &stance, &always))
            return false;
    }
    return true;
}

/* A stance of its own (`last` NULL), or one that `last` leads to; false where none was found. */
static bool find_stance(const stage *st, const hs_scene *base, const hs_stance *last, hs_rng *rng,
                        hs_stance *stance)
{
    for (int i = 0; i < (last ? KEY_TRIES : FIRST_TRIES); i++) {
        /* Where there is little room, hands move little. */
        *stance = draw_stance(st, base, last, 1 - (double)i / KEY_TRIES, rng);
        if (stance_is_clear(st, base, stance, last ? &always : &at_first) &&
            hands_are_shown(st->scene, rng) && (!last || way_is_clear(st, base, last, stance)))
            return true;
    }
    return false;
}

/* Clothes, room and place of the recording, and a first stance. A few anatomies find no room before
 * any camera: somebody else comes. */
static hs_status find_session(const stage *st, const hs_profile *profile, uint64_t seed,
                              uint32_t subject, hs_scene *base, hs_stance *stance)
{
    hs_staging_profile staging = profile->staging;
    staging.body_distance = profile->recording.body_distance;
    for (uint32_t i = 0; i < SESSIONS_TRIED * PERSONS_TRIED; i++) {
        memset(base, 0, sizeof *base);
        base->subject = hs_subject_make(seed + ((uint64_t)(i / SESSIONS_TRIED) << 32), subject);
        hs_session session = hs_session_draw(&staging, seed, subject, i, base);
        hs_rng rng = hs_rng_make(seed, subject, i, HS_PURPOSE_SYNTH_SCENE);
        hs_body_draw(&st->views[0].camera, &session, &rng, base);
        *st->scene = *base;
        if (find_stance(st, base, NULL, &rng, stance))
            return HS_OK;
    }
    return hs_error(HS_ERR_USAGE, "choose another --seed",
                    "synth: subject %u: found no place where both hands are free", subject);
}

/* ---- episodes ---- */

static hs_episode_kind draw_episode(const hs_recording_profile *recording, hs_rng *rng)
{
    double at = hs_rng_uniform(rng);
    for (int kind = HS_EPISODE_GOOD + 1; kind < HS_EPISODE_LATE; kind++) {
        at -= recording->episodes[kind];
        if (at < 0)
            return (hs_episode_kind)kind;
    }
    return HS_EPISODE_GOOD;
}

/* Each of these returns false where it found no way to stage its episode. */

/* Brings the hands together until they touch. */
static bool aim_touching(const stage *st, const hs_scene *base, hs_key *key, hs_rng *rng)
{
    const hs_stance *from = &key->stance;
    hs_vec3 between = hs_sub(from->palm[HS_LEFT], from->palm[HS_RIGHT]);
    hs_vec3 middle = hs_along(from->palm[HS_RIGHT], hs_rng_range(rng, 0.35, 0.65), between);
    hs_vec3 along = hs_unit(between);
    for (double apart = 0.02; apart < 0.4; apart += 0.01) {
        hs_stance stance = *from;
        key->target[HS_RIGHT] = stance.palm[HS_RIGHT] = hs_along(middle, -apart / 2, along);
        key->target[HS_LEFT] = stance.palm[HS_LEFT] = hs_along(middle, apart / 2, along);
        take_stance(base, &stance, st->scene);
        double gap = hs_hands_apart(st->scene);
        if (gap > -0.006)
            return gap < 0.01;
    }
    return false;
}

/* Takes a hand back to the trunk until it is close before it. */
static bool aim_body(const stage *st, const hs_scene *base, hs_key *key, hs_rng *rng)
{
    hs_vec3 front = hs_vec(hs_rng_range(rng, 0, 0.09) * (key->left ? -1 : 1),
                           hs_rng_range(rng, -0.32, -0.12), 0.45);
    const double gap = hs_rng_range(rng, 0.01, 0.05);
    for (; front.z > 0; front.z -= 0.01) {
        hs_stance stance = key->stance;
        stance.palm[key->left] = hs_place(base->body.neck, &base->body.axes, front);
        take_stance(base, &stance, st->scene);
        key->target[key->left] = stance.palm[key->left];
        if (hs_hand_body_gap(st->scene, key->left) < gap)
            return hs_hand_seen(st->scene, key->left, &st->views[1]) == 1;
    }
    return false;
}

/* Takes a hand to the border of one of the views, sideways or down, so that about half is seen. */
static bool aim_border(const stage *st, const hs_scene *base, hs_key *key, hs_rng *rng)
{
    for (int i = 0; i < 20; i++) {
        const hs_viewpoint *view = &st->views[hs_rng_uniform(rng) < 0.6];
        const hs_camera *c = &view->camera;
        hs_vec3 q = hs_locate(view->place.origin, &view->place.axes, key->stance.palm[key->left]);
        double off = hs_rng_range(rng, -0.03, 0.03) * c->width;
        if (hs_rng_uniform(rng) < 0.35)
            q.y = (c->height - 1 + off - c->cy) / c->fy * q.z;
        else
            q.x = ((key->left ? c->width - 1 + off : -off) - c->cx) / c->fx * q.z;
        key->target[key->left] = hs_place(view->place.origin, &view->place.axes, q);
        double seen[2];
        for (int k = 0; k < 2; k++) { /* as the hand is held now and at the next key */
            hs_stance stance = key[k].stance;
            stance.palm[key->left] = key->target[key->left];
            take_stance(base, &stance, st->scene);
            seen[k] = hs_hand_seen(st->scene, key->left, view);
        }
        if (fmin(seen[0], seen[1]) > 0.2 && fmax(seen[0], seen[1]) < 0.75)
            return true;
    }
    return false;
}

/* Whether the built scene leaves the ball in sight. */
static bool in_sight(const hs_scene *scene, hs_sphere ball)
{
    const double r = 0.8 * ball.radius;
    const hs_vec3 offs[] = {{0, 0, 0}, {r, 0, 0}, {-r, 0, 0}, {0, r, 0}, {0, -r, 0}};
    for (size_t i = 0; i < sizeof offs / sizeof *offs; i++) {
        hs_vec3 p = hs_add(ball.center, offs[i]);
        for (int k = 0; k < scene->mesh.count; k++)
            if (hs_primitive_intersect(&scene->mesh.items[k], p) < 1)
                return false;
    }
    return true;
}

/* Stands a ball where it hides no hand and nothing hides it, now and at the next key. */
static bool aim_object(const stage *st, const hs_scene *base, hs_key *key, hs_rng *rng)
{
    const hs_viewpoint *view = &st->views[1];
    const hs_camera *c = &view->camera;
    for (int i = 0; i < 200; i++) {
        double u = hs_rng_range(rng, 0.08, 0.92) * c->width;
        double v = hs_rng_range(rng, 0.1, 0.9) * c->height;
        hs_vec3 ray = hs_scale(hs_camera_ray(c, u, v), hs_rng_range(rng, 0.55, 1.0));
        key->ball.center = hs_place(view->place.origin, &view->place.axes, ray);
        key->ball.radius = hs_rng_range(rng, 0.04, 0.09);
        bool clear = true;
        for (int k = 0; k < 2 && clear; k++) {
            for (int s = 0; s < HS_SIDES; s++) {
                double palm[2];
                hs_viewpoint_project(view, key[k].stance.palm[s], palm);
                clear &= hypot(palm[0] - u, palm[1] - v) > 0.27 * c->width;
            }
            take_stance(base, &key[k].stance, st->scene);
            hs_scene_build(st->scene);
            clear = clear && in_sight(st->scene, key->ball);
        }
        if (clear)
            return true;
    }
    return false;
}

/* What cannot be staged does not happen. */
static void aim_episode(const stage *st, const hs_scene *base, hs_key *key, hs_rng *rng)
{
    bool staged = true;
    key->left = hs_rng_uniform(rng) < 0.5;
    key->gain = 1;
    for (int s = 0; s < HS_SIDES; s++)
        key->target[s] = key->stance.palm[s];
    if (key->episode == HS_EPISODE_TOUCHING)
        staged = aim_touching(st, base, key, rng);
    else if (key->episode == HS_EPISODE_NEAR_BODY)
        staged = aim_body(st, base, key, rng);
    else if (key->episode == HS_EPISODE_OUT_OF_VIEW)
        staged = aim_border(st, base, key, rng);
    else if (key->episode == HS_EPISODE_OBJECT)
        staged = aim_object(st, base, key, rng);
    else if (key->episode == HS_EPISODE_BRIGHT)
        key->gain = hs_rng_range(rng, 5, 9);
    else if (key->episode == HS_EPISODE_DARK)
        key->gain = hs_rng_range(rng, 0.04, 0.11);
    if (!staged) {
        key->episode = HS_EPISODE_GOOD;
        key->ball.radius = 0;
    }
}

static bool moves_hands(hs_episode_kind kind)
{
    return kind == HS_EPISODE_TOUCHING || kind == HS_EPISODE_NEAR_BODY ||
           kind == HS_EPISODE_OUT_OF_VIEW;
}

/* ---- the whole ---- */

static void draw_keys(const stage *st, hs_motion *motion, uint64_t seed, uint32_t subject)
{
    const hs_recording_profile *recording = st->recording;
    double time = 0;
    for (int64_t k = 0; k < motion->count; k++) {
        hs_key *key = &motion->keys[k], *last = k > 0 ? key - 1 : NULL;
        hs_rng rng = hs_rng_make(seed, subject, (uint32_t)k, HS_PURPOSE_SYNTH_MOTION);
        key->time = time;
        if (last && !find_stance(st, motion->base, &last->stance, &rng, &key->stance))
            key->stance = last->stance; /* nowhere to go: the person holds still */
        if (last)                       /* each recording starts well */
            key->episode = draw_episode(recording, &rng);
        hs_span span = key->episode ? recording->episode_time : recording->key_time;
        time += hs_rng_range(&rng, span.low, span.high);
    }
    for (int64_t k = 0; k + 1 < motion->count; k++) {
        hs_rng rng = hs_rng_make(seed, subject, AIMS_FROM + (uint32_t)k, HS_PURPOSE_SYNTH_MOTION);
        aim_episode(st, motion->base, &motion->keys[k], &rng);
    }
}

hs_status hs_motion_init(hs_motion *motion, const hs_profile *profile, uint64_t seed,
                         uint32_t subject, double seconds, const hs_viewpoint views[2])
{
    stage st = {.recording = &profile->recording, .views = views};
    hs_status status;
    memset(motion, 0, sizeof *motion);
    motion->count = (int64_t)(seconds / profile->recording.key_time.low) + 3;
    HS_TRY(hs_allocate(sizeof *motion->base, "scene", (void **)&motion->base));
    HS_TRY(hs_allocate(sizeof *st.scene, "scene", (void **)&st.scene));
    HS_TRY(hs_allocate((size_t)motion->count * sizeof *motion->keys, "movement of a recording",
                       (void **)&motion->keys));
    HS_TRY(find_session(&st, profile, seed, subject, motion->base, &motion->keys[0].stance));
    draw_keys(&st, motion, seed, subject);
exit:
    free(st.scene);
    return status;
}

void hs_motion_free(hs_motion *motion)
{
    free(motion->base);
    free(motion->keys);
    memset(motion, 0, sizeof *motion);
}

const hs_key *hs_motion_key(const hs_motion *motion, double time)
{
    int64_t low = 0, high = motion->count - 1; /* the last key has no successor */
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (motion->keys[middle].time <= time)
            low = middle;
        else
            high = middle;
    }
    return &motion->keys[low];
}

double hs_key_strength(const hs_key *key, double time)
{
    double t = (time - key[0].time) / (key[1].time - key[0].time);
    return key->episode ? ease(4 * t) * ease(4 * (1 - t)) : 0;
}

void hs_motion_pose(const hs_motion *motion, double time, hs_scene *scene)
{
    const hs_key *key = hs_motion_key(motion, time);
    double t = (time - key[0].time) / (key[1].time - key[0].time);
    hs_stance stance = mix_stances(&key[0].stance, &key[1].stance, ease(t));
    if (moves_hands(key->episode))
        for (int s = 0; s < HS_SIDES; s++)
            stance.palm[s] = mix_points(stance.palm[s], key->target[s], hs_key_strength(key, time));
    const hs_scene *base = motion->base;
    scene->subject = base->subject;
    scene->clothes = base->clothes;
    scene->room = base->room;
    scene->level = base->level;
    scene->nobody = false;
    scene->ball = key->ball;
    take_stance(base, &stance, scene);
}

#include "synth/probe.h"

#include <string.h>

/* A grid of columns and rows over the view; the distance changes with both, so that each column and
 * each row has all of them. */
enum { GRID = 5, SUBJECT = 0 };

/* Streams of SYNTH_COLOR: the palette takes 1, the recorder 2. */
enum { STREAM_ROOM = 4, STREAM_SHOTS = 16, STREAM_LIGHTS = 128 };

static hs_rng stream(const hs_recorder *recorder, bool left, int first, int shot)
{
    uint32_t sample = (uint32_t)(first + shot + (left ? HS_PROBE_SHOTS : 0));
    return hs_rng_make(recorder->synth.seed, SUBJECT, sample, HS_PURPOSE_SYNTH_COLOR);
}

double hs_probe_time(int shot, int view)
{
    return shot + (view == HS_COLOR_VIEW ? 0.004 : 0);
}

hs_sphere hs_probe_sphere(const hs_recorder *recorder, bool left, int shot)
{
    const hs_viewpoint *view = &recorder->views[HS_COLOR_VIEW];
    const hs_camera *c = &view->camera;
    hs_rng rng = stream(recorder, left, STREAM_SHOTS, shot);
    int column = shot % GRID, row = shot / GRID;
    double z = 0.46 + 0.08 * ((2 * column + row) % GRID) + hs_rng_range(&rng, -0.02, 0.02);
    hs_sphere sphere = {.radius = 0.07};
    double rx = 1.15 * sphere.radius / z * c->fx, ry = 1.15 * sphere.radius / z * c->fy;
    double u = c->width * (0.5 + 0.17 * (column - 2) + hs_rng_range(&rng, -0.03, 0.03));
    double v = c->height * (0.5 + 0.15 * (row - 2) + hs_rng_range(&rng, -0.03, 0.03));
    hs_vec3 ray =
        hs_camera_ray(c, hs_clamp(u, rx, c->width - 1 - rx), hs_clamp(v, ry, c->height - 1 - ry));
    sphere.center = hs_place(view->place.origin, &view->place.axes, hs_scale(ray, z));
    return sphere;
}

/* The room of the shots, where a person would stand. */
static void set_scene(const hs_recorder *recorder, bool left, int shot, hs_scene *scene,
                      hs_room *beyond)
{
    hs_rng rng = stream(recorder, false, STREAM_ROOM, left);
    double distance = hs_rng_range(&rng, 0.9, 1.1);
    memset(scene, 0, sizeof *scene);
    scene->nobody = true;
    scene->ball = hs_probe_sphere(recorder, left, shot);
    scene->clothes = hs_clothes_draw(&rng);
    scene->room = hs_room_draw(&rng, false, distance);
    scene->room.table = false;
    scene->level = (hs_axes){{-1, 0, 0}, {0, -1, 0}, {0, 0, -1}};
    hs_turn(&scene->level.y, &scene->level.z, hs_radians(hs_rng_range(&rng, -5, 12)));
    scene->body.neck = hs_vec(0, -0.1, distance);
    scene->body.axes = scene->body.head = scene->level;
    *beyond = hs_room_beyond_draw(&rng, distance);
}

void hs_probe_shot(const hs_recorder *recorder, bool left, int shot, hs_recorder_buffers *buffers,
                   uint16_t *depth, uint8_t *picture)
{
    hs_rng rng = stream(recorder, left, STREAM_LIGHTS, shot);
    hs_look look = {.palette = hs_palette_draw(recorder->synth.seed, SUBJECT), .gain = 1};
    look.light = hs_light_draw(&rng);
    look.palette.probe = look.palette.glove[left ? HS_LEFT : HS_RIGHT];
    set_scene(recorder, left, shot, buffers->depth.scene, &look.beyond);
    uint32_t sensor_key = hs_rng_u32(&rng), noise_key = hs_rng_u32(&rng);
    uint8_t *labels = buffers->depth.hidden; /* the probe is nobody's hand: all background */
    hs_recorder_depth(recorder, look.palette.key, sensor_key, buffers, depth, labels);
    hs_recorder_color(recorder, &look, noise_key, buffers, picture);
}

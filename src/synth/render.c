#include "synth/render.h"

#include "base/memory.h"
#include "synth/cloth.h"
#include "synth/label.h"
#include <stdlib.h>
#include <string.h>

enum { SIDE_MIN = 16, SIDE_MAX = 4096 };

static int preview_side(int side)
{
    return side / 4 < SIDE_MIN ? side : side / 4;
}

hs_status hs_synth_init(hs_synth *synth, const hs_profile *profile, uint64_t seed, int width,
                        int height)
{
    memset(synth, 0, sizeof *synth);
    if (width < SIDE_MIN || height < SIDE_MIN || width > SIDE_MAX || height > SIDE_MAX)
        return hs_error(HS_ERR_USAGE, NULL,
                        "synth: size: got %dx%d, expected %d to %d pixels a side", width, height,
                        SIDE_MIN, SIDE_MAX);
    synth->profile = profile;
    synth->seed = seed;
    synth->camera = hs_camera_make(&profile->camera, seed, width, height);
    hs_camera small =
        hs_camera_make(&profile->camera, seed, preview_side(width), preview_side(height));
    hs_status status = hs_rays_init(&synth->rays, &synth->camera);
    return status == HS_OK ? hs_rays_init(&synth->preview, &small) : status;
}

void hs_synth_free(hs_synth *synth)
{
    hs_rays_free(&synth->rays);
    hs_rays_free(&synth->preview);
    memset(synth, 0, sizeof *synth);
}

hs_status hs_synth_buffers_init(hs_synth_buffers *buffers, const hs_synth *synth)
{
    size_t n = (size_t)synth->camera.width * (size_t)synth->camera.height;
    size_t scene = hs_align_up(sizeof(hs_scene));
    memset(buffers, 0, sizeof *buffers);
    /* Six planes of float, one of uint16, three of bytes. */
    hs_status status = hs_allocate(scene + n * (6 * sizeof(float) + sizeof(uint16_t) + 3),
                                   "frame being rendered", &buffers->memory);
    if (status != HS_OK)
        return status;
    char *at = buffers->memory;
    buffers->scene = (hs_scene *)(void *)at;
    float *planes = (float *)(void *)(at + scene);
    hs_view *view = &buffers->view;
    view->width = synth->camera.width;
    view->height = synth->camera.height;
    view->depth = planes;
    for (int i = 0; i < 3; i++)
        view->normal[i] = planes + (size_t)(1 + i) * n;
    buffers->scratch.noise = planes + 4 * n;
    buffers->scratch.signal = planes + 5 * n;
    view->surface = (uint16_t *)(void *)(planes + 6 * n);
    view->part = (uint8_t *)(view->surface + n);
    buffers->scratch.valid = view->part + n;
    buffers->hidden = buffers->scratch.valid + n;
    buffers->queue = (int32_t *)(void *)buffers->scratch.signal; /* the sensor is done with it */
    return HS_OK;
}

void hs_synth_buffers_free(hs_synth_buffers *buffers)
{
    free(buffers->memory);
    memset(buffers, 0, sizeof *buffers);
}

void hs_synth_measure(const hs_synth *synth, uint32_t cloth_key, uint32_t sensor_key,
                      hs_synth_buffers *buffers, uint16_t *depth)
{
    hs_scene *scene = buffers->scene;
    hs_view *view = &buffers->view;
    const double folds = 0.1; /* metres: cloth moves less */
    hs_raycast(&scene->mesh, &synth->rays, synth->profile->camera.range.high + folds, view);
    hs_cloth_fold(scene, &synth->rays, cloth_key, view, buffers->hidden);
    hs_sensor_input input = {.sensor = &synth->profile->sensor,
                             .camera = &synth->profile->camera,
                             .rays = &synth->rays,
                             .view = view,
                             .hidden = buffers->hidden,
                             .reflectance = scene->reflectance,
                             .key = sensor_key};
    hs_sensor_measure(&input, &buffers->scratch, depth);
}

static bool within(hs_span span, double value)
{
    return value >= span.low && value <= span.high;
}

/* Whether a small image shows the hands about as large as they should be, and not much too much to
 * measure: what does not is not worth the sensor's work. */
static bool is_promising(const hs_synth *synth, hs_synth_buffers *buffers)
{
    const hs_staging_profile *staging = &synth->profile->staging;
    const double lenient = 0.1, lost = 0.2; /* share of what is in range that dark cloth loses */
    const hs_mesh *mesh = &buffers->scene->mesh;
    hs_view small = buffers->view;
    small.width = synth->preview.width;
    small.height = synth->preview.height;
    hs_raycast_depth(mesh, &synth->preview, &small);
    size_t pixels = (size_t)small.width * (size_t)small.height, count[3] = {0}, near = 0;
    for (size_t i = 0; i < pixels; i++) {
        near += small.surface[i] && small.depth[i] < synth->profile->camera.range.high;
        count[small.surface[i] ? hs_part_label(mesh->items[small.surface[i] - 1].part) : 0]++;
    }
    if ((double)near / (double)pixels > staging->measured.high + lost)
        return false;
    for (int side = 0; side < HS_SIDES; side++) {
        double share = (double)count[side == HS_LEFT ? 2 : 1] / (double)pixels;
        if (share > staging->hand.high * (1 + lenient) ||
            (buffers->scene->raised[side] && share < staging->hand.low * (1 - lenient)))
            return false;
    }
    return true;
}

/* Whether whoever looks through a recording would keep the frame. */
static bool is_good(const hs_staging_profile *staging, const hs_scene *scene, const uint16_t *depth,
                    const uint8_t *mask, size_t n)
{
    size_t count[3] = {0}, measured = 0;
    for (size_t i = 0; i < n; i++) {
        measured += depth[i] > 0;
        count[mask[i]]++;
    }
    double pixels = (double)n;
    bool good = within(staging->measured, (double)measured / pixels);
    for (int side = 0; side < HS_SIDES; side++) {
        double share = (double)count[side == HS_LEFT ? 2 : 1] / pixels;
        good &= scene->raised[side] ? within(staging->hand, share) : share <= staging->hand.high;
    }
    return good;
}

void hs_synth_frame(const hs_synth *synth, uint32_t subject, uint32_t frame,
                    hs_synth_buffers *buffers, uint16_t *depth, uint8_t *mask)
{
    enum { ATTEMPTS = 24 }; /* then the last one stands: a frame is always delivered */
    const hs_staging_profile *staging = &synth->profile->staging;
    size_t n = (size_t)synth->camera.width * (size_t)synth->camera.height;
    hs_rng rng = hs_rng_make(synth->seed, subject, frame, HS_PURPOSE_SYNTH_SCENE);
    hs_rng noise = hs_rng_make(synth->seed, subject, frame, HS_PURPOSE_SYNTH_NOISE);
    for (int i = 0; i < ATTEMPTS; i++) {
        hs_scene_draw(staging, &synth->camera, synth->seed, subject, &rng, buffers->scene);
        uint32_t cloth_key = hs_rng_u32(&noise), sensor_key = hs_rng_u32(&noise);
        if (i + 1 < ATTEMPTS && !is_promising(synth, buffers))
            continue;
        hs_synth_measure(synth, cloth_key, sensor_key, buffers, depth);
        hs_synth_truth(&buffers->view, depth, mask);
        if (is_good(staging, buffers->scene, depth, mask, n))
            break;
    }
    hs_label_input labels = {.profile = &synth->profile->labels,
                             .scene = buffers->scene,
                             .rays = &synth->rays,
                             .view = &buffers->view,
                             .depth = depth,
                             .unit = synth->profile->camera.depth_unit};
    hs_synth_label(&labels, buffers->queue, mask);
}

#include "synth/recorder.h"

#include "base/memory.h"
#include "synth/film.h"
#include "synth/shade.h"
#include "synth/smear.h"
#include <stdlib.h>
#include <string.h>

static hs_camera color_camera(const hs_profile *profile, int width, int height)
{
    const hs_recording_profile *r = &profile->recording;
    double sx = (double)width / profile->camera.width, sy = (double)height / profile->camera.height;
    return (hs_camera){.width = width,
                       .height = height,
                       .fx = r->focal * sx,
                       .fy = r->focal * sy,
                       .cx = (r->cx + 0.5) * sx - 0.5,
                       .cy = (r->cy + 0.5) * sy - 0.5};
}

static hs_placement color_place(const hs_recording_profile *profile, uint64_t seed)
{
    hs_rng rng = hs_rng_make(seed, 0, 2, HS_PURPOSE_SYNTH_COLOR);
    hs_placement place = {.axes = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    hs_axes *a = &place.axes;
    hs_turn(&a->x, &a->y, hs_rng_range(&rng, -profile->tilt, profile->tilt));
    hs_turn(&a->y, &a->z, hs_rng_range(&rng, -profile->tilt, profile->tilt));
    hs_turn(&a->z, &a->x, hs_rng_range(&rng, -profile->tilt, profile->tilt));
    const double *t = profile->translation;
    place.origin = hs_place(hs_vec(0, 0, 0), a, hs_vec(-t[0], -t[1], -t[2]));
    return place;
}

static hs_lens lens_of(const hs_camera *c, hs_lens_model model)
{
    hs_lens lens = {.width = c->width,
                    .height = c->height,
                    .fx = c->fx,
                    .fy = c->fy,
                    .cx = c->cx,
                    .cy = c->cy,
                    .model = model};
    memcpy(lens.k, c->distortion, sizeof lens.k);
    return lens;
}

static hs_rig describe_rig(const hs_viewpoint views[HS_VIEWS], const hs_profile *profile)
{
    const hs_axes *a = &views[HS_COLOR_VIEW].place.axes;
    hs_rig rig = {
        .depth = lens_of(&views[HS_DEPTH_VIEW].camera, HS_LENS_INVERSE_BROWN_CONRADY),
        .color = lens_of(&views[HS_COLOR_VIEW].camera, HS_LENS_NONE),
        .rotation = {a->x.x, a->x.y, a->x.z, a->y.x, a->y.y, a->y.z, a->z.x, a->z.y, a->z.z},
        .depth_unit = profile->camera.depth_unit};
    memcpy(rig.translation, profile->recording.translation, sizeof rig.translation);
    return rig;
}

hs_status hs_recorder_init(hs_recorder *recorder, const hs_profile *profile, uint64_t seed,
                           int width, int height)
{
    hs_status status;
    memset(recorder, 0, sizeof *recorder);
    HS_TRY(hs_synth_init(&recorder->synth, profile, seed, width, height));
    recorder->views[HS_DEPTH_VIEW] =
        (hs_viewpoint){recorder->synth.camera, {{0, 0, 0}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}};
    recorder->views[HS_COLOR_VIEW] = (hs_viewpoint){color_camera(profile, width, height),
                                                    color_place(&profile->recording, seed)};
    recorder->rig = describe_rig(recorder->views, profile);
    HS_TRY(hs_rays_init(&recorder->color_rays, &recorder->views[HS_COLOR_VIEW].camera));
    HS_TRY(hs_shadow_rays_init(&recorder->lamp_rays));
exit:
    return status;
}

void hs_recorder_free(hs_recorder *recorder)
{
    hs_synth_free(&recorder->synth);
    hs_rays_free(&recorder->color_rays);
    hs_rays_free(&recorder->lamp_rays);
    memset(recorder, 0, sizeof *recorder);
}

hs_status hs_recorder_buffers_init(hs_recorder_buffers *buffers, const hs_recorder *recorder)
{
    const hs_camera *camera = &recorder->views[HS_COLOR_VIEW].camera;
    size_t pixels = (size_t)camera->width * (size_t)camera->height;
    size_t lamp = (size_t)HS_SHADOW_SIDE * HS_SHADOW_SIDE, scene = hs_align_up(sizeof(hs_scene));
    size_t bytes = scene + (4 * pixels + lamp) * sizeof(float) + HS_MESH_MAX * sizeof(hs_paint) +
                   lamp * sizeof(uint16_t);
    hs_status status;
    memset(buffers, 0, sizeof *buffers);
    HS_TRY(hs_synth_buffers_init(&buffers->depth, &recorder->synth));
    HS_TRY(hs_allocate(bytes, "colour frame being rendered", &buffers->memory));
    char *at = buffers->memory;
    buffers->spare = (hs_scene *)(void *)at;
    float *planes = (float *)(void *)(at + scene);
    for (int c = 0; c < 3; c++)
        buffers->rgb[c] = planes + (size_t)c * pixels;
    buffers->noise = planes + 3 * pixels;
    buffers->shadow.depth = planes + 4 * pixels;
    buffers->paints = (hs_paint *)(void *)(planes + 4 * pixels + lamp);
    buffers->lamp_surface = (uint16_t *)(void *)(buffers->paints + HS_MESH_MAX);
exit:
    return status;
}

void hs_recorder_buffers_free(hs_recorder_buffers *buffers)
{
    hs_synth_buffers_free(&buffers->depth);
    free(buffers->memory);
    memset(buffers, 0, sizeof *buffers);
}

void hs_recorder_depth(const hs_recorder *recorder, uint32_t cloth_key, uint32_t sensor_key,
                       hs_recorder_buffers *buffers, uint16_t *depth, uint8_t *truth)
{
    const hs_view *view = &buffers->depth.view;
    hs_scene_build(buffers->depth.scene);
    hs_synth_measure(&recorder->synth, cloth_key, sensor_key, &buffers->depth, depth);
    size_t pixels = (size_t)view->width * (size_t)view->height;
    for (size_t i = 0; i < pixels; i++)
        truth[i] = hs_part_label(view->part[i]);
}

void hs_recorder_color(const hs_recorder *recorder, const hs_look *look, uint32_t noise_key,
                       hs_recorder_buffers *buffers, uint8_t *picture)
{
    hs_scene *scene = buffers->depth.scene;
    hs_view *view = &buffers->depth.view;
    hs_scene_move(scene, &recorder->views[HS_COLOR_VIEW].place);
    hs_shadow_cast(&look->light, scene, &recorder->lamp_rays, buffers->spare, buffers->lamp_surface,
                   &buffers->shadow);
    hs_scene_build(scene);
    if (!scene->nobody)
        hs_face_mesh(&scene->subject.body, &scene->body, &scene->mesh);
    hs_room_mesh(&look->beyond, scene->body.neck, &scene->level, &scene->mesh);
    hs_paint_mesh(&look->palette, &scene->mesh, buffers->paints);
    hs_raycast(&scene->mesh, &recorder->color_rays, INFINITY, view);
    hs_shading shading = {scene,           &recorder->color_rays, view,
                          &look->palette,  buffers->paints,       &look->light,
                          &buffers->shadow};
    hs_shade(&shading, buffers->rgb);
    hs_smear_hands(view, look->way, buffers->rgb, buffers->noise);
    hs_film_expose(view->width, view->height, look->gain, noise_key, buffers->rgb, buffers->noise,
                   picture);
}

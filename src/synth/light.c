#include "synth/light.h"

#include "synth/raycast.h"

/* The lamp's view reaches this far from its middle: tangent of the angle. */
static const double spread = 0.40;

hs_light hs_light_draw(hs_rng *rng)
{
    hs_light light;
    /* From above, more or less from the camera's side: x to the person's right, z to the camera. */
    double side = hs_rng_uniform(rng) < 0.5 ? -1 : 1;
    double azimuth = side * hs_radians(hs_rng_range(rng, 5, 60));
    double height = hs_radians(hs_rng_range(rng, 22, 55)), far = hs_rng_range(rng, 1.7, 2.4);
    light.lamp =
        hs_scale(hs_vec(sin(azimuth) * cos(height), sin(height), cos(azimuth) * cos(height)), far);
    double across = -side * hs_radians(hs_rng_range(rng, 10, 60));
    light.fill = hs_unit(hs_vec(sin(across), hs_rng_range(rng, -0.1, 0.5), cos(across)));
    double ambient = hs_rng_range(rng, 0.34, 0.50), fill = hs_rng_range(rng, 0.12, 0.22);
    double lamp = hs_rng_range(rng, 0.35, 0.65);
    /* White balance leaves a rest of the lamps' colours. */
    double warm = hs_rng_range(rng, -0.5, 1), other = hs_rng_range(rng, -0.6, 0.6);
    double front = ambient * 0.88 + fill * light.fill.z + lamp * light.lamp.z / far;
    double gain = hs_rng_range(rng, 0.72, 0.88) / front;
    for (int c = 0; c < 3; c++) {
        static const double tint[3] = {0.05, 0, -0.11};
        double a = 1 + tint[c] * warm, b = 1 + tint[c] * other;
        light.lamp_rgb[c] = (float)(gain * lamp * a);
        light.fill_rgb[c] = (float)(gain * fill * b);
        light.sky_rgb[c] = (float)(gain * ambient * b);
        light.ground_rgb[c] = (float)(gain * ambient * 0.76 * (a + b) / 2);
    }
    return light;
}

hs_status hs_shadow_rays_init(hs_rays *rays)
{
    const double side = HS_SHADOW_SIDE;
    hs_camera camera = {.width = HS_SHADOW_SIDE, .height = HS_SHADOW_SIDE};
    camera.fx = camera.fy = side / 2 / spread;
    camera.cx = camera.cy = (side - 1) / 2;
    return hs_rays_init(rays, &camera);
}

void hs_shadow_cast(const hs_light *light, const hs_scene *scene, const hs_rays *rays,
                    hs_scene *spare, uint16_t *surface, hs_shadow *shadow)
{
    hs_placement *lamp = &shadow->lamp;
    lamp->origin = hs_place(scene->body.neck, &scene->level, light->lamp);
    /* It shines at the hands' place, before the chest. */
    hs_vec3 middle = hs_place(scene->body.neck, &scene->level, hs_vec(0, -0.12, 0.2));
    lamp->axes.z = hs_unit(hs_sub(middle, lamp->origin));
    lamp->axes.x = hs_perpendicular(scene->level.x, lamp->axes.z);
    lamp->axes.y = hs_cross(lamp->axes.z, lamp->axes.x);
    *spare = *scene;
    hs_scene_move(spare, lamp);
    hs_scene_build(spare);
    hs_view view = {.width = HS_SHADOW_SIDE,
                    .height = HS_SHADOW_SIDE,
                    .depth = shadow->depth,
                    .surface = surface};
    hs_raycast_depth(&spare->mesh, rays, &view);
}

float hs_shadow_lit(const hs_shadow *shadow, hs_vec3 p, hs_vec3 n)
{
    /* Off the surface, so that it does not shade itself: the samples lie up to three of the lamp's
     * rays aside, where a surface at a slant is nearer to the lamp. */
    double facing = hs_dot(n, hs_unit(hs_sub(shadow->lamp.origin, p)));
    double off = 0.004 + 0.02 * sqrt(fmax(0, 1 - facing * facing));
    hs_vec3 q = hs_locate(shadow->lamp.origin, &shadow->lamp.axes, hs_along(p, off, n));
    if (q.z < 0.1)
        return 1;
    double scale = HS_SHADOW_SIDE / 2 / spread / q.z;
    double u = q.x * scale + (HS_SHADOW_SIDE - 1) / 2.0;
    double v = q.y * scale + (HS_SHADOW_SIDE - 1) / 2.0;
    if (u < 1 || v < 1 || u >= HS_SHADOW_SIDE - 2 || v >= HS_SHADOW_SIDE - 2)
        return 1;
    int u0 = (int)u, v0 = (int)v;
    float fu = (float)(u - u0), fv = (float)(v - v0), z = (float)q.z, lit = 0;
    const float across[4] = {1 - fu, 1, 1, fu}, down[4] = {1 - fv, 1, 1, fv};
    for (int i = 0; i < 4; i++) {
        const float *row = shadow->depth + (v0 - 1 + i) * HS_SHADOW_SIDE + u0 - 1;
        float sum = 0;
        for (int k = 0; k < 4; k++)
            sum += row[k] == 0 || row[k] >= z ? across[k] : 0;
        lit += sum * down[i];
    }
    return lit / 9;
}

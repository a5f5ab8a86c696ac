#include "synth/cloth.h"

#include "synth/noise.h"
#include <string.h>

enum { NOT_CLOTH = 9 }; /* beyond the values of the noise */

/* Point of the cloth in the body's frame, so that folds lie along the body's directions; folds of
 * hanging cloth are longer across the body than down it. */
static hs_vec3 cloth_point(const hs_scene *scene, const hs_rays *rays, const hs_view *view,
                           size_t i)
{
    hs_vec3 p = hs_scale(hs_vec(rays->x[i], rays->y[i], 1), view->depth[i]);
    return hs_locate(scene->body.neck, &scene->body.axes, p);
}

static double fold(const hs_clothes *clothes, uint32_t key, hs_vec3 q)
{
    double s = 1 / clothes->fold_size;
    hs_vec3 at = hs_vec(q.x * s, q.y * s * 1.5, q.z * s);
    double coarse = hs_noise3(key, at), fine = hs_noise3(key + 1, hs_scale(at, 2.3));
    return clothes->fold_depth * (coarse + 0.4 * fine);
}

/* Whose sign changes where a crease runs; of large magnitude away from where there are any. */
static float crease_field(const hs_clothes *clothes, uint32_t key, hs_vec3 q)
{
    double s = 1.6 / clothes->fold_size;
    hs_vec3 at = hs_vec(q.x * s, q.y * s * 1.8, q.z * s);
    double where = hs_noise3(key + 2, hs_scale(at, 0.45));
    if (where < 1 - 1.1 * clothes->crease)
        return NOT_CLOTH;
    return (float)hs_noise3(key + 3, at);
}

static bool on_zip(const hs_scene *scene, uint8_t part, hs_vec3 q)
{
    double wave = 0.006 * sin(q.y * 9);
    return part == HS_PART_TORSO && scene->clothes.zip && q.z > 0 && fabs(q.x - wave) < 0.0022;
}

/* Marks both pixels of a change of sign, and the two rows below: creases are wider than a pixel. */
static void mark_changes(const float *field, int width, int height, uint8_t *crease)
{
    for (int v = 0; v + 1 < height; v++)
        for (int u = 0; u + 1 < width; u++) {
            size_t i = (size_t)v * (size_t)width + (size_t)u, below = i + (size_t)width;
            float here = field[i];
            bool across = here * field[i + 1] < 0, down = here * field[below] < 0;
            if (fabsf(here) >= NOT_CLOTH || (!across && !down))
                continue;
            if (fabsf(field[i + 1]) < NOT_CLOTH && fabsf(field[below]) < NOT_CLOTH)
                crease[i] = crease[i + 1] = crease[below] = crease[below + 1] = 1;
        }
}

void hs_cloth_fold(const hs_scene *scene, const hs_rays *rays, uint32_t key, hs_view *view,
                   float *field, uint8_t *crease)
{
    size_t pixels = (size_t)view->width * (size_t)view->height;
    memset(crease, 0, pixels);
    for (size_t i = 0; i < pixels; i++) {
        field[i] = NOT_CLOTH;
        if (!hs_part_is_cloth(view->part[i]))
            continue;
        hs_vec3 q = cloth_point(scene, rays, view, i);
        view->depth[i] += (float)fold(&scene->clothes, key, q);
        field[i] = crease_field(&scene->clothes, key, q);
        crease[i] = on_zip(scene, view->part[i], q);
    }
    mark_changes(field, view->width, view->height, crease);
}

#include "synth/cloth.h"

#include "synth/noise.h"
#include <stddef.h>

/* Point of the cloth in the body's frame, so that folds lie along the body's directions; folds of
 * hanging cloth are longer across the body than down it. */
static hs_vec3 cloth_point(const hs_scene *scene, const hs_rays *rays, const hs_view *view,
                           size_t i)
{
    hs_vec3 p = hs_scale(hs_vec(rays->x[i], rays->y[i], 1), view->depth[i]);
    return hs_locate(scene->body.neck, &scene->body.axes, p);
}

/* Cells of the five noises, from pixel to pixel. */
enum { COARSE, FINE, PLACE, CREASE, CREASE_FINE, NOISES };

static double fold(const hs_clothes *clothes, uint32_t key, hs_vec3 q, hs_noise_cell *cells)
{
    double s = 1 / clothes->fold_size;
    hs_vec3 at = hs_vec(q.x * s, q.y * s * 1.5, q.z * s);
    double coarse = hs_noise3_near(key, at, &cells[COARSE]);
    double fine = hs_noise3_near(key + 1, hs_scale(at, 2.3), &cells[FINE]);
    return clothes->fold_depth * (coarse + 0.4 * fine);
}

/* How creased the cloth is at q, 0 or less where it is smooth: elbows and waist most, the chest and
 * the back of the shoulders least. */
static double creased(const hs_scene *scene, uint8_t part, uint32_t key, hs_vec3 q,
                      hs_noise_cell *cells)
{
    const hs_clothes *clothes = &scene->clothes;
    double place = part == HS_PART_TORSO ? -0.35 - 0.9 * q.y / scene->subject.body.trunk : 0.2;
    hs_vec3 at = hs_scale(q, 0.9 / clothes->fold_size);
    return 1.3 * clothes->crease - 1 + 0.5 * place + hs_noise3_near(key + 2, at, &cells[PLACE]);
}

/* Whose sign changes where a crease runs, across the limb or trunk rather than along it. */
static double crease_field(const hs_clothes *clothes, uint32_t key, hs_vec3 q, hs_noise_cell *cells)
{
    double s = 1 / clothes->fold_size;
    hs_vec3 at = hs_vec(q.x * s * 1.3, q.y * s * 3.2, q.z * s * 1.3);
    hs_vec3 fine = hs_scale(at, 3.1);
    return hs_noise3_near(key + 3, at, &cells[CREASE]) +
           0.25 * hs_noise3_near(key + 4, fine, &cells[CREASE_FINE]);
}

static bool on_zip(const hs_scene *scene, uint8_t part, hs_vec3 q)
{
    double wave = 0.006 * sin(q.y * 9);
    return part == HS_PART_TORSO && scene->clothes.zip && q.z > 0 && fabs(q.x - wave) < 0.0022;
}

/* Depth by which the cloth on one side of a crease lies over that on the other: a jump where the
 * field changes its sign, which fades on both sides. */
static double overlap(const hs_clothes *clothes, double field, double strength)
{
    const double reach = 0.5;
    double fade = 1 - fmin(fabs(field) / reach, 1);
    double height = 2.2 * clothes->fold_depth * fmin(strength * 2, 1) * fade * fade;
    return field > 0 ? height : -height;
}

void hs_cloth_fold(const hs_scene *scene, const hs_rays *rays, uint32_t key, hs_view *view,
                   uint8_t *hidden)
{
    size_t pixels = (size_t)view->width * (size_t)view->height;
    hs_noise_cell cells[NOISES] = {{.known = false}};
    for (size_t i = 0; i < pixels; i++) {
        hidden[i] = 0;
        uint8_t part = view->part[i];
        if (!hs_part_is_cloth(part))
            continue;
        hs_vec3 q = cloth_point(scene, rays, view, i);
        double strength = creased(scene, part, key, q, cells);
        double z = fold(&scene->clothes, key, q, cells);
        if (strength > 0)
            z += overlap(&scene->clothes, crease_field(&scene->clothes, key, q, cells), strength);
        view->depth[i] += (float)z;
        hidden[i] = on_zip(scene, part, q);
    }
}

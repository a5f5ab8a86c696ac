#include "synth/shade.h"

#include "synth/noise.h"
#include <stddef.h>

/* The lights in the camera's space. */
typedef struct lamps {
    hs_vec3 lamp, fill, up;
    double distance2; /* square of the lamp's distance to the person: where its rgb holds */
} lamps;

static lamps place_lamps(const hs_shading *in)
{
    const hs_scene *scene = in->scene;
    lamps l = {.lamp = in->shadow->lamp.origin, .up = scene->level.y};
    l.fill = hs_place(hs_vec(0, 0, 0), &scene->level, in->light->fill);
    l.distance2 = hs_dot(in->light->lamp, in->light->lamp);
    return l;
}

/* Share of the light a surface gives back as a highlight. */
static float gloss(uint8_t part)
{
    switch (part % HS_PART_LEFT) {
    case HS_PART_FACE:
    case HS_PART_NECK:
    case HS_PART_FOREARM:
    case HS_PART_UPPER_ARM:
    case HS_PART_LIP:
        return 0.05f;
    case HS_PART_HAIR:
        return 0.04f;
    case HS_PART_EYE:
        return 0.5f;
    case HS_PART_FURNITURE:
        return 0.03f;
    default:
        return hs_part_label(part) || part == HS_PART_PROBE ? 0.035f : 0;
    }
}

/* ---- textures: what a surface's colour is multiplied by ---- */

static double weave(uint32_t key, hs_vec3 q)
{
    return 1 + 0.05 * hs_noise3(key, hs_scale(q, 1 / 0.02)) +
           0.07 * hs_noise3(key + 1, hs_scale(q, 1 / 0.0022));
}

static double glove(const hs_shading *in, uint8_t part, hs_vec3 p)
{
    const hs_limb *limb = &in->scene->limb[part & HS_PART_LEFT ? HS_LEFT : HS_RIGHT];
    bool cuff = part % HS_PART_LEFT == HS_PART_CUFF;
    hs_vec3 q = hs_locate(limb->wrist, cuff ? &limb->forearm : &limb->hand, p);
    double ribs = cuff ? 0.94 + 0.06 * sin(q.x * (2 * HS_PI / 0.0045)) : 1;
    return ribs * weave(in->palette->key, q);
}

/* Folds of cloth turn it towards the light and away: the slope of the fold along the light. */
static double cloth(const hs_shading *in, hs_vec3 q, hs_vec3 light)
{
    const hs_clothes *clothes = &in->scene->clothes;
    double s = 1 / clothes->fold_size;
    hs_vec3 at = hs_vec(q.x * s, q.y * s * 1.5, q.z * s);
    hs_vec3 l = hs_components(&in->scene->body.axes, light);
    double here = hs_noise3(in->palette->key + 2, at);
    double there = hs_noise3(in->palette->key + 2, hs_along(at, 0.3, l));
    return hs_clamp(1 + 90 * clothes->fold_depth * (here - there), 0.45, 1.4);
}

static bool on_stripe(const hs_palette *palette, uint8_t part, hs_vec3 q)
{
    part %= HS_PART_LEFT;
    if (part != HS_PART_TORSO && part != HS_PART_SLEEVE)
        return false;
    double across = sin(q.x * HS_PI * palette->stripes[0]);
    double down = sin(q.y * HS_PI * palette->stripes[1]);
    return across > 0.3 || down > 0.3;
}

static double room(const hs_shading *in, uint8_t part, hs_vec3 p)
{
    hs_vec3 q = hs_locate(in->scene->body.neck, &in->scene->level, p);
    uint32_t key = in->palette->key + 4;
    if (part == HS_PART_FURNITURE) /* grain */
        return 1 + 0.09 * hs_noise3(key, hs_vec(q.x * 30, q.y * 4, q.z * 30));
    if (part == HS_PART_FLOOR)
        return 1 + 0.12 * hs_noise3(key, hs_vec(q.x * 9, 0, q.z * 1.5));
    return 1 + 0.05 * hs_noise3(key, hs_scale(q, 3));
}

/* Also replaces the colour where a pattern has another. */
static double texture(const hs_shading *in, uint8_t part, hs_vec3 p, hs_vec3 light,
                      const hs_paint **paint)
{
    if (hs_part_label(part) && in->scene->clothes.glove_thick > 0)
        return glove(in, part, p);
    if (hs_part_is_cloth(part)) {
        hs_vec3 q = hs_locate(in->scene->body.neck, &in->scene->body.axes, p);
        if (on_stripe(in->palette, part, q))
            *paint = &in->palette->stripe;
        return cloth(in, q, light);
    }
    hs_vec3 q = hs_locate(in->scene->body.neck, &in->scene->body.head, p);
    switch (part % HS_PART_LEFT) {
    case HS_PART_HAIR:
        return 1 + 0.35 * hs_noise3(in->palette->key + 3, hs_vec(q.x * 150, q.y * 20, q.z * 60));
    case HS_PART_FURNITURE:
    case HS_PART_WALL:
    case HS_PART_FLOOR:
        return room(in, part, p);
    case HS_PART_PROBE:
        return weave(in->palette->key, q);
    default:
        return 1 + 0.05 * hs_noise3(in->palette->key + 5, hs_scale(q, 40));
    }
}

/* ---- light ---- */

/* How much of what comes to a hand from around is kept off by fingers nearby, 0 to 1: neighbours
 * that are a little nearer stand beside a crease. */
static float crease(const hs_shading *in, size_t i)
{
    const float reach = 0.011f, most = 0.035f; /* metres aside, and in depth */
    const hs_view *view = in->view;
    float z = view->depth[i], spacing = in->rays->x[1] - in->rays->x[0], sum = 0;
    int w = view->width, h = view->height, u = (int)(i % (size_t)w), v = (int)(i / (size_t)w);
    int r = (int)(reach / (spacing * z) + 0.5f), d = (r * 7 + 5) / 10;
    const int offs[8][2] = {{r, 0}, {d, d}, {0, r}, {-d, d}, {-r, 0}, {-d, -d}, {0, -r}, {d, -d}};
    for (int k = 0; k < 8; k++) {
        int x = u + offs[k][0], y = v + offs[k][1];
        if (x < 0 || y < 0 || x >= w || y >= h)
            continue;
        float nearer = z - view->depth[(size_t)y * (size_t)w + (size_t)x];
        if (nearer > 0 && nearer < most)
            sum += fminf(nearer / reach, 1);
    }
    return sum / 8;
}

static double positive(double x)
{
    return x > 0 ? x : 0;
}

static double sixteenth_power(double x)
{
    x *= x, x *= x, x *= x;
    return x * x;
}

static void shade_pixel(const hs_shading *in, const lamps *l, size_t i, float out[3])
{
    const hs_view *view = in->view;
    const hs_light *light = in->light;
    uint8_t part = view->part[i];
    const hs_paint *paint = &in->paints[view->surface[i] - 1];
    hs_vec3 p = hs_scale(hs_vec(in->rays->x[i], in->rays->y[i], 1), view->depth[i]);
    hs_vec3 n = hs_vec(view->normal[0][i], view->normal[1][i], view->normal[2][i]);
    hs_vec3 way = hs_sub(l->lamp, p);
    double way2 = hs_dot(way, way);
    hs_vec3 to_lamp = hs_scale(way, 1 / sqrt(way2));
    double cosine = hs_dot(n, to_lamp), fill = positive(hs_dot(n, l->fill));
    double lit = cosine > 0 ? hs_shadow_lit(in->shadow, p, n) * l->distance2 / way2 : 0;
    float shine = gloss(part), highlight = 0;
    if (shine > 0 && lit > 0) {
        hs_vec3 half = hs_unit(hs_sub(to_lamp, hs_unit(p)));
        highlight = shine * (float)(lit * sixteenth_power(positive(hs_dot(n, half))));
    }
    float grain = (float)texture(in, part, p, to_lamp, &paint);
    float direct = (float)(positive(cosine) * lit), second = (float)fill;
    float open = hs_part_label(part) ? 1 - 0.9f * crease(in, i) : 1;
    float above = 0.5f + 0.5f * (float)hs_dot(n, l->up);
    for (int c = 0; c < 3; c++) {
        float around = light->ground_rgb[c] + (light->sky_rgb[c] - light->ground_rgb[c]) * above;
        float sum = direct * light->lamp_rgb[c] + open * (around + second * light->fill_rgb[c]);
        out[c] = paint->rgb[c] * grain * sum + highlight * light->lamp_rgb[c];
    }
}

void hs_shade(const hs_shading *in, float *const rgb[3])
{
    const hs_view *view = in->view;
    size_t pixels = (size_t)view->width * (size_t)view->height;
    lamps l = place_lamps(in);
    for (size_t i = 0; i < pixels; i++) {
        float out[3] = {0, 0, 0};
        if (view->surface[i])
            shade_pixel(in, &l, i, out);
        for (int c = 0; c < 3; c++)
            rgb[c][i] = out[c];
    }
}

#include "glove/registration.h"

#include "base/memory.h"
#include "glove/brown_conrady.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = 3 };

struct hs_registration {
    int32_t width, height; /* of the depth camera */
    hs_lens color;
    float unit;         /* metres a count */
    float move[AXES];   /* depth camera -> colour camera */
    float footprint[2]; /* half a depth pixel in colour pixels, at the same distance from both */
    float widest;       /* squared radius of the widest ray that the colour image holds */
    float *rays[AXES];  /* each [H][W]: (x, y, 1) turned into the colour camera's frame */
};

/* Some pixels at once, so that the compiler sees that their numbers do not overlap and works on
 * several at a time. */
enum { BLOCK = 128 };
typedef struct block {
    int32_t count;
    float u[BLOCK], v[BLOCK]; /* on the plane at distance 1 from the colour camera */
    float z[BLOCK];           /* metres from the colour camera; 0: not seen */
    float span[BLOCK];        /* the distance from the depth camera, by z */
    int32_t left[BLOCK], right[BLOCK], top[BLOCK],
        bottom[BLOCK];     /* colour pixels covered, both in */
    int32_t target[BLOCK]; /* colour pixel it takes its colour from, or -1 */
} block;

/* What is kept of all pixels, in the caller's scratch. */
typedef struct planes {
    int32_t *target; /* [H][W] */
    float *z;        /* [H][W] */
    float *nearest;  /* [CH][CW] the nearest surface the colour camera sees */
} planes;

static const float far_away = 1e30f;

/* ---- init ----------------------------------------------------------------------------------- */

static bool all_finite(const double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static hs_status check_lens(const hs_lens *lens, const char *name)
{
    if (lens->width < 1 || lens->height < 1 || lens->width > INT16_MAX || lens->height > INT16_MAX)
        return hs_error(HS_ERR_DATA, NULL, "%s camera: got images of %dx%d, expected 1 to %d", name,
                        lens->width, lens->height, INT16_MAX);
    const double values[] = {lens->cx, lens->cy, lens->fx, lens->fy};
    if (!all_finite(values, 4) || !all_finite(lens->k, 5) || !(lens->fx > 0) || !(lens->fy > 0))
        return hs_error(HS_ERR_DATA, NULL,
                        "%s camera: got focal length (%g, %g) and centre (%g, %g), expected finite "
                        "pixels, the focal length positive",
                        name, lens->fx, lens->fy, lens->cx, lens->cy);
    return HS_OK;
}

static hs_status check_rig(const hs_rig *rig)
{
    hs_status status;
    HS_TRY(check_lens(&rig->depth, "depth"));
    HS_TRY(check_lens(&rig->color, "colour"));
    if (!(rig->depth_unit > 0) || !isfinite(rig->depth_unit))
        return hs_error(HS_ERR_DATA, NULL, "unit of depth: got %g, expected metres above 0",
                        rig->depth_unit);
    const double *r = rig->rotation;
    bool good = all_finite(rig->translation, AXES);
    for (int i = 0; i < AXES; i++)
        for (int j = 0; j < AXES; j++) {
            double product = r[i] * r[j] + r[3 + i] * r[3 + j] + r[6 + i] * r[6 + j];
            good = good && fabs(product - (i == j)) < 1e-3;
        }
    double determinant = r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) +
                         r[2] * (r[3] * r[7] - r[4] * r[6]);
    if (!good || !(determinant > 0))
        status = hs_error(HS_ERR_DATA, "rows of a rotation are unit vectors at right angles",
                          "depth to colour: got a matrix or translation that is no rigid motion");
exit:
    return status;
}

static void turn_rays(const hs_rig *rig, hs_registration *r)
{
    const double *m = rig->rotation;
    for (int32_t v = 0; v < r->height; v++)
        for (int32_t u = 0; u < r->width; u++) {
            double ray[2];
            hs_lens_ray(&rig->depth, u, v, ray);
            size_t at = (size_t)v * (size_t)r->width + (size_t)u;
            for (int i = 0; i < AXES; i++)
                r->rays[i][at] = (float)(m[3 * i] * ray[0] + m[3 * i + 1] * ray[1] + m[3 * i + 2]);
        }
}

/* Beyond the rays that the image holds the polynomial of a lens may lead back into it. */
static float widest_ray(const hs_lens *lens)
{
    double widest = 0;
    int32_t around = 2 * (lens->width + lens->height);
    for (int32_t i = 0; i < around; i++) {
        int32_t side = lens->width + lens->height, j = i % side;
        bool across = j < lens->width;
        double u = across ? j : i < side ? -0.5 : lens->width - 0.5;
        double v = !across ? j - lens->width : i < side ? -0.5 : lens->height - 0.5;
        double ray[2];
        hs_lens_ray(lens, u, v, ray);
        double square = ray[0] * ray[0] + ray[1] * ray[1];
        widest = square > widest ? square : widest; /* not where there is no ray */
    }
    return (float)(1.02 * widest);
}

hs_status hs_registration_init(const hs_rig *rig, hs_registration **registration)
{
    void *memory = NULL;
    hs_registration *r = NULL;
    hs_status status;
    *registration = NULL;
    HS_TRY(check_rig(rig));
    HS_TRY(hs_allocate(sizeof *r, "registration", &memory));
    r = memory;
    r->width = rig->depth.width;
    r->height = rig->depth.height;
    r->color = rig->color;
    bool straight = true;
    for (int i = 0; i < 5; i++)
        straight = straight && rig->color.k[i] == 0;
    if (straight)
        r->color.model = HS_LENS_NONE;
    r->unit = (float)rig->depth_unit;
    r->footprint[0] = (float)(0.5 * rig->color.fx / rig->depth.fx);
    r->footprint[1] = (float)(0.5 * rig->color.fy / rig->depth.fy);
    r->widest = widest_ray(&r->color);
    size_t plane = (size_t)r->width * (size_t)r->height;
    HS_TRY(hs_allocate(AXES * plane * sizeof(float), "rays of the registration", &memory));
    for (int i = 0; i < AXES; i++) {
        r->rays[i] = (float *)memory + (size_t)i * plane;
        r->move[i] = (float)rig->translation[i];
    }
    turn_rays(rig, r);
    *registration = r;
    r = NULL;
exit:
    hs_registration_free(r);
    return status;
}

void hs_registration_free(hs_registration *registration)
{
    if (registration)
        free(registration->rays[0]);
    free(registration);
}

/* ---- apply ---------------------------------------------------------------------------------- */

size_t hs_registration_scratch(const hs_registration *r)
{
    size_t pixels = (size_t)r->width * (size_t)r->height;
    return (2 * pixels + (size_t)r->color.width * (size_t)r->color.height) * sizeof(float);
}

static planes lay_out(const hs_registration *r, void *scratch)
{
    size_t pixels = (size_t)r->width * (size_t)r->height;
    float *f = scratch; /* floats and 32-bit integers have one size */
    return (planes){.nearest = f + 2 * pixels, .z = f + pixels, .target = scratch};
}

/* Moves the pixels from `first` on to the colour camera. */
static void move_points(const hs_registration *r, const uint16_t *depth, size_t first, block *b)
{
    const float *rx = r->rays[0] + first, *ry = r->rays[1] + first, *rz = r->rays[2] + first;
    const uint16_t *counts = depth + first;
    float tx = r->move[0], ty = r->move[1], tz = r->move[2], unit = r->unit, widest = r->widest;
    static const float least = 1e-3f; /* metres: what is nearer is in no image */
    for (int32_t i = 0; i < b->count; i++) {
        float d = unit * (float)counts[i];
        float px = rx[i] * d + tx, py = ry[i] * d + ty, pz = rz[i] * d + tz;
        float safe = pz > least ? pz : least;
        float u = px / safe, v = py / safe, wide = u * u + v * v;
        bool seen = (d > 0) & (pz > least) & (wide <= widest); /* false without a finite ray */
        b->u[i] = u;
        b->v[i] = v;
        b->z[i] = seen ? pz : 0;
        b->span[i] = d / safe;
    }
}

/* Bends the points as the lens of the colour camera does. */
static void bend_points(const hs_lens *lens, block *b)
{
    enum { STEPS = 3 }; /* of Newton's method: within an image they reach single precision */
    const double *k = lens->k;
    for (int32_t i = 0; i < b->count; i++) {
        double x = (double)b->u[i], y = (double)b->v[i];
        if (lens->model == HS_LENS_BROWN_CONRADY) {
            hs_brown_conrady at = hs_brown_conrady_at(k, x, y);
            b->u[i] = (float)at.x;
            b->v[i] = (float)at.y;
        } else {
            double u = x, v = y, error = 0;
            for (int step = 0; step <= STEPS; step++) {
                hs_brown_conrady at = hs_brown_conrady_at(k, u, v);
                double ex = x - at.x, ey = y - at.y;
                double determinant = at.xx * at.yy - at.xy * at.xy;
                u += (at.yy * ex - at.xy * ey) / determinant;
                v += (at.xx * ey - at.xy * ex) / determinant;
                error = ex * ex + ey * ey;
            }
            b->u[i] = (float)u;
            b->v[i] = (float)v;
            b->z[i] = error < 1e-10 ? b->z[i] : 0;
        }
    }
}

static float clamped(float value, float most)
{
    value = value > -1 ? value : -1; /* not a number becomes -1 too */
    return value < most ? value : most;
}

/* The colour pixel each point falls into, and the rectangle it covers. Adding 1 makes every
 * coordinate positive, where a conversion to an integer rounds down. */
static void place_points(const hs_registration *r, block *b)
{
    float fx = (float)r->color.fx, fy = (float)r->color.fy;
    float cx = (float)r->color.cx, cy = (float)r->color.cy;
    int32_t cw = r->color.width, ch = r->color.height;
    float most_u = (float)cw - 0.5f, most_v = (float)ch - 0.5f;
    for (int32_t i = 0; i < b->count; i++) {
        float u = cx + fx * b->u[i], v = cy + fy * b->v[i];
        float w = r->footprint[0] * b->span[i], h = r->footprint[1] * b->span[i];
        int32_t column = (int32_t)(clamped(u + 0.5f, (float)cw) + 1) - 1;
        int32_t row = (int32_t)(clamped(v + 0.5f, (float)ch) + 1) - 1;
        int32_t last = (int32_t)(clamped(v + h, most_v) + 1) - 1;
        bool seen = b->z[i] > 0;
        bool inside = seen & (column >= 0) & (column < cw) & (row >= 0) & (row < ch);
        b->left[i] = (int32_t)(clamped(u - w, most_u) + 1);
        b->right[i] = (int32_t)(clamped(u + w, most_u) + 1) - 1;
        b->top[i] = (int32_t)(clamped(v - h, most_v) + 1);
        b->bottom[i] = seen ? last : -1; /* what is not seen covers nothing */
        b->target[i] = inside ? row * cw + column : -1;
    }
}

static void draw_points(const block *b, int32_t width, float *nearest)
{
    for (int32_t i = 0; i < b->count; i++)
        for (int32_t v = b->top[i]; v <= b->bottom[i]; v++) {
            float *row = nearest + (size_t)v * (size_t)width;
            for (int32_t u = b->left[i]; u <= b->right[i]; u++)
                row[u] = b->z[i] < row[u] ? b->z[i] : row[u];
        }
}

static void take_colors(const hs_registration *r, const planes *p, const uint8_t *color,
                        uint8_t *registered, uint8_t *known)
{
    static const float least = 0.005f, share = 0.01f; /* the tolerance of the depth test */
    size_t pixels = (size_t)r->width * (size_t)r->height;
    memset(registered, 0, 3 * pixels);
    memset(known, 0, pixels);
    for (size_t i = 0; i < pixels; i++) {
        int32_t target = p->target[i];
        if (target < 0 || p->z[i] > p->nearest[target] * (1 + share) + least)
            continue;
        memcpy(registered + 3 * i, color + 3 * (size_t)target, 3);
        known[i] = 1;
    }
}

void hs_registration_apply(const hs_registration *registration, const uint16_t *depth,
                           const uint8_t *color, void *scratch, uint8_t *registered, uint8_t *known)
{
    const hs_registration *r = registration;
    planes p = lay_out(r, scratch);
    block b;
    size_t pixels = (size_t)r->width * (size_t)r->height;
    size_t color_pixels = (size_t)r->color.width * (size_t)r->color.height;
    for (size_t i = 0; i < color_pixels; i++)
        p.nearest[i] = far_away;
    for (size_t first = 0; first < pixels; first += BLOCK) {
        b.count = (int32_t)(pixels - first < BLOCK ? pixels - first : BLOCK);
        move_points(r, depth, first, &b);
        if (r->color.model != HS_LENS_NONE)
            bend_points(&r->color, &b);
        place_points(r, &b);
        draw_points(&b, r->color.width, p.nearest);
        memcpy(p.target + first, b.target, (size_t)b.count * sizeof *b.target);
        memcpy(p.z + first, b.z, (size_t)b.count * sizeof *b.z);
    }
    take_colors(r, &p, color, registered, known);
}

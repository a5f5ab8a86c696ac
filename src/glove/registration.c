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

/* What a depth pixel is in the colour view. One row of points is in work at a time. */
typedef struct points {
    float *u, *v, *z;      /* [W] pixels, pixels, metres from the colour camera; z 0: none */
    int32_t *left, *right; /* [W] columns of the rectangle it covers, both inside */
    int32_t *top, *bottom; /* [W] rows */
    int32_t *target;       /* [H][W] colour pixel it takes its colour from, or -1 */
    float *distance;       /* [H][W] metres from the colour camera */
    float *nearest;        /* [CH][CW] the nearest surface the colour camera sees */
} points;

enum { ROWS = 7, PLANES = 2 }; /* of `points`: arrays [W], arrays [H][W] */

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
    size_t row = (size_t)r->width, plane = row * (size_t)r->height;
    size_t color = (size_t)r->color.width * (size_t)r->color.height;
    return (ROWS * row + PLANES * plane + color) * sizeof(float);
}

static points lay_out(const hs_registration *r, void *scratch)
{
    size_t row = (size_t)r->width, plane = row * (size_t)r->height;
    float *f = scratch;
    int32_t *i = scratch; /* floats and 32-bit integers have one size */
    i += 3 * row;
    float *planes = f + ROWS * row;
    return (points){.u = f,
                    .v = f + row,
                    .z = f + 2 * row,
                    .left = i,
                    .right = i + row,
                    .top = i + 2 * row,
                    .bottom = i + 3 * row,
                    .distance = planes,
                    .target = (int32_t *)scratch + ROWS * row + plane,
                    .nearest = planes + PLANES * plane};
}

/* Points of row y in the colour camera: u and v become coordinates on the plane at distance 1. */
static void move_row(const hs_registration *r, const uint16_t *depth, int32_t y, const points *p)
{
    size_t at = (size_t)y * (size_t)r->width;
    const float *restrict rx = r->rays[0] + at, *restrict ry = r->rays[1] + at;
    const float *restrict rz = r->rays[2] + at;
    const uint16_t *restrict counts = depth + at;
    int32_t width = r->width;
    float tx = r->move[0], ty = r->move[1], tz = r->move[2], unit = r->unit, widest = r->widest;
    float *restrict u = p->u, *restrict v = p->v, *restrict z = p->z;
    static const float least = 1e-3f; /* metres: what is nearer is in no image */
    for (int32_t x = 0; x < width; x++) {
        float d = unit * (float)counts[x];
        float px = rx[x] * d + tx, py = ry[x] * d + ty, pz = rz[x] * d + tz;
        float safe = pz > least ? pz : least;
        float a = px / safe, b = py / safe, wide = a * a + b * b;
        u[x] = a;
        v[x] = b;
        bool seen = (d > 0) & (pz > least) & (wide <= widest); /* false without a finite ray */
        z[x] = seen ? pz : 0;
    }
}

/* Bends the points of a row as the lens of the colour camera does. */
static void bend_row(const hs_lens *lens, int32_t width, const points *p)
{
    enum { STEPS = 3 }; /* of Newton's method: within an image they reach single precision */
    const double *k = lens->k;
    float *restrict u = p->u, *restrict v = p->v, *restrict z = p->z;
    for (int32_t i = 0; i < width; i++) {
        double x = (double)u[i], y = (double)v[i];
        if (lens->model == HS_LENS_BROWN_CONRADY) {
            hs_brown_conrady at = hs_brown_conrady_at(k, x, y);
            u[i] = (float)at.x;
            v[i] = (float)at.y;
        } else {
            double a = x, b = y, error = 0;
            for (int step = 0; step <= STEPS; step++) {
                hs_brown_conrady at = hs_brown_conrady_at(k, a, b);
                double ex = x - at.x, ey = y - at.y;
                double determinant = at.xx * at.yy - at.xy * at.xy;
                a += (at.yy * ex - at.xy * ey) / determinant;
                b += (at.xx * ey - at.xy * ex) / determinant;
                error = ex * ex + ey * ey;
            }
            u[i] = (float)a;
            v[i] = (float)b;
            z[i] = error < 1e-10 ? z[i] : 0;
        }
    }
}

static float clamped(float value, float most)
{
    value = value > -1 ? value : -1; /* not a number becomes -1 too */
    return value < most ? value : most;
}

/* Pixels of a row: the one each point falls into, and the rectangle it covers. Adding 1 makes
 * every coordinate positive, where a conversion to an integer rounds down. */
static void place_row(const hs_registration *r, const uint16_t *depth, int32_t y, const points *p)
{
    size_t at = (size_t)y * (size_t)r->width;
    float fx = (float)r->color.fx, fy = (float)r->color.fy;
    float cx = (float)r->color.cx, cy = (float)r->color.cy;
    int32_t width = r->width, cw = r->color.width, ch = r->color.height;
    float most_u = (float)cw - 0.5f, most_v = (float)ch - 0.5f;
    float half_w = r->footprint[0] * r->unit, half_h = r->footprint[1] * r->unit;
    const uint16_t *restrict d = depth + at;
    const float *restrict u = p->u, *restrict v = p->v, *restrict z = p->z;
    int32_t *restrict left = p->left, *restrict right = p->right, *restrict top = p->top;
    int32_t *restrict bottom = p->bottom, *restrict target = p->target + at;
    float *restrict distance = p->distance + at;
    for (int32_t x = 0; x < width; x++) {
        float pu = cx + fx * u[x], pv = cy + fy * v[x];
        bool seen = z[x] > 0;
        float scale = (float)d[x] / (seen ? z[x] : 1), w = half_w * scale, h = half_h * scale;
        int32_t column = (int32_t)(clamped(pu + 0.5f, (float)cw) + 1) - 1;
        int32_t row = (int32_t)(clamped(pv + 0.5f, (float)ch) + 1) - 1;
        int32_t last = (int32_t)(clamped(pv + h, most_v) + 1) - 1;
        bool inside = seen & (column >= 0) & (column < cw) & (row >= 0) & (row < ch);
        left[x] = (int32_t)(clamped(pu - w, most_u) + 1);
        right[x] = (int32_t)(clamped(pu + w, most_u) + 1) - 1;
        top[x] = (int32_t)(clamped(pv - h, most_v) + 1);
        bottom[x] = seen ? last : -1; /* what is not seen covers nothing */
        target[x] = inside ? row * cw + column : -1;
        distance[x] = z[x];
    }
}

static void draw_row(const hs_registration *r, const points *p)
{
    for (int32_t x = 0; x < r->width; x++)
        for (int32_t v = p->top[x]; v <= p->bottom[x]; v++) {
            float *row = p->nearest + (size_t)v * (size_t)r->color.width;
            for (int32_t u = p->left[x]; u <= p->right[x]; u++)
                row[u] = p->z[x] < row[u] ? p->z[x] : row[u];
        }
}

static void take_colors(const hs_registration *r, const points *p, const uint8_t *color,
                        uint8_t *registered, uint8_t *known)
{
    static const float least = 0.005f, share = 0.01f; /* the tolerance of the depth test */
    size_t pixels = (size_t)r->width * (size_t)r->height;
    memset(registered, 0, 3 * pixels);
    memset(known, 0, pixels);
    for (size_t i = 0; i < pixels; i++) {
        int32_t target = p->target[i];
        if (target < 0 || p->distance[i] > p->nearest[target] * (1 + share) + least)
            continue;
        memcpy(registered + 3 * i, color + 3 * (size_t)target, 3);
        known[i] = 1;
    }
}

void hs_registration_apply(const hs_registration *registration, const uint16_t *depth,
                           const uint8_t *color, void *scratch, uint8_t *registered, uint8_t *known)
{
    const hs_registration *r = registration;
    points p = lay_out(r, scratch);
    size_t color_pixels = (size_t)r->color.width * (size_t)r->color.height;
    for (size_t i = 0; i < color_pixels; i++)
        p.nearest[i] = far_away;
    for (int32_t y = 0; y < r->height; y++) {
        move_row(r, depth, y, &p);
        if (r->color.model != HS_LENS_NONE)
            bend_row(&r->color, r->width, &p);
        place_row(r, depth, y, &p);
        draw_row(r, &p);
    }
    take_colors(r, &p, color, registered, known);
}

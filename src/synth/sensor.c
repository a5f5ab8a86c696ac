#include "synth/sensor.h"

#include "synth/noise.h"
#include <string.h>

enum { FIELD_COARSE, FIELD_FINE, FIELD_GAP, FIELD_WHITE, FIELD_FLYING, FIELD_MIX };

static uint32_t field_key(const hs_sensor_input *in, uint32_t field)
{
    return in->key * 8 + field;
}

/* Sizes in pixels hold at the profile's width. */
static double pixel_scale(const hs_sensor_input *in)
{
    return (double)in->view->width / in->camera->width;
}

static size_t pixel_count(const hs_view *view)
{
    return (size_t)view->width * (size_t)view->height;
}

/* Log of the return's strength varies over surfaces and from one neighbourhood to the next, so what
 * is lost is lost in patches. */
static void find_signal(const hs_sensor_input *in, const hs_sensor_scratch *scratch)
{
    const hs_view *view = in->view;
    double scale = fmax(pixel_scale(in), 0.25);
    memset(scratch->noise, 0, pixel_count(view) * sizeof *scratch->noise);
    hs_noise_field(field_key(in, FIELD_COARSE), view->width, view->height, 18 * scale, 0.30,
                   scratch->noise);
    hs_noise_field(field_key(in, FIELD_FINE), view->width, view->height, 5 * scale, 0.25,
                   scratch->noise);
    for (size_t i = 0; i < pixel_count(view); i++) {
        float z = view->depth[i], x = in->rays->x[i], y = in->rays->y[i];
        scratch->valid[i] = 0;
        if (view->part[i] == HS_PART_NOTHING || z < (float)in->camera->range.low ||
            z > (float)in->camera->range.high || in->hidden[i])
            continue;
        float facing = -(view->normal[0][i] * x + view->normal[1][i] * y + view->normal[2][i]);
        float cosine = facing / sqrtf(1 + x * x + y * y);
        if (hs_part_is_cloth(view->part[i])) /* frays where it turns away */
            cosine -= (float)in->sensor->cloth_rough * (0.6f + scratch->noise[i]);
        float signal =
            (float)(in->sensor->signal * in->reflectance[view->part[i]]) * cosine / (z * z);
        /* exp(n) as a quotient: monotone, and the same on every machine. */
        float n = scratch->noise[i], gain = n < 0 ? 1 / (1 - n + n * n / 2) : 1 + n + n * n / 2;
        scratch->valid[i] = signal * gain > 1;
    }
}

/* An edge: the nearer pixel of a depth step. */
typedef struct edge {
    int u, v;
    float z, beyond; /* metres; beyond 0 where nothing is measured there */
} edge;

/* True where one of the four neighbours of (u, v) lies a step behind it. */
static bool find_edge(const hs_sensor_input *in, int u, int v, edge *e)
{
    static const int du[4] = {1, -1, 0, 0}, dv[4] = {0, 0, 1, -1};
    const hs_view *view = in->view;
    float z = view->depth[(size_t)v * (size_t)view->width + (size_t)u];
    float step = (float)in->sensor->step * fmaxf(1, z / 0.6f), beyond = -1;
    for (int k = 0; k < 4; k++) {
        int nu = u + du[k], nv = v + dv[k];
        if (nu < 0 || nv < 0 || nu >= view->width || nv >= view->height)
            continue;
        float other = view->depth[(size_t)nv * (size_t)view->width + (size_t)nu];
        if (other == 0 || other > (float)in->camera->range.high)
            beyond = fmaxf(beyond, 0);
        else if (other > z + step)
            beyond = fmaxf(beyond, other);
    }
    *e = (edge){u, v, z, beyond};
    return beyond >= 0;
}

/* Invalidates what lies behind the edge, each pixel as far from it as its own step asks. */
static void open_gap(const hs_sensor_input *in, const edge *e, double vary, uint8_t *valid)
{
    const hs_view *view = in->view;
    const hs_sensor_profile *sensor = in->sensor;
    double scale = pixel_scale(in);
    double floor = sensor->gap_floor * scale * vary;
    double shift = in->camera->focal.low * scale * sensor->baseline * vary;
    double most = floor + shift * (1 / e->z - 1 / e->beyond);
    int least = (int)most, reach = (int)(most * sensor->gap_right);
    float behind = e->z + (float)sensor->step * 0.5f;
    for (int v = e->v - least; v <= e->v + least; v++) {
        if (v < 0 || v >= view->height)
            continue;
        for (int u = e->u - least; u <= e->u + reach; u++) {
            if (u < 0 || u >= view->width)
                continue;
            size_t i = (size_t)v * (size_t)view->width + (size_t)u;
            float z = view->depth[i];
            if (z <= behind)
                continue;
            double dx = u > e->u ? (u - e->u) / sensor->gap_right : e->u - u, dy = v - e->v;
            double gap = floor + shift * (1 / e->z - 1 / z);
            if (dx * dx + dy * dy <= gap * gap)
                valid[i] = 0;
        }
    }
}

/* Decoding fails where the window of a pixel holds two surfaces, and the projector's rays miss what
 * lies just behind a nearer surface: a gap that grows with the step in disparity. */
static void open_gaps(const hs_sensor_input *in, const hs_sensor_scratch *scratch)
{
    const hs_view *view = in->view;
    const hs_sensor_profile *sensor = in->sensor;
    double scale = pixel_scale(in);
    memset(scratch->noise, 0, pixel_count(view) * sizeof *scratch->noise);
    hs_noise_field(field_key(in, FIELD_GAP), view->width, view->height, fmax(7 * scale, 2),
                   sensor->gap_spread, scratch->noise);
    for (int v = 0; v < view->height; v++)
        for (int u = 0; u < view->width; u++) {
            size_t i = (size_t)v * (size_t)view->width + (size_t)u;
            edge e;
            if (view->part[i] == HS_PART_NOTHING || !find_edge(in, u, v, &e))
                continue;
            float n = scratch->noise[i];
            double vary = fmax(0.25, 1 + n + 0.3 * n * n);
            if (e.beyond > 0)
                open_gap(in, &e, vary, scratch->valid);
            if (n > 0.8f * (float)sensor->gap_spread && hs_part_is_cloth(view->part[i]))
                scratch->valid[i] = 0; /* the nearer side frays too: skin and gloves are smooth */
        }
}

/* Share of the pixels at edges report a depth between both surfaces. */
static float flying_depth(const hs_sensor_input *in, int u, int v, float z)
{
    edge e;
    uint32_t i = (uint32_t)(v * in->view->width + u);
    if (hs_noise_uniform(field_key(in, FIELD_FLYING), i) >= (float)in->sensor->flying ||
        !find_edge(in, u, v, &e) || e.beyond <= 0)
        return z;
    return z + (e.beyond - z) * hs_noise_uniform(field_key(in, FIELD_MIX), i);
}

/* White noise blurred by 1 2 1 / 4 in both directions, variance restored: neighbouring pixels are
 * decoded from overlapping windows. signal is scratch. */
static void correlated_noise(const hs_sensor_input *in, const hs_sensor_scratch *scratch)
{
    int w = in->view->width, h = in->view->height;
    float *white = scratch->signal, *out = scratch->noise;
    hs_noise_white(field_key(in, FIELD_WHITE), (int64_t)w * h, white);
    const float gain = 16 / 6.0f / 16; /* the kernel's weights have the square sum (6/16)^2 */
    for (int v = 0; v < h; v++) {
        const float *row = white + (int64_t)v * w;
        const float *up = v > 0 ? row - w : row, *down = v + 1 < h ? row + w : row;
        for (int u = 0; u < w; u++) {
            int l = u > 0 ? u - 1 : 0, r = u + 1 < w ? u + 1 : u;
            float left = up[l] + 2 * row[l] + down[l], right = up[r] + 2 * row[r] + down[r];
            out[(int64_t)v * w + u] = gain * (left + 2 * (up[u] + 2 * row[u] + down[u]) + right);
        }
    }
}

void hs_sensor_measure(const hs_sensor_input *in, const hs_sensor_scratch *scratch, uint16_t *depth)
{
    const hs_view *view = in->view;
    const hs_sensor_profile *sensor = in->sensor;
    float low = (float)in->camera->range.low, high = (float)in->camera->range.high;
    double unit = in->camera->depth_unit;
    find_signal(in, scratch);
    open_gaps(in, scratch);
    correlated_noise(in, scratch);
    for (int v = 0; v < view->height; v++)
        for (int u = 0; u < view->width; u++) {
            size_t i = (size_t)v * (size_t)view->width + (size_t)u;
            depth[i] = 0;
            if (!scratch->valid[i])
                continue;
            float z = flying_depth(in, u, v, view->depth[i]);
            float grown = (float)sensor->noise_quadratic * z * z,
                  least = (float)sensor->noise_floor;
            z += sqrtf(least * least + grown * grown) * scratch->noise[i];
            if (z >= low && z <= high)
                depth[i] = (uint16_t)lround((double)z / unit);
        }
}

#include "glove/disc.h"

#include "base/memory.h"
#include "glove/disc_votes.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 8, RAYS = 96, STEPS = 32 /* samples of a ray on either side of the outline */ };

/* Of the radius: how far from the outline its edge is looked for, while the circle is moved, and to
 * judge it: there so far that edges of anything rarely lie on it by chance. */
static const double first_reach = 0.2, last_reach = 0.15, judging_reach = 0.3;
/* Of the radius, or this many pixels: how far from the circle an edge still belongs to it. A ball
 * seen 25 degrees off the axis is an ellipse whose axes differ by a tenth. */
static const double tolerance = 0.08, tolerance_pixels = 1.2;
/* Contrast of an edge, levels of 0..255. */
static const double least_contrast = 6;
/* Of the radius: where the inside is looked at, away from the blurred rim. */
static const double inside = 0.85;
/* Of r/(r+g+b) and g/(r+g+b): how far a pixel of the same colour may be. */
static const double same_colour = 0.08;

/* ---- the pyramid ---- */

typedef struct pyramid {
    hs_colour_plane levels[LEVELS];
    int count;
} pyramid;

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Every second pixel after the binomial filter 1 4 6 4 1. */
static hs_status halve(const hs_colour_plane *from, hs_colour_plane *to)
{
    static const float taps[5] = {1 / 16.f, 4 / 16.f, 6 / 16.f, 4 / 16.f, 1 / 16.f};
    *to = (hs_colour_plane){(from->width + 1) / 2, (from->height + 1) / 2, NULL};
    size_t row = 3 * (size_t)to->width;
    float *rows = NULL; /* filtered along rows: [from->height][to->width][3] */
    hs_status status;
    HS_TRY(hs_allocate(row * (size_t)to->height * sizeof(float), "pyramid", (void **)&to->rgb));
    HS_TRY(hs_allocate(row * (size_t)from->height * sizeof(float), "pyramid", (void **)&rows));
    for (int y = 0; y < from->height; y++)
        for (int x = 0; x < to->width; x++)
            for (int t = -2; t <= 2; t++) {
                const float *in = from->rgb + 3 * ((size_t)y * (size_t)from->width +
                                                   (size_t)clamp(2 * x + t, from->width));
                float *out = rows + (size_t)y * row + 3 * (size_t)x;
                for (int c = 0; c < 3; c++)
                    out[c] += taps[t + 2] * in[c];
            }
    for (int y = 0; y < to->height; y++)
        for (int t = -2; t <= 2; t++) {
            const float *in = rows + (size_t)clamp(2 * y + t, from->height) * row;
            float *out = to->rgb + (size_t)y * row;
            for (size_t i = 0; i < row; i++)
                out[i] += taps[t + 2] * in[i];
        }
exit:
    free(rows);
    return status;
}

static void pyramid_free(pyramid *p)
{
    for (int l = 0; l < p->count; l++)
        free(p->levels[l].rgb);
}

/* As many levels as the largest radius needs. */
static hs_status pyramid_init(pyramid *p, const uint8_t *rgb, int width, int height, double largest)
{
    size_t values = 3 * (size_t)width * (size_t)height;
    hs_status status;
    *p = (pyramid){.count = 1};
    p->levels[0] = (hs_colour_plane){width, height, NULL};
    HS_TRY(hs_allocate(values * sizeof(float), "pyramid", (void **)&p->levels[0].rgb));
    for (size_t i = 0; i < values; i++)
        p->levels[0].rgb[i] = rgb[i];
    while (p->count < LEVELS && ldexp(HS_DISC_RADIUS_MOST, p->count - 1) < largest) {
        p->count++;
        HS_TRY(halve(&p->levels[p->count - 2], &p->levels[p->count - 1]));
    }
exit:
    return status;
}

/* ---- the outline ---- */

typedef struct outline {
    double radius[RAYS]; /* of the edge on each ray from the centre; 0 where there is none */
} outline;

static bool sample(const hs_colour_plane *p, double x, double y, float rgb[3])
{
    if (!(x >= 0 && y >= 0 && x <= p->width - 1 && y <= p->height - 1))
        return false;
    int left = clamp((int)x, p->width - 1), top = clamp((int)y, p->height - 1);
    float fx = (float)(x - left), fy = (float)(y - top);
    const float *a = p->rgb + 3 * ((size_t)top * (size_t)p->width + (size_t)left);
    const float *b = a + 3 * (size_t)p->width;
    for (int c = 0; c < 3; c++)
        rgb[c] =
            (1 - fy) * ((1 - fx) * a[c] + fx * a[c + 3]) + fy * ((1 - fx) * b[c] + fx * b[c + 3]);
    return true;
}

enum { SAMPLES = 2 * STEPS + 1, LEAST_SIDE = 3 };

/* What samples of a ray are told apart by: twice the chromaticity, and some of the brightness, so
 * that shadows, highlights and speckles count less than a change of colour. */
static void feature_of(const float rgb[3], double feature[3])
{
    double sum = rgb[0] + rgb[1] + rgb[2], damped = sum + 30;
    feature[0] = 510 * rgb[0] / damped;
    feature[1] = 510 * rgb[1] / damped;
    feature[2] = 0.1 * sum;
}

/* Contrast at sample i of the n of a ray: the sample `apart` outside it against that inside. */
static double contrast(float ray[][3], int n, int i, int apart)
{
    const float *outer = ray[clamp(i + apart, n)], *inner = ray[clamp(i - apart, n)];
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += ((double)outer[c] - inner[c]) * ((double)outer[c] - inner[c]);
    return sqrt(sum);
}

/* The sample at which the first n of a ray fall best into two parts, one of the ball and one of
 * what lies behind: where the variance between the parts is largest (Otsu's criterion). */
static int split(float ray[][3], int n)
{
    double features[SAMPLES][3], total[3] = {0}, below[3] = {0}, best = 0;
    int found = LEAST_SIDE;
    for (int i = 0; i < n; i++) {
        feature_of(ray[i], features[i]);
        for (int c = 0; c < 3; c++)
            total[c] += features[i][c];
    }
    for (int i = 0; i + LEAST_SIDE < n; i++) {
        double inner = i + 0.5, outer = n - inner, between = 0;
        for (int c = 0; c < 3; c++) { /* the sample at the split belongs half to each */
            double sum = below[c] + 0.5 * features[i][c];
            double d = sum / inner - (total[c] - sum) / outer;
            between += d * d;
            below[c] += features[i][c];
        }
        between *= inner * outer;
        if (i >= LEAST_SIDE && between > best) {
            best = between;
            found = i;
        }
    }
    return found;
}

/* Radius of the edge within `reach` (of the radius) of the circle; 0 where there is none, or where
 * the border of the image is too near the circle to see what is behind it. */
static double edge_on_ray(const hs_colour_plane *p, const hs_disc *d, double angle, double reach)
{
    float ray[SAMPLES][3];
    double step = reach * d->radius / STEPS;
    int n = 0, pixel = (int)ceil(1 / step);
    for (; n < SAMPLES; n++) {
        double r = d->radius + (n - STEPS) * step;
        if (!sample(p, d->x + r * cos(angle), d->y + r * sin(angle), ray[n]))
            break;
    }
    if (n < STEPS + STEPS / 3)
        return 0;
    int at = split(ray, n);
    double before = contrast(ray, n, at - pixel, pixel),
           after = contrast(ray, n, at + pixel, pixel);
    double here = contrast(ray, n, at, pixel), bend = before - 2 * here + after;
    if (here < least_contrast)
        return 0;
    double shift = bend < 0 ? 0.5 * (before - after) / bend : 0; /* the top of a parabola */
    return d->radius + (at - STEPS) * step + (fabs(shift) <= 1 ? shift * pixel * step : 0);
}

static void find_outline(const hs_colour_plane *p, const hs_disc *d, double reach, outline *edges)
{
    for (int k = 0; k < RAYS; k++)
        edges->radius[k] = edge_on_ray(p, d, k * 2 * M_PI / RAYS, reach);
}

/* Solves the symmetric 3x3 system a * x = b (Cramer); false where it is singular. */
static bool solve3(double a[3][3], const double b[3], double x[3])
{
    double det = 0, m[3][3];
    for (int column = -1; column < 3; column++) {
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                m[i][j] = j == column ? b[i] : a[i][j];
        double value = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
                       m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
                       m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
        if (column < 0)
            det = value;
        else
            x[column] = value / det;
        if (fabs(det) < 1e-9)
            return false;
    }
    return true;
}

/* Least squares of the distances of the edges from the circle with Tukey's weights, which give
 * those further away than `cutoff` none: Gauss-Newton on centre and radius. */
static bool fit(const outline *edges, const hs_disc *from, double cutoff, hs_disc *d)
{
    for (int iteration = 0; iteration < 12; iteration++) {
        double a[3][3] = {{0}}, b[3] = {0}, change[3];
        for (int k = 0; k < RAYS; k++) {
            double angle = k * 2 * M_PI / RAYS;
            double x = from->x + edges->radius[k] * cos(angle) - d->x;
            double y = from->y + edges->radius[k] * sin(angle) - d->y;
            double distance = hypot(x, y), residual = distance - d->radius;
            if (edges->radius[k] == 0 || fabs(residual) >= cutoff || distance == 0)
                continue;
            double share = residual / cutoff, weight = (1 - share * share) * (1 - share * share);
            double row[3] = {x / distance, y / distance, 1};
            for (int i = 0; i < 3; i++) {
                b[i] += weight * row[i] * residual;
                for (int j = 0; j < 3; j++)
                    a[i][j] += weight * row[i] * row[j];
            }
        }
        if (!solve3(a, b, change))
            return false;
        d->x += change[0], d->y += change[1], d->radius += change[2];
    }
    return hypot(d->x - from->x, d->y - from->y) < 0.5 * from->radius &&
           fabs(d->radius - from->radius) < 0.4 * from->radius;
}

/* Moves the circle onto the edges around it, looking ever nearer. */
static bool refine(const hs_colour_plane *p, hs_disc *d)
{
    static const double cutoffs[] = {0.15, 0.12, 0.10, 0.10};
    for (int pass = 0; pass < 4; pass++) {
        outline edges;
        hs_disc from = *d;
        find_outline(p, d, pass < 2 ? first_reach : last_reach, &edges);
        if (!fit(&edges, &from, fmax(cutoffs[pass] * d->radius, 1.5 * tolerance_pixels), d))
            return false;
    }
    return true;
}

static void measure_support(const hs_colour_plane *p, hs_disc *d)
{
    outline edges;
    find_outline(p, d, judging_reach, &edges);
    double near = fmax(tolerance * d->radius, tolerance_pixels);
    int supported = 0, gap = 0, longest = 0;
    for (int k = 0; k < 2 * RAYS; k++) { /* twice around: a gap may cross the start */
        bool edge = edges.radius[k % RAYS] > 0 && fabs(edges.radius[k % RAYS] - d->radius) <= near;
        supported += edge && k < RAYS;
        gap = edge ? 0 : gap + 1;
        longest = gap > longest ? gap : longest;
    }
    d->support = (double)supported / RAYS;
    d->gap = fmin(1, (double)longest / RAYS);
}

/* ---- the inside ---- */

enum { SHARES = 256 }; /* of a colour in the sum of the three: 0..255 */

typedef struct colour_shares {
    int64_t counts[2][SHARES], pixels;
} colour_shares;

static int share_of(const float *rgb, int c)
{
    float sum = rgb[0] + rgb[1] + rgb[2];
    return sum > 0 ? clamp((int)(rgb[c] / sum * SHARES), SHARES) : SHARES / 3;
}

static int median_of(const int64_t counts[SHARES], int64_t pixels)
{
    int i = 0;
    for (int64_t below = counts[0]; 2 * below < pixels && i + 1 < SHARES; below += counts[i])
        i++;
    return i;
}

/* Calls for each pixel inside: pass 0 gathers the shares of red and green, pass 1 counts the pixels
 * near their medians. */
static double coherence_of(const hs_colour_plane *p, const hs_disc *d, double *saturation)
{
    colour_shares shares = {0};
    int median[2] = {0}, y0 = (int)(d->y - d->radius), y1 = (int)(d->y + d->radius) + 1;
    int x0 = (int)(d->x - d->radius), x1 = (int)(d->x + d->radius) + 1;
    double limit = inside * d->radius;
    int64_t same = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int y = y0 < 0 ? 0 : y0; y < y1 && y < p->height; y++)
            for (int x = x0 < 0 ? 0 : x0; x < x1 && x < p->width; x++) {
                const float *rgb = p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
                if (hypot(x - d->x, y - d->y) > limit)
                    continue;
                int red = share_of(rgb, 0), green = share_of(rgb, 1);
                shares.counts[0][red] += pass == 0;
                shares.counts[1][green] += pass == 0;
                shares.pixels += pass == 0;
                same += pass == 1 && abs(red - median[0]) <= same_colour * SHARES &&
                        abs(green - median[1]) <= same_colour * SHARES;
            }
        for (int c = 0; c < 2; c++)
            median[c] = median_of(shares.counts[c], shares.pixels);
    }
    double r = median[0], g = median[1], b = fmax(0, SHARES - r - g);
    double most = fmax(r, fmax(g, b)), least = fmin(r, fmin(g, b));
    *saturation = most > 0 ? 1 - least / most : 0;
    return shares.pixels ? (double)same / (double)shares.pixels : 0;
}

/* ---- all together ---- */

static hs_disc_search complete(const hs_disc_search *search, int height)
{
    hs_disc_search s = search ? *search : (hs_disc_search){0};
    s.radius[0] = s.radius[0] > 0 ? s.radius[0] : height / 30.0;
    s.radius[1] = s.radius[1] > 0 ? s.radius[1] : height / 3.0;
    s.support = s.support > 0 ? s.support : 0.75;
    s.gap = s.gap > 0 ? s.gap : 0.25;
    s.coherence = s.coherence > 0 ? s.coherence : 0.6;
    s.saturation = s.saturation > 0 ? s.saturation : 0.12;
    return s;
}

/* From a proposal to a disc of the image; false where the image does not bear it out. */
static bool examine(const pyramid *p, const hs_disc_proposal *proposal, const hs_disc_search *s,
                    hs_disc *d)
{
    int level = proposal->level;
    *d = (hs_disc){.x = proposal->x, .y = proposal->y, .radius = proposal->radius};
    if (!refine(&p->levels[level], d))
        return false;
    if (level > 0) { /* where a pixel is finer, and texture still smooth */
        level--;
        d->x *= 2, d->y *= 2, d->radius *= 2;
        if (!refine(&p->levels[level], d))
            return false;
    }
    double saturation;
    measure_support(&p->levels[level], d);
    d->coherence = coherence_of(&p->levels[level], d, &saturation);
    d->x = ldexp(d->x, level), d->y = ldexp(d->y, level), d->radius = ldexp(d->radius, level);
    return d->radius >= s->radius[0] && d->radius <= s->radius[1] && d->support >= s->support &&
           d->gap <= s->gap && d->coherence >= s->coherence && saturation >= s->saturation;
}

/* Keeps the list by falling score, without discs that cover the centre of a better one. */
static void keep(const hs_disc *d, hs_disc *discs, int most, int *count)
{
    int at = 0;
    for (; at < *count && hs_disc_score(&discs[at]) >= hs_disc_score(d); at++)
        if (hypot(discs[at].x - d->x, discs[at].y - d->y) < fmax(discs[at].radius, d->radius))
            return;
    int kept = at; /* of those behind, the ones it does not replace */
    hs_disc behind[64];
    int n = 0;
    for (int i = at; i < *count && n < 64; i++)
        if (hypot(discs[i].x - d->x, discs[i].y - d->y) >= fmax(discs[i].radius, d->radius))
            behind[n++] = discs[i];
    if (kept < most)
        discs[kept++] = *d;
    for (int i = 0; i < n && kept < most; i++)
        discs[kept++] = behind[i];
    *count = kept;
}

hs_status hs_disc_find(const uint8_t *rgb, int width, int height, const hs_disc_search *search,
                       hs_disc *discs, int most, int *count)
{
    hs_disc_search s = complete(search, height);
    hs_disc_proposal proposals[HS_DISC_PROPOSALS];
    pyramid p;
    hs_status status;
    *count = 0;
    HS_TRY(pyramid_init(&p, rgb, width, height, s.radius[1]));
    for (int level = 0; level < p.count; level++) {
        double low = fmax(ldexp(s.radius[0], -level), level ? HS_DISC_RADIUS_LEAST : 4);
        double high = fmin(ldexp(s.radius[1], -level), HS_DISC_RADIUS_MOST);
        int n = 0;
        if (low <= high)
            HS_TRY(hs_disc_propose(&p.levels[level], low, high, proposals, &n));
        for (int i = 0; i < n; i++) {
            hs_disc disc;
            proposals[i].level = level;
            if (examine(&p, &proposals[i], &s, &disc))
                keep(&disc, discs, most, count);
        }
    }
exit:
    pyramid_free(&p);
    return status;
}

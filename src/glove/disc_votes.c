#include "glove/disc_votes.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

/* Contrast, in levels of 0..255 a pixel, at which an edge counts half. */
static const float half_contrast = 6;
/* A proposal needs edges along this share of its outline. */
static const float least_votes = 0.25f;

typedef struct votes {
    int width, height, radii; /* radius `low + i` in layer i */
    int low;
    float *layers; /* [radii][height][width] */
    float *best;   /* [height][width] the largest normalised sum over the radii */
    int *radius;   /* [height][width] its layer */
} votes;

/* Gradient of the channel with most contrast at an inner pixel; its length is returned. */
static float gradient(const hs_colour_plane *p, int x, int y, float direction[2])
{
    float most = 0;
    const float *at = p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
    size_t row = 3 * (size_t)p->width;
    for (int c = 0; c < 3; c++) {
        /* Sobel's, whose direction errs less than that of bare differences */
        const float *u = at - row + c, *m = at + c, *d = at + row + c;
        float gx = (u[3] - u[-3] + 2 * (m[3] - m[-3]) + d[3] - d[-3]) / 8;
        float gy = (d[-3] + 2 * d[0] + d[3] - u[-3] - 2 * u[0] - u[3]) / 8;
        float length = gx * gx + gy * gy;
        if (length > most) {
            most = length;
            direction[0] = gx, direction[1] = gy;
        }
    }
    float length = sqrtf(most);
    for (int k = 0; k < 2 && length > 0; k++)
        direction[k] /= length;
    return length;
}

/* An edge pixel votes for the centres on both sides of it: the ball may be the lighter or the
 * darker one, and may be either along one outline. */
static void vote(votes *v, int x, int y, const float direction[2], float weight)
{
    for (int side = -1; side <= 1; side += 2)
        for (int i = 0; i < v->radii; i++) {
            float r = (float)(side * (v->low + i));
            int cx = (int)lrintf((float)x + r * direction[0]);
            int cy = (int)lrintf((float)y + r * direction[1]);
            if (cx >= 0 && cy >= 0 && cx < v->width && cy < v->height)
                v->layers[((size_t)i * (size_t)v->height + (size_t)cy) * (size_t)v->width +
                          (size_t)cx] += weight;
        }
}

/* Only crests of the gradient vote: an edge of any sharpness is then one pixel wide. */
static hs_status vote_all(const hs_colour_plane *p, votes *v)
{
    float *lengths = NULL, (*directions)[2] = NULL;
    size_t pixels = (size_t)p->width * (size_t)p->height;
    hs_status status;
    HS_TRY(hs_allocate(pixels * sizeof *lengths, "gradients", (void **)&lengths));
    HS_TRY(hs_allocate(pixels * sizeof *directions, "gradients", (void **)&directions));
    for (int y = 1; y + 1 < p->height; y++)
        for (int x = 1; x + 1 < p->width; x++) {
            size_t i = (size_t)y * (size_t)p->width + (size_t)x;
            lengths[i] = gradient(p, x, y, directions[i]);
        }
    for (int y = 1; y + 1 < p->height; y++)
        for (int x = 1; x + 1 < p->width; x++) {
            size_t i = (size_t)y * (size_t)p->width + (size_t)x;
            ptrdiff_t step = lrintf(directions[i][0]) + lrintf(directions[i][1]) * (long)p->width;
            float length = lengths[i];
            if (length > 1 && length >= lengths[(ptrdiff_t)i - step] &&
                length > lengths[(ptrdiff_t)i + step])
                vote(v, x, y, directions[i], length / (length + half_contrast));
        }
exit:
    free(lengths);
    free(directions);
    return status;
}

/* For every centre the best radius. Votes scatter by a pixel or two about the true centre and
 * radius, so those of 5x5 centres and 3 radii are summed. */
static void collect(votes *v)
{
    enum { REACH = 2 };
    size_t w = (size_t)v->width, layer = w * (size_t)v->height;
    for (int y = REACH; y + REACH < v->height; y++)
        for (int x = REACH; x + REACH < v->width; x++) {
            float sums[64], *best = &v->best[(size_t)y * w + (size_t)x];
            for (int i = 0; i < v->radii; i++) {
                sums[i] = 0;
                for (int j = -REACH; j <= REACH; j++) {
                    const float *row =
                        v->layers + (size_t)i * layer + (size_t)(y + j) * w + (size_t)x;
                    sums[i] += row[-2] + row[-1] + row[0] + row[1] + row[2];
                }
            }
            for (int i = 0; i < v->radii; i++) {
                float sum =
                    sums[i] + (i > 0 ? sums[i - 1] : 0) + (i + 1 < v->radii ? sums[i + 1] : 0);
                sum /= 6.2831853f * (float)(v->low + i);
                if (sum > *best) {
                    *best = sum;
                    v->radius[(size_t)y * w + (size_t)x] = i;
                }
            }
        }
}

/* Takes the best centre and clears those near it, until none is good enough. */
static void pick(votes *v, hs_disc_proposal *proposals, int *count)
{
    size_t pixels = (size_t)v->width * (size_t)v->height;
    for (*count = 0; *count < HS_DISC_PROPOSALS; ++*count) {
        size_t best = 0;
        for (size_t i = 1; i < pixels; i++)
            if (v->best[i] > v->best[best])
                best = i;
        if (v->best[best] < least_votes)
            return;
        int x = (int)(best % (size_t)v->width), y = (int)(best / (size_t)v->width);
        int radius = v->low + v->radius[best], near = radius / 3;
        proposals[*count] =
            (hs_disc_proposal){.x = x, .y = y, .radius = radius, .votes = (double)v->best[best]};
        for (int j = y - near; j <= y + near; j++)
            for (int i = x - near; i <= x + near; i++)
                if (i >= 0 && j >= 0 && i < v->width && j < v->height)
                    v->best[(size_t)j * (size_t)v->width + (size_t)i] = 0;
    }
}

hs_status hs_disc_propose(const hs_colour_plane *plane, double low, double high,
                          hs_disc_proposal proposals[HS_DISC_PROPOSALS], int *count)
{
    votes v = {.width = plane->width, .height = plane->height, .low = (int)low};
    v.radii = (int)ceil(high) - v.low + 1;
    size_t pixels = (size_t)v.width * (size_t)v.height;
    hs_status status;
    *count = 0;
    HS_TRY(hs_allocate(pixels * (size_t)v.radii * sizeof *v.layers, "votes", (void **)&v.layers));
    HS_TRY(hs_allocate(pixels * sizeof *v.best, "votes", (void **)&v.best));
    HS_TRY(hs_allocate(pixels * sizeof *v.radius, "votes", (void **)&v.radius));
    HS_TRY(vote_all(plane, &v));
    collect(&v);
    pick(&v, proposals, count);
exit:
    free(v.layers);
    free(v.best);
    free(v.radius);
    return status;
}

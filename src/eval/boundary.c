#include "eval/boundary.h"

#include "base/memory.h"
#include "eval/metrics.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

hs_status hs_boundary_init(hs_boundary *b, int32_t height, int32_t width)
{
    double reach = HS_BOUNDARY_TOLERANCE * hypot(height, width);
    int32_t most = (int32_t)reach;
    size_t area = (size_t)height * (size_t)width, square = (size_t)(2 * most + 1);
    hs_status status;
    b->height = height;
    b->width = width;
    b->count = 0;
    HS_TRY(hs_allocate(2 * area, "boundary", (void **)&b->edges));
    HS_TRY(hs_allocate(2 * square * square * sizeof *b->offsets, "boundary", (void **)&b->offsets));
    for (int32_t y = -most; y <= most; y++)
        for (int32_t x = -most; x <= most; x++)
            if (x * x + y * y <= reach * reach) {
                b->offsets[2 * b->count] = y;
                b->offsets[2 * b->count++ + 1] = x;
            }
exit:
    return status;
}

void hs_boundary_free(hs_boundary *b)
{
    free(b->edges);
    free(b->offsets);
    *b = (hs_boundary){0};
}

/* Marks the boundary of the class in `labels` and counts its pixels. */
static int64_t mark(const hs_boundary *b, const uint8_t *labels, const uint8_t *truth,
                    uint8_t label, uint8_t *edges)
{
    int64_t found = 0, w = b->width;
    memset(edges, 0, (size_t)b->height * (size_t)b->width);
    for (int32_t y = 0; y < b->height; y++)
        for (int32_t x = 0; x < b->width; x++) {
            int64_t i = y * w + x;
            if (labels[i] != label || truth[i] == HS_METRICS_IGNORE)
                continue;
            const int64_t around[] = {x > 0 ? i - 1 : i, x + 1 < w ? i + 1 : i, y > 0 ? i - w : i,
                                      y + 1 < b->height ? i + w : i};
            for (int k = 0; k < 4 && !edges[i]; k++)
                edges[i] = labels[around[k]] != label && truth[around[k]] != HS_METRICS_IGNORE;
            found += edges[i];
        }
    return found;
}

static bool is_near(const hs_boundary *b, const uint8_t *edges, int32_t y, int32_t x)
{
    for (int32_t k = 0; k < b->count; k++) {
        int32_t v = y + b->offsets[2 * k], u = x + b->offsets[2 * k + 1];
        if (v >= 0 && u >= 0 && v < b->height && u < b->width && edges[(int64_t)v * b->width + u])
            return true;
    }
    return false;
}

/* Pixels of `edges` that have one of `others` within the tolerance. */
static int64_t count_matched(const hs_boundary *b, const uint8_t *edges, const uint8_t *others)
{
    int64_t matched = 0;
    for (int32_t y = 0; y < b->height; y++)
        for (int32_t x = 0; x < b->width; x++)
            if (edges[(int64_t)y * b->width + x])
                matched += is_near(b, others, y, x);
    return matched;
}

double hs_boundary_score(hs_boundary *b, const uint8_t *truth, const uint8_t *prediction,
                         uint8_t label)
{
    uint8_t *true_edges = b->edges, *edges = b->edges + (int64_t)b->height * b->width;
    int64_t expected = mark(b, truth, truth, label, true_edges);
    int64_t found = mark(b, prediction, truth, label, edges);
    if (expected == 0 || found == 0)
        return expected + found > 0 ? 0 : NAN;
    double precision = (double)count_matched(b, edges, true_edges) / (double)found;
    double recall = (double)count_matched(b, true_edges, edges) / (double)expected;
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

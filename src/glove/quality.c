#include "glove/quality.h"

#include <math.h>
#include <stdlib.h>

enum { AHEAD = 3 };      /* pixels beyond the edge at which its surroundings are looked at */
#define LIKE_DEPTH 0.03  /* metres: what is no farther may be of one piece with the hand */
#define ONE_SURFACE 0.01 /* metres between neighbouring pixels of one */
#define HAND_LENGTH 0.2  /* metres */

const char *hs_measure_name(hs_measure measure)
{
    static const char *const names[] = {
#define HS_MEASURE(name, standard, meaning) #name,
#include "glove/quality_measures.def"
#undef HS_MEASURE
    };
    return names[measure];
}

const char *hs_measure_meaning(hs_measure measure)
{
    static const char *const meanings[] = {
#define HS_MEASURE(name, standard, meaning) meaning,
#include "glove/quality_measures.def"
#undef HS_MEASURE
    };
    return meanings[measure];
}

static void worsen(hs_measures *measures, hs_measure measure, double value)
{
    if (value > measures->value[measure])
        measures->value[measure] = value;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* ---- one hand ---------------------------------------------------------------------------------
 */

/* Counts over a hand's hull, and sums over its label. */
typedef struct hull_counts {
    int64_t hull, threshold, opened; /* pixels; the latter two in the whole image */
    int64_t with_depth, beyond;      /* of the group */
    int64_t label, uncolored;
    double x, y, spread; /* sums; spread in raw units */
} hull_counts;

static hull_counts count_hull(const hs_annotator *a, int glove, const uint16_t *depth,
                              const uint8_t *mask)
{
    const hs_glove_stages *s = &a->stages[glove];
    hull_counts c = {0};
    size_t n = (size_t)a->height * a->width;
    for (size_t i = 0; i < n; i++)
        c.opened += s->opened[i];
    for (int32_t y = 0; y < a->height; y++) {
        for (int32_t x = s->rows[y].first; x <= s->rows[y].last; x++) {
            size_t i = (size_t)y * a->width + x;
            bool label = mask[i] == glove + 1;
            bool known = s->joined[i] && depth[i] > 0;
            c.hull++;
            c.with_depth += known;
            c.beyond += known && !s->kept[i];
            c.label += label;
            c.uncolored += label && !s->threshold[i];
            c.x += label ? x : 0;
            c.y += label ? y : 0;
            c.spread += label ? abs(depth[i] - s->median) : 0;
        }
    }
    return c;
}

/* What lies beyond the edge of a label: sides of its pixels that face another label. */
typedef struct edge_counts {
    int64_t sides, border, invalid, close;
} edge_counts;

static void look_out(const hs_annotator *a, const uint16_t *depth, const uint8_t *mask, int32_t x,
                     int32_t y, double like, edge_counts *c)
{
    static const int32_t directions[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    size_t here = (size_t)y * a->width + x;
    for (int d = 0; d < 4; d++) {
        int32_t u = x + directions[d][0], v = y + directions[d][1];
        if (u < 0 || u >= a->width || v < 0 || v >= a->height) {
            c->sides++;
            c->border++;
            continue;
        }
        if (mask[(size_t)v * a->width + u] == mask[here])
            continue;
        c->sides++;
        u = x + AHEAD * directions[d][0];
        v = y + AHEAD * directions[d][1];
        if (u < 0 || u >= a->width || v < 0 || v >= a->height)
            continue;
        size_t there = (size_t)v * a->width + u;
        c->invalid += depth[there] == 0;
        c->close += depth[there] > 0 && mask[there] == 0 && abs(depth[there] - depth[here]) <= like;
    }
}

static edge_counts count_edge(const hs_annotator *a, int glove, const uint16_t *depth,
                              const uint8_t *mask)
{
    const hs_span *rows = a->stages[glove].rows;
    edge_counts c = {0};
    for (int32_t y = 0; y < a->height; y++)
        for (int32_t x = rows[y].first; x <= rows[y].last; x++)
            if (mask[(size_t)y * a->width + x] == glove + 1)
                look_out(a, depth, mask, x, y, LIKE_DEPTH / a->depth_unit, &c);
    return c;
}

/* How far inside low..high a value lies: 0 at an end, 1 amid. The ends of the scale, least and
 * most, are none: nothing lies beyond them. */
static double inside(int value, int low, int high, int least, int most)
{
    double half = fmax(0.5 * (high - low), 0.5);
    double from = low > least ? value - low : half, to = high < most ? high - value : half;
    return fmin(1, fmin(from, to) / half);
}

/* 1 less the mean over the group of how far inside the range its colours are, in the channel in
 * which that is least. */
static double color_margin(const hs_annotator *a, int glove)
{
    const hs_glove_stages *s = &a->stages[glove];
    const hs_glove_range *range = &a->gloves.range[glove];
    double hue[256], saturation[256], value[256], sum = 0;
    int wrap = range->hue[0] > range->hue[1] ? 180 : 0;
    for (int i = 0; i < 256; i++) {
        int h = wrap && i <= range->hue[1] ? i + 180 : i;
        hue[i] = inside(h, range->hue[0], range->hue[1] + wrap, -1, 360);
        saturation[i] = inside(i, range->saturation[0], range->saturation[1], 0, 255);
        value[i] = inside(i, range->value[0], range->value[1], 0, 255);
    }
    for (int32_t y = 0; y < a->height; y++)
        for (int32_t x = s->rows[y].first; x <= s->rows[y].last; x++) {
            size_t i = (size_t)y * a->width + x;
            if (s->joined[i])
                sum += fmin(hue[a->hue[i]], fmin(saturation[a->saturation[i]], value[a->value[i]]));
        }
    return 1 - share(sum, s->group.area);
}

/* What lies beside a label at its depth and has no colour, because the colour camera does not see
 * it: most likely more of the hand. */
typedef struct surroundings {
    int32_t left, top, right, bottom; /* inside the image and off its border */
    double step, reach, median;       /* raw units */
} surroundings;

static bool joins(const hs_annotator *a, const uint16_t *depth, const surroundings *s, size_t here,
                  size_t from)
{
    return a->room[from] && depth[from] > 0 && abs(depth[here] - depth[from]) <= s->step;
}

/* One pass over the surroundings, forwards or backwards: every pixel takes over from the two that
 * were looked at before it. Returns how many were added. */
static int64_t spread(const hs_annotator *a, const uint16_t *depth, const uint8_t *mask,
                      const surroundings *s, bool forwards)
{
    int64_t added = 0;
    int32_t rows = s->bottom - s->top + 1, columns = s->right - s->left + 1;
    for (int32_t j = 0; j < rows; j++)
        for (int32_t i = 0; i < columns; i++) {
            int32_t y = forwards ? s->top + j : s->bottom - j;
            int32_t x = forwards ? s->left + i : s->right - i;
            size_t here = (size_t)y * a->width + x, w = (size_t)a->width;
            bool open = !a->room[here] && mask[here] == 0 && a->value[here] == 0 &&
                        depth[here] > 0 && fabs(depth[here] - s->median) <= s->reach;
            if (open && (joins(a, depth, s, here, forwards ? here - 1 : here + 1) ||
                         joins(a, depth, s, here, forwards ? here - w : here + w))) {
                a->room[here] = 1;
                added++;
            }
        }
    return added;
}

static int64_t count_uncovered(const hs_annotator *a, int glove, const uint16_t *depth,
                               const uint8_t *mask, double scale)
{
    const hs_glove_stages *g = &a->stages[glove];
    int32_t far = (int32_t)fmin(a->params.radius / scale, a->width);
    surroundings s = {.left = a->width, .right = 0, .top = a->height, .bottom = 0};
    for (int32_t y = 0; y < a->height; y++)
        if (g->rows[y].first <= g->rows[y].last) {
            s.left = g->rows[y].first < s.left ? g->rows[y].first : s.left;
            s.right = g->rows[y].last > s.right ? g->rows[y].last : s.right;
            s.top = y < s.top ? y : s.top;
            s.bottom = y;
        }
    s.left = s.left - far > 1 ? s.left - far : 1;
    s.top = s.top - far > 1 ? s.top - far : 1;
    s.right = s.right + far < a->width - 2 ? s.right + far : a->width - 2;
    s.bottom = s.bottom + far < a->height - 2 ? s.bottom + far : a->height - 2;
    s.step = ONE_SURFACE / a->depth_unit;
    s.reach = a->params.radius / a->depth_unit;
    s.median = g->median;
    for (size_t i = 0; i < (size_t)a->height * a->width; i++)
        a->room[i] = mask[i] == glove + 1;
    int64_t count = 0, added;
    do {
        added = spread(a, depth, mask, &s, true);
        added += spread(a, depth, mask, &s, false);
        count += added;
    } while (added > 0);
    return count;
}

static void measure_hand(const hs_annotator *a, int glove, const uint16_t *depth,
                         const uint8_t *mask, double hand_area, hs_quality_frame *frame)
{
    const hs_glove_stages *s = &a->stages[glove];
    hs_quality_hand *hand = &frame->hands[glove];
    hs_measures *m = &frame->measures;
    hull_counts c = count_hull(a, glove, depth, mask);
    *hand = (hs_quality_hand){.found = s->outcome == HS_OUTCOME_labelled && c.label > 0};
    if (!hand->found) {
        worsen(m, glove == 0 ? HS_MEASURE_no_right_glove : HS_MEASURE_no_left_glove,
               a->gloves.worn[glove]);
        return;
    }
    double scale = s->median * a->depth_unit / frame->focal; /* metres of a pixel */
    hand->x = (c.x / (double)c.label - 0.5 * a->width) * scale;
    hand->y = (c.y / (double)c.label - 0.5 * a->height) * scale;
    hand->z = s->median * a->depth_unit;
    hand->area = (double)c.label * scale * scale;
    edge_counts edge = count_edge(a, glove, depth, mask);
    double radius = a->params.radius / a->depth_unit;
    worsen(m, HS_MEASURE_hull_unfilled, 1 - share(s->group.area, (double)c.hull));
    worsen(m, HS_MEASURE_uncolored, share((double)c.uncolored, (double)c.label));
    double uncovered = (double)count_uncovered(a, glove, depth, mask, scale);
    worsen(m, HS_MEASURE_uncovered, share(uncovered, uncovered + (double)c.label));
    worsen(m, HS_MEASURE_parts, s->group.parts - 1);
    worsen(m, HS_MEASURE_broken, 1 - share(s->group.largest, s->group.area));
    worsen(m, HS_MEASURE_stray, 1 - share(s->group.area, (double)c.opened));
    worsen(m, HS_MEASURE_beyond, share((double)c.beyond, (double)c.with_depth));
    worsen(m, HS_MEASURE_depth_spread, share(c.spread, (double)c.label * radius));
    worsen(m, HS_MEASURE_invalid_edge, share((double)edge.invalid, (double)edge.sides));
    worsen(m, HS_MEASURE_body_close, share((double)edge.close, (double)edge.sides));
    worsen(m, HS_MEASURE_cut_by_border, share((double)edge.border, (double)edge.sides));
    worsen(m, HS_MEASURE_color_margin, color_margin(a, glove));
    worsen(m, HS_MEASURE_odd_size, fabs(log2(hand->area / hand_area)));
}

/* ---- two hands --------------------------------------------------------------------------------
 */

/* The least distance of two hulls, pixels; `most` where it is not less. */
static double gap_between(const hs_span *a, const hs_span *b, int32_t height, double most)
{
    double least = most * most;
    for (int32_t y = 0; y < height; y++) {
        if (a[y].first > a[y].last)
            continue;
        for (int32_t v = 0; v < height; v++) {
            double dy = v - y;
            if (b[v].first > b[v].last || dy * dy >= least)
                continue;
            double right = b[v].first - a[y].last, left = a[y].first - b[v].last;
            double dx = fmax(0, fmax(right, left));
            least = fmin(least, dx * dx + dy * dy);
        }
    }
    return sqrt(least);
}

static void measure_closeness(const hs_annotator *a, hs_quality_frame *frame)
{
    const hs_quality_hand *right = &frame->hands[0], *left = &frame->hands[1];
    if (!right->found || !left->found)
        return;
    double scale = 0.5 * (right->z + left->z) / frame->focal; /* metres of a pixel */
    double across =
        scale * gap_between(a->stages[0].rows, a->stages[1].rows, a->height, HAND_LENGTH / scale);
    double gap = hypot(across, right->z - left->z);
    worsen(&frame->measures, HS_MEASURE_hands_close, 1 - gap / HAND_LENGTH);
}

void hs_quality_measure(const hs_annotator *annotator, const uint16_t *depth, const uint8_t *mask,
                        double hand_area, hs_quality_frame *frame)
{
    frame->measures = (hs_measures){0};
    worsen(&frame->measures, HS_MEASURE_time_gap, fabs(frame->time_gap));
    for (int g = 0; g < HS_GLOVES; g++)
        measure_hand(annotator, g, depth, mask, hand_area, frame);
    measure_closeness(annotator, frame);
}

/* ---- neighbours -------------------------------------------------------------------------------
 */

/* What changed between a frame and one neighbour; nothing where either lacks the hand. */
typedef struct change {
    bool known;
    double across, along, area; /* metres a second, metres a second, doublings */
} change;

static change change_of(const hs_quality_frame *frame, const hs_quality_frame *other, int glove)
{
    if (!other || !frame->hands[glove].found || !other->hands[glove].found)
        return (change){0};
    const hs_quality_hand *a = &frame->hands[glove], *b = &other->hands[glove];
    double time = fmax(fabs(frame->time - other->time), 1e-3);
    return (change){true, hypot(a->x - b->x, a->y - b->y) / time, fabs(a->z - b->z) / time,
                    fabs(log2(a->area / b->area))};
}

void hs_quality_compare(const hs_quality_frame *before, const hs_quality_frame *after,
                        hs_quality_frame *frame)
{
    for (int g = 0; g < HS_GLOVES; g++) {
        change past = change_of(frame, before, g), next = change_of(frame, after, g);
        past = past.known ? past : next; /* one neighbour counts as both */
        next = next.known ? next : past;
        if (!past.known)
            continue;
        /* A frame that is wrong by itself differs from both. */
        worsen(&frame->measures, HS_MEASURE_jump, fmin(past.across, next.across));
        worsen(&frame->measures, HS_MEASURE_depth_jump, fmin(past.along, next.along));
        worsen(&frame->measures, HS_MEASURE_area_jump, fmin(past.area, next.area));
        double speed = 0.5 * (past.across + next.across) * frame->focal / frame->hands[g].z;
        worsen(&frame->measures, HS_MEASURE_slip, speed * fabs(frame->time_gap));
    }
}

/* ---- score ------------------------------------------------------------------------------------
 */

double hs_quality_penalty(const hs_measures *measures, const hs_quality_params *params,
                          hs_measure measure)
{
    const hs_quality_limit *limit = &params->limits[measure];
    double at = (measures->value[measure] - limit->good) / (limit->bad - limit->good);
    return limit->weight * fmin(1, fmax(0, at));
}

double hs_quality_score(const hs_measures *measures, const hs_quality_params *params)
{
    double score = 1;
    for (int i = 0; i < HS_MEASURES; i++)
        score *= 1 - hs_quality_penalty(measures, params, (hs_measure)i);
    return score;
}

int hs_quality_reasons(const hs_measures *measures, const hs_quality_params *params,
                       hs_measure reasons[HS_MEASURES])
{
    int n = 0;
    for (int i = 0; i < HS_MEASURES; i++) {
        double penalty = hs_quality_penalty(measures, params, (hs_measure)i);
        if (penalty < 0.1)
            continue;
        int at = n++;
        for (; at > 0 && hs_quality_penalty(measures, params, reasons[at - 1]) < penalty; at--)
            reasons[at] = reasons[at - 1];
        reasons[at] = (hs_measure)i;
    }
    return n;
}

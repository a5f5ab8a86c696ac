#include "glove/annotate.h"

#include "base/memory.h"
#include "image/hsv.h"
#include "image/median.h"
#include <stdlib.h>
#include <string.h>

enum { SIZE_MOST = 16384 }; /* pixels a side */

/* ---- steps ------------------------------------------------------------------------------------
 */

void hs_annotate_threshold(const uint8_t *hue, const uint8_t *saturation, const uint8_t *value,
                           size_t n, const hs_glove_range *range, uint8_t *threshold)
{
    const uint8_t dark = range->value[0] > 0 ? range->value[0] : 1;
    const uint8_t low[3] = {range->hue[0], range->saturation[0], dark};
    const uint8_t high[3] = {range->hue[1], range->saturation[1], range->value[1]};
    hs_hsv_in_box(hue, saturation, value, n, low, high, threshold);
}

int32_t hs_annotate_group(hs_components *components, const uint8_t *opened, double join,
                          int32_t smallest)
{
    hs_components_find(components, opened);
    hs_components_join(components, join);
    int32_t group = hs_components_largest(components);
    return group >= 0 && components->components[group].area >= smallest ? group : -1;
}

void hs_annotate_hull(const hs_components *components, int32_t group, hs_point *points,
                      hs_point *corners, hs_span *rows)
{
    int32_t n = hs_component_ends(components, group, points);
    hs_convex_spans(corners, hs_convex_hull(points, n, corners), components->height, rows);
}

uint16_t hs_annotate_median(const uint16_t *depth, const hs_span *rows, int32_t height,
                            int32_t width, uint16_t *depths)
{
    size_t n = 0;
    for (int32_t y = 0; y < height; y++) {
        const uint16_t *row = depth + (size_t)y * width;
        for (int32_t x = rows[y].first; x <= rows[y].last; x++) {
            depths[n] = row[x];
            n += row[x] > 0;
        }
    }
    return hs_median_u16(depths, n);
}

void hs_annotate_discard(const uint16_t *depth, const hs_span *rows, int32_t height, int32_t width,
                         uint16_t median, double reach, uint8_t *kept)
{
    /* Whole numbers from low on, `extent` of them, do not differ by more. */
    int32_t whole = reach < UINT16_MAX ? (int32_t)reach : UINT16_MAX;
    int32_t low = median > whole ? median - whole : 1;
    int32_t high = median + whole < UINT16_MAX ? median + whole : UINT16_MAX;
    memset(kept, 0, (size_t)height * width);
    for (int32_t y = 0; y < height; y++) {
        size_t row = (size_t)y * width;
        for (int32_t x = rows[y].first; x <= rows[y].last; x++)
            kept[row + x] = depth[row + x] >= low && depth[row + x] <= high;
    }
}

/* The glove to which a pixel kept by both belongs. */
static int owner(const hs_glove_stages stages[HS_GLOVES], const uint16_t *depth, size_t i)
{
    if (stages[0].joined[i] != stages[1].joined[i])
        return stages[1].joined[i];
    return abs(depth[i] - stages[1].median) < abs(depth[i] - stages[0].median);
}

void hs_annotate_combine(const hs_glove_stages stages[HS_GLOVES], const uint16_t *depth, size_t n,
                         uint8_t *mask)
{
    const uint8_t *right = stages[0].kept, *left = stages[1].kept;
    for (size_t i = 0; i < n; i++)
        mask[i] = (uint8_t)(right[i] | left[i] << 1);
    const uint8_t *end = mask + n;
    for (uint8_t *both = mask; (both = memchr(both, 3, (size_t)(end - both)));)
        *both = (uint8_t)(1 + owner(stages, depth, (size_t)(both - mask)));
}

/* ---- one frame --------------------------------------------------------------------------------
 */

static hs_outcome annotate_glove(hs_annotator *a, int glove, const uint16_t *depth)
{
    const hs_annotate_params *p = &a->params;
    hs_glove_stages *s = &a->stages[glove];
    size_t n = (size_t)a->height * a->width;
    if (a->gloves.worn[glove])
        hs_annotate_threshold(a->hue, a->saturation, a->value, n, &a->gloves.range[glove],
                              s->threshold);
    else
        memset(s->threshold, 0, n);
    hs_open(s->threshold, a->height, a->width, &a->circle, a->room, s->opened);
    int32_t group = hs_annotate_group(&a->components, s->opened, p->join, p->smallest);
    s->group = group >= 0 ? a->components.components[group] : (hs_component){0};
    hs_component_paint(&a->components, group, s->joined);
    hs_annotate_hull(&a->components, group, a->points, a->corners, s->rows);
    hs_fill_spans(s->rows, a->height, a->width, s->hull);
    s->median = hs_annotate_median(depth, s->rows, a->height, a->width, a->depths);
    hs_annotate_discard(depth, s->rows, a->height, a->width, s->median, p->radius / a->depth_unit,
                        s->kept);
    return !a->gloves.worn[glove]            ? HS_OUTCOME_not_worn
           : a->components.n_components == 0 ? HS_OUTCOME_no_color
           : group < 0                       ? HS_OUTCOME_too_small
           : s->median == 0                  ? HS_OUTCOME_no_depth
                                             : HS_OUTCOME_labelled;
}

hs_annotation hs_annotate(hs_annotator *a, const uint16_t *depth, const uint8_t *color,
                          uint8_t *mask)
{
    hs_annotation annotation = {0};
    size_t n = (size_t)a->height * a->width;
    hs_rgb_to_hsv(color, n, a->hue, a->saturation, a->value);
    for (int g = 0; g < HS_GLOVES; g++)
        a->stages[g].outcome = annotate_glove(a, g, depth);
    hs_annotate_combine(a->stages, depth, n, mask);
    for (int g = 0; g < HS_GLOVES; g++) {
        annotation.outcome[g] = a->stages[g].outcome;
        annotation.median[g] = a->stages[g].median;
        for (size_t i = 0; i < n; i++)
            annotation.pixels[g] += mask[i] == g + 1;
    }
    return annotation;
}

bool hs_annotation_labelled(const hs_annotation *annotation)
{
    for (int g = 0; g < HS_GLOVES; g++)
        if (annotation->outcome[g] == HS_OUTCOME_labelled)
            return true;
    return false;
}

/* ---- names ------------------------------------------------------------------------------------
 */

const char *hs_outcome_name(hs_outcome outcome)
{
    static const char *const names[] = {
#define HS_OUTCOME(code, meaning) #code,
#include "handseg/annotate_outcomes.def"
#undef HS_OUTCOME
    };
    return names[outcome];
}

const char *hs_outcome_meaning(hs_outcome outcome)
{
    static const char *const meanings[] = {
#define HS_OUTCOME(code, meaning) meaning,
#include "handseg/annotate_outcomes.def"
#undef HS_OUTCOME
    };
    return meanings[outcome];
}

/* ---- life -------------------------------------------------------------------------------------
 */

/* Hands out `bytes` of the memory at *at; with base NULL only counts. */
static void *take(unsigned char *base, size_t *at, size_t bytes)
{
    void *place = base ? base + *at : NULL;
    *at += hs_align_up(bytes);
    return place;
}

/* Sets every pointer into `base`; returns how much is needed. */
static size_t place(hs_annotator *a, unsigned char *base)
{
    size_t at = 0, n = (size_t)a->height * a->width, rows = (size_t)a->height;
    uint8_t **planes[] = {&a->hue, &a->saturation, &a->value, &a->room};
    for (size_t i = 0; i < sizeof planes / sizeof *planes; i++)
        *planes[i] = take(base, &at, n);
    for (int g = 0; g < HS_GLOVES; g++) {
        hs_glove_stages *s = &a->stages[g];
        uint8_t **images[] = {&s->threshold, &s->opened, &s->joined, &s->hull, &s->kept};
        for (size_t i = 0; i < sizeof images / sizeof *images; i++)
            *images[i] = take(base, &at, n);
        s->rows = take(base, &at, rows * sizeof *s->rows);
    }
    a->depths = take(base, &at, n * sizeof *a->depths);
    a->points = take(base, &at, 2 * rows * sizeof *a->points);
    a->corners = take(base, &at, (2 * rows + 1) * sizeof *a->corners);
    return at;
}

static hs_status check_range(const char *what, double got, double low, double high)
{
    if (got >= low && got <= high)
        return HS_OK;
    return hs_error(HS_ERR_CONFIG, NULL, "annotate: %s: got %g, expected a number from %g to %g",
                    what, got, low, high);
}

hs_status hs_annotate_params_check(const hs_annotate_params *params)
{
    hs_status status;
    HS_TRY(check_range("opening", params->opening, 1, 2 * HS_ELEMENT_RADIUS_MAX + 1));
    HS_TRY(check_range("join", params->join, 0, SIZE_MOST));
    HS_TRY(check_range("smallest", params->smallest, 1, INT32_MAX));
    HS_TRY(check_range("radius", params->radius, 0, 100));
    if (params->opening % 2 == 0)
        status = hs_error(HS_ERR_CONFIG, NULL, "annotate: opening: got %d, expected an odd number",
                          params->opening);
exit:
    return status;
}

hs_status hs_annotator_create(int32_t height, int32_t width, const hs_gloves *gloves,
                              const hs_annotate_params *params, double depth_unit,
                              hs_annotator **annotator)
{
    hs_status status;
    void *memory;
    hs_annotator *a = NULL;
    *annotator = NULL;
    HS_TRY(check_range("height", height, 1, SIZE_MOST));
    HS_TRY(check_range("width", width, 1, SIZE_MOST));
    HS_TRY(check_range("depth unit", depth_unit, 1e-9, 1));
    HS_TRY(hs_annotate_params_check(params));
    HS_TRY(hs_allocate(sizeof *a, "annotator", &memory));
    a = memory;
    a->height = height;
    a->width = width;
    a->gloves = *gloves;
    a->params = *params;
    a->depth_unit = depth_unit;
    a->circle = hs_element_ellipse(params->opening);
    HS_TRY(hs_components_init(&a->components, height, width));
    HS_TRY(hs_allocate(place(a, NULL), "annotator", &a->memory));
    place(a, a->memory);
    *annotator = a;
    a = NULL;
exit:
    hs_annotator_destroy(a);
    return status;
}

void hs_annotator_destroy(hs_annotator *annotator)
{
    if (!annotator)
        return;
    hs_components_free(&annotator->components);
    free(annotator->memory);
    free(annotator);
}

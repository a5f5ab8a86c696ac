#include "image/components.h"

#include "base/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

hs_status hs_components_init(hs_components *c, int32_t height, int32_t width)
{
    hs_status status;
    void *memory;
    /* Runs alternate with gaps; two components of one row are at least a gap apart. */
    size_t most = (size_t)height * (size_t)((width + 1) / 2);
    *c = (hs_components){.height = height, .width = width};
    HS_TRY(hs_allocate(most * sizeof *c->runs, "runs of a mask", &memory));
    c->runs = memory;
    HS_TRY(hs_allocate(((size_t)height + 1) * sizeof *c->row, "rows of a mask", &memory));
    c->row = memory;
    HS_TRY(hs_allocate(most * sizeof *c->components, "components of a mask", &memory));
    c->components = memory;
    HS_TRY(hs_allocate(most * sizeof *c->parent, "components of a mask", &memory));
    c->parent = memory;
exit:
    if (status != HS_OK)
        hs_components_free(c);
    return status;
}

void hs_components_free(hs_components *c)
{
    free(c->runs);
    free(c->row);
    free(c->components);
    free(c->parent);
    *c = (hs_components){0};
}

/* ---- sets -------------------------------------------------------------------------------------
 */

static int32_t root_of(int32_t *parent, int32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* The smaller number stays the root, so that roots come in the order of reading. */
static void unite(int32_t *parent, int32_t a, int32_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

/* Turns n sets into numbers 0, 1, ... of their roots, kept in `parent` itself. */
static int32_t number_sets(int32_t *parent, int32_t n)
{
    int32_t count = 0;
    for (int32_t i = 0; i < n; i++) /* a parent is never above its child: it has its number */
        parent[i] = parent[i] == i ? count++ : parent[parent[i]];
    return count;
}

/* ---- finding ----------------------------------------------------------------------------------
 */

/* Runs of one row, from runs[n] on; returns the number of all runs. */
static int32_t find_runs(const uint8_t *row, int32_t width, int32_t y, hs_run *runs, int32_t n)
{
    const uint8_t *end = row + width;
    for (const uint8_t *at = row; (at = memchr(at, 1, (size_t)(end - at))); n++) {
        const uint8_t *stop = memchr(at, 0, (size_t)(end - at));
        stop = stop ? stop : end;
        runs[n] = (hs_run){.y = y, .first = (int32_t)(at - row), .last = (int32_t)(stop - row) - 1};
        at = stop;
    }
    return n;
}

/* Unites the components of those runs of row y and of row `other` that have columns at most `reach`
 * apart: 0 where they overlap, 1 where they touch at a corner. */
static void unite_rows(hs_components *c, int32_t other, int32_t y, int32_t reach)
{
    int32_t near = c->row[other];
    for (int32_t i = c->row[y]; i < c->row[y + 1]; i++) {
        const hs_run *run = &c->runs[i];
        while (near < c->row[other + 1] && c->runs[near].last + reach < run->first)
            near++;
        for (int32_t j = near; j < c->row[other + 1] && c->runs[j].first - reach <= run->last; j++)
            if (c->runs[j].component != run->component)
                unite(c->parent, c->runs[j].component, run->component);
    }
}

static void add_run(hs_component *component, const hs_run *run)
{
    if (component->area == 0)
        *component = (hs_component){
            .parts = 1, .left = run->first, .top = run->y, .right = run->last, .bottom = run->y};
    component->area += run->last - run->first + 1;
    component->largest = component->area;
    component->left = run->first < component->left ? run->first : component->left;
    component->right = run->last > component->right ? run->last : component->right;
    component->bottom = run->y;
}

void hs_components_find(hs_components *c, const uint8_t *mask)
{
    c->n_runs = 0;
    for (int32_t y = 0; y < c->height; y++) {
        c->row[y] = c->n_runs;
        c->n_runs = find_runs(mask + (size_t)y * c->width, c->width, y, c->runs, c->n_runs);
    }
    c->row[c->height] = c->n_runs;
    for (int32_t i = 0; i < c->n_runs; i++)
        c->parent[i] = c->runs[i].component = i;
    for (int32_t y = 1; y < c->height; y++)
        unite_rows(c, y - 1, y, 1);
    c->n_components = number_sets(c->parent, c->n_runs);
    memset(c->components, 0, (size_t)c->n_components * sizeof *c->components);
    for (int32_t i = 0; i < c->n_runs; i++) {
        c->runs[i].component = c->parent[i];
        add_run(&c->components[c->parent[i]], &c->runs[i]);
    }
}

/* ---- joining ----------------------------------------------------------------------------------
 */

/* The most columns between pixels of rows dy apart that are nearer than `distance`; -1 for none. */
static int32_t columns_within(double distance, int32_t dy)
{
    double rest = distance * distance - (double)dy * dy;
    return rest > 0 ? (int32_t)ceil(sqrt(rest)) - 1 : -1;
}

/* `into` comes first in the order of reading: its top is that of both. */
static void merge(hs_component *into, const hs_component *from)
{
    into->area += from->area;
    into->parts += from->parts;
    into->largest = from->largest > into->largest ? from->largest : into->largest;
    into->left = from->left < into->left ? from->left : into->left;
    into->right = from->right > into->right ? from->right : into->right;
    into->bottom = from->bottom > into->bottom ? from->bottom : into->bottom;
}

void hs_components_join(hs_components *c, double distance)
{
    int32_t n = c->n_components;
    for (int32_t i = 0; i < n; i++)
        c->parent[i] = i;
    for (int32_t dy = 0; dy < c->height && columns_within(distance, dy) >= 0 && n > 1; dy++)
        for (int32_t y = dy; y < c->height; y++)
            unite_rows(c, y - dy, y, columns_within(distance, dy));
    number_sets(c->parent, n);
    c->n_components = 0;
    for (int32_t i = 0; i < n; i++) { /* a set takes the place of its first part, or one before */
        if (c->parent[i] == c->n_components)
            c->components[c->n_components++] = c->components[i];
        else
            merge(&c->components[c->parent[i]], &c->components[i]);
    }
    for (int32_t i = 0; i < c->n_runs; i++)
        c->runs[i].component = c->parent[c->runs[i].component];
}

int32_t hs_components_largest(const hs_components *c)
{
    int32_t largest = -1, area = 0;
    for (int32_t i = 0; i < c->n_components; i++) {
        if (c->components[i].area > area) {
            area = c->components[i].area;
            largest = i;
        }
    }
    return largest;
}

int32_t hs_component_ends(const hs_components *c, int32_t component, hs_point *points)
{
    int32_t n = 0;
    for (int32_t i = 0; i < c->n_runs; i++) {
        const hs_run *run = &c->runs[i];
        if (run->component != component)
            continue;
        if (n == 0 || points[n - 1].y != run->y) {
            points[n++] = (hs_point){run->first, run->y};
            n++;
        }
        points[n - 1] = (hs_point){run->last, run->y};
    }
    return n;
}

void hs_component_paint(const hs_components *c, int32_t component, uint8_t *mask)
{
    memset(mask, 0, (size_t)c->height * c->width);
    for (int32_t i = 0; i < c->n_runs; i++) {
        const hs_run *run = &c->runs[i];
        if (run->component == component)
            memset(mask + (size_t)run->y * c->width + run->first, 1,
                   (size_t)(run->last - run->first + 1));
    }
}

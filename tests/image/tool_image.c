/* Runs the image algorithms on what comes in: our side of scripts/compare_opencv.py.
 *
 * stdin holds requests until it ends: a line "OP HEIGHT WIDTH A B C D E F" (numbers not needed are
 * 0), then the input; stdout the answers. Numbers are in the machine's byte order.
 *
 *   hsv                        rgb [H][W][3] -> three planes [H][W]
 *   box low[3] high[3]         rgb [H][W][3] -> mask [H][W]
 *   erode, dilate, open D      mask [H][W] -> mask [H][W], ellipse of diameter D
 *   components                 mask [H][W] -> int32 [H][W], 0 where the mask is, else 1 and up
 *   join D                     the same, those nearer than D pixels joined
 *   hull                       mask [H][W] -> int32 n, then n pairs x y
 *   fill N                     N pairs of int32 x y -> mask [H][W]
 *   median                     uint16 [H][W] -> uint16 */
#include "image/components.h"
#include "image/hsv.h"
#include "image/median.h"
#include "image/morphology.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct request {
    char op[16];
    int32_t height, width, argument[6];
    size_t n; /* pixels */
} request;

static void *take(size_t bytes)
{
    void *memory = calloc(1, bytes + 1);
    if (!memory)
        abort();
    return memory;
}

static void *receive(size_t bytes)
{
    void *memory = take(bytes);
    if (fread(memory, 1, bytes, stdin) != bytes) {
        fprintf(stderr, "tool_image: input ends early\n");
        exit(1);
    }
    return memory;
}

static void send(void *memory, size_t bytes)
{
    fwrite(memory, 1, bytes, stdout);
    free(memory);
}

static void convert(const request *r)
{
    uint8_t *rgb = receive(3 * r->n), *planes = take(3 * r->n);
    hs_rgb_to_hsv(rgb, r->n, planes, planes + r->n, planes + 2 * r->n);
    if (strcmp(r->op, "box") == 0) {
        uint8_t low[3], high[3], *mask = take(r->n);
        for (int i = 0; i < 3; i++) {
            low[i] = (uint8_t)r->argument[i];
            high[i] = (uint8_t)r->argument[i + 3];
        }
        hs_hsv_in_box(planes, planes + r->n, planes + 2 * r->n, r->n, low, high, mask);
        free(planes);
        send(mask, r->n);
    } else {
        send(planes, 3 * r->n);
    }
    free(rgb);
}

static void change_shape(const request *r)
{
    uint8_t *mask = receive(r->n), *out = take(r->n), *room = take(r->n);
    hs_element element = hs_element_ellipse(r->argument[0]);
    if (strcmp(r->op, "open") == 0)
        hs_open(mask, r->height, r->width, &element, room, out);
    else
        (*r->op == 'e' ? hs_erode : hs_dilate)(mask, r->height, r->width, &element, out);
    free(mask);
    free(room);
    send(out, r->n);
}

static hs_components find(const request *r)
{
    hs_components c;
    uint8_t *mask = receive(r->n);
    if (hs_components_init(&c, r->height, r->width) != HS_OK)
        abort();
    hs_components_find(&c, mask);
    free(mask);
    return c;
}

static void label(const request *r)
{
    hs_components c = find(r);
    if (strcmp(r->op, "join") == 0)
        hs_components_join(&c, r->argument[0]);
    int32_t *labels = take(r->n * sizeof *labels);
    for (int32_t i = 0; i < c.n_runs; i++)
        for (int32_t x = c.runs[i].first; x <= c.runs[i].last; x++)
            labels[(size_t)c.runs[i].y * r->width + x] = c.runs[i].component + 1;
    hs_components_free(&c);
    send(labels, r->n * sizeof *labels);
}

static void hull(const request *r)
{
    hs_components c = find(r);
    hs_components_join(&c, 2 * (r->height + r->width));
    hs_point *points = take(2 * (size_t)r->height * sizeof *points);
    hs_point *corners = take((2 * (size_t)r->height + 1) * sizeof *corners);
    int32_t n = hs_convex_hull(points, hs_component_ends(&c, 0, points), corners);
    fwrite(&n, sizeof n, 1, stdout);
    send(corners, (size_t)n * sizeof *corners);
    free(points);
    hs_components_free(&c);
}

static void fill(const request *r)
{
    hs_point *corners = receive((size_t)r->argument[0] * sizeof *corners);
    hs_span *rows = take((size_t)r->height * sizeof *rows);
    uint8_t *mask = take(r->n);
    hs_convex_spans(corners, r->argument[0], r->height, rows);
    hs_fill_spans(rows, r->height, r->width, mask);
    free(corners);
    free(rows);
    send(mask, r->n);
}

static void median(const request *r)
{
    uint16_t *values = receive(r->n * sizeof *values);
    *values = hs_median_u16(values, r->n);
    send(values, sizeof *values);
}

static const struct {
    const char *op;
    void (*run)(const request *r);
} ops[] = {{"hsv", convert},         {"box", convert},       {"erode", change_shape},
           {"dilate", change_shape}, {"open", change_shape}, {"components", label},
           {"join", label},          {"hull", hull},         {"fill", fill},
           {"median", median}};

int main(void)
{
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        request r = {0};
        int32_t *a = r.argument;
        size_t op = 0, count = sizeof ops / sizeof *ops;
        int read = sscanf(line, "%15s %d %d %d %d %d %d %d %d", r.op, &r.height, &r.width, &a[0],
                          &a[1], &a[2], &a[3], &a[4], &a[5]);
        r.n = (size_t)r.height * r.width;
        while (op < count && strcmp(ops[op].op, r.op) != 0)
            op++;
        if (read != 9 || op == count) {
            fprintf(stderr, "tool_image: bad request: %s", line);
            return 2;
        }
        ops[op].run(&r);
        fflush(stdout);
    }
    return 0;
}

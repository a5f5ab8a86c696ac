/* Milliseconds a 640x480 pair of annotation, step by step, on one thread.
 *   bench_annotate [ANYTHING [SECONDS]] */
#include "base/log.h"
#include "base/memory.h"
#include "base/rng.h"
#include "glove/quality.h"
#include "image/hsv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { H = 480, W = 640, N = H * W, FINGERS = 5 };

typedef struct frame {
    uint16_t depth[N];
    uint8_t color[N][3], mask[N];
} frame;

static void set(frame *f, int x, int y, const uint8_t color[3], int depth)
{
    memcpy(f->color[y * W + x], color, 3);
    f->depth[y * W + x] = (uint16_t)depth;
}

/* A palm and five fingers, noisy in colour so that the opening has something to do. */
static void draw_hand(frame *f, hs_rng *rng, int x, int y, const uint8_t color[3], int depth)
{
    for (int v = -90; v < 70; v++)
        for (int u = -60; u < 60; u++) {
            bool palm = u * u + v * v < 50 * 50;
            bool finger = v < 0 && (u + 60) % (120 / FINGERS) < 16;
            if (!palm && !finger)
                continue;
            uint8_t noisy[3];
            for (int c = 0; c < 3; c++)
                noisy[c] = (uint8_t)(color[c] - 8 + (int)hs_rng_below(rng, 16));
            set(f, x + u, y + v, noisy, depth + (int)hs_rng_below(rng, 40));
        }
}

/* Missing depth, with unknown colour, in 60 % of the pixels, a wall, and two hands. */
static void draw(frame *f)
{
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_BENCH);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            uint32_t grain = hs_rng_below(&rng, 30);
            const uint8_t wall[3] = {(uint8_t)(120 + grain), (uint8_t)(100 + grain), 110};
            const uint8_t unknown[3] = {0};
            bool valid = (x / 40 + y / 40) % 5 < 2;
            set(f, x, y, valid ? wall : unknown, valid ? 9000 : 0);
        }
    draw_hand(f, &rng, 200, 200, (const uint8_t[]){150, 220, 160}, 4000);
    draw_hand(f, &rng, 440, 240, (const uint8_t[]){230, 90, 30}, 4200);
}

typedef struct bench {
    frame *f;
    hs_annotator *a;
} bench;

static void colours(bench *b)
{
    hs_rgb_to_hsv(b->f->color[0], N, b->a->hue, b->a->saturation, b->a->value);
}

static void threshold(bench *b)
{
    hs_annotate_threshold(b->a->hue, b->a->saturation, b->a->value, N, &b->a->gloves.range[0],
                          b->a->stages[0].threshold);
}

static void opening(bench *b)
{
    hs_open(b->a->stages[0].threshold, H, W, &b->a->circle, b->a->room, b->a->stages[0].opened);
}

static void group(bench *b)
{
    hs_annotate_group(&b->a->components, b->a->stages[0].opened, 25, 1);
}

static void hull(bench *b)
{
    hs_annotate_hull(&b->a->components, 0, b->a->points, b->a->corners, b->a->stages[0].rows);
    hs_fill_spans(b->a->stages[0].rows, H, W, b->a->stages[0].hull);
}

static void median(bench *b)
{
    hs_annotate_median(b->f->depth, b->a->stages[0].rows, H, W, b->a->depths);
}

static void discard(bench *b)
{
    hs_annotate_discard(b->f->depth, b->a->stages[0].rows, H, W, 4000, 800, b->a->stages[0].kept);
}

static void combine(bench *b)
{
    hs_annotate_combine(b->a->stages, b->f->depth, N, b->f->mask);
}

static void whole(bench *b)
{
    hs_annotate(b->a, b->f->depth, b->f->color[0], b->f->mask);
}

static void quality(bench *b)
{
    hs_quality_frame q = {.focal = 475};
    hs_quality_measure(b->a, b->f->depth, b->f->mask, 0.01, &q);
}

static const struct {
    const char *name;
    void (*run)(bench *b);
} steps[] = {{"colours to HSV", colours},
             {"threshold, a glove", threshold},
             {"opening, a glove", opening},
             {"components, a glove", group},
             {"hull, a glove", hull},
             {"median, a glove", median},
             {"discarding, a glove", discard},
             {"combining", combine},
             {"whole frame, two gloves", whole},
             {"quality, two gloves", quality}};

int main(int argc, char **argv)
{
    static frame f;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 0.3;
    const hs_gloves gloves = {
        {{{28, 80}, {35, 200}, {100, 255}}, {{3, 15}, {160, 255}, {100, 255}}}, {true, true}};
    hs_annotate_params params = hs_annotate_defaults();
    bench b = {&f, NULL};
    if (hs_annotator_create(H, W, &gloves, &params, 0.000125, &b.a) != HS_OK) {
        fprintf(stderr, "%s\n", hs_error_message());
        return 1;
    }
    draw(&f);
    whole(&b);
    printf("\nannotation of a 640x480 pair, one thread, best time\n");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        double began = hs_now(), best = 1e9;
        do {
            double start = hs_now();
            steps[i].run(&b);
            double took = hs_now() - start;
            best = took < best ? took : best;
        } while (hs_now() - began < seconds);
        printf("  %-26s %8.3f ms\n", steps[i].name, 1e3 * best);
    }
    hs_annotator_destroy(b.a);
    return 0;
}

/* Random forests: growing a tree and labelling a frame of 160x120, on drawn scenes.
 *   bench_forest [ANYTHING [SECONDS]] */
#include "base/log.h"
#include "base/memory.h"
#include "base/rng.h"
#include "forest/frame.h"
#include "forest/grow.h"
#include "forest/predict.h"
#include "kernels/kernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { H = 120, W = 160, FRAMES = 40, PIXELS = 2000, CLASSES = 3, TREES = 3, CANDIDATES = 512 };

typedef struct bench {
    hs_probe_view view;
    uint16_t depth[FRAMES][H * W];
    uint8_t mask[FRAMES][H * W];
    uint16_t *frames;
    hs_forest_pixel *pixels, *spare;
    uint32_t n;
    hs_tree trees[TREES];
    hs_forest forest;
    uint8_t labels[H * W];
    hs_forest_candidates candidates;
    uint32_t *counts, total[CLASSES];
} bench;

static void check(hs_status status)
{
    if (status == HS_OK)
        return;
    fprintf(stderr, "%s\n", hs_error_message());
    exit(1);
}

/* A hand of five fingers in front of a body in front of a wall; mirrored for a left one. */
static void draw_hand(bench *b, int frame, int label, hs_rng *rng)
{
    int x0 = (int)hs_rng_below(rng, W - 50), y0 = (int)hs_rng_below(rng, H - 50);
    int z = 3200 + (int)hs_rng_below(rng, 2500), thumb = label == 1 ? 0 : 34;
    for (int y = 0; y < 44; y++)
        for (int x = 0; x < 40; x++) {
            bool palm = y >= 20 && y < 40 && x >= 6 && x < 34;
            bool finger = y < 20 && x >= 6 && x < 34 && x % 7 < 5;
            bool side = y >= 18 && y < 34 && x >= thumb && x < thumb + 6;
            if (!palm && !finger && !side)
                continue;
            int at = (y0 + y) * W + x0 + x;
            b->depth[frame][at] = (uint16_t)(z + 4 * x + (int)hs_rng_below(rng, 16));
            b->mask[frame][at] = (uint8_t)label;
        }
}

static void draw_scene(bench *b, int frame)
{
    hs_rng rng = hs_rng_make(1, 0, (uint32_t)frame, HS_PURPOSE_BENCH);
    int middle = W / 4 + (int)hs_rng_below(&rng, W / 2), z = 6000 + (int)hs_rng_below(&rng, 2000);
    for (int i = 0; i < H * W; i++) {
        int x = i % W - middle, y = i / W;
        bool body = (y > 50 && abs(x) < 40) || x * x + (y - 30) * (y - 30) < 15 * 15;
        b->depth[frame][i] =
            (uint16_t)((body ? z + x * x / 2 : 10500 + 3 * x) + (int)hs_rng_below(&rng, 24));
    }
    draw_hand(b, frame, 1, &rng);
    draw_hand(b, frame, 2, &rng);
}

static void draw_pixels(bench *b, uint32_t tree)
{
    static uint32_t room[H * W];
    const hs_pixel_draw draw = {CLASSES, PIXELS, 1, tree};
    b->n = 0;
    for (uint32_t i = 0; i < FRAMES; i++)
        b->n += (uint32_t)hs_forest_pixels_draw(&draw, &b->view,
                                                b->frames + i * hs_probe_area(&b->view), b->mask[i],
                                                i, i, room, b->pixels + b->n);
}

static void make(bench *b)
{
    b->view = (hs_probe_view){H, W, 0.000125f};
    size_t area = (size_t)hs_probe_area(&b->view), most = FRAMES * PIXELS;
    check(hs_allocate(sizeof *b->frames * area * FRAMES, "frames", (void **)&b->frames));
    check(hs_allocate(sizeof *b->pixels * most, "pixels", (void **)&b->pixels));
    check(hs_allocate(sizeof *b->spare * most, "pixels", (void **)&b->spare));
    for (int i = 0; i < FRAMES; i++) {
        draw_scene(b, i);
        hs_forest_frame_make(&b->view, b->depth[i], 0.000125, b->frames + (size_t)i * area);
    }
    draw_pixels(b, 0);
    hs_forest_candidates *c = &b->candidates;
    *c = (hs_forest_candidates){.count = CANDIDATES, .thresholds = 50, .classes = CLASSES};
    float **const arrays[] = {&c->ux, &c->uy, &c->vx, &c->vy, &c->low, &c->rate};
    hs_rng rng = hs_rng_make(2, 0, 0, HS_PURPOSE_BENCH);
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
        check(hs_allocate(sizeof(float) * CANDIDATES, "candidates", (void **)arrays[k]));
        for (int i = 0; i < CANDIDATES; i++)
            (*arrays[k])[i] = (float)(k == 4   ? hs_rng_range(&rng, -6000, 0)
                                      : k == 5 ? hs_rng_range(&rng, 0.005, 0.02)
                                               : hs_rng_range(&rng, -129, 129));
    }
    check(hs_allocate(sizeof *b->counts * (size_t)hs_forest_count_size(c), "counts",
                      (void **)&b->counts));
    for (uint32_t i = 0; i < b->n; i++)
        b->total[b->pixels[i].place & 255]++;
}

static double grow(bench *b)
{
    const hs_forest_config config = {.trees = TREES,
                                     .depth = 22,
                                     .candidates = 200,
                                     .thresholds = 50,
                                     .pixels = PIXELS,
                                     .offset = 129,
                                     .own = 0.5,
                                     .score = 20000,
                                     .least = 1};
    double began = hs_now();
    for (uint32_t t = 0; t < TREES; t++) {
        hs_level level;
        b->trees[t].classes = CLASSES;
        draw_pixels(b, t);
        hs_growth g = {.config = config,
                       .seed = 1,
                       .number = t,
                       .view = b->view,
                       .frames = b->frames,
                       .pixels = b->pixels,
                       .spare = b->spare,
                       .n = b->n,
                       .tree = &b->trees[t]};
        check(hs_growth_begin(&g, 0));
        while (!hs_growth_done(&g))
            check(hs_growth_step(&g, &level));
        hs_growth_free(&g);
    }
    return hs_now() - began;
}

static void count(bench *b)
{
    hs_kernels_get()->forest_count(&b->view, b->frames, b->pixels, b->n, &b->candidates, b->counts);
}

static void choose(bench *b)
{
    hs_forest_best best;
    hs_kernels_get()->forest_best(&b->candidates, b->counts, b->total, 1, &best);
}

static void label(bench *b)
{
    hs_forest_label(&b->forest, b->depth[0], 0.000125, b->labels);
}

static double best_time(void (*run)(bench *), bench *b, double seconds)
{
    double began = hs_now(), best = 1e9;
    do {
        double start = hs_now();
        run(b);
        double took = hs_now() - start;
        best = took < best ? took : best;
    } while (hs_now() - began < seconds);
    return best;
}

int main(int argc, char **argv)
{
    static bench b;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 0.3;
    make(&b);
    printf("\nrandom forest, %s, best times\n", hs_isa_name(hs_kernels_isa()));
    double t = best_time(count, &b, seconds), features = (double)b.n * CANDIDATES;
    printf("  counting, one thread       %8.3f ns a feature\n", 1e9 * t / features);
    memset(b.counts, 0, sizeof *b.counts * (size_t)hs_forest_count_size(&b.candidates));
    count(&b);
    t = best_time(choose, &b, seconds);
    printf("  choosing, one thread       %8.3f ns a threshold\n",
           1e9 * t / (CANDIDATES * b.candidates.thresholds));
    t = grow(&b);
    printf("  growing, %d threads         %8.3f s, %d trees of %u, %u and %u nodes\n", hs_threads(),
           t, TREES, b.trees[0].count, b.trees[1].count, b.trees[2].count);
    check(hs_forest_prepare(&b.forest, &b.view, b.trees, TREES));
    t = best_time(label, &b, seconds);
    printf("  labelling, %d threads       %8.3f ms a frame of %dx%d\n", hs_threads(), 1e3 * t, W,
           H);
    return 0;
}

/* Small frames of two slanted squares, for forests to learn: as in support/tiny_run.h, smaller. */
#ifndef HS_TESTS_SCENE_H
#define HS_TESTS_SCENE_H

#include "base/rng.h"
#include "forest/frame.h"
#include "forest/grow.h"
#include "forest/predict.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum {
    SCENE_H = 24,
    SCENE_W = 32,
    SCENE_AREA = SCENE_H * SCENE_W,
    SCENES = 6,
    SCENE_CLASSES = 3,
    SCENE_PIXELS = 300, /* drawn of each, at most */
    SCENE_SIDE = 7,
};

typedef struct scenes {
    hs_probe_view view;
    uint16_t depth[SCENES][SCENE_AREA];
    uint8_t mask[SCENES][SCENE_AREA];
    uint16_t *frames; /* [SCENES][hs_probe_area] */
    hs_forest_pixel *pixels, *spare;
    uint32_t n;
} scenes;

static inline void draw_scene(scenes *s, int i)
{
    hs_rng rng = hs_rng_make(3, 0, (uint32_t)i, HS_PURPOSE_TEST);
    for (int p = 0; p < SCENE_AREA; p++)
        s->depth[i][p] =
            (uint16_t)(hs_rng_below(&rng, 6) == 0 ? 0 : 900 + hs_rng_below(&rng, 20) + p / SCENE_W);
    for (int hand = 1; hand < SCENE_CLASSES; hand++) {
        int top = (int)hs_rng_below(&rng, SCENE_H - SCENE_SIDE);
        int left =
            (hand == 1 ? 0 : SCENE_W / 2) + (int)hs_rng_below(&rng, SCENE_W / 2 - SCENE_SIDE);
        for (int y = 0; y < SCENE_SIDE; y++)
            for (int x = 0; x < SCENE_SIDE; x++) {
                int at = (top + y) * SCENE_W + left + x, slant = 12 * (x - SCENE_SIDE / 2);
                s->depth[i][at] = (uint16_t)(500 + (hand == 1 ? slant : -slant));
                s->mask[i][at] = (uint8_t)hand;
            }
    }
}

/* Draws the pixels of tree 0 anew, as a run that begins does. */
static inline void draw_scene_pixels(scenes *s)
{
    const hs_pixel_draw draw = {SCENE_CLASSES, SCENE_PIXELS, 5, 0};
    uint32_t room[SCENE_AREA];
    s->n = 0;
    for (uint32_t i = 0; i < SCENES; i++)
        s->n += (uint32_t)hs_forest_pixels_draw(&draw, &s->view,
                                                s->frames + i * hs_probe_area(&s->view), s->mask[i],
                                                i, i, room, s->pixels + s->n);
}

static inline void make_scenes(scenes *s)
{
    memset(s, 0, sizeof *s);
    s->view = (hs_probe_view){SCENE_H, SCENE_W, 0.001f};
    size_t area = (size_t)hs_probe_area(&s->view), most = SCENES * SCENE_PIXELS;
    s->frames = malloc(sizeof *s->frames * area * SCENES);
    s->pixels = malloc(sizeof *s->pixels * most);
    s->spare = malloc(sizeof *s->spare * most);
    ck_assert(s->frames && s->pixels && s->spare);
    for (int i = 0; i < SCENES; i++) {
        draw_scene(s, i);
        hs_forest_frame_make(&s->view, s->depth[i], 0.001, s->frames + (size_t)i * area);
    }
    draw_scene_pixels(s);
}

static inline void free_scenes(scenes *s)
{
    free(s->frames);
    free(s->pixels);
    free(s->spare);
}

static inline hs_forest_config scene_config(void)
{
    return (hs_forest_config){.trees = 1,
                              .depth = 8,
                              .candidates = 40,
                              .thresholds = 9,
                              .pixels = SCENE_PIXELS,
                              .offset = 8,
                              .own = 0.3,
                              .score = 100000,
                              .least = 1,
                              .bag = 1};
}

/* A growth that is ready to begin with these scenes. */
static inline hs_growth scene_growth(scenes *s, const hs_forest_config *config, hs_tree *tree)
{
    tree->classes = SCENE_CLASSES;
    return (hs_growth){.config = *config,
                       .seed = 5,
                       .view = s->view,
                       .frames = s->frames,
                       .pixels = s->pixels,
                       .spare = s->spare,
                       .n = s->n,
                       .tree = tree};
}

static inline void assert_same_trees(const hs_tree *a, const hs_tree *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert(memcmp(a->nodes, b->nodes, sizeof *a->nodes * a->count) == 0);
    ck_assert(memcmp(a->counts, b->counts, sizeof *a->counts * a->count * (size_t)a->classes) == 0);
}

#endif

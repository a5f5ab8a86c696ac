/* Features, drawn pixels, trees and labels, each against a naive version. */
#include "forest/scene.h"
#include <math.h>
#include <omp.h>

/* ---- features ---------------------------------------------------------------------------------
 */
/* d at (x, y) in counts; far outside and where nothing was measured. */
static int naive_depth(const uint16_t *depth, int height, int width, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < width && y < height;
    int d = inside ? depth[y * width + x] : 0;
    return d ? d : HS_PROBE_FAR;
}

/* The nearest pixel to c + u / d, or false where a float and a double may differ. */
static bool naive_place(int c, double u, double d, int *place)
{
    double at = c + 0.5 + u / d;
    *place = (int)floor(at);
    return fabs(at - rint(at)) > 1e-3;
}

START_TEST(features_equal_a_naive_version)
{
    enum { H = 9, W = 13, ROUNDS = 20000 };
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_TEST);
    const hs_probe_view v = {H, W, 0.001f};
    uint16_t depth[H * W], frame[(H + 2) * (W + 2)];
    int compared = 0, outside = 0;
    for (int i = 0; i < H * W; i++)
        depth[i] = (uint16_t)(hs_rng_below(&rng, 4) ? 1 + hs_rng_below(&rng, 4000) : 0);
    depth[0] = 1; /* nearer than anything: offsets of kilometres */
    depth[1] = HS_PROBE_FAR - 1;
    hs_forest_frame_make(&v, depth, 0.001, frame);
    for (int i = 0; i < ROUNDS; i++) {
        int x = (int)hs_rng_below(&rng, W), y = (int)hs_rng_below(&rng, H), place[4];
        if (depth[y * W + x] == 0)
            continue;
        int16_t steps[4];
        bool clear = true;
        for (int k = 0; k < 4; k++) {
            steps[k] = (int16_t)((int)hs_rng_below(&rng, 6000) - 3000);
            double d = depth[y * W + x] * (double)v.unit;
            clear &= naive_place(k % 2 ? y : x, steps[k] / 128.0, d, &place[k]);
        }
        if (!clear)
            continue;
        int a = naive_depth(depth, H, W, place[0], place[1]);
        int b = naive_depth(depth, H, W, place[2], place[3]);
        uint32_t at = (uint32_t)((y + 1) * (W + 2) + x + 1);
        int f = hs_probe_feature(&v, frame, hs_probe_from(&v, frame, at), steps, steps + 2);
        ck_assert_int_eq(f, a - b);
        compared++;
        outside += a == HS_PROBE_FAR;
    }
    ck_assert_int_gt(compared, ROUNDS / 2);
    ck_assert_int_gt(outside, compared / 20);
    ck_assert_int_gt(compared - outside, compared / 20);
}
END_TEST

START_TEST(frames_come_into_the_unit_of_the_forest)
{
    const hs_probe_view v = {1, 5, 0.001f};
    const uint16_t depth[5] = {0, 1, 8000, 65535, 3};
    uint16_t frame[3 * 7], expected[3 * 7];
    for (int i = 0; i < 3 * 7; i++)
        expected[i] = HS_PROBE_FAR;
    hs_forest_frame_make(&v, depth, 0.000125, frame);
    const uint16_t eighths[5] = {HS_PROBE_FAR, 1, 1000, 8192, 1}; /* what was measured stays so */
    memcpy(expected + 8, eighths, sizeof eighths);
    ck_assert(memcmp(frame, expected, sizeof frame) == 0);
    hs_forest_frame_make(&v, depth, 0.01, frame);
    const uint16_t tens[5] = {HS_PROBE_FAR, 10, HS_PROBE_FAR - 1, HS_PROBE_FAR - 1, 30};
    memcpy(expected + 8, tens, sizeof tens);
    ck_assert(memcmp(frame, expected, sizeof frame) == 0);
    hs_forest_frame_make(&v, depth, (double)0.001f, frame);
    const uint16_t same[5] = {HS_PROBE_FAR, 1, 8000, 65535, 3};
    memcpy(expected + 8, same, sizeof same);
    ck_assert(memcmp(frame, expected, sizeof frame) == 0);
}
END_TEST

/* ---- pixels -----------------------------------------------------------------------------------
 */
START_TEST(pixels_are_balanced_measured_and_different)
{
    scenes s;
    make_scenes(&s);
    s.mask[2][0] = s.mask[2][1] = 255; /* no class */
    draw_scene_pixels(&s);
    int64_t area = hs_probe_area(&s.view);
    unsigned char *seen = calloc((size_t)area, SCENES);
    int drawn[SCENES][SCENE_CLASSES] = {{0}}, there[SCENES][SCENE_CLASSES] = {{0}};
    for (uint32_t i = 0; i < s.n; i++) {
        hs_forest_pixel p = s.pixels[i];
        uint32_t place = hs_forest_place(&s.view, p.place >> 8);
        ck_assert_uint_ne(s.depth[p.frame][place], 0);
        ck_assert_uint_eq(s.mask[p.frame][place], p.place & 255);
        ck_assert_int_eq(seen[p.frame * area + (p.place >> 8)]++, 0);
        drawn[p.frame][p.place & 255]++;
    }
    for (int f = 0; f < SCENES; f++) {
        for (int p = 0; p < SCENE_AREA; p++)
            if (s.depth[f][p] && s.mask[f][p] < SCENE_CLASSES)
                there[f][s.mask[f][p]]++;
        for (int c = 0; c < SCENE_CLASSES; c++) {
            int share = SCENE_PIXELS / SCENE_CLASSES;
            ck_assert_int_eq(drawn[f][c], there[f][c] < share ? there[f][c] : share);
        }
    }
    free(seen);
    free_scenes(&s);
}
END_TEST

START_TEST(pixels_depend_on_seed_tree_and_frame)
{
    scenes s;
    make_scenes(&s);
    uint32_t room[SCENE_AREA];
    hs_forest_pixel a[SCENE_PIXELS], b[SCENE_PIXELS];
    const hs_pixel_draw first = {SCENE_CLASSES, SCENE_PIXELS, 5, 0},
                        others[] = {{SCENE_CLASSES, SCENE_PIXELS, 5, 1},
                                    {SCENE_CLASSES, SCENE_PIXELS, 6, 0}};
    int n = hs_forest_pixels_draw(&first, &s.view, s.frames, s.mask[0], 7, 0, room, a);
    hs_forest_pixels_draw(&first, &s.view, s.frames, s.mask[0], 7, 0, room, b);
    ck_assert(memcmp(a, b, sizeof *a * (size_t)n) == 0);
    for (int i = 0; i < 2; i++) {
        hs_forest_pixels_draw(&others[i], &s.view, s.frames, s.mask[0], 7, 0, room, b);
        ck_assert(memcmp(a, b, sizeof *a * (size_t)n) != 0);
    }
    hs_forest_pixels_draw(&first, &s.view, s.frames, s.mask[0], 8, 0, room, b);
    ck_assert(memcmp(a, b, sizeof *a * (size_t)n) != 0);
    free_scenes(&s);
}
END_TEST

/* ---- trees ------------------------------------------------------------------------------------
 */
START_TEST(trees_are_checked)
{
    hs_forest_node whole[] = {{.child = 1}, {.child = 0}, {.child = 3}, {.child = 0}, {.child = 0}};
    hs_tree tree = {.nodes = whole, .count = 5};
    ck_assert_uint_eq(hs_tree_check(whole, 5), 5);
    ck_assert_int_eq(hs_tree_depth(&tree), 2);
    ck_assert_uint_eq(hs_tree_leaves(&tree), 3);
    ck_assert_uint_eq(hs_tree_check(whole, 1), 0); /* its children are missing */
    ck_assert_uint_eq(hs_tree_check(whole, 4), 3); /* one of them is */
    whole[2].child = 1;                            /* two parents */
    ck_assert_uint_eq(hs_tree_check(whole, 5), 2);
    whole[2].child = 2; /* its own child */
    ck_assert_uint_eq(hs_tree_check(whole, 5), 2);
    whole[2].child = 0; /* nobody's children */
    ck_assert_uint_lt(hs_tree_check(whole, 5), 5);
    hs_forest_node alone = {.child = 0};
    tree = (hs_tree){.nodes = &alone, .count = 1};
    ck_assert_uint_eq(hs_tree_check(&alone, 1), 1);
    ck_assert_int_eq(hs_tree_depth(&tree), 0);
}
END_TEST

/* ---- labels -----------------------------------------------------------------------------------
 */
enum { TREES = 3 };

static void grow_trees(scenes *s, hs_tree trees[TREES])
{
    for (uint32_t t = 0; t < TREES; t++) {
        hs_forest_config config = scene_config();
        hs_level level;
        trees[t] = (hs_tree){0};
        hs_growth g = scene_growth(s, &config, &trees[t]);
        g.number = t;
        draw_scene_pixels(s);
        ck_assert_ok(hs_growth_begin(&g, 0));
        while (!hs_growth_done(&g))
            ck_assert_ok(hs_growth_step(&g, &level));
        hs_growth_free(&g);
    }
}

static uint32_t naive_leaf(const scenes *s, const uint16_t *frame, const hs_tree *tree, uint32_t at)
{
    uint32_t node = 0;
    while (tree->nodes[node].child) {
        const hs_forest_node *n = &tree->nodes[node];
        int32_t f =
            hs_probe_feature(&s->view, frame, hs_probe_from(&s->view, frame, at), n->u, n->v);
        node = f < n->threshold ? n->child : n->child + 1;
    }
    return node;
}

START_TEST(labels_equal_a_naive_walk)
{
    scenes s;
    hs_tree trees[TREES];
    hs_forest forest = {0};
    static uint8_t labels[SCENE_AREA];
    static float shares[SCENE_CLASSES][SCENE_AREA];
    make_scenes(&s);
    grow_trees(&s, trees);
    ck_assert_ok(hs_forest_prepare(&forest, &s.view, trees, TREES));
    hs_forest_label(&forest, s.depth[1], 0.001, labels);
    hs_forest_probabilities(&forest, shares[0]);
    const uint16_t *frame = s.frames + hs_probe_area(&s.view);
    for (int p = 0; p < SCENE_AREA; p++) {
        double sums[SCENE_CLASSES] = {0};
        uint32_t at = (uint32_t)((p / SCENE_W + 1) * (SCENE_W + 2) + p % SCENE_W + 1);
        for (int t = 0; t < TREES && s.depth[1][p]; t++) {
            const uint64_t *counts =
                trees[t].counts + naive_leaf(&s, frame, &trees[t], at) * SCENE_CLASSES;
            double all = (double)(counts[0] + counts[1] + counts[2]);
            for (int c = 0; c < SCENE_CLASSES; c++)
                sums[c] += (double)counts[c] / all / TREES;
        }
        if (!s.depth[1][p])
            sums[0] = 1;
        int best = 0;
        for (int c = 0; c < SCENE_CLASSES; c++) {
            ck_assert_double_eq_tol((double)shares[c][p], sums[c], 1e-6);
            best = sums[c] > sums[best] + 1e-6 ? c : best;
        }
        ck_assert_double_ge(sums[labels[p]], sums[best] - 1e-6);
    }
    for (int t = 0; t < TREES; t++)
        hs_tree_free(&trees[t]);
    hs_forest_free(&forest);
    free_scenes(&s);
}
END_TEST

START_TEST(a_forest_learns)
{
    scenes s;
    hs_tree trees[TREES];
    hs_forest forest = {0};
    static uint8_t labels[SCENE_AREA];
    int right = 0, hands = 0;
    make_scenes(&s);
    grow_trees(&s, trees);
    ck_assert_ok(hs_forest_prepare(&forest, &s.view, trees, TREES));
    for (int i = 0; i < SCENES; i++) {
        hs_forest_label(&forest, s.depth[i], 0.001, labels);
        for (int p = 0; p < SCENE_AREA; p++) {
            hands += s.mask[i][p] > 0;
            right += s.mask[i][p] > 0 && s.mask[i][p] == labels[p];
        }
    }
    ck_assert_msg(right > 0.95 * hands, "%d of %d", right, hands);
    for (int t = 0; t < TREES; t++)
        hs_tree_free(&trees[t]);
    hs_forest_free(&forest);
    free_scenes(&s);
}
END_TEST

START_TEST(leaves_count_the_pixels_of_frames)
{
    scenes s;
    hs_tree trees[TREES];
    uint32_t room[2 * SCENE_AREA];
    make_scenes(&s);
    grow_trees(&s, trees);
    uint64_t *counts = calloc(trees[0].count * SCENE_CLASSES, sizeof *counts);
    hs_tree_count(&trees[0], &s.view, s.frames, s.mask[0], room, counts);
    for (int p = 0; p < SCENE_AREA; p++) {
        uint32_t at = (uint32_t)((p / SCENE_W + 1) * (SCENE_W + 2) + p % SCENE_W + 1);
        if (s.depth[0][p])
            counts[naive_leaf(&s, s.frames, &trees[0], at) * SCENE_CLASSES + s.mask[0][p]]--;
    }
    for (uint32_t i = 0; i < trees[0].count * SCENE_CLASSES; i++)
        ck_assert_uint_eq(counts[i], 0);
    free(counts);
    for (int t = 0; t < TREES; t++)
        hs_tree_free(&trees[t]);
    free_scenes(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forest");
    TCase *tests = tcase_create("forest");
    tcase_add_test(tests, features_equal_a_naive_version);
    tcase_add_test(tests, frames_come_into_the_unit_of_the_forest);
    tcase_add_test(tests, pixels_are_balanced_measured_and_different);
    tcase_add_test(tests, pixels_depend_on_seed_tree_and_frame);
    tcase_add_test(tests, trees_are_checked);
    tcase_add_test(tests, labels_equal_a_naive_walk);
    tcase_add_test(tests, a_forest_learns);
    tcase_add_test(tests, leaves_count_the_pixels_of_frames);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Growing: the best split of all, and the same tree for any threads, batches and interruptions. */
#include "forest/scene.h"
#include <math.h>
#include <omp.h>

static void grow(hs_growth *g)
{
    hs_level level;
    while (!hs_growth_done(g))
        ck_assert_ok(hs_growth_step(g, &level));
}

/* ---- the best split ---------------------------------------------------------------------------
 */
static double entropy(const double counts[SCENE_CLASSES])
{
    double n = 0, bits = 0;
    for (int c = 0; c < SCENE_CLASSES; c++)
        n += counts[c];
    for (int c = 0; c < SCENE_CLASSES; c++)
        if (counts[c] > 0)
            bits -= counts[c] / n * log2(counts[c] / n);
    return bits;
}

/* Bits a pixel that f < threshold saves on these pixels; -1 where a side gets fewer than `least`.
 */
static double naive_gain(const hs_forest_pixel *pixels, const int32_t *f, uint32_t n,
                         double threshold, double least)
{
    double all[SCENE_CLASSES] = {0}, side[2][SCENE_CLASSES] = {{0}}, sizes[2] = {0};
    for (uint32_t i = 0; i < n; i++) {
        bool right = f[i] >= threshold;
        all[pixels[i].place & 255]++;
        side[right][pixels[i].place & 255]++;
        sizes[right]++;
    }
    if (sizes[0] < least || sizes[1] < least)
        return -1;
    return entropy(all) - sizes[0] / n * entropy(side[0]) - sizes[1] / n * entropy(side[1]);
}

static void features(const scenes *s, const hs_forest_pixel *pixels, uint32_t n,
                     const int16_t steps[4], int32_t *f)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint16_t *frame = s->frames + pixels[i].frame * hs_probe_area(&s->view);
        hs_probe_origin p = hs_probe_from(&s->view, frame, pixels[i].place >> 8);
        f[i] = hs_probe_feature(&s->view, frame, p, steps, steps + 2);
    }
}

/* The numbers of a node, as forest/split.c says they are drawn. */
static void numbers_of(uint32_t node, uint32_t index, hs_purpose purpose, uint32_t numbers[4])
{
    const uint32_t key[2] = {5, 0}, counter[4] = {index, (uint32_t)purpose, node, 0};
    hs_philox(counter, key, numbers);
}

/* The largest gain of all features and thresholds of node 0. A feature that lies on a threshold to
 * within rounding may fall on either side of it: at least and at most. */
static void exhaustive_gain(const scenes *s, const hs_forest_config *config,
                            const hs_forest_pixel *pixels, uint32_t n, int32_t *f, double bounds[2])
{
    bounds[0] = bounds[1] = 0;
    int32_t most = (int32_t)(config->offset * HS_PROBE_STEPS);
    for (int32_t i = 0; i < config->candidates; i++) {
        uint32_t numbers[4];
        int16_t steps[4];
        numbers_of(0, (uint32_t)i, HS_PURPOSE_FOREST_FEATURES, numbers);
        for (int k = 0; k < 4; k++) { /* u.x, u.y, v.x, v.y */
            uint32_t half = k % 2 ? numbers[k / 2] >> 16 : numbers[k / 2] & 0xffff;
            double factor = (k / 2 ? numbers[2] >> 16 : numbers[2] & 0xffff) / 65536.0;
            bool zero = k / 2 && numbers[3] * 0x1p-32 < config->own;
            steps[k] =
                (int16_t)(zero ? 0
                               : trunc((floor(half / 65536.0 * (2 * most + 1)) - most) * factor));
        }
        features(s, pixels, n, steps, f);
        numbers_of(0, (uint32_t)i / HS_FOREST_BLOCK, HS_PURPOSE_FOREST_RANGES, numbers);
        int32_t a = f[(uint32_t)floor(numbers[0] * 0x1p-32 * n)];
        int32_t b = f[(uint32_t)floor(numbers[1] * 0x1p-32 * n)];
        int32_t low = a < b ? a : b, high = a < b ? b : a, steps_between = config->thresholds - 1;
        double step = steps_between == 0           ? 0
                      : high - low > steps_between ? (double)(high - low) / steps_between
                                                   : 1;
        for (int t = 0; t < config->thresholds; t++) {
            double low_gain = 1, high_gain = -1;
            for (int side = t ? -1 : 0; side <= (t ? 1 : 0); side++) {
                double gain =
                    naive_gain(pixels, f, n, low + t * step + side * 1e-2, (double)config->least);
                low_gain = gain < low_gain ? gain : low_gain;
                high_gain = gain > high_gain ? gain : high_gain;
            }
            bounds[0] = low_gain > bounds[0] ? low_gain : bounds[0];
            bounds[1] = high_gain > bounds[1] ? high_gain : bounds[1];
        }
    }
}

START_TEST(the_split_is_the_best_of_all)
{
    static const struct {
        int candidates, thresholds, least;
    } cases[] = {{40, 9, 1}, {1, 1, 1}, {17, 50, 1}, {600, 50, 1}, {33, 2, 100}, {5, 3, 300}};
    scenes s;
    make_scenes(&s);
    int32_t *f = malloc(sizeof *f * s.n);
    hs_forest_config config = scene_config();
    config.depth = 1;
    config.candidates = cases[_i].candidates;
    config.thresholds = cases[_i].thresholds;
    config.least = cases[_i].least;
    hs_tree tree = {0};
    double expected[2];
    exhaustive_gain(&s, &config, s.pixels, s.n, f, expected);
    hs_growth g = scene_growth(&s, &config, &tree);
    ck_assert_ok(hs_growth_begin(&g, 0));
    grow(&g);
    ck_assert_uint_eq(tree.count, expected[0] > 1e-5 ? 3 : 1);
    if (tree.count == 3) {
        const hs_forest_node *root = &tree.nodes[0];
        const int16_t steps[4] = {root->u[0], root->u[1], root->v[0], root->v[1]};
        draw_scene_pixels(&s); /* in the order of before */
        features(&s, s.pixels, s.n, steps, f);
        double got = naive_gain(s.pixels, f, s.n, root->threshold, (double)config.least);
        ck_assert_double_ge(got, expected[0] - 1e-5);
        ck_assert_double_le(got, expected[1] + 1e-5);
        uint64_t left = 0;
        for (uint32_t i = 0; i < s.n; i++)
            left += f[i] < root->threshold;
        ck_assert_uint_eq(tree.counts[3] + tree.counts[4] + tree.counts[5], left);
    }
    hs_growth_free(&g);
    hs_tree_free(&tree);
    free(f);
    free_scenes(&s);
}
END_TEST

/* ---- the same tree ----------------------------------------------------------------------------
 */
static void grow_whole(scenes *s, const hs_forest_config *config, int threads, hs_tree *tree)
{
    omp_set_num_threads(threads);
    draw_scene_pixels(s);
    hs_growth g = scene_growth(s, config, tree);
    ck_assert_ok(hs_growth_begin(&g, 0));
    grow(&g);
    hs_growth_free(&g);
    omp_set_num_threads(1);
}

START_TEST(threads_do_not_change_a_bit)
{
    scenes s;
    make_scenes(&s);
    hs_forest_config config = scene_config();
    config.candidates = 700; /* several parts */
    config.thresholds = 50;
    config.score = 100;
    for (int p = 0; p < SCENES * SCENE_AREA; p += 11) /* hard to learn: many nodes */
        s.mask[p / SCENE_AREA][p % SCENE_AREA] =
            (uint8_t)((s.mask[p / SCENE_AREA][p % SCENE_AREA] + 1) % SCENE_CLASSES);
    hs_tree one = {0}, others[2] = {{0}};
    grow_whole(&s, &config, 1, &one);
    ck_assert_uint_gt(one.count, 20);
    for (int i = 0; i < 2; i++) {
        grow_whole(&s, &config, i + 2, &others[i]);
        assert_same_trees(&one, &others[i]);
        hs_tree_free(&others[i]);
    }
    hs_tree_free(&one);
    free_scenes(&s);
}
END_TEST

static hs_tree copy_of_tree(const hs_tree *t)
{
    hs_tree copy = {.classes = t->classes};
    ck_assert_ok(hs_tree_extend(&copy, t->count));
    memcpy(copy.nodes, t->nodes, sizeof *t->nodes * t->count);
    memcpy(copy.counts, t->counts, sizeof *t->counts * t->count * (size_t)t->classes);
    return copy;
}

/* Goes on from after every step, with pixels drawn anew. */
START_TEST(interruptions_do_not_change_a_bit)
{
    scenes s;
    make_scenes(&s);
    hs_forest_config config = scene_config();
    hs_tree whole = {0}, half = {0};
    hs_level level;
    int steps = 0;
    grow_whole(&s, &config, 1, &whole);
    hs_growth g = scene_growth(&s, &config, &half);
    draw_scene_pixels(&s);
    ck_assert_ok(hs_growth_begin(&g, 0));
    while (!hs_growth_done(&g)) {
        ck_assert_ok(hs_growth_step(&g, &level));
        hs_tree rest = copy_of_tree(&half);
        scenes other;
        make_scenes(&other);
        hs_growth h = scene_growth(&other, &config, &rest);
        ck_assert_ok(hs_growth_begin(&h, g.next));
        if (!hs_growth_done(&g)) {
            ck_assert_int_eq(h.level, g.level);
            ck_assert_uint_eq(h.level_first, g.level_first);
            ck_assert_uint_eq(h.level_end, g.level_end);
        }
        ck_assert_uint_eq(hs_growth_work_left(&h), hs_growth_work_left(&g));
        grow(&h);
        assert_same_trees(&whole, &rest);
        hs_growth_free(&h);
        hs_tree_free(&rest);
        free_scenes(&other);
        steps++;
    }
    ck_assert_int_ge(steps, 5);
    assert_same_trees(&whole, &half);
    hs_growth_free(&g);
    hs_tree_free(&whole);
    hs_tree_free(&half);
    free_scenes(&s);
}
END_TEST

START_TEST(a_tree_of_other_pixels_is_refused)
{
    scenes s;
    make_scenes(&s);
    hs_forest_config config = scene_config();
    hs_tree tree = {0};
    grow_whole(&s, &config, 1, &tree);
    for (uint32_t slot = 0; slot < SCENES; slot++) /* all nearer by a count */
        for (int64_t i = 0; i < hs_probe_area(&s.view); i++) {
            uint16_t *d = &s.frames[slot * hs_probe_area(&s.view) + i];
            *d = (uint16_t)(*d == HS_PROBE_FAR || *d < 700 ? *d : *d / 2);
        }
    hs_growth g = scene_growth(&s, &config, &tree);
    ck_assert_error(hs_growth_begin(&g, tree.count), HS_ERR_DATA, "not those it grew from");
    hs_growth_free(&g);
    hs_tree_free(&tree);
    free_scenes(&s);
}
END_TEST

/* ---- when it stops ----------------------------------------------------------------------------
 */
START_TEST(nodes_stop_at_depth_purity_and_size)
{
    scenes s;
    make_scenes(&s);
    hs_forest_config config = scene_config();
    hs_tree tree = {0};
    config.depth = 3;
    grow_whole(&s, &config, 1, &tree);
    ck_assert_int_eq(hs_tree_depth(&tree), 3);
    ck_assert_uint_eq(hs_tree_check(tree.nodes, tree.count), tree.count);
    hs_tree_free(&tree);
    config.depth = 20;
    config.least = 20;
    grow_whole(&s, &config, 1, &tree);
    for (uint32_t i = 0; i < tree.count; i++) {
        const uint64_t *c = tree.counts + i * SCENE_CLASSES;
        uint64_t n = c[0] + c[1] + c[2];
        ck_assert_uint_ge(n, 20);
        if (c[0] == n || c[1] == n || c[2] == n)
            ck_assert_uint_eq(tree.nodes[i].child, 0);
    }
    hs_tree_free(&tree);
    for (uint32_t i = 0; i < s.n; i++) /* one class alone */
        s.pixels[i].place &= ~255u;
    hs_growth g = scene_growth(&s, &config, &tree);
    ck_assert_ok(hs_growth_begin(&g, 0));
    grow(&g);
    ck_assert_uint_eq(tree.count, 1);
    hs_growth_free(&g);
    hs_tree_free(&tree);
    free_scenes(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grow");
    TCase *tests = tcase_create("grow");
    tcase_add_loop_test(tests, the_split_is_the_best_of_all, 0, 6);
    tcase_add_test(tests, threads_do_not_change_a_bit);
    tcase_add_test(tests, interruptions_do_not_change_a_bit);
    tcase_add_test(tests, a_tree_of_other_pixels_is_refused);
    tcase_add_test(tests, nodes_stop_at_depth_purity_and_size);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

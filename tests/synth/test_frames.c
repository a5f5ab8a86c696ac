/* Whole frames: what they depend on, what their masks cover, and how they compare with real ones.
 */
#include "support/suite.h"
#include "synth/render.h"
#include <stdlib.h>
#include <string.h>

enum { W = 640, H = 480, N = W * H, FRAMES = 40, PEOPLE = 20, STRIDE = 2, LONGEST_GAP = 16 };

static const hs_profile *profile;
static hs_synth synth;
static hs_synth_buffers buffers;
static uint16_t depth[N];
static uint8_t mask[N];

static void set_up(void)
{
    ck_assert_ok(hs_profile_find("handseg", &profile));
    ck_assert_ok(hs_synth_init(&synth, profile, 1, W, H));
    ck_assert_ok(hs_synth_buffers_init(&buffers, &synth));
}

static void tear_down(void)
{
    hs_synth_buffers_free(&buffers);
    hs_synth_free(&synth);
}

START_TEST(a_frame_depends_on_its_numbers_only)
{
    static uint16_t other_depth[N];
    static uint8_t other_mask[N];
    hs_synth_frame(&synth, 3, 7, &buffers, depth, mask);
    for (uint32_t i = 0; i < 3; i++)
        hs_synth_frame(&synth, 1 + i, i, &buffers, other_depth, other_mask);
    ck_assert_int_ne(memcmp(depth, other_depth, sizeof depth), 0);
    hs_synth_frame(&synth, 3, 7, &buffers, other_depth, other_mask);
    ck_assert_int_eq(memcmp(depth, other_depth, sizeof depth), 0);
    ck_assert_int_eq(memcmp(mask, other_mask, sizeof mask), 0);
    hs_synth again;
    ck_assert_ok(hs_synth_init(&again, profile, 2, W, H));
    hs_synth_frame(&again, 3, 7, &buffers, other_depth, other_mask);
    ck_assert_int_ne(memcmp(depth, other_depth, sizeof depth), 0);
    hs_synth_free(&again);
}
END_TEST

/* Known sums of a frame, loose enough for another libm, tight enough for any change of the scene.
 */
START_TEST(a_known_frame)
{
    double zeros = 0, right = 0, left = 0, sum = 0;
    hs_synth_frame(&synth, 2, 5, &buffers, depth, mask);
    for (int i = 0; i < N; i++) {
        zeros += depth[i] == 0;
        right += mask[i] == 1;
        left += mask[i] == 2;
        sum += depth[i];
    }
    ck_assert_double_eq_tol(zeros, 185150, 60);
    ck_assert_double_eq_tol(right, 14853, 20);
    ck_assert_double_eq_tol(left, 12294, 20);
    ck_assert_double_eq_tol(sum / (N - zeros), 4689.7, 2);
}
END_TEST

/* Against a second rendering of the hands' primitives alone. */
START_TEST(masks_are_where_hands_are_seen)
{
    hs_synth_buffers hands;
    ck_assert_ok(hs_synth_buffers_init(&hands, &synth));
    for (uint32_t f = 0; f < 6; f++) {
        hs_synth_frame(&synth, 1 + f, f, &buffers, depth, mask);
        const hs_scene *scene = buffers.scene;
        for (int left = 0; left < 2; left++) {
            hands.scene->mesh.count = 0;
            hs_hand_mesh(&scene->subject.hand, &scene->pose[left], &scene->limb[left],
                         &scene->clothes, &hands.scene->mesh);
            hs_raycast(&hands.scene->mesh, &synth.rays, INFINITY, &hands.view);
            int covered = 0, ties = 0, wrong = 0;
            for (int i = 0; i < N; i++) {
                bool labelled = mask[i] == 1 + left;
                covered += labelled;
                wrong += labelled && (!hands.view.surface[i] || !depth[i]);
                /* The hand is the first thing the ray meets, and is labelled where measured. */
                float first = buffers.view.depth[i], hand = hands.view.depth[i];
                if (hand > 0 && fabsf(first - hand) < 1e-6f && depth[i] > 0)
                    ties += !labelled;
            }

            ck_assert_int_eq(wrong, 0);
            ck_assert_int_lt(ties, 4); /* where the forearm leaves the glove */
            ck_assert(!scene->raised[left] || covered > N / 200);
        }
    }
    hs_synth_buffers_free(&hands);
}
END_TEST

/* Lengths of the runs of zeros at depth steps, at half the size, as frame_statistics.py counts. */
typedef struct gaps {
    long count[LONGEST_GAP + 1], total;
    double right, left; /* sums of lengths */
    long rights, lefts;
    long holes, hand;
} gaps;

static void add_run(gaps *g, int from, int to, int step, bool across)
{
    int length = (to - from) / step - 1, change = (int)depth[from] - (int)depth[to];
    if (length <= 0)
        return;
    if (across && length <= 3 && abs(change) <= 200 && mask[from] && mask[from] == mask[to])
        g->holes += length;
    if (length > LONGEST_GAP || abs(change) <= 200)
        return;
    g->count[length]++, g->total++;
    if (across && change < 0)
        g->right += length, g->rights++;
    else if (across)
        g->left += length, g->lefts++;
}

static void add_gaps(gaps *g)
{
    for (int across = 0; across < 2; across++) {
        int lines = across ? H : W, length = across ? W : H;
        for (int line = 0; line < lines; line += STRIDE) {
            int last = -1, step = STRIDE * (across ? 1 : W);
            for (int k = 0; k < length; k += STRIDE) {
                int i = across ? line * W + k : k * W + line;
                g->hand += across && mask[i];
                if (!depth[i])
                    continue;
                if (last >= 0)
                    add_run(g, last, i, step, across);
                last = i;
            }
        }
    }
}

static int quantile(const gaps *g, double q)
{
    long seen = 0;
    int length = 0;
    while (length < LONGEST_GAP && (double)seen < q * (double)g->total)
        seen += g->count[++length];
    return length;
}

START_TEST(frames_have_the_statistics_of_real_ones)
{
    gaps g = {.total = 0};
    double zeros_sum = 0, columns[3] = {0}, hands = 0, hand_sum = 0;
    int visible[3] = {0};
    for (int f = 0; f < FRAMES; f++) {
        hs_synth_frame(&synth, (uint32_t)(1 + f % PEOPLE), (uint32_t)(f / PEOPLE), &buffers, depth,
                       mask);
        int zeros = 0, wrong = 0, count[3] = {0};
        double column[3] = {0};
        for (int i = 0; i < N; i++) {
            zeros += depth[i] == 0;
            wrong += depth[i] && (depth[i] < 1600 || depth[i] > 12002); /* 0.2 to 1.5 m */
            wrong += !depth[i] && mask[i];
            count[mask[i]]++;
            column[mask[i]] += i % W;
        }
        ck_assert_int_eq(wrong, 0);
        ck_assert_double_gt((double)zeros / N, 0.42);
        ck_assert_double_lt((double)zeros / N, 0.79);
        zeros_sum += (double)zeros / N / FRAMES;
        for (int s = 1; s < 3; s++) {
            double share = (double)count[s] / N;
            ck_assert_double_lt(share, 0.061);
            if (share < 0.0005)
                continue;
            visible[s]++;
            hands++, hand_sum += share;
            columns[s] += column[s] / count[s] / W;
        }
        add_gaps(&g);
    }
    ck_assert_double_gt(zeros_sum, 0.55);
    ck_assert_double_lt(zeros_sum, 0.66);
    ck_assert_double_gt(hands / FRAMES, 1.5);
    ck_assert_double_gt(hand_sum / hands, 0.018);
    ck_assert_double_lt(hand_sum / hands, 0.04);
    ck_assert_int_ge(quantile(&g, 0.5), 2);
    ck_assert_int_le(quantile(&g, 0.5), 3);
    ck_assert_int_ge(quantile(&g, 0.9), 8);
    ck_assert_int_le(quantile(&g, 0.9), 10);
    double ratio = (g.right / (double)g.rights) / (g.left / (double)g.lefts);
    ck_assert_double_gt(ratio, 1.05);
    ck_assert_double_lt(ratio, 1.3);
    ck_assert_double_lt((double)g.holes / (double)g.hand, 0.0125);
    /* The right hand of who faces the camera is on the image's left, not always. */
    ck_assert_double_lt(columns[1] / visible[1], 0.45);
    ck_assert_double_gt(columns[2] / visible[2], 0.55);
}
END_TEST

START_TEST(any_size_shows_the_same_scene)
{
    hs_synth_frame(&synth, 4, 1, &buffers, depth, mask);
    double zeros = 0, small_zeros = 0;
    for (int i = 0; i < N; i++)
        zeros += (double)(depth[i] == 0) / N;
    hs_synth small;
    hs_synth_buffers memory;
    ck_assert_ok(hs_synth_init(&small, profile, 1, W / 4, H / 4));
    ck_assert_ok(hs_synth_buffers_init(&memory, &small));
    hs_synth_frame(&small, 4, 1, &memory, depth, mask);
    for (int i = 0; i < N / 16; i++)
        small_zeros += (double)(depth[i] == 0) / (N / 16.0);
    ck_assert_double_eq_tol(zeros, small_zeros, 0.05);
    hs_synth_buffers_free(&memory);
    hs_synth_free(&small);
    ck_assert_error(hs_synth_init(&small, profile, 1, 8, 480), HS_ERR_USAGE, "got 8x480");
    ck_assert_error(hs_synth_init(&small, profile, 1, 640, 5000), HS_ERR_USAGE, "got 640x5000");
}
END_TEST

START_TEST(unknown_profiles_are_refused)
{
    const hs_profile *found;
    ck_assert_error(hs_profile_find("handsge", &found), HS_ERR_USAGE, "got 'handsge'");
    ck_assert_str_eq(hs_error_hint(), "did you mean 'handseg'?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/frames");
    TCase *tests = tcase_create("frames");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_frame_depends_on_its_numbers_only);
    tcase_add_test(tests, a_known_frame);
    tcase_add_test(tests, masks_are_where_hands_are_seen);
    tcase_add_test(tests, frames_have_the_statistics_of_real_ones);
    tcase_add_test(tests, any_size_shows_the_same_scene);
    tcase_add_test(tests, unknown_profiles_are_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Rendered recordings of people without gloves. */
#include "support/suite.h"
#include "synth/take.h"
#include <math.h>

enum { W = 320, H = 240, N = W * H };

static uint16_t depth[N], gloved[N];
static uint8_t truth[N], labels[N], picture[3 * N];

/* Skin is between red and yellow, and pale; the left glove is of strong orange, the right one
 * green.
 */
static bool is_skin(const uint8_t *rgb)
{
    double most = fmax(rgb[0], fmax(rgb[1], rgb[2])), least = fmin(rgb[0], fmin(rgb[1], rgb[2]));
    return rgb[0] >= rgb[1] && rgb[1] >= rgb[2] && most - least > 0.1 * most &&
           most - least < 0.65 * most;
}

/* Everything else is as with gloves: the same people move in the same way. */
START_TEST(hands_have_the_colour_of_skin_and_move_as_with_gloves)
{
    const hs_profile *profile;
    hs_recorder recorder;
    hs_recorder_buffers buffers;
    hs_take with, without;
    long hand = 0, skin = 0, moved = 0, lost = 0, kept = 0;
    ck_assert_ok(hs_profile_find("handseg", &profile));
    ck_assert_ok(hs_recorder_init(&recorder, profile, 21, W, H));
    ck_assert_ok(hs_recorder_buffers_init(&buffers, &recorder));
    ck_assert_ok(hs_take_init(&with, &recorder, 2, 4, 1));
    recorder.bare_hands = true;
    ck_assert_ok(hs_take_init(&without, &recorder, 2, 4, 1));
    for (int f = 0; f < without.count; f++) {
        hs_take_depth(&recorder, &with, f, &buffers, gloved, labels);
        hs_take_depth(&recorder, &without, f, &buffers, depth, truth);
        for (int i = 0; i < N; i++) {
            moved += truth[i] && labels[i] != truth[i];
            lost += labels[i] && !truth[i]; /* the cuff, and the thickness of the cloth */
            kept += truth[i] > 0;
        }
        hs_take_color(&recorder, &without, f, &buffers, picture);
        for (int i = 0; i < N; i++) {
            bool inside = hs_part_label(buffers.depth.view.part[i]) > 0;
            hand += inside;
            skin += inside && is_skin(picture + 3 * i);
        }
    }
    ck_assert_int_gt(hand, 5000);
    ck_assert_int_gt(skin, hand * 9 / 10);
    ck_assert_int_lt(moved, kept / 100);
    ck_assert_int_gt(lost, kept / 50);
    ck_assert_int_lt(lost, kept / 2);
    hs_take_free(&with);
    hs_take_free(&without);
    hs_recorder_buffers_free(&buffers);
    hs_recorder_free(&recorder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/bare hands");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, hands_have_the_colour_of_skin_and_move_as_with_gloves);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

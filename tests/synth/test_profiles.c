/* The stand-ins for other data sets differ from HandSeg's as their originals do. */
#include "support/suite.h"
#include "synth/label.h"
#include "synth/render.h"
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 6, SIDE = 512 };

typedef struct rendered {
    const hs_profile *profile;
    hs_synth synth;
    hs_synth_buffers buffers;
    uint16_t depth[SIDE * SIDE];
    uint8_t mask[SIDE * SIDE];
    size_t pixels;
} rendered;

/* Half the camera's size is enough. */
static rendered *begin(const char *name)
{
    rendered *r = calloc(1, sizeof *r);
    ck_assert_ptr_nonnull(r);
    ck_assert_ok(hs_profile_find(name, &r->profile));
    int width = r->profile->camera.width / 2, height = r->profile->camera.height / 2;
    r->pixels = (size_t)width * (size_t)height;
    ck_assert_uint_le(r->pixels, sizeof r->mask);
    ck_assert_ok(hs_synth_init(&r->synth, r->profile, 1, width, height));
    ck_assert_ok(hs_synth_buffers_init(&r->buffers, &r->synth));
    return r;
}

static void end(rendered *r)
{
    hs_synth_buffers_free(&r->buffers);
    hs_synth_free(&r->synth);
    free(r);
}

static void render(rendered *r, uint32_t frame)
{
    hs_synth_frame(&r->synth, 1 + frame % 3, frame, &r->buffers, r->depth, r->mask);
}

static size_t labelled(const rendered *r, uint8_t label)
{
    size_t n = 0;
    for (size_t i = 0; i < r->pixels; i++)
        n += r->mask[i] == label;
    return n;
}

START_TEST(freiburg_is_ideal)
{
    rendered *r = begin("freiburg");
    double unit = r->profile->camera.depth_unit;
    size_t right = 0, left = 0;
    for (uint32_t f = 0; f < FRAMES; f++) {
        render(r, f);
        right += labelled(r, 1);
        left += labelled(r, 2);
        for (size_t i = 0; i < r->pixels; i++) {
            double z = r->buffers.hidden[i] ? 0 : (double)r->buffers.view.depth[i];
            if (z < r->profile->camera.range.low || z > r->profile->camera.range.high)
                ck_assert_uint_eq(r->depth[i], 0);
            else
                ck_assert_double_le(fabs(r->depth[i] * unit - z), 0.51 * unit);
        }
    }
    ck_assert(right > 0 && left > 0);
    end(r);
}
END_TEST

START_TEST(one_hand_is_the_left_one)
{
    static const char *const names[] = {"nyu", "handnet"};
    for (int k = 0; k < 2; k++) {
        rendered *r = begin(names[k]);
        for (uint32_t f = 0; f < FRAMES; f++) {
            render(r, f);
            ck_assert_uint_eq(labelled(r, 1), 0);
            ck_assert_uint_gt(labelled(r, 2), 0);
        }
        end(r);
    }
}
END_TEST

/* Near the truth, but not it: wrists are in, fingertips out. */
START_TEST(handnet_labels_are_a_flood)
{
    rendered *r = begin("handnet");
    size_t both = 0, either = 0, beyond = 0;
    for (uint32_t f = 0; f < FRAMES; f++) {
        render(r, f);
        for (size_t i = 0; i < r->pixels; i++) {
            bool truth = r->depth[i] && hs_part_label(r->buffers.view.part[i]) == 2;
            ck_assert(!r->mask[i] || r->depth[i]);
            both += truth && r->mask[i];
            either += truth || r->mask[i];
            beyond += !truth && r->mask[i];
        }
    }
    double iou = (double)both / (double)either;
    ck_assert_double_gt(iou, 0.6);
    ck_assert_double_lt(iou, 0.97);
    ck_assert_uint_gt(beyond, 0);
    end(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth/profiles");
    TCase *tests = tcase_create("profiles");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, freiburg_is_ideal);
    tcase_add_test(tests, one_hand_is_the_left_one);
    tcase_add_test(tests, handnet_labels_are_a_flood);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

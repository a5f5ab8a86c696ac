/* What a pixel of each class counts: by the frames that are trained on, and no others. */
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_run.h"

#include "base/log.h"
#include "train/session.h"
#include <omp.h>
#include <string.h>

enum { AREA = HS_TINY_WIDTH * HS_TINY_HEIGHT, HAND = 300, MOST = 4 };

/* A frame of a data set for these tests: its split and the hands it shows, of HAND pixels each. */
typedef struct shown {
    hs_split split;
    bool right, left;
} shown;

static void write_set(const char *name, int n, const shown *frames)
{
    static uint16_t depth[MOST * AREA];
    static uint8_t mask[MOST * AREA];
    static const char *const sources[MOST] = {"a.png", "b.png", "c.png", "d.png"};
    hs_frame_info infos[MOST];
    hs_dataset_spec spec = {.height = HS_TINY_HEIGHT,
                            .width = HS_TINY_WIDTH,
                            .classes = 3,
                            .labels = {"background", "right", "left"},
                            .depth_unit = 0.001,
                            .split_method = "lists"};
    hs_dataset_writer *writer;
    for (int i = 0; i < n * AREA; i++) {
        const shown *frame = &frames[i / AREA];
        int at = i % AREA;
        depth[i] = (uint16_t)(500 + i % 7);
        mask[i] = at < HAND && frame->right ? 1 : at >= AREA - HAND && frame->left ? 2 : 0;
    }
    for (int f = 0; f < n; f++)
        infos[f] = (hs_frame_info){1 + (int)frames[f].split, f, frames[f].split, sources[f]};
    ck_assert_ok(hs_dataset_create(hs_test_path(name), &spec, &writer));
    ck_assert_ok(hs_dataset_append(writer, n, infos, depth, mask));
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
}

/* Opens a run on the data set with two more options; its weights. */
static hs_status find_weights(const char *name, const char *one, const char *two, double *weights)
{
    char file[600], out[600];
    const char *config = hs_tiny_config();
    hs_session s;
    snprintf(file, sizeof file, "data.file=%s", hs_test_path(name));
    snprintf(out, sizeof out, "train.out=%s", hs_test_path("out"));
    const char *options[] = {file, out, "data.validate=none", "augment.flip=no", one, two};
    hs_status status = hs_session_open(&s, config, options, 6, false);
    memcpy(weights, s.class_weights, 3 * sizeof *weights);
    hs_session_close(&s);
    return status;
}

/* Median frequency balancing by hand: of frames that show each class so often in so many pixels. */
static double weight_of(double median, double pixels, double image_pixels)
{
    return median / (pixels / image_pixels);
}

/* ---- of which frames --------------------------------------------------------------------------
 */
static const shown mixed[] = {
    {HS_SPLIT_TRAIN, true, true}, {HS_SPLIT_TRAIN, true, false}, {HS_SPLIT_TEST, false, true}};

START_TEST(the_training_split_has_the_stored_weights)
{
    double w[3];
    hs_dataset *dataset;
    write_set("mixed.h5", 3, mixed);
    ck_assert_ok(hs_dataset_open(hs_test_path("mixed.h5"), &dataset));
    const double *stored = hs_dataset_get_info(dataset)->weights;
    ck_assert_double_eq_tol(stored[0], weight_of(1. * HAND / AREA, 2 * AREA - 3 * HAND, 2 * AREA),
                            1e-12);
    ck_assert_ok(find_weights("mixed.h5", "data.train=train", "data.subset=0", w));
    ck_assert_mem_eq(w, stored, sizeof w);
    ck_assert_ok(find_weights("mixed.h5", "data.train=train", "data.subset=0.9", w)); /* both */
    ck_assert_mem_eq(w, stored, sizeof w);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(another_split_has_its_own)
{
    double w[3];
    const double hand = 1. * HAND / AREA, median = (1 - hand + hand) / 2;
    write_set("mixed.h5", 3, mixed);
    ck_assert_ok(find_weights("mixed.h5", "data.train=test", "data.subset=0", w));
    ck_assert_double_eq_tol(w[0], median / (1 - hand), 1e-12);
    ck_assert_double_eq(w[1], 0); /* the frame shows a left hand alone */
    ck_assert_double_eq_tol(w[2], median / hand, 1e-12);
    ck_assert_ok(find_weights("mixed.h5", "data.train=all", "data.subset=0", w));
    ck_assert_double_eq_tol(w[0], weight_of(hand, 3 * AREA - 4 * HAND, 3 * AREA), 1e-12);
    ck_assert_double_eq(w[1], 1);
    ck_assert_double_eq(w[2], 1);
}
END_TEST

START_TEST(a_subset_has_its_own)
{
    static const shown frames[] = {{HS_SPLIT_TRAIN, true, false},
                                   {HS_SPLIT_TRAIN, false, true},
                                   {HS_SPLIT_TRAIN, true, false},
                                   {HS_SPLIT_TRAIN, false, true}};
    double w[3];
    int one_handed = 0;
    write_set("single.h5", 4, frames);
    for (int seed = 1; seed <= 8; seed++) { /* 0.3: one frame, which lacks a hand */
        char option[64];
        snprintf(option, sizeof option, "data.subset_seed=%d", seed);
        ck_assert_ok(find_weights("single.h5", "data.subset=0.3", option, w));
        ck_assert(w[0] > 0 && (w[1] == 0) != (w[2] == 0));
        one_handed |= w[1] > 0 ? 1 : 2;
    }
    ck_assert_int_eq(one_handed, 3);
}
END_TEST

START_TEST(a_set_without_a_training_split_is_balanced)
{
    static const shown frames[] = {{HS_SPLIT_VAL, true, true}, {HS_SPLIT_TEST, true, true}};
    double w[3];
    write_set("untrained.h5", 2, frames);
    ck_assert_ok(find_weights("untrained.h5", "data.train=test", "data.subset=0", w));
    ck_assert_double_eq_tol(w[0], weight_of(1. * HAND / AREA, AREA - 2 * HAND, AREA), 1e-12);
    ck_assert(w[1] == 1 && w[2] == 1);
}
END_TEST

/* ---- hands that are lacking -------------------------------------------------------------------
 */
START_TEST(a_mirrored_hand_weighs_as_the_one_there_is)
{
    static const shown frames[] = {{HS_SPLIT_TRAIN, false, true}, {HS_SPLIT_VAL, false, true}};
    static const char *const splits[] = {"data.train=train", "data.train=val"};
    double w[3];
    write_set("left.h5", 2, frames);
    for (int s = 0; s < 2; s++) {
        ck_assert_ok(find_weights("left.h5", splits[s], "augment.flip=no", w));
        ck_assert_double_gt(w[2], 1);
        ck_assert_double_eq(w[1], 0);
        ck_assert_ok(find_weights("left.h5", splits[s], "augment.flip=yes", w));
        ck_assert_double_gt(w[2], 1);
        ck_assert_double_eq(w[1], w[2]);
    }
}
END_TEST

START_TEST(frames_without_hands_cannot_be_balanced)
{
    static const shown frames[] = {
        {HS_SPLIT_TRAIN, true, true}, {HS_SPLIT_VAL, false, false}, {HS_SPLIT_VAL, false, false}};
    double w[3];
    write_set("empty.h5", 3, frames);
    ck_assert_error(find_weights("empty.h5", "data.train=val", "data.subset=0", w), HS_ERR_DATA,
                    "empty.h5: loss.balance = median: the 2 frames to train on have pixels of 1 "
                    "of the 3 classes, expected 2 or more");
    ck_assert_ok(find_weights("empty.h5", "data.train=val", "loss.balance=none", w));
    ck_assert(w[0] == 1 && w[1] == 1 && w[2] == 1);
    ck_assert_ok(find_weights("empty.h5", "data.train=val", "loss.class_weights=2,3,4", w));
    ck_assert(w[0] == 2 && w[1] == 3 && w[2] == 4);
}
END_TEST

/* ---- reading ----------------------------------------------------------------------------------
 */
START_TEST(weights_do_not_depend_on_threads)
{
    double one[3], three[3];
    int before = omp_get_max_threads();
    hs_tiny_config();
    omp_set_num_threads(1);
    ck_assert_ok(find_weights("tiny.h5", "data.train=all", "data.subset=11", one));
    omp_set_num_threads(3);
    ck_assert_ok(find_weights("tiny.h5", "data.train=all", "data.subset=11", three));
    omp_set_num_threads(before);
    ck_assert_mem_eq(one, three, sizeof one);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("class_weights");
    TCase *tests = tcase_create("class_weights");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_training_split_has_the_stored_weights);
    tcase_add_test(tests, another_split_has_its_own);
    tcase_add_test(tests, a_subset_has_its_own);
    tcase_add_test(tests, a_set_without_a_training_split_is_balanced);
    tcase_add_test(tests, a_mirrored_hand_weighs_as_the_one_there_is);
    tcase_add_test(tests, frames_without_hands_cannot_be_balanced);
    tcase_add_test(tests, weights_do_not_depend_on_threads);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

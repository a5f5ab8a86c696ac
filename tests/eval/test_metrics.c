/* Metrics: cases counted by hand, and the paper's own tables. */
#include "base/rng.h"
#include "eval/one_hand.h"
#include "support/suite.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_case_counted_by_hand)
{
    /* Truth 0 0 0 0 1 1 1 2 and one ignored; prediction 0 0 1 2 1 1 0 2. */
    const uint8_t truth[] = {0, 0, 0, 0, 1, 1, 1, 2, 255};
    const uint8_t prediction[] = {0, 0, 1, 2, 1, 1, 0, 2, 99};
    hs_confusion confusion = {.classes = 3};
    ck_assert_ok(hs_confusion_add(&confusion, truth, prediction, 9));
    const uint64_t expected[3][3] = {{2, 1, 1}, {1, 2, 0}, {0, 0, 1}};
    for (int t = 0; t < 3; t++)
        for (int p = 0; p < 3; p++)
            ck_assert_uint_eq(confusion.count[t][p], expected[t][p]);
    hs_metrics m = hs_metrics_of(&confusion);
    ck_assert_double_eq_tol(m.of[0].iou, 2 / 5., 1e-15);
    ck_assert_double_eq_tol(m.of[1].iou, 2 / 4., 1e-15);
    ck_assert_double_eq_tol(m.of[2].iou, 1 / 2., 1e-15);
    ck_assert_double_eq_tol(m.of[0].precision, 2 / 3., 1e-15);
    ck_assert_double_eq_tol(m.of[0].recall, 2 / 4., 1e-15);
    ck_assert_double_eq_tol(m.of[1].precision, 2 / 3., 1e-15);
    ck_assert_double_eq_tol(m.of[1].recall, 2 / 3., 1e-15);
    /* The rest of class 1: truth 5 pixels, predicted 5, both 4, either 6. */
    ck_assert_double_eq_tol(m.of[1].iou_binary_mean, (2 / 4. + 4 / 6.) / 2, 1e-15);
    ck_assert_double_eq_tol(m.of[2].iou_binary_mean, (1 / 2. + 6 / 7.) / 2, 1e-15);
    ck_assert_double_eq_tol(m.hands.iou, 0.5, 1e-15);
    ck_assert_double_eq_tol(m.all.iou, (0.4 + 0.5 + 0.5) / 3, 1e-15);
    ck_assert_double_eq_tol(m.hands.iou_binary_mean, (7 / 12. + 19 / 28.) / 2, 1e-15);
    ck_assert_double_eq_tol(m.accuracy, 5 / 8., 1e-15);
    ck_assert_uint_eq(m.of[0].pixels, 4);
    ck_assert_uint_eq(m.hands.pixels, 4);
    ck_assert_uint_eq(m.all.pixels, 8);
}
END_TEST

START_TEST(merged_hands_are_one_class)
{
    uint8_t labels[] = {0, 1, 2, 3, 255, 0, 15};
    hs_merge_hands(labels, 7);
    ck_assert_mem_eq(labels, ((const uint8_t[]){0, 1, 1, 1, 255, 0, 1}), 7);
}
END_TEST

/* Of left hands only: two stray pixels of the right halve the mean of two classes. */
START_TEST(where_a_set_labels_one_hand_the_means_are_of_one_class)
{
    const hs_confusion confusion = {.classes = 3, .count = {{90, 2, 4}, {0}, {1, 3, 8}}};
    hs_dataset_info data = {
        .classes = 3, .labels = {"background", "right", "left"}, .hands = "left"};
    hs_metrics m = hs_metrics_of_set(&confusion, &data);
    ck_assert_double_eq(m.of[1].iou, 0);
    ck_assert_double_eq_tol(m.of[2].iou, 8 / 16., 1e-15);
    ck_assert_double_eq_tol(m.hands.iou, 11 / 18., 1e-15);
    ck_assert_double_eq_tol(m.all.iou, (11 / 18. + 90 / 97.) / 2, 1e-15);
    ck_assert_double_eq_tol(m.accuracy, 101 / 108., 1e-15);
    ck_assert_str_eq(hs_one_hand(&data),
                     "left and right count as one: the set labels left hands only");
    data.hands = "both";
    m = hs_metrics_of_set(&confusion, &data);
    ck_assert_double_eq_tol(m.hands.iou, 8 / 16. / 2, 1e-15);
    ck_assert_ptr_null(hs_one_hand(&data));
    /* One class: there is nothing to merge. */
    data = (hs_dataset_info){.classes = 2, .labels = {"background", "left"}, .hands = "left"};
    ck_assert_ptr_null(hs_one_hand(&data));
}
END_TEST

START_TEST(an_absent_class_has_no_figures_and_no_part_in_means)
{
    hs_confusion confusion = {.classes = 3, .count = {{90, 2, 0}, {1, 7, 0}}};
    hs_metrics m = hs_metrics_of(&confusion);
    ck_assert(isnan(m.of[2].iou) && isnan(m.of[2].iou_binary_mean));
    ck_assert(isnan(m.of[2].precision) && isnan(m.of[2].recall));
    ck_assert_double_eq(m.hands.iou, 0.7);
    ck_assert_double_eq_tol(m.all.iou, (0.7 + 90 / 93.) / 2, 1e-15);
    /* Predicted though absent: wrong, not undefined. */
    confusion.count[0][2] = 5;
    m = hs_metrics_of(&confusion);
    ck_assert_double_eq(m.of[2].iou, 0);
    ck_assert_double_eq(m.of[2].precision, 0);
    ck_assert(isnan(m.of[2].recall));
    ck_assert_double_eq(m.hands.iou, 0.35);
    /* Nothing counted at all. */
    hs_confusion empty = {.classes = 3};
    m = hs_metrics_of(&empty);
    ck_assert(isnan(m.hands.iou) && isnan(m.all.iou) && isnan(m.accuracy));
    /* Only one class, always found. */
    hs_confusion one = {.classes = 2, .count = {{10}}};
    ck_assert_double_eq(hs_metrics_of(&one).of[0].iou_binary_mean, 1);
}
END_TEST

START_TEST(labels_that_are_no_class_are_refused)
{
    const uint8_t good[] = {0, 1, 1}, bad[] = {0, 1, 3};
    hs_confusion confusion = {.classes = 3};
    ck_assert_error(hs_confusion_add(&confusion, bad, good, 3), HS_ERR_DATA,
                    "pixel 2: got truth 3 and prediction 1, expected labels from 0 to 2");
    ck_assert_error(hs_confusion_add(&confusion, good, bad, 3), HS_ERR_DATA, "prediction 3");
    ck_assert_uint_eq(confusion.count[0][0], 0);
}
END_TEST

START_TEST(counts_do_not_depend_on_threads_or_on_the_order_of_merging)
{
    enum { N = 300007 };
    uint8_t *truth = malloc(N), *prediction = malloc(N);
    hs_rng rng = hs_rng_make(11, 0, 0, HS_PURPOSE_TEST);
    for (int i = 0; i < N; i++) {
        truth[i] = (uint8_t)hs_rng_below(&rng, 4);
        truth[i] = truth[i] == 3 ? HS_METRICS_IGNORE : truth[i];
        prediction[i] = (uint8_t)hs_rng_below(&rng, 3);
    }
    hs_confusion plain = {.classes = 3};
    for (int i = 0; i < N; i++)
        if (truth[i] != HS_METRICS_IGNORE)
            plain.count[truth[i]][prediction[i]]++;
    int threads = omp_get_max_threads();
    for (int t = 1; t <= 4; t++) {
        omp_set_num_threads(t);
        hs_confusion whole = {.classes = 3}, part = {.classes = 3}, merged = {.classes = 3};
        ck_assert_ok(hs_confusion_add(&whole, truth, prediction, N));
        ck_assert(memcmp(&plain, &whole, sizeof whole) == 0);
        ck_assert_ok(hs_confusion_add(&merged, truth + 1234, prediction + 1234, N - 1234));
        ck_assert_ok(hs_confusion_add(&part, truth, prediction, 1234));
        hs_confusion_merge(&merged, &part);
        ck_assert(memcmp(&plain, &merged, sizeof merged) == 0);
    }
    omp_set_num_threads(threads);
    free(truth);
    free(prediction);
}
END_TEST

/* A confusion of {rest, hand} with this precision, recall and share of hand pixels. */
static hs_class_metrics hand_metrics(double precision, double recall, double share)
{
    const double total = 1e12;
    double both = total * share * recall, extra = both / precision - both;
    double missed = total * share - both, neither = total - both - extra - missed;
    hs_confusion confusion = {
        .classes = 2,
        .count = {{(uint64_t)neither, (uint64_t)extra}, {(uint64_t)missed, (uint64_t)both}}};
    return hs_metrics_of(&confusion).of[1];
}

/* Table 3: from 5k to 160k training frames. Its means of IoU by the definition, which follow from
 * its precision and recall, give the printed means; both hands alike, precision equal to recall. */
START_TEST(the_printed_sizes_are_iou_binary_mean)
{
    static const double rows[][2] = {{87.2, 74.8}, {90.2, 80.8}, {93.4, 87.1},
                                     {95.3, 90.7}, {95.5, 91.1}, {97.2, 94.5}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double iou = rows[i][1] / 100, both = 2 * iou / (1 + iou); /* of precision and recall */
        hs_class_metrics m = hand_metrics(both, both, 0.015);
        ck_assert_double_eq_tol(m.iou, iou, 1e-9);
        ck_assert_double_eq_tol(100 * m.iou_binary_mean, rows[i][0], 0.3);
    }
}
END_TEST

/* Table 2 of HandSeg (arXiv 1711.05944 v1), left and right hand. One hand covers about 1.5 % of the
 * pixels. The printed IoU of the networks is iou_binary_mean, that of the forest is iou. */
START_TEST(the_printed_tables_are_iou_binary_mean)
{
    static const struct {
        const char *name;
        double printed, precision, recall, iou;
    } rows[] = {
        {"FCN32s left", 78.2, 78.2, 67.9, 57.1},   {"FCN32s right", 78.1, 77.8, 68.1, 57.1},
        {"SegNet left", 92.1, 88.7, 94.6, 84.4},   {"SegNet right", 83.4, 71.5, 92.2, 67.4},
        {"Proposed left", 97.6, 98.2, 96.8, 95.1}, {"Proposed right", 96.9, 98.7, 95.1, 93.9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hs_class_metrics m = hand_metrics(rows[i].precision / 100, rows[i].recall / 100, 0.015);
        ck_assert_double_eq_tol(100 * m.precision, rows[i].precision, 1e-6);
        ck_assert_double_eq_tol(100 * m.recall, rows[i].recall, 1e-6);
        ck_assert_msg(fabs(100 * m.iou_binary_mean - rows[i].printed) < 0.3, "%s: %.2f %.2f",
                      rows[i].name, 100 * m.iou_binary_mean, rows[i].printed);
        ck_assert_msg(fabs(100 * m.iou - rows[i].iou) < 0.1, "%s: %.2f", rows[i].name, 100 * m.iou);
    }
    hs_class_metrics left = hand_metrics(0.919, 0.882, 0.015);
    hs_class_metrics right = hand_metrics(0.891, 0.962, 0.015);
    ck_assert_double_eq_tol(100 * left.iou, 82.5, 0.8);
    ck_assert_double_eq_tol(100 * right.iou, 86.4, 0.8);
    ck_assert_double_eq_tol(100 * (left.iou + right.iou) / 2, 84.0, 0.1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tests = tcase_create("metrics");
    tcase_add_test(tests, merged_hands_are_one_class);
    tcase_add_test(tests, where_a_set_labels_one_hand_the_means_are_of_one_class);
    tcase_add_test(tests, a_case_counted_by_hand);
    tcase_add_test(tests, an_absent_class_has_no_figures_and_no_part_in_means);
    tcase_add_test(tests, labels_that_are_no_class_are_refused);
    tcase_add_test(tests, counts_do_not_depend_on_threads_or_on_the_order_of_merging);
    tcase_add_test(tests, the_printed_tables_are_iou_binary_mean);
    tcase_add_test(tests, the_printed_sizes_are_iou_binary_mean);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

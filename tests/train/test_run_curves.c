/* log.csv read back: whole, cut, without loss, and what is no log. */
#include "support/files.h"
#include "support/suite.h"
#include "train/run_curves.h"
#include "train/run_log.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const labels[] = {"background", "right", "left"};

static hs_status read(const char *text, hs_run_curves *curves)
{
    hs_test_write(hs_test_path("log.csv"), text, strlen(text));
    *curves = (hs_run_curves){0};
    return hs_run_curves_read(hs_test_path("log.csv"), labels, 3, curves);
}

START_TEST(what_was_logged_is_read)
{
    enum { STEPS = 37 };
    hs_run_log log;
    hs_run_curves curves = {0};
    hs_metrics metrics = {.classes = 3};
    metrics.of[0].iou = 0.9;
    metrics.of[2].iou = 0.25;
    metrics.of[1].iou = NAN; /* no right hand in the validation split */
    metrics.hands.iou = 0.25;
    ck_assert_ok(hs_run_log_open(&log, hs_test_folder(), 0, HS_RUN_LOG_COLUMNS, labels, 3));
    for (int64_t step = 1; step <= STEPS; step++) {
        hs_log_row row = {.step = step,
                          .epoch = 1,
                          .loss = step == 5 ? NAN : 1 / (double)step,
                          .validation = step % 10 == 0 ? &metrics : NULL,
                          .validation_loss = NAN};
        ck_assert_ok(hs_run_log_write(&log, &row));
    }
    hs_run_log_close(&log);
    ck_assert_ok(hs_run_curves_read(hs_test_path("log.csv"), labels, 3, &curves));
    ck_assert(!curves.cut && curves.rows == STEPS);
    ck_assert_uint_eq(curves.loss.n, STEPS - 1);
    ck_assert_double_eq(curves.loss.x[4], 6); /* the fifth was no number */
    ck_assert_double_eq_tol(curves.loss.y[4], 1 / 6., 1e-8);
    ck_assert_uint_eq(curves.iou[0].n, 3);
    ck_assert_uint_eq(curves.iou[1].n, 0);
    ck_assert_uint_eq(curves.iou[2].n, 3);
    ck_assert_double_eq(curves.iou[2].x[2], 30);
    ck_assert_double_eq(curves.iou[2].y[2], 0.25);
    ck_assert_str_eq(curves.iou[2].label, "left");
    hs_run_curves_free(&curves);
}
END_TEST

#define HEADER "step,loss,val_iou_background,val_iou_right,val_iou_left\n"

START_TEST(a_cut_line_is_passed_over)
{
    hs_run_curves curves;
    ck_assert_ok(read(HEADER "1,0.5,,,\n2,0.25,,,\n3,0.1", &curves));
    ck_assert(curves.cut && curves.rows == 2 && curves.loss.n == 2);
    hs_run_curves_free(&curves);
    /* Cut where a number still is one. */
    ck_assert_ok(read(HEADER "1,0.5,,,\n2,0.25,0.5,0.5,0.", &curves));
    ck_assert(curves.cut && curves.rows == 1 && curves.iou[2].n == 0);
    hs_run_curves_free(&curves);
    ck_assert_ok(read(HEADER, &curves));
    ck_assert(!curves.cut && curves.rows == 0 && curves.loss.n == 0);
    hs_run_curves_free(&curves);
    ck_assert_error(read("step,lo", &curves), HS_ERR_FORMAT, "a first line without its end");
    hs_run_curves_free(&curves);
}
END_TEST

START_TEST(a_log_may_have_no_loss)
{
    hs_run_curves curves;
    ck_assert_ok(
        read("step,val_iou_background,val_iou_right,val_iou_left\n4,1,0.5,0.25\n", &curves));
    ck_assert_uint_eq(curves.loss.n, 0);
    ck_assert_double_eq(curves.iou[1].y[0], 0.5);
    hs_run_curves_free(&curves);
}
END_TEST

START_TEST(what_is_no_log_is_refused)
{
    hs_run_curves curves;
    ck_assert_error(read("", &curves), HS_ERR_FORMAT, "log.csv: got an empty file");
    hs_run_curves_free(&curves);
    ck_assert_error(read("a,b\n1,2\n", &curves), HS_ERR_FORMAT, "no column 'step'");
    hs_run_curves_free(&curves);
    ck_assert_error(read("step,loss,val_iou_background,val_iou_hand\n", &curves), HS_ERR_FORMAT,
                    "no column 'val_iou_right'");
    hs_run_curves_free(&curves);
    ck_assert_error(read(HEADER "1,0.5,,,\n2,x,,,\n", &curves), HS_ERR_FORMAT,
                    "log.csv:3: loss: got 'x', expected a number");
    hs_run_curves_free(&curves);
    ck_assert_error(read(HEADER "2,0.5,,,\n2,0.5,,,\n", &curves), HS_ERR_FORMAT,
                    "log.csv:3: step: got '2', expected one after 2");
    hs_run_curves_free(&curves);
    ck_assert_error(read(HEADER "1,0.5\n", &curves), HS_ERR_FORMAT, "got 2 columns, expected 5");
    hs_run_curves_free(&curves);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run_curves");
    TCase *tests = tcase_create("run_curves");
    tcase_add_test(tests, what_was_logged_is_read);
    tcase_add_test(tests, a_cut_line_is_passed_over);
    tcase_add_test(tests, a_log_may_have_no_loss);
    tcase_add_test(tests, what_is_no_log_is_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

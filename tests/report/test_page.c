/* The page of a report: text that stays text, pictures in base64, axes, and what it says. */
#include "report/html.h"
#include "report/page.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What `write` writes; a static string. */
static char written[1 << 20];
static FILE *begin(void)
{
    memset(written, 0, sizeof written);
    return fmemopen(written, sizeof written - 1, "w");
}

static int count(const char *what)
{
    int n = 0;
    for (const char *at = written; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

START_TEST(text_cannot_become_markup)
{
    FILE *file = begin();
    hs_html_text(file, "a<b>&\"'\x01\n\tü");
    fclose(file);
    ck_assert_str_eq(written, "a&lt;b&gt;&amp;&quot;&#39;?\n\tü");
    ck_assert_uint_eq(hs_html_length("aüb–"), 4);
}
END_TEST

START_TEST(base64_of_rfc_4648)
{
    static const char *const cases[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *file = begin();
        hs_html_base64(file, (const uint8_t *)cases[i][0], strlen(cases[i][0]));
        fclose(file);
        ck_assert_str_eq(written, cases[i][1]);
    }
    const uint8_t high[] = {0xfb, 0xff, 0xfe};
    FILE *file = begin();
    hs_html_base64(file, high, 3);
    fclose(file);
    ck_assert_str_eq(written, "+//+");
}
END_TEST

static void check_marks(int n, const double *marks, int expected_n, const double *expected)
{
    ck_assert_int_eq(n, expected_n);
    for (int i = 0; i < n; i++)
        ck_assert_double_eq_tol(marks[i], expected[i], 1e-9 * fabs(expected[i]) + 1e-15);
}

START_TEST(axes_have_round_marks)
{
    double marks[HS_CHART_MARKS];
    check_marks(hs_chart_marks(0, 1, marks), marks, 6, (const double[]){0, .2, .4, .6, .8, 1});
    ck_assert(!signbit(marks[0]));
    check_marks(hs_chart_marks(0, 2000, marks), marks, 5,
                (const double[]){0, 500, 1000, 1500, 2000});
    check_marks(hs_chart_marks(0, 69, marks), marks, 4, (const double[]){0, 20, 40, 60});
    check_marks(hs_chart_log_marks(0.01, 2, marks), marks, 8,
                (const double[]){.01, .02, .05, .1, .2, .5, 1, 2});
    check_marks(hs_chart_log_marks(1e-3, 1, marks), marks, 4,
                (const double[]){1e-3, 1e-2, 1e-1, 1});
    for (double high = 1e-7; high < 1e9; high *= 1.7) {
        int n = hs_chart_marks(0, high, marks);
        ck_assert(n >= 3 && n <= HS_CHART_MARKS - 1 && marks[n - 1] <= high * (1 + 1e-8));
        n = hs_chart_log_marks(1e-8, high, marks);
        ck_assert(n >= 1 && n <= HS_CHART_MARKS);
    }
}
END_TEST

START_TEST(charts_of_few_or_odd_points_hold_only_numbers)
{
    static const char *const colours[] = {"c1"};
    double x[] = {1, 2, 3}, y[] = {0.5, 0, 7};
    for (uint32_t n = 0; n <= 3; n++)
        for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
            hs_curve curve = {"a & b", x, y, n};
            hs_chart chart = {.title = "t<",
                              .x_label = "x",
                              .classes = colours,
                              .curves = &curve,
                              .n = 1,
                              .dots = true,
                              .logarithmic = logarithmic,
                              .high = 1};
            FILE *file = begin();
            hs_chart_write(file, &chart);
            fclose(file);
            ck_assert_int_eq(count("nan"), 0);
            ck_assert_int_eq(count("inf"), 0);
            ck_assert_int_eq(count("t<"), 0);
            ck_assert_int_eq(count("<circle"), (int)n);
            ck_assert_int_eq(count("</svg>"), 1);
        }
}
END_TEST

static const char *const labels[] = {"back<ground>", "right", "left"};

/* A run that says nothing but its name and a confusion matrix. */
static hs_page_run make_run(const char *name, uint64_t found)
{
    static const hs_curve none[3] = {
        {"a", NULL, NULL, 0}, {"b", NULL, NULL, 0}, {"c", NULL, NULL, 0}};
    hs_page_run run = {
        .name = name,
        .classes = 3,
        .labels = labels,
        .trained = true,
        .iou = none,
        .n_iou = 3,
        .confusion = {.classes = 3, .count = {{900, 3, 2}, {1, found, 0}, {5, 1, 40}}},
        .units = "4 people",
        .interval = {0.5, 0.7, 100},
        .boundary = {NAN, 0.25, NAN},
        .boundary_hands = 0.25,
        .frames_file = "x.csv",
        .config = "[a]\nb = </pre>\n"};
    run.metrics = hs_metrics_of(&run.confusion);
    return run;
}

START_TEST(a_page_of_one_run_stands_alone)
{
    hs_page_run run = make_run("<script>alert(1)</script>", 60);
    const char *const notes[] = {"mind & see"};
    const uint8_t png[] = {1, 2, 3};
    const hs_page_picture picture = {png, 3, 4, 5, "the \"worst\""};
    run.notes = notes;
    run.n_notes = 1;
    run.pictures = &picture;
    run.n_pictures = 1;
    run.calibrated = true;
    run.calibration.pixels[9] = 10;
    run.calibration.correct[9] = 5;
    run.calibration.confidence[9] = 9.5;
    const hs_page page = {
        .title = "a <title>", .runs = &run, .n_runs = 1, .samples = 100, .level = 0.95};
    FILE *file = begin();
    hs_page_write(file, &page);
    fclose(file);
    ck_assert_int_eq(count("<script"), 0);
    ck_assert_int_eq(count("http"), 0);
    ck_assert_int_eq(count("back<ground>"), 0);
    ck_assert_int_eq(count("</pre>"), 1);
    ck_assert_int_eq(count("mind &amp; see"), 1);
    ck_assert_int_eq(count("src=\"data:image/png;base64,AQID\""), 1);
    ck_assert_int_eq(count("src="), 1);
    ck_assert_int_eq(count("All runs"), 0);
    ck_assert_int_eq(count("Expected calibration error 45.00 %"), 1);
    ck_assert_int_eq(count("50.00 to 70.00 %"), 1);
    ck_assert_int_eq(count("<td>92.31</td>"), 1); /* IoU of right, 60 / 65 */
    ck_assert_int_eq(count("The log holds no loss."), 1);
    ck_assert_int_eq(count("@media print"), 1);
    ck_assert_int_eq(count("nan"), 0);
    ck_assert_ptr_nonnull(strstr(written, "</html>\n"));
}
END_TEST

START_TEST(runs_are_compared_in_words)
{
    hs_page_run runs[] = {make_run("one", 60), make_run("two", 20)};
    hs_page_pair pairs[] = {
        {.first = "one",
         .second = "two",
         .difference = 0.1,
         .interval = {0.02, 0.2, 9},
         .p = 0.031},
        {.first = "one",
         .second = "two",
         .difference = -0.1,
         .interval = {-0.2, -0.02, 9},
         .p = 1e-5},
        {.first = "one",
         .second = "two",
         .difference = 0.1,
         .interval = {0.01, 0.2, 9},
         .p = 0.0625},
        {.first = "one", .second = "two", .difference = 0, .interval = {0, 0, 9}, .p = 1},
        {.first = "one", .second = "two", .difference = NAN, .interval = {NAN, NAN, 0}, .p = NAN},
        {.first = "one", .second = "two", .obstacle = "other frames"},
    };
    hs_page page = {.title = "t", .runs = runs, .n_runs = 2, .pairs = pairs, .n_pairs = 6};
    for (int i = 0; i < 5; i++)
        pairs[i].units = "4 people", pairs[i].ways = "all 16 ways";
    FILE *file = begin();
    hs_page_write(file, &page);
    fclose(file);
    ck_assert_int_eq(count("real: one is better"), 1);
    ck_assert_int_eq(count("real: two is better"), 1);
    ck_assert_int_eq(count("not shown to be real"), 2);
    ck_assert_int_eq(count("nothing to compare"), 1);
    ck_assert_int_eq(count("<td>0.0310<small>all 16 ways</small></td>"), 1);
    ck_assert_int_eq(count("<td>&lt; 0.0001<small>"), 1);
    ck_assert_int_eq(count("<td>0.0625<small>"), 1);
    ck_assert_int_eq(count("not compared: other frames"), 1);
    ck_assert_int_eq(count("no probabilities"), 4); /* in the summary and in each run */
    ck_assert_int_eq(count("<h2>"), 5);             /* all, against, one, two, made with */
    ck_assert_int_eq(count("nan"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page");
    TCase *tests = tcase_create("page");
    tcase_add_test(tests, text_cannot_become_markup);
    tcase_add_test(tests, base64_of_rfc_4648);
    tcase_add_test(tests, axes_have_round_marks);
    tcase_add_test(tests, charts_of_few_or_odd_points_hold_only_numbers);
    tcase_add_test(tests, a_page_of_one_run_stands_alone);
    tcase_add_test(tests, runs_are_compared_in_words);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

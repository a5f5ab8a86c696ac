/* Tables in every format, escaping, and the tables of metrics. */
#include "report/metrics_table.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static hs_table sample(void)
{
    hs_table table = hs_table_make("nets", "Nets_1");
    hs_table_text_column(&table, "name", "name");
    hs_table_number_column(&table, "iou", "IoU %", 1, 100);
    hs_table_number_column(&table, "pixels", "pixels", 0, 1);
    hs_row *row = hs_table_row(&table);
    row->cells[0].text = "a,\"b\"|c_d&e";
    row->cells[1].number = 0.9451;
    row->cells[2].number = 1234567;
    row = hs_table_row(&table);
    row->ruled = true;
    row->cells[0].text = "caf\xC3\xA9";
    return table;
}

/* The caller frees the text. */
static char *written(const hs_table *tables, int n, hs_table_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    hs_tables_write(tables, n, format, file);
    fclose(file);
    return text;
}

START_TEST(each_format_shows_the_same_table)
{
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"text", "Nets_1\n"
                 "\n"
                 "name         IoU %   pixels\n"
                 "---------------------------\n"
                 "a,\"b\"|c_d&e   94.5  1234567\n"
                 "---------------------------\n"
                 "caf\xC3\xA9             -        -\n"},
        {"csv", "name,iou,pixels\n\"a,\"\"b\"\"|c_d&e\",0.9451,1234567\ncaf\xC3\xA9,,\n"},
        {"json", "{\n  \"nets\": [\n    {\n      \"name\": \"a,\\\"b\\\"|c_d&e\",\n"
                 "      \"iou\": 0.9451,\n      \"pixels\": 1234567\n    },\n    {\n"
                 "      \"name\": \"caf\xC3\xA9\",\n      \"iou\": null,\n      \"pixels\": null\n"
                 "    }\n  ]\n}\n"},
        {"markdown", "**Nets\\_1**\n\n"
                     "| name          | IoU % |  pixels |\n"
                     "|:--------------|------:|--------:|\n"
                     "| a,\"b\"\\|c\\_d&e |  94.5 | 1234567 |\n"
                     "| caf\xC3\xA9          |     - |       - |\n"},
        {"latex", "\\begin{table}\n\\centering\n\\caption{Nets\\_1}\n\\begin{tabular}{lrr}\n"
                  "\\hline\n"
                  "  name                   & IoU \\% &  pixels \\\\\n"
                  "\\hline\n"
                  "  a,\"b\"\\textbar{}c\\_d\\&e &   94.5 & 1234567 \\\\\n"
                  "\\hline\n"
                  "  caf\xC3\xA9                   &      - &       - \\\\\n"
                  "\\hline\n\\end{tabular}\n\\end{table}\n"},
    };
    hs_table table = sample();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_table_format format;
        ck_assert_ok(hs_table_format_of(cases[i].name, &format));
        char *text = written(&table, 1, format);
        ck_assert_str_eq(text, cases[i].expected);
        free(text);
    }
    hs_table_free(&table);
}
END_TEST

START_TEST(a_wrong_format_gets_the_nearest_name)
{
    hs_table_format format;
    ck_assert_error(hs_table_format_of("markdwon", &format), HS_ERR_USAGE,
                    "format: got 'markdwon', expected");
    ck_assert_str_eq(hs_error_hint(), "did you mean 'markdown'?");
}
END_TEST

START_TEST(several_tables_are_kept_apart)
{
    hs_table tables[] = {sample(), sample()};
    char *text = written(tables, 2, HS_TABLE_CSV);
    ck_assert_ptr_nonnull(strstr(text, ",,\n\nname,iou,pixels\n"));
    free(text);
    hs_table_free(&tables[0]);
    hs_table_free(&tables[1]);
}
END_TEST

START_TEST(special_characters_are_escaped)
{
    hs_table table = hs_table_make("t", "a\nb");
    hs_table_text_column(&table, "x", "50% {$}");
    hs_table_row(&table)->cells[0].text = "\\~^<>#\tx`*";
    char *latex = written(&table, 1, HS_TABLE_LATEX),
         *markdown = written(&table, 1, HS_TABLE_MARKDOWN);
    ck_assert_ptr_nonnull(strstr(latex, "50\\% \\{\\$\\}"));
    ck_assert_ptr_nonnull(strstr(latex, "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}"
                                        "\\textless{}\\textgreater{}\\# x`*"));
    ck_assert_ptr_nonnull(strstr(latex, "\\caption{a b}"));
    ck_assert_ptr_nonnull(strstr(markdown, "\\\\~^&lt;># x\\`\\*"));
    free(latex);
    free(markdown);
    hs_table_free(&table);
}
END_TEST

START_TEST(metrics_become_tables)
{
    static const char *const names[] = {"background", "right", "left"};
    hs_confusion confusion = {.classes = 3, .count = {{90, 2, 0}, {1, 7, 0}, {0, 0, 0}}};
    hs_metrics metrics = hs_metrics_of(&confusion);
    hs_table tables[] = {hs_metrics_class_table(&metrics, names, "Classes"),
                         hs_metrics_model_table(names, 3, "Models")};
    hs_metrics_model_row(&tables[1], "net", &metrics);
    char *text = written(tables, 1, HS_TABLE_TEXT);
    ck_assert_str_eq(text,
                     "Classes\n\n"
                     "class          IoU %  IoU (binary mean) %  precision %  recall %  pixels\n"
                     "------------------------------------------------------------------------\n"
                     "left               -                    -            -         -       0\n"
                     "right          70.00                83.39        77.78     87.50       8\n"
                     "background     96.77                83.39        98.90     97.83      92\n"
                     "------------------------------------------------------------------------\n"
                     "mean of hands  70.00                83.39        77.78     87.50       8\n"
                     "mean of all    83.39                83.39        88.34     92.66     100\n");
    free(text);
    text = written(tables + 1, 1, HS_TABLE_CSV);
    ck_assert_ptr_nonnull(strstr(text, "model,miou,miou_binary_mean,miou_all,accuracy,iou_left,"
                                       "iou_right,iou_background,precision_left,"));
    ck_assert_ptr_nonnull(strstr(text, "\nnet,0.7,"));
    ck_assert_ptr_nonnull(strstr(text, ",0.97,,0.7,"));   /* accuracy, IoU left, right */
    ck_assert_ptr_nonnull(strstr(text, ",,0.875,0.978")); /* recall left, right, background */
    free(text);
    hs_table_free(&tables[0]);
    hs_table_free(&tables[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("table");
    tcase_add_test(tests, each_format_shows_the_same_table);
    tcase_add_test(tests, a_wrong_format_gets_the_nearest_name);
    tcase_add_test(tests, several_tables_are_kept_apart);
    tcase_add_test(tests, special_characters_are_escaped);
    tcase_add_test(tests, metrics_become_tables);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* calib.ini and the --range of a command line. */
#include "glove/range.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

static hs_status read_text(const char *text, hs_gloves *gloves, hs_glove_evidence *evidence)
{
    hs_ini ini = {0};
    hs_status status;
    HS_TRY(hs_ini_parse(&ini, "calib.ini", text, strlen(text)));
    HS_TRY(hs_gloves_read(&ini, "calib.ini", gloves, evidence));
exit:
    hs_ini_free(&ini);
    return status;
}

START_TEST(what_is_written_is_read)
{
    const hs_gloves gloves = {{{{28, 70}, {35, 200}, {100, 255}}, {{175, 15}, {160, 255}, {0, 9}}},
                              {true, true}};
    const hs_glove_evidence evidence = {{91230, 5}, {24, 1}};
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    hs_gloves_write(&gloves, &evidence, file);
    fclose(file);
    hs_gloves back;
    hs_glove_evidence back_evidence;
    ck_assert_ok(read_text(text, &back, &back_evidence));
    ck_assert_mem_eq(&back, &gloves, sizeof gloves);
    ck_assert_mem_eq(&back_evidence, &evidence, sizeof evidence);
    free(text);

    ck_assert_ok(
        read_text("[other]\n[glove left]\nhue=1,2\nsaturation=3\nvalue=4, 5\n", &back, NULL));
    ck_assert(!back.worn[0] && back.worn[1]);
    ck_assert_uint_eq(back.range[1].saturation[0], 3);
    ck_assert_uint_eq(back.range[1].saturation[1], 3);
}
END_TEST

START_TEST(wrong_files_are_refused)
{
#define REST "saturation=1,2\nvalue=1,2\n"
    static const char *const wrong[][2] = {
        {"", "calib.ini: no glove, expected a section [glove right] or [glove left]"},
        {"[glove middle]\n", "calib.ini:1: [glove middle]: no such glove"},
        {"[glove]\n", "calib.ini:1: [glove]: no such glove"},
        {"[glove left]\n" REST, "[glove left]: 'hue' is missing"},
        {"[glove left]\nhue=1,180\n" REST, "calib.ini:2: [glove left] hue: got '1,180'"},
        {"[glove left]\nhue=a\n" REST, "hue: got 'a', expected one or two whole numbers"},
        {"[glove left]\nhue=1,2\nsaturation=9,8\nvalue=1,2\n",
         "calib.ini:3: [glove left] saturation: got '9,8', expected low, high"},
        {"[glove left]\nhue=1,2\nsaturation=8,9\nvalue=2,1\n", "value: got '2,1'"},
        {"[glove left]\nhue=1,2\nhues=3\n" REST, "calib.ini:3: [glove left]: unknown key 'hues'"},
        {"[glove left]\nhue=1,2\n" REST "[glove left]\n", "calib.ini:5"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hs_gloves gloves;
        ck_assert_error(read_text(wrong[i][0], &gloves, NULL), HS_ERR_CONFIG, wrong[i][1]);
    }
}
END_TEST

START_TEST(ranges_are_parsed)
{
    hs_gloves gloves = {0};
    char text[64];
    ck_assert_ok(hs_gloves_parse("left=170-8,160-255,0-99", &gloves));
    ck_assert(!gloves.worn[0] && gloves.worn[1]);
    hs_glove_range_format(&gloves.range[1], text, sizeof text);
    ck_assert_str_eq(text, "170-8,160-255,0-99");
    static const char *const wrong[] = {
        "",
        "left",
        "both=1-2,3-4,5-6",
        "left=1-2,3-4",
        "left=1-2,4-3,5-6",
        "left=1-180,3-4,5-6",
        "left=1-2,3-4,5-256",
        "left=1-2,3-4,5-6,",
        "left=-1-2,3-4,5-6",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_error(hs_gloves_parse(wrong[i], &gloves), HS_ERR_USAGE, wrong[i]);
}
END_TEST

/* Against every hue, over all pairs of some arcs. */
START_TEST(overlap_is_a_common_colour)
{
    static const uint8_t ends[] = {0, 1, 20, 89, 90, 178, 179};
    enum { N = sizeof ends };
    for (int i = 0; i < N * N * N * N; i++) {
        hs_glove_range a = {{ends[i % N], ends[i / N % N]}, {5, 9}, {0, 255}};
        hs_glove_range b = {{ends[i / N / N % N], ends[i / N / N / N]}, {9, 12}, {7, 8}};
        bool common = false;
        for (int h = 0; h < 180; h++) {
            const hs_glove_range *both[2] = {&a, &b};
            int inside = 0;
            for (int k = 0; k < 2; k++) {
                int low = both[k]->hue[0], high = both[k]->hue[1];
                inside += (high - low + 180) % 180 >= (h - low + 180) % 180;
            }
            common |= inside == 2;
        }
        ck_assert_int_eq(hs_glove_ranges_overlap(&a, &b), common);
        b.saturation[0] = 10;
        ck_assert(!hs_glove_ranges_overlap(&a, &b));
        b.saturation[0] = 0;
        a.value[1] = 6;
        ck_assert(!hs_glove_ranges_overlap(&a, &b));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("range");
    TCase *tests = tcase_create("range");
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, wrong_files_are_refused);
    tcase_add_test(tests, ranges_are_parsed);
    tcase_add_test(tests, overlap_is_a_common_colour);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

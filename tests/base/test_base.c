/* Random numbers, text helpers, errors, arenas. */
#include "base/memory.h"
#include "base/rng.h"
#include "base/status.h"
#include "base/text.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Known answers of the authors' Random123 distribution (kat_vectors, philox 4x32, 10 rounds). */
START_TEST(philox_known_answers)
{
    uint32_t out[4];
    hs_philox((uint32_t[4]){0}, (uint32_t[2]){0}, out);
    ck_assert_uint_eq(out[0], 0x6627e8d5);
    ck_assert_uint_eq(out[3], 0x9b00dbd8);
    hs_philox((uint32_t[4]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
              (uint32_t[2]){0xa4093822, 0x299f31d0}, out);
    ck_assert_uint_eq(out[0], 0xd16cfe09);
    ck_assert_uint_eq(out[1], 0x94fdcceb);
    ck_assert_uint_eq(out[2], 0x5001e420);
    ck_assert_uint_eq(out[3], 0x24126ea1);
}
END_TEST

START_TEST(streams_differ_by_every_part_of_the_key)
{
    hs_rng a = hs_rng_make(1, 2, 3, HS_PURPOSE_TEST), b = hs_rng_make(1, 2, 3, HS_PURPOSE_TEST);
    ck_assert_uint_eq(hs_rng_u32(&a), hs_rng_u32(&b));
    hs_rng others[] = {hs_rng_make(9, 2, 3, HS_PURPOSE_TEST), hs_rng_make(1, 9, 3, HS_PURPOSE_TEST),
                       hs_rng_make(1, 2, 9, HS_PURPOSE_TEST),
                       hs_rng_make(1, 2, 3, HS_PURPOSE_INIT)};
    uint32_t value = hs_rng_u32(&a);
    for (int i = 0; i < 4; i++) {
        hs_rng_u32(&others[i]);
        ck_assert_uint_ne(hs_rng_u32(&others[i]), value);
    }
}
END_TEST

START_TEST(draws_have_their_distributions)
{
    enum { N = 200000 };
    hs_rng rng = hs_rng_make(7, 0, 0, HS_PURPOSE_TEST);
    double sum = 0, square = 0;
    int bins[7] = {0};
    for (int i = 0; i < N; i++) {
        double x = hs_rng_normal(&rng);
        sum += x;
        square += x * x;
        bins[hs_rng_below(&rng, 7)]++;
    }
    ck_assert_double_lt(fabs(sum / N), 0.01);
    ck_assert_double_lt(fabs(square / N - 1), 0.02);
    for (int i = 0; i < 7; i++)
        ck_assert_int_lt(abs(bins[i] - N / 7), 900); /* 5.7 sigma */
}
END_TEST

START_TEST(permutation_holds_each_once)
{
    enum { N = 1000 };
    uint32_t order[N];
    bool seen[N] = {false};
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_SHUFFLE);
    hs_rng_permutation(&rng, order, N);
    int moved = 0;
    for (uint32_t i = 0; i < N; i++) {
        ck_assert(!seen[order[i]]);
        seen[order[i]] = true;
        moved += order[i] != i;
    }
    ck_assert_int_gt(moved, N - 20);
}
END_TEST

START_TEST(nearest_name_finds_typing_errors)
{
    const char *names[] = {"kernel", "stride", "padding", "filters"};
    ck_assert_str_eq(hs_nearest_name("kernal", names, 4), "kernel");
    ck_assert_str_eq(hs_nearest_name("fliters", names, 4), "filters");
    ck_assert_ptr_null(hs_nearest_name("zzzzzz", names, 4));
    char hint[128];
    hs_hint_names("qqq", names, 4, hint, sizeof hint);
    ck_assert_str_eq(hint, "one of: kernel, stride, padding, filters");
}
END_TEST

START_TEST(errors_carry_message_hint_and_context)
{
    ck_assert_int_eq(hs_error(HS_ERR_DATA, "do this", "mask: got %d, expected 0 to 2", 7),
                     HS_ERR_DATA);
    ck_assert_int_eq(hs_error_context(HS_ERR_DATA, "a.png"), HS_ERR_DATA);
    ck_assert_str_eq(hs_error_message(), "a.png: mask: got 7, expected 0 to 2");
    ck_assert_str_eq(hs_error_hint(), "do this");
    ck_assert_int_eq(hs_status_exit(HS_ERR_CONFIG), 2);
    ck_assert_int_eq(hs_status_exit(HS_ERR_DATA), 1);
}
END_TEST

START_TEST(memory_beyond_the_machine_is_refused_with_figures)
{
    void *memory;
    ck_assert_error(hs_allocate((size_t)1 << 46, "activations", &memory), HS_ERR_MEMORY,
                    "activations: needs 65536.00 GiB, available");
    ck_assert_ptr_null(memory);
}
END_TEST

/* Whether the mapping that holds an address is to lie on huge pages, as the system tells. */
static bool is_advised(const void *address)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    ck_assert_ptr_nonnull(maps);
    char line[1024];
    bool inside = false, advised = false;
    while (fgets(line, sizeof line, maps)) {
        unsigned long long first, end;
        if (sscanf(line, "%llx-%llx ", &first, &end) == 2)
            inside = first <= (uintptr_t)address && (uintptr_t)address < end;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            advised = strstr(line, " hg") != NULL;
    }
    fclose(maps);
    return advised;
}

START_TEST(large_memory_lies_on_huge_pages)
{
    enum { PAGES = 20 };
    size_t sizes[] = {1, HS_HUGE_PAGE - 1, HS_HUGE_PAGE, (size_t)PAGES * HS_HUGE_PAGE + 100};
    unsigned char *p;
    for (int i = 0; i < 4; i++) {
        ck_assert_ok(hs_allocate(sizes[i], "pages", (void **)&p));
        size_t alignment = sizes[i] < HS_HUGE_PAGE ? HS_ALIGNMENT : HS_HUGE_PAGE;
        ck_assert_uint_eq((uintptr_t)p % alignment, 0);
        for (size_t at = 0; at < sizes[i]; at++)
            if (p[at] != 0)
                ck_abort_msg("byte %zu of %zu is not zero", at, sizes[i]);
        memset(p, 1, sizes[i]); /* what the next may be given */
        if (i < 3)
            free(p);
    }
    if (access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0) {
        ck_assert(is_advised(p) && is_advised(p + (size_t)PAGES * HS_HUGE_PAGE - 1));
        ck_assert(!is_advised(p + (size_t)PAGES * HS_HUGE_PAGE));
    } else {
        hs_skip("huge pages: this system has none");
    }
    free(p);
}
END_TEST

START_TEST(json_is_well_formed)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    hs_json json = hs_json_start(file);
    hs_json_open(&json, NULL, '{');
    hs_json_string(&json, "a", "x\"y\n");
    hs_json_open(&json, "b", '[');
    hs_json_number(&json, NULL, 0.5);
    hs_json_number(&json, NULL, NAN);
    hs_json_close(&json, ']');
    hs_json_close(&json, '}');
    fclose(file);
    ck_assert_str_eq(text,
                     "{\n  \"a\": \"x\\\"y\\u000a\",\n  \"b\": [\n    0.5,\n    null\n  ]\n}\n");
    free(text);
}
END_TEST

START_TEST(json_is_utf8)
{
#define BAD "\xEF\xBF\xBD"
    static const char *const texts[][2] = {
        {"z\xC3\xA4h \xE2\x82\xAC \xF0\x9F\x96\x90 \x7F", NULL}, /* as it is */
        {"\xED\x9F\xBF \xEE\x80\x80 \xF4\x8F\xBF\xBF \xC2\x80 \xE0\xA0\x80", NULL},
        {"t\xFCr", "t" BAD "r"},                                    /* Latin-1 */
        {"\xC0\xAF \xC1\xBF", BAD BAD " " BAD BAD},                 /* overlong: '/' */
        {"\xE0\x9F\xBF", BAD BAD BAD},                              /* overlong */
        {"\xF0\x8F\xBF\xBF", BAD BAD BAD BAD},                      /* overlong */
        {"\xED\xA0\x80 \xED\xBF\xBF", BAD BAD BAD " " BAD BAD BAD}, /* surrogates */
        {"\xF4\x90\x80\x80", BAD BAD BAD BAD},                      /* above U+10FFFF */
        {"\xF5\x80\x80\x80\xFF", BAD BAD BAD BAD BAD},
        {"\x80"
         "a\xE2\x82",
         BAD "a" BAD BAD}, /* a tail alone, and a head */
        {"\xE2\"", BAD "\\\""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *text = NULL, expected[128];
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        hs_json json = hs_json_start(file);
        hs_json_string(&json, NULL, texts[i][0]);
        fclose(file);
        snprintf(expected, sizeof expected, "\"%s\"", texts[i][texts[i][1] != NULL]);
        ck_assert_str_eq(text, expected);
        free(text);
    }
#undef BAD
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");
    tcase_add_test(tests, philox_known_answers);
    tcase_add_test(tests, streams_differ_by_every_part_of_the_key);
    tcase_add_test(tests, draws_have_their_distributions);
    tcase_add_test(tests, permutation_holds_each_once);
    tcase_add_test(tests, nearest_name_finds_typing_errors);
    tcase_add_test(tests, errors_carry_message_hint_and_context);
    tcase_add_test(tests, memory_beyond_the_machine_is_refused_with_figures);
    tcase_add_test(tests, large_memory_lies_on_huge_pages);
    tcase_add_test(tests, json_is_well_formed);
    tcase_add_test(tests, json_is_utf8);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Configuration text: sections, entries, places, overrides, and what is refused. */
#include "base/rng.h"
#include "config/ini.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

static const char net[] = "# the net\n"
                          "[input]\n"
                          "\n"
                          "[conv enc1] ; first\n"
                          "  filters = 64 ; wide\n"
                          "kernel=4\n"
                          "[bn]\n"
                          "[conv enc2]\n"
                          "inputs: enc1,bn\n"
                          "note =";

static hs_status parse(hs_ini *ini, const char *text)
{
    return hs_ini_parse(ini, "net.ini", text, strlen(text));
}

static void assert_entry(const hs_ini *ini, const char *label, const char *key, const char *value)
{
    const hs_ini_section *section = hs_ini_find(ini, label);
    ck_assert_ptr_nonnull(section);
    const hs_ini_entry *entry = hs_ini_entry_find(section, key);
    ck_assert_ptr_nonnull(entry);
    ck_assert_str_eq(entry->value, value);
}

/* What hs_ini_write gives; the caller frees it. */
static char *written(const hs_ini *ini)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    hs_ini_write(ini, file);
    fclose(file);
    return text;
}

START_TEST(sections_and_entries_keep_order_and_place)
{
    hs_ini ini = {0};
    ck_assert_ok(parse(&ini, net));
    const char *titles[] = {"[input]", "[conv enc1]", "[bn]", "[conv enc2]"};
    const char *places[] = {"net.ini:2", "net.ini:4", "net.ini:7", "net.ini:8"};
    const hs_ini_section *section = ini.sections;
    for (int i = 0; i < 4; i++, section = section->next) {
        ck_assert_str_eq(section->title, titles[i]);
        ck_assert_str_eq(section->where, places[i]);
    }
    ck_assert_ptr_null(section);
    ck_assert_ptr_null(hs_ini_find(&ini, "input")->entries);
    ck_assert_ptr_null(hs_ini_find(&ini, "input")->name);
    assert_entry(&ini, "enc1", "filters", "64");
    assert_entry(&ini, "enc1", "kernel", "4");
    ck_assert_str_eq(hs_ini_entry_find(hs_ini_find(&ini, "enc1"), "kernel")->where, "net.ini:6");
    assert_entry(&ini, "enc2", "inputs", "enc1,bn");
    assert_entry(&ini, "enc2", "note", "");
    hs_ini_free(&ini);
}
END_TEST

START_TEST(line_endings_and_byte_order_marks_do_not_matter)
{
    hs_ini ini = {0};
    ck_assert_ok(parse(&ini, "\xEF\xBB\xBF[a]\r\n\tx = 1 \r\n\r\n[b]\r\ny=2\r\n"));
    assert_entry(&ini, "a", "x", "1");
    assert_entry(&ini, "b", "y", "2");
    ck_assert_str_eq(hs_ini_find(&ini, "b")->where, "net.ini:4");
    hs_ini_free(&ini);
}
END_TEST

START_TEST(what_is_no_configuration_is_refused_with_its_place)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[a]\nx=1\nnonsense\ny=2\n", "net.ini:3: got neither an entry nor a section"},
        {"[a]\nlast", "net.ini:2: got neither"},
        {"x=1\n", "net.ini:1: got 'x' before any section"},
        {"[a]\n=1\n", "net.ini:2: [a]: got the key ''"},
        {"[a]\nx y=1\n", "net.ini:2: [a]: got the key 'x y'"},
        {"[a]\n\nx=1\nx=2\n", "net.ini:4: [a]: 'x' is already set at net.ini:3"},
        {"[a]\n[a]\n", "net.ini:2: section 'a' is already at net.ini:1 as [a]"},
        {"[conv a]\n\n[relu a]\n", "net.ini:3: section 'a' is already at net.ini:1 as [conv a]"},
        {"[a]\n[b\n", "net.ini:2: got '[b', expected [type]"},
        {"[]\n", "net.ini:1: got [], expected"},
        {"[a b c]\n", "net.ini:1: got [a b c], expected"},
        {"[a.b]\n", "net.ini:1: got section [a.b], expected"},
        {"[conv a] filters=3\n", "net.ini:1: got '[conv a] filters=3', expected"},
        {"[a]\nx=\x07\n", "net.ini:2: got the byte 0x07"},
        {"[a23456789012345678901234567890 a2345678901234567890]\n",
         "net.ini:1: got a section header of 51 bytes, expected at most 49"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_ini ini = {0};
        ck_assert_error(parse(&ini, cases[i].text), HS_ERR_CONFIG, cases[i].message);
        hs_ini_free(&ini);
    }
}
END_TEST

START_TEST(a_long_line_is_read_whole_or_refused)
{
    for (int length = 195; length <= 205; length++) {
        char text[256] = "[a]\nx=";
        memset(text + 6, '1', (size_t)length - 2);
        hs_ini ini = {0};
        if (length <= 199) {
            ck_assert_ok(parse(&ini, text));
            assert_entry(&ini, "a", "x", text + 6);
        } else {
            ck_assert_error(parse(&ini, text), HS_ERR_CONFIG, "net.ini:2: got a line of 20");
        }
        hs_ini_free(&ini);
    }
}
END_TEST

START_TEST(a_zero_byte_is_refused)
{
    hs_ini ini = {0};
    ck_assert_error(hs_ini_parse(&ini, "x", "[a]\nx=1\0002\n", 11), HS_ERR_CONFIG, "0x00");
    hs_ini_free(&ini);
}
END_TEST

START_TEST(overrides_replace_add_and_create)
{
    static const char *const types[] = {"optimizer", "schedule"};
    hs_ini ini = {0};
    ck_assert_ok(parse(&ini, net));
    ck_assert_ok(hs_ini_set(&ini, "enc1.filters=32", NULL, 0));
    ck_assert_ok(hs_ini_set(&ini, "enc1.path=a.b=c", NULL, 0));
    ck_assert_ok(hs_ini_set(&ini, "optimizer.lr = 1e-3", types, 2));
    assert_entry(&ini, "enc1", "filters", "32");
    assert_entry(&ini, "enc1", "path", "a.b=c");
    assert_entry(&ini, "optimizer", "lr", "1e-3");
    ck_assert_str_eq(hs_ini_entry_find(hs_ini_find(&ini, "enc1"), "filters")->where,
                     "--set enc1.filters=32");
    static const struct {
        const char *assignment, *message, *hint;
    } cases[] = {
        {"enc3.filters=1", "--set enc3.filters=1: unknown section 'enc3'", "did you mean 'enc1'?"},
        {"schedul.x=1", "unknown section 'schedul'", "did you mean 'schedule'?"},
        {"filters=1", "expected section.key=value", "optimizer.lr"},
        {"enc1.filters", "expected section.key=value", "optimizer.lr"},
        {"enc1.a b=1", "--set enc1.a b=1: [enc1]: got the key 'a b'", ""},
        {"enc1.=1", "got the key ''", ""},
        {".x=1", "got []", ""},
        {"enc1.a=1\nb=2", "expected one section.key=value", ""},
        {"enc1.#a=1", "expected one section.key=value", ""},
        {"conv enc1.a=1", "expected one section.key=value", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_error(hs_ini_set(&ini, cases[i].assignment, types, 2), HS_ERR_CONFIG,
                        cases[i].message);
        ck_assert_msg(strstr(hs_error_hint(), cases[i].hint), "hint '%s'", hs_error_hint());
    }
    hs_ini_free(&ini);
}
END_TEST

START_TEST(section_types_are_checked)
{
    static const char *const types[] = {"input", "conv", "leaky"};
    hs_ini ini = {0};
    ck_assert_ok(parse(&ini, "[input]\n[cnov a]\n"));
    ck_assert_error(hs_ini_check_types(&ini, types, 3), HS_ERR_CONFIG,
                    "net.ini:2: [cnov a]: unknown section type 'cnov'");
    ck_assert_str_eq(hs_error_hint(), "did you mean 'conv'?");
    hs_ini_free(&ini);
    ck_assert_ok(parse(&ini, "[input]\n[conv a]\n"));
    ck_assert_ok(hs_ini_check_types(&ini, types, 3));
    hs_ini_free(&ini);
}
END_TEST

START_TEST(text_written_is_read_back)
{
    hs_ini ini = {0}, again = {0};
    ck_assert_ok(parse(&ini, net));
    ck_assert_ok(hs_ini_set(&ini, "enc1.odd=;x", NULL, 0));
    char *first = written(&ini);
    ck_assert_ok(parse(&again, first));
    assert_entry(&again, "enc1", "odd", ";x");
    char *second = written(&again);
    ck_assert_str_eq(first, second);
    ck_assert_ptr_nonnull(strstr(first, "\n[conv enc1]\nfilters=64\nkernel=4\nodd=;x\n\n[bn]\n"));
    free(first);
    free(second);
    hs_ini_free(&ini);
    hs_ini_free(&again);
}
END_TEST

START_TEST(files_are_read_and_named)
{
    char path[512];
    snprintf(path, sizeof path, "%s/a.ini", hs_test_folder());
    hs_ini ini = {0};
    ck_assert_error(hs_ini_read(&ini, path), HS_ERR_IO, "a.ini: cannot open it: No such file");
    ck_assert_error(hs_ini_read(&ini, hs_test_folder()), HS_ERR_IO, "cannot read it");
    FILE *file = fopen(path, "w");
    fputs("[a]\nx=1\nbad\n", file);
    fclose(file);
    ck_assert_error(hs_ini_read(&ini, path), HS_ERR_CONFIG, "a.ini:3: got neither");
    assert_entry(&ini, "a", "x", "1");
    hs_ini_free(&ini);
    file = fopen(path, "w");
    for (int i = 0; i < 17 << 20; i++)
        fputc('\n', file);
    fclose(file);
    ck_assert_error(hs_ini_read(&ini, path), HS_ERR_CONFIG, "got more than 16 MiB");
    hs_ini_free(&ini);
}
END_TEST

START_TEST(sections_hold_many_entries)
{
    enum { KEYS = 20000 };
    hs_ini ini = {0};
    hs_ini_section *section;
    char key[16], value[16];
    ck_assert_ok(hs_ini_add(&ini, "times", NULL, "here", &section));
    for (int i = 0; i < KEYS; i++) {
        snprintf(key, sizeof key, "%08d", i);
        snprintf(value, sizeof value, "%d", 3 * i);
        ck_assert_ptr_null(hs_ini_entry_find(section, key));
        hs_ini_put(&ini, section, key, value, "here");
    }
    hs_ini_put(&ini, section, "00000007", "other", "there");
    int order = 0;
    for (const hs_ini_entry *e = section->entries; e; e = e->next, order++) {
        ck_assert_int_eq(atoi(e->key), order);
        ck_assert_ptr_eq(hs_ini_entry_find(section, e->key), e);
        ck_assert_int_eq(atoi(e->value), order == 7 ? 0 : 3 * order);
    }
    ck_assert_int_eq(order, KEYS);
    hs_ini_free(&ini);
}
END_TEST

/* Whatever the bytes, the answer is HS_OK or HS_ERR_CONFIG, and what was read can be written and
 * read again. The sanitizers watch. */
START_TEST(random_bytes_and_mutations_never_break_it)
{
    static const char bytes[] = "[]=;#:\n\r\t ,.\x00\x01\xEF\xFF"
                                "ab19";
    hs_rng rng = hs_rng_make(5, 0, 0, HS_PURPOSE_TEST);
    int fine = 0;
    for (int round = 0; round < 20000; round++) {
        char text[2 * sizeof net];
        size_t size = sizeof net - 1;
        memcpy(text, net, size);
        int changes = 1 + (int)hs_rng_below(&rng, round % 2 ? 4 : 200);
        for (int i = 0; i < changes; i++) {
            size_t at = hs_rng_below(&rng, (uint32_t)size);
            char byte = bytes[hs_rng_below(&rng, sizeof bytes - 1)];
            if (hs_rng_below(&rng, 2) && size < sizeof text)
                memmove(text + at + 1, text + at, size++ - at);
            text[at] = byte;
        }
        hs_ini ini = {0}, again = {0};
        hs_status status = hs_ini_parse(&ini, "fuzz", text, size);
        ck_assert(status == HS_OK || status == HS_ERR_CONFIG);
        fine += status == HS_OK;
        char *out = written(&ini);
        ck_assert_ok(hs_ini_parse(&again, "again", out, strlen(out)));
        char *twice = written(&again);
        ck_assert_str_eq(out, twice);
        free(out);
        free(twice);
        hs_ini_free(&ini);
        hs_ini_free(&again);
    }
    ck_assert_int_gt(fine, 500); /* both ways were taken */
    ck_assert_int_lt(fine, 19000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ini");
    TCase *tests = tcase_create("ini");
    tcase_add_test(tests, sections_and_entries_keep_order_and_place);
    tcase_add_test(tests, line_endings_and_byte_order_marks_do_not_matter);
    tcase_add_test(tests, what_is_no_configuration_is_refused_with_its_place);
    tcase_add_test(tests, a_long_line_is_read_whole_or_refused);
    tcase_add_test(tests, a_zero_byte_is_refused);
    tcase_add_test(tests, overrides_replace_add_and_create);
    tcase_add_test(tests, section_types_are_checked);
    tcase_add_test(tests, text_written_is_read_back);
    tcase_add_test(tests, files_are_read_and_named);
    tcase_add_test(tests, sections_hold_many_entries);
    tcase_add_test(tests, random_bytes_and_mutations_never_break_it);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

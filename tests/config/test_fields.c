/* Typed values: defaults, ranges, messages, and the way back to text. */
#include "config/fields.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

typedef struct layer {
    int32_t filters, kernel[2];
    int64_t seed;
    double rate;
    hs_real_list weights;
    bool bias;
    const char *path;
    int act;
    hs_name_list inputs;
} layer;

static const char *const acts[] = {"none", "relu", "leaky", NULL};
static const hs_field fields[] = {
    {"filters", HS_FIELD_INT32, offsetof(layer, filters), NULL, 1, 1024, NULL, "channels out"},
    {"kernel", HS_FIELD_PAIR, offsetof(layer, kernel), "3", 1, 64, NULL, "rows, columns"},
    {"seed", HS_FIELD_INT64, offsetof(layer, seed), "1", 0, 0, NULL, "seed"},
    {"rate", HS_FIELD_REAL, offsetof(layer, rate), "2e-4", 0, 10, NULL, "learning rate"},
    {"weights", HS_FIELD_REALS, offsetof(layer, weights), "", 0, 100, NULL, "class weights"},
    {"bias", HS_FIELD_BOOL, offsetof(layer, bias), "yes", 0, 0, NULL, "adds a bias"},
    {"path", HS_FIELD_STRING, offsetof(layer, path), "", 0, 0, NULL, "a file"},
    {"act", HS_FIELD_CHOICE, offsetof(layer, act), "none", 0, 0, acts, "activation"},
    {"inputs", HS_FIELD_NAMES, offsetof(layer, inputs), "", 0, 0, NULL, "layers read"},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* Reads a section "[conv enc1]" of these lines. */
static hs_status read(hs_ini *ini, const char *lines, layer *out)
{
    char text[512];
    snprintf(text, sizeof text, "[conv enc1]\n%s", lines);
    hs_status status = hs_ini_parse(ini, "net.ini", text, strlen(text));
    return status ? status : hs_fields_read(ini, ini->sections, fields, FIELDS, out);
}

START_TEST(defaults_fill_what_is_not_said)
{
    hs_ini ini = {0};
    layer got = {0};
    ck_assert_ok(read(&ini, "filters=64", &got));
    ck_assert_int_eq(got.filters, 64);
    ck_assert_int_eq(got.kernel[0], 3);
    ck_assert_int_eq(got.kernel[1], 3);
    ck_assert_int_eq(got.seed, 1);
    ck_assert_double_eq(got.rate, 2e-4);
    ck_assert_int_eq(got.weights.count, 0);
    ck_assert(got.bias);
    ck_assert_str_eq(got.path, "");
    ck_assert_int_eq(got.act, 0);
    ck_assert_int_eq(got.inputs.count, 0);
    hs_ini_free(&ini);
}
END_TEST

START_TEST(every_type_is_read)
{
    hs_ini ini = {0};
    layer got = {0};
    ck_assert_ok(read(&ini,
                      "filters=1024\nkernel = 4 , 3\nseed=-9223372036854775808\nrate=.5\n"
                      "weights=1, 32.5 ,0\nbias=false\npath=a b/c.h5\nact=leaky\n"
                      "inputs= enc1 ,dec-2",
                      &got));
    ck_assert_int_eq(got.filters, 1024);
    ck_assert_int_eq(got.kernel[0], 4);
    ck_assert_int_eq(got.kernel[1], 3);
    ck_assert_int_eq(got.seed, INT64_MIN);
    ck_assert_double_eq(got.rate, 0.5);
    ck_assert_int_eq(got.weights.count, 3);
    ck_assert_double_eq(got.weights.values[1], 32.5);
    ck_assert(!got.bias);
    ck_assert_str_eq(got.path, "a b/c.h5");
    ck_assert_int_eq(got.act, 2);
    ck_assert_int_eq(got.inputs.count, 2);
    ck_assert_str_eq(got.inputs.names[0], "enc1");
    ck_assert_str_eq(got.inputs.names[1], "dec-2");
    hs_ini_free(&ini);
}
END_TEST

START_TEST(bad_values_are_refused_with_place_and_expectation)
{
    static const struct {
        const char *lines, *message;
    } cases[] = {
        {"filters=x", "net.ini:2: [conv enc1] filters: got 'x', expected a whole number from 1 to "
                      "1024"},
        {"filters=", "got '', expected a whole number from 1 to 1024"},
        {"filters=-3", "got '-3', expected a whole number from 1 to 1024"},
        {"filters=1025", "got '1025', expected a whole number from 1 to 1024"},
        {"filters=99999999999999999999", "expected a whole number from 1 to 1024"},
        {"filters=4294967297", "expected a whole number from 1 to 1024"},
        {"filters=3.5", "got '3.5', expected a whole number"},
        {"filters=3 4", "got '3 4', expected a whole number"},
        {"filters=1\nkernel=3,", "net.ini:3: [conv enc1] kernel: got '3,', expected one or two"},
        {"filters=1\nkernel=3,4,5", "kernel: got '3,4,5', expected one or two whole numbers"},
        {"filters=1\nkernel=3,0", "separated by a comma from 1 to 64"},
        {"filters=1\nseed=9223372036854775808", "expected a whole number"},
        {"filters=1\nrate=nan", "rate: got 'nan', expected a number from 0 to 10"},
        {"filters=1\nrate=inf", "got 'inf'"},
        {"filters=1\nrate=1e999", "got '1e999'"},
        {"filters=1\nrate=11", "got '11', expected a number from 0 to 10"},
        {"filters=1\nweights=1,,2", "got '1,,2', expected numbers separated by commas"},
        {"filters=1\nweights=1,2,", "expected numbers separated by commas from 0 to 100"},
        {"filters=1\nweights=1;2", "expected numbers separated by commas"},
        {"filters=1\nbias=maybe", "bias: got 'maybe', expected yes or no"},
        {"filters=1\nact=rleu", "got 'rleu', expected one of: none, relu, leaky"},
        {"filters=1\ninputs=a,,b", "expected names separated by commas"},
        {"filters=1\ninputs=a b", "expected names separated by commas"},
        {"kernel=3", "net.ini:1: [conv enc1]: 'filters' is missing, expected a whole number"},
        {"filters=1\nkernal=3", "net.ini:3: [conv enc1]: unknown key 'kernal'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_ini ini = {0};
        layer got = {0};
        ck_assert_error(read(&ini, cases[i].lines, &got), HS_ERR_CONFIG, cases[i].message);
        hs_ini_free(&ini);
    }
    ck_assert_str_eq(hs_error_hint(), "did you mean 'kernel'?");
}
END_TEST

START_TEST(overrides_are_named_in_messages)
{
    hs_ini ini = {0};
    layer got = {0};
    ck_assert_ok(read(&ini, "filters=64", &got));
    ck_assert_ok(hs_ini_set(&ini, "enc1.filters=0", NULL, 0));
    ck_assert_error(hs_fields_read(&ini, ini.sections, fields, FIELDS, &got), HS_ERR_CONFIG,
                    "--set enc1.filters=0: [conv enc1] filters: got '0', expected");
    hs_ini_free(&ini);
}
END_TEST

START_TEST(groups_share_a_section)
{
    hs_ini ini = {0};
    layer first = {0}, second = {0};
    const char *text = "[conv a]\nfilters=5\nact=relu\n";
    ck_assert_ok(hs_ini_parse(&ini, "net.ini", text, strlen(text)));
    hs_field_group groups[] = {{fields, 2, &first}, {fields + 7, 1, &second}};
    ck_assert_ok(hs_fields_read_groups(&ini, ini.sections, groups, 2));
    ck_assert_int_eq(first.filters, 5);
    ck_assert_int_eq(second.act, 1);
    ck_assert_error(hs_fields_read_groups(&ini, ini.sections, groups, 1), HS_ERR_CONFIG,
                    "net.ini:3: [conv a]: unknown key 'act'");
    hs_ini_free(&ini);
}
END_TEST

START_TEST(a_struct_stored_is_read_back)
{
    hs_ini ini = {0}, again = {0};
    layer got = {0}, back = {0};
    ck_assert_ok(read(&ini,
                      "filters=7\nkernel=4,3\nseed=12345678901234567\nrate=0.1\nact=relu\n"
                      "weights=0.3333333333333333,1e-7\ninputs=a,b\nbias=no\npath=x",
                      &got));
    hs_fields_store(&ini, ini.sections, fields, FIELDS, &got);
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    hs_ini_write(&ini, file);
    fclose(file);
    ck_assert_str_eq(text, "[conv enc1]\nfilters=7\nkernel=4,3\nseed=12345678901234567\nrate=0.1\n"
                           "act=relu\nweights=0.3333333333333333,1e-07\ninputs=a,b\nbias=no\n"
                           "path=x\n");
    ck_assert_ok(hs_ini_parse(&again, "again", text, size));
    ck_assert_ok(hs_fields_read(&again, again.sections, fields, FIELDS, &back));
    ck_assert_double_eq(back.weights.values[0], got.weights.values[0]);
    ck_assert_int_eq(back.seed, got.seed);
    free(text);
    hs_ini_free(&ini);
    hs_ini_free(&again);
}
END_TEST

START_TEST(defaults_are_stored_too)
{
    hs_ini ini = {0};
    layer got = {0};
    ck_assert_ok(read(&ini, "filters=7", &got));
    hs_fields_store(&ini, ini.sections, fields, FIELDS, &got);
    ck_assert_str_eq(hs_ini_entry_find(ini.sections, "kernel")->value, "3");
    ck_assert_str_eq(hs_ini_entry_find(ini.sections, "rate")->value, "0.0002");
    ck_assert_str_eq(hs_ini_entry_find(ini.sections, "bias")->value, "yes");
    hs_ini_free(&ini);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fields");
    TCase *tests = tcase_create("fields");
    tcase_add_test(tests, defaults_fill_what_is_not_said);
    tcase_add_test(tests, every_type_is_read);
    tcase_add_test(tests, bad_values_are_refused_with_place_and_expectation);
    tcase_add_test(tests, overrides_are_named_in_messages);
    tcase_add_test(tests, groups_share_a_section);
    tcase_add_test(tests, a_struct_stored_is_read_back);
    tcase_add_test(tests, defaults_are_stored_too);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Safetensors files: what their own library wrote, and every way in which one can be wrong. */
#include "io/safetensors.h"

#include "support/files.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ----------------------------------------------------------------------------------
 */
typedef struct numbers {
    hs_real values[64];
    int64_t count, rows;
} numbers;

/* Of rows of `row` numbers. */
static void take(void *context, int64_t first, int64_t count, hs_real *rows)
{
    numbers *n = context;
    int64_t row = n->rows;
    ck_assert_int_eq(first * row, n->count);
    ck_assert_int_le(n->count + count * row, 64);
    memcpy(n->values + n->count, rows, sizeof *rows * (size_t)(count * row));
    n->count += count * row;
}

START_TEST(a_file_of_pytorch_is_listed)
{
    hs_safetensors *file;
    ck_assert_ok(hs_safetensors_open("tests/golden/pretrained/vgg16_bn.safetensors", &file));
    ck_assert_int_eq(hs_safetensors_count(file), 13 * 7 + 6);
    int found = 0;
    for (int i = 0; i < hs_safetensors_count(file); i++) {
        const hs_safetensor *t = hs_safetensors_get(file, i);
        if (strcmp(t->name, "features.3.weight") == 0) {
            ck_assert_str_eq(t->type, "F32");
            ck_assert(t->rank == 4 && t->dims[0] == 2 && t->dims[1] == 2 && t->dims[2] == 3);
            found++;
        }
        if (strcmp(t->name, "features.1.num_batches_tracked") == 0) {
            ck_assert_str_eq(t->type, "I64");
            ck_assert_int_eq(t->rank, 0);
            found++;
        }
    }
    ck_assert_int_eq(found, 2);
    hs_safetensors_close(file);
}
END_TEST

/* Numbers of 16 bits: zeros, the least and the largest, halves between, infinities, NaN. */
static const struct {
    const char *type;
    uint16_t bits;
    double value;
} halves[] = {
    {"F16", 0x0000, 0},          {"F16", 0x8000, -0.0},       {"F16", 0x0001, 0x1p-24},
    {"F16", 0x83FF, -0x3FFp-24}, {"F16", 0x0400, 0x1p-14},    {"F16", 0x3C00, 1},
    {"F16", 0xC100, -2.5},       {"F16", 0x3555, 0x1.554p-2}, {"F16", 0x7BFF, 65504},
    {"F16", 0x7C00, INFINITY},   {"F16", 0xFC00, -INFINITY},  {"F16", 0x7E00, NAN},
    {"BF16", 0x0000, 0},         {"BF16", 0x8000, -0.0},      {"BF16", 0x3F80, 1},
    {"BF16", 0xC020, -2.5},      {"BF16", 0x0001, 0x1p-133},  {"BF16", 0x7F7F, 0x1.FEp127},
    {"BF16", 0x7F80, INFINITY},  {"BF16", 0x7FC0, NAN},
};

START_TEST(numbers_of_16_bits_are_exact)
{
    char header[256];
    size_t size;
    hs_safetensors *file;
    numbers n = {.rows = 1};
    snprintf(header, sizeof header,
             "{\"a\": {\"dtype\": \"%s\", \"shape\": [1], \"data_offsets\": [0, 2]}}",
             halves[_i].type);
    hs_test_write_safetensors(hs_test_path("half"), header, 2);
    unsigned char *bytes = hs_test_read(hs_test_path("half"), &size);
    bytes[size - 2] = (unsigned char)halves[_i].bits;
    bytes[size - 1] = (unsigned char)(halves[_i].bits >> 8);
    hs_test_write(hs_test_path("half"), bytes, size);
    free(bytes);
    ck_assert_ok(hs_safetensors_open(hs_test_path("half"), &file));
    ck_assert_ok(hs_safetensors_read_rows(file, 0, take, &n));
    double got = (double)n.values[0], expected = halves[_i].value;
    ck_assert_msg((isnan(got) && isnan(expected)) ||
                      (got == expected && signbit(got) == signbit(expected)),
                  "%s %04x: got %a, expected %a", halves[_i].type, halves[_i].bits, got, expected);
    hs_safetensors_close(file);
}
END_TEST

/* Tensors in another order than their data, an empty one, blanks after the header, metadata. */
START_TEST(what_the_format_allows_is_read)
{
    static const char header[] =
        "{\"__metadata__\": {\"format\": \"pt\"},"
        "\"b\": {\"dtype\": \"F32\", \"shape\": [2, 3], \"data_offsets\": [8, 32]},"
        "\"none\": {\"dtype\": \"F32\", \"shape\": [0, 5], \"data_offsets\": [8, 8]},"
        "\"a\": {\"data_offsets\": [0, 8], \"shape\": [2], \"dtype\": \"F32\"}}      ";
    size_t size;
    const float values[] = {1, 2, 3, 4, 5, 6, 7, 8};
    hs_safetensors *file;
    hs_test_write_safetensors(hs_test_path("fine"), header, sizeof values);
    unsigned char *bytes = hs_test_read(hs_test_path("fine"), &size);
    memcpy(bytes + size - sizeof values, values, sizeof values);
    hs_test_write(hs_test_path("fine"), bytes, size);
    free(bytes);
    ck_assert_ok(hs_safetensors_open(hs_test_path("fine"), &file));
    ck_assert_int_eq(hs_safetensors_count(file), 3);
    numbers b = {.rows = 3}, none = {.rows = 5}, a = {.rows = 1};
    ck_assert_ok(hs_safetensors_read_rows(file, 0, take, &b));
    ck_assert_ok(hs_safetensors_read_rows(file, 1, take, &none));
    ck_assert_ok(hs_safetensors_read_rows(file, 2, take, &a));
    ck_assert(b.count == 6 && b.values[0] == 3 && b.values[5] == 8);
    ck_assert_int_eq(none.count, 0);
    ck_assert(a.count == 2 && a.values[0] == 1 && a.values[1] == 2);
    hs_safetensors_close(file);
}
END_TEST

/* Rows of 1.6 MB, of which two are read at a time, the last one alone. */
enum { LARGE_ROWS = 5, LARGE_ROW = 400000 };

static void take_large(void *context, int64_t first, int64_t count, hs_real *rows)
{
    int64_t *next = context;
    ck_assert_int_eq(first, *next);
    ck_assert_int_eq(count, first == 4 ? 1 : 2);
    for (int64_t i = 0; i < count * LARGE_ROW; i += 999)
        ck_assert(rows[i] == (hs_real)(first * LARGE_ROW + i));
    *next += count;
}

START_TEST(large_tensors_come_in_parts)
{
    static const char header[] =
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [5, 4, 100000], \"data_offsets\": [0, 8000000]}}";
    size_t size;
    hs_safetensors *file;
    int64_t next = 0;
    hs_test_write_safetensors(hs_test_path("large"), header, LARGE_ROWS * LARGE_ROW * 4);
    unsigned char *bytes = hs_test_read(hs_test_path("large"), &size);
    for (int32_t i = 0; i < LARGE_ROWS * LARGE_ROW; i++) {
        float value = (float)i;
        memcpy(bytes + size - (size_t)(LARGE_ROWS * LARGE_ROW - i) * 4, &value, sizeof value);
    }
    hs_test_write(hs_test_path("large"), bytes, size);
    free(bytes);
    ck_assert_ok(hs_safetensors_open(hs_test_path("large"), &file));
    ck_assert_ok(hs_safetensors_read_rows(file, 0, take_large, &next));
    ck_assert_int_eq(next, LARGE_ROWS);
    hs_safetensors_close(file);
}
END_TEST

/* ---- what is wrong ----------------------------------------------------------------------------
 */
#define T(type, shape, offsets) \
    "{\"dtype\": \"" type "\", \"shape\": " shape ", \"data_offsets\": " offsets "}"

static const struct {
    const char *header;
    size_t data;
    const char *message;
} flaws[] = {
    /* headers */
    {"{\"a\": ", 0, "header: got no JSON object: "},
    {"{\"a\"; 1}", 0, "header: got no JSON object: "},
    {"[1, 2]", 0, "header: got no JSON object: another value"},
    {"{\"a\": " T("F32", "[1]", "[0, 4]") ", \"a\": " T("F32", "[1]", "[4, 8]") "}", 8,
     "duplicate object key"},
    {"{\"a\\u0000b\": " T("F32", "[1]", "[0, 4]") "}", 4, "\\u0000"},
    {"{\"a\": 7}", 0, "tensor 'a': got dtype 'none'"},
    /* types */
    {"{\"a\": " T("F33", "[1]", "[0, 4]") "}", 4, "tensor 'a': got dtype 'F33', expected F32"},
    {"{\"a\": {\"dtype\": 32, \"shape\": [1], \"data_offsets\": [0, 4]}}", 4, "got dtype 'none'"},
    /* shapes */
    {"{\"a\": " T("F32", "7", "[0, 4]") "}", 4, "got no shape"},
    {"{\"a\": " T("F32", "[1,1,1,1,1,1,1,1,1]", "[0, 4]") "}", 4, "got no shape of up to 8"},
    {"{\"a\": " T("F32", "[-1]", "[0, 4]") "}", 4, "something else than whole numbers"},
    {"{\"a\": " T("F32", "[1.0]", "[0, 4]") "}", 4, "something else than whole numbers"},
    {"{\"a\": " T("F32", "[4294967296, 4294967296]", "[0, 4]") "}", 4, "beyond 2^63"},
    {"{\"a\": " T("F32", "[9223372036854775807]", "[0, 4]") "}", 4, "expected as many bytes as"},
    {"{\"a\": " T("F32", "[99999999999999999999]", "[0, 4]") "}", 4, "header: got no JSON object"},
    /* places */
    {"{\"a\": {\"dtype\": \"F32\", \"shape\": [1]}}", 4, "tensor 'a': got no data_offsets"},
    {"{\"a\": " T("F32", "[1]", "[0]") "}", 4, "got no data_offsets"},
    {"{\"a\": " T("F32", "[1]", "[0, 4, 8]") "}", 4, "got no data_offsets"},
    {"{\"a\": " T("F32", "[1]", "[-4, 0]") "}", 4, "got no data_offsets"},
    {"{\"a\": " T("F32", "[1]", "[8, 4]") "}", 8, "got no data_offsets"},
    {"{\"a\": " T("F32", "[2]", "[0, 4]") "}", 4,
     "got data_offsets [0, 4], expected as many bytes as 2 numbers of type F32 take"},
    {"{\"a\": " T("F16", "[2]", "[0, 8]") "}", 8, "as 2 numbers of type F16"},
    {"{\"a\": " T("F32", "[2]", "[0, 8]") "}", 7,
     "got an end at byte 8 of the data, expected at most its size, 7: the file is cut short"},
    {"{\"a\": " T("F32", "[2]", "[9223372036854775800, 9223372036854775807]") "}", 8,
     "expected as many bytes as"},
    {"{\"a\": " T("F32", "[2]", "[0, 8]") ", \"b\": " T("F32", "[2]", "[4, 12]") "}", 12,
     "tensors 'a' and 'b' overlap at byte 4 of the data"},
    {"{\"a\": " T("F32", "[2]", "[0, 8]") ", \"b\": " T("F32", "[2]", "[0, 8]") "}", 8, "overlap"},
    {"{\"a\": " T("F32", "[1]", "[0, 4]") ", \"b\": " T("F32", "[1]", "[8, 12]") "}", 12,
     "tensor 'b': got byte 8 of the data as its first, expected 4"},
    {"{\"a\": " T("F32", "[1]", "[0, 4]") "}", 8,
     "got 8 bytes of data, expected the 4 that tensors have"},
    {"{}", 1, "got 1 bytes of data, expected the 0"},
};

START_TEST(flaws_are_named)
{
    hs_safetensors *file = NULL;
    hs_test_write_safetensors(hs_test_path("flawed"), flaws[_i].header, flaws[_i].data);
    ck_assert_error(hs_safetensors_open(hs_test_path("flawed"), &file), HS_ERR_FORMAT,
                    flaws[_i].message);
    ck_assert_ptr_null(file);
    ck_assert_ptr_nonnull(strstr(hs_error_message(), "flawed"));
}
END_TEST

START_TEST(files_cut_short_are_refused)
{
    size_t size;
    unsigned char *bytes = hs_test_read("tests/golden/pretrained/vgg16.safetensors", &size);
    const char *path = hs_test_path("cut");
    hs_safetensors *file;
    for (size_t length = 0; length < size; length += length < 20 ? 1 : 97) {
        hs_test_write(path, bytes, length);
        hs_status status = hs_safetensors_open(path, &file);
        ck_assert_msg(status == HS_ERR_FORMAT, "%zu bytes of %zu: %s", length, size,
                      hs_status_name(status));
    }
    ck_assert_ptr_nonnull(strstr(hs_error_message(), "cut short"));
    /* A header that says it is vast is not made room for. */
    hs_test_write(path, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}", 10);
    ck_assert_error(hs_safetensors_open(path, &file), HS_ERR_FORMAT,
                    "got a header of 9223372036854775807 bytes, expected at most 100000000");
    hs_test_write(path, "\x40\0\0\0\0\0\0\0{}", 10);
    ck_assert_error(hs_safetensors_open(path, &file), HS_ERR_FORMAT,
                    "got a header of 64 bytes, expected at most 2, what the file has");
    ck_assert_error(hs_safetensors_open(hs_test_path("missing"), &file), HS_ERR_IO, "missing");
    ck_assert_error(hs_safetensors_open(hs_test_folder(), &file), HS_ERR_IO, "");
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *tests = tcase_create("safetensors");
    tcase_add_test(tests, a_file_of_pytorch_is_listed);
    tcase_add_loop_test(tests, numbers_of_16_bits_are_exact, 0,
                        (int)(sizeof halves / sizeof *halves));
    tcase_add_test(tests, what_the_format_allows_is_read);
    tcase_add_test(tests, large_tensors_come_in_parts);
    tcase_add_loop_test(tests, flaws_are_named, 0, (int)(sizeof flaws / sizeof *flaws));
    tcase_add_test(tests, files_cut_short_are_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

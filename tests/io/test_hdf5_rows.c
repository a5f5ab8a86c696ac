/* Arrays in parts: the same file as from the whole array, and the same numbers back. */
#include "io/hdf5.h"
#include "support/files.h"
#include "support/suite.h"
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

/* Rows of 1.2 MB, three to a chunk, the last chunk cut; then many rows in one chunk; then none. */
static const int64_t shapes[][3] = {{8, 300, 1000}, {5, 2, 3}, {0, 4, 4}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

typedef struct whole {
    int32_t *values;
    int64_t row, next; /* elements of a row; the row to come */
    int parts;
} whole;

static void take_turn(whole *w, int64_t first, int64_t count)
{
    ck_assert_int_eq(first, w->next);
    w->next += count;
    w->parts++;
}

static void fill(void *context, int64_t first, int64_t count, void *rows)
{
    whole *w = context;
    take_turn(w, first, count);
    memcpy(rows, w->values + first * w->row, sizeof *w->values * (size_t)(count * w->row));
}

static void take(void *context, int64_t first, int64_t count, void *rows)
{
    whole *w = context;
    take_turn(w, first, count);
    memcpy(w->values + first * w->row, rows, sizeof *w->values * (size_t)(count * w->row));
}

static whole make(const int64_t *shape, int32_t from)
{
    int64_t row = shape[1] * shape[2], n = shape[0] * row;
    whole w = {.values = malloc(sizeof *w.values * (size_t)(n + 1)), .row = row};
    for (int64_t i = 0; i < n; i++)
        w.values[i] = (int32_t)i * from;
    return w;
}

START_TEST(parts_make_the_file_the_whole_makes)
{
    const char *paths[] = {hs_test_path("parts.h5"), hs_test_path("whole.h5")};
    hs_h5 *file;
    for (int which = 0; which < 2; which++) {
        ck_assert_ok(hs_h5_create(paths[which], &file));
        for (int i = 0; i < SHAPES; i++) {
            char name[16];
            whole w = make(shapes[i], 7);
            snprintf(name, sizeof name, "/a%d", i);
            ck_assert_ok(which ? hs_h5_write(file, name, HS_H5_I32, 3, shapes[i], w.values)
                               : hs_h5_write_rows(file, name, HS_H5_I32, 3, shapes[i], fill, &w));
            ck_assert_int_eq(w.next, which ? 0 : shapes[i][0]);
            ck_assert_int_eq(w.parts, which ? 0 : i == 0 ? 3 : i == 1);
            free(w.values);
        }
        ck_assert_ok(hs_h5_commit(file));
        hs_h5_close(file);
    }
    size_t a, b;
    unsigned char *x = hs_test_read(paths[0], &a), *y = hs_test_read(paths[1], &b);
    ck_assert(a == b && memcmp(x, y, a) == 0);
    free(x);
    free(y);
    ck_assert_ok(hs_h5_open(paths[1], &file));
    for (int i = 0; i < SHAPES; i++) {
        char name[16];
        whole expected = make(shapes[i], 7), got = make(shapes[i], 0);
        snprintf(name, sizeof name, "/a%d", i);
        ck_assert_ok(hs_h5_read_rows(file, name, HS_H5_I32, 3, shapes[i], take, &got));
        ck_assert_int_eq(got.next, shapes[i][0]);
        ck_assert(memcmp(got.values, expected.values,
                         sizeof(int32_t) * (size_t)(shapes[i][0] * got.row)) == 0);
        free(got.values);
        free(expected.values);
    }
    int64_t other[] = {8, 300, 999};
    whole none = {0};
    ck_assert_error(hs_h5_read_rows(file, "/a0", HS_H5_I32, 3, other, take, &none), HS_ERR_SHAPE,
                    "/a0: got int32 [8,300,1000], expected int32 [8,300,999]");
    ck_assert_error(hs_h5_read_rows(file, "/b", HS_H5_I32, 3, other, take, &none), HS_ERR_FORMAT,
                    "/b: missing");
    hs_h5_close(file);
}
END_TEST

START_TEST(damage_in_a_part_is_found)
{
    const char *path = hs_test_path("damaged.h5");
    hs_h5 *file;
    whole w = make(shapes[0], 7);
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_write(file, "/a", HS_H5_I32, 3, shapes[0], w.values));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);
    size_t size;
    unsigned char *bytes = hs_test_read(path, &size);
    unsigned char *number = memmem(bytes, size, w.values + 4 * w.row, 64);
    ck_assert_ptr_nonnull(number);
    *number ^= 1;
    hs_test_write(path, bytes, size);
    ck_assert_ok(hs_h5_open(path, &file));
    ck_assert_error(hs_h5_read_rows(file, "/a", HS_H5_I32, 3, shapes[0], take, &w), HS_ERR_FORMAT,
                    "/a: cannot read: data error detected by Fletcher32");
    ck_assert_int_eq(w.next, 3); /* the chunk before it was whole */
    hs_h5_close(file);
    free(bytes);
    free(w.values);
}
END_TEST

/* ---- arrays of other programs -----------------------------------------------------------------
 */
enum { ROW = 300 * 1000, ROWS = 8 };

static void take_float(void *context, int64_t first, int64_t count, void *rows)
{
    int64_t *next = context;
    const float *got = rows;
    ck_assert_int_eq(first, *next);
    ck_assert_int_le(count, 4); /* of 1.2 MB: not all at once, chunks or not */
    for (int64_t i = 0; i < count * ROW; i += 997)
        ck_assert(got[i] == (float)(first * ROW + i) / 4);
    *next += count;
}

/* As h5py writes arrays. */
START_TEST(an_array_without_chunks_comes_in_parts)
{
    const int64_t dims[] = {ROWS, 300, 1000};
    const hsize_t sizes[] = {ROWS, 300, 1000};
    const char *path = hs_test_path("contiguous.h5");
    float *values = malloc(sizeof *values * ROWS * ROW);
    int64_t next = 0;
    hs_h5 *file;
    for (int64_t i = 0; i < ROWS * ROW; i++)
        values[i] = (float)i / 4;
    hid_t id = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(3, sizes, NULL);
    hid_t array = H5Dcreate2(id, "a", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(H5Dwrite(array, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
    H5Dclose(array);
    H5Sclose(space);
    H5Fclose(id);
    ck_assert_ok(hs_h5_open(path, &file));
    ck_assert_ok(hs_h5_read_rows(file, "/a", HS_H5_F32, 3, dims, take_float, &next));
    ck_assert_int_eq(next, ROWS);
    hs_h5_close(file);
    free(values);
}
END_TEST

START_TEST(numbers_of_another_type_are_converted)
{
    const int64_t dims[] = {ROWS, 300, 1000};
    const char *path = hs_test_path("doubles.h5");
    double *values = malloc(sizeof *values * ROWS * ROW);
    hs_h5 *file;
    int64_t next = 0;
    for (int64_t i = 0; i < ROWS * ROW; i++)
        values[i] = (double)i / 4;
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_write(file, "/a/b/doubles", HS_H5_F64, 3, dims, values));
    ck_assert_ok(hs_h5_write(file, "/a/number", HS_H5_I64, 0, NULL, &next));
    ck_assert_ok(hs_h5_write_texts(file, "/texts", 1, (const char *const[]){"text"}));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);
    ck_assert_ok(hs_h5_open(path, &file));
    ck_assert_ok(hs_h5_convert_rows(file, "/a/b/doubles", HS_H5_F32, 3, dims, take_float, &next));
    ck_assert_int_eq(next, ROWS);
    hs_arena arena = {0};
    const char *const *names;
    int n;
    ck_assert_ok(hs_h5_list_arrays(file, "/a", &arena, &n, &names));
    ck_assert_int_eq(n, 2);
    ck_assert_str_eq(names[0], "b/doubles");
    ck_assert_str_eq(names[1], "number");
    ck_assert_ok(hs_h5_list_arrays(file, "/", &arena, &n, &names));
    ck_assert_int_eq(n, 3);
    ck_assert_error(hs_h5_list_arrays(file, "/c", &arena, &n, &names), HS_ERR_FORMAT,
                    "/c: missing");
    hs_arena_free(&arena);
    hs_h5_close(file);
    free(values);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hdf5 rows");
    TCase *tests = tcase_create("hdf5 rows");
    tcase_add_test(tests, parts_make_the_file_the_whole_makes);
    tcase_add_test(tests, damage_in_a_part_is_found);
    tcase_add_test(tests, an_array_without_chunks_comes_in_parts);
    tcase_add_test(tests, numbers_of_another_type_are_converted);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* HDF5 files: exact values both ways, other programs' files, damage named, full disks survived. */
#include "io/hdf5.h"
#include "support/files.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { W = 7, H = 5, N = 3 };
/* HDF5 loses memory of its own where metadata are damaged; ours is still looked after. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5";
}

static const int64_t frame_shape[] = {H, W};

static uint16_t depth_of(int n, int i)
{
    return (uint16_t)((n * H * W + i) * 131);
}

static hs_h5 *opened(const char *path)
{
    hs_h5 *file;
    ck_assert_ok(hs_h5_open(path, &file));
    return file;
}

START_TEST(arrays_and_attributes_survive_exactly)
{
    const char *path = hs_test_path("arrays.h5");
    static float weight[3 * 1000 * 1000];
    for (int i = 0; i < 3000000; i++)
        weight[i] = (float)i * 0.37f;
    int64_t shape[] = {3, 1000, 1000}, step = -5, got_step = 0;
    double pair[2] = {0.1, -1e300}, got_pair[2];
    hs_h5 *file;
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_write(file, "/params/enc1/weight", HS_H5_F32, 3, shape, weight));
    ck_assert_ok(hs_h5_write(file, "/params/enc1/bias", HS_H5_F32, 1, shape, weight));
    ck_assert_ok(hs_h5_write(file, "/train/step", HS_H5_I64, 0, NULL, &step));
    ck_assert_ok(hs_h5_set_text(file, "/", "config", "first"));
    ck_assert_ok(hs_h5_set_text(file, "/", "config", "[input]\nwidth = 3\n")); /* replaces */
    ck_assert_ok(hs_h5_set_text(file, "/params", "empty", ""));
    const char *labels[] = {"background", "right", "left"};
    ck_assert_ok(hs_h5_set_texts(file, "/", "labels", 3, labels));
    ck_assert_ok(hs_h5_write_texts(file, "/source", 3, labels));
    ck_assert_ok(hs_h5_set_numbers(file, "/params/enc1/bias", "pair", HS_H5_F64, 2, pair));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);

    file = opened(path);
    static float back[3 * 1000 * 1000];
    ck_assert_ok(hs_h5_read(file, "/params/enc1/weight", HS_H5_F32, 3, shape, back));
    ck_assert_mem_eq(back, weight, sizeof weight);
    ck_assert_ok(hs_h5_read(file, "/train/step", HS_H5_I64, 0, NULL, &got_step));
    ck_assert_int_eq(got_step, step);
    ck_assert_ok(hs_h5_get_numbers(file, "/params/enc1/bias", "pair", HS_H5_F64, 2, got_pair));
    ck_assert_mem_eq(got_pair, pair, sizeof pair);
    hs_arena arena = {0};
    const char *text, *const *texts;
    int n;
    int64_t count;
    ck_assert_ok(hs_h5_get_text(file, "/", "config", &arena, &text));
    ck_assert_str_eq(text, "[input]\nwidth = 3\n");
    ck_assert_ok(hs_h5_get_text(file, "/params", "empty", &arena, &text));
    ck_assert_str_eq(text, "");
    ck_assert_ok(hs_h5_get_texts(file, "/", "labels", &arena, &n, &texts));
    ck_assert_int_eq(n, 3);
    ck_assert_str_eq(texts[2], "left");
    ck_assert_ok(hs_h5_read_texts(file, "/source", &arena, &count, &texts));
    ck_assert_int_eq(count, 3);
    ck_assert_str_eq(texts[0], "background");
    ck_assert_ok(hs_h5_list(file, "/params/enc1", &arena, &n, &texts));
    ck_assert_int_eq(n, 2);
    ck_assert_str_eq(texts[0], "bias");
    ck_assert_str_eq(texts[1], "weight");
    ck_assert(hs_h5_exists(file, "/params/enc1/bias"));
    ck_assert(!hs_h5_exists(file, "/nothing/at/all"));
    ck_assert(!hs_h5_has_attribute(file, "/", "nothing"));
    hs_arena_free(&arena);
    hs_h5_close(file);
}
END_TEST

START_TEST(wrong_shapes_and_names_are_refused)
{
    const char *path = hs_test_path("shapes.h5");
    float values[6] = {0};
    int64_t shape[] = {2, 3}, other[] = {3, 2}, found[HS_H5_MAX_RANK];
    hs_h5 *file;
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_write(file, "/a/w", HS_H5_F32, 2, shape, values));
    ck_assert_error(hs_h5_write(file, "/a/w", HS_H5_F32, 2, shape, values), HS_ERR_FORMAT,
                    "/a/w: cannot create");
    ck_assert_ok(hs_h5_commit(file));
    ck_assert_error(hs_h5_commit(file), HS_ERR_STATE, "nothing to commit");
    hs_h5_close(file);
    file = opened(path);
    ck_assert_error(hs_h5_read(file, "/a/w", HS_H5_F32, 2, other, values), HS_ERR_SHAPE,
                    "/a/w: got float32 [2,3], expected float32 [3,2]");
    ck_assert_error(hs_h5_read(file, "/a/w", HS_H5_I32, 2, shape, values), HS_ERR_SHAPE,
                    "expected int32 [2,3]");
    ck_assert_error(hs_h5_read(file, "/a/x", HS_H5_F32, 2, shape, values), HS_ERR_FORMAT,
                    "shapes.h5: /a/x: missing");
    ck_assert_error(hs_h5_read(file, "/a", HS_H5_F32, 2, shape, values), HS_ERR_FORMAT,
                    "/a: cannot open as an array");
    double number;
    ck_assert_error(hs_h5_get_f64(file, "/", "unit", &number), HS_ERR_FORMAT,
                    "attribute /@unit: missing");
    hs_h5_type type;
    int rank;
    ck_assert_ok(hs_h5_shape(file, "/a/w", &type, &rank, found));
    ck_assert(type == HS_H5_F32 && rank == 2 && found[0] == 2 && found[1] == 3);
    hs_h5_close(file);
}
END_TEST

START_TEST(files_that_do_not_open_say_why)
{
    hs_h5 *file;
    ck_assert_error(hs_h5_open(hs_test_path("absent.h5"), &file), HS_ERR_IO,
                    "absent.h5: cannot read: No such file");
    ck_assert_ptr_null(file);
    const char *path = hs_test_path("other.h5");
    hs_test_write(path, "", 0);
    ck_assert_error(hs_h5_open(path, &file), HS_ERR_FORMAT, "not an HDF5 file: got an empty file");
    hs_test_write(path, "width = 3\nheight = 4\n", 21);
    ck_assert_error(hs_h5_open(path, &file), HS_ERR_FORMAT, "other.h5: not an HDF5 file");
    ck_assert_error(hs_h5_open(hs_test_folder(), &file), HS_ERR_IO, "Is a directory");
    ck_assert_error(hs_h5_create(hs_test_path("no/folder.h5"), &file), HS_ERR_IO,
                    "no/folder.h5: cannot write: No such file");
}
END_TEST

/* A file with every kind of content, for the tests of damage; frames of W x H x `scale`^2. */
static hs_status write_sample(const char *path, int scale)
{
    int64_t shape[] = {H * scale, W * scale}, n = shape[0] * shape[1], three = 3;
    uint16_t *depth = malloc((size_t)n * sizeof *depth);
    hs_h5 *file = NULL;
    hs_h5_frames *frames;
    hs_h5_block block = {0};
    hs_status status;
    HS_TRY(hs_h5_create(path, &file));
    HS_TRY(hs_h5_frames_create(file, "/depth", HS_H5_U16, N, 2, shape, &frames));
    for (int f = 0; f < N; f++) {
        for (int i = 0; i < n; i++)
            depth[i] = depth_of(f, i);
        HS_TRY(hs_h5_frames_encode(frames, depth, &block));
        HS_TRY(hs_h5_frames_put(frames, f, &block));
    }
    float values[3] = {1, 2, 3};
    HS_TRY(hs_h5_write(file, "/params/enc1/bias", HS_H5_F32, 1, &three, values));
    HS_TRY(hs_h5_set_text(file, "/", "config", "text"));
    HS_TRY(hs_h5_commit(file));
exit:
    hs_h5_close(file);
    hs_h5_block_free(&block);
    free(depth);
    return status;
}

START_TEST(the_librarys_own_filters_read_our_frames)
{
    const char *path = hs_test_path("frames.h5");
    ck_assert_ok(write_sample(path, 1));
    hs_h5 *file = opened(path);
    uint16_t all[N * H * W], one[H * W];
    int64_t shape[] = {N, H, W};
    ck_assert_ok(hs_h5_read(file, "/depth", HS_H5_U16, 3, shape, all));
    hs_h5_frames *frames;
    hs_h5_block block = {0};
    ck_assert_ok(hs_h5_frames_open(file, "/depth", HS_H5_U16, 2, frame_shape, &frames));
    ck_assert_int_eq(hs_h5_frames_count(frames), N);
    for (int f = N - 1; f >= 0; f--) {
        ck_assert_ok(hs_h5_frames_read(frames, f, one, &block));
        for (int i = 0; i < H * W; i++)
            ck_assert(one[i] == depth_of(f, i) && all[f * H * W + i] == one[i]);
    }
    ck_assert_error(hs_h5_frames_read(frames, N, one, &block), HS_ERR_DATA,
                    "/depth: got frame 3, expected 0 to 2");
    ck_assert_error(hs_h5_frames_open(file, "/depth", HS_H5_U8, 2, frame_shape, &frames),
                    HS_ERR_SHAPE, "got uint16 [3,5,7], expected uint8 [N,5,7]");
    hs_h5_block_free(&block);
    hs_h5_close(file);
}
END_TEST

START_TEST(files_of_h5py_are_read)
{
    hs_h5 *file = opened("tests/golden/h5py.h5"); /* written by h5py, HDF5 1.14 */
    const char *names[] = {"/depth", "/plain"};   /* our filters; contiguous */
    hs_h5_block block = {0};
    for (int k = 0; k < 2; k++) {
        hs_h5_frames *frames;
        ck_assert_ok(hs_h5_frames_open(file, names[k], HS_H5_U16, 2, frame_shape, &frames));
        for (int f = 0; f < N; f++) {
            uint16_t one[H * W];
            ck_assert_ok(hs_h5_frames_read(frames, f, one, &block));
            for (int i = 0; i < H * W; i++)
                ck_assert_uint_eq(one[i], depth_of(f, i));
        }
    }
    hs_arena arena = {0};
    const char *text, *const *texts;
    int n;
    ck_assert_ok(hs_h5_get_text(file, "/", "config", &arena, &text));
    ck_assert_str_eq(text, "lr = 1\n");
    ck_assert_ok(hs_h5_get_texts(file, "/", "labels", &arena, &n, &texts));
    ck_assert_int_eq(n, 3);
    ck_assert_str_eq(texts[1], "right");
    double count;
    ck_assert_ok(hs_h5_get_f64(file, "/", "count", &count)); /* converts from int64 */
    ck_assert_double_eq(count, 7);
    hs_arena_free(&arena);
    hs_h5_block_free(&block);
    hs_h5_close(file);
}
END_TEST

START_TEST(frames_can_be_appended_and_gaps_are_named)
{
    const char *path = hs_test_path("append.h5");
    uint16_t one[H * W] = {4, 2};
    hs_h5 *file;
    hs_h5_frames *frames;
    hs_h5_block block = {0};
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_frames_create(file, "/depth", HS_H5_U16, 0, 2, frame_shape, &frames));
    ck_assert_ok(hs_h5_frames_encode(frames, one, &block));
    ck_assert_ok(hs_h5_frames_put(frames, 0, &block));
    ck_assert_ok(hs_h5_frames_put(frames, 2, &block));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);
    file = opened(path);
    ck_assert_ok(hs_h5_frames_open(file, "/depth", HS_H5_U16, 2, frame_shape, &frames));
    ck_assert_int_eq(hs_h5_frames_count(frames), 3);
    ck_assert_ok(hs_h5_frames_read(frames, 2, one, &block));
    ck_assert(one[0] == 4 && one[1] == 2 && one[2] == 0);
    ck_assert_error(hs_h5_frames_read(frames, 1, one, &block), HS_ERR_FORMAT,
                    "frame 1 is damaged: it was never written");
    hs_h5_close(file);
    hs_h5_block_free(&block);
}
END_TEST

START_TEST(equal_data_give_equal_bytes)
{
    const char *a = hs_test_path("a.h5"), *b = hs_test_path("b.h5");
    ck_assert_ok(write_sample(a, 3));
    ck_assert_ok(write_sample(b, 3));
    size_t size_a, size_b;
    unsigned char *bytes_a = hs_test_read(a, &size_a), *bytes_b = hs_test_read(b, &size_b);
    ck_assert_uint_eq(size_a, size_b);
    ck_assert_mem_eq(bytes_a, bytes_b, size_a);
    free(bytes_a);
    free(bytes_b);
}
END_TEST

/* Reads everything of a sample; the first failure. */
static hs_status read_sample(const char *path)
{
    hs_h5 *file = NULL;
    hs_h5_frames *frames;
    hs_h5_block block = {0};
    hs_arena arena = {0};
    uint16_t one[H * W];
    int64_t three = 3;
    float values[3];
    const char *text;
    hs_status status;
    HS_TRY(hs_h5_open(path, &file));
    HS_TRY(hs_h5_frames_open(file, "/depth", HS_H5_U16, 2, frame_shape, &frames));
    for (int f = 0; f < N; f++)
        HS_TRY(hs_h5_frames_read(frames, f, one, &block));
    HS_TRY(hs_h5_read(file, "/params/enc1/bias", HS_H5_F32, 1, &three, values));
    HS_TRY(hs_h5_get_text(file, "/", "config", &arena, &text));
exit:
    hs_arena_free(&arena);
    hs_h5_block_free(&block);
    hs_h5_close(file);
    return status;
}

START_TEST(every_truncation_is_an_error)
{
    const char *path = hs_test_path("cut.h5");
    ck_assert_ok(write_sample(path, 1));
    ck_assert_ok(read_sample(path));
    size_t size;
    unsigned char *bytes = hs_test_read(path, &size);
    for (size_t cut = 1; cut < size; cut += cut < 128 ? 1 : 97) {
        hs_test_write(path, bytes, cut);
        ck_assert_error(read_sample(path), HS_ERR_FORMAT, "cut.h5: ");
        if (cut >= 48) /* the superblock is there */
            ck_assert_ptr_nonnull(strstr(hs_error_message(), "truncated HDF5 file"));
    }
    free(bytes);
}
END_TEST

START_TEST(damaged_frames_are_named)
{
    const char *path = hs_test_path("flip.h5");
    ck_assert_ok(write_sample(path, 1));
    hs_h5 *file = opened(path);
    hs_h5_frames *frames;
    hs_h5_block block = {0};
    uint16_t one[H * W];
    ck_assert_ok(hs_h5_frames_open(file, "/depth", HS_H5_U16, 2, frame_shape, &frames));
    for (int i = 0; i < H * W; i++)
        one[i] = depth_of(1, i);
    ck_assert_ok(hs_h5_frames_encode(frames, one, &block));
    hs_h5_close(file);
    size_t size;
    unsigned char *bytes = hs_test_read(path, &size);
    unsigned char *at = memmem(bytes, size, block.bytes, block.size);
    ck_assert_ptr_nonnull(at);
    at[block.size / 2] ^= 1;
    hs_test_write(path, bytes, size);
    ck_assert_error(read_sample(path), HS_ERR_FORMAT,
                    "flip.h5: /depth: frame 1 is damaged: the checksum does not fit");
    free(bytes);
    hs_h5_block_free(&block);
}
END_TEST

START_TEST(damaged_arrays_are_found)
{
    enum { COUNT = 1000 };
    static const char *const texts[] = {"a recording of monday", "a recording of tuesday"};
    const char *path = hs_test_path("array.h5"), *const * back;
    int32_t values[COUNT];
    int64_t count = COUNT, n;
    for (int i = 0; i < COUNT; i++)
        values[i] = 0x51525354 + i;
    hs_h5 *file;
    hs_arena arena = {0};
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_write(file, "/values", HS_H5_I32, 1, &count, values));
    ck_assert_ok(hs_h5_write_texts(file, "/texts", 2, texts));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);
    size_t size;
    unsigned char *bytes = hs_test_read(path, &size);
    unsigned char *number = memmem(bytes, size, values + 500, 16);
    unsigned char *text = memmem(bytes, size, texts[1], 22);
    ck_assert(number && text);
    *number ^= 1;
    *text ^= 1;
    hs_test_write(path, bytes, size);
    file = opened(path);
    ck_assert_error(hs_h5_read(file, "/values", HS_H5_I32, 1, &count, values), HS_ERR_FORMAT,
                    "array.h5: /values: cannot read: data error detected by Fletcher32");
    ck_assert_error(hs_h5_read_texts(file, "/texts", &arena, &n, &back), HS_ERR_FORMAT,
                    "array.h5: /texts: cannot read: data error detected by Fletcher32");
    hs_h5_close(file);
    hs_arena_free(&arena);
    free(bytes);
}
END_TEST

START_TEST(no_flipped_byte_crashes)
{
    const char *path = hs_test_path("fuzz.h5");
    ck_assert_ok(write_sample(path, 1));
    size_t size;
    int caught = 0;
    unsigned char *bytes = hs_test_read(path, &size);
    for (size_t i = 0; i < size; i += 3) {
        bytes[i] ^= 0xff;
        hs_test_write(path, bytes, size);
        caught += read_sample(path) != HS_OK;
        bytes[i] ^= 0xff;
    }
    ck_assert_int_gt(caught, 100);
    free(bytes);
    hs_test_write(path, "x", 1);
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_file)
{
    const char *path = hs_test_path("full.h5");
    ck_assert_ok(write_sample(path, 1));
    size_t old_size, new_size, size;
    unsigned char *old = hs_test_read(path, &old_size);
    const char *large = hs_test_path("large.h5");
    ck_assert_ok(write_sample(large, 20));
    free(hs_test_read(large, &new_size));
    for (size_t limit = 1; limit < new_size; limit += 499) {
        hs_test_limit_files(limit);
        hs_status status = write_sample(path, 20);
        hs_test_limit_files(0);
        ck_assert_error(status, HS_ERR_IO, "full.h5: cannot write: File too large");
        ck_assert_ptr_nonnull(strstr(hs_error_hint(), "free some space"));
        ck_assert_int_eq(hs_test_count(hs_test_folder(), ".tmp"), 0);
        unsigned char *now = hs_test_read(path, &size);
        ck_assert_uint_eq(size, old_size);
        ck_assert_mem_eq(now, old, size);
        free(now);
    }
    free(old);
    ck_assert_ok(write_sample(path, 20)); /* and afterwards all is well */
}
END_TEST

START_TEST(what_is_not_committed_leaves_nothing)
{
    hs_h5 *file;
    ck_assert_ok(hs_h5_create(hs_test_path("dropped.h5"), &file));
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "dropped.h5"), 1);
    hs_h5_close(file);
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "dropped.h5"), 0);
}
END_TEST

START_TEST(threads_share_a_file)
{
    enum { ROUNDS = 400 };
    const char *path = hs_test_path("threads.h5");
    ck_assert_ok(write_sample(path, 1));
    hs_h5 *file = opened(path);
    hs_h5_frames *frames;
    ck_assert_ok(hs_h5_frames_open(file, "/depth", HS_H5_U16, 2, frame_shape, &frames));
    int wrong = 0;
#pragma omp parallel for num_threads(4) reduction(+ : wrong)
    for (int i = 0; i < ROUNDS; i++) {
        hs_h5_block block = {0};
        uint16_t one[H * W];
        int64_t shape[HS_H5_MAX_RANK];
        wrong +=
            hs_h5_frames_read(frames, i % N, one, &block) != HS_OK || one[3] != depth_of(i % N, 3);
        wrong += hs_h5_shape(file, "/params/enc1/bias", NULL, NULL, shape) != HS_OK;
        hs_h5_block_free(&block);
    }
    ck_assert_int_eq(wrong, 0);
    hs_h5_close(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hdf5");
    TCase *tests = tcase_create("hdf5");
    tcase_add_test(tests, arrays_and_attributes_survive_exactly);
    tcase_add_test(tests, wrong_shapes_and_names_are_refused);
    tcase_add_test(tests, files_that_do_not_open_say_why);
    tcase_add_test(tests, the_librarys_own_filters_read_our_frames);
    tcase_add_test(tests, files_of_h5py_are_read);
    tcase_add_test(tests, frames_can_be_appended_and_gaps_are_named);
    tcase_add_test(tests, equal_data_give_equal_bytes);
    tcase_add_test(tests, every_truncation_is_an_error);
    tcase_add_test(tests, damaged_frames_are_named);
    tcase_add_test(tests, damaged_arrays_are_found);
    tcase_add_test(tests, no_flipped_byte_crashes);
    tcase_add_test(tests, a_full_disk_leaves_the_old_file);
    tcase_add_test(tests, what_is_not_committed_leaves_nothing);
    tcase_add_test(tests, threads_share_a_file);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

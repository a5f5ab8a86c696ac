/* The loader: the same batches for any number of threads, resumed anywhere; errors reach the
 * caller; it can be stopped at any moment. */
#include "data/loader.h"

#include "base/log.h"
#include "data/dataset.h"
#include "data/pack.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { W = HS_TEST_WIDTH / 2, H = HS_TEST_HEIGHT / 2, PIXELS = W * H, BATCH = 4, FRAMES = 10 };

static hs_dataset *dataset;
static const hs_augment_config augment = {.flip = true, .translate = 0.2, .scale = 0.2};

/* Ten frames, packed once for all tests. */
static void pack_frames(void)
{
    const char *path = hs_test_path("loader.h5");
    hs_pack_config config = {.folder = hs_test_frames("loader", 2, 5),
                             .out = path,
                             .method = HS_METHOD_FRAME,
                             .ratio = {8, 1, 1}};
    ck_assert_ok(hs_pack(&config));
    ck_assert_ok(hs_dataset_open(path, &dataset));
}

static void close_frames(void)
{
    hs_dataset_close(dataset);
}

static hs_loader_config config_of(int threads, int queue)
{
    const uint32_t *frames;
    uint32_t count;
    ck_assert_ok(hs_dataset_split(dataset, HS_SPLIT_ALL, &frames, &count));
    ck_assert_uint_eq(count, FRAMES);
    return (hs_loader_config){.frames = frames,
                              .count = count,
                              .batch = BATCH,
                              .height = H,
                              .width = W,
                              .shuffle = true,
                              .augment = &augment,
                              .seed = 11,
                              .threads = threads,
                              .queue = queue};
}

static hs_loader *started(const hs_loader_config *config)
{
    hs_loader *loader;
    ck_assert_ok(hs_loader_create(dataset, config, &loader));
    return loader;
}

static void same(const hs_batch *a, const hs_batch *b)
{
    ck_assert(a->epoch == b->epoch && a->step == b->step && a->fresh == b->fresh);
    ck_assert_mem_eq(a->frame, b->frame, BATCH * sizeof *a->frame);
    ck_assert_mem_eq(a->depth, b->depth, BATCH * PIXELS * sizeof *a->depth);
    ck_assert_mem_eq(a->mask, b->mask, BATCH * PIXELS);
}

START_TEST(batches_hold_the_frames_in_order)
{
    hs_loader_config config = config_of(2, 3);
    config.shuffle = false;
    config.augment = NULL;
    hs_loader *loader = started(&config);
    ck_assert_uint_eq(hs_loader_steps(loader), 3);
    for (uint32_t step = 0; step < 7; step++) {
        const hs_batch *batch;
        ck_assert_ok(hs_loader_next(loader, &batch));
        ck_assert(batch->epoch == step / 3 && batch->step == step % 3);
        ck_assert_uint_eq(batch->fresh, step % 3 == 2 ? 2 : 4);
        for (uint32_t i = 0; i < BATCH; i++) {
            uint32_t frame = (step % 3 * BATCH + i) % FRAMES;
            const hs_frame_info *info = hs_dataset_get_frame(dataset, frame);
            ck_assert_uint_eq(batch->frame[i], frame);
            for (int p = 0; p < PIXELS; p++) {
                int x = 2 * (p % W), y = 2 * (p / W);
                ck_assert_float_eq(batch->depth[i * PIXELS + p],
                                   hs_test_depth(info->subject, info->number, x, y) / 10000.0f);
                ck_assert_uint_eq(batch->mask[i * PIXELS + p],
                                  hs_test_label(info->subject, info->number, x, y));
            }
        }
    }
    hs_loader_destroy(loader);
}
END_TEST

START_TEST(threads_do_not_show)
{
    hs_loader_config one = config_of(1, 1);
    hs_loader *reference = started(&one);
    static const int others[][2] = {{1, 4}, {2, 2}, {4, 3}, {8, 9}};
    hs_loader *loaders[4];
    for (int k = 0; k < 4; k++) {
        hs_loader_config config = config_of(others[k][0], others[k][1]);
        loaders[k] = started(&config);
    }
    for (int step = 0; step < 30; step++) {
        const hs_batch *expected, *got;
        ck_assert_ok(hs_loader_next(reference, &expected));
        for (int k = 0; k < 4; k++) {
            ck_assert_ok(hs_loader_next(loaders[k], &got));
            same(got, expected);
        }
    }
    for (int k = 0; k < 4; k++)
        hs_loader_destroy(loaders[k]);
    hs_loader_destroy(reference);
}
END_TEST

START_TEST(resuming_equals_not_stopping)
{
    hs_loader_config config = config_of(2, 3);
    hs_loader *whole = started(&config);
    const hs_batch *expected, *got;
    for (int step = 0; step < 5; step++)
        ck_assert_ok(hs_loader_next(whole, &expected)); /* epoch 1, step 1 was the last */
    config.epoch = 1;
    config.step = 2;
    hs_loader *resumed = started(&config);
    for (int step = 0; step < 8; step++) {
        ck_assert_ok(hs_loader_next(whole, &expected));
        ck_assert_ok(hs_loader_next(resumed, &got));
        same(got, expected);
    }
    hs_loader_destroy(resumed);
    hs_loader_destroy(whole);
}
END_TEST

START_TEST(epochs_and_seeds_differ)
{
    hs_loader_config config = config_of(1, 2), other = config_of(1, 2);
    other.seed = 12;
    hs_loader *a = started(&config), *b = started(&other);
    const hs_batch *batch;
    uint32_t first[BATCH];
    ck_assert_ok(hs_loader_next(a, &batch));
    memcpy(first, batch->frame, sizeof first);
    ck_assert_ok(hs_loader_next(b, &batch));
    ck_assert_mem_ne(first, batch->frame, sizeof first);
    for (int step = 0; step < 3; step++)
        ck_assert_ok(hs_loader_next(a, &batch));
    ck_assert_uint_eq(batch->epoch, 1);
    ck_assert_mem_ne(first, batch->frame, sizeof first);
    hs_loader_destroy(a);
    hs_loader_destroy(b);
}
END_TEST

START_TEST(small_sets_fill_a_batch_by_repeating)
{
    hs_loader_config config = config_of(2, 2);
    config.count = 3;
    hs_loader *loader = started(&config);
    const hs_batch *batch;
    ck_assert_ok(hs_loader_next(loader, &batch));
    ck_assert(batch->fresh == 3 && batch->frame[3] == batch->frame[0]);
    ck_assert_mem_eq(batch->depth + 3 * PIXELS, batch->depth, PIXELS * sizeof(float));
    ck_assert_ok(hs_loader_next(loader, &batch));
    ck_assert(batch->epoch == 1 && batch->step == 0);
    hs_loader_destroy(loader);
}
END_TEST

/* What a segmenter gets is what was measured: normalised, it is what the training gets. */
START_TEST(raw_batches_hold_what_was_measured)
{
    hs_loader_config config = config_of(2, 2);
    hs_loader *made = started(&config);
    config.raw = true;
    hs_loader *loader = started(&config);
    float constant = (float)hs_dataset_get_info(dataset)->normalization;
    for (int step = 0; step < 4; step++) {
        const hs_batch *batch, *raw;
        ck_assert_ok(hs_loader_next(made, &batch));
        ck_assert_ok(hs_loader_next(loader, &raw));
        ck_assert(batch->raw == NULL && raw->depth == NULL);
        ck_assert_mem_eq(raw->mask, batch->mask, BATCH * PIXELS);
        for (int i = 0; i < BATCH * PIXELS; i++)
            ck_assert_float_eq((float)raw->raw[i] / constant, batch->depth[i]);
    }
    hs_loader_destroy(made);
    hs_loader_destroy(loader);
}
END_TEST

START_TEST(stopping_never_hangs)
{
    for (int taken = 0; taken < 4; taken++)
        for (int round = 0; round < 25; round++) {
            hs_loader_config config = config_of(1 + round % 4, 1 + round % 3);
            hs_loader *loader = started(&config);
            const hs_batch *batch;
            for (int i = 0; i < taken; i++)
                ck_assert_ok(hs_loader_next(loader, &batch));
            hs_loader_destroy(loader);
        }
    hs_loader_destroy(NULL);
}
END_TEST

START_TEST(impossible_configurations_are_refused)
{
    hs_loader *loader;
    hs_loader_config config = config_of(1, 2);
    config.step = 3;
    ck_assert_error(hs_loader_create(dataset, &config, &loader), HS_ERR_DATA,
                    "got step 3, expected fewer than the epoch's 3");
    config = config_of(0, 2);
    ck_assert_error(hs_loader_create(dataset, &config, &loader), HS_ERR_USAGE, "0 threads");
    config = config_of(1, 2);
    config.count = 0;
    ck_assert_error(hs_loader_create(dataset, &config, &loader), HS_ERR_DATA, "got no frames");
    const uint32_t beyond[] = {0, 10};
    config = config_of(1, 2);
    config.frames = beyond;
    config.count = 2;
    ck_assert_error(hs_loader_create(dataset, &config, &loader), HS_ERR_DATA,
                    "got frame 10, expected 0 to 9");
    ck_assert_ptr_null(loader);
}
END_TEST

START_TEST(memory_is_known_before)
{
    hs_loader_config config = config_of(2, 3);
    size_t least = 3 * BATCH * PIXELS * 5 + 2 * HS_TEST_WIDTH * HS_TEST_HEIGHT * 3;
    size_t bytes = hs_loader_bytes(dataset, &config), small = 40000 + 2 * (48 << 10); /* zlib's */
    ck_assert(bytes > least && bytes < least + small);
    config.queue = 4;
    ck_assert_uint_gt(hs_loader_bytes(dataset, &config), bytes + BATCH * PIXELS * 5);
}
END_TEST

/* Flips a bit of the file's `bytes` where the coded depth of `frame` lies. */
static void flip_bit(unsigned char *bytes, size_t size, int64_t frame)
{
    hs_h5_block block = {0};
    uint16_t depth[HS_TEST_WIDTH * HS_TEST_HEIGHT];
    int64_t shape[] = {HS_TEST_HEIGHT, HS_TEST_WIDTH};
    hs_h5 *file;
    hs_h5_frames *frames;
    ck_assert_ok(hs_h5_open(hs_dataset_get_path(dataset), &file));
    ck_assert_ok(hs_h5_frames_open(file, HS_DATASET_DEPTH, HS_H5_U16, 2, shape, &frames));
    ck_assert_ok(hs_dataset_read(dataset, frame, depth, NULL));
    ck_assert_ok(hs_h5_frames_encode(frames, depth, &block));
    hs_h5_close(file);
    unsigned char *at = memmem(bytes, size, block.bytes, block.size);
    ck_assert_ptr_nonnull(at);
    at[5] ^= 1;
    hs_h5_block_free(&block);
}

/* A copy of the data set in which frames 6 and 7 are damaged. */
static hs_dataset *damaged(void)
{
    const char *path = hs_test_path("broken.h5");
    hs_dataset *result;
    size_t size;
    unsigned char *bytes = hs_test_read(hs_dataset_get_path(dataset), &size);
    flip_bit(bytes, size, 6);
    flip_bit(bytes, size, 7);
    hs_test_write(path, bytes, size);
    free(bytes);
    ck_assert_ok(hs_dataset_open(path, &result));
    return result;
}

START_TEST(errors_of_threads_reach_the_caller)
{
    hs_dataset *broken = damaged();
    for (int threads = 1; threads <= 4; threads++) {
        hs_loader_config config = config_of(threads, 3);
        config.shuffle = false;
        hs_loader *loader;
        const hs_batch *batch;
        ck_assert_ok(hs_loader_create(broken, &config, &loader));
        ck_assert_ok(hs_loader_next(loader, &batch)); /* frames 0 to 3 */
        for (int again = 0; again < 2; again++) {
            ck_assert_error(hs_loader_next(loader, &batch), HS_ERR_FORMAT,
                            "broken.h5: /depth: frame 6 is damaged: the checksum does not fit");
            ck_assert_ptr_null(batch);
        }
        hs_loader_destroy(loader);
    }
    hs_dataset_close(broken);
}
END_TEST

START_TEST(real_frames_are_loaded)
{
    static const char folder[] = "../shared/data/handseg_figures/layout";
    if (access(folder, R_OK) != 0) {
        hs_skip("real frames: %s is absent", folder);
        return;
    }
    const char *path = hs_test_path("real.h5");
    hs_pack_config pack = {
        .folder = folder, .out = path, .method = HS_METHOD_FRAME, .ratio = {1, 1, 1}};
    hs_dataset *real;
    ck_assert_ok(hs_pack(&pack));
    ck_assert_ok(hs_dataset_open(path, &real));
    const hs_dataset_info *info = hs_dataset_get_info(real);
    ck_assert(info->frames == 5 && info->width == 320 && info->height == 240);
    double hands = (double)(info->counts.pixels[1] + info->counts.pixels[2]) / (5.0 * 320 * 240);
    ck_assert(hands > 0.02 && hands < 0.12); /* two hands of 1 to 6 % of the image */
    hs_loader_config config = config_of(2, 2);
    config.count = 5;
    config.height = 240;
    config.width = 320;
    config.normalization = HS_NORMALIZE_MEAN;
    hs_loader *loader;
    const hs_batch *batch;
    ck_assert_ok(hs_loader_create(real, &config, &loader));
    ck_assert_ok(hs_loader_next(loader, &batch));
    double sum = 0, measured = 0;
    for (int i = 0; i < 320 * 240; i++) {
        sum += batch->depth[i];
        measured += batch->depth[i] > 0;
    }
    ck_assert_double_eq_tol(sum / measured, 1, 1e-4);
    hs_loader_destroy(loader);
    hs_dataset_close(real);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("loader");
    TCase *tests = tcase_create("loader");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, pack_frames, close_frames);
    tcase_add_test(tests, batches_hold_the_frames_in_order);
    tcase_add_test(tests, threads_do_not_show);
    tcase_add_test(tests, resuming_equals_not_stopping);
    tcase_add_test(tests, epochs_and_seeds_differ);
    tcase_add_test(tests, small_sets_fill_a_batch_by_repeating);
    tcase_add_test(tests, raw_batches_hold_what_was_measured);
    tcase_add_test(tests, stopping_never_hangs);
    tcase_add_test(tests, impossible_configurations_are_refused);
    tcase_add_test(tests, memory_is_known_before);
    tcase_add_test(tests, errors_of_threads_reach_the_caller);
    tcase_add_test(tests, real_frames_are_loaded);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

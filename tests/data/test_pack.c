/* Packing: what goes in comes out, splits keep people apart, every bad folder has its message. */
#include "data/pack.h"

#include "base/log.h"
#include "io/png.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { W = HS_TEST_WIDTH, H = HS_TEST_HEIGHT, PIXELS = W * H };

static hs_pack_config config_of(const char *folder, const char *out)
{
    return (hs_pack_config){.folder = folder, .out = out, .ratio = {8, 1, 1}, .seed = 1};
}

static hs_dataset *packed(const hs_pack_config *config)
{
    hs_dataset *dataset;
    ck_assert_ok(hs_pack(config));
    ck_assert_ok(hs_dataset_open(config->out, &dataset));
    return dataset;
}

START_TEST(what_goes_in_comes_out)
{
    hs_pack_config config = config_of(hs_test_frames("in", 3, 4), hs_test_path("in.h5"));
    hs_dataset *dataset = packed(&config);
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    ck_assert_int_eq(info->frames, 12);
    ck_assert(info->width == W && info->height == H);
    ck_assert(info->subjects == 3 && info->classes == 3);
    ck_assert_str_eq(info->labels[1], "right");
    ck_assert_double_eq(info->depth_unit, HS_SR300_DEPTH_UNIT);
    ck_assert_double_eq(info->normalization, 10000);
    uint64_t pixels[3] = {0}, in_images[3] = {0};
    for (int i = 0; i < 12; i++) {
        uint16_t depth[PIXELS];
        uint8_t mask[PIXELS];
        const hs_frame_info *frame = hs_dataset_get_frame(dataset, i);
        ck_assert(frame->subject == 1 + i / 4 && frame->number == i % 4);
        ck_assert_ok(hs_dataset_read(dataset, i, depth, mask));
        bool seen[3] = {false};
        for (int p = 0; p < PIXELS; p++) {
            ck_assert_uint_eq(depth[p], hs_test_depth(frame->subject, frame->number, p % W, p / W));
            ck_assert_uint_eq(mask[p], hs_test_label(frame->subject, frame->number, p % W, p / W));
            pixels[mask[p]]++;
            seen[mask[p]] = true;
        }
        for (int c = 0; c < 3; c++)
            in_images[c] += seen[c] ? PIXELS : 0;
    }
    for (int c = 0; c < 3; c++) {
        ck_assert_uint_eq(info->counts.pixels[c], pixels[c]);
        ck_assert_uint_eq(info->counts.image_pixels[c], in_images[c]);
    }
    ck_assert_str_eq(hs_dataset_get_frame(dataset, 5)->source, "images/user-2.00001.png");
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(weights_are_those_of_the_training_split)
{
    hs_pack_config config = config_of(hs_test_frames("in", 3, 4), hs_test_path("weights.h5"));
    hs_dataset *dataset = packed(&config);
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    const uint32_t *frames;
    uint32_t n;
    ck_assert_ok(hs_dataset_split(dataset, HS_SPLIT_TRAIN, &frames, &n));
    double frequency[3] = {0}, present[3] = {0};
    for (uint32_t i = 0; i < n; i++) {
        uint8_t mask[PIXELS];
        int count[3] = {0};
        ck_assert_ok(hs_dataset_read(dataset, frames[i], NULL, mask));
        for (int p = 0; p < PIXELS; p++)
            count[mask[p]]++;
        for (int c = 0; c < 3; c++) {
            frequency[c] += count[c];
            present[c] += count[c] ? PIXELS : 0;
        }
    }
    for (int c = 0; c < 3; c++)
        frequency[c] /= present[c];
    double low = fmin(frequency[0], fmin(frequency[1], frequency[2]));
    double high = fmax(frequency[0], fmax(frequency[1], frequency[2]));
    double median = frequency[0] + frequency[1] + frequency[2] - low - high;
    for (int c = 0; c < 3; c++)
        ck_assert_double_eq_tol(info->weights[c], median / frequency[c], 1e-12);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(bytes_do_not_depend_on_threads)
{
    const char *folder = hs_test_frames("in", 3, 30);
    const char *paths[2] = {hs_test_path("t1.h5"), hs_test_path("t4.h5")};
    unsigned char *bytes[2];
    size_t sizes[2];
    int before = omp_get_max_threads();
    for (int k = 0; k < 2; k++) {
        hs_pack_config config = config_of(folder, paths[k]);
        omp_set_num_threads(k ? 4 : 1);
        ck_assert_ok(hs_pack(&config));
        bytes[k] = hs_test_read(paths[k], &sizes[k]);
    }
    omp_set_num_threads(before);
    ck_assert_uint_eq(sizes[0], sizes[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}
END_TEST

START_TEST(people_are_kept_apart_by_default)
{
    hs_pack_config config = config_of(hs_test_frames("ten", 10, 2), hs_test_path("ten.h5"));
    hs_dataset *dataset = packed(&config);
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    ck_assert_int_eq(info->split_frames[HS_SPLIT_TRAIN], 16);
    ck_assert_int_eq(info->split_frames[HS_SPLIT_VAL], 2);
    ck_assert_int_eq(info->split_frames[HS_SPLIT_TEST], 2);
    hs_split of_subject[11];
    for (int i = 0; i < 20; i++) {
        const hs_frame_info *frame = hs_dataset_get_frame(dataset, i);
        if (frame->number == 0)
            of_subject[frame->subject] = frame->split;
        ck_assert_int_eq(frame->split, of_subject[frame->subject]);
    }
    hs_dataset_close(dataset);

    config = config_of(hs_test_frames("two", 2, 2), hs_test_path("two.h5"));
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "got 2 subjects, expected one for each part");
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), "--split frame"));
    config.method = HS_METHOD_FRAME;
    config.ratio[0] = 2;
    dataset = packed(&config);
    ck_assert_int_eq(hs_dataset_get_info(dataset)->split_frames[HS_SPLIT_TRAIN], 2);
    ck_assert_int_eq(hs_dataset_get_info(dataset)->split_frames[HS_SPLIT_TEST], 1);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(seeds_decide_the_split)
{
    hs_frame_info frames[3][100] = {{{0}}};
    const int ratio[3] = {8, 1, 1};
    const uint64_t seeds[3] = {1, 1, 2};
    for (int k = 0; k < 3; k++)
        ck_assert_ok(hs_split_by_frame(frames[k], 100, ratio, seeds[k]));
    int differ[2] = {0}, train = 0;
    for (int i = 0; i < 100; i++) {
        differ[0] += frames[0][i].split != frames[1][i].split;
        differ[1] += frames[0][i].split != frames[2][i].split;
        train += frames[0][i].split == HS_SPLIT_TRAIN;
    }
    ck_assert_int_eq(differ[0], 0);
    ck_assert_int_gt(differ[1], 0);
    ck_assert_int_eq(train, 80);
}
END_TEST

START_TEST(lists_split_by_name)
{
    const char *folder = hs_test_frames("three", 1, 4);
    const char *train = hs_test_path("train.txt"), *test = hs_test_path("test.txt");
    hs_test_write(train, "# first\nuser-1.00000\nimages/user-1.00002.png \r\n\n", 48);
    hs_test_write(test, "user-1.00003.png", 16);
    hs_pack_config config = config_of(folder, hs_test_path("lists.h5"));
    config.method = HS_METHOD_LISTS;
    config.lists[HS_SPLIT_TRAIN] = train;
    config.lists[HS_SPLIT_TEST] = test;
    hs_dataset *dataset = packed(&config);
    static const hs_split expected[] = {HS_SPLIT_TRAIN, HS_SPLIT_NONE, HS_SPLIT_TRAIN,
                                        HS_SPLIT_TEST};
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(hs_dataset_get_frame(dataset, i)->split, expected[i]);
    const uint32_t *frames;
    uint32_t n;
    ck_assert_error(hs_dataset_split(dataset, HS_SPLIT_VAL, &frames, &n), HS_ERR_DATA,
                    "split 'val' is empty: got train 2, val 0, test 1 frames");
    ck_assert_ok(hs_dataset_split(dataset, HS_SPLIT_ALL, &frames, &n));
    ck_assert(n == 4 && frames[3] == 3);
    hs_dataset_close(dataset);

    config.force = true;
    hs_test_write(test, "user-1.00002", 12);
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "got 'user-1.00002' again: it already is in");
    hs_test_write(test, "user-1.00009", 12);
    ck_assert_error(hs_pack(&config), HS_ERR_DATA,
                    "test.txt: got 'user-1.00009', expected the name of a frame");
    config.lists[HS_SPLIT_TEST] = hs_test_path("absent.txt");
    ck_assert_error(hs_pack(&config), HS_ERR_IO, "absent.txt: cannot read the list: No such");
}
END_TEST

START_TEST(size_takes_samples_and_scales_the_camera)
{
    static const char camera[] =
        "[camera]\nwidth = 24\nheight = 18\nfx = 20\nfy = 21\ncx = 12\ncy = 9\nk1 = 0.1\n"
        "model = inverse_brown_conrady\ndepth_unit = 0.001\n[synth]\nseed = 1\n";
    const char *folder = hs_test_frames("half", 3, 1);
    char path[600];
    snprintf(path, sizeof path, "%s/camera.ini", folder);
    hs_test_write(path, camera, sizeof camera - 1);
    hs_pack_config config = config_of(folder, hs_test_path("half.h5"));
    config.width = W / 2;
    config.height = H / 2;
    hs_dataset *dataset = packed(&config);
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    ck_assert(info->intrinsics.fx == 10 && info->intrinsics.cx == 6 && info->intrinsics.cy == 4.5);
    ck_assert_double_eq(info->depth_unit, 0.001);
    ck_assert_double_eq_tol(info->normalization, 1249.87, 0.01); /* the same distance */
    uint16_t depth[PIXELS / 4];
    uint8_t mask[PIXELS / 4];
    ck_assert_ok(hs_dataset_read(dataset, 1, depth, mask));
    for (int y = 0; y < H / 2; y++)
        for (int x = 0; x < W / 2; x++) {
            ck_assert_uint_eq(depth[y * W / 2 + x], hs_test_depth(2, 0, 2 * x, 2 * y));
            ck_assert_uint_eq(mask[y * W / 2 + x], hs_test_label(2, 0, 2 * x, 2 * y));
        }
    hs_dataset_close(dataset);
    hs_test_write(path, "[camera]\nwidth = 640\n", 21);
    config.force = true;
    ck_assert_error(hs_pack(&config), HS_ERR_CONFIG, "camera.ini");
}
END_TEST

/* Packs a folder whose frame (1, 0) was spoilt by the caller; nothing may be left behind. */
static void refused(const char *folder, hs_status code, const char *text)
{
    const char *out = hs_test_path("refused.h5");
    hs_pack_config config = config_of(folder, out);
    ck_assert_error(hs_pack(&config), code, text);
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "refused.h5"), 0);
}

START_TEST(bad_folders_are_refused)
{
    refused(hs_test_path("nowhere"), HS_ERR_IO, "nowhere/images: cannot list: No such file");
    refused(hs_test_frames("empty", 0, 0), HS_ERR_DATA, "images: got an empty folder");
    const char *folder = hs_test_frames("alone", 3, 2);
    unlink(hs_test_frame_path(folder, "masks", 2, 1));
    refused(folder, HS_ERR_DATA,
            "images/user-2.00001.png: depth without a mask (1 such images), expected");
    unlink(hs_test_frame_path(folder, "images", 2, 1));
    unlink(hs_test_frame_path(folder, "images", 3, 0));
    refused(folder, HS_ERR_DATA, "masks/user-3.00000.png: mask without depth (1 such masks)");
    folder = hs_test_frames("names", 3, 1);
    char path[600];
    static const char *const names[] = {"frame1.png", "user-1.x.png", "user-1.00000.jpg",
                                        "user--1.00000.png", "user-1.0000000000.png"};
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/images/%s", folder, names[i]);
        hs_test_write(path, "x", 1);
        refused(folder, HS_ERR_DATA, "(1 of 4 files are named wrongly), expected user-<subject>");
        ck_assert_ptr_nonnull(strstr(hs_error_message(), names[i]));
        unlink(path);
    }
}
END_TEST

START_TEST(bad_images_are_refused)
{
    uint8_t bytes[PIXELS] = {0};
    uint16_t words[PIXELS] = {0};
    size_t size;
    const char *folder = hs_test_frames("bad", 3, 1);
    const char *image = hs_test_frame_path(folder, "images", 2, 0);
    const char *mask = hs_test_frame_path(folder, "masks", 2, 0);
    unsigned char *sound = hs_test_read(image, &size);
    hs_test_write(image, "GIF89a", 6);
    refused(folder, HS_ERR_FORMAT, "images/user-2.00000.png: not a PNG");
    hs_test_write(image, sound, size - 30);
    refused(folder, HS_ERR_FORMAT, "images/user-2.00000.png: truncated PNG");
    ck_assert_ok(hs_png_write_u8(image, bytes, W, H));
    refused(folder, HS_ERR_FORMAT, "user-2.00000.png: got 8-bit grey, expected 16-bit grey");
    ck_assert_ok(hs_png_write_u16(image, words, W / 2, H));
    refused(folder, HS_ERR_DATA, "masks/user-2.00000.png: got a mask of 24x18, expected 12x18");
    ck_assert_ok(hs_png_write_u8(mask, bytes, W / 2, H));
    refused(folder, HS_ERR_DATA, "images/user-2.00000.png: got 12x18, expected 24x18 like");
    hs_test_write(image, sound, size);
    bytes[5] = bytes[77] = 9;
    bytes[100] = 2;
    ck_assert_ok(hs_png_write_u8(mask, bytes, W, H));
    refused(folder, HS_ERR_DATA,
            "masks/user-2.00000.png: got value 9 (2 pixels are no class), expected 0 to 2");
    free(sound);
}
END_TEST

START_TEST(outputs_are_not_overwritten_by_accident)
{
    const char *folder = hs_test_frames("in", 3, 4), *out = hs_test_path("twice.h5");
    hs_pack_config config = config_of(folder, out);
    ck_assert_ok(hs_pack(&config));
    ck_assert_error(hs_pack(&config), HS_ERR_IO, "twice.h5: exists already");
    config.force = true;
    size_t size, now;
    unsigned char *bytes = hs_test_read(out, &size);
    hs_test_limit_files(1000);
    hs_status status = hs_pack(&config);
    hs_test_limit_files(0);
    ck_assert_error(status, HS_ERR_IO, "twice.h5: cannot write: File too large");
    ck_assert_int_eq(hs_test_count(hs_test_folder(), ".tmp"), 0);
    unsigned char *kept = hs_test_read(out, &now);
    ck_assert_uint_eq(now, size);
    ck_assert_mem_eq(kept, bytes, size);
    ck_assert_ok(hs_pack(&config));
    char others[64];
    snprintf(others, sizeof others, "twice.h5.%ld.tmp", (long)getppid());
    hs_test_write(hs_test_path(others), "written", 7);
    hs_test_write(hs_test_path("twice.h5.99999999.tmp"), "left", 4); /* by a process killed */
    ck_assert_ok(hs_pack(&config));
    ck_assert_int_eq(hs_test_count(hs_test_folder(), ".tmp"), 1);
    ck_assert_int_eq(unlink(hs_test_path(others)), 0);
    config.folder = hs_test_path("nowhere"); /* before a look at the frames */
    config.out = hs_test_path("no/such/folder.h5");
    ck_assert_error(hs_pack(&config), HS_ERR_IO, "no/such/folder.h5: cannot write: No such file");
    config.out = folder;
    ck_assert_error(hs_pack(&config), HS_ERR_IO, "in: got a folder of this name, expected a file");
    ck_assert_int_eq(hs_test_count(hs_test_folder(), ".tmp"), 0);
    free(bytes);
    free(kept);
}
END_TEST

START_TEST(the_command_packs_and_describes)
{
    char line[2000], output[4000];
    const char *folder = hs_test_frames("cli", 3, 2);
    snprintf(line, sizeof line, "pack %s --out %s --depth-unit 0.001 --json", folder,
             hs_test_path("cli.h5"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_ptr_nonnull(strstr(output, "\"frames\": 6"));
    ck_assert_ptr_nonnull(strstr(output, "\"depth_unit\": 0.001"));
    snprintf(line, sizeof line, "info %s", hs_test_path("cli.h5"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_ptr_nonnull(strstr(output, "train 2, val 2, test 2 (by subject)"));
    snprintf(line, sizeof line, "info %s/images/user-1.00000.png", folder);
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 1);
    ck_assert_ptr_nonnull(strstr(output, "not an HDF5 file"));
    static const char *const wrong[][2] = {
        {"--layout nyv", "--layout: got 'nyv'"},
        {"--split people", "--split: got 'people'"},
        {"--ratio 8:1", "--ratio: got '8:1', expected train:val:test"},
        {"--size 320", "--size: got '320', expected WIDTHxHEIGHT"},
        {"--train x.txt", "expected --split lists together with lists"},
        {"--split lists --train x.txt --ratio 1:1:1", "--ratio: got it together with lists"},
        {"--split lists --train x.txt --seed 5", "--seed: got it together with lists"},
        {"--depth-unit 0", "--depth-unit: got 0, expected 1e-06 to 1"},
        {"--form 1", "did you mean '--force'?"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(line, sizeof line, "pack %s --out %s %s", folder, hs_test_path("w.h5"),
                 wrong[i][0]);
        ck_assert_int_eq(hs_test_run(line, output, sizeof output), 2);
        ck_assert_msg(strstr(output, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], output);
    }
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("pack");
    TCase *tests = tcase_create("pack");
    tcase_add_test(tests, what_goes_in_comes_out);
    tcase_add_test(tests, weights_are_those_of_the_training_split);
    tcase_add_test(tests, bytes_do_not_depend_on_threads);
    tcase_add_test(tests, people_are_kept_apart_by_default);
    tcase_add_test(tests, seeds_decide_the_split);
    tcase_add_test(tests, lists_split_by_name);
    tcase_add_test(tests, size_takes_samples_and_scales_the_camera);
    tcase_add_test(tests, bad_folders_are_refused);
    tcase_add_test(tests, bad_images_are_refused);
    tcase_add_test(tests, outputs_are_not_overwritten_by_accident);
    tcase_add_test(tests, the_command_packs_and_describes);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* handseg segment: masks are the network's, from PNG files and data sets alike, at the size of the
 * frame; and what it refuses leaves nothing behind. */
#include "handseg/segment.h"
#include "io/hdf5.h"
#include "io/png.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    W = HS_TEST_WIDTH,
    H = HS_TEST_HEIGHT,
    AREA = W * H,
    CLASSES = 3,
    FRAMES = HS_TINY_SUBJECTS * HS_TINY_FRAMES
};

#define RUN "$H segment run/best.h5 "

static uint8_t *read_mask(const char *name, int width, int height)
{
    uint8_t *mask;
    int w, h;
    ck_assert_ok(hs_png_read_u8(hs_test_path(name), &mask, &w, &h));
    ck_assert_int_eq(w, width);
    ck_assert_int_eq(h, height);
    return mask;
}

START_TEST(masks_are_what_the_model_says)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(RUN "frames --out masks_of", 0, "18 frames: masks and overlays in masks_of");
    ck_assert_int_eq(hs_test_count(hs_test_path("masks_of/masks"), ".png"), FRAMES);
    ck_assert_int_eq(hs_test_count(hs_test_path("masks_of/overlays"), ".png"), FRAMES);
    hs_model *model;
    ck_assert_ok(hs_model_load(hs_test_path("run/best.h5"), 1, &model));
    ck_assert_int_eq(hs_model_classes(model), CLASSES);
    ck_assert_str_eq(hs_model_label(model, 2), "left");
    int hands = 0;
    for (int subject = 1; subject <= HS_TINY_SUBJECTS; subject++) {
        uint16_t depth[AREA];
        uint8_t labels[AREA];
        char name[64];
        for (int i = 0; i < AREA; i++)
            depth[i] = hs_test_depth(subject, 1, i % W, i / W);
        ck_assert_ok(hs_model_segment(model, depth, H, W, labels));
        snprintf(name, sizeof name, "masks_of/masks/user-%d.00001.png", subject);
        uint8_t *mask = read_mask(name, W, H);
        ck_assert_mem_eq(mask, labels, AREA);
        for (int i = 0; i < AREA; i++)
            hands += mask[i] != 0;
        free(mask);
    }
    ck_assert_int_gt(hands, 0);
    hs_model_destroy(model);
    hs_png_info info;
    ck_assert_ok(hs_png_read_info(hs_test_path("masks_of/overlays/user-1.00000.png"), &info));
    ck_assert(info.channels == 3 && info.bits == 8 && info.width == W && info.height == H);
}
END_TEST

/* Of a model loaded for several frames as well: the frame has the first place. */
START_TEST(probabilities_are_of_the_labels)
{
    if (!hs_test_tiny_model())
        return;
    static float p[CLASSES][AREA];
    uint16_t depth[AREA];
    uint8_t labels[AREA];
    hs_model *model;
    ck_assert_ok(hs_model_load(hs_test_path("run/best.h5"), 3, &model));
    for (int i = 0; i < AREA; i++)
        depth[i] = hs_test_depth(2, 1, i % W, i / W);
    ck_assert_ok(hs_model_segment(model, depth, H, W, labels));
    ck_assert_ok(hs_model_probabilities(model, &p[0][0]));
    hs_real logits[CLASSES * AREA];
    hs_model_logits(model, logits);
    for (int i = 0; i < AREA; i++) {
        double sum = 0, exponentials = 0;
        for (int c = 0; c < CLASSES; c++) {
            sum += (double)p[c][i];
            exponentials += exp((double)logits[c * AREA + i]);
            ck_assert(p[c][i] >= 0 && p[c][i] <= p[labels[i]][i]);
        }
        ck_assert_double_eq_tol(sum, 1, 1e-6);
        ck_assert_double_eq_tol((double)p[1][i], exp((double)logits[AREA + i]) / exponentials,
                                1e-6);
    }
    hs_model_destroy(model);
}
END_TEST

START_TEST(files_folders_and_data_sets_give_the_same)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(RUN "tiny.h5 --out from_set --quiet", 0, "18 frames");
    hs_test_shell(RUN "frames/images --out from_images --quiet", 0, "18 frames");
    hs_test_shell(RUN "--out=from_files frames/images/user-1* frames/images/user-[2-6]*", 0,
                  "18 frames");
    hs_test_shell("diff -r from_set from_images && diff -r from_set from_files", 0, "");
    hs_test_shell("OMP_NUM_THREADS=3 " RUN "tiny.h5 --out threads --no-overlays", 0, "masks in");
    hs_test_shell("diff -r from_set/masks threads/masks && ls threads", 0, "masks\n");
    ck_assert_int_ne(access(hs_test_path("threads/overlays"), F_OK), 0);
}
END_TEST

/* At the network's own size the labels are those of the largest logits. */
START_TEST(logits_hold_every_frame)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(RUN "tiny.h5 --out with_logits --logits logits.h5 --no-overlays", 0, "logits.h5");
    hs_h5 *file;
    hs_arena arena = {0};
    int64_t n;
    int classes;
    const char *const *names, *const *labels;
    static float logits[FRAMES][CLASSES][AREA];
    ck_assert_ok(hs_h5_open(hs_test_path("logits.h5"), &file));
    ck_assert_ok(hs_h5_read_texts(file, "/name", &arena, &n, &names));
    ck_assert_ok(hs_h5_get_texts(file, "/", "labels", &arena, &classes, &labels));
    ck_assert_ok(hs_h5_read(file, "/logits", HS_H5_F32, 4, (const int64_t[]){FRAMES, CLASSES, H, W},
                            logits));
    ck_assert_int_eq(n, FRAMES);
    ck_assert(classes == CLASSES && strcmp(labels[1], "right") == 0);
    for (int f = 0; f < FRAMES; f++) {
        char path[128];
        snprintf(path, sizeof path, "with_logits/masks/%s.png", names[f]);
        uint8_t *mask = read_mask(path, W, H);
        for (int i = 0; i < AREA; i++) {
            int best = 0;
            for (int c = 1; c < CLASSES; c++)
                best = logits[f][c][i] > logits[f][best][i] ? c : best;
            ck_assert_int_eq(mask[i], best);
        }
        free(mask);
    }
    hs_h5_close(file);
    hs_arena_free(&arena);
}
END_TEST

START_TEST(frames_of_any_size_and_unit)
{
    if (!hs_test_tiny_model())
        return;
    enum { BIG_W = 3 * W, BIG_H = 3 * H };
    static uint16_t big[BIG_W * BIG_H], fine[AREA];
    mkdir(hs_test_path("sizes"), 0777);
    for (int i = 0; i < BIG_W * BIG_H; i++)
        big[i] = hs_test_depth(3, 1, i % BIG_W / 3, i / BIG_W / 3);
    for (int i = 0; i < AREA; i++)
        fine[i] = (uint16_t)(4 * hs_test_depth(3, 1, i % W, i / W));
    ck_assert_ok(hs_png_write_u16(hs_test_path("sizes/big.png"), big, BIG_W, BIG_H));
    ck_assert_ok(hs_png_write_u16(hs_test_path("fine.png"), fine, W, H));
    hs_test_shell(RUN "sizes frames/images/user-3.00001.png --out sizes_out", 0, "2 frames");
    uint8_t *large = read_mask("sizes_out/masks/big.png", BIG_W, BIG_H);
    uint8_t *small = read_mask("sizes_out/masks/user-3.00001.png", W, H);
    for (int i = 0; i < BIG_W * BIG_H; i++)
        ck_assert_int_eq(large[i], small[i / BIG_W / 3 * W + i % BIG_W / 3]);
    /* A quarter of the unit and four times the number are the same depth; alone they are not. */
    hs_test_shell(RUN "fine.png --depth-unit 0.0000312467613489 --out fine_out", 0, "1 frame:");
    uint8_t *same = read_mask("fine_out/masks/fine.png", W, H);
    ck_assert_mem_eq(same, small, AREA);
    hs_test_shell(RUN "fine.png --out fine_wrong", 0, "1 frame:");
    uint8_t *other = read_mask("fine_wrong/masks/fine.png", W, H);
    ck_assert(memcmp(other, small, AREA) != 0);
    free(large);
    free(small);
    free(same);
    free(other);
}
END_TEST

START_TEST(a_camera_file_gives_the_unit)
{
    if (!hs_test_tiny_model())
        return;
    static const char camera[] = "[camera]\nwidth = 24\nheight = 18\nfx = 20\nfy = 20\ncx = 12\n"
                                 "cy = 9\ndepth_unit = 0.0000312467613489\n";
    static uint16_t fine[AREA];
    mkdir(hs_test_path("camera"), 0777);
    for (int i = 0; i < AREA; i++)
        fine[i] = (uint16_t)(4 * hs_test_depth(2, 1, i % W, i / W));
    ck_assert_ok(hs_png_write_u16(hs_test_path("camera/user-2.00001.png"), fine, W, H));
    hs_test_write(hs_test_path("camera/camera.ini"), camera, sizeof camera - 1);
    hs_test_shell(RUN "camera --out camera_out", 0, "1 frame:");
    hs_test_shell(RUN "frames/images/user-2.00001.png --out camera_same", 0, "1 frame:");
    hs_test_shell("cmp camera_out/masks/user-2.00001.png camera_same/masks/user-2.00001.png", 0,
                  "");
}
END_TEST

START_TEST(results_are_replaced_only_when_asked)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("cp -r frames kept && cp -r kept before", 0, "");
    hs_test_shell(RUN "kept --out kept", 1, "--force");
    hs_test_shell("diff -r kept before", 0, "");
    hs_test_shell(RUN "kept --out kept --force --no-overlays", 0, "18 frames");
    hs_test_shell("diff -rq kept/masks before/masks", 1, "differ");
}
END_TEST

START_TEST(wrong_inputs_leave_nothing)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("mkdir empty", 0, "");
    hs_test_shell("$H segment --help", 0, "handseg segment runs/handseg/best.h5 frames --out");
    hs_test_shell("$H segment run/best.h5 --out o", 2, "arguments");
    hs_test_shell(RUN "frames", 2, "--out");
    hs_test_shell(RUN "frames --out o --overlays --no-overlays", 2, "both");
    hs_test_shell(RUN "nothing.png --out o", 1, "nothing.png: cannot read");
    hs_test_shell(RUN "frames/masks --out o", 1, "got 8-bit grey, expected 16-bit");
    hs_test_shell(RUN "empty --out o", 1, "empty: got a folder without PNG files");
    hs_test_shell(RUN "net.ini --out o", 1, "net.ini: got another file");
    hs_test_shell(RUN "frames tiny.h5 --out o", 2, "two frames named user-1.00000");
    hs_test_shell(RUN "run/best.h5 --out o", 1, "not a data set");
    hs_test_shell("$H segment tiny.h5 frames --out o", 1,
                  "tiny.h5: got an HDF5 file that is no model, expected ");
    ck_assert_int_ne(access(hs_test_path("o"), F_OK), 0);
    hs_test_shell(RUN "frames --out net.ini", 1, "net.ini");
    hs_test_shell(RUN "frames --out o --logits nowhere/l.h5", 1, "nowhere/l.h5");
    hs_test_shell("find o -type f | wc -l", 0, "0");
}
END_TEST

/* The file is found damaged only when it is read: what was written before is whole, and there are
 * no logits. */
START_TEST(damage_in_the_middle_is_an_error)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("mkdir bent && cp frames/images/* bent", 0, "");
    size_t size;
    unsigned char *bytes = hs_test_read(hs_test_path("bent/user-6.00002.png"), &size);
    bytes[size / 2] ^= 0xff;
    hs_test_write(hs_test_path("bent/user-6.00002.png"), bytes, size);
    free(bytes);
    hs_test_shell(RUN "bent --out bent_out --logits bent.h5 --no-overlays", 1, "user-6.00002.png");
    ck_assert_int_eq(hs_test_count(hs_test_path("bent_out/masks"), "tmp"), 0);
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "bent.h5"), 0);
    for (int i = 0; i < 16; i++) {
        char name[64];
        snprintf(name, sizeof name, "bent_out/masks/user-%d.%05d.png", i / 3 + 1, i % 3);
        free(read_mask(name, W, H));
    }
}
END_TEST

START_TEST(json_says_the_times)
{
    if (!hs_test_tiny_model())
        return;
    const char *json = hs_test_shell(RUN "tiny.h5 --out json_out --json --quiet", 0, "{");
    ck_assert(json[0] == '{' && strstr(json, "\"frames\": 18"));
    const char *latency = strstr(json, "\"median_latency_ms\": ");
    ck_assert(latency && strtod(latency + 21, NULL) > 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segment");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, masks_are_what_the_model_says);
    tcase_add_test(tests, probabilities_are_of_the_labels);
    tcase_add_test(tests, files_folders_and_data_sets_give_the_same);
    tcase_add_test(tests, logits_hold_every_frame);
    tcase_add_test(tests, frames_of_any_size_and_unit);
    tcase_add_test(tests, a_camera_file_gives_the_unit);
    tcase_add_test(tests, results_are_replaced_only_when_asked);
    tcase_add_test(tests, wrong_inputs_leave_nothing);
    tcase_add_test(tests, damage_in_the_middle_is_an_error);
    tcase_add_test(tests, json_says_the_times);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* handseg evaluate: figures in every format, files, pictures, and what it refuses. */
#include "eval/picks.h"
#include "eval/predictor.h"
#include "io/hdf5.h"
#include "io/png.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODEL "$H evaluate run/best.h5 --data tiny.h5 --quiet "

/* The number after `key` in `text`. */
static double number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    ck_assert_msg(at != NULL, "'%s' lacks '%s'", text, key);
    at += strlen(key);
    return strtod(at + strcspn(at, "-0123456789"), NULL);
}

static bool exists(const char *name)
{
    return access(hs_test_path(name), F_OK) == 0;
}

START_TEST(figures_are_the_same_in_every_format)
{
    if (!hs_test_tiny_model())
        return;
    char title[] = "run/best.h5 on tiny.h5, test split, 3 frames";
    const char *text = hs_test_shell(MODEL, 0, title);
    double iou = number_after(text, "hand mIoU (iou) ");
    double binary = number_after(text, "hand mIoU (iou_binary_mean)");
    ck_assert(iou > 0 && iou < 100 && binary > iou);
    const char *json = hs_test_shell(MODEL "--format json", 0, "\"models\"");
    ck_assert_double_eq_tol(100 * number_after(json, "\"miou\""), iou, 0.0051);
    ck_assert_double_eq_tol(100 * number_after(json, "\"miou_binary_mean\""), binary, 0.0051);
    char figure[32];
    snprintf(figure, sizeof figure, "%.2f", iou);
    hs_test_shell(MODEL "--format markdown", 0, figure);
    hs_test_shell(MODEL "--format latex", 0, figure);
    hs_test_shell(MODEL "--format csv", 0, "class,iou,iou_binary_mean,precision,recall,pixels");
}
END_TEST

/* The sum over frames of what frames.csv says cannot differ from the whole: here by the counts of
 * the confusion matrix, which add up to the pixels of the split. */
START_TEST(counts_add_up)
{
    if (!hs_test_tiny_model())
        return;
    const char *json = hs_test_shell(MODEL "--format json", 0, "\"confusion\"");
    const char *at = strstr(json, "\"confusion\"");
    double sum = 0;
    for (int row = 0; row < 3; row++) {
        at = strstr(at, "\"truth\"");
        sum += number_after(at, "\"left\": ") + number_after(at, "\"right\": ") +
               number_after(at, "\"background\": ");
        at++;
    }
    ck_assert_double_eq(sum, HS_TINY_TEST * HS_TEST_WIDTH * HS_TEST_HEIGHT);
    /* Frames are counted once, however they fall into batches. */
    static char one[65536];
    snprintf(one, sizeof one, "%s", hs_test_shell(MODEL "--batch 1", 0, "classes"));
    ck_assert_str_eq(one, hs_test_shell(MODEL "--batch 2", 0, "classes"));
    ck_assert_str_eq(one, hs_test_shell(MODEL "--batch 64", 0, "classes"));
}
END_TEST

START_TEST(files_hold_every_format)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(MODEL "--out a/b/tables --split all", 0, "all split, 18 frames");
    static const char *const names[] = {"txt", "csv", "json", "md", "tex"};
    for (int i = 0; i < 5; i++) {
        char name[64];
        snprintf(name, sizeof name, "a/b/tables/table.%s", names[i]);
        ck_assert_msg(exists(name), "%s is missing", name);
    }
    hs_test_shell(MODEL "--split all | diff - a/b/tables/table.txt", 0, "");
    hs_test_shell(MODEL "--split all --format latex | diff - a/b/tables/table.tex", 0, "");
    hs_test_shell("head -n 1 a/b/tables/confusion.csv", 0, "truth,left,right,background");
    hs_test_shell("wc -l < a/b/tables/frames.csv", 0, "19");
    hs_test_shell("cat a/b/tables/frames.csv", 0,
                  "frame,subject,iou_background,iou_right,iou_left,miou\n");
    hs_test_shell("cat a/b/tables/frames.csv", 0, "\nuser-6.00002,6,0.");
    ck_assert_int_eq(hs_test_count(hs_test_path("a/b/tables"), "tmp"), 0);
}
END_TEST

START_TEST(pictures_of_the_worst_and_of_named_frames)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell(MODEL "--split all --out t --overlays worst --worst 2", 0, "");
    ck_assert_int_eq(hs_test_count(hs_test_path("worst"), ".png"), 3);
    ck_assert(exists("worst/sheet.png"));
    /* The two lowest of the last column, of frames with hands: those have pictures. */
    hs_test_shell("tail -n +2 t/frames.csv | grep -v ',$' | sort -t, -k6,6g | head -n 2 | "
                  "cut -d, -f1 | while read f; do test -f worst/$f.png || exit 1; done",
                  0, "");
    hs_png_info info;
    hs_test_shell(
        MODEL "--split all --overlays named --frames user-2.00001,images/user-3.00000.png", 0, "");
    ck_assert_int_eq(hs_test_count(hs_test_path("named"), ".png"), 5); /* two also of depth */
    ck_assert(exists("named/user-2.00001.depth.png"));
    ck_assert_ok(hs_png_read_info(hs_test_path("named/user-2.00001.png"), &info));
    ck_assert(info.channels == 3 && info.height == HS_TEST_HEIGHT &&
              info.width > 2 * HS_TEST_WIDTH);
    hs_test_shell(MODEL "--split all --overlays named --frames user-2.0001", 2, "user-2.00001");
}
END_TEST

START_TEST(picks_are_the_lowest_and_evenly_spread)
{
    uint32_t frames[100];
    for (uint32_t i = 0; i < 100; i++)
        frames[i] = 1000 + i;
    hs_picks picks;
    hs_picks_spread(&picks, frames, 100, 4);
    ck_assert_int_eq(picks.n_chosen, 4);
    ck_assert_uint_eq(picks.chosen[0].frame, 1012);
    ck_assert_uint_eq(picks.chosen[3].frame, 1087);
    for (uint32_t i = 0; i < 100; i++)
        hs_picks_see(&picks, frames[i], i % 10 == 3 ? NAN : (double)(i * 37 % 100) / 100);
    static const uint32_t lowest[] = {1000, 1046, 1019, 1092}; /* 0, .02, .03, .04 */
    ck_assert_int_eq(picks.n_worst, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(picks.worst[i].frame, lowest[i]);
    ck_assert(isnan(picks.worst[0].miou) == 0 && hs_picks_is_worst(&picks, 1046));
    ck_assert(!hs_picks_is_worst(&picks, 1001));
    ck_assert_double_eq_tol(picks.chosen[0].miou, 0.44, 1e-12);
}
END_TEST

/* Copies a checkpoint's bytes, then changes some. */
static void damage(const char *name, size_t keep, size_t at)
{
    size_t size;
    unsigned char *bytes = hs_test_read(hs_test_path("run/best.h5"), &size);
    for (size_t i = at; at && i < at + 8; i++)
        bytes[i] ^= 0x5a;
    hs_test_write(hs_test_path(name), bytes, keep ? keep : size);
    free(bytes);
}

START_TEST(damaged_checkpoints_are_refused)
{
    if (!hs_test_tiny_model())
        return;
    damage("cut.h5", 3000, 0);
    hs_test_shell("$H evaluate cut.h5 --data tiny.h5", 1, "cut.h5: truncated");
    hs_test_shell("$H evaluate tiny.h5 --data tiny.h5", 1, "a checkpoint of a network");
    hs_test_shell("$H evaluate net.ini --data tiny.h5", 1, "net.ini: got a configuration");
    hs_test_shell("head -c 600 /dev/zero > zeros; $H evaluate zeros --data tiny.h5", 1,
                  "zeros: not an HDF5 file");
    hs_test_shell("$H verify run/best.h5", 0, "run/best.h5: sound");
    hs_test_shell("$H verify cut.h5", 1, "cut.h5: truncated");
    hs_test_shell("$H evaluate nothing.h5 --data tiny.h5", 1, "nothing.h5: cannot read");
    hs_test_shell("$H evaluate run/best.h5 --data run/best.h5", 1, "not a data set");
    /* The weights of the convolution, found by their first bytes. */
    hs_h5 *file;
    float weights[4 * 16];
    ck_assert_ok(hs_h5_open(hs_test_path("run/best.h5"), &file));
    ck_assert_ok(hs_h5_read(file, "/params/enc1/weight", HS_H5_F32, 4,
                            (const int64_t[]){4, 1, 4, 4}, weights));
    hs_h5_close(file);
    size_t size;
    unsigned char *bytes = hs_test_read(hs_test_path("run/best.h5"), &size);
    unsigned char *found = memmem(bytes, size, weights, 64);
    if (found) {
        damage("bent.h5", 0, (size_t)(found - bytes));
        hs_test_shell("$H evaluate bent.h5 --data tiny.h5", 1, "bent.h5");
        hs_test_shell("$H verify bent.h5", 1, "bent.h5");
    } else {
        hs_skip("weights are not stored as they are");
    }
    free(bytes);
}
END_TEST

START_TEST(checkpoints_of_other_nets_are_refused)
{
    if (!hs_test_tiny_model())
        return;
    /* The configuration says one network, the arrays are of another. */
    hs_test_shell("$H train tiny.ini --set enc1.filters=5 --set train.out=other --set "
                  "train.epochs=1 --quiet",
                  0, "");
    hs_h5 *from, *to;
    hs_arena arena = {0};
    const char *config;
    ck_assert_ok(hs_h5_open(hs_test_path("other/best.h5"), &from));
    ck_assert_ok(hs_h5_get_text(from, "/", "config", &arena, &config));
    hs_h5_close(from);
    ck_assert_ok(hs_h5_create(hs_test_path("mixed.h5"), &to));
    float weight[4 * 16] = {0};
    int64_t zero = 0;
    static const char *const labels[] = {"background", "right", "left"};
    static const char *const integers[] = {"seed",  "step",       "epoch",
                                           "batch", "best_epoch", "best_step"};
    ck_assert_ok(hs_h5_write(to, "/params/enc1/weight", HS_H5_F32, 4, (const int64_t[]){4, 1, 4, 4},
                             weight));
    ck_assert_ok(hs_h5_write(to, "/train", HS_H5_I64, 0, NULL, &zero));
    for (int i = 0; i < 6; i++)
        ck_assert_ok(hs_h5_set_i64(to, "/train", integers[i], 0));
    ck_assert_ok(hs_h5_set_f64(to, "/train", "seconds", 0));
    ck_assert_ok(hs_h5_set_f64(to, "/train", "best_miou", 0));
    ck_assert_ok(hs_h5_set_text(to, "/", "version", "0"));
    ck_assert_ok(hs_h5_set_text(to, "/", "config", config));
    ck_assert_ok(hs_h5_set_texts(to, "/", "labels", 3, labels));
    ck_assert_ok(hs_h5_set_i64(to, "/", "data_hash", 0));
    ck_assert_ok(hs_h5_set_f64(to, "/", "depth_unit", 1e-4));
    ck_assert_ok(hs_h5_commit(to));
    hs_h5_close(to);
    hs_arena_free(&arena);
    const char *text =
        hs_test_shell("$H evaluate mixed.h5 --data tiny.h5", 1, "a checkpoint of another net");
    ck_assert_ptr_nonnull(strstr(text, "enc1/weight is 4x1x4x4 in the file and 5x1x4x4"));
    ck_assert_ptr_nonnull(strstr(text, "enc1/bn_weight is in the net only"));
}
END_TEST

/* run/best.h5 again, one number of which is another. */
static void spoil(const char *name, const char *layer, const char *array, float value)
{
    hs_arena arena = {0};
    hs_checkpoint_info info;
    hs_ini ini = {0};
    hs_net *net;
    hs_predictor predictor = {0};
    hs_params *params;
    char from[512];
    snprintf(from, sizeof from, "%s", hs_test_path("run/best.h5"));
    ck_assert_ok(hs_checkpoint_read_info(from, &arena, &info));
    ck_assert_ok(hs_net_from_config_text(&ini, from, info.config, &net));
    ck_assert_ok(hs_predictor_init(&predictor, net, HS_INFERENCE, 1, 0, 0));
    ck_assert_ok(hs_params_create(predictor.graph, false, &params));
    ck_assert_ok(hs_checkpoint_read(from, params, NULL));
    for (int i = 0; i < hs_params_count(params); i++) {
        const hs_param_info *about = hs_params_info(params, i);
        if (strcmp(about->layer, layer) != 0 || strcmp(about->name, array) != 0)
            continue;
        hs_real *values = malloc(sizeof *values * (size_t)hs_param_elements(about));
        hs_params_get(params, i, values);
        values[hs_param_elements(about) - 1] = (hs_real)value;
        hs_params_set(params, i, values);
        free(values);
    }
    ck_assert_ok(hs_checkpoint_write(hs_test_path(name), params, NULL, &info));
    hs_params_destroy(params);
    hs_predictor_free(&predictor);
    hs_net_destroy(net);
    hs_ini_free(&ini);
    hs_arena_free(&arena);
}

START_TEST(numbers_that_are_not_finite_are_refused)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("cp -r run nan", 0, "");
    spoil("nan/best.h5", "dec1", "weight", NAN);
    char weight[] = "nan/best.h5: /params/dec1/weight: got a number that is not finite";
    hs_test_shell("$H verify nan/best.h5", 1, weight);
    hs_test_shell("$H evaluate nan/best.h5 --data tiny.h5", 1, weight);
    hs_test_shell("$H report nan --split all --out nan.html", 1, weight);
    hs_test_shell("$H segment nan/best.h5 frames/images/user-1.00000.png --out labelled", 1,
                  weight);
    hs_test_shell("$H train tiny.ini --set train.init=nan/best.h5 --set train.out=after", 1,
                  "nan/best.h5: layer 'dec1': got a number that is not finite");
    /* A statistic is read at every frame, too. */
    spoil("nan/best.h5", "enc1", "bn_var", NAN);
    hs_test_shell("$H evaluate nan/best.h5 --data tiny.h5", 1,
                  "nan/best.h5: /params/enc1/bn_var: got a number that is not finite");
    /* Nor is what finite numbers make always finite. */
    spoil("nan/best.h5", "enc1", "bn_weight", 3e38F);
    char outputs[] = "nan/best.h5: got outputs of infinity or NaN, first in layer 'enc1'";
    hs_test_shell("$H evaluate nan/best.h5 --data tiny.h5", 1, outputs);
    hs_test_shell("$H segment nan/best.h5 frames/images/user-1.00000.png --out labelled", 1,
                  outputs);
}
END_TEST

/* A data set of two frames with these classes, all in the test split. */
static void make_dataset(const char *name, int classes, const char *const *labels, double unit)
{
    enum { PIXELS = HS_TEST_WIDTH * HS_TEST_HEIGHT };
    hs_dataset_spec spec = {.height = HS_TEST_HEIGHT,
                            .width = HS_TEST_WIDTH,
                            .classes = classes,
                            .depth_unit = unit,
                            .split_method = "lists"};
    for (int c = 0; c < classes; c++)
        spec.labels[c] = labels[c];
    static uint16_t depth[2 * PIXELS];
    static uint8_t mask[2 * PIXELS];
    for (int i = 0; i < 2 * PIXELS; i++) {
        int number = i / PIXELS, x = i % HS_TEST_WIDTH, y = i % PIXELS / HS_TEST_WIDTH;
        /* Metres stay what they are in the frames of the tiny model. */
        depth[i] = (uint16_t)lround(hs_test_depth(1, number, x, y) * (HS_SR300_DEPTH_UNIT / unit));
        mask[i] = (uint8_t)(hs_test_label(1, number, x, y) % classes);
    }
    hs_frame_info infos[2] = {{1, 0, HS_SPLIT_TEST, "a.png"}, {1, 1, HS_SPLIT_TEST, "b.png"}};
    hs_dataset_writer *writer;
    ck_assert_ok(hs_dataset_create(hs_test_path(name), &spec, &writer));
    ck_assert_ok(hs_dataset_append(writer, 2, infos, depth, mask));
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
}

START_TEST(other_labels_are_refused_other_units_are_not)
{
    if (!hs_test_tiny_model())
        return;
    static const char *const two[] = {"background", "hand"};
    static const char *const swapped[] = {"background", "left", "right"};
    static const char *const same[] = {"background", "right", "left"};
    make_dataset("two.h5", 2, two, 1e-4);
    make_dataset("swapped.h5", 3, swapped, 1e-4);
    hs_test_shell("$H evaluate run/best.h5 --data two.h5", 1,
                  "two.h5: got the labels (background, hand), expected those of run/best.h5 "
                  "(background, right, left)");
    hs_test_shell("$H evaluate run/best.h5 --data swapped.h5", 1, "(background, left, right)");
    hs_test_shell("$H evaluate run/best.h5 --data two.h5 --merge-hands", 0, "\ntruth ");
    hs_test_shell("$H evaluate run/best.h5 --data swapped.h5 --merge-hands --format csv", 0,
                  "\nhand,");
    /* The same depths in another unit, a hair finer, are the same depths to the network. */
    make_dataset("coarse.h5", 3, same, HS_SR300_DEPTH_UNIT);
    make_dataset("fine.h5", 3, same, HS_SR300_DEPTH_UNIT / 4);
    static char coarse[65536];
    snprintf(coarse, sizeof coarse, "%s",
             hs_test_shell("$H evaluate run/best.h5 --data coarse.h5 --format csv", 0, "class"));
    const char *fine = hs_test_shell("$H evaluate run/best.h5 --data fine.h5 --format csv", 0, "");
    ck_assert_str_eq(strstr(coarse, "class,"), strstr(fine, "class,"));
    hs_test_shell("$H evaluate run/best.h5 --data fine.h5 --split val", 1, "val");
}
END_TEST

START_TEST(wrong_use_is_refused)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("$H evaluate --help", 0, "handseg evaluate runs/handseg/best.h5");
    hs_test_shell("$H evaluate run/best.h5", 2, "--data");
    hs_test_shell(MODEL "--split tests", 2, "test");
    hs_test_shell(MODEL "--format latx", 2, "latex");
    hs_test_shell(MODEL "--worst 3", 2, "evaluate: --worst: got it without --overlays");
    hs_test_shell(MODEL "--frames user-2.00001", 2,
                  "evaluate: --frames: got it without --overlays");
    hs_test_shell(MODEL "--out net.ini/x", 1, "net.ini");
    hs_test_shell(MODEL "--overlays net.ini", 1, "net.ini: got a file of this name");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evaluate");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, figures_are_the_same_in_every_format);
    tcase_add_test(tests, counts_add_up);
    tcase_add_test(tests, files_hold_every_format);
    tcase_add_test(tests, pictures_of_the_worst_and_of_named_frames);
    tcase_add_test(tests, picks_are_the_lowest_and_evenly_spread);
    tcase_add_test(tests, damaged_checkpoints_are_refused);
    tcase_add_test(tests, checkpoints_of_other_nets_are_refused);
    tcase_add_test(tests, numbers_that_are_not_finite_are_refused);
    tcase_add_test(tests, other_labels_are_refused_other_units_are_not);
    tcase_add_test(tests, wrong_use_is_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

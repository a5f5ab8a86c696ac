/* Published data sets as they are on disk: files made by tests/golden/layouts.py, and damaged ones.
 */
#include "data/layout.h"
#include "data/pack.h"
#include "data/verify.h"
#include "io/png.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { W = 16, H = 12, PIXELS = W * H };

static int golden_depth(int frame, int x, int y)
{
    return x == 0 && y == 0 ? 0 : 400 + 100 * frame + 37 * y + 5 * x;
}

/* Paths of the support's are good for a few calls only; these for the test. */
static const char *kept_path(const char *name)
{
    enum { PATHS = 16, SIZE = 600 };
    static char paths[PATHS][SIZE];
    static int count;
    char *path = paths[count++ % PATHS];
    snprintf(path, SIZE, "%s", hs_test_path(name));
    return path;
}

static hs_pack_config config_of(const hs_layout_kind *layout, const char *folder)
{
    return (hs_pack_config){.folder = folder,
                            .out = hs_test_path("layout.h5"),
                            .layout = layout,
                            .ratio = {8, 1, 1},
                            .seed = 1,
                            .force = true};
}

static hs_dataset *packed(const hs_pack_config *config)
{
    hs_dataset *dataset;
    ck_assert_ok(hs_pack(config));
    ck_assert_ok(hs_dataset_open(config->out, &dataset));
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    ck_assert(info->width == W && info->height == H && info->classes == 3);
    return dataset;
}

START_TEST(freiburg_is_read)
{
    hs_pack_config config = config_of(&hs_layout_freiburg, "tests/golden/layouts/freiburg");
    hs_dataset *dataset = packed(&config);
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    ck_assert_str_eq(info->split_method, "published");
    ck_assert_int_eq(info->split_frames[HS_SPLIT_TRAIN], 2);
    ck_assert_int_eq(info->split_frames[HS_SPLIT_VAL], 1); /* of the training */
    ck_assert_int_eq(info->split_frames[HS_SPLIT_TEST], 2);
    ck_assert_double_eq_tol(info->depth_unit * 65535, 5, 1e-12);
    for (int i = 0; i < 5; i++) {
        uint16_t depth[PIXELS];
        uint8_t mask[PIXELS];
        const hs_frame_info *frame = hs_dataset_get_frame(dataset, i);
        bool test = strncmp(frame->source, "evaluation/depth/0000", 21) == 0;
        int f = frame->number + (test ? 3 : 0);
        ck_assert_int_eq(test, frame->split == HS_SPLIT_TEST);
        ck_assert_ok(hs_dataset_read(dataset, i, depth, mask));
        for (int p = 0; p < PIXELS; p++) {
            int label = (p + f) % 34;
            ck_assert_int_eq(depth[p], 50 * golden_depth(f, p % W, p / W));
            ck_assert_int_eq(mask[p], label < 2 ? 0 : label < 18 ? 2 : 1);
        }
    }
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(nyu_is_read)
{
    hs_pack_config config = config_of(&hs_layout_nyu, "tests/golden/layouts/nyu");
    hs_dataset *dataset = packed(&config);
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    ck_assert_str_eq(info->split_method, "frame"); /* nobody knows the people */
    ck_assert_int_eq(info->split_frames[HS_SPLIT_TEST], 1);
    ck_assert_double_eq(info->depth_unit, 0.001);
    ck_assert_int_eq(info->frames, 3); /* the colour images are passed over */
    ck_assert_uint_eq(info->counts.pixels[HS_LAYOUT_RIGHT], 0);
    for (int i = 0; i < 3; i++) {
        uint16_t depth[PIXELS];
        uint8_t mask[PIXELS];
        int f = hs_dataset_get_frame(dataset, i)->number;
        ck_assert_ok(hs_dataset_read(dataset, i, depth, mask));
        for (int p = 0; p < PIXELS; p++) {
            int x = p % W, y = p / W;
            ck_assert_int_eq(depth[p], x == 3 && y == 2 ? 0 : golden_depth(f, x, y));
            ck_assert_int_eq(mask[p], x > 4 && y > f ? HS_LAYOUT_LEFT : 0);
        }
    }
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(handnet_is_read)
{
    static const char *const parts[] = {"TrainData", "ValidationData", "TestData"};
    static const hs_split splits[] = {HS_SPLIT_TRAIN, HS_SPLIT_VAL, HS_SPLIT_TEST};
    hs_pack_config config = config_of(&hs_layout_handnet, "tests/golden/layouts/handnet");
    hs_dataset *dataset = packed(&config);
    ck_assert_int_eq(hs_dataset_get_info(dataset)->subjects, 3); /* the sessions */
    for (int i = 0; i < 6; i++) {
        uint16_t depth[PIXELS];
        uint8_t mask[PIXELS];
        const hs_frame_info *frame = hs_dataset_get_frame(dataset, i);
        int k = 0, f = frame->number;
        while (k < 2 && strncmp(frame->source, parts[k], strlen(parts[k])) != 0)
            k++;
        ck_assert(frame->split == splits[k] && frame->subject == 1 + (k + f) % 3);
        ck_assert_ok(hs_dataset_read(dataset, i, depth, mask));
        for (int p = 0; p < PIXELS; p++) {
            ck_assert_int_eq(depth[p], golden_depth(2 * k + f, p % W, p / W)); /* nan: 0 */
            ck_assert_int_eq(mask[p], (p % W + f) % 8 ? HS_LAYOUT_LEFT : 0);
        }
    }
    hs_dataset_close(dataset);
}
END_TEST

/* Of the frame with this number. */
static int subject_of(const hs_dataset *dataset, int number)
{
    int64_t i = 0;
    while (hs_dataset_get_frame(dataset, i)->number != number)
        i++;
    return hs_dataset_get_frame(dataset, i)->subject;
}

START_TEST(sessions_may_be_texts_or_numbers_or_absent)
{
    hs_pack_config config = config_of(&hs_layout_handnet, "tests/golden/layouts/handnet_sessions");
    config.method = HS_METHOD_FRAME;
    config.ratio[1] = config.ratio[2] = 0;
    hs_dataset *dataset = packed(&config);
    ck_assert_int_eq(subject_of(dataset, 2), 3); /* a number */
    ck_assert_int_eq(subject_of(dataset, 1), 4); /* "Ann 2" */
    ck_assert_int_eq(subject_of(dataset, 0), 5); /* "Zoë 2" */
    ck_assert_int_eq(subject_of(dataset, 3), 5); /* the same in 16 bits a character */
    ck_assert(!hs_dataset_get_info(dataset)->subjects_unknown);
    hs_dataset_close(dataset);
    config.folder = "tests/golden/layouts/handnet_nobody"; /* absent, and empty */
    dataset = packed(&config);
    ck_assert_int_eq(subject_of(dataset, 0), 0);
    ck_assert_int_eq(subject_of(dataset, 1), 0);
    ck_assert(hs_dataset_get_info(dataset)->subjects_unknown);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(other_splits_can_be_asked_for)
{
    hs_pack_config config = config_of(&hs_layout_handnet, "tests/golden/layouts/handnet");
    config.method = HS_METHOD_SUBJECT;
    config.ratio[0] = 1;
    hs_dataset *dataset = packed(&config);
    ck_assert_int_eq(hs_dataset_get_info(dataset)->split_frames[HS_SPLIT_TRAIN], 2);
    hs_dataset_close(dataset);
    config.method = HS_METHOD_LISTS;
    config.lists[HS_SPLIT_TRAIN] = hs_test_path("train.txt");
    hs_test_write(config.lists[HS_SPLIT_TRAIN], "Data_0000001.mat\n", 17);
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "cannot tell T");
    config.folder = "tests/golden/layouts/handnet/TestData"; /* a part on its own */
    dataset = packed(&config);
    ck_assert_int_eq(hs_dataset_get_info(dataset)->split_frames[HS_SPLIT_TRAIN], 1);
    hs_dataset_close(dataset);
    config.method = HS_METHOD_PUBLISHED;
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "got no folders of a published split");
}
END_TEST

static void refused(const hs_layout_kind *kind, const char *folder, hs_status code,
                    const char *text)
{
    hs_pack_config config = config_of(kind, folder);
    config.method = HS_METHOD_FRAME;
    config.ratio[1] = config.ratio[2] = 0;
    unlink(config.out);
    ck_assert_error(hs_pack(&config), code, text);
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "layout.h5"), 0);
}

/* ---- what the sets are ---- */

static const struct {
    const hs_layout_kind *kind;
    hs_split_method method;
    int shared;              /* pairs of splits that have a subject in common */
    const char *text, *json; /* of people, hands, sensor and annotation, as info prints them */
} sets[] = {
    {&hs_layout_freiburg, HS_METHOD_PUBLISHED, 2,
     "subjects unknown\nhands          both\nsensor         rendered\nannotation     rendered\n",
     "\"subjects\": null,\n  \"hands\": \"both\",\n  \"sensor\": \"rendered\",\n"
     "  \"annotation\": \"rendered\","},
    {&hs_layout_nyu, HS_METHOD_FRAME, 2,
     "subjects unknown\nhands          left\nsensor         Kinect v1\nannotation     unknown\n",
     "\"subjects\": null,\n  \"hands\": \"left\",\n  \"sensor\": \"Kinect v1\",\n"
     "  \"annotation\": \"\","},
    {&hs_layout_handnet, HS_METHOD_PUBLISHED, 3,
     "3 subjects\nhands          left\nsensor         SR300\nannotation     heuristic\n",
     "\"subjects\": 3,\n  \"hands\": \"left\",\n  \"sensor\": \"SR300\",\n"
     "  \"annotation\": \"heuristic\","},
    {&hs_layout_handseg, HS_METHOD_SUBJECT, 0,
     "3 subjects\nhands          both\nsensor         SR300\nannotation     automatic\n",
     "\"subjects\": 3,\n  \"hands\": \"both\",\n  \"sensor\": \"SR300\",\n"
     "  \"annotation\": \"automatic\","},
};

enum { SETS = sizeof sets / sizeof *sets };

static hs_pack_config config_of_set(int i)
{
    static char folder[600];
    if (sets[i].kind == &hs_layout_handseg)
        snprintf(folder, sizeof folder, "%s", hs_test_frames("handseg", 3, 2));
    else
        snprintf(folder, sizeof folder, "tests/golden/layouts/%s", sets[i].kind->name);
    hs_pack_config config = config_of(sets[i].kind, folder);
    config.method = sets[i].method;
    return config;
}

/* Who is in two splits of a published set, or of one that is split by frame, is there by choice. */
START_TEST(sets_are_sound)
{
    hs_pack_config config = config_of_set(_i);
    hs_verify_report report = {0};
    hs_dataset *dataset;
    ck_assert_ok(hs_pack(&config));
    ck_assert_ok(hs_dataset_open(config.out, &dataset));
    ck_assert_ok(hs_dataset_verify(dataset, &report));
    for (const hs_finding *f = report.findings; f; f = f->next)
        ck_assert_msg(!f->fault, "%s: %s", config.folder, f->text);
    ck_assert_int_eq(report.counts[HS_FINDING_SUBJECT], sets[_i].shared);
    hs_verify_report_free(&report);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(info_says_what_sets_are)
{
    hs_pack_config config = config_of_set(_i);
    char line[700], output[4000];
    ck_assert_ok(hs_pack(&config));
    snprintf(line, sizeof line, "info %s", config.out);
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_msg(strstr(output, sets[_i].text) != NULL, "%s", output);
    strcat(line, " --json");
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_msg(strstr(output, sets[_i].json) != NULL, "%s", output);
}
END_TEST

START_TEST(a_real_frame_of_nyu_is_read)
{
    static const char folder[] = "../shared/data/nyu";
    if (access(folder, R_OK) != 0) {
        hs_skip("a real frame of NYU: %s is absent", folder);
        return;
    }
    enum { WIDTH = 640, HEIGHT = 480, NEAREST = 731, FAR_PIXELS = 187127 };
    hs_layout layout = {0};
    uint16_t *depth, nearest = UINT16_MAX;
    uint8_t *mask;
    int missing = 0, labelled = 0;
    ck_assert_ok(hs_layout_scan(&layout, &hs_layout_nyu, folder));
    ck_assert(layout.count == 1 && layout.width == WIDTH && layout.height == HEIGHT);
    ck_assert_str_eq(layout.frames[0].source, "depth_1_0000001.png");
    ck_assert(layout.frames[0].number == 1 && layout.subjects_unknown);
    ck_assert_ok(hs_layout_read(&layout, 0, &depth, &mask));
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        missing += depth[i] == 0;
        labelled += mask[i] != 0;
        if (depth[i] > 0 && depth[i] < nearest)
            nearest = depth[i];
    }
    ck_assert(nearest == NEAREST && missing == FAR_PIXELS);
    ck_assert_int_eq(depth[240 * WIDTH + 320], 1020);
    ck_assert_int_eq(labelled,
                     0); /* one for poses: only those of the hand classifier have labels */
    free(depth);
    free(mask);
    hs_layout_free(&layout);
    refused(&hs_layout_nyu, folder, HS_ERR_DATA, "data/nyu: got no labelled pixel in 1 frames");
}
END_TEST

/* ---- damaged folders ---- */

/* A copy of a golden file under the test's own folder. */
static const char *copied(const char *golden, const char *name, size_t *size)
{
    char path[600];
    snprintf(path, sizeof path, "tests/golden/layouts/%s", golden);
    unsigned char *bytes = hs_test_read(path, size);
    const char *copy = kept_path(name);
    hs_test_write(copy, bytes, *size);
    free(bytes);
    return copy;
}

static void make_folder(const char *name)
{
    ck_assert_int_eq(mkdir(hs_test_path(name), 0777), 0);
}

START_TEST(damaged_freiburg_is_refused)
{
    size_t size;
    make_folder("f");
    make_folder("f/depth");
    make_folder("f/mask");
    const char *folder = kept_path("f");
    refused(&hs_layout_freiburg, folder, HS_ERR_DATA, "f/depth: got an empty folder");
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), "training/ and evaluation/"));
    const char *depth = copied("freiburg/training/depth/00000.png", "f/depth/00000.png", &size);
    const char *mask = copied("freiburg/training/mask/00000.png", "f/mask/00000.png", &size);
    uint8_t labels[PIXELS] = {0};
    labels[7] = 34;
    ck_assert_ok(hs_png_write_u8(mask, labels, W, H));
    refused(&hs_layout_freiburg, folder, HS_ERR_DATA,
            "mask/00000.png: got value 34 (1 pixels are no class), expected 0 to 33");
    ck_assert_ok(hs_png_write_u8(depth, labels, W, H));
    refused(&hs_layout_freiburg, folder, HS_ERR_FORMAT,
            "depth/00000.png: got 8-bit grey, expected 8-bit colour");
    copied("freiburg/training/depth/00000.png", "f/depth/0.png", &size);
    refused(&hs_layout_freiburg, folder, HS_ERR_DATA,
            "f/depth/0.png: got this name (1 of 2 files are named wrongly), expected <frame>.png");
}
END_TEST

START_TEST(unlabelled_and_damaged_nyu_is_refused)
{
    size_t size;
    uint8_t rgb[3 * PIXELS] = {0};
    make_folder("n");
    const char *folder = kept_path("n");
    copied("nyu/rgb_1_0000001.png", "n/rgb_1_0000001.png", &size);
    refused(&hs_layout_nyu, folder, HS_ERR_DATA, "n: got 1 other files, expected depth_<frame>");
    ck_assert_ok(hs_png_write_rgb(hs_test_path("n/depth_0000001.png"), rgb, W, H));
    refused(&hs_layout_nyu, folder, HS_ERR_DATA, "n: got no labelled pixel in 1 frames");
    const char *frame = copied("nyu/depth_1_0000001.png", "n/depth_0000001.png", &size);
    unsigned char *bytes = hs_test_read(frame, &size);
    hs_test_write(frame, bytes, size / 2);
    refused(&hs_layout_nyu, folder, HS_ERR_FORMAT, "depth_0000001.png: truncated PNG");
    free(bytes);
}
END_TEST

/* However a set is split, a fault of its frames is told as what it is. */
START_TEST(faults_of_unknown_people_are_their_own)
{
    size_t size;
    uint8_t rgb[3 * PIXELS] = {0};
    make_folder("u");
    hs_pack_config config = config_of(&hs_layout_nyu, kept_path("u"));
    for (int f = 0; f < 4; f++) {
        char name[64];
        snprintf(name, sizeof name, "u/depth_1_000000%d.png", f);
        rgb[1] = (uint8_t)f;
        ck_assert_ok(hs_png_write_rgb(hs_test_path(name), rgb, W, H));
    }
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "u: got no labelled pixel in 4 frames");
    const char *frame = copied("nyu/depth_1_0000001.png", "u/depth_1_0000001.png", &size);
    unsigned char *bytes = hs_test_read(frame, &size);
    hs_test_write(frame, bytes, size * 3 / 4);
    ck_assert_error(hs_pack(&config), HS_ERR_FORMAT, "depth_1_0000001.png: truncated PNG");
    free(bytes);
    config.method = HS_METHOD_SUBJECT;
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "split by subject: got 1 subjects, expected");
}
END_TEST

START_TEST(damaged_handnet_is_refused)
{
    size_t size;
    make_folder("h");
    const char *folder = kept_path("h");
    const char *frame = copied("handnet/TestData/Data_0000000.mat", "h/Data_0000000.mat", &size);
    unsigned char *bytes = hs_test_read(frame, &size);
    hs_test_write(frame, "", 0);
    refused(&hs_layout_handnet, folder, HS_ERR_FORMAT, "not a MATLAB file: got an empty file");
    hs_test_write(frame, "MATLAB 7.3 MAT-file, Platform: GLNXA64", 38);
    refused(&hs_layout_handnet, folder, HS_ERR_FORMAT, "got a MATLAB 7.3 file");
    /* Wherever it is cut, it is refused: a session that is cut off is not one that is absent. */
    for (size_t cut = 19; cut < size; cut += 61) {
        hs_test_write(frame, bytes, cut);
        refused(&hs_layout_handnet, folder, HS_ERR_FORMAT,
                "h/Data_0000000.mat: truncated MATLAB file: got ");
    }
    /* matio does not look at the checksum of what is compressed. Each of these bits changes that.
     */
    int caught = 0;
    for (size_t at = 207; at < size; at += 61) {
        bytes[at] ^= 1;
        hs_test_write(frame, bytes, size);
        bytes[at] ^= 1;
        refused(&hs_layout_handnet, folder, HS_ERR_FORMAT, "Data_0000000.mat: ");
        caught += strstr(hs_error_message(), "do not fit their checksum") != NULL;
    }
    ck_assert_int_gt(caught, 0);
    free(bytes);
    static const char *const faults[][2] = {
        {"wrong_label", "lbl: got value 8, expected 0 to 7"},
        {"no_label", "got no matrix 'lbl'"},
        {"other_size", "lbl: got 15x12, expected 16x12 like its depth"},
        {"text", "depth: got something else, expected a matrix of real numbers"},
        {"far", "depth: got 70000, expected millimetres up to 65535"},
        {"session", "session: got -1, expected a number of a session"},
        {"sessions", "session: got something else, expected a number or a text"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char name[64];
        snprintf(name, sizeof name, "handnet_%s.mat", faults[i][0]);
        copied(name, "h/Data_0000000.mat", &size);
        refused(&hs_layout_handnet, folder, HS_ERR_DATA, faults[i][1]);
    }
}
END_TEST

/* Of a set of which a part is missing, and of which frames lie beside the parts. */
START_TEST(what_is_left_out_is_told)
{
    char line[2000], output[4000];
    const char *golden = "cp -r tests/golden/layouts/freiburg/training";
    snprintf(line, sizeof line, "%s %s && %s %s", golden, hs_test_path("loose"), golden,
             hs_test_path("loose"));
    ck_assert_int_eq(system(line), 0); /* loose/depth, loose/mask, loose/training */
    snprintf(line, sizeof line, "pack %s --layout freiburg --ratio 1:0:0 --out %s",
             hs_test_path("loose"), hs_test_path("loose.h5"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "loose/depth: 3 frames lie beside the folders of the published "
                                 "split and are left out") != NULL,
                  "%s", output);
    ck_assert_msg(strstr(output, "loose: got no evaluation/, where the publisher's test frames "
                                 "lie") != NULL,
                  "%s", output);
    ck_assert_ptr_nonnull(strstr(output, "train 3, val 0, test 0 (by published)"));
    snprintf(line, sizeof line, "pack tests/golden/layouts/freiburg --layout freiburg --out %s",
             hs_test_path("whole.h5"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "warning") == NULL, "%s", output);
}
END_TEST

START_TEST(the_command_knows_layouts)
{
    char line[2000], output[4000];
    snprintf(line, sizeof line, "pack tests/golden/layouts/freiburg --layout freiburg --out %s",
             hs_test_path("cli.h5"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_ptr_nonnull(strstr(output, "checking 100% 5/5 frames"));
    ck_assert_ptr_nonnull(strstr(output, "train 2, val 1, test 2 (by published)"));
    snprintf(line, sizeof line, "pack x --layout freibug --out %s", hs_test_path("no.h5"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 2);
    ck_assert_ptr_nonnull(strstr(output, "pack: --layout: got 'freibug'"));
    ck_assert_ptr_nonnull(strstr(output, "freiburg"));
    snprintf(line, sizeof line,
             "pack tests/golden/layouts/handnet --layout handnet --seed 2 --out %s",
             hs_test_path("no.h5"));
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 2);
    ck_assert_ptr_nonnull(strstr(output, "got --seed for a set published with a validation split"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/layouts");
    TCase *tests = tcase_create("layouts");
    tcase_add_test(tests, freiburg_is_read);
    tcase_add_test(tests, nyu_is_read);
    tcase_add_test(tests, handnet_is_read);
    tcase_add_test(tests, sessions_may_be_texts_or_numbers_or_absent);
    tcase_add_test(tests, other_splits_can_be_asked_for);
    tcase_add_loop_test(tests, sets_are_sound, 0, SETS);
    tcase_add_loop_test(tests, info_says_what_sets_are, 0, SETS);
    tcase_add_test(tests, a_real_frame_of_nyu_is_read);
    tcase_add_test(tests, damaged_freiburg_is_refused);
    tcase_add_test(tests, unlabelled_and_damaged_nyu_is_refused);
    tcase_add_test(tests, faults_of_unknown_people_are_their_own);
    tcase_add_test(tests, damaged_handnet_is_refused);
    tcase_add_test(tests, what_is_left_out_is_told);
    tcase_add_test(tests, the_command_knows_layouts);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

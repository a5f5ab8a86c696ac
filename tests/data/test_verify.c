/* Verification finds what it is for, and names the frame. */
#include "data/verify.h"

#include "base/log.h"
#include "data/dataset.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = HS_TEST_WIDTH, H = HS_TEST_HEIGHT, PIXELS = W * H, FRAMES = 4 };

static uint16_t depth[FRAMES * PIXELS];
static uint8_t mask[FRAMES * PIXELS];
static hs_frame_info infos[FRAMES];

/* A sound data set of two people in memory: 0, 1 train; 2, 3 test. */
static void fill(void)
{
    static const char *const sources[] = {"a.png", "b.png", "c.png", "d.png"};
    for (int f = 0; f < FRAMES; f++) {
        infos[f] =
            (hs_frame_info){1 + f / 2, f % 2, f < 2 ? HS_SPLIT_TRAIN : HS_SPLIT_TEST, sources[f]};
        for (int p = 0; p < PIXELS; p++) {
            depth[f * PIXELS + p] = hs_test_depth(1 + f / 2, f % 2, p % W, p / W);
            mask[f * PIXELS + p] =
                depth[f * PIXELS + p] ? hs_test_label(1 + f / 2, f % 2, p % W, p / W) : 0;
        }
    }
}

static hs_dataset_spec spec_of(const char *method)
{
    return (hs_dataset_spec){.height = H,
                             .width = W,
                             .classes = 3,
                             .labels = {"background", "right", "left"},
                             .depth_unit = 0.001,
                             .split_method = method};
}

/* Writes the frames above and verifies the file; the first finding's text, or "". */
static const char *verified_as(hs_dataset_spec spec, const char *path, hs_verify_report *report)
{
    hs_dataset_writer *writer;
    hs_dataset *dataset;
    ck_assert_ok(hs_dataset_create(path, &spec, &writer));
    ck_assert_ok(hs_dataset_append(writer, FRAMES, infos, depth, mask));
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
    ck_assert_ok(hs_dataset_open(path, &dataset));
    *report = (hs_verify_report){0};
    ck_assert_ok(hs_dataset_verify(dataset, report));
    hs_dataset_close(dataset);
    return report->findings ? report->findings->text : "";
}

static const char *verified(const char *path, hs_verify_report *report)
{
    return verified_as(spec_of("subject"), path, report);
}

START_TEST(sound_data_are_sound)
{
    hs_verify_report report;
    fill();
    ck_assert_str_eq(verified(hs_test_path("sound.h5"), &report), "");
    ck_assert_int_eq(report.faults, 0);
    ck_assert(report.unmeasured == 0 && report.labelled > 0);
    hs_verify_report_free(&report);
}
END_TEST

START_TEST(empty_masks_and_labels_without_depth_are_remarks)
{
    hs_verify_report report;
    fill();
    memset(mask + PIXELS, 0, PIXELS);
    memset(mask, 0, PIXELS);
    mask[3] = 1;
    depth[3] = 0;
    ck_assert_str_eq(verified(hs_test_path("odd.h5"), &report),
                     "frame 0 (a.png): 1 of 1 labelled pixels have no depth");
    ck_assert_str_eq(report.findings->next->text, "frame 1 (b.png): no pixel is a hand's");
    ck_assert_ptr_null(report.findings->next->next);
    ck_assert_int_eq(report.faults, 0);
    ck_assert_int_eq(report.counts[HS_FINDING_EMPTY], 1);
    ck_assert_int_eq(report.counts[HS_FINDING_UNMEASURED], 1);
    ck_assert_int_eq(report.unmeasured, 1);
    hs_verify_report_free(&report);
}
END_TEST

START_TEST(constant_and_repeated_frames_are_faults)
{
    hs_verify_report report;
    fill();
    for (int p = 0; p < PIXELS; p++)
        depth[2 * PIXELS + p] = 777;
    ck_assert_str_eq(verified(hs_test_path("constant.h5"), &report),
                     "frame 2 (c.png): depth is the same everywhere");
    ck_assert_int_eq(report.faults, 1);
    hs_verify_report_free(&report);
    fill();
    memcpy(depth + 3 * PIXELS, depth, PIXELS * sizeof *depth);
    memcpy(mask + 3 * PIXELS, mask, PIXELS);
    ck_assert_str_eq(verified(hs_test_path("repeated.h5"), &report),
                     "frames 0 (a.png, train) and 3 (d.png, test) are the same image");
    ck_assert_int_eq(report.faults, 1);
    hs_verify_report_free(&report);
    for (int p = 3 * PIXELS; p < 4 * PIXELS; p++)
        mask[p] = mask[p] ? (uint8_t)(3 - mask[p]) : 0;
    ck_assert_str_eq(
        verified(hs_test_path("contradicted.h5"), &report),
        "frames 0 (a.png, train) and 3 (d.png, test) are the same image with other labels");
    ck_assert_int_eq(report.faults, 1);
    hs_verify_report_free(&report);
}
END_TEST

START_TEST(near_copies_across_splits_are_remarks)
{
    hs_verify_report report;
    fill();
    for (int p = 0; p < PIXELS; p++) /* the same with other noise and another mask */
        depth[3 * PIXELS + p] = (uint16_t)(depth[p] ? depth[p] + p % 3 : 0);
    ck_assert_str_eq(verified(hs_test_path("near.h5"), &report),
                     "frame 3 (d.png, test) is nearly the same as frame 0 (a.png, train)");
    ck_assert_int_eq(report.faults, 0);
    ck_assert_int_eq(report.counts[HS_FINDING_NEAR], 1);
    ck_assert_str_eq(hs_finding_kind_name(report.findings->kind), "near");
    ck_assert_int_eq(report.findings->frame, 3);
    hs_verify_report_free(&report);
    infos[3].split = HS_SPLIT_TRAIN; /* no matter within a split */
    infos[2].split = HS_SPLIT_TRAIN;
    verified(hs_test_path("within.h5"), &report);
    ck_assert_int_eq(report.counts[HS_FINDING_NEAR], 0);
    hs_verify_report_free(&report);
}
END_TEST

START_TEST(people_in_two_splits_are_a_fault)
{
    hs_verify_report report;
    fill();
    infos[1].split = HS_SPLIT_VAL;
    ck_assert_str_eq(verified(hs_test_path("shared.h5"), &report),
                     "subject 1 is in split train and in split val");
    ck_assert_int_eq(report.faults, 1);
    hs_verify_report_free(&report);
}
END_TEST

START_TEST(unknown_people_in_two_splits_are_a_remark)
{
    hs_verify_report report;
    hs_dataset_spec spec = spec_of("lists");
    fill();
    infos[0].subject = infos[2].subject = 0;
    spec.subjects_unknown = true;
    ck_assert_str_eq(verified_as(spec, hs_test_path("unknown.h5"), &report),
                     "people who are not named are in split train and in split test");
    ck_assert_int_eq(report.counts[HS_FINDING_SUBJECT], 1);
    ck_assert_int_eq(report.faults, 0);
    hs_verify_report_free(&report);
    infos[3].subject = 1; /* one who is named */
    verified_as(spec, hs_test_path("named.h5"), &report);
    ck_assert_int_eq(report.counts[HS_FINDING_SUBJECT], 2);
    ck_assert_int_eq(report.faults, 1);
    hs_verify_report_free(&report);
}
END_TEST

START_TEST(wrong_labels_never_get_in)
{
    hs_dataset_spec spec = spec_of("subject");
    hs_dataset_writer *writer;
    fill();
    mask[2 * PIXELS + 7] = 3;
    ck_assert_ok(hs_dataset_create(hs_test_path("labels.h5"), &spec, &writer));
    ck_assert_error(hs_dataset_append(writer, FRAMES, infos, depth, mask), HS_ERR_DATA,
                    "c.png: got value 3 (1 pixels are no class), expected 0 to 2");
    hs_dataset_drop(writer);
    ck_assert_int_eq(hs_test_count(hs_test_folder(), "labels.h5"), 0);
}
END_TEST

/* Writes a mask over that of `frame` as any HDF5 program can: with a checksum that fits. */
static void overwrite_mask(const char *path, int frame, const uint8_t *with)
{
    const hsize_t start[] = {(hsize_t)frame, 0, 0}, count[] = {1, H, W};
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t array = H5Dopen2(file, HS_DATASET_MASK, H5P_DEFAULT);
    hid_t space = H5Dget_space(array), memory = H5Screate_simple(3, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    ck_assert_int_ge(H5Dwrite(array, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT, with), 0);
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(array);
    ck_assert_int_ge(H5Fclose(file), 0);
}

START_TEST(wrong_labels_in_a_file_are_faults)
{
    hs_verify_report report;
    hs_dataset *dataset;
    const char *path = hs_test_path("spoilt.h5");
    fill();
    verified(path, &report);
    hs_verify_report_free(&report);
    uint8_t spoilt[PIXELS];
    memcpy(spoilt, mask + 2 * PIXELS, PIXELS);
    spoilt[7] = 3;
    spoilt[70] = 255;
    overwrite_mask(path, 2, spoilt);
    ck_assert_ok(hs_dataset_open(path, &dataset));
    ck_assert_ok(hs_dataset_verify(dataset, &report));
    hs_dataset_close(dataset);
    ck_assert_str_eq(report.findings->text,
                     "frame 2: mask: got value 255 (2 pixels are no class), expected 0 to 2");
    ck_assert(report.findings->kind == HS_FINDING_LABEL && report.findings->fault);
    ck_assert_int_eq(report.findings->frame, 2);
    ck_assert_int_eq(report.counts[HS_FINDING_LABEL], 1);
    ck_assert_int_eq(report.counts[HS_FINDING_DAMAGED], 0);
    ck_assert_int_eq(report.counts[HS_FINDING_SUMMARY], 2); /* hash and class counts */
    hs_verify_report_free(&report);
}
END_TEST

/* ---- attributes ---- */

static void overwrite_numbers(const char *path, const char *name, const double *values)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(attribute, H5T_NATIVE_DOUBLE, values), 0);
    H5Aclose(attribute);
    ck_assert_int_ge(H5Fclose(file), 0);
}

START_TEST(impossible_attributes_do_not_open)
{
    static const struct {
        const char *name;
        double values[4];
        const char *message;
    } cases[] = {
        {"depth_unit", {NAN}, "depth_unit: got nan, expected a finite number above 0"},
        {"depth_unit", {-1}, "depth_unit: got -1, expected a finite number above 0"},
        {"depth_unit", {0}, "depth_unit: got 0, expected a finite number above 0"},
        {"depth_unit", {INFINITY}, "depth_unit: got inf, expected a finite number above 0"},
        {"normalization", {NAN}, "normalization: got nan, expected"},
        {"intrinsics", {1, 1, NAN, 0}, "intrinsics: got nan, expected a finite number"},
        {"class_weights", {1, NAN, 1}, "class_weights: got nan, expected"},
        {"class_weights", {1, -2, 1}, "class_weights: got -2, expected a finite number, 0 or more"},
    };
    hs_verify_report report;
    hs_dataset *dataset;
    const char *path = hs_test_path("impossible.h5");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fill();
        verified(path, &report);
        hs_verify_report_free(&report);
        overwrite_numbers(path, cases[i].name, cases[i].values);
        ck_assert_error(hs_dataset_open(path, &dataset), HS_ERR_DATA, cases[i].message);
        ck_assert_ptr_null(dataset);
    }
}
END_TEST

START_TEST(labels_of_one_name_do_not_open)
{
    hs_dataset_spec spec = spec_of("subject");
    hs_dataset_writer *writer;
    hs_dataset *dataset;
    const char *path = hs_test_path("lefts.h5");
    fill();
    spec.labels[1] = "left";
    ck_assert_ok(hs_dataset_create(path, &spec, &writer));
    ck_assert_ok(hs_dataset_append(writer, FRAMES, infos, depth, mask));
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
    ck_assert_error(hs_dataset_open(path, &dataset), HS_ERR_DATA,
                    "lefts.h5: labels: got 'left' for classes 1 and 2, expected a name of its own");
}
END_TEST

START_TEST(attributes_follow_from_others)
{
    static const struct {
        const char *name;
        double values[3];
        const char *message;
    } cases[] = {
        {"class_weights", {1, 1, 7}, "class_weights by the class counts: "},
        {"normalization", {10000}, "normalization by the unit of depth: got 10000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_verify_report report;
        hs_dataset *dataset;
        const char *path = hs_test_path("inconsistent.h5");
        fill();
        verified(path, &report);
        hs_verify_report_free(&report);
        overwrite_numbers(path, cases[i].name, cases[i].values);
        ck_assert_ok(hs_dataset_open(path, &dataset));
        ck_assert_ok(hs_dataset_verify(dataset, &report));
        hs_dataset_close(dataset);
        ck_assert_int_gt(report.faults, 0);
        ck_assert(report.findings->kind == HS_FINDING_SUMMARY && report.findings->fault);
        ck_assert_msg(strstr(report.findings->text, cases[i].message) != NULL, "%s",
                      report.findings->text);
        hs_verify_report_free(&report);
    }
}
END_TEST

START_TEST(two_frames_of_one_file_are_a_fault)
{
    hs_verify_report report;
    fill();
    infos[2].source = "a.png";
    ck_assert_str_eq(verified(hs_test_path("sources.h5"), &report),
                     "frames 0 (train) and 2 (test) are both read from a.png");
    ck_assert_int_eq(report.counts[HS_FINDING_SOURCE], 1);
    ck_assert_str_eq(hs_finding_kind_name(HS_FINDING_SOURCE), "source");
    ck_assert_int_eq(report.faults, 1);
    hs_verify_report_free(&report);
}
END_TEST

/* ---- damage ---- */

/* Spoils `path` where the coded depth of `frame` lies. */
static void damage_frame(const char *path, int frame)
{
    hs_h5 *file;
    hs_h5_frames *frames;
    hs_h5_block block = {0};
    int64_t shape[] = {H, W};
    ck_assert_ok(hs_h5_open(path, &file));
    ck_assert_ok(hs_h5_frames_open(file, HS_DATASET_DEPTH, HS_H5_U16, 2, shape, &frames));
    ck_assert_ok(hs_h5_frames_encode(frames, depth + frame * PIXELS, &block));
    hs_h5_close(file);
    size_t size;
    unsigned char *bytes = hs_test_read(path, &size);
    unsigned char *at = memmem(bytes, size, block.bytes, block.size);
    ck_assert_ptr_nonnull(at);
    at[block.size / 2] ^= 0x40;
    hs_test_write(path, bytes, size);
    free(bytes);
    hs_h5_block_free(&block);
}

START_TEST(the_command_names_damaged_frames)
{
    hs_verify_report report;
    char line[600], output[4000];
    const char *path = hs_test_path("damaged.h5");
    fill();
    verified(path, &report);
    hs_verify_report_free(&report);
    snprintf(line, sizeof line, "verify %s", path);
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 0);
    ck_assert_ptr_nonnull(strstr(output, "damaged.h5: sound"));
    damage_frame(path, 2);
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 1);
    ck_assert_ptr_nonnull(
        strstr(output, "damaged.h5: /depth: frame 2 is damaged: the checksum does not fit"));
    ck_assert_ptr_nonnull(strstr(output, "damaged.h5: unsound: got 1 faults"));
    ck_assert_ptr_nonnull(strstr(output, "remark: hash and class counts were not compared: 1 "
                                         "frames could not be read"));
    strcat(line, " --json");
    ck_assert_int_eq(hs_test_run(line, output, sizeof output), 1);
    ck_assert_ptr_nonnull(strstr(output, "\"sound\": false"));
}
END_TEST

START_TEST(truncated_data_sets_do_not_open)
{
    hs_verify_report report;
    const char *path = hs_test_path("short.h5");
    fill();
    verified(path, &report);
    hs_verify_report_free(&report);
    size_t size;
    unsigned char *bytes = hs_test_read(path, &size);
    hs_test_write(path, bytes, size / 2);
    hs_dataset *dataset;
    ck_assert_error(hs_dataset_open(path, &dataset), HS_ERR_FORMAT,
                    "short.h5: truncated HDF5 file");
    ck_assert_ptr_null(dataset);
    free(bytes);
    ck_assert_error(hs_dataset_open("tests/golden/h5py.h5", &dataset), HS_ERR_FORMAT,
                    "not a data set: got no /depth or no /mask");
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("verify");
    TCase *tests = tcase_create("verify");
    tcase_add_test(tests, sound_data_are_sound);
    tcase_add_test(tests, empty_masks_and_labels_without_depth_are_remarks);
    tcase_add_test(tests, constant_and_repeated_frames_are_faults);
    tcase_add_test(tests, near_copies_across_splits_are_remarks);
    tcase_add_test(tests, people_in_two_splits_are_a_fault);
    tcase_add_test(tests, unknown_people_in_two_splits_are_a_remark);
    tcase_add_test(tests, wrong_labels_never_get_in);
    tcase_add_test(tests, wrong_labels_in_a_file_are_faults);
    tcase_add_test(tests, impossible_attributes_do_not_open);
    tcase_add_test(tests, labels_of_one_name_do_not_open);
    tcase_add_test(tests, attributes_follow_from_others);
    tcase_add_test(tests, two_frames_of_one_file_are_a_fault);
    tcase_add_test(tests, the_command_names_damaged_frames);
    tcase_add_test(tests, truncated_data_sets_do_not_open);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Packing after a review: who decides on a frame, what is counted, and what stays as it was. */
#include "base/log.h"
#include "data/pack.h"
#include "data/verdicts.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PEOPLE = 3, EACH = 4 };

static void write_in(const char *folder, const char *name, const char *text)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    hs_test_write(path, text, strlen(text));
}

/* Subject 1: rejected by score but frame 0, 3 unlabelled or not in the table; subject 2: kept by
 * score; subject 3: not in the table. */
static const char table[] = "frame,score,verdict,reasons\n"
                            "user-1.00000,0.9,keep,\n"
                            "user-1.00001,0.1,reject,jump\n"
                            "user-1.00002,0.2,reject,jump\n"
                            "user-1.00003,,unlabelled,no_right_glove\n"
                            "user-2.00000,0.9,keep,\n"
                            "user-2.00001,0.9,keep,\n"
                            "user-2.00002,0.9,keep,\n"
                            "user-2.00003,0.9,keep,\n";

/* A person keeps user-1.00002, rejects user-2.00000 and user-3.00000, and takes back what was said
 * of user-3.00001. */
static void judge(const char *folder)
{
    static const hs_verdict_record records[] = {
        {1000, "ann", "a", "-", "user-1.00002", 1, HS_ACTION_KEEP},
        {2000, "ann", "a", "x", "user-2.00000,user-3.00000", 2, HS_ACTION_REJECT},
        {3000, "ann", "a", "x", "user-3.00001", 3, HS_ACTION_REJECT},
        {4000, "ann", "a", "-", "a:3", 4, HS_ACTION_UNDO},
        {5000, "ann", "a", "-", "known-keep:user-1.00001", 5, HS_ACTION_KEEP}, /* another frame */
    };
    char path[600];
    hs_verdict_log log = {0};
    snprintf(path, sizeof path, "%s/" HS_VERDICT_FILE, folder);
    ck_assert_ok(hs_verdict_log_open(&log, path));
    ck_assert_ok(hs_verdict_log_append(&log, records, 5));
    hs_verdict_log_free(&log);
}

static hs_dataset *pack(const char *folder, hs_split_method method, bool all)
{
    hs_dataset *dataset;
    hs_pack_config config = {.folder = folder,
                             .out = hs_test_path("out.h5"),
                             .method = method,
                             .ratio = {8, 1, 1},
                             .seed = 1,
                             .all = all,
                             .force = true};
    if (method == HS_METHOD_LISTS)
        config.lists[HS_SPLIT_TEST] = hs_test_path("list.txt");
    ck_assert_ok(hs_pack(&config));
    ck_assert_ok(hs_dataset_open(config.out, &dataset));
    return dataset;
}

static void expect_frames(const hs_dataset *dataset, const char *const *sources, int n)
{
    ck_assert_int_eq(hs_dataset_get_info(dataset)->frames, n);
    for (int i = 0; i < n; i++)
        ck_assert_str_eq(hs_dataset_get_frame(dataset, i)->source + strlen("images/"), sources[i]);
}

static void expect_counts(const hs_dataset *dataset)
{
    const hs_review_counts *review = hs_dataset_get_info(dataset)->review;
    ck_assert_ptr_nonnull(review);
    ck_assert_int_eq(review->accepted_by_person, 1);
    ck_assert_int_eq(review->accepted_by_score, 4);
    ck_assert_int_eq(review->rejected_by_person, 2);
    ck_assert_int_eq(review->rejected_by_score, 1);
    ck_assert_int_eq(review->unjudged, 4);
}

START_TEST(people_go_before_scores)
{
    static const char *const left[] = {"user-1.00000.png", "user-1.00002.png", "user-1.00003.png",
                                       "user-2.00001.png", "user-2.00002.png", "user-2.00003.png",
                                       "user-3.00001.png", "user-3.00002.png", "user-3.00003.png"};
    const char *folder = hs_test_frames("judged", PEOPLE, EACH);
    write_in(folder, HS_QUALITY_FILE, table);
    judge(folder);
    hs_dataset *dataset = pack(folder, HS_METHOD_SUBJECT, false);
    expect_frames(dataset, left, 9);
    expect_counts(dataset);
    hs_dataset_close(dataset);
    dataset = pack(folder, HS_METHOD_FRAME, true);
    ck_assert_int_eq(hs_dataset_get_info(dataset)->frames, PEOPLE * EACH);
    expect_counts(dataset);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(lists_may_name_rejected_frames)
{
    static const char list[] = "user-2.00000\nuser-2.00001\n";
    const char *folder = hs_test_frames("listed", PEOPLE, EACH);
    write_in(folder, HS_QUALITY_FILE, table);
    judge(folder);
    hs_test_write(hs_test_path("list.txt"), list, sizeof list - 1);
    hs_dataset *dataset = pack(folder, HS_METHOD_LISTS, false);
    const uint32_t *frames;
    uint32_t n;
    ck_assert_ok(hs_dataset_split(dataset, HS_SPLIT_TEST, &frames, &n));
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(hs_dataset_get_frame(dataset, frames[0])->source, "images/user-2.00001.png");
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(either_file_alone)
{
    const char *folder = hs_test_frames("scored", PEOPLE, EACH);
    write_in(folder, HS_QUALITY_FILE, table);
    hs_dataset *dataset = pack(folder, HS_METHOD_SUBJECT, false);
    ck_assert_int_eq(hs_dataset_get_info(dataset)->frames, PEOPLE * EACH - 2);
    hs_dataset_close(dataset);
    folder = hs_test_frames("said", PEOPLE, EACH);
    judge(folder);
    dataset = pack(folder, HS_METHOD_SUBJECT, false);
    const hs_dataset_info *info = hs_dataset_get_info(dataset);
    ck_assert_int_eq(info->frames, PEOPLE * EACH - 2);
    ck_assert(info->review->accepted_by_person == 1 && info->review->unjudged == 9);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(nothing_left_is_an_error)
{
    const char *folder = hs_test_frames("bad", 1, 1);
    write_in(folder, HS_QUALITY_FILE, "frame,score,verdict,reasons\nuser-1.00000,0,reject,jump\n");
    hs_pack_config config = {.folder = folder,
                             .out = hs_test_path("bad.h5"),
                             .method = HS_METHOD_FRAME,
                             .ratio = {1, 0, 0}};
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "every one of its 1 frames is rejected");
    ck_assert_int_ne(access(config.out, F_OK), 0);
    write_in(folder, HS_VERDICT_FILE, "no log\n");
    ck_assert_error(hs_pack(&config), HS_ERR_FORMAT, "verdicts.log:1: got 'no log'");
}
END_TEST

/* As annotate leaves a folder when it is stopped: no scores yet, and an image before its mask. */
START_TEST(an_unfinished_annotation_is_refused)
{
    const char *folder = hs_test_frames("unfinished", PEOPLE, EACH);
    hs_pack_config config = {.folder = folder,
                             .out = hs_test_path("unfinished.h5"),
                             .method = HS_METHOD_SUBJECT,
                             .ratio = {8, 1, 1}};
    write_in(folder, HS_ANNOTATION_FILE, "# parameters\n");
    ck_assert_int_eq(rename(hs_test_frame_path(folder, "masks", 3, 3), hs_test_path("mask")), 0);
    ck_assert_error(hs_pack(&config), HS_ERR_DATA,
                    "unfinished: unfinished annotation: got no quality.csv, expected");
    ck_assert_ptr_nonnull(strstr(hs_error_hint(), "give the same annotate command again"));
    ck_assert_int_eq(rename(hs_test_path("mask"), hs_test_frame_path(folder, "masks", 3, 3)), 0);
    judge(folder); /* a person's verdicts do not stand for scores */
    ck_assert_error(hs_pack(&config), HS_ERR_DATA, "unfinished annotation");
    config.all = true;
    ck_assert_ok(hs_pack(&config));
    config.all = false;
    config.force = true;
    write_in(folder, HS_QUALITY_FILE, table);
    write_in(folder, "annotate.partial", "annotation\n"); /* stopped after the last step but one */
    ck_assert_ok(hs_pack(&config));
}
END_TEST

START_TEST(frames_without_a_score_are_told_of)
{
    static const char told[] = "warning: ";
    char arguments[2048], output[4096];
    const char *folder = hs_test_frames("partly", PEOPLE, EACH);
    write_in(folder, HS_QUALITY_FILE, table);
    judge(folder); /* of user-3.00000 a person said something */
    snprintf(arguments, sizeof arguments, "pack %s --out %s --force", folder,
             hs_test_path("partly.h5"));
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "partly/quality.csv: 3 of 12 frames are not in it, such as "
                                 "user-3.00001; they are packed without a score") != NULL,
                  "%s", output);
    write_in(folder, HS_QUALITY_FILE,
             "frame,score,verdict,reasons\nuser-1.00000,0.9,keep,\nuser-1.00001,0.9,keep,\n"
             "user-1.00002,0.9,keep,\nuser-1.00003,0.9,keep,\nuser-2.00000,0.9,keep,\n"
             "user-2.00001,0.9,keep,\nuser-2.00002,0.9,keep,\nuser-2.00003,0.9,keep,\n"
             "user-3.00001,0.9,keep,\nuser-3.00002,0.9,keep,\nuser-3.00003,0.9,keep,\n");
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, told) == NULL, "%s", output);
}
END_TEST

/* What is said of frames that are there without files of a review: nothing, in no byte. */
START_TEST(without_a_review_nothing_changes)
{
    const char *folder = hs_test_frames("plain", PEOPLE, EACH);
    hs_dataset *dataset = pack(folder, HS_METHOD_SUBJECT, false);
    ck_assert_ptr_null(hs_dataset_get_info(dataset)->review);
    uint64_t hash = hs_dataset_get_info(dataset)->hash;
    hs_dataset_close(dataset);
    size_t size;
    unsigned char *bytes = hs_test_read(hs_test_path("out.h5"), &size);
    ck_assert_ptr_null(memmem(bytes, size, "review", 6));
    free(bytes);
    write_in(folder, HS_QUALITY_FILE, "frame,score,verdict,reasons\n"); /* nothing rejected */
    dataset = pack(folder, HS_METHOD_SUBJECT, false);
    ck_assert_uint_eq(hs_dataset_get_info(dataset)->hash, hash);
    hs_dataset_close(dataset);
}
END_TEST

START_TEST(command_prints_the_counts)
{
    char arguments[2048], output[4096];
    const char *folder = hs_test_frames("printed", PEOPLE, EACH);
    write_in(folder, HS_QUALITY_FILE, table);
    judge(folder);
    snprintf(arguments, sizeof arguments, "pack %s --out %s --force", folder,
             hs_test_path("printed.h5"));
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "accepted 1 by person, 4 by score; rejected 2 by person, 1 by "
                                 "score; 4 unjudged; 3 left out") != NULL,
                  "%s", output);
    strcat(arguments, " --all --json");
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "\"left_out\": 0") != NULL, "%s", output);
    snprintf(arguments, sizeof arguments, "info %s", hs_test_path("printed.h5"));
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "4 unjudged; 0 left out") != NULL, "%s", output);
}
END_TEST

int main(void)
{
    hs_log_quiet(true);
    Suite *suite = suite_create("selection");
    TCase *tests = tcase_create("selection");
    tcase_add_test(tests, people_go_before_scores);
    tcase_add_test(tests, lists_may_name_rejected_frames);
    tcase_add_test(tests, either_file_alone);
    tcase_add_test(tests, nothing_left_is_an_error);
    tcase_add_test(tests, an_unfinished_annotation_is_refused);
    tcase_add_test(tests, frames_without_a_score_are_told_of);
    tcase_add_test(tests, without_a_review_nothing_changes);
    tcase_add_test(tests, command_prints_the_counts);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* handseg train as a user meets it: wrong command lines, configurations and data, each with a
 * message that says what, where and what instead. */
#include "handseg/dataset.h"
#include "support/fault.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include "support/tiny_run.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRAIN "$H train train.ini --quiet --set train.out=wrong "

static const struct {
    const char *command;
    int status;
    const char *message, *hint;
} wrong[] = {
    /* command lines */
    {"$H train", 2, "handseg: train", ""},
    {"$H train train.ini other.ini", 2, "handseg: train", ""},
    {"$H train train.ini --resme", 2, "--resme", "did you mean '--resume'?"},
    {"$H train train.ini --set", 2, "--set", ""},
    {TRAIN "--set train.epochs", 2, "--set train.epochs: expected section.key=value",
     "such as optimizer.lr=1e-3"},
    {TRAIN "--set epochs=3", 2, "--set epochs=3: expected section.key=value", ""},
    {TRAIN "--set =3", 2, "--set =3", ""},
    {TRAIN "--set tran.epochs=3", 2, "unknown section 'tran'", "did you mean 'train'?"},
    {TRAIN "--set train.epoch=3", 2, "[train]: unknown key 'epoch'", "did you mean 'epochs'?"},
    {TRAIN "--set mid.filter=3", 2, "[conv mid]: unknown key 'filter'", "did you mean 'filters'?"},
    {TRAIN "--set train.epochs=many", 2,
     "--set train.epochs=many: [train] epochs: got 'many', expected a whole number from 1", ""},
    {TRAIN "--set train.epochs=0", 2, "[train] epochs: got '0'", ""},
    {TRAIN "--set train.batch=-4", 2, "[train] batch: got '-4'", ""},
    {TRAIN "--set optimizer.lr=1e30", 2, "[optimizer] lr: got '1e30', expected a number from 0",
     ""},
    {TRAIN "--set optimizer.lr=nan", 2, "[optimizer] lr: got 'nan'", ""},
    {TRAIN "--set optimizer.method=adm", 2, "[optimizer] method: got 'adm'",
     "did you mean 'adam'?"},
    {TRAIN "--set schedule.method=cosin", 2, "[schedule] method: got 'cosin'",
     "did you mean 'cosine'?"},
    {TRAIN "--set data.train=trian", 2, "[data] train: got 'trian'", "did you mean 'train'?"},
    /* files */
    {"$H train missing.ini", 1, "missing.ini: cannot open it", ""},
    {"$H train .", 1, "handseg: .: cannot read it", ""},
    {"$H train tiny.h5", 2, "handseg: tiny.h5:1: got ", ""},
    {TRAIN "--set net.file=missing.ini", 1, "missing.ini: cannot open it", ""},
    {TRAIN "--set data.file=missing.h5", 1, "missing.h5: cannot read: No such file", ""},
    {TRAIN "--set data.file=.", 1, "handseg: .: ", ""},
    {TRAIN "--set data.file=train.ini", 1, "train.ini: ", ""},
    {TRAIN "--set data.file=short.h5", 1, "short.h5: ", "truncated"},
    {TRAIN "--set data.file=two.h5", 2, "got a network with 3 outputs, expected the 2 classes",
     "set filters of the last layer"},
    {TRAIN "--set train.init=missing.h5", 1, "missing.h5: cannot read", ""},
    {TRAIN "--set train.init=tiny.h5", 1, "tiny.h5: ", "checkpoint"},
    /* contents */
    {TRAIN "--set data.train=none", 1, "'none'", ""},
    {TRAIN "--set loss.class_weights=1,2", 2, "loss.class_weights: got 2 numbers, expected 3", ""},
    {TRAIN "--set loss.class_weights=1,-2,3", 2, "[loss] class_weights: got '1,-2,3'", ""},
    {TRAIN "--set net.normalize=meen", 2, "[input] normalize: got 'meen'", "did you mean 'mean'?"},
    {TRAIN "--set net.width=51", 2, "got logits of 50x48 for images of 51x48", "multiples"},
    {"sed s/out/outt/ train.ini >typo.ini; $H train typo.ini", 2, "[train]: unknown key 'outt'",
     "did you mean 'out'?"},
    {"sed '/out/d' train.ini >lost.ini; $H train lost.ini", 2, "[train]: 'out' is missing", ""},
    {"sed 's/.optimizer./[optimizer adam]/' train.ini >named.ini; $H train named.ini", 2,
     "[optimizer adam]: got a name, expected [optimizer]", ""},
    {"sed '/net.ini/d' train.ini >bare.ini; $H train bare.ini", 2, "got no layer", ""},
};

static void make_files(void)
{
    static bool made;
    if (made)
        return;
    hs_tiny_config();
    hs_test_copy(hs_test_path("tiny.h5"), hs_test_path("short.h5"), 5000);
    hs_dataset_spec spec = {.height = 48,
                            .width = 64,
                            .classes = 2,
                            .labels = {"background", "hand"},
                            .depth_unit = 0.001,
                            .split_method = "lists"};
    static uint16_t depth[48 * 64];
    static uint8_t mask[48 * 64] = {1}; /* both classes */
    hs_dataset_writer *writer;
    ck_assert_ok(hs_dataset_create(hs_test_path("two.h5"), &spec, &writer));
    for (int i = 0; i < 3; i++) {
        hs_frame_info info = {
            .number = i, .split = i ? HS_SPLIT_VAL : HS_SPLIT_TRAIN, .source = "x"};
        ck_assert_ok(hs_dataset_append(writer, 1, &info, depth, mask));
    }
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
    made = true;
}

START_TEST(mistakes_are_named)
{
    make_files();
    const char *said = hs_test_shell(wrong[_i].command, wrong[_i].status, wrong[_i].message);
    ck_assert_msg(strncmp(said, "handseg: ", 9) == 0, "%s: '%s'", wrong[_i].command, said);
    ck_assert_msg(strstr(said, wrong[_i].hint) != NULL, "%s: '%s' lacks '%s'", wrong[_i].command,
                  said, wrong[_i].hint);
    ck_assert_int_eq(access(hs_test_path("wrong/last.h5"), F_OK), -1);
}
END_TEST

START_TEST(progress_and_memory_are_said)
{
    make_files();
    const char *said = hs_test_shell("$H train train.ini --set train.out=said --set train.epochs=1 "
                                     "--set data.workers=2",
                                     0, "memory: 0.0");
    ck_assert_ptr_nonnull(strstr(said, "epoch 1: validation loss "));
    ck_assert_ptr_nonnull(strstr(said, "hand mIoU "));
    ck_assert_ptr_nonnull(strstr(said, "done: said"));
    ck_assert_str_eq(hs_test_shell("$H train train.ini --set train.out=still --set train.epochs=1 "
                                   "--quiet",
                                   0, ""),
                     "");
    hs_test_shell("$H train --help", 0, "--resume");
}
END_TEST

/* A batch of more frames than there are takes some of them again. */
START_TEST(odd_sizes_train)
{
    make_files();
    hs_test_shell(TRAIN "--set train.out=wide --set train.batch=40 --set train.epochs=2", 0, "");
    hs_test_shell(TRAIN "--set train.out=one --set train.batch=1 --set train.epochs=1", 0, "");
    hs_test_shell(TRAIN "--set train.out=many --set train.accumulate=100 --set train.epochs=1", 0,
                  "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train");
    TCase *tests = tcase_create("train");
    if (hs_have_program()) {
        setenv("OMP_NUM_THREADS", "1", 1); /* the runs are too small for more */
        tcase_add_loop_test(tests, mistakes_are_named, 0, (int)(sizeof wrong / sizeof *wrong));
        tcase_add_test(tests, progress_and_memory_are_said);
        tcase_add_test(tests, odd_sizes_train);
    }
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

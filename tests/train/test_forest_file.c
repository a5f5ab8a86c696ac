/* Files of forests as models: what is no tree is refused, whatever the checksums say. */
#include "support/files.h"
#include "support/suite.h"

#include "handseg/segment.h"
#include "io/hdf5.h"
#include <hdf5.h>
#include <math.h>
#include <string.h>

/* Of the file of a run: one tree of so many nodes at most. */
enum { MOST_NODES = 4096 };

/* Writes a file like the run's, of one tree: `nodes` of them with these left children. */
static void write_forest(const char *path, int64_t nodes, const int32_t *left, float offset)
{
    static float offsets[MOST_NODES][4];
    static int32_t threshold[MOST_NODES];
    static uint64_t counts[MOST_NODES][3];
    static const char *const labels[] = {"background", "right", "left"};
    static const char *const numbers[] = {"epoch", "batch", "best_epoch", "best_step", "seed"};
    hs_h5 *file;
    int64_t step = 1;
    offsets[0][0] = offset;
    for (int64_t i = 0; i < nodes; i++)
        counts[i][i % 3] = 1;
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_write(file, "/forest/tree0/offsets", HS_H5_F32, 2,
                             (const int64_t[]){nodes, 4}, offsets));
    ck_assert_ok(hs_h5_write(file, "/forest/tree0/threshold", HS_H5_I32, 1, &nodes, threshold));
    ck_assert_ok(hs_h5_write(file, "/forest/tree0/left", HS_H5_I32, 1, &nodes, left));
    ck_assert_ok(hs_h5_write(file, "/forest/tree0/counts", HS_H5_U64, 2,
                             (const int64_t[]){nodes, 3}, counts));
    ck_assert_ok(hs_h5_write(file, "/train", HS_H5_I64, 0, NULL, &step));
    ck_assert_ok(hs_h5_set_i64(file, "/train", "step", 1));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert_ok(hs_h5_set_i64(file, "/train", numbers[i], i == 0));
    ck_assert_ok(hs_h5_set_f64(file, "/train", "seconds", 0));
    ck_assert_ok(hs_h5_set_f64(file, "/train", "best_miou", -1));
    ck_assert_ok(hs_h5_set_text(file, "/", "version", "test"));
    ck_assert_ok(
        hs_h5_set_text(file, "/", "config", "[input]\nheight=48\nwidth=64\n[forest]\ntrees=1\n"));
    ck_assert_ok(hs_h5_set_texts(file, "/", "labels", 3, labels));
    ck_assert_ok(hs_h5_set_i64(file, "/", "data_hash", 0));
    ck_assert_ok(hs_h5_set_f64(file, "/", "depth_unit", 0.000125));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);
}

START_TEST(files_that_are_no_trees_are_refused)
{
    static const struct {
        int64_t nodes;
        int32_t left[5];
        float offset;
        const char *error; /* NULL: fine */
    } cases[] = {
        {3, {1, -1, -1}, 0.5f, NULL},          {1, {-1}, 0, NULL},
        {5, {1, -1, 3, -1, -1}, 0, NULL},      {3, {0, -1, -1}, 0, "node 0"}, /* its own child */
        {3, {2, -1, -1}, 0, "node 0"},                                        /* beyond the nodes */
        {5, {1, 1, 3, -1, -1}, 0, "node 1"},                                  /* two parents */
        {5, {1, -1, 1, -1, -1}, 0, "node 2"},                                 /* a cycle */
        {5, {1, -1, -1, -1, -1}, 0, "node"}, /* nobody's children */
        {3, {1, -1, -2}, 0, "node 2"},         {3, {1, -1, -1}, 0.001f, "an offset of"},
        {3, {1, -1, -1}, 300, "an offset of"}, {3, {1, -1, -1}, NAN, "an offset of"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hs_model *model;
        write_forest(hs_test_path("made.h5"), cases[i].nodes, cases[i].left, cases[i].offset);
        hs_status status = hs_model_load(hs_test_path("made.h5"), 1, &model);
        if (cases[i].error)
            ck_assert_msg(status == HS_ERR_FORMAT &&
                              strstr(hs_error_message(), cases[i].error) != NULL,
                          "case %zu: %s", i, hs_error_message());
        else
            ck_assert_ok(status);
        hs_model_destroy(model);
    }
}
END_TEST

/* What a damaged file claims is weighed before room for it is taken. */
START_TEST(more_nodes_than_memory_are_refused)
{
    const hsize_t claimed = INT32_MAX, chunk = 1 << 20;
    const int32_t left[] = {-1};
    hs_model *model;
    write_forest(hs_test_path("made.h5"), 1, left, 0);
    hid_t file = H5Fopen(hs_test_path("made.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, &claimed, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    ck_assert(file > 0 && H5Ldelete(file, "/forest/tree0/left", H5P_DEFAULT) >= 0);
    H5Pset_chunk(list, 1, &chunk);
    hid_t array = H5Dcreate2(file, "/forest/tree0/left", H5T_STD_I32LE, space, H5P_DEFAULT, list,
                             H5P_DEFAULT);
    ck_assert(array > 0);
    H5Dclose(array);
    H5Pclose(list);
    H5Sclose(space);
    H5Fclose(file);
    hs_status status = hs_model_load(hs_test_path("made.h5"), 1, &model);
    ck_assert_msg(status != HS_OK && strstr(hs_error_message(), "made.h5: /forest/tree0/"), "%s",
                  hs_error_message());
}
END_TEST

START_TEST(a_forest_has_no_logits)
{
    const int32_t left[] = {-1};
    const char *path = hs_test_path("made.h5");
    hs_model *model;
    hs_real logit = 3;
    write_forest(path, 1, left, 0);
    ck_assert_error(hs_model_load(path, 0, &model), HS_ERR_USAGE, "got a batch of 0");
    ck_assert_ok(hs_model_load(path, 1, &model));
    ck_assert_int_eq(hs_model_logits_shape(model).c, 0);
    hs_model_logits(model, &logit);
    ck_assert(logit == 3);
    hs_model_destroy(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forest file");
    TCase *tests = tcase_create("forest file");
    tcase_add_test(tests, files_that_are_no_trees_are_refused);
    tcase_add_test(tests, more_nodes_than_memory_are_refused);
    tcase_add_test(tests, a_forest_has_no_logits);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

/* Files of Keras that are not as its own VGG16 is: of other types, of another network. */
#include "support/fault.h"
#include "support/files.h"
#include "support/net_params.h"
#include "support/suite.h"

#include "io/hdf5.h"
#include <hdf5.h>
#include <string.h>

#define GOLDEN "tests/golden/pretrained/keras2.h5"
#define KERNEL "/block1_conv1/block1_conv1/kernel:0"

enum { WEIGHTS = 3 * 3 * 3 * 2 };

static const char net_text[] = "[input]\nheight = 8\nwidth = 8\n"
                               "[conv conv1_1]\nfilters = 2\nkernel = 3\npad = 1\n"
                               "[conv score]\nfilters = 3\nkernel = 1\n";

static hs_status read_into(hs_test_net *net, const char *path, hs_pretrained_report *report)
{
    hs_dataset_info data = hs_test_labels("right", "left");
    return hs_pretrained_read(path, &data, net->params, report);
}

/* What a net begins with from a file, and what was done to conv1_1/weight; fails as it fails. */
static hs_status take(const char *path, hs_real weights[WEIGHTS / 3], char done[64])
{
    hs_pretrained_report report;
    hs_test_net net = hs_test_net_make(net_text, 2);
    hs_status status = read_into(&net, path, &report);
    if (status == HS_OK)
        hs_params_get(net.params, hs_test_net_find(&net, "conv1_1/weight"), weights);
    for (int i = 0; status == HS_OK && i < report.count; i++)
        if (strcmp(report.rows[i].layer, "conv1_1") == 0 &&
            strcmp(report.rows[i].tensor, "weight") == 0)
            snprintf(done, 64, "%s", report.rows[i].done);
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
    return status;
}

/* A copy of the golden file in which the first kernel is of another type. */
static void write_kernel(const char *path, hid_t type)
{
    static float kernel[WEIGHTS];
    hs_test_copy(GOLDEN, path, (size_t)-1);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t old = H5Dopen2(file, KERNEL, H5P_DEFAULT), space = H5Dget_space(old);
    ck_assert_int_ge(H5Dread(old, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, kernel), 0);
    H5Dclose(old);
    ck_assert_int_ge(H5Ldelete(file, KERNEL, H5P_DEFAULT), 0);
    hid_t new = H5Dcreate2(file, KERNEL, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(new, 0);
    H5Dwrite(new, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, kernel);
    H5Dclose(new);
    H5Sclose(space);
    H5Fclose(file);
}

START_TEST(numbers_of_any_type_are_taken)
{
    hs_real expected[WEIGHTS / 3], got[WEIGHTS / 3];
    char done[64];
    const char *path = hs_test_path("types.h5");
    hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_ebias(half, 15);
    H5Tset_size(half, 2);
    ck_assert_ok(take(GOLDEN, expected, done));
    write_kernel(path, H5T_IEEE_F32BE);
    ck_assert_ok(take(path, got, done));
    ck_assert(memcmp(got, expected, sizeof got) == 0);
    write_kernel(path, half);
    ck_assert_ok(take(path, got, done));
    ck_assert_str_eq(done, "summed, transposed, from float16");
    for (int i = 0; i < WEIGHTS / 3; i++)
        ck_assert_double_eq_tol((double)got[i], (double)expected[i], 5e-3);
    H5Tclose(half);
}
END_TEST

/* A generator's state, say, beside the weights: it is left where it is. */
START_TEST(what_is_no_numbers_is_left)
{
    hs_real expected[WEIGHTS / 3], got[WEIGHTS / 3];
    char done[64];
    const char *path = hs_test_path("texts.h5");
    ck_assert_ok(take(GOLDEN, expected, done));
    hs_test_copy(GOLDEN, path, (size_t)-1);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Dclose(H5Dcreate2(file, "/block1_conv1/comment", text, space, H5P_DEFAULT, H5P_DEFAULT,
                        H5P_DEFAULT));
    H5Tclose(text);
    H5Sclose(space);
    H5Fclose(file);
    ck_assert_ok(take(path, got, done));
    ck_assert(memcmp(got, expected, sizeof got) == 0);
}
END_TEST

/* Its first layers are as deep as VGG16's, and learned to be followed by others. */
START_TEST(vgg19_is_refused)
{
    hs_real weights[WEIGHTS / 3];
    char done[64];
    const char *path = hs_test_path("vgg19.h5");
    static const float kernel[3 * 3];
    static const int64_t dims[] = {3, 3, 1, 1};
    hs_h5 *file;
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(hs_h5_write(file, KERNEL, HS_H5_F32, 4, dims, kernel));
    ck_assert_ok(
        hs_h5_write(file, "/block3_conv4/block3_conv4/kernel:0", HS_H5_F32, 4, dims, kernel));
    ck_assert_ok(hs_h5_set_text(file, "/", "layer_names", "block1_conv1"));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);
    ck_assert_error(take(path, weights, done), HS_ERR_DATA,
                    "expected the tensors of Keras's VGG16, which has no block3_conv4");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pretrained Keras");
    TCase *tests = tcase_create("Keras");
    tcase_add_test(tests, numbers_of_any_type_are_taken);
    tcase_add_test(tests, what_is_no_numbers_is_left);
    tcase_add_test(tests, vgg19_is_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

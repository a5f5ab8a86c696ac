/* Beginning with VGG16 as PyTorch and Keras write it. The files and what is to come of them are
 * made by tests/golden/pretrained.py with the libraries themselves. */
#include "support/files.h"
#include "support/net_params.h"
#include "support/suite.h"

#include "io/hdf5.h"
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/pretrained/"

/* Filters of the script's BLOCKS, and fc6 and fc7. */
static const struct {
    const char *name;
    int filters, kernel;
} layers[] = {
    {"conv1_1", 2, 3}, {"conv1_2", 2, 3}, {"conv2_1", 3, 3}, {"conv2_2", 3, 3}, {"conv3_1", 4, 3},
    {"conv3_2", 4, 3}, {"conv3_3", 4, 3}, {"conv4_1", 5, 3}, {"conv4_2", 5, 3}, {"conv4_3", 5, 3},
    {"conv5_1", 5, 3}, {"conv5_2", 5, 3}, {"conv5_3", 5, 3}, {"fc6", 6, 7},     {"fc7", 6, 1},
};

enum { CONVOLUTIONS = 13, LAYERS = 15 };

/* Our net with these layers; `norm`: with batch norms, as SegNet; `fc`: with fc6 and fc7, as FCN;
 * for images of so many channels. */
static hs_test_net make_net(bool norm, bool fc, int channels)
{
    char text[4096];
    int used =
        snprintf(text, sizeof text, "[input]\nheight = 8\nwidth = 8\nchannels = %d\n", channels);
    for (int i = 0; i < (fc ? LAYERS : CONVOLUTIONS); i++)
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "[conv %s]\nfilters = %d\nkernel = %d\npad = %d\nact = relu\n%s",
                         layers[i].name, layers[i].filters, layers[i].kernel, layers[i].kernel / 2,
                         norm ? "norm = batch\n" : "");
    snprintf(text + used, sizeof text - (size_t)used, "[conv score]\nfilters = 3\nkernel = 1\n");
    return hs_test_net_make(text, 2);
}

static hs_status read_into(hs_test_net *net, const char *path, hs_pretrained_report *report)
{
    hs_dataset_info data = hs_test_labels("right", "left");
    return hs_pretrained_read(path, &data, net->params, report);
}

/* Asserts that a tensor is what expected.h5 says. */
static void assert_expected(const hs_test_net *net, const char *name)
{
    static hs_h5 *file;
    char path[256];
    int index = hs_test_net_find(net, name);
    const hs_param_info *info = hs_params_info(net->params, index);
    size_t bytes = sizeof(hs_real) * (size_t)hs_param_elements(info);
    hs_real *got = malloc(bytes), *expected = malloc(bytes);
    if (!file)
        ck_assert_ok(hs_h5_open(GOLDEN "expected.h5", &file));
    snprintf(path, sizeof path, "/%s", name);
    ck_assert_ok(hs_h5_read(file, path, HS_H5_F32, info->rank, info->dims, expected));
    hs_params_get(net->params, index, got);
    ck_assert_msg(memcmp(got, expected, bytes) == 0, "%s differs", name);
    free(got);
    free(expected);
}

static const char *name_of(int layer, const char *tensor)
{
    static char name[64];
    snprintf(name, sizeof name, "%s/%s", layers[layer].name, tensor);
    return name;
}

static int count(const hs_pretrained_report *report, hs_fate fate)
{
    int n = 0;
    for (int i = 0; i < report->count; i++)
        n += report->rows[i].fate == fate;
    return n;
}

/* ---- every kind of file -----------------------------------------------------------------------
 */
static const struct {
    const char *file, *kind;
    const char *kernels, *first, *matrices, *last; /* what was done to which weights */
    const char *biases[2];                         /* and biases, of convolutions and the rest */
    int left;                                      /* tensors that FCN has no place for */
} files[] = {
    {"vgg16.safetensors", "PyTorch's vgg16", "", "summed", "reshaped", "reshaped", {"", ""}, 2},
    {"half.safetensors",
     "PyTorch's vgg16",
     "from float16",
     "summed, from float16",
     "reshaped, from bfloat16",
     "reshaped, from bfloat16",
     {"from float16", "from bfloat16"},
     2},
    {"timm.safetensors", "PyTorch's vgg16", "", "summed", "", "", {"", ""}, 2},
    {"keras1.h5",
     "Keras's VGG16",
     "transposed",
     "summed, transposed",
     "reshaped, transposed",
     "reshaped, transposed",
     {"", ""},
     2},
    {"keras2.h5",
     "Keras's VGG16",
     "transposed",
     "summed, transposed",
     "reshaped, transposed",
     "reshaped, transposed",
     {"", ""},
     2},
    {"keras2_part.h5",
     "Keras's VGG16",
     "transposed",
     "summed, transposed",
     "reshaped, transposed",
     "reshaped, transposed",
     {"", ""},
     4},
    {"keras3_model.h5",
     "Keras's VGG16",
     "transposed",
     "summed, transposed",
     "reshaped, transposed",
     "reshaped, transposed",
     {"", ""},
     2},
    {"keras3.weights.h5",
     "Keras's VGG16",
     "transposed",
     "summed, transposed",
     "reshaped, transposed",
     "reshaped, transposed",
     {"", ""},
     2},
};

enum { FILES = sizeof files / sizeof *files };

START_TEST(a_net_without_norms_takes_all)
{
    char path[256];
    hs_pretrained_report report;
    hs_test_net net = make_net(false, true, 1), untouched = make_net(false, true, 1);
    snprintf(path, sizeof path, GOLDEN "%s", files[_i].file);
    ck_assert_ok(read_into(&net, path, &report));
    ck_assert_str_eq(report.kind, files[_i].kind);
    for (int i = 0; i < LAYERS; i++) {
        assert_expected(&net, name_of(i, "weight"));
        assert_expected(&net, name_of(i, "bias"));
        hs_test_fate(&report, name_of(i, "weight"), HS_FATE_TAKEN,
                     i == 0              ? files[_i].first
                     : i < CONVOLUTIONS  ? files[_i].kernels
                     : i == CONVOLUTIONS ? files[_i].matrices
                                         : files[_i].last);
        hs_test_fate(&report, name_of(i, "bias"), HS_FATE_TAKEN,
                     files[_i].biases[i >= CONVOLUTIONS]);
    }
    hs_test_fate(&report, "score/weight", HS_FATE_FRESH, "");
    hs_test_net_assert_same(&net, &untouched, "score/weight");
    ck_assert_int_eq(count(&report, HS_FATE_TAKEN), 2 * LAYERS);
    ck_assert_int_eq(count(&report, HS_FATE_LEFT), files[_i].left);
    ck_assert_int_eq(count(&report, HS_FATE_DIFFERS), 0);
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
    hs_test_net_free(&untouched);
}
END_TEST

/* SegNet: no place for biases, none for the classifier. */
START_TEST(a_net_with_norms_takes_weights)
{
    char path[256];
    hs_pretrained_report report;
    hs_test_net net = make_net(true, false, 1);
    snprintf(path, sizeof path, GOLDEN "%s", files[_i].file);
    ck_assert_ok(read_into(&net, path, &report));
    for (int i = 0; i < CONVOLUTIONS; i++) {
        assert_expected(&net, name_of(i, "weight"));
        hs_test_fate(&report, name_of(i, "bias"), HS_FATE_LEFT, "");
        hs_test_fate(&report, name_of(i, "bn_mean"), HS_FATE_FRESH, "");
    }
    hs_test_fate(&report, "fc6/weight", HS_FATE_LEFT, "");
    ck_assert_int_eq(count(&report, HS_FATE_TAKEN), CONVOLUTIONS);
    ck_assert_int_eq(count(&report, HS_FATE_LEFT), files[_i].left + CONVOLUTIONS + 4);
    ck_assert_int_eq(count(&report, HS_FATE_FRESH), 4 * CONVOLUTIONS + 2);
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
}
END_TEST

START_TEST(batch_norms_of_vgg16_bn_are_taken)
{
    static const char *const tensors[] = {"weight", "bn_weight", "bn_bias", "bn_mean", "bn_var"};
    hs_pretrained_report report;
    hs_test_net net = make_net(true, true, 1);
    ck_assert_ok(read_into(&net, GOLDEN "vgg16_bn.safetensors", &report));
    ck_assert_str_eq(report.kind, "PyTorch's vgg16_bn");
    for (int i = 0; i < CONVOLUTIONS; i++)
        for (size_t k = 0; k < sizeof tensors / sizeof *tensors; k++) {
            assert_expected(&net, name_of(i, tensors[k]));
            hs_test_fate(&report, name_of(i, tensors[k]), HS_FATE_TAKEN,
                         i == 0 && k == 0 ? "summed" : "");
        }
    assert_expected(&net, "fc6/weight");
    hs_test_fate(&report, "fc6/bn_mean", HS_FATE_FRESH, "");
    hs_test_fate(&report, "features.1/num_batches_tracked", HS_FATE_LEFT, "");
    ck_assert_int_eq(count(&report, HS_FATE_TAKEN), 5 * CONVOLUTIONS + 2);
    /* Biases, counts of batches, the last matrix. */
    ck_assert_int_eq(count(&report, HS_FATE_LEFT), 15 + 13 + 2);
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
}
END_TEST

START_TEST(colour_filters_stay_for_colour_images)
{
    hs_pretrained_report a, b;
    hs_test_net torch = make_net(false, false, 3), keras = make_net(false, false, 3);
    ck_assert_ok(read_into(&torch, GOLDEN "vgg16.safetensors", &a));
    ck_assert_ok(read_into(&keras, GOLDEN "keras2.h5", &b));
    hs_test_fate(&a, "conv1_1/weight", HS_FATE_TAKEN, "");
    hs_test_fate(&b, "conv1_1/weight", HS_FATE_TAKEN, "transposed");
    hs_test_net_assert_same(&torch, &keras, "conv1_1/weight");
    hs_pretrained_report_free(&a);
    hs_pretrained_report_free(&b);
    hs_test_net_free(&torch);
    hs_test_net_free(&keras);
}
END_TEST

/* ---- what is large comes in parts -------------------------------------------------------------
 */
enum { WIDE = 512, MATRIX = 64, TAPS = 49, INPUTS = WIDE * TAPS };

/* A number of each element of the matrix, in PyTorch's order of inputs: channel, row, column. */
static float element(int output, int channel, int tap)
{
    return (float)(output + MATRIX * (channel + WIDE * tap)) / 64;
}

/* Writes 6.4 MB as the matrix `classifier.0.weight`, as Keras's fc1, or as kernels of that name. */
enum { TORCH, KERAS_MATRIX, KERAS_KERNELS, WRITERS };

static void write_matrix(const char *path, int writer)
{
    static const char header[] =
        "{\"classifier.0.weight\": {\"dtype\": \"F32\", \"shape\": [64, 25088], "
        "\"data_offsets\": [0, 6422528]}}";
    static const int64_t dims[][4] = {
        [KERAS_MATRIX] = {INPUTS, MATRIX}, [KERAS_KERNELS] = {7, 7, WIDE, MATRIX}};
    bool keras = writer != TORCH;
    float *values = malloc(sizeof *values * INPUTS * MATRIX);
    for (int o = 0; o < MATRIX; o++)
        for (int c = 0; c < WIDE; c++)
            for (int t = 0; t < TAPS; t++)
                values[keras ? (t * WIDE + c) * MATRIX + o : (o * WIDE + c) * TAPS + t] =
                    element(o, c, t);
    if (keras) {
        hs_h5 *file;
        ck_assert_ok(hs_h5_create(path, &file));
        ck_assert_ok(hs_h5_write(file, "/fc1/fc1/kernel:0", HS_H5_F32,
                                 writer == KERAS_MATRIX ? 2 : 4, dims[writer], values));
        ck_assert_ok(hs_h5_set_text(file, "/", "layer_names", "fc1"));
        ck_assert_ok(hs_h5_commit(file));
        hs_h5_close(file);
    } else {
        size_t size;
        hs_test_write_safetensors(path, header, sizeof *values * INPUTS * MATRIX);
        unsigned char *bytes = hs_test_read(path, &size);
        memcpy(bytes + size - sizeof *values * INPUTS * MATRIX, values,
               sizeof *values * INPUTS * MATRIX);
        hs_test_write(path, bytes, size);
        free(bytes);
    }
    free(values);
}

START_TEST(large_matrices_are_taken_whole)
{
    static const char text[] = "[input]\nheight = 8\nwidth = 8\n"
                               "[conv conv5_3]\nfilters = 512\nkernel = 1\n"
                               "[conv fc6]\nfilters = 64\nkernel = 7\npad = 3\n"
                               "[conv score]\nfilters = 3\nkernel = 1\n";
    const char *path = hs_test_path(_i ? "large.h5" : "large.safetensors");
    hs_pretrained_report report;
    hs_test_net net = hs_test_net_make(text, 1);
    write_matrix(path, _i);
    ck_assert_ok(read_into(&net, path, &report));
    hs_real *got = malloc(sizeof *got * INPUTS * MATRIX);
    hs_params_get(net.params, hs_test_net_find(&net, "fc6/weight"), got);
    for (int o = 0; o < MATRIX; o++)
        for (int c = 0; c < WIDE; c++)
            for (int t = 0; t < TAPS; t++)
                if (got[(o * WIDE + c) * TAPS + t] != (hs_real)element(o, c, t))
                    ck_abort_msg("output %d, channel %d, tap %d differs", o, c, t);
    free(got);
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
}
END_TEST

/* ---- what people see --------------------------------------------------------------------------
 */
START_TEST(layers_of_one_fate_share_a_line)
{
    static const char expected[] =
        "init: tests/golden/pretrained/vgg16.safetensors (PyTorch's vgg16): 13 of the net's 67 "
        "tensors taken, 54 fresh, 0 of another shape; 19 left in the file\n"
        "\n"
        "layers                   taken            left in the file  fresh\n"
        "------------------------------------------------------------------------------------------"
        "-"
        "----\n"
        "conv1_1                  weight (summed)  bias              bn_weight, bn_bias, bn_mean, "
        "bn_var\n"
        "conv1_2 to conv5_3 (12)  weight           bias              bn_weight, bn_bias, bn_mean, "
        "bn_var\n"
        "score                    -                -                 weight, bias\n"
        "fc6 to classifier.6 (3)  -                bias, weight      -\n";
    char *text = NULL;
    size_t size = 0;
    hs_pretrained_report report;
    hs_test_net net = make_net(true, false, 1);
    ck_assert_ok(read_into(&net, GOLDEN "vgg16.safetensors", &report));
    FILE *file = open_memstream(&text, &size);
    hs_pretrained_print(&report, file);
    fclose(file);
    ck_assert_str_eq(text, expected);
    free(text);
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
}
END_TEST

/* ---- refusals ---------------------------------------------------------------------------------
 */
#define ONE "{\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}"

static const struct {
    const char *content, *header; /* of a file, or of a safetensors file; neither: a golden one */
    const char *file, *message, *hint;
} refused[] = {
    {NULL, NULL, "nameless.weights.h5", "no layer has a name of VGG16's",
     "model.save(\"vgg16.h5\")"},
    {"PK\3\4aaaaaaaaaaaaaaaa", NULL, "vgg16.pth", "got a zip archive, such as a .pth of PyTorch",
     "safetensors.torch.save_file"},
    {"\x80\2}q\1.aaaaaaaaaaaa", NULL, "old.pth", "got a pickle, such as an old .pth", "save_file"},
    {"", NULL, "empty.safetensors", "got an empty file", "save_file"},
    {"weights", NULL, "text.h5", "got another file, expected a checkpoint, a safetensors file or",
     "save_file"},
    /* Another network's numbers; names of no network known here; another type. */
    {NULL, "{\"features.16.weight\": " ONE "}", "vgg19.safetensors",
     "got 'features.16.weight', expected the tensors of PyTorch's vgg16, which has no features.16",
     "vgg16 and vgg16_bn"},
    {NULL, "{\"conv1_1.weight\": " ONE "}", "unknown.safetensors",
     "got 1 tensors, none with the name and shape of one of the net: the first is conv1_1.weight",
     "features.0.weight"},
    {NULL, "{\"features.0.bias\": {\"dtype\": \"I16\", \"shape\": [2], \"data_offsets\": [0, 4]}}",
     "whole.safetensors", "tensor 'features.0.bias': got dtype I16, expected F32, F16 or BF16",
     "float32"},
};

START_TEST(other_files_are_refused)
{
    char path[512];
    hs_pretrained_report report;
    hs_test_net net = make_net(false, true, 1);
    snprintf(path, sizeof path, GOLDEN "%s", refused[_i].file);
    if (refused[_i].content || refused[_i].header)
        snprintf(path, sizeof path, "%s", hs_test_path(refused[_i].file));
    if (refused[_i].content)
        hs_test_write(path, refused[_i].content, strlen(refused[_i].content));
    if (refused[_i].header)
        hs_test_write_safetensors(path, refused[_i].header, 4);
    hs_status status = read_into(&net, path, &report);
    ck_assert_msg(status == HS_ERR_FORMAT || status == HS_ERR_DATA, "%s", hs_status_name(status));
    ck_assert_msg(strstr(hs_error_message(), refused[_i].message) != NULL, "'%s' lacks '%s'",
                  hs_error_message(), refused[_i].message);
    ck_assert_msg(strstr(hs_error_hint(), refused[_i].hint) != NULL, "'%s' lacks '%s'",
                  hs_error_hint(), refused[_i].hint);
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
}
END_TEST

/* Kernels [OC, IC, R, S], as in vgg16_weights_th_dim_ordering_th_kernels.h5. */
START_TEST(theanos_order_is_refused)
{
    static const int64_t dims[] = {2, 3, 3, 3};
    static const float kernels[2 * 3 * 3 * 3];
    const char *path = hs_test_path("theano.h5");
    hs_h5 *file;
    hs_pretrained_report report;
    hs_test_net net = make_net(false, true, 1);
    ck_assert_ok(hs_h5_create(path, &file));
    ck_assert_ok(
        hs_h5_write(file, "/block1_conv1/block1_conv1_W_1:0", HS_H5_F32, 4, dims, kernels));
    ck_assert_ok(hs_h5_set_text(file, "/", "layer_names", "block1_conv1"));
    ck_assert_ok(hs_h5_commit(file));
    hs_h5_close(file);
    ck_assert_error(read_into(&net, path, &report), HS_ERR_FORMAT,
                    "block1_conv1/block1_conv1_W_1:0: got kernels of 2 rows and 3 columns");
    hs_pretrained_report_free(&report);
    hs_test_net_free(&net);
}
END_TEST

/* A file that ends, or changes, in the middle of what is read. */
START_TEST(damaged_files_of_keras_are_refused)
{
    size_t size;
    unsigned char *bytes = hs_test_read(GOLDEN "keras2.h5", &size);
    hs_pretrained_report report;
    hs_test_net net = make_net(false, true, 1);
    for (size_t length = 9; length < size; length += size / 16) {
        hs_test_write(hs_test_path("cut.h5"), bytes, length);
        ck_assert_error(read_into(&net, hs_test_path("cut.h5"), &report), HS_ERR_FORMAT, "cut.h5");
        hs_pretrained_report_free(&report);
    }
    hs_test_net_free(&net);
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pretrained VGG16");
    TCase *tests = tcase_create("VGG16");
    tcase_add_loop_test(tests, a_net_without_norms_takes_all, 0, FILES);
    tcase_add_loop_test(tests, a_net_with_norms_takes_weights, 0, FILES);
    tcase_add_test(tests, batch_norms_of_vgg16_bn_are_taken);
    tcase_add_test(tests, colour_filters_stay_for_colour_images);
    tcase_add_loop_test(tests, large_matrices_are_taken_whole, 0, WRITERS);
    tcase_add_test(tests, layers_of_one_fate_share_a_line);
    tcase_add_loop_test(tests, other_files_are_refused, 0, (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tests, theanos_order_is_refused);
    tcase_add_test(tests, damaged_files_of_keras_are_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

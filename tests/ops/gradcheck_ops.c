/* Every op and graphs of several, differentiated, against central differences. Built in double. */
#include "ops/cases.h"
#include "support/gradcheck.h"
#include "support/suite.h"
#include <sys/wait.h>
#include <unistd.h>

static const double TOLERANCE = 1e-6;

static void assert_gradients(hs_graph *g, const char *what, int labels, uint64_t seed)
{
    ck_assert_ok(hs_graph_status(g));
    hs_gradcheck result = hs_gradcheck_graph(g, (uint32_t)labels, seed);
    ck_assert_int_gt(result.arrays, 0);
    ck_assert_msg(result.worst < TOLERANCE, "%s: %s: relative error %g", what, result.where,
                  result.worst);
    hs_graph_destroy(g);
}

START_TEST(every_op_has_cases)
{
    for (int i = 0; i < hs_ops_count; i++) {
        int cases = 0;
        for (int c = 0; c < OP_CASES; c++)
            cases += op_cases[c].op == hs_ops[i];
        ck_assert_msg(cases > 1, "op '%s' has %d cases", hs_ops[i]->name, cases);
    }
}
END_TEST

START_TEST(gradients_of_ops)
{
    for (int c = 0; c < OP_CASES; c++) {
        hs_graph *g;
        hs_value x[HS_MAX_INPUTS];
        char what[64];
        snprintf(what, sizeof what, "case %d, %s", c, op_cases[c].op->name);
        ck_assert_ok(hs_graph_create(&g));
        op_case_build(g, &op_cases[c], x);
        assert_gradients(g, what, op_cases[c].in[0].c + 2, 100 + (uint64_t)c);
    }
}
END_TEST

static hs_value conv(hs_graph *g, const char *layer, hs_value x, int filters, int kernel,
                     int stride)
{
    return hs_conv2d(g, layer, x,
                     (hs_conv2d_attr){.filters = filters,
                                      .kernel = {kernel, kernel},
                                      .stride = {stride, stride},
                                      .pad = {(kernel - 1) / 2, (kernel - 1) / 2},
                                      .bias = true});
}

static hs_value deconv(hs_graph *g, const char *layer, hs_value x, int filters)
{
    return hs_conv_transpose2d(
        g, layer, x,
        (hs_conv_transpose2d_attr){
            .filters = filters, .kernel = {4, 4}, .stride = {2, 2}, .pad = {1, 1}});
}

static hs_value norm(hs_graph *g, const char *layer, hs_value x)
{
    return hs_batch_norm2d(g, layer, x, (hs_batch_norm2d_attr){0});
}

/* One value, three consumers of different kinds, one of which reads it twice. */
START_TEST(gradients_of_a_diamond)
{
    hs_graph *g;
    ck_assert_ok(hs_graph_create(&g));
    hs_value x = hs_graph_input(g, "x", HS_F32, (hs_shape){2, 3, 5, 7}, true);
    hs_value a = conv(g, "a", x, 5, 3, 1);
    hs_value left = hs_leaky_relu(g, "left", a, (hs_leaky_relu_attr){0.3});
    hs_value right = conv(g, "right", a, 5, 3, 1);
    hs_value squeezed = hs_upsample_bilinear(g, "up", a, (hs_upsample_bilinear_attr){.factor = 1});
    hs_value sum = hs_add(g, "sum", (hs_value[]){left, right, squeezed, a, a, left}, 6);
    /* The last reader of `a` wants only its size: it gives it no gradient. */
    hs_graph_output(g, hs_crop(g, "cut", sum, a, (hs_crop_attr){0}));
    assert_gradients(g, "diamond", 1, 1);
}
END_TEST

/* The proposed net in small: strided encoder, transposed decoder, concatenated skips taken before
 * the activation, weighted loss. */
START_TEST(gradients_of_skips)
{
    hs_graph *g;
    ck_assert_ok(hs_graph_create(&g));
    hs_leaky_relu_attr leak = {0.2};
    hs_value x = hs_graph_input(g, "depth", HS_F32, (hs_shape){2, 1, 8, 12}, true);
    hs_value t = hs_graph_input(g, "labels", HS_U8, (hs_shape){2, 1, 8, 12}, false);
    hs_value enc1 = conv(g, "enc1", x, 3, 4, 2);
    hs_value enc2 =
        norm(g, "enc2n", conv(g, "enc2", hs_leaky_relu(g, "act1", enc1, leak), 17, 4, 2));
    hs_value dec1 = norm(g, "dec1n", deconv(g, "dec1", hs_relu(g, "act2", enc2), 5));
    hs_value skip = hs_concat(g, "skip", (hs_value[]){dec1, enc1}, 2);
    hs_value score = deconv(g, "dec2", hs_relu(g, "act3", skip), 3);
    hs_value loss = hs_softmax_cross_entropy(g, "loss", score, t,
                                             (hs_softmax_cross_entropy_attr){{1, 32, 30}, 255});
    hs_graph_output(g, loss);
    assert_gradients(g, "skips", 4, 3);
}
END_TEST

/* SegNet in small: places of an odd-sized pool go to the unpool of the same level. */
START_TEST(gradients_of_unpooling)
{
    hs_graph *g;
    ck_assert_ok(hs_graph_create(&g));
    hs_max_pool2d_attr halve = {.kernel = {2, 2}, .ceil_mode = true};
    hs_value x = hs_graph_input(g, "x", HS_F32, (hs_shape){2, 2, 7, 9}, true);
    hs_value a = hs_relu(g, "act1", norm(g, "n1", conv(g, "c1", x, 3, 3, 1)));
    hs_value pool1 = hs_max_pool2d(g, "p1", a, halve);
    hs_value b = hs_relu(g, "act2", norm(g, "n2", conv(g, "c2", pool1, 5, 3, 1)));
    hs_value pool2 = hs_max_pool2d(g, "p2", b, halve);
    hs_value up2 = hs_max_unpool2d(g, "u2", pool2, pool2, (hs_max_unpool2d_attr){{0, 0}});
    hs_value c = hs_dropout(g, "drop", conv(g, "c3", up2, 3, 3, 1), (hs_dropout_attr){0.3, false});
    hs_value up1 = hs_max_unpool2d(g, "u1", c, pool1, (hs_max_unpool2d_attr){{0, 0}});
    hs_graph_output(g, conv(g, "score", up1, 3, 3, 1));
    assert_gradients(g, "unpooling", 1, 4);
}
END_TEST

/* An output in the middle: its gradient is the caller's plus that of what follows. FCN-like crop,
 * pad and interpolation after it. */
START_TEST(gradients_of_an_output_that_is_read)
{
    hs_graph *g;
    ck_assert_ok(hs_graph_create(&g));
    hs_value x = hs_graph_input(g, "x", HS_F32, (hs_shape){1, 2, 5, 7}, true);
    hs_value wide = hs_pad(g, "pad", x, (hs_pad_attr){3, 2, 1, 4});
    hs_value middle = conv(g, "middle", wide, 4, 3, 2);
    hs_graph_output(g, middle);
    hs_value up = hs_upsample_bilinear(g, "up", norm(g, "n", middle),
                                       (hs_upsample_bilinear_attr){.factor = 2.5});
    hs_value cut = hs_crop(g, "cut", up, x, (hs_crop_attr){.offset = {2, 3}});
    hs_graph_output(g, hs_concat(g, "both", (hs_value[]){cut, x}, 2));
    hs_graph_output(g, x);
    assert_gradients(g, "outputs", 1, 5);
}
END_TEST

/* The vector kernels are of single precision: whoever asks for them here is told. */
START_TEST(instruction_sets_without_kernels_are_refused)
{
    char path[1024], command[1200], said[1024];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    ck_assert_int_gt(length, 0);
    path[length] = 0;
    for (int isa = HS_ISA_avx2; isa <= HS_ISA_avx512; isa++) {
        ck_assert(!hs_isa_supported((hs_isa)isa) && !hs_kernels_force((hs_isa)isa));
        snprintf(command, sizeof command, "HS_ISA=%s '%s' 2>&1", hs_isa_name((hs_isa)isa), path);
        FILE *pipe = popen(command, "r");
        ck_assert_ptr_nonnull(pipe);
        said[fread(said, 1, sizeof said - 1, pipe)] = 0;
        int status = pclose(pipe);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 2);
        ck_assert_ptr_nonnull(strstr(said, "which does not run here"));
        ck_assert_ptr_nonnull(strstr(said, "best here: ref"));
    }
    ck_assert_int_eq(hs_kernels_isa(), HS_ISA_ref);
}
END_TEST

int main(void)
{
    hs_kernels_get();
    Suite *suite = suite_create("gradients");
    TCase *tests = tcase_create("gradients");
    tcase_add_test(tests, every_op_has_cases);
    tcase_add_test(tests, gradients_of_ops);
    tcase_add_test(tests, gradients_of_a_diamond);
    tcase_add_test(tests, gradients_of_skips);
    tcase_add_test(tests, gradients_of_unpooling);
    tcase_add_test(tests, gradients_of_an_output_that_is_read);
    tcase_add_test(tests, instruction_sets_without_kernels_are_refused);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

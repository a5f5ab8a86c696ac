/* Graphs: messages of shape errors, attributes out of range, the order of calls. */
#include "graph/nets.h"
#include <math.h>

/* ---- errors of constructors -------------------------------------------------------------------
 */

/* A value of 2x3x7x9, labels, a value of 2x5x4x4, and a pool of the first. */
typedef struct parts {
    hs_graph *g;
    hs_value x, labels, other, pool;
} parts;

static parts make_parts(void)
{
    parts p;
    ck_assert_ok(hs_graph_create(&p.g));
    p.x = hs_graph_input(p.g, "x", HS_F32, (hs_shape){2, 3, 7, 9}, false);
    p.labels = hs_graph_input(p.g, "labels", HS_U8, (hs_shape){2, 1, 7, 9}, false);
    p.other = hs_graph_input(p.g, "other", HS_F32, (hs_shape){2, 5, 4, 4}, false);
    p.pool = hs_max_pool2d(p.g, "pool", p.x, (hs_max_pool2d_attr){.kernel = {2, 2}});
    ck_assert_ok(hs_graph_status(p.g));
    return p;
}

/* Asserts that `constructor`, which may use the parts p, fails with a message that names the layer
 * "bad" and contains each of the texts. */
#define assert_refused(constructor, ...)                                                   \
    do {                                                                                   \
        parts p = make_parts();                                                            \
        ck_assert_int_lt(constructor, 0);                                                  \
        ck_assert_error(hs_graph_status(p.g), HS_ERR_SHAPE, "layer 'bad': ");              \
        const char *const texts[] = {__VA_ARGS__};                                         \
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)                          \
            ck_assert_msg(strstr(hs_error_message(), texts[i]) != NULL, "'%s' lacks '%s'", \
                          hs_error_message(), texts[i]);                                   \
        hs_graph_destroy(p.g);                                                             \
    } while (0)

#define PAIR(...) ((hs_value[]){__VA_ARGS__})

START_TEST(shape_errors_name_the_layer_and_both_shapes)
{
    assert_refused(hs_add(p.g, "bad", PAIR(p.x, p.other), 2), "add", "2x3x7x9", "2x5x4x4");
    assert_refused(hs_concat(p.g, "bad", PAIR(p.x, p.other), 2), "concat", "2x3x7x9", "2x5x4x4");
    assert_refused(hs_conv2d(p.g, "bad", p.other, (hs_conv2d_attr){.filters = 1, .kernel = {5, 3}}),
                   "conv", "2x5x4x4", "2x1x0x2");
    assert_refused(hs_conv_transpose2d(
                       p.g, "bad", p.other,
                       (hs_conv_transpose2d_attr){.filters = 1, .kernel = {1, 1}, .pad = {2, 0}}),
                   "conv_transpose", "2x5x4x4", "2x1x0x4");
    assert_refused(hs_conv_transpose2d(
                       p.g, "bad", p.other,
                       (hs_conv_transpose2d_attr){
                           .filters = 1, .kernel = {2, 2}, .stride = {2, 2}, .output_pad = {2, 0}}),
                   "output_pad: got 2");
    assert_refused(hs_max_pool2d(p.g, "bad", p.other, (hs_max_pool2d_attr){.kernel = {5, 5}}),
                   "max_pool", "2x5x4x4");
    assert_refused(
        hs_max_pool2d(p.g, "bad", p.x, (hs_max_pool2d_attr){.kernel = {3, 3}, .pad = {2, 2}}),
        "kernel 3", "pad 2");
    assert_refused(hs_max_unpool2d(p.g, "bad", p.other, p.pool, (hs_max_unpool2d_attr){{0, 0}}),
                   "max_unpool", "2x5x4x4", "2x3x3x4", "'pool'");
    assert_refused(hs_max_unpool2d(p.g, "bad", p.pool, p.pool, (hs_max_unpool2d_attr){{6, 9}}),
                   "6x9", "7x9");
    assert_refused(hs_max_unpool2d(p.g, "bad", p.x, p.other, (hs_max_unpool2d_attr){{0, 0}}),
                   "max_pool");
    assert_refused(hs_crop(p.g, "bad", p.x, -1, (hs_crop_attr){{1, 1}, {7, 3}}), "crop", "7x3",
                   "2x3x7x9");
    assert_refused(hs_crop(p.g, "bad", p.x, p.other, (hs_crop_attr){{0, 0}, {4, 4}}), "2 inputs");
    assert_refused(hs_softmax_cross_entropy(p.g, "bad", p.other, p.labels,
                                            (hs_softmax_cross_entropy_attr){{0}, 255}),
                   "2x5x4x4", "2x1x7x9");
    assert_refused(hs_softmax_cross_entropy(p.g, "bad", p.x, p.other,
                                            (hs_softmax_cross_entropy_attr){{0}, 255}),
                   "8-bit");
}
END_TEST

START_TEST(attributes_out_of_range_are_refused)
{
    const hs_conv2d_attr usual = {.filters = 2, .kernel = {3, 3}};
#define CONV_WITH(field, ...)                                                           \
    do {                                                                                \
        hs_conv2d_attr attr = usual;                                                    \
        memcpy(&attr.field, &(__typeof__(attr.field)){__VA_ARGS__}, sizeof attr.field); \
        assert_refused(hs_conv2d(p.g, "bad", p.x, attr), "conv");                       \
    } while (0)
    CONV_WITH(filters, 0);
    CONV_WITH(filters, -3);
    CONV_WITH(kernel, 0, 3);
    CONV_WITH(kernel, 3, -1);
    CONV_WITH(kernel, HS_MAX_KERNEL + 1, 1);
    CONV_WITH(stride, -1, 1);
    CONV_WITH(pad, 0, -1);
    CONV_WITH(dilation, 1, -1);
#undef CONV_WITH
    hs_conv2d_attr wide = {.filters = 2, .kernel = {HS_MAX_KERNEL + 1, 1}, .pad = {40, 0}};
    assert_refused(hs_conv2d(p.g, "bad", p.x, wide), "kernel");
    assert_refused(hs_conv_transpose2d(p.g, "bad", p.x,
                                       (hs_conv_transpose2d_attr){.filters = 2, .kernel = {33, 1}}),
                   "kernel");
    assert_refused(hs_conv_transpose2d(p.g, "bad", p.x,
                                       (hs_conv_transpose2d_attr){
                                           .filters = 2, .kernel = {2, 2}, .output_pad = {-1, 0}}),
                   "output_pad");
    assert_refused(hs_max_pool2d(p.g, "bad", p.x, (hs_max_pool2d_attr){.kernel = {0, 2}}),
                   "kernel");
    assert_refused(hs_max_pool2d(p.g, "bad", p.x, (hs_max_pool2d_attr){.kernel = {17, 2}}),
                   "kernel");
    assert_refused(
        hs_max_pool2d(p.g, "bad", p.x, (hs_max_pool2d_attr){.kernel = {2, 2}, .stride = {-1, 1}}),
        "stride");
    assert_refused(
        hs_max_pool2d(p.g, "bad", p.x, (hs_max_pool2d_attr){.kernel = {2, 2}, .pad = {-1, 0}}),
        "pad");
    assert_refused(hs_crop(p.g, "bad", p.x, -1, (hs_crop_attr){{-1, 0}, {3, 3}}), "offset");
    assert_refused(hs_pad(p.g, "bad", p.x, (hs_pad_attr){0, -1, 0, 0}), "pad");
    assert_refused(hs_leaky_relu(p.g, "bad", p.x, (hs_leaky_relu_attr){-0.1}), "slope");
    assert_refused(hs_leaky_relu(p.g, "bad", p.x, (hs_leaky_relu_attr){NAN}), "slope");
    assert_refused(hs_dropout(p.g, "bad", p.x, (hs_dropout_attr){1, false}), "p: got 1");
    assert_refused(hs_dropout(p.g, "bad", p.x, (hs_dropout_attr){NAN, false}), "p: got");
    assert_refused(hs_batch_norm2d(p.g, "bad", p.x, (hs_batch_norm2d_attr){.momentum = 2}),
                   "momentum");
    assert_refused(hs_upsample_bilinear(p.g, "bad", p.x, (hs_upsample_bilinear_attr){0}), "factor");
    assert_refused(hs_upsample_bilinear(p.g, "bad", p.x, (hs_upsample_bilinear_attr){2, {3, 3}}),
                   "factor");
    assert_refused(
        hs_upsample_bilinear(p.g, "bad", p.x, (hs_upsample_bilinear_attr){.factor = 1e12}),
        "factor");
    assert_refused(
        hs_upsample_bilinear(p.g, "bad", p.x, (hs_upsample_bilinear_attr){.factor = 0.1}),
        "2x3x0x0");
    assert_refused(hs_softmax_cross_entropy(p.g, "bad", p.x, p.labels,
                                            (hs_softmax_cross_entropy_attr){{-1}, 255}),
                   "class weight 0");
}
END_TEST

START_TEST(inputs_of_the_wrong_kind_are_refused)
{
    assert_refused(hs_relu(p.g, "bad", p.labels), "integers");
    assert_refused(hs_relu(p.g, "bad", -1), "input 0");
    assert_refused(hs_relu(p.g, "bad", 99), "input 0");
    assert_refused(hs_add(p.g, "bad", PAIR(p.x), 1), "1 inputs", "2 to 8");
    assert_refused(hs_add(p.g, "bad", PAIR(p.x, p.x, p.x, p.x, p.x, p.x, p.x, p.x, p.x), 9),
                   "9 inputs");
    assert_refused(hs_add(p.g, "bad", PAIR(p.x, p.labels), 2), "2x1x7x9");
    assert_refused(hs_concat(p.g, "bad", PAIR(p.x, p.labels), 2), "integers");
}
END_TEST

/* The first error stays, with its text, and nothing more is added. */
START_TEST(first_error_sticks)
{
    hs_graph *g;
    hs_plan *plan = (hs_plan *)1;
    hs_params *params = (hs_params *)1;
    ck_assert_ok(hs_graph_create(&g));
    ck_assert_int_lt(hs_graph_input(g, "empty", HS_F32, (hs_shape){1, 0, 3, 3}, false), 0);
    ck_assert_error(hs_graph_status(g), HS_ERR_SHAPE, "input 'empty': got 1x0x3x3");
    hs_value next = hs_graph_input(g, "fine", HS_F32, (hs_shape){1, 1, 3, 3}, false);
    ck_assert_int_lt(next, 0);
    next = hs_relu(g, "r", next);
    ck_assert_int_lt(next, 0);
    hs_graph_output(g, next);
    ck_assert_int_eq(hs_graph_shape(g, next).h, 0);
    ck_assert_int_eq(g->n_values + g->n_nodes, 0);
    ck_assert_error(hs_graph_status(g), HS_ERR_SHAPE, "input 'empty'");
    ck_assert_error(hs_plan_create(g, HS_INFERENCE, &plan), HS_ERR_SHAPE, "input 'empty'");
    ck_assert_ptr_null(plan);
    ck_assert_error(hs_params_create(g, true, &params), HS_ERR_SHAPE, "input 'empty'");
    ck_assert_ptr_null(params);
    hs_graph_destroy(g);
}
END_TEST

/* ---- order of calls ---------------------------------------------------------------------------
 */

START_TEST(calls_out_of_order_are_refused)
{
    test_net net = pooling_net(1, 3, 3);
    hs_params *params = make_params(&net);
    hs_plan *plan;
    hs_real values[64] = {0}, one = 1;
    uint8_t labels[9] = {0};
    ck_assert_ok(hs_plan_create(net.graph, HS_TRAINING, &plan));
    ck_assert_error(hs_plan_set(plan, net.depth, values), HS_ERR_STATE, "hs_plan_bind");
    ck_assert_error(hs_plan_forward(plan, 0, 0), HS_ERR_STATE, "hs_plan_bind");
    ck_assert_error(hs_plan_get(plan, net.depth, values), HS_ERR_STATE, "hs_plan_bind");
    ck_assert_error(hs_plan_backward(plan), HS_ERR_STATE, "hs_plan_forward");
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    ck_assert_error(hs_plan_bind(plan, params, NULL), HS_ERR_STATE, "bound twice");
    ck_assert_error(hs_plan_set(plan, net.logits, values), HS_ERR_STATE, "expected an input");
    ck_assert_error(hs_plan_set(plan, -1, values), HS_ERR_STATE, "expected an input");
    ck_assert_ok(hs_plan_set(plan, net.depth, values));
    ck_assert_ok(hs_plan_set(plan, net.labels, labels));
    ck_assert_error(hs_plan_get(plan, net.loss, values), HS_ERR_STATE, "hs_plan_forward");
    ck_assert_error(hs_plan_set_gradient(plan, net.loss, &one), HS_ERR_STATE, "hs_plan_forward");
    ck_assert_error(hs_plan_backward(plan), HS_ERR_STATE, "hs_plan_forward");
    ck_assert_ok(hs_plan_forward(plan, 0, 0));
    ck_assert_ok(hs_plan_get(plan, net.loss, values));
    ck_assert_error(hs_plan_get(plan, net.loss - 2, values), HS_ERR_STATE, "input or output");
    ck_assert_error(hs_plan_set_gradient(plan, net.depth, values), HS_ERR_STATE, "an output");
    ck_assert_error(hs_plan_get_gradient(plan, net.depth, values), HS_ERR_STATE,
                    "hs_plan_backward");
    ck_assert_ok(hs_plan_set_gradient(plan, net.loss, &one));
    ck_assert_ok(hs_plan_backward(plan));
    ck_assert_error(hs_plan_backward(plan), HS_ERR_STATE, "twice");
    ck_assert_error(hs_plan_get_gradient(plan, net.depth, values), HS_ERR_STATE, "asked for");
    /* Its memory may hold another gradient by now. */
    ck_assert_error(hs_plan_set_gradient(plan, net.loss, &one), HS_ERR_STATE, "after");
    ck_assert_ok(hs_plan_get(plan, net.loss, values));
    ck_assert_ok(hs_plan_set(plan, net.depth, values));
    ck_assert_error(hs_plan_get(plan, net.loss, values), HS_ERR_STATE, "hs_plan_forward");
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(net.graph);
}
END_TEST

START_TEST(plans_refuse_params_they_cannot_use)
{
    test_net net = pooling_net(1, 3, 3), other = proposed_net(1, 16, 16, 8);
    hs_params *params, *bare;
    hs_plan *plan;
    ck_assert_ok(hs_params_create(other.graph, true, &params));
    ck_assert_ok(hs_params_create(net.graph, false, &bare));
    ck_assert_ok(hs_plan_create(net.graph, HS_TRAINING, &plan));
    ck_assert_error(hs_plan_bind(plan, params, NULL), HS_ERR_STATE, "another graph");
    ck_assert_error(hs_plan_bind(plan, bare, NULL), HS_ERR_STATE, "without gradients");
    hs_plan_destroy(plan);
    ck_assert_ok(hs_plan_create(net.graph, HS_INFERENCE, &plan));
    ck_assert_ok(hs_plan_bind(plan, bare, NULL));
    feed(plan, &net, 1);
    ck_assert_ok(hs_plan_forward(plan, 0, 0));
    ck_assert_error(hs_plan_backward(plan), HS_ERR_STATE, "inference");
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_params_destroy(bare);
    hs_graph_destroy(net.graph);
    hs_graph_destroy(other.graph);
}
END_TEST

/* An input can be read until the run, which may use its memory for something else; one that is an
 * output too, at any time. */
START_TEST(inputs_can_be_read_until_the_run)
{
    for (int kept = 0; kept < 2; kept++) {
        hs_graph *g;
        hs_plan *plan;
        hs_params *params;
        hs_real x[6] = {1, 2, 3, 4, 5, 6}, back[6] = {0};
        ck_assert_ok(hs_graph_create(&g));
        hs_value in = hs_graph_input(g, "x", HS_F32, (hs_shape){1, 2, 1, 3}, false);
        hs_graph_output(g, hs_relu(g, "b", hs_relu(g, "a", in)));
        if (kept)
            hs_graph_output(g, in);
        ck_assert_ok(hs_params_create(g, false, &params));
        ck_assert_ok(hs_plan_create(g, HS_INFERENCE, &plan));
        ck_assert_ok(hs_plan_bind(plan, params, NULL));
        ck_assert_ok(hs_plan_set(plan, in, x));
        ck_assert_ok(hs_plan_get(plan, in, back));
        ck_assert_int_eq(memcmp(x, back, sizeof x), 0);
        ck_assert_ok(hs_plan_forward(plan, 0, 0));
        memset(back, 0, sizeof back);
        if (kept) {
            ck_assert_ok(hs_plan_get(plan, in, back));
            ck_assert_int_eq(memcmp(x, back, sizeof x), 0);
        } else {
            ck_assert_error(hs_plan_get(plan, in, back), HS_ERR_STATE, "after hs_plan_forward");
        }
        hs_plan_destroy(plan);
        hs_params_destroy(params);
        hs_graph_destroy(g);
    }
}
END_TEST

/* Four to a byte in memory, a byte each outside; what is set is what is read. */
START_TEST(values_of_two_bits_are_bytes_outside)
{
    enum { N = 2, C = 19, H = 2, W = 3 };
    uint8_t values[N * C * H * W], back[N * C * H * W] = {0};
    for (int i = 0; i < N * C * H * W; i++)
        values[i] = (uint8_t)(i * 7 / 3 % 4);
    hs_graph *g;
    hs_plan *plan;
    hs_params *params;
    ck_assert_ok(hs_graph_create(&g));
    hs_value in = hs_graph_input(g, "x", HS_U2, (hs_shape){N, C, H, W}, false);
    hs_value other = hs_graph_input(g, "y", HS_F32, (hs_shape){1, 1, 1, 1}, false);
    hs_graph_output(g, in);
    hs_graph_output(g, hs_relu(g, "a", other));
    ck_assert_uint_eq(hs_value_bytes(&g->values[in]), N * H * W * 8);
    ck_assert_ok(hs_params_create(g, false, &params));
    ck_assert_ok(hs_plan_create(g, HS_INFERENCE, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    ck_assert_ok(hs_plan_set(plan, in, values));
    ck_assert_ok(hs_plan_get(plan, in, back));
    ck_assert_int_eq(memcmp(values, back, sizeof values), 0);
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *tests = tcase_create("graph");
    tcase_add_test(tests, shape_errors_name_the_layer_and_both_shapes);
    tcase_add_test(tests, attributes_out_of_range_are_refused);
    tcase_add_test(tests, inputs_of_the_wrong_kind_are_refused);
    tcase_add_test(tests, first_error_sticks);
    tcase_add_test(tests, calls_out_of_order_are_refused);
    tcase_add_test(tests, plans_refuse_params_they_cannot_use);
    tcase_add_test(tests, inputs_can_be_read_until_the_run);
    tcase_add_test(tests, values_of_two_bits_are_bytes_outside);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

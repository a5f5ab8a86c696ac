/* Small nets with every kind of edge between ops, and the proposed one. */
#ifndef HS_TESTS_GRAPH_NETS_H
#define HS_TESTS_GRAPH_NETS_H

#include "base/rng.h"
#include "graph/graph.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

/* A graph whose last op is a loss; `labels` are below 3. */
typedef struct test_net {
    hs_graph *graph;
    hs_value depth, labels, logits, loss;
} test_net;

static inline hs_value add_conv(hs_graph *g, const char *layer, hs_value x, int filters, int kernel,
                                int stride, bool bias)
{
    int pad = (kernel - 1) / 2;
    return hs_conv2d(g, layer, x,
                     (hs_conv2d_attr){.filters = filters,
                                      .kernel = {kernel, kernel},
                                      .stride = {stride, stride},
                                      .pad = {pad, pad},
                                      .bias = bias});
}

static inline hs_value add_deconv(hs_graph *g, const char *layer, hs_value x, int filters,
                                  bool bias)
{
    return hs_conv_transpose2d(
        g, layer, x,
        (hs_conv_transpose2d_attr){
            .filters = filters, .kernel = {4, 4}, .stride = {2, 2}, .pad = {1, 1}, .bias = bias});
}

static inline hs_value add_norm(hs_graph *g, const char *layer, hs_value x)
{
    return hs_batch_norm2d(g, layer, x, (hs_batch_norm2d_attr){0});
}

static inline test_net begin_net(int n, int h, int w)
{
    test_net net = {0};
    ck_assert_ok(hs_graph_create(&net.graph));
    net.depth = hs_graph_input(net.graph, "depth", HS_F32, (hs_shape){n, 1, h, w}, false);
    net.labels = hs_graph_input(net.graph, "labels", HS_U8, (hs_shape){n, 1, h, w}, false);
    return net;
}

static inline test_net end_net(test_net net, hs_value logits)
{
    net.logits = logits;
    net.loss = hs_softmax_cross_entropy(net.graph, "loss", logits, net.labels,
                                        (hs_softmax_cross_entropy_attr){{1, 32, 32}, 255});
    hs_graph_output(net.graph, logits);
    hs_graph_output(net.graph, net.loss);
    ck_assert_ok(hs_graph_status(net.graph));
    return net;
}

/* The proposed net, its widths divided by `narrow`. */
static inline test_net proposed_net(int n, int h, int w, int narrow)
{
    test_net net = begin_net(n, h, w);
    hs_graph *g = net.graph;
    hs_leaky_relu_attr leak = {0.2};
    hs_value enc[4];
    enc[0] = add_conv(g, "enc1", net.depth, 64 / narrow, 4, 2, true);
    for (int i = 1; i < 4; i++) {
        char name[2][24];
        snprintf(name[0], sizeof name[0], "enc%d", i + 1);
        snprintf(name[1], sizeof name[1], "norm%d", i + 1);
        hs_value active = hs_leaky_relu(g, "leaky", enc[i - 1], leak);
        enc[i] =
            add_norm(g, name[1], add_conv(g, name[0], active, (64 << i) / narrow, 4, 2, false));
    }
    hs_value x = hs_relu(g, "relu4", enc[3]);
    for (int i = 2; i >= 0; i--) {
        char name[2][24];
        snprintf(name[0], sizeof name[0], "dec%d", 3 - i);
        snprintf(name[1], sizeof name[1], "normd%d", 3 - i);
        hs_value up = add_norm(g, name[1], add_deconv(g, name[0], x, (64 << i) / narrow, false));
        x = hs_relu(g, "relu", hs_concat(g, "skip", (hs_value[]){up, enc[i]}, 2));
    }
    return end_net(net, add_deconv(g, "dec4", x, 3, true));
}

/* Pools of odd sizes, kept places, dropout, a sum, a crop, interpolation. */
static inline test_net pooling_net(int n, int h, int w)
{
    test_net net = begin_net(n, h, w);
    hs_graph *g = net.graph;
    hs_max_pool2d_attr halve = {.kernel = {2, 2}, .ceil_mode = true};
    hs_value a = hs_relu(g, "r1", add_norm(g, "n1", add_conv(g, "c1", net.depth, 5, 3, 1, false)));
    hs_value pool1 = hs_max_pool2d(g, "p1", a, halve);
    hs_value b = hs_relu(g, "r2", add_conv(g, "c2", pool1, 17, 3, 1, true));
    hs_value pool2 = hs_max_pool2d(g, "p2", b, halve);
    hs_value c =
        hs_dropout(g, "d", add_conv(g, "c3", pool2, 17, 3, 1, true), (hs_dropout_attr){0.3, false});
    hs_value up2 = hs_max_unpool2d(g, "u2", c, pool2, (hs_max_unpool2d_attr){{0, 0}});
    hs_value sum = hs_add(g, "sum", (hs_value[]){up2, b, up2}, 3);
    hs_value d = add_conv(g, "c4", sum, 5, 3, 1, true);
    hs_value up1 = hs_max_unpool2d(g, "u1", d, pool1, (hs_max_unpool2d_attr){{0, 0}});
    hs_value wide = hs_upsample_bilinear(g, "up", d, (hs_upsample_bilinear_attr){.factor = 2});
    hs_value cut = hs_crop(g, "cut", wide, up1, (hs_crop_attr){0});
    return end_net(
        net, add_conv(g, "score", hs_concat(g, "both", (hs_value[]){up1, cut}, 2), 3, 3, 1, true));
}

/* A chain of convolutions and norms at full size, then half, where much is to be saved. */
static inline test_net deep_net(int n, int h, int w)
{
    test_net net = begin_net(n, h, w);
    hs_graph *g = net.graph;
    hs_value x = net.depth, pool = -1;
    for (int i = 0; i < 8; i++) {
        char name[2][24];
        snprintf(name[0], sizeof name[0], "conv%d", i);
        snprintf(name[1], sizeof name[1], "norm%d", i);
        x = add_norm(g, name[1], add_conv(g, name[0], x, 36, 3, 1, false));
        x = i % 3 ? hs_relu(g, "relu", x) : hs_leaky_relu(g, "leaky", x, (hs_leaky_relu_attr){0.1});
        if (i == 3)
            x = pool = hs_max_pool2d(g, "pool", x,
                                     (hs_max_pool2d_attr){.kernel = {2, 2}, .ceil_mode = true});
    }
    x = hs_dropout(g, "drop", x, (hs_dropout_attr){0.25, true});
    x = hs_max_unpool2d(g, "unpool", x, pool, (hs_max_unpool2d_attr){{0, 0}});
    return end_net(net, add_conv(g, "score", x, 3, 3, 1, true));
}

/* Skips that nothing needs to copy, wide enough for minimal filtering: two whose readers apply
 * maps, one of values as they are. Parts of them are read elsewhere by every op that can. */
static inline test_net skips_net(int n, int h, int w)
{
    test_net net = begin_net(n, h, w);
    hs_graph *g = net.graph;
    hs_leaky_relu_attr leak = {0.2};
    hs_value enc1 = add_conv(g, "enc1", net.depth, 32, 4, 2, true);
    hs_value enc2 =
        add_norm(g, "n2", add_conv(g, "enc2", hs_leaky_relu(g, "l1", enc1, leak), 32, 4, 2, false));
    hs_value enc3 =
        add_norm(g, "n3", add_conv(g, "enc3", hs_leaky_relu(g, "l2", enc2, leak), 48, 4, 2, false));
    hs_value dec1 = add_norm(g, "m1", add_deconv(g, "dec1", hs_relu(g, "r3", enc3), 32, false));
    hs_value x = hs_relu(g, "r2", hs_concat(g, "skip2", (hs_value[]){dec1, enc2}, 2));
    hs_value dec2 = add_norm(g, "m2", add_deconv(g, "dec2", x, 32, false));
    x = hs_relu(g, "r1", hs_concat(g, "skip1", (hs_value[]){dec2, enc1}, 2));
    hs_value dec3 = hs_leaky_relu(g, "r0", add_deconv(g, "dec3", x, 32, true), leak);
    hs_value raw = add_conv(g, "raw", net.depth, 16, 3, 1, true);
    hs_value plain = hs_concat(g, "plain", (hs_value[]){raw, dec3}, 2);
    hs_value sum = hs_add(g, "sum",
                          (hs_value[]){add_norm(g, "n0", raw), hs_leaky_relu(g, "l0", raw, leak),
                                       add_conv(g, "same", raw, 16, 3, 1, false)},
                          3);
    x = hs_concat(g, "all",
                  (hs_value[]){sum, hs_dropout(g, "d", plain, (hs_dropout_attr){0.3, false})}, 2);
    return end_net(net, add_conv(g, "score", x, 3, 1, 1, true));
}

/* Fills both inputs with numbers of `seed`. */
static inline void feed(hs_plan *plan, const test_net *net, uint64_t seed)
{
    int64_t count = hs_elements(hs_graph_shape(net->graph, net->depth));
    hs_real *depth = malloc(sizeof *depth * (size_t)count);
    uint8_t *labels = malloc((size_t)count);
    ck_assert(depth && labels);
    hs_rng rng = hs_rng_make(seed, 0, 0, HS_PURPOSE_TEST);
    for (int64_t i = 0; i < count; i++) {
        depth[i] = (hs_real)hs_rng_uniform(&rng);
        labels[i] = (uint8_t)hs_rng_below(&rng, 3);
    }
    ck_assert_ok(hs_plan_set(plan, net->depth, depth));
    ck_assert_ok(hs_plan_set(plan, net->labels, labels));
    free(depth);
    free(labels);
}

/* Forward and backward from the loss. */
static inline void step(hs_plan *plan, const test_net *net, uint64_t number)
{
    const hs_real one = 1;
    feed(plan, net, number);
    ck_assert_ok(hs_plan_forward(plan, 1, number));
    ck_assert_ok(hs_plan_set_gradient(plan, net->loss, &one));
    ck_assert_ok(hs_plan_backward(plan));
}

static inline hs_params *make_params(const test_net *net)
{
    hs_params *params;
    hs_init init = {HS_INIT_HE, 0, 0.02};
    ck_assert_ok(hs_params_create(net->graph, true, &params));
    hs_params_initialize(params, &init, 5);
    return params;
}

#endif

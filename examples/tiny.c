/* Builds, trains and runs a small network through handseg's public headers: it learns to tell
 * bright squares from dark ones. Build it against an installed handseg: cc -std=c11 tiny.c
 * $(pkg-config --cflags --libs handseg) -o tiny && ./tiny */
#include <handseg/ops.h>
#include <handseg/optimizer.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 4, SIZE = 16, AREA = SIZE * SIZE, STEPS = 150 };

#define CHECK(call)                                        \
    if ((call) != HS_OK) {                                 \
        fprintf(stderr, "tiny: %s\n", hs_error_message()); \
        return 1;                                          \
    }

/* A grey image with a bright (class 2) or dark (class 1) square at a random place. */
static void draw(float *image, uint8_t *label)
{
    int bright = rand() % 2, top = rand() % (SIZE - 6), left = rand() % (SIZE - 6);
    for (int i = 0; i < AREA; i++) {
        int y = i / SIZE - top, x = i % SIZE - left, inside = y >= 0 && y < 6 && x >= 0 && x < 6;
        label[i] = (uint8_t)(inside ? 1 + bright : 0);
        image[i] = (inside ? (bright ? 0.9f : 0.1f) : 0.5f) +
                   0.2f * ((float)rand() / (float)RAND_MAX - 0.5f);
    }
}

int main(void)
{
    hs_graph *graph;
    hs_params *params;
    hs_plan *plan;
    hs_solver *solver;
    float images[N * AREA], logits[N * 3 * AREA], loss = 0, one = 1;
    uint8_t labels[N * AREA];

    CHECK(hs_graph_create(&graph));
    hs_value x = hs_graph_input(graph, "image", HS_F32, (hs_shape){N, 1, SIZE, SIZE}, false);
    hs_value t = hs_graph_input(graph, "labels", HS_U8, (hs_shape){N, 1, SIZE, SIZE}, false);
    hs_value y = hs_conv2d(graph, "conv1", x,
                           (hs_conv2d_attr){.filters = 16, .kernel = {3, 3}, .pad = {1, 1}});
    y = hs_batch_norm2d(graph, "conv1", y, (hs_batch_norm2d_attr){0});
    y = hs_relu(graph, "conv1", y);
    y = hs_conv2d(graph, "score", y,
                  (hs_conv2d_attr){.filters = 3, .kernel = {3, 3}, .pad = {1, 1}, .bias = true});
    hs_value error = hs_softmax_cross_entropy(graph, "loss", y, t,
                                              (hs_softmax_cross_entropy_attr){.ignore = -1});
    hs_graph_output(graph, y);
    hs_graph_output(graph, error);
    CHECK(hs_plan_create(graph, HS_TRAINING, &plan));
    CHECK(hs_params_create(graph, true, &params));
    hs_params_initialize(params, &(hs_init){.scheme = HS_INIT_HE}, 1);
    CHECK(hs_plan_bind(plan, params, NULL));
    hs_optimizer adam = {HS_OPTIMIZER_adam, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    CHECK(hs_solver_create(params, &adam, &solver));
    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < N; i++)
            draw(images + i * AREA, labels + i * AREA);
        CHECK(hs_plan_set(plan, x, images));
        CHECK(hs_plan_set(plan, t, labels));
        CHECK(hs_plan_forward(plan, 1, (uint64_t)step));
        CHECK(hs_plan_get(plan, error, &loss));
        CHECK(hs_plan_set_gradient(plan, error, &one));
        CHECK(hs_plan_backward(plan));
        CHECK(hs_solver_step(solver, 1e-2, NULL));
    }
    CHECK(hs_plan_get(plan, y, logits));
    int right = 0; /* of the first image */
    for (int i = 0; i < AREA; i++) {
        float a = logits[i], b = logits[AREA + i], c = logits[2 * AREA + i];
        right += labels[i] == (c > a && c > b ? 2 : b > a ? 1 : 0);
    }
    printf("loss %.4f, %d of %d pixels right\n", loss, right, AREA);
    hs_solver_destroy(solver);
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(graph);
    return right < AREA * 95 / 100;
}

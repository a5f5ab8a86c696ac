/* The networks of configs/nets: parameters counted by formulas of their own, sizes that go in and
 * come out, and training steps at an eighth of their width, the same bits fused or not. */
#include "base/rng.h"
#include "graph/graph.h"
#include "handseg/optimizer.h"
#include "net/net.h"
#include "segment/model_kind.h"
#include "support/golden_nets.h"
#include "support/net_params.h"
#include "support/suite.h"
#include "train/solver.h"
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* ---- parameters, from the papers' descriptions ------------------------------------------------
 */
enum { BIAS = 1, NORM = 2 }; /* parameters a filter has besides its weights */

static int64_t layer(int64_t in, int64_t filters, int kernel, int besides)
{
    return filters * (in * kernel * kernel + besides);
}

/* 3x3 layers one after another; *in becomes what the last one gives. */
static int64_t chain(int64_t *in, const int *filters, int n, int besides)
{
    int64_t sum = 0;
    for (int i = 0; i < n; i++) {
        sum += layer(*in, filters[i], 3, besides);
        *in = filters[i];
    }
    return sum;
}

static int64_t vgg16(int64_t channels, int besides)
{
    static const int filters[] = {64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512};
    return chain(&channels, filters, COUNT(filters), besides);
}

static int64_t fcn32s(int64_t channels, int64_t classes)
{
    return vgg16(channels, BIAS) + layer(512, 4096, 7, BIAS) + layer(4096, 4096, 1, BIAS) +
           layer(4096, classes, 1, BIAS);
}

static int64_t fcn16s(int64_t channels, int64_t classes)
{
    return fcn32s(channels, classes) + layer(classes, classes, 4, 0) + layer(512, classes, 1, BIAS);
}

static int64_t fcn8s(int64_t channels, int64_t classes)
{
    return fcn16s(channels, classes) + layer(classes, classes, 4, 0) + layer(256, classes, 1, BIAS);
}

static int64_t segnet(int64_t channels, int64_t classes)
{
    static const int filters[] = {512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64};
    int64_t in = 512, decoder = chain(&in, filters, COUNT(filters), NORM);
    return vgg16(channels, NORM) + decoder + layer(in, classes, 3, BIAS);
}

static int64_t deconvnet(int64_t channels, int64_t classes)
{
    static const int filters[] = {512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64, 64};
    int64_t in = 512, decoder = chain(&in, filters, COUNT(filters), NORM);
    return vgg16(channels, NORM) + layer(512, 4096, 7, NORM) + layer(4096, 4096, 1, NORM) +
           layer(4096, 512, 7, NORM) + decoder + layer(in, classes, 1, BIAS);
}

/* `wide`: what a skip makes of one width, 2 where it concatenates. */
static int64_t proposed(int64_t channels, int64_t classes, int64_t width, int wide)
{
    int64_t sum = layer(channels, width, 4, BIAS) + layer(wide * width, classes, 4, BIAS);
    for (int i = 1; i < 4; i++)
        sum += layer(width << (i - 1), width << i, 4, NORM) +
               layer((i == 3 ? 1 : wide) * (width << i), width << (i - 1), 4, NORM);
    return sum;
}

static int64_t handseg(int64_t channels, int64_t classes)
{
    return proposed(channels, classes, 64, 2);
}

static int64_t handseg_sum(int64_t channels, int64_t classes)
{
    return proposed(channels, classes, 64, 1);
}

static int64_t handseg_half(int64_t channels, int64_t classes)
{
    return proposed(channels, classes, 32, 2);
}

/* ---- the networks -----------------------------------------------------------------------------
 */
typedef struct paper_net {
    const char *name;
    int64_t (*formula)(int64_t channels, int64_t classes);
    int64_t parameters; /* of one channel and three classes */
    /* The reference's own channels and classes, and the millions it is known by; 0: none. */
    int channels, classes;
    double millions;
    int least, multiple; /* of height and width */
    int height, width;   /* of the training steps */
} paper_net;

static const paper_net nets[] = {
    {"handseg", handseg, 6170307, 0, 0, 0, 16, 16, 32, 48},
    {"handseg_sum", handseg_sum, 5511875, 0, 0, 0, 16, 16, 32, 48},
    {"handseg_half", handseg_half, 1545059, 0, 0, 0, 16, 16, 32, 48},
    {"fcn32s", fcn32s, 134271683, 3, 21, 134.3, 1, 1, 37, 45},
    {"fcn16s", fcn16s, 134273366, 3, 21, 134.4, 1, 1, 37, 45},
    {"fcn8s", fcn8s, 134274281, 3, 21, 134.4, 1, 1, 45, 37},
    {"fcn32s_pad100", fcn32s, 134271683, 3, 21, 134.3, 1, 1, 21, 26},
    {"segnet", segnet, 29435651, 3, 11, 29.4, 1, 1, 37, 45},
    {"deconvnet", deconvnet, 251786627, 3, 21, 251.8, 193, 1, 193, 199},
};

typedef struct built {
    hs_ini ini;
    hs_net *net;
    hs_graph *graph;
    hs_value input, labels, logits, loss;
} built;

/* Gives the layers of scores, which have three filters, so many. */
static void set_classes(hs_ini *ini, int classes)
{
    for (hs_ini_section *s = ini->sections; s; s = s->next) {
        const hs_ini_entry *entry = hs_ini_entry_find(s, "filters");
        char text[16];
        if (!entry || atoi(entry->value) != 3)
            continue;
        snprintf(text, sizeof text, "%d", classes);
        hs_ini_put(ini, s, "filters", text, "test");
    }
}

static void read_ini(built *b, const paper_net *n)
{
    char path[128];
    *b = (built){0};
    snprintf(path, sizeof path, "configs/nets/%s.ini", n->name);
    ck_assert_ok(hs_ini_read(&b->ini, path));
}

static hs_status build(built *b, int batch, int height, int width)
{
    ck_assert_ok(hs_net_from_ini(&b->ini, NULL, 0, &b->net));
    ck_assert_ok(hs_graph_create(&b->graph));
    return hs_net_build(b->net, b->graph, batch, height, width, &b->input, &b->logits);
}

static void free_built(built *b)
{
    hs_graph_destroy(b->graph);
    hs_net_destroy(b->net);
    hs_ini_free(&b->ini);
}

static int64_t count_parameters(const hs_graph *graph)
{
    int64_t sum = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i]->n_params; k++) {
            const hs_param *p = &graph->nodes[i]->params[k];
            int64_t count = p->trained;
            for (int d = 0; d < p->rank; d++)
                count *= p->dims[d];
            sum += count;
        }
    return sum;
}

static bool is_net(const char *name)
{
    char path[512];
    hs_model_file file = {0};
    const hs_model_kind *kind;
    snprintf(path, sizeof path, "configs/nets/%s", name);
    ck_assert_ok(hs_model_file_open(&file, path));
    ck_assert_ok(hs_model_kind_of(&file, &kind));
    hs_model_file_close(&file);
    return kind == &hs_model_kind_net;
}

/* A network without a row here, or without a golden file, would go untested. */
START_TEST(every_net_has_a_row)
{
    DIR *folder = opendir("configs/nets");
    int files = 0;
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *file; (file = readdir(folder));)
        files += strstr(file->d_name, ".ini") != NULL && is_net(file->d_name);
    closedir(folder);
    ck_assert_int_eq(files, COUNT(nets));
    ck_assert_int_eq(files, HS_GOLDEN_NETS);
}
END_TEST

START_TEST(parameters_are_as_many_as_described)
{
    const paper_net *n = &nets[_i];
    built b;
    ck_assert_int_eq(n->formula(1, 3), n->parameters);
    read_ini(&b, n);
    ck_assert_ok(build(&b, 1, 0, 0));
    ck_assert_int_eq(count_parameters(b.graph), n->parameters);
    free_built(&b);
    if (!n->channels)
        return;
    ck_assert_msg(fabs((double)n->formula(n->channels, n->classes) / 1e6 - n->millions) < 0.05,
                  "%s: %lld, expected %g million", n->name,
                  (long long)n->formula(n->channels, n->classes), n->millions);
    read_ini(&b, n);
    set_classes(&b.ini, n->classes);
    ck_assert_ok(hs_ini_set(&b.ini, "input.channels=3", NULL, 0));
    ck_assert_ok(build(&b, 1, 0, 0));
    ck_assert_int_eq(count_parameters(b.graph), n->formula(n->channels, n->classes));
    free_built(&b);
}
END_TEST

static hs_status output_of(const paper_net *n, int height, int width, hs_shape *out)
{
    built b;
    read_ini(&b, n);
    hs_status status = build(&b, 2, height, width);
    *out = status == HS_OK ? hs_graph_shape(b.graph, b.logits) : (hs_shape){0};
    free_built(&b);
    return status;
}

START_TEST(logits_are_of_the_size_of_the_image)
{
    const paper_net *n = &nets[_i];
    int m = n->multiple;
    const int sizes[][2] = {{240, 320},
                            {n->least, n->least},
                            {n->least, 320},
                            {224, n->least},
                            {240 + m, 320 + 3 * m},
                            {256 + 7 * m, 272 + 5 * m},
                            {272 + m, 256 + 2 * m}};
    for (int i = 0; i < COUNT(sizes); i++) {
        hs_shape out;
        ck_assert_ok(output_of(n, sizes[i][0], sizes[i][1], &out));
        ck_assert_msg(out.n == 2 && out.c == 3 && out.h == sizes[i][0] && out.w == sizes[i][1],
                      "%s: got %dx%d for %dx%d", n->name, out.h, out.w, sizes[i][0], sizes[i][1]);
    }
}
END_TEST

START_TEST(sizes_that_a_net_cannot_take_are_refused)
{
    const paper_net *n = &nets[_i];
    hs_shape out;
    if (n->multiple > 1)
        ck_assert_error(output_of(n, 240, 320 + n->multiple / 2, &out), HS_ERR_SHAPE,
                        "layer 'skip");
    if (n->least > n->multiple)
        ck_assert_error(output_of(n, n->least - 1, n->least, &out), HS_ERR_SHAPE, "layer 'fc6'");
}
END_TEST

/* ---- large layers -----------------------------------------------------------------------------
 */
/* What lies in memory for a frame is far less than the weights: no copy of those, no gradients. */
START_TEST(large_weights_are_not_copied_in_training)
{
    const paper_net *n = &nets[_i];
    built b;
    hs_plan *plan;
    read_ini(&b, n);
    ck_assert_ok(build(&b, 1, 0, 0));
    int64_t stored = hs_gradients_stored(b.graph, HS_GRADIENTS_SMALL);
    ck_assert_int_le(stored, 4 << 20);
    ck_assert_ok(hs_plan_create(b.graph, HS_TRAINING, &plan));
    ck_assert_uint_lt(hs_plan_bytes(plan), (size_t)640 << 20);
    hs_plan_destroy(plan);
    free_built(&b);
}
END_TEST

/* ---- training ---------------------------------------------------------------------------------
 */
enum { NARROW = 8, BATCH = 2, STEPS = 2 };
enum { PLAIN, FUSED, SMALL };

typedef struct training {
    built b;
    hs_params *params;
    hs_plan *plan;
    hs_solver *solver;
    hs_real *first;  /* parameters at the start */
    hs_real *values; /* in the end, with statistics and logits */
    size_t trained, count;
} training;

static hs_real *copy(const hs_real *values, size_t count)
{
    hs_real *copied = malloc(sizeof *copied * count);
    ck_assert_ptr_nonnull(copied);
    return memcpy(copied, values, sizeof *copied * count);
}

static void open_training(training *t, const paper_net *n, int way)
{
    const hs_optimizer adam = {
        .method = HS_OPTIMIZER_adam, .lr = 1e-3, .beta1 = 0.5, .beta2 = 0.999, .epsilon = 1e-8};
    built *b = &t->b;
    read_ini(b, n);
    hs_test_net_narrow(&b->ini, NARROW);
    ck_assert_ok(build(b, BATCH, n->height, n->width));
    b->labels =
        hs_graph_input(b->graph, "labels", HS_U8, (hs_shape){BATCH, 1, n->height, n->width}, false);
    b->loss = hs_softmax_cross_entropy(b->graph, "loss", b->logits, b->labels,
                                       (hs_softmax_cross_entropy_attr){{1, 8, 8}, 255});
    hs_graph_output(b->graph, b->loss);
    hs_graph_set_fusion(b->graph, way != PLAIN);
    hs_graph_set_small(b->graph, way == SMALL);
    ck_assert_ok(hs_graph_status(b->graph));
    ck_assert_ok(hs_params_allocate(b->graph, way == PLAIN ? HS_GRADIENTS_ALL : HS_GRADIENTS_SMALL,
                                    &t->params));
    hs_params_initialize(t->params, hs_net_get_init(b->net), 7);
    t->trained = (size_t)t->params->trained;
    t->first = copy(t->params->values, t->trained);
    ck_assert_ok(hs_solver_create(t->params, &adam, &t->solver));
    ck_assert_ok(hs_plan_create(b->graph, HS_TRAINING, &t->plan));
    ck_assert_ok(hs_plan_bind(t->plan, t->params, NULL));
}

static void fill_frames(training *t, uint32_t number)
{
    size_t count = (size_t)hs_elements(hs_graph_shape(t->b.graph, t->b.input));
    hs_real *depth = malloc(sizeof *depth * count);
    uint8_t *labels = malloc(count);
    ck_assert(depth && labels);
    hs_rng rng = hs_rng_make(1, 0, number, HS_PURPOSE_TEST);
    for (size_t i = 0; i < count; i++) {
        depth[i] = (hs_real)hs_rng_uniform(&rng);
        labels[i] = (uint8_t)hs_rng_below(&rng, 3);
    }
    ck_assert_ok(hs_plan_set(t->plan, t->b.input, depth));
    ck_assert_ok(hs_plan_set(t->plan, t->b.labels, labels));
    free(depth);
    free(labels);
}

static void run_training(training *t)
{
    const hs_real one = 1;
    for (uint32_t step = 0; step < STEPS; step++) {
        hs_real loss;
        fill_frames(t, step);
        ck_assert_ok(hs_plan_forward(t->plan, 3, step));
        ck_assert_ok(hs_plan_get(t->plan, t->b.loss, &loss));
        ck_assert(isfinite(loss));
        ck_assert_ok(hs_plan_set_gradient(t->plan, t->b.loss, &one));
        hs_solver_begin(t->solver, 1e-3);
        ck_assert_ok(hs_plan_backward(t->plan));
        ck_assert_ok(hs_solver_step(t->solver, 1e-3, NULL));
    }
}

static training train(const paper_net *n, int way)
{
    training t;
    open_training(&t, n, way);
    run_training(&t);
    size_t untrained = (size_t)t.params->untrained;
    size_t logits = (size_t)hs_elements(hs_graph_shape(t.b.graph, t.b.logits));
    t.count = t.trained + untrained + logits;
    t.values = malloc(sizeof *t.values * t.count);
    ck_assert_ptr_nonnull(t.values);
    memcpy(t.values, t.params->values, sizeof *t.values * t.trained);
    memcpy(t.values + t.trained, t.params->statistics, sizeof *t.values * untrained);
    ck_assert_ok(hs_plan_get(t.plan, t.b.logits, t.values + t.trained + untrained));
    return t;
}

static void free_training(training *t)
{
    free(t->first);
    free(t->values);
    hs_solver_destroy(t->solver);
    hs_plan_destroy(t->plan);
    hs_params_destroy(t->params);
    free_built(&t->b);
}

static void assert_all_learn(const training *t, const char *name)
{
    for (int i = 0; i < t->params->count; i++) {
        const hs_param *p = &t->params->params[i];
        size_t bytes = sizeof(hs_real) * (size_t)p->size;
        ck_assert_msg(!p->trained || memcmp(t->first + p->offset, t->values + p->offset, bytes),
                      "%s: %s of layer '%s' stays as it was", name, p->name,
                      t->params->infos[i].layer);
    }
}

START_TEST(training_has_the_same_bits_fused_or_not)
{
    const paper_net *n = &nets[_i];
    training plain = train(n, PLAIN);
    assert_all_learn(&plain, n->name);
    for (int way = FUSED; way <= SMALL; way++) {
        training other = train(n, way);
        ck_assert_uint_eq(other.count, plain.count);
        ck_assert_int_eq(memcmp(other.first, plain.first, sizeof *plain.first * plain.trained), 0);
        ck_assert_msg(!memcmp(other.values, plain.values, sizeof *plain.values * plain.count),
                      "%s, way %d", n->name, way);
        free_training(&other);
    }
    free_training(&plain);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paper_nets");
    TCase *tests = tcase_create("paper_nets");
    tcase_add_test(tests, every_net_has_a_row);
    tcase_add_loop_test(tests, parameters_are_as_many_as_described, 0, COUNT(nets));
    tcase_add_loop_test(tests, logits_are_of_the_size_of_the_image, 0, COUNT(nets));
    tcase_add_loop_test(tests, sizes_that_a_net_cannot_take_are_refused, 0, COUNT(nets));
    tcase_add_loop_test(tests, large_weights_are_not_copied_in_training, 0, COUNT(nets));
    tcase_add_loop_test(tests, training_has_the_same_bits_fused_or_not, 0, COUNT(nets));
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

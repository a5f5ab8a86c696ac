/* What the networks of configs/nets call their parameters: train.init takes those of another net
 * and of VGG16 by layer, name and shape. Graphs of full width, without memory for them. */
#include "graph/graph.h"
#include "net/net.h"
#include "support/suite.h"
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

typedef struct built {
    hs_ini ini;
    hs_net *net;
    hs_graph *graph;
} built;

static void build(built *b, const char *name)
{
    char path[128];
    hs_value input, logits;
    *b = (built){0};
    snprintf(path, sizeof path, "configs/nets/%s.ini", name);
    ck_assert_ok(hs_ini_read(&b->ini, path));
    ck_assert_ok(hs_net_from_ini(&b->ini, NULL, 0, &b->net));
    ck_assert_ok(hs_graph_create(&b->graph));
    ck_assert_ok(hs_net_build(b->net, b->graph, 1, 0, 0, &input, &logits));
}

static void free_built(built *b)
{
    hs_graph_destroy(b->graph);
    hs_net_destroy(b->net);
    hs_ini_free(&b->ini);
}

static const hs_param *find_param(const hs_graph *graph, const char *layer, const char *name)
{
    for (int i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i]->n_params; k++)
            if (strcmp(graph->nodes[i]->layer, layer) == 0 &&
                strcmp(graph->nodes[i]->params[k].name, name) == 0)
                return &graph->nodes[i]->params[k];
    return NULL;
}

static void assert_param(const built *b, const char *net, const char *layer, const char *name,
                         int rank, const int64_t *dims)
{
    const hs_param *p = find_param(b->graph, layer, name);
    ck_assert_msg(p != NULL, "%s: no %s/%s", net, layer, name);
    ck_assert_msg(p->rank == rank && memcmp(p->dims, dims, sizeof *dims * (size_t)rank) == 0,
                  "%s: %s/%s has another shape", net, layer, name);
}

START_TEST(begins_with_all_of_another_net)
{
    static const struct {
        const char *from, *to, *more; /* layers and tensors that `to` has besides, in order */
    } pairs[] = {
        {"fcn32s", "fcn16s", "upscore2/weight score_pool4/weight score_pool4/bias "},
        {"fcn16s", "fcn8s", "upscore4/weight score_pool3/weight score_pool3/bias "},
        {"fcn32s", "fcn32s_pad100", ""},
        {"fcn32s_pad100", "fcn32s", ""},
    };
    for (int i = 0; i < COUNT(pairs); i++) {
        built from, to;
        char more[256] = "";
        build(&from, pairs[i].from);
        build(&to, pairs[i].to);
        for (int k = 0; k < from.graph->n_nodes; k++)
            for (int j = 0; j < from.graph->nodes[k]->n_params; j++) {
                const hs_param *p = &from.graph->nodes[k]->params[j];
                assert_param(&to, pairs[i].to, from.graph->nodes[k]->layer, p->name, p->rank,
                             p->dims);
            }
        for (int k = 0; k < to.graph->n_nodes; k++)
            for (int j = 0; j < to.graph->nodes[k]->n_params; j++) {
                const char *layer = to.graph->nodes[k]->layer;
                const char *name = to.graph->nodes[k]->params[j].name;
                size_t used = strlen(more);
                if (!find_param(from.graph, layer, name))
                    snprintf(more + used, sizeof more - used, "%s/%s ", layer, name);
            }
        ck_assert_str_eq(more, pairs[i].more);
        free_built(&from);
        free_built(&to);
    }
}
END_TEST

/* Of torchvision's vgg16, but for conv1_1, which takes three colours there; its classifier's
 * matrices [4096, 25088] and [4096, 4096] as convolutions. */
static const struct {
    const char *layer;
    int64_t dims[4];
} vgg16_shapes[] = {
    {"conv1_1", {64, 1, 3, 3}},    {"conv1_2", {64, 64, 3, 3}},   {"conv2_1", {128, 64, 3, 3}},
    {"conv2_2", {128, 128, 3, 3}}, {"conv3_1", {256, 128, 3, 3}}, {"conv3_2", {256, 256, 3, 3}},
    {"conv3_3", {256, 256, 3, 3}}, {"conv4_1", {512, 256, 3, 3}}, {"conv4_2", {512, 512, 3, 3}},
    {"conv4_3", {512, 512, 3, 3}}, {"conv5_1", {512, 512, 3, 3}}, {"conv5_2", {512, 512, 3, 3}},
    {"conv5_3", {512, 512, 3, 3}}, {"fc6", {4096, 512, 7, 7}},    {"fc7", {4096, 4096, 1, 1}},
};

#define HS_VGG16(layer, plain, bn, norm, keras) layer,
static const char *const vgg16_layers[] = {
#include "train/vgg16.def"
};
#undef HS_VGG16

START_TEST(takes_the_parameters_of_vgg16)
{
    static const struct {
        const char *name, *besides; /* the weight: a bias, or the first tensor of a norm */
        bool classifier;
    } takers[] = {
        {"fcn32s", "bias", true}, {"segnet", "bn_weight", false}, {"deconvnet", "bn_weight", true}};
    for (int i = 0; i < COUNT(takers); i++) {
        built b;
        build(&b, takers[i].name);
        for (int k = 0; k < COUNT(vgg16_layers); k++) {
            const char *layer = vgg16_layers[k];
            int j = 0;
            while (j < COUNT(vgg16_shapes) && strcmp(vgg16_shapes[j].layer, layer) != 0)
                j++;
            ck_assert_msg(j < COUNT(vgg16_shapes), "%s has no shape", layer);
            if (layer[0] == 'f' && !takers[i].classifier)
                continue;
            const int64_t *dims = vgg16_shapes[j].dims;
            assert_param(&b, takers[i].name, layer, "weight", 4, dims);
            assert_param(&b, takers[i].name, layer, takers[i].besides, 1, dims);
        }
        free_built(&b);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names for train.init");
    TCase *tests = tcase_create("names");
    tcase_add_test(tests, begins_with_all_of_another_net);
    tcase_add_test(tests, takes_the_parameters_of_vgg16);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

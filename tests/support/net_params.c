#include "support/net_params.h"

#include "support/suite.h"
#include "train/checkpoint.h"
#include <stdlib.h>
#include <string.h>

static const char *const labels[] = {"background", "right", "left"};

hs_test_net hs_test_net_make(const char *text, uint64_t seed)
{
    hs_test_net n = {0};
    hs_value input, logits;
    ck_assert_ok(hs_net_parse("test", text, strlen(text), &n.net));
    ck_assert_ok(hs_graph_create(&n.graph));
    ck_assert_ok(hs_net_build(n.net, n.graph, 1, 0, 0, &input, &logits));
    ck_assert_ok(hs_params_create(n.graph, false, &n.params));
    hs_params_initialize(n.params, hs_net_get_init(n.net), seed);
    return n;
}

void hs_test_net_free(hs_test_net *net)
{
    hs_params_destroy(net->params);
    hs_graph_destroy(net->graph);
    hs_net_destroy(net->net);
}

void hs_test_net_write(const hs_test_net *net, const char *path)
{
    hs_checkpoint_info info = {
        .config = "", .labels = labels, .classes = 3, .depth_unit = 1e-4, .state = {.seed = 1}};
    ck_assert_ok(hs_checkpoint_write(path, net->params, NULL, &info));
}

void hs_test_net_narrow(hs_ini *ini, int by)
{
    for (hs_ini_section *s = ini->sections; s; s = s->next) {
        const hs_ini_entry *entry = hs_ini_entry_find(s, "filters");
        int filters = entry ? atoi(entry->value) : 3;
        char text[16];
        if (filters == 3)
            continue;
        snprintf(text, sizeof text, "%d", filters / by);
        hs_ini_put(ini, s, "filters", text, "test");
    }
}

int hs_test_net_find(const hs_test_net *net, const char *name)
{
    for (int i = 0; i < net->params->count; i++) {
        char own[256];
        const hs_param_info *info = hs_params_info(net->params, i);
        snprintf(own, sizeof own, "%s/%s", info->layer, info->name);
        if (strcmp(own, name) == 0)
            return i;
    }
    ck_abort_msg("the net has no %s", name);
}

void hs_test_net_assert_same(const hs_test_net *a, const hs_test_net *b, const char *name)
{
    int i = hs_test_net_find(a, name), k = hs_test_net_find(b, name);
    int64_t n = hs_param_elements(hs_params_info(a->params, i));
    ck_assert_int_eq(n, hs_param_elements(hs_params_info(b->params, k)));
    hs_real *x = malloc(sizeof *x * (size_t)n), *y = malloc(sizeof *y * (size_t)n);
    hs_params_get(a->params, i, x);
    hs_params_get(b->params, k, y);
    ck_assert_msg(memcmp(x, y, sizeof *x * (size_t)n) == 0, "%s differs", name);
    free(x);
    free(y);
}

hs_dataset_info hs_test_labels(const char *right, const char *left)
{
    hs_dataset_info info = {.classes = 3};
    info.labels[0] = labels[0];
    info.labels[1] = right;
    info.labels[2] = left;
    return info;
}

const hs_pretrained_row *hs_test_row(const hs_pretrained_report *report, const char *name)
{
    for (int i = 0; i < report->count; i++) {
        char own[512];
        const hs_pretrained_row *row = &report->rows[i];
        snprintf(own, sizeof own, "%s/%s", row->layer, row->tensor);
        if (strcmp(own, name) == 0)
            return row;
    }
    ck_abort_msg("the report has no %s", name);
}

void hs_test_fate(const hs_pretrained_report *report, const char *name, hs_fate fate,
                  const char *done)
{
    const hs_pretrained_row *row = hs_test_row(report, name);
    ck_assert_msg(row->fate == fate, "%s: fate %d, expected %d", name, row->fate, fate);
    ck_assert_str_eq(row->done, done);
}

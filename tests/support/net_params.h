/* Parameters of a network given as text, without a training around them. */
#ifndef HS_TESTS_NET_PARAMS_H
#define HS_TESTS_NET_PARAMS_H

#include "graph/graph.h"
#include "net/net.h"
#include "train/pretrained.h"

typedef struct hs_test_net {
    hs_net *net;
    hs_graph *graph;
    hs_params *params;
} hs_test_net;

/* Parameters as they are before the first step, random by `seed`. */
hs_test_net hs_test_net_make(const char *text, uint64_t seed);
void hs_test_net_free(hs_test_net *net);

/* Writes a checkpoint of them, for the labels background, right, left. */
void hs_test_net_write(const hs_test_net *net, const char *path);

/* Gives the layers of a configuration 1/by of their filters, but for those of scores, which have
 * three. */
void hs_test_net_narrow(hs_ini *ini, int by);

/* Index of the tensor "LAYER/NAME", which there must be. */
int hs_test_net_find(const hs_test_net *net, const char *name);

/* Asserts that a tensor has the same bits in both. */
void hs_test_net_assert_same(const hs_test_net *a, const hs_test_net *b, const char *name);

/* What a data set with these labels says of itself. */
hs_dataset_info hs_test_labels(const char *right, const char *left);

/* The report's row of a tensor of the net or, by the same name, of the file; there must be one. */
const hs_pretrained_row *hs_test_row(const hs_pretrained_report *report, const char *name);

/* Asserts a fate and what was done. */
void hs_test_fate(const hs_pretrained_report *report, const char *name, hs_fate fate,
                  const char *done);

#endif

/* Analytic gradients of a graph against central differences, for builds in double. */
#ifndef HS_TESTS_GRADCHECK_H
#define HS_TESTS_GRADCHECK_H

#include "graph/graph.h"

typedef struct hs_gradcheck {
    double worst;    /* largest relative error of any array */
    char where[128]; /* which array that was */
    int arrays;      /* checked */
} hs_gradcheck;

/* Plans the graph for training and draws inputs, parameters and the gradients of its outputs from
 * `seed`: 8-bit inputs are labels below `labels`. For every input that asks for its gradient and
 * every trained parameter, compares the derivative along one random direction, which touches all
 * elements, and along a sample of single elements. */
hs_gradcheck hs_gradcheck_graph(const hs_graph *graph, uint32_t labels, uint64_t seed);

#endif

/* Networks described by INI text: `[input]`, `[init]`, then one section a layer.
 *
 *   [input]                    [conv enc2]          [concat skip]
 *   height = 240               filters = 128        inputs = dec1, enc3
 *   width = 320                kernel = 4
 *                              norm = batch
 *                              act = relu
 *
 * A section's type is the name of an op, its keys the op's attributes, and five every layer has:
 * `inputs`, the layers it reads where it is not the one before (`input` is the image); `norm`,
 * `act` and `slope`, what follows the op; `init`, how its weights begin where that is not the
 * scheme of [init]: `zero` or `bilinear`. The last layer gives the logits, one channel a class. */
#ifndef HANDSEG_NET_H
#define HANDSEG_NET_H

#include "handseg/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hs_net hs_net;

/* How raw depth becomes the input; missing depth, 0, stays 0. */
typedef enum hs_normalization {
    HS_NORMALIZE_CONSTANT, /* over a constant: HandSeg's raw / 10000 */
    HS_NORMALIZE_MEAN,     /* "unit average": over the mean of the measured depth; any unit */
} hs_normalization;

typedef struct hs_net_input {
    int32_t channels, height, width;
    int normalization; /* hs_normalization */
    double scale;      /* of HS_NORMALIZE_CONSTANT, in raw units; 0: 1.25 m in the data's unit */
} hs_net_input;

/* Reads a network from a file or from text, `label` standing for the file's name in messages.
 * HS_ERR_CONFIG with file and line for an unknown section, key, value or input, a layer that nobody
 * reads, a cycle. */
hs_status hs_net_read(const char *path, hs_net **net);
hs_status hs_net_parse(const char *label, const char *text, size_t size, hs_net **net);
void hs_net_destroy(hs_net *net);

const hs_net_input *hs_net_get_input(const hs_net *net);
const hs_init *hs_net_get_init(const hs_net *net);

/* Number of layers, and the name of each in the order of the file. */
int hs_net_layers(const hs_net *net);
const char *hs_net_layer(const hs_net *net, int index);

/* Adds the network to a graph for `batch` images of height x width (0: those of [input]): *input is
 * the value to fill, *logits its result. The graph's error, if any, names the layer. */
hs_status hs_net_build(const hs_net *net, hs_graph *graph, int32_t batch, int32_t height,
                       int32_t width, hs_value *input, hs_value *logits);

#ifdef __cplusplus
}
#endif

#endif

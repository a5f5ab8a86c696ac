/* How fast a network runs and trains here, on random data, and how near that is to what the
 * machine can do. */
#ifndef HS_SEGMENT_BENCH_H
#define HS_SEGMENT_BENCH_H

#include "net/summary.h"
#include "net/traffic.h"
#include <stdbool.h>
#include <stdio.h>

typedef struct hs_bench_request {
    const char *path;             /* network, training file or checkpoint */
    const char *const *overrides; /* [n] section.key=value, of configurations */
    int n;
    int32_t batch;  /* of training; 0: the configuration's */
    double seconds; /* of each measurement, about */
} hs_bench_request;

/* Seconds and operations of one pass, and what it demands of memory. */
typedef struct hs_pass {
    double seconds, flops;
    hs_demand memory;
} hs_pass;

typedef struct hs_layer_bench {
    hs_pass forward, backward; /* of a training step, mean of all */
} hs_layer_bench;

enum { HS_BENCH_PNG_WIDTH = 640, HS_BENCH_PNG_HEIGHT = 480 }; /* the camera's */

typedef struct hs_bench {
    hs_net_summary net;     /* of the training graph, the loss included */
    hs_layer_bench *layers; /* [net.count] */
    int32_t batch;
    double error;         /* of the logits, relative to those of the reference kernels; NaN: no
                             input is small enough for those */
    double ceiling;       /* operations a second of multiply-adds in registers */
    hs_pass frame, step;  /* medians: one frame of inference; one update */
    double png_seconds;   /* one frame of inference from a PNG file; NaN: of several channels */
    double faults;        /* pages the system mapped in a step, mean */
    size_t planned, peak; /* bytes of memory in training; peak: of the process so far */
} hs_bench;

/* Checks the kernels against the reference on a small input first, where the network takes one:
 * HS_ERR_NONFINITE where they differ. Initialise with {0}; free after failure too. */
hs_status hs_bench_run(const hs_bench_request *request, hs_bench *bench);
void hs_bench_print(const hs_bench *bench, const hs_bench_request *request, bool json, FILE *file);
void hs_bench_free(hs_bench *bench);

/* The same of a model of any kind, printed to `file`. */
hs_status hs_bench_model(const hs_bench_request *request, bool json, FILE *file);

/* One frame of inference, of a model that is no network; a hs_model_kind's `bench`. */
hs_status hs_bench_labels(const hs_bench_request *request, bool json, FILE *file);
hs_status hs_bench_net(const hs_bench_request *request, bool json, FILE *file);

/* Operations a second of multiply-adds in registers on all threads: the kernel `peak`. */
double hs_bench_ceiling(void);

#endif

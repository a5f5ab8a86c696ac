/* Operations a second of every variant of the convolutions, bytes a second of those of the pools,
 * on the layers of a network. bench_kernels [NET.ini [SECONDS]] */
#include "base/log.h"
#include "base/memory.h"
#include "base/rng.h"
#include "graph/graph.h"
#include "handseg/net.h"
#include "segment/bench.h"
#include <stdlib.h>
#include <string.h>

static const struct variant {
    const char *slot;
    hs_isa isa;
} variants[] = {
#define HS_KERNEL(what, how) {#what, HS_ISA_##how},
#include "kernels/kernels.def"
#undef HS_KERNEL
};
enum { VARIANTS = sizeof variants / sizeof *variants };

/* Memory for one layer. */
typedef struct room {
    hs_conv_geometry g;
    hs_real *big, *small, *weights, *packed, *scratch;
} room;

static hs_real *take(size_t count, hs_rng *rng)
{
    void *memory;
    if (hs_allocate(sizeof(hs_real) * (count + 1), "benchmark", &memory) != HS_OK) {
        fprintf(stderr, "%s\n", hs_error_message());
        exit(1);
    }
    hs_real *values = memory;
    for (size_t i = 0; rng && i < count; i++)
        values[i] = (hs_real)hs_rng_range(rng, -1, 1);
    return values;
}

/* The geometry of a convolution or transposed convolution of a graph; false for any other op. */
static bool geometry_of(const hs_node *node, hs_conv_geometry *g)
{
    bool down = node->op == &hs_op_conv2d, up = node->op == &hs_op_conv_transpose2d;
    if (!down && !up)
        return false;
    hs_shape big = down ? node->in[0] : node->out[0], small = down ? node->out[0] : node->in[0];
    *g = (hs_conv_geometry){.n = big.n,
                            .big_h = big.h,
                            .big_w = big.w,
                            .big_c = big.c,
                            .big_pitch = hs_pitch_of(big.c),
                            .small_h = small.h,
                            .small_w = small.w,
                            .small_c = small.c,
                            .small_pitch = hs_pitch_of(small.c),
                            .weight_pitch = hs_pitch_of(small.c)};
    const hs_conv2d_attr *a = node->attr;
    const hs_conv_transpose2d_attr *t = node->attr;
    memcpy(g->kernel, down ? a->kernel : t->kernel, sizeof g->kernel);
    memcpy(g->stride, down ? a->stride : t->stride, sizeof g->stride);
    memcpy(g->pad, down ? a->pad : t->pad, sizeof g->pad);
    memcpy(g->dilation, down ? a->dilation : t->dilation, sizeof g->dilation);
    return true;
}

typedef enum work { DOWN = HS_CONV_DOWN, UP = HS_CONV_UP, GRADIENT } work;

static void run(const room *r, work w)
{
    const hs_kernels *k = hs_kernels_get();
    if (w == GRADIENT) {
        k->conv_gradient(&r->g, r->big, r->small, r->weights, r->scratch);
        return;
    }
    bool packed = k->conv_packed_size(&r->g, (hs_conv_direction)w) > 0;
    k->conv_run(&r->g, (hs_conv_direction)w, packed ? r->packed : r->weights, NULL, 1,
                w == DOWN ? r->big : r->small, w == DOWN ? r->small : r->big, false, r->scratch);
}

/* Best operations a second within about `seconds`, once at least. */
static double rate_of(const hs_conv_geometry *g, work w, double seconds)
{
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_BENCH);
    const hs_kernels *k = hs_kernels_get();
    size_t big = (size_t)g->n * g->big_h * g->big_w, small = (size_t)g->n * g->small_h * g->small_w;
    size_t weights = (size_t)g->kernel[0] * g->kernel[1] * g->big_c * g->weight_pitch;
    room r = {*g,
              take(big * g->big_pitch, &rng),
              take(small * g->small_pitch, &rng),
              take(weights, &rng),
              take(w == GRADIENT ? 0 : k->conv_packed_size(g, (hs_conv_direction)w), NULL),
              take(w == GRADIENT ? k->conv_gradient_scratch(g, hs_threads())
                                 : k->conv_scratch(g, (hs_conv_direction)w, hs_threads()),
                   NULL)};
    if (w != GRADIENT && k->conv_packed_size(g, (hs_conv_direction)w) > 0)
        k->conv_pack(g, (hs_conv_direction)w, r.weights, r.packed);
    double flops = 2.0 * (double)small * g->small_c * g->big_c * g->kernel[0] * g->kernel[1];
    double began = hs_now(), best = 0;
    do {
        double start = hs_now();
        run(&r, w);
        double rate = flops / (hs_now() - start);
        best = rate > best ? rate : best;
    } while (hs_now() - began < seconds);
    free(r.big);
    free(r.small);
    free(r.weights);
    free(r.packed);
    free(r.scratch);
    return best;
}

static void bench_variant(const hs_graph *graph, const struct variant *v, double seconds)
{
    if (!hs_kernels_force(v->isa)) {
        printf("%s %s: not on this machine\n", v->slot, hs_isa_name(v->isa));
        return;
    }
    double ceiling = hs_bench_ceiling();
    bool gradient = strcmp(v->slot, "conv_gradient") == 0;
    printf("\n%s %s, %d threads, peak %.1f GFLOP/s\n", v->slot, hs_isa_name(v->isa), hs_threads(),
           1e-9 * ceiling);
    for (int i = 0; i < graph->n_nodes; i++) {
        hs_conv_geometry g;
        if (!geometry_of(graph->nodes[i], &g))
            continue;
        printf("  %-10s", graph->nodes[i]->layer);
        for (work w = gradient ? GRADIENT : DOWN; w <= (gradient ? GRADIENT : UP); w++) {
            static const char *const names[] = {"down", "up", ""};
            double rate = rate_of(&g, w, seconds);
            printf("  %s %7.1f GFLOP/s %5.1f %%", names[w], 1e-9 * rate, 100 * rate / ceiling);
            fflush(stdout);
        }
        printf("\n");
    }
}

/* ---- pools ------------------------------------------------------------------------------------
 */

/* Memory for one pool. */
typedef struct pool_room {
    hs_pool_geometry g;
    hs_real *big, *small;
    uint8_t *places;
} pool_room;

static void run_pool(const char *slot, const pool_room *r)
{
    const hs_kernels *k = hs_kernels_get();
    if (!strcmp(slot, "max_pool"))
        k->max_pool(&r->g, r->big, NULL, r->small, r->places);
    else if (!strcmp(slot, "pool_scatter"))
        k->pool_scatter(&r->g, r->small, r->places, r->big, false);
    else
        k->pool_gather(&r->g, r->big, r->places, r->small, false);
}

/* Most bytes a second, counting each tensor once, within about `seconds`. */
static double pool_rate(const char *slot, const hs_pool_geometry *g, double seconds)
{
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_BENCH);
    size_t big = (size_t)g->n * g->big_h * g->big_w * g->big_pitch,
           pixels = (size_t)g->n * g->small_h * g->small_w, small = pixels * g->small_pitch,
           places = pixels * hs_pixel_bytes(hs_place_dtype(g->kernel), g->small_pitch);
    hs_real *kept = take(places / sizeof *kept, NULL);
    pool_room r = {*g, take(big, &rng), take(small, &rng), (uint8_t *)kept};
    double bytes = (double)((big + small) * sizeof(hs_real) + places), best = 0;
    run_pool("max_pool", &r);
    double began = hs_now();
    do {
        double start = hs_now();
        run_pool(slot, &r);
        double rate = bytes / (hs_now() - start);
        best = rate > best ? rate : best;
    } while (hs_now() - began < seconds);
    free(r.big);
    free(r.small);
    free(kept);
    return best;
}

static void bench_pools(const hs_graph *graph, const struct variant *v, double seconds)
{
    if (!hs_kernels_force(v->isa))
        return;
    for (int i = 0; i < graph->n_nodes; i++) {
        const hs_node *node = graph->nodes[i];
        if (node->op != &hs_op_max_pool2d)
            continue;
        hs_pool_geometry g = hs_pool_geometry_between(node->attr, node->in[0], node->out[0]);
        printf("%s %s, %d threads  %-10s  %6.1f GB/s\n", v->slot, hs_isa_name(v->isa), hs_threads(),
               node->layer, 1e-9 * pool_rate(v->slot, &g, seconds));
    }
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "configs/nets/handseg.ini";
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 0.3;
    hs_net *net = NULL;
    hs_graph *graph = NULL;
    hs_value input, logits;
    hs_status status;
    HS_TRY(hs_net_read(path, &net));
    HS_TRY(hs_graph_create(&graph));
    HS_TRY(hs_net_build(net, graph, 1, 0, 0, &input, &logits));
    for (int i = 0; i < VARIANTS; i++)
        if (!strcmp(variants[i].slot, "conv_run") || !strcmp(variants[i].slot, "conv_gradient"))
            bench_variant(graph, &variants[i], seconds);
    for (int i = 0; i < VARIANTS; i++)
        if (!strcmp(variants[i].slot, "max_pool") || !strncmp(variants[i].slot, "pool_", 5))
            bench_pools(graph, &variants[i], seconds);
exit:
    if (status != HS_OK)
        fprintf(stderr, "%s\n", hs_error_message());
    hs_graph_destroy(graph);
    hs_net_destroy(net);
    return status != HS_OK;
}

/* Forward, backward and training of the networks of configs/nets, narrow, against PyTorch's
 * numbers, in every instruction set of this machine; and updates over several passes against one
 * large batch. */
#include "base/rng.h"
#include "handseg/train.h"
#include "kernels/kernels.h"
#include "support/files.h"
#include "support/frames.h"
#include "support/golden_nets.h"
#include "support/net_params.h"
#include "support/suite.h"
#include "train/config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- PyTorch's numbers ------------------------------------------------------------------------
 */
/* On sqrt(mean of squared differences / mean of squares) of logits. */
static const double unpooled_bound = 1e-4;

static hs_isa best;

static void remember_isa(void)
{
    best = hs_kernels_isa();
}

static void restore_isa(void)
{
    ck_assert(hs_kernels_force(best));
}

/* Where rounding decides between nearly equal values of a pool, an unpooled value or a gradient
 * goes to another place: those of these nets are compared in double precision (gradcheck_nets.c).
 */
static bool rounding_decides(const char *name)
{
    static const char *const names[] = {"segnet", "deconvnet", "fcn32s_pad100"};
    bool does = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        does = does || strcmp(name, names[i]) == 0;
    return does;
}

START_TEST(equals_pytorch)
{
    hs_isa isa = (hs_isa)(_i / HS_GOLDEN_NETS);
    const char *name = hs_golden_nets[_i % HS_GOLDEN_NETS];
    char what[64];
    if (!hs_kernels_force(isa)) {
        hs_skip("%s is not an instruction set of this machine", hs_isa_name(isa));
        return;
    }
    snprintf(what, sizeof what, "%s, %s", name, hs_isa_name(isa));
    hs_golden_net_check(name, rounding_decides(name) ? HS_GOLDEN_LOGITS : HS_GOLDEN_ALL, what);
}
END_TEST

/* ---- SegNet in vectors -------------------------------------------------------------------------
 */
/* Logits of configs/nets/segnet.ini of half its width, at which minimal filtering serves most
 * layers (those of the golden files are too narrow), for a frame of 45x37 with gaps: [3][37][45].
 */
enum { LOGITS = 3 * 37 * 45 };

static void segnet_logits(hs_isa isa, hs_real logits[LOGITS])
{
    hs_ini ini = {0};
    hs_net *net;
    hs_graph *graph;
    hs_value input, output;
    hs_params *params;
    hs_plan *plan;
    hs_real depth[37 * 45];
    hs_rng rng = hs_rng_make(2, 0, 0, HS_PURPOSE_TEST);
    ck_assert(hs_kernels_force(isa));
    ck_assert_ok(hs_ini_read(&ini, "configs/nets/segnet.ini"));
    hs_test_net_narrow(&ini, 2);
    ck_assert_ok(hs_net_from_ini(&ini, NULL, 0, &net));
    ck_assert_ok(hs_graph_create(&graph));
    ck_assert_ok(hs_net_build(net, graph, 1, 37, 45, &input, &output));
    ck_assert_ok(hs_params_create(graph, false, &params));
    hs_params_initialize(params, hs_net_get_init(net), 1);
    ck_assert_ok(hs_plan_create(graph, HS_INFERENCE, &plan));
    ck_assert_ok(hs_plan_bind(plan, params, NULL));
    for (int i = 0; i < 37 * 45; i++)
        depth[i] = hs_rng_below(&rng, 5) == 0 ? 0 : (hs_real)(0.6 + 0.4 * hs_rng_uniform(&rng));
    ck_assert_ok(hs_plan_set(plan, input, depth));
    ck_assert_ok(hs_plan_forward(plan, 1, 0));
    ck_assert_ok(hs_plan_get(plan, output, logits));
    hs_plan_destroy(plan);
    hs_params_destroy(params);
    hs_graph_destroy(graph);
    hs_net_destroy(net);
    hs_ini_free(&ini);
}

START_TEST(vectors_unpool_as_the_reference_does)
{
    static hs_real expected[LOGITS], got[LOGITS];
    hs_isa isa = (hs_isa)_i;
    double error = 0, size = 0;
    if (!hs_isa_supported(isa)) {
        hs_skip("%s is not an instruction set of this machine", hs_isa_name(isa));
        return;
    }
    segnet_logits(HS_ISA_ref, expected);
    segnet_logits(isa, got);
    for (int i = 0; i < LOGITS; i++) {
        error += pow((double)got[i] - (double)expected[i], 2);
        size += pow((double)expected[i], 2);
    }
    ck_assert_msg(size > 0 && sqrt(error / size) <= unpooled_bound,
                  "%s: got a difference of %.2e, expected at most %.0e", hs_isa_name(isa),
                  sqrt(error / size), unpooled_bound);
}
END_TEST

/* ---- several passes an update -----------------------------------------------------------------
 */
/* Without batch norm an update does not know how its batch was cut into passes. */
static const char net_text[] = "[input]\nheight = 18\nwidth = 24\n"
                               "[init]\nscheme = he\n"
                               "[conv enc]\nfilters = 8\nkernel = 4\nstride = 2\npad = 1\n"
                               "act = leaky\nslope = 0.2\n"
                               "[conv mid]\nfilters = 20\nkernel = 3\npad = 1\nact = relu\n"
                               "[conv_transpose dec]\nfilters = 3\nkernel = 4\nstride = 2\n"
                               "pad = 1\n";
/* The loss is a mean over pixels weighted by class: unequal weights would make the mean of two
 * passes another number than that of the whole. */
static const char train_text[] = "[augment]\nflip = no\ntranslate = 0\nscale = 0\n"
                                 "[loss]\nbalance = none\n"
                                 "[optimizer]\nmethod = adam\nlr = 1e-3\n"
                                 "[train]\nepochs = 5\nseed = 3\n"
                                 "[data]\ntrain = all\nvalidate = none\n";

static const char *train(const char *data, int batch, int accumulate)
{
    const char *config = hs_test_path("train.ini");
    char *text;
    ck_assert_int_gt(asprintf(&text, "[net]\nfile = net.ini\n%s", train_text), 0);
    hs_test_write(config, text, strlen(text));
    hs_test_write(hs_test_path("net.ini"), net_text, sizeof net_text - 1);
    free(text);
    char file[700], sets[3][700], name[32];
    snprintf(name, sizeof name, "run%d", accumulate);
    snprintf(file, sizeof file, "data.file=%s", data);
    snprintf(sets[0], sizeof sets[0], "train.out=%s", hs_test_path(name));
    snprintf(sets[1], sizeof sets[1], "train.batch=%d", batch);
    snprintf(sets[2], sizeof sets[2], "train.accumulate=%d", accumulate);
    ck_assert_ok(
        hs_train(config, (const char *const[]){file, sets[0], sets[1], sets[2]}, 4, false));
    snprintf(name, sizeof name, "run%d/last.h5", accumulate);
    return hs_test_path(name);
}

START_TEST(two_passes_equal_one_of_double_size)
{
    char output[4096], command[2048];
    const char *data = hs_test_path("data.h5");
    snprintf(command, sizeof command, "pack %s --out %s", hs_test_frames("frames", 3, 8), data);
    ck_assert_msg(hs_test_run(command, output, sizeof output) == 0, "%s", output);
    hs_h5 *once, *twice;
    ck_assert_ok(hs_h5_open(train(data, 8, 1), &once));
    ck_assert_ok(hs_h5_open(train(data, 4, 2), &twice));
    int64_t steps[2];
    ck_assert_ok(hs_h5_read(once, "/train", HS_H5_I64, 0, NULL, &steps[0]));
    ck_assert_ok(hs_h5_read(twice, "/train", HS_H5_I64, 0, NULL, &steps[1]));
    ck_assert_int_eq(steps[0], 15);
    ck_assert_int_eq(steps[1], 15);
    hs_golden_group_close(twice, once, "/params", 1e-5, "accumulate = 2");
    hs_h5_close(once);
    hs_h5_close(twice);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parity");
    TCase *golden = tcase_create("golden"), *passes = tcase_create("passes");
#define HS_ISA(name, features) +1
    int isas = 0
#include "kernels/isa.def"
        ;
#undef HS_ISA
    tcase_add_unchecked_fixture(golden, remember_isa, restore_isa);
    tcase_add_loop_test(golden, equals_pytorch, 0, isas * HS_GOLDEN_NETS);
    tcase_add_loop_test(golden, vectors_unpool_as_the_reference_does, HS_ISA_ref + 1, isas);
    tcase_add_test(passes, two_passes_equal_one_of_double_size);
    suite_add_tcase(suite, golden);
    suite_add_tcase(suite, passes);
    return hs_run_suite(suite);
}

/* The table of kernels: every variant against the reference on random shapes, between guard zones,
 * and bit for bit equal with any number of threads. */
#include "kernels/cases.h"
#include "kernels/conv_cases.h"
#include "kernels/forest_cases.h"
#include "support/numbers.h"
#include <float.h>
#include <math.h>
#include <omp.h>
#include <sys/wait.h>
#include <unistd.h>

/* The largest seen is 2.1e-6, of minimal filters, which round their transforms as well. */
static const double TOLERANCE = 3e-6;

static const kernel_case kernel_cases[] = {
    {"conv_maps conv_maps_input conv_packed_size conv_pack conv_scratch conv_run", setup_down,
     run_down},
    {"conv_packed_size conv_pack conv_scratch conv_run", setup_up, run_up},
    {"conv_gradient_scratch conv_gradient", setup_conv_gradient, run_conv_gradient},
    {"conv_pieces_scratch conv_gradient_pieces", setup_conv_pieces, run_conv_pieces},
    {"channel_scratch channel_sums", setup_sums, run_sums},
    {"channel_scratch channel_partial_moments channel_merge_moments", setup_moments, run_moments},
    {"channel_scratch channel_products", setup_products, run_products},
    {"channel_affine", setup_affine, run_affine},
    {"channel_affine_backward", setup_affine_backward, run_affine_backward},
    {"leaky_relu", setup_leaky, run_leaky},
    {"peak", setup_peak, run_peak},
    {"leaky_relu_backward", setup_leaky_backward, run_leaky_backward},
    {"dropout", setup_dropout, run_dropout},
    {"window", setup_window, run_window},
    {"max_pool", setup_max_pool, run_max_pool},
    {"pool_scatter", setup_scatter, run_scatter},
    {"pool_gather", setup_gather, run_gather},
    {"bilinear", setup_bilinear, run_bilinear},
    {"bilinear_backward", setup_bilinear_backward, run_bilinear_backward},
    {"softmax_scratch softmax_loss", setup_loss, run_loss},
    {"softmax_loss_backward", setup_loss_backward, run_loss_backward},
    {"argmax", setup_argmax, run_argmax},
    {"forest_probe forest_count forest_best", setup_forest_count, run_forest_count},
    {"forest_walk", setup_forest_walk, run_forest_walk},
};

enum {
    CASES = sizeof kernel_cases / sizeof *kernel_cases,
    CONV_CASES = 4,
    CONV_ROUNDS = SPECIAL_CONVS + 30,
    OTHER_ROUNDS = 12,
};

/* Of each round, one besides 1. */
static const int thread_counts[] = {2, 3, 5};

/* ---- which variants ran -----------------------------------------------------------------------
 */
/* One a line of kernels.def. */
typedef struct variant {
    const char *slot;
    hs_isa isa;
    int runs; /* held against the reference */
} variant;

#define HS_KERNEL(what, how) {#what, HS_ISA_##how, 0},
static variant variants[] = {
#include "kernels/kernels.def"
};
#undef HS_KERNEL
enum { VARIANTS = sizeof variants / sizeof *variants };

/* Whether a list of slots names one. */
static bool names_slot(const char *slots, const char *slot)
{
    size_t length = strlen(slot);
    for (const char *at = slots; (at = strstr(at, slot)) != NULL; at += length)
        if ((at == slots || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0))
            return true;
    return false;
}

/* Of the slots of a case, with the table as it is: the last variant of its instruction set or of
 * one before it is what the table holds (table_holds_the_variant_asked_for). */
static void count_runs(const char *slots, hs_isa isa)
{
    for (int i = 0; i < VARIANTS; i++)
        if (variants[i].isa == isa && names_slot(slots, variants[i].slot))
            variants[i].runs++;
}

/* ---- one call ---------------------------------------------------------------------------------
 */

static void assert_inputs_and_guards(work *w, const char *what)
{
    for (int i = 0; i < w->n; i++) {
        item *it = &w->items[i];
        ck_assert_msg(hs_guard_intact(&it->memory), "%s: wrote outside of item %d", what, i);
        if (it->kind == INPUT)
            ck_assert_msg(memcmp(it->memory.data, it->start, it->memory.bytes) == 0,
                          "%s: changed input %d", what, i);
    }
    for (int i = 0; i < w->n_scratch; i++) {
        ck_assert_msg(hs_guard_intact(&w->scratch[i]), "%s: wrote outside of scratch", what);
        hs_guard_free(&w->scratch[i]);
    }
    w->n_scratch = 0;
}

/* Makes the call from the start, with outputs as they were before the first one. */
static void call(const kernel_case *k, work *w, hs_isa isa, int threads, const char *what)
{
    ck_assert(hs_kernels_force(isa));
    ck_assert_int_eq(hs_kernels_isa(), isa);
    omp_set_num_threads(threads);
    for (int i = 0; i < w->n; i++)
        memcpy(w->items[i].memory.data, w->items[i].start, w->items[i].memory.bytes);
    k->run(w);
    assert_inputs_and_guards(w, what);
}

static void keep(work *w, unsigned char **(*which)(item *it))
{
    for (int i = 0; i < w->n; i++) {
        free(*which(&w->items[i]));
        *which(&w->items[i]) = copy_of(w->items[i].memory.data, w->items[i].memory.bytes);
    }
}

static unsigned char **start_of(item *it)
{
    return &it->start;
}

static unsigned char **expected_of(item *it)
{
    return &it->expected;
}

static unsigned char **single_of(item *it)
{
    return &it->single;
}

static void assert_zero_padding(const item *it, const char *what)
{
    const hs_real *v = it->memory.data;
    int64_t count = (int64_t)(it->memory.bytes / sizeof *v);
    for (int64_t e = 0; e < count && it->pitch > 0; e++) {
        int c = (int)(e % it->pitch);
        hs_real expected = c < hs_pitch_of(it->channels) ? 0 : 1;
        if (c >= it->channels && v[e] != expected)
            ck_abort_msg("%s: channel %d of %d is %g", what, c, it->channels, (double)v[e]);
    }
}

static void assert_close(const item *it, const char *what)
{
    if (it->kind == EXACT) {
        ck_assert_msg(memcmp(it->memory.data, it->expected, it->memory.bytes) == 0,
                      "%s: differs from the reference", what);
        assert_zero_padding(it, what);
        return;
    }
    double distance = hs_distance_real(it->memory.data, (const hs_real *)(void *)it->expected,
                                       (int64_t)(it->memory.bytes / sizeof(hs_real)));
    ck_assert_msg(distance < TOLERANCE, "%s: relative error %g", what, distance);
    assert_zero_padding(it, what);
}

static void check_isa(const kernel_case *k, work *w, hs_isa isa, int round)
{
    for (int many = 0; many < 2; many++) {
        int threads = many ? thread_counts[round % 3] : 1;
        char what[160];
        snprintf(what, sizeof what, "%s, round %d, %s, %d threads", k->slots, round,
                 hs_isa_name(isa), threads);
        call(k, w, isa, threads, what);
        if (!many)
            keep(w, single_of);
        count_runs(k->slots, isa);
        for (int i = 0; i < w->n; i++) {
            const item *it = &w->items[i];
            if (it->kind == INPUT)
                continue;
            assert_close(it, what);
            ck_assert_msg(memcmp(it->memory.data, it->single, it->memory.bytes) == 0,
                          "%s: differs from the result of one thread", what);
        }
    }
}

static void check_round(const kernel_case *k, int number, int round)
{
    hs_rng rng = hs_rng_make((uint64_t)number, 0, (uint32_t)round, HS_PURPOSE_TEST);
    work w = {0};
    k->setup(&w, &rng, round);
    keep(&w, start_of);
    call(k, &w, HS_ISA_ref, 1, k->slots);
    keep(&w, expected_of);
    for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++)
        if (hs_isa_supported((hs_isa)isa))
            check_isa(k, &w, (hs_isa)isa, round);
    for (int i = 0; i < w.n; i++) {
        free(w.items[i].start);
        free(w.items[i].expected);
        free(w.items[i].single);
        hs_guard_free(&w.items[i].memory);
    }
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void check_cases(int first, int last, int rounds)
{
    hs_isa isa = hs_kernels_isa();
    int threads = omp_get_max_threads();
    for (int k = first; k < last; k++)
        for (int round = 0; round < rounds; round++)
            check_round(&kernel_cases[k], k, round);
    ck_assert(hs_kernels_force(isa));
    omp_set_num_threads(threads);
}

START_TEST(convolutions_equal_the_reference)
{
    check_cases(0, CONV_CASES, CONV_ROUNDS);
}
END_TEST

START_TEST(other_kernels_equal_the_reference)
{
    check_cases(CONV_CASES, CASES, OTHER_ROUNDS);
}
END_TEST

/* Whether some case covers a slot. */
static bool is_covered(const char *slot)
{
    for (int i = 0; i < CASES; i++)
        if (names_slot(kernel_cases[i].slots, slot))
            return true;
    return false;
}

START_TEST(every_slot_is_tested)
{
#define HS_SLOT(type, name, arguments) ck_assert_msg(is_covered(#name), "no case of " #name);
#include "kernels/slots.def"
#undef HS_SLOT
}
END_TEST

/* The last variant whose instruction set is asked for is the one that runs. */
START_TEST(table_holds_the_variant_asked_for)
{
    hs_isa first = hs_kernels_isa();
    for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++) {
        if (!hs_kernels_force((hs_isa)isa)) {
            ck_assert(!hs_isa_supported((hs_isa)isa));
            continue;
        }
        const hs_kernels *table = hs_kernels_get();
#define HS_KERNEL(what, how) \
    if (HS_ISA_##how == isa) \
        ck_assert(table->what == hs_f32_##what##__##how);
#include "kernels/kernels.def"
#undef HS_KERNEL
#define HS_SLOT(type, name, arguments) ck_assert(table->name != NULL);
#include "kernels/slots.def"
#undef HS_SLOT
    }
    ck_assert(hs_kernels_force(first));
}
END_TEST

/* After the comparisons: each variant this machine can run has been run. */
START_TEST(every_variant_was_run)
{
    for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++) {
        int listed = 0, ran = 0;
        for (int i = 0; i < VARIANTS; i++) {
            listed += variants[i].isa == (hs_isa)isa;
            ran += variants[i].isa == (hs_isa)isa && variants[i].runs > 0;
        }
        const char *name = hs_isa_name((hs_isa)isa);
        if (hs_isa_supported((hs_isa)isa)) {
            printf("%s: %d of %d variants held against the reference\n", name, ran, listed);
            ck_assert_msg(ran == listed, "%s: %d of %d variants ran", name, ran, listed);
        } else {
            ck_assert_int_eq(ran, 0);
            hs_skip("%d variants of %s: not an instruction set of this machine", listed, name);
        }
    }
}
END_TEST

START_TEST(argmax_is_the_first_largest)
{
    const hs_real logits[3 * HS_CHANNEL_BLOCK] = {
        [0] = -3, [1] = -1, [2] = -1, [16] = 2, [17] = 1, [18] = 2, [34] = 1};
    uint8_t labels[3];
    ck_assert_int_eq(hs_kernels_get()->argmax(logits, 3, 3, HS_CHANNEL_BLOCK, labels), 0);
    ck_assert_int_eq(labels[0], 1);
    ck_assert_int_eq(labels[1], 0);
    ck_assert_int_eq(labels[2], 2);
}
END_TEST

START_TEST(argmax_counts_what_is_not_finite)
{
    const hs_real most = sizeof(hs_real) == 4 ? (hs_real)FLT_MAX : (hs_real)DBL_MAX;
    const hs_real logits[4 * HS_CHANNEL_BLOCK] = {
        [0] = most,        [1] = most, [2] = -most,         [3] = (hs_real)NAN, /* not its */
        [16] = -HUGE_VALF, [17] = 1,   [33] = (hs_real)NAN, [50] = HUGE_VALF};
    uint8_t labels[4];
    ck_assert_int_eq(hs_kernels_get()->argmax(logits, 4, 3, HS_CHANNEL_BLOCK, labels), 3);
}
END_TEST

/* Of two classes the second has probability e / (1 + e), to the rounding of exp, sum and ratio. */
START_TEST(softmax_is_right_to_its_rounding)
{
    enum { N = 8192 };
    static hs_real logits[N][HS_CHANNEL_BLOCK], dx[N][HS_CHANNEL_BLOCK];
    static const uint8_t labels[N];
    const hs_real weight[256] = {1, 1};
    for (int i = 0; i < N; i++)
        logits[i][1] = (hs_real)(-86.5 * i / N);
    hs_kernels_get()->softmax_loss_backward(logits[0], N, 2, HS_CHANNEL_BLOCK, labels, weight, 1,
                                            dx[0], false);
    for (int i = 0; i < N; i++) {
        double e = exp((double)logits[i][1]), expected = e / (1 + e);
        ck_assert_double_eq_tol((double)dx[i][1] / expected, 1, 3e-7);
        ck_assert(dx[i][2] == 0);
    }
}
END_TEST

/* Loss of logits that overflow exp, and of none that count. */
START_TEST(loss_of_extreme_logits)
{
    hs_real logits[HS_CHANNEL_BLOCK] = {1000, -1000}, weight[256] = {1, 2}, dx[HS_CHANNEL_BLOCK];
    const uint8_t labels[] = {1};
    double scratch[2], total[2];
    hs_kernels_get()->softmax_loss(logits, 1, 2, HS_CHANNEL_BLOCK, labels, weight, scratch, total);
    ck_assert_double_eq(total[0], 4000);
    ck_assert_double_eq(total[1], 2);
    hs_kernels_get()->softmax_loss_backward(logits, 1, 2, HS_CHANNEL_BLOCK, labels, weight, 1, dx,
                                            false);
    ck_assert_double_eq((double)dx[0], 2);
    ck_assert_double_eq((double)dx[1], -2);
    weight[1] = 0;
    hs_kernels_get()->softmax_loss(logits, 1, 2, HS_CHANNEL_BLOCK, labels, weight, scratch, total);
    ck_assert_double_eq(total[0], 0);
    ck_assert_double_eq(total[1], 0);
}
END_TEST

/* Pools one case with its map, and pools what channel_affine makes of it: the same bits, of equal
 * values (the input is coarse) and NaNs as well. */
static void check_mapped_pool(work *w, const char *what)
{
    const hs_kernels *k = hs_kernels_get();
    const hs_pool_geometry *g = &w->g.pool;
    const item *x = &w->items[0], *small = &w->items[4], *places = &w->items[5];
    hs_affine map = affine_of(w, 1);
    hs_real *v = x->memory.data, *mapped = malloc(x->memory.bytes);
    ck_assert_ptr_nonnull(mapped);
    for (int64_t i = 0; i < pool_pixels(g, true) * g->big_pitch; i++)
        v[i] = i % 23 == 0 && v[i] != 0 ? (hs_real)NAN : (hs_real)(int)(v[i] * 4);
    k->max_pool(g, v, &map, small->memory.data, places->memory.data);
    unsigned char *values = copy_of(small->memory.data, small->memory.bytes),
                  *kept = copy_of(places->memory.data, places->memory.bytes);
    k->channel_affine(v, g->big_pitch, pool_pixels(g, true), g->big_pitch, &map, mapped);
    k->max_pool(g, mapped, NULL, small->memory.data, places->memory.data);
    ck_assert_msg(memcmp(values, small->memory.data, small->memory.bytes) == 0, "%s: values", what);
    ck_assert_msg(memcmp(kept, places->memory.data, places->memory.bytes) == 0, "%s: places", what);
    free(mapped);
    free(values);
    free(kept);
}

START_TEST(a_mapped_pool_is_the_map_and_then_the_pool)
{
    hs_isa first = hs_kernels_isa();
    for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++) {
        for (int round = 0; round < 24 && hs_kernels_force((hs_isa)isa); round++) {
            char what[80];
            snprintf(what, sizeof what, "round %d, %s", round, hs_isa_name((hs_isa)isa));
            hs_rng rng = hs_rng_make(77, 0, (uint32_t)round, HS_PURPOSE_TEST);
            work w = {0};
            setup_max_pool(&w, &rng, round);
            check_mapped_pool(&w, what);
            for (int i = 0; i < w.n; i++)
                hs_guard_free(&w.items[i].memory);
        }
    }
    ck_assert(hs_kernels_force(first));
}
END_TEST

/* ---- HS_ISA -----------------------------------------------------------------------------------
 */

/* Runs this program with HS_ISA set: what it prints, and its exit status. */
static int run_with_isa(const char *value, char *output, size_t size)
{
    char path[1024], command[1200];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    ck_assert_int_gt(length, 0);
    path[length] = 0;
    snprintf(command, sizeof command, "HS_ISA='%s' '%s' --isa 2>&1", value, path);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    output[fread(output, 1, size - 1, pipe)] = 0;
    int status = pclose(pipe);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(environment_chooses_the_instruction_set)
{
    char output[1024];
    for (int isa = HS_ISA_ref; isa <= HS_ISA_avx512; isa++) {
        int status = run_with_isa(hs_isa_name((hs_isa)isa), output, sizeof output);
        if (hs_isa_supported((hs_isa)isa)) {
            ck_assert_int_eq(status, 0);
            ck_assert_str_eq(output, hs_isa_name((hs_isa)isa));
        } else {
            ck_assert_int_eq(status, 2);
            ck_assert_ptr_nonnull(strstr(output, "expected an instruction set"));
        }
    }
    char best[1024];
    ck_assert_int_eq(run_with_isa("", best, sizeof best), 0);
    ck_assert_int_eq(run_with_isa("auto", output, sizeof output), 0);
    ck_assert_str_eq(output, best);
}
END_TEST

START_TEST(unknown_instruction_set_ends_the_program)
{
    char output[1024];
    ck_assert_int_eq(run_with_isa("avx3", output, sizeof output), 2);
    ck_assert_ptr_nonnull(strstr(output, "HS_ISA: got 'avx3'"));
    ck_assert_ptr_nonnull(strstr(output, "avx2"));
    ck_assert_int_eq(run_with_isa("AVX2", output, sizeof output), 2);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--isa") == 0)
        return printf("%s", hs_isa_name(hs_kernels_isa())) < 0;
    Suite *suite = suite_create("kernels");
    TCase *tests = tcase_create("kernels");
    tcase_add_test(tests, every_slot_is_tested);
    tcase_add_test(tests, table_holds_the_variant_asked_for);
    tcase_add_test(tests, convolutions_equal_the_reference);
    tcase_add_test(tests, other_kernels_equal_the_reference);
    tcase_add_test(tests, every_variant_was_run);
    tcase_add_test(tests, argmax_is_the_first_largest);
    tcase_add_test(tests, argmax_counts_what_is_not_finite);
    tcase_add_test(tests, softmax_is_right_to_its_rounding);
    tcase_add_test(tests, loss_of_extreme_logits);
    tcase_add_test(tests, a_mapped_pool_is_the_map_and_then_the_pool);
    tcase_add_test(tests, environment_chooses_the_instruction_set);
    tcase_add_test(tests, unknown_instruction_set_ends_the_program);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

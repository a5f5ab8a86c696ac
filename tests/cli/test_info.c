/* handseg info: layers, parameters, operations and memory of configurations and checkpoints. */
#include "net/summary.h"
#include "support/files.h"
#include "support/suite.h"
#include "support/tiny_model.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char proposed[] = "configs/nets/handseg.ini";

static double number_of(const char *json, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\": ", key);
    const char *at = strstr(json, quoted);
    ck_assert_msg(at != NULL, "'%s' lacks %s", json, quoted);
    return strtod(at + strlen(quoted), NULL);
}

/* FACTS of the paper's network: 6,170,307 parameters, 5,171 million multiply-adds. */
START_TEST(the_proposed_network_has_its_size)
{
    hs_net *net;
    hs_net_summary s = {0};
    ck_assert_ok(hs_net_read(proposed, &net));
    ck_assert_ok(hs_net_summarize(net, &s));
    ck_assert_int_eq(s.parameters, 6170307);
    ck_assert_double_eq_tol(s.flops, 2 * 5171e6, 1e6);
    ck_assert(s.in.c == 1 && s.in.h == 240 && s.in.w == 320 && s.out.c == 3);
    ck_assert_int_eq(s.count, hs_net_layers(net));
    int64_t parameters = 0;
    double flops = 0;
    for (int i = 0; i < s.count; i++) {
        ck_assert_str_eq(s.layers[i].name, hs_net_layer(net, i));
        ck_assert_int_eq(s.layers[i].first, i ? s.layers[i - 1].end : 0);
        parameters += s.layers[i].parameters;
        flops += s.layers[i].flops;
    }
    ck_assert_int_eq(parameters, s.parameters);
    ck_assert_double_eq_tol(flops, s.flops, 1);
    ck_assert_str_eq(s.layers[6].ops, "conv, batch_norm, relu"); /* enc4 */
    ck_assert_int_eq(s.layers[6].parameters, 2098176);
    ck_assert(s.layers[6].out.c == 512 && s.layers[6].out.h == 15 && s.layers[6].out.w == 20);
    /* At least its parameters and its two largest neighbours; less than everything kept. */
    ck_assert_uint_gt(s.memory, sizeof(hs_real) * 6170307);
    ck_assert_uint_lt(s.memory, 200u << 20);
    hs_net_summary_free(&s);
    hs_net_destroy(net);
}
END_TEST

START_TEST(planning_allocates_nothing_large)
{
    if (!hs_have_program())
        return;
    static char json[65536];
    char command[128];
    snprintf(command, sizeof command, "info %s --json --batch 4096", proposed);
    ck_assert_int_eq(hs_test_run(command, json, sizeof json), 0);
    ck_assert_double_gt(number_of(json, "memory_bytes"), 100 * 1073741824.0);
    ck_assert_double_eq(number_of(json, "batch"), 4096);
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    ck_assert_msg(usage.ru_maxrss < 256 * 1024, "%ld KiB", usage.ru_maxrss);
    /* Twice the batch, twice the activations, whatever the fixed parts. */
    double large = number_of(json, "activations");
    snprintf(command, sizeof command, "info %s --json --set train.batch=2048", proposed);
    ck_assert_int_eq(hs_test_run(command, json, sizeof json), 0);
    ck_assert_double_eq_tol(large / number_of(json, "activations"), 2, 0.02);
    ck_assert_double_eq(number_of(json, "parameters"), 6170307);
    double sum = 0;
    const char *memory = strstr(json, "\"training_memory\"");
    static const char *const parts[] = {"activations", "parameters", "gradients",
                                        "optimizer",   "loader",     "program"};
    for (int i = 0; i < 6; i++)
        sum += number_of(memory, parts[i]);
    ck_assert_double_eq(sum, number_of(json, "memory_bytes"));
}
END_TEST

START_TEST(a_configuration_is_shown_as_it_would_be_used)
{
    if (!hs_test_tiny_model())
        return;
    const char *text = hs_test_shell("$H info net.ini", 0, "batch 16");
    ck_assert_ptr_nonnull(strstr(text, "conv, batch_norm, leaky_relu"));
    ck_assert_ptr_nonnull(strstr(text, "4x9x12"));
    /* 4 filters of 4x4 and batch norm; 3x4x4x4 and a bias. */
    hs_test_shell("$H info net.ini", 0, "\nparameters  267\n");
    hs_test_shell("$H info tiny.ini", 0, "batch 4:");
    hs_test_shell("$H info tiny.ini --batch 7", 0, "batch 7:");
    hs_test_shell("$H info tiny.ini --set enc1.filters=8", 0, "\nparameters  531\n");
    hs_test_shell("$H info net.ini --set enc1.filters=8", 0, "\nparameters  531\n");
    /* The loader is planned where the data set is there. */
    const char *json = hs_test_shell("$H info tiny.ini --json", 0, "\"configuration\"");
    ck_assert_double_gt(number_of(json, "loader"), 0);
    json = hs_test_shell("$H info tiny.ini --json --set data.file=none.h5", 0, "{");
    ck_assert_double_eq(number_of(json, "loader"), 0);
}
END_TEST

START_TEST(a_checkpoint_says_how_far_it_came)
{
    if (!hs_test_tiny_model())
        return;
    const char *json = hs_test_shell("$H info run/last.h5 --json", 0, "\"checkpoint\"");
    ck_assert_double_eq(number_of(json, "parameters"), 267);
    ck_assert_double_eq(number_of(json, "step"), 9);
    ck_assert_double_eq(number_of(json, "epoch"), 3);
    ck_assert_double_ge(number_of(json, "best_validation_miou"), 0);
    ck_assert_ptr_nonnull(strstr(json, "\"right\""));
    ck_assert_ptr_nonnull(strstr(json, "\"version\": \""));
    char hash[32];
    snprintf(hash, sizeof hash, "%.16s", strstr(json, "\"data_hash\": \"") + 14);
    hs_test_shell("$H info tiny.h5 --json", 0, hash);
    const char *text = hs_test_shell("$H info run/last.h5", 0, "step 9, epoch 3, seed 1");
    ck_assert_ptr_nonnull(strstr(text, "labels      background, right, left"));
    ck_assert_ptr_nonnull(strstr(text, hash));
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
    if (!hs_test_tiny_model())
        return;
    hs_test_shell("$H info --help", 0, "handseg info configs/nets/handseg.ini");
    hs_test_shell("$H info none.ini", 1, "none.ini: cannot read");
    hs_test_shell("$H info net.ini --set enc1.filterz=8", 2, "filters");
    hs_test_shell("$H info tiny.h5 --set train.batch=8", 2, "--set");
    hs_test_shell("printf '[conv a]\\nfilters = 3\\n' > bad.ini; $H info bad.ini", 2, "kernel");
    hs_test_shell("head -c 2000 run/last.h5 > cut.h5; $H info cut.h5", 1, "cut.h5: truncated");
    hs_test_shell("printf '[conv a]\\nfilters = 3\\nkernel = 99\\n' > big.ini; $H info big.ini", 2,
                  "big.ini:3");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("info");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, the_proposed_network_has_its_size);
    tcase_add_test(tests, planning_allocates_nothing_large);
    tcase_add_test(tests, a_configuration_is_shown_as_it_would_be_used);
    tcase_add_test(tests, a_checkpoint_says_how_far_it_came);
    tcase_add_test(tests, what_is_wrong_is_said);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

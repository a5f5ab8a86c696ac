/* Networks from INI text: the proposed one counted, every way to write a wrong one, orders. */
#include "handseg/net.h"

#include "base/rng.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

static const char proposed[] = "configs/nets/handseg.ini";

/* ---- the proposed network ---------------------------------------------------------------------
 */
typedef struct layer_count {
    const char *layer;
    int64_t parameters;
} layer_count;

START_TEST(proposed_net_has_the_published_size)
{
    static const layer_count expected[] = {{"enc1", 1088},    {"enc2", 131328},  {"enc3", 524800},
                                           {"enc4", 2098176}, {"dec1", 2097664}, {"dec2", 1048832},
                                           {"dec3", 262272},  {"dec4", 6147}};
    hs_net *net;
    hs_graph *graph;
    hs_params *params;
    hs_value input, logits;
    ck_assert_ok(hs_net_read(proposed, &net));
    ck_assert_ok(hs_graph_create(&graph));
    ck_assert_ok(hs_net_build(net, graph, 2, 0, 0, &input, &logits));
    hs_shape in = hs_graph_shape(graph, input), out = hs_graph_shape(graph, logits);
    ck_assert(in.n == 2 && in.c == 1 && in.h == 240 && in.w == 320);
    ck_assert(out.n == 2 && out.c == 3 && out.h == 240 && out.w == 320);
    ck_assert_ok(hs_params_create(graph, false, &params));
    int64_t total = 0;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        int64_t count = 0;
        for (int k = 0; k < hs_params_count(params); k++) {
            const hs_param_info *info = hs_params_info(params, k);
            if (info->trained && strcmp(info->layer, expected[i].layer) == 0)
                count += hs_param_elements(info);
        }
        ck_assert_msg(count == expected[i].parameters, "%s: %lld parameters, expected %lld",
                      expected[i].layer, (long long)count, (long long)expected[i].parameters);
        total += count;
    }
    ck_assert_int_eq(total, 6170307);
    const hs_init *init = hs_net_get_init(net);
    ck_assert(init->scheme == HS_INIT_NORMAL && init->std == 0.02 && init->norm_std == 0.02);
    ck_assert_int_eq(hs_net_layers(net), 14);
    ck_assert_str_eq(hs_net_layer(net, 0), "enc1");
    ck_assert_str_eq(hs_net_layer(net, 13), "dec4");
    hs_params_destroy(params);
    hs_graph_destroy(graph);
    hs_net_destroy(net);
}
END_TEST

START_TEST(proposed_net_takes_other_multiples_of_16)
{
    hs_net *net;
    hs_graph *graph;
    hs_value input, logits;
    ck_assert_ok(hs_net_read(proposed, &net));
    ck_assert_ok(hs_graph_create(&graph));
    ck_assert_ok(hs_net_build(net, graph, 1, 48, 64, &input, &logits));
    hs_shape out = hs_graph_shape(graph, logits);
    ck_assert(out.h == 48 && out.w == 64);
    hs_graph_destroy(graph);

    ck_assert_ok(hs_graph_create(&graph)); /* 100 is 25 after two halvings, 12 after three */
    ck_assert_error(hs_net_build(net, graph, 1, 100, 100, &input, &logits), HS_ERR_SHAPE,
                    "handseg.ini:70: layer 'skip2': concat: got 1x128x24x24 and 1x128x25x25");
    hs_graph_destroy(graph);
    hs_net_destroy(net);
}
END_TEST

/* ---- wrong files ------------------------------------------------------------------------------
 */
typedef struct wrong {
    const char *text, *message, *hint; /* parts of them */
} wrong;

#define HEAD "[input]\nheight=32\nwidth=32\n"

static const wrong wrong_texts[] = {
    {"", "t.ini: got no layer, expected at least one section", "configs/nets/handseg.ini"},
    {"\n# nothing\n", "t.ini: got no layer", ""},
    {HEAD, "t.ini: got no layer", ""},
    {HEAD "[conv a]\nfilters=3\nkernel=3\nstrid=2\n", "t.ini:7: [conv a]: unknown key 'strid'",
     "did you mean 'stride'?"},
    {HEAD "[conv a]\nfilters=3\nkernel=3\ninput=b\n", "t.ini:7: [conv a]: unknown key 'input'",
     "did you mean 'inputs'?"},
    {"[inptu]\nheight=32\n[conv a]\nfilters=3\nkernel=3\n",
     "t.ini:1: [inptu]: unknown section type 'inptu'", "did you mean 'input'?"},
    {HEAD "[conf a]\nfilters=3\nkernel=3\n", "t.ini:4: [conf a]: unknown section type 'conf'",
     "did you mean 'conv'?"},
    {HEAD "[softmax_cross_entropy a]\n", "unknown section type 'softmax_cross_entropy'", ""},
    {"[input]\nhieght=32\n", "t.ini:2: [input]: unknown key 'hieght'", "did you mean 'height'?"},
    {HEAD "[init]\nscheme=hee\n[relu a]\n", "t.ini:5: [init] scheme: got 'hee', expected one of",
     "did you mean 'he'?"},
    {HEAD "[conv a]\nfilters=3\nkernel=3\nnorm=bach\n",
     "t.ini:7: [conv a] norm: got 'bach', expected one of: none, batch", "did you mean 'batch'?"},
    {HEAD "[conv a]\nfilters=3\nkernel=3\ninit=bilinaer\n",
     "t.ini:7: [conv a] init: got 'bilinaer', expected one of: scheme, zero, bilinear",
     "did you mean 'bilinear'?"},
    {HEAD "[relu enc1]\n[relu a]\ninputs=enc\n",
     "t.ini:6: [relu a] inputs: got 'enc', expected the name of a layer", "did you mean 'enc1'?"},
    {HEAD "[relu a]\ninputs=inpt\n", "t.ini:5: [relu a] inputs: got 'inpt'",
     "did you mean 'input'?"},
    {HEAD "[relu a]\n[relu a]\n", "t.ini:5: section 'a' is already at t.ini:4 as [relu a]",
     "a name of its own"},
    {HEAD "[relu a]\n[conv a]\n", "t.ini:5: section 'a' is already at t.ini:4", ""},
    {HEAD "[relu a]\ninputs=c\n[relu b]\n[relu c]\n", "got a cycle (a <- c <- b <- a)",
     "do not depend on it"},
    {HEAD "[relu a]\ninputs=a\n", "t.ini:4: [relu a]: got a cycle (a <- a)", ""},
    {HEAD "[relu p]\n[add a]\ninputs=p,c\n[relu b]\n[relu c]\ninputs=b\n[relu d]\n",
     "t.ini:5: [add a]: got a cycle (a <- c <- b <- a)", ""},
    {HEAD "[relu a]\n[relu b]\ninputs=a\n[relu c]\ninputs=a\n",
     "t.ini:5: [relu b]: got a layer that no layer reads", "take it out"},
    {HEAD "[add a]\n", "t.ini:4: [add a] inputs: got 1, expected 2 to 8", "inputs = LAYER"},
    {HEAD "[relu a]\ninputs=input,input\n", "[relu a] inputs: got 2, expected 1 to 1", ""},
    {HEAD "[add a]\ninputs=input,input,input,input,input,input,input,input,input\n",
     "[add a] inputs: got 9, expected at most 8", ""},
    {HEAD "[max_pool p]\n[max_unpool u]\n", "[max_unpool u] inputs: got 1, expected 2 to 2", ""},
    {HEAD "[relu a]\ninputs=\n[relu b]\ninputs=a,,input\n", "t.ini:7: [relu b] inputs", ""},
    {HEAD "[conv a]\nkernel=3\n", "t.ini:4: [conv a]: 'filters' is missing", "channels out"},
    {HEAD "[conv a]\nfilters=-3\nkernel=3\n",
     "t.ini:5: [conv a] filters: got '-3', expected a whole number from 1 to 65536", ""},
    {HEAD "[conv a]\nfilters=0\nkernel=3\n", "[conv a] filters: got '0'", ""},
    {HEAD "[conv a]\nfilters=99999999999999999999\nkernel=3\n",
     "[conv a] filters: got '99999999999999999999'", ""},
    {HEAD "[conv a]\nfilters=three\nkernel=3\n", "[conv a] filters: got 'three'", ""},
    {HEAD "[conv a]\nfilters=3.5\nkernel=3\n", "[conv a] filters: got '3.5'", ""},
    {HEAD "[conv a]\nfilters=3\nkernel=3,3,3\n", "[conv a] kernel: got '3,3,3'", ""},
    {HEAD "[conv a]\nfilters=3\nkernel=3\nbias=maybe\n", "bias: got 'maybe', expected yes or no",
     ""},
    {HEAD "[leaky_relu a]\nslope=nan\n", "slope: got 'nan', expected a number from 0 to 1", ""},
    {HEAD "[dropout a]\np=1e999\n", "[dropout a] p: got '1e999'", ""},
    {"[input]\nheight=-240\n", "t.ini:2: [input] height: got '-240'", ""},
    {"[input]\nheight=100000\n", "[input] height: got '100000'", ""},
    {"[input small]\nheight=32\n[relu a]\n", "t.ini:1: [input small]: got a name, expected [input]",
     ""},
    {"[relu input]\n[relu a]\n", "t.ini:1: [relu input]: got a layer named 'input'", ""},
    {HEAD "[relu init]\n", "[relu init]: got a layer named 'init'", ""},
    {"filters=3\n", "t.ini:1: got 'filters' before any section", ""},
    {HEAD "[relu a\n", "t.ini:4: got '[relu a', expected [type] or [type name]", ""},
    {HEAD "[relu a] act=relu\n", "t.ini:4", "lines of their own"},
    {HEAD "hello\n", "t.ini:4: got neither an entry nor a section", "comments begin"},
};

START_TEST(wrong_files_say_what_and_where)
{
    const wrong *w = &wrong_texts[_i];
    hs_net *net = (hs_net *)(void *)"";
    hs_status status = hs_net_parse("t.ini", w->text, strlen(w->text), &net);
    ck_assert_msg(status == HS_ERR_CONFIG, "%s\n: status %s", w->text, hs_status_name(status));
    ck_assert_ptr_null(net);
    ck_assert_msg(strstr(hs_error_message(), w->message) != NULL, "%s\n: '%s' lacks '%s'", w->text,
                  hs_error_message(), w->message);
    ck_assert_msg(strstr(hs_error_hint(), w->hint) != NULL, "%s\n: hint '%s' lacks '%s'", w->text,
                  hs_error_hint(), w->hint);
}
END_TEST

START_TEST(files_that_are_none)
{
    hs_net *net;
    ck_assert_error(hs_net_read("/nowhere/net.ini", &net), HS_ERR_IO, "/nowhere/net.ini");
    ck_assert_ptr_null(net);
    ck_assert_error(hs_net_read("configs", &net), HS_ERR_IO, "configs");
    ck_assert_ptr_null(net);
    ck_assert_error(hs_net_parse("t.ini", "[relu\0a]", 8, &net), HS_ERR_CONFIG, "byte 0x00");
}
END_TEST

/* Wrong only once shapes are known: the message says file, line and layer. */
static const wrong wrong_shapes[] = {
    {HEAD "[conv a]\nfilters=3\nkernel=20\ndilation=2\n",
     "t.ini:4: layer 'a': conv: got input 1x1x32x32", ""},
    {HEAD "[conv a]\nfilters=3\nkernel=1\n[add s]\ninputs=a,input\n",
     "t.ini:7: layer 's': add: got 1x3x32x32 and 1x1x32x32", ""},
    {HEAD "[max_pool p]\n[concat c]\ninputs=p,input\n",
     "t.ini:5: layer 'c': concat: got 1x1x16x16 and 1x1x32x32", "multiple of the net's"},
    {HEAD "[relu a]\n[max_unpool u]\ninputs=a,a\n",
     "t.ini:5: layer 'u': max_unpool: got 'a', expected a max_pool", "LAYER, POOL"},
    {HEAD "[max_unpool u]\ninputs=input,input\n", "t.ini:4: layer 'u': max_unpool: got 'an input'",
     ""},
    {HEAD "[max_pool p]\n[relu r]\n[max_pool q]\n[max_unpool u]\ninputs=q,p\n",
     "t.ini:7: layer 'u': max_unpool: got 1x1x8x8 and places 1x1x16x16 of pool 'p'", ""},
    {HEAD "[max_pool p]\nkernel=3\nstride=2\n[max_unpool u]\ninputs=p,p\n",
     "t.ini:7: layer 'u': max_unpool: pool 'p' has overlapping windows", ""},
    {HEAD "[crop c]\nsize=40\n", "t.ini:4: layer 'c': crop: got a window of 40x40", ""},
    {HEAD "[max_pool a]\ninit=zero\n",
     "t.ini:4: layer 'a': max_pool: init: got a layer without weights", "leave init out"},
    {HEAD "[conv_transpose a]\nfilters=3\nkernel=4\nstride=2\ninit=bilinear\n",
     "t.ini:4: layer 'a': conv_transpose: init: got bilinear with 1 channels in and 3 out", ""},
    {HEAD "[upsample_bilinear a]\n", "t.ini:4: layer 'a': upsample_bilinear: got factor", ""},
};

START_TEST(shapes_that_do_not_fit_say_where)
{
    const wrong *w = &wrong_shapes[_i];
    hs_net *net;
    hs_graph *graph;
    hs_value input, logits;
    ck_assert_ok(hs_net_parse("t.ini", w->text, strlen(w->text), &net));
    ck_assert_ok(hs_graph_create(&graph));
    ck_assert_error(hs_net_build(net, graph, 1, 0, 0, &input, &logits), HS_ERR_SHAPE, w->message);
    ck_assert_msg(strstr(hs_error_hint(), w->hint) != NULL, "hint '%s' lacks '%s'", hs_error_hint(),
                  w->hint);
    hs_graph_destroy(graph);
    hs_net_destroy(net);
}
END_TEST

/* Each grows something a little beyond what an index can count. */
static const char *const too_large[] = {
    "[input]\nheight=1\nwidth=1\n[conv a]\nfilters=65536\nkernel=1\n"
    "[concat b]\ninputs=a,a,a,a,a,a,a,a\n[concat c]\ninputs=b,b,b,b,b,b,b,b\n"
    "[concat d]\ninputs=c,c,c,c,c,c,c,c\n[concat e]\ninputs=d,d,d,d,d,d,d,d\n"
    "[concat f]\ninputs=e,e,e,e,e,e,e,e\n",
    "[input]\nheight=8192\nwidth=1\n[upsample_bilinear a]\nfactor=1024\n[upsample_bilinear "
    "b]\nfactor=1024\n",
    "[input]\nheight=8192\nwidth=1\n[conv_transpose a]\nfilters=1\nkernel=1\nstride=64,1\n"
    "[conv_transpose b]\nfilters=1\nkernel=1\nstride=64,1\n"
    "[conv_transpose c]\nfilters=1\nkernel=1\nstride=64,1\n",
    "[input]\nheight=8192\nwidth=8192\nchannels=64\n[conv a]\nfilters=65536\nkernel=1\n",
};

START_TEST(sizes_beyond_counting_are_refused)
{
    const char *text = too_large[_i];
    hs_net *net;
    hs_graph *graph;
    hs_value input, logits;
    ck_assert_ok(hs_net_parse("t.ini", text, strlen(text), &net));
    ck_assert_ok(hs_graph_create(&graph));
    ck_assert_error(hs_net_build(net, graph, 1, 0, 0, &input, &logits), HS_ERR_SHAPE,
                    "expected at most");
    hs_graph_destroy(graph);
    ck_assert_ok(hs_graph_create(&graph));
    ck_assert_error(hs_net_build(net, graph, INT32_MAX, INT32_MAX, 1, &input, &logits),
                    HS_ERR_SHAPE, "expected at most");
    hs_graph_destroy(graph);
    hs_net_destroy(net);
}
END_TEST

/* ---- what a file means ------------------------------------------------------------------------
 */
enum { SIZE = 16 };

/* A small network bound and ready; parameters depend on layer and name only. */
typedef struct ready_net {
    hs_net *net;
    hs_graph *graph;
    hs_params *params;
    hs_plan *plan;
    hs_value input, logits;
    hs_shape out;
} ready_net;

static uint32_t hash(const char *text)
{
    uint32_t h = 1;
    while (*text)
        h = 31 * h + (unsigned char)*text++;
    return h;
}

static ready_net make_ready(const char *text)
{
    ready_net r;
    ck_assert_ok(hs_net_parse("t.ini", text, strlen(text), &r.net));
    ck_assert_ok(hs_graph_create(&r.graph));
    ck_assert_ok(hs_net_build(r.net, r.graph, 1, 0, 0, &r.input, &r.logits));
    r.out = hs_graph_shape(r.graph, r.logits);
    ck_assert_ok(hs_plan_create(r.graph, HS_INFERENCE, &r.plan));
    ck_assert_ok(hs_params_create(r.graph, false, &r.params));
    hs_params_initialize(r.params, hs_net_get_init(r.net), 1);
    for (int i = 0; i < hs_params_count(r.params); i++) {
        const hs_param_info *info = hs_params_info(r.params, i);
        int64_t count = hs_param_elements(info);
        hs_real *values = malloc(sizeof *values * (size_t)count);
        hs_rng rng = hs_rng_make(1, hash(info->layer), hash(info->name), HS_PURPOSE_TEST);
        for (int64_t k = 0; k < count; k++)
            values[k] = (hs_real)(0.1 + hs_rng_uniform(&rng)); /* variances are positive */
        hs_params_set(r.params, i, values);
        free(values);
    }
    ck_assert_ok(hs_plan_bind(r.plan, r.params, NULL));
    return r;
}

/* Logits for one image of random numbers from -1/2 to 1/2; the caller frees them. */
static hs_real *run_ready(ready_net *r)
{
    hs_real image[SIZE * SIZE], *logits = malloc(sizeof *logits * (size_t)hs_elements(r->out));
    hs_rng rng = hs_rng_make(2, 0, 0, HS_PURPOSE_TEST);
    for (int i = 0; i < SIZE * SIZE; i++)
        image[i] = (hs_real)(hs_rng_uniform(&rng) - 0.5);
    ck_assert_ok(hs_plan_set(r->plan, r->input, image));
    ck_assert_ok(hs_plan_forward(r->plan, 0, 0));
    ck_assert_ok(hs_plan_get(r->plan, r->logits, logits));
    return logits;
}

static void free_ready(ready_net *r)
{
    hs_plan_destroy(r->plan);
    hs_params_destroy(r->params);
    hs_graph_destroy(r->graph);
    hs_net_destroy(r->net);
}

static void assert_same_logits(const char *a_text, const char *b_text)
{
    ready_net a = make_ready(a_text), b = make_ready(b_text);
    hs_real *x = run_ready(&a), *y = run_ready(&b);
    ck_assert(hs_elements(a.out) == hs_elements(b.out) && a.out.c == b.out.c);
    for (int64_t i = 0; i < hs_elements(a.out); i++)
        ck_assert_msg(x[i] == y[i], "logit %lld: %g and %g", (long long)i, (double)x[i],
                      (double)y[i]);
    free(x);
    free(y);
    free_ready(&a);
    free_ready(&b);
}

#define SMALL "[input]\nheight=16\nwidth=16\n"
#define CONV(name, more) "[conv " name "]\nfilters=4\nkernel=3\npad=1\n" more
#define SCORE(more) "[conv score]\nfilters=3\nkernel=1\n" more

START_TEST(order_of_the_file_does_not_matter)
{
    assert_same_logits(SMALL CONV("a", "act=relu\n") CONV("b", "inputs=a\nnorm=batch\n")
                           CONV("c", "inputs=a\n") "[concat d]\ninputs=b,c\n" SCORE("inputs=d\n"),
                       SMALL "[concat d]\ninputs=b,c\n" CONV("c", "inputs=a\n")
                           CONV("b", "inputs=a\nnorm=batch\n") CONV("a", "act=relu\ninputs=input\n")
                               SCORE("inputs=d\n"));
}
END_TEST

START_TEST(norm_and_activation_stand_for_layers)
{
    assert_same_logits(SMALL CONV("a", "norm=batch\nact=leaky\nslope=0.3\n") SCORE(""),
                       SMALL CONV("a", "norm=batch\n") "[leaky_relu l]\nslope=0.3\n" SCORE(""));
    assert_same_logits(SMALL "[conv a]\nfilters=4\nkernel=3,3\npad=1,1\nact=relu\n" SCORE(""),
                       SMALL CONV("a", "") "[relu l]\n" SCORE(""));
    /* The default slope is the paper's. */
    assert_same_logits(SMALL CONV("a", "act=leaky\n") SCORE(""),
                       SMALL CONV("a", "") "[leaky_relu l]\nslope=0.2\n" SCORE(""));
}
END_TEST

START_TEST(slope_changes_what_comes_out)
{
    ready_net a = make_ready(SMALL "[leaky_relu a]\nslope=0.5\n");
    ready_net b = make_ready(SMALL "[leaky_relu a]\nslope=0.25\n");
    hs_real *x = run_ready(&a), *y = run_ready(&b);
    for (int i = 0; i < SIZE * SIZE; i++)
        ck_assert(x[i] > 0 ? x[i] == y[i] : x[i] == 2 * y[i]);
    free(x);
    free(y);
    free_ready(&a);
    free_ready(&b);
}
END_TEST

static bool has_param(const char *text, const char *layer, const char *name)
{
    ready_net r = make_ready(text);
    bool found = false;
    for (int i = 0; i < hs_params_count(r.params); i++) {
        const hs_param_info *info = hs_params_info(r.params, i);
        found |= strcmp(info->layer, layer) == 0 && strcmp(info->name, name) == 0;
    }
    free_ready(&r);
    return found;
}

START_TEST(bias_gives_way_to_batch_norm)
{
    ck_assert(has_param(SMALL CONV("a", ""), "a", "bias"));
    ck_assert(!has_param(SMALL CONV("a", "bias=no\n"), "a", "bias"));
    ck_assert(!has_param(SMALL CONV("a", "norm=batch\n"), "a", "bias"));
    ck_assert(has_param(SMALL CONV("a", "norm=batch\nbias=yes\n"), "a", "bias"));
    ck_assert(has_param(SMALL CONV("a", "norm=batch\n"), "a", "bn_weight"));
    ck_assert(!has_param(SMALL
                         "[conv_transpose t]\nfilters=3\nkernel=4\nstride=2\npad=1\nnorm=batch\n",
                         "t", "bias"));
}
END_TEST

START_TEST(max_unpool_names_its_pool)
{
    ready_net r = make_ready(SMALL "[max_pool p]\n[relu r]\n[max_unpool u]\ninputs=r,p\n");
    hs_real *y = run_ready(&r);
    ck_assert(r.out.h == SIZE && r.out.w == SIZE);
    for (int row = 0; row < SIZE; row += 2)
        for (int col = 0; col < SIZE; col += 2) { /* at most one of each window is left */
            int left = 0;
            for (int i = 0; i < 4; i++)
                left += y[(row + i / 2) * SIZE + col + i % 2] != 0;
            ck_assert_int_le(left, 1);
        }
    free(y);
    free_ready(&r);
}
END_TEST

/* ---- damage -----------------------------------------------------------------------------------
 */
static void build_and_plan(const hs_net *net)
{
    hs_graph *graph;
    hs_plan *plan;
    hs_value input, logits;
    ck_assert_ok(hs_graph_create(&graph));
    if (hs_net_build(net, graph, 2, 0, 0, &input, &logits) == HS_OK) {
        ck_assert_ok(hs_plan_create(graph, HS_TRAINING, &plan));
        ck_assert_uint_gt(hs_plan_bytes(plan), 0);
        hs_plan_destroy(plan);
    } else {
        ck_assert_ptr_nonnull(strstr(hs_error_message(), "fuzz.ini:"));
    }
    hs_graph_destroy(graph);
}

START_TEST(random_bytes_never_crash_the_parser)
{
    enum { ROUNDS = 2000, MOST = 4096 };
    static char text[MOST], mutant[MOST];
    FILE *file = fopen(proposed, "rb");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(text, 1, MOST, file);
    fclose(file);
    ck_assert_uint_lt(size, MOST);
    int parsed = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        hs_rng rng = hs_rng_make(3, round, 0, HS_PURPOSE_TEST);
        memcpy(mutant, text, size);
        uint32_t changes = 1 + hs_rng_below(&rng, 6);
        for (uint32_t i = 0; i < changes; i++) {
            uint32_t at = hs_rng_below(&rng, (uint32_t)size);
            switch (hs_rng_below(&rng, 3)) { /* any byte; a digit; what another place holds */
            case 0:
                mutant[at] = (char)hs_rng_below(&rng, 256);
                break;
            case 1:
                mutant[at] = (char)('0' + hs_rng_below(&rng, 10));
                break;
            default:
                mutant[at] = text[hs_rng_below(&rng, (uint32_t)size)];
            }
        }
        hs_net *net;
        size_t length = round % 8 ? size : hs_rng_below(&rng, (uint32_t)size);
        hs_status status = hs_net_parse("fuzz.ini", mutant, length, &net);
        ck_assert(status == HS_OK || status == HS_ERR_CONFIG);
        if (status == HS_OK) {
            parsed++;
            build_and_plan(net);
        }
        hs_net_destroy(net);
    }
    ck_assert_int_gt(parsed, ROUNDS / 20); /* comments and the like: some stay networks */
    ck_assert_int_lt(parsed, ROUNDS);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

int main(void)
{
    Suite *suite = suite_create("net");
    TCase *tests = tcase_create("net");
    tcase_add_test(tests, proposed_net_has_the_published_size);
    tcase_add_test(tests, proposed_net_takes_other_multiples_of_16);
    tcase_add_loop_test(tests, wrong_files_say_what_and_where, 0, COUNT(wrong_texts));
    tcase_add_test(tests, files_that_are_none);
    tcase_add_loop_test(tests, shapes_that_do_not_fit_say_where, 0, COUNT(wrong_shapes));
    tcase_add_loop_test(tests, sizes_beyond_counting_are_refused, 0, COUNT(too_large));
    tcase_add_test(tests, order_of_the_file_does_not_matter);
    tcase_add_test(tests, norm_and_activation_stand_for_layers);
    tcase_add_test(tests, slope_changes_what_comes_out);
    tcase_add_test(tests, bias_gives_way_to_batch_norm);
    tcase_add_test(tests, max_unpool_names_its_pool);
    tcase_add_test(tests, random_bytes_never_crash_the_parser);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}

#include "support/tiny_run.h"

#include "handseg/dataset.h"
#include "handseg/train.h"
#include "io/hdf5.h"
#include "support/files.h"
#include "support/suite.h"
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 24, SIDE = 14, AREA = HS_TINY_WIDTH * HS_TINY_HEIGHT };

static const char net_text[] =
    "[input]\nheight = 48\nwidth = 64\n"
    "[conv down]\nfilters = 8\nkernel = 4\nstride = 2\npad = 1\nnorm = batch\nact = leaky\n"
    "[conv mid]\nfilters = 12\nkernel = 3\npad = 1\nnorm = batch\nact = relu\n"
    "[dropout drop]\np = 0.1\n"
    "[conv_transpose up]\nfilters = 8\nkernel = 4\nstride = 2\npad = 1\nnorm = batch\n"
    "act = relu\n"
    "[conv score]\nfilters = 3\nkernel = 3\npad = 1\n";

static const char train_text[] =
    "[net]\nfile = net.ini\n"
    "[data]\nfile = %s\n"
    "[augment]\ntranslate = 0.1\nscale = 0.1\n"
    "[optimizer]\nlr = 0.01\n"
    "[train]\nout = %s\nepochs = 8\nbatch = 4\naccumulate = 2\ncheckpoint_minutes = 0.001\n";

/* ---- data -------------------------------------------------------------------------------------
 */
/* A slanted square of `label` with its corner at (left, top). */
static void draw_square(uint16_t *depth, uint8_t *mask, int left, int top, uint8_t label,
                        uint16_t shift)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int at = (top + y) * HS_TINY_WIDTH + left + x, slant = 150 * (x - SIDE / 2);
            depth[at] = (uint16_t)(3500 + shift + (label == 1 ? slant : -slant));
            mask[at] = label;
        }
}

void hs_tiny_dataset(const char *path, const char *right, const char *left, uint16_t shift)
{
    hs_dataset_spec spec = {.height = HS_TINY_HEIGHT,
                            .width = HS_TINY_WIDTH,
                            .classes = 3,
                            .labels = {"background", right, left},
                            .depth_unit = HS_SR300_DEPTH_UNIT,
                            .split_method = "lists"};
    hs_dataset_writer *writer;
    ck_assert_ok(hs_dataset_create(path, &spec, &writer));
    for (int i = 0; i < FRAMES; i++) {
        uint16_t depth[AREA];
        uint8_t mask[AREA] = {0};
        char source[32];
        snprintf(source, sizeof source, "images/tiny-%d.png", i);
        for (int p = 0; p < AREA; p++)
            depth[p] = (uint16_t)(p % 11 == i % 11 ? 0 : 7000 + 10 * (p / HS_TINY_WIDTH));
        draw_square(depth, mask, 2 + 5 * i % 14, 2 + 7 * i % 30, 1, shift);
        draw_square(depth, mask, 34 + 3 * i % 14, 2 + 11 * i % 30, 2, shift);
        hs_frame_info info = {.subject = 1 + i / 6,
                              .number = i,
                              .split = i < HS_TINY_TRAIN                 ? HS_SPLIT_TRAIN
                                       : i < HS_TINY_TRAIN + HS_TINY_VAL ? HS_SPLIT_VAL
                                                                         : HS_SPLIT_TEST,
                              .source = source};
        ck_assert_ok(hs_dataset_append(writer, 1, &info, depth, mask));
    }
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
}

const char *hs_tiny_config(void)
{
    static char config[512];
    if (!config[0]) {
        char text[2048];
        hs_tiny_dataset(hs_test_path("tiny.h5"), "right", "left", 0);
        hs_test_write(hs_test_path("net.ini"), net_text, sizeof net_text - 1);
        int size =
            snprintf(text, sizeof text, train_text, hs_test_path("tiny.h5"), hs_test_path("run"));
        snprintf(config, sizeof config, "%s", hs_test_path("train.ini"));
        hs_test_write(config, text, (size_t)size);
    }
    return config;
}

/* ---- runs -------------------------------------------------------------------------------------
 */
const char *hs_tiny_options(const char *out, const char *more)
{
    static char options[4][2048];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(options[turn], sizeof options[turn], "train %s --quiet --set train.out=%s %s",
             hs_tiny_config(), hs_test_path(out), more);
    return options[turn];
}

hs_status hs_tiny_train(const char *out, const char *overrides, bool resume)
{
    char text[1024], folder[600], *rest = text;
    const char *list[32];
    int n = 0;
    snprintf(folder, sizeof folder, "train.out=%s", hs_test_path(out));
    snprintf(text, sizeof text, "%s", overrides);
    list[n++] = folder;
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
        list[n++] = word;
    return hs_train(hs_tiny_config(), list, n, resume);
}

hs_status hs_tiny_train_file(const char *out, const char *config)
{
    char folder[600];
    snprintf(folder, sizeof folder, "train.out=%s", hs_test_path(out));
    return hs_train(config, (const char *const[]){folder}, 1, false);
}

const char *hs_tiny_path(const char *out, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", out, name);
    return hs_test_path(path);
}

/* ---- comparing --------------------------------------------------------------------------------
 */
static unsigned char *read_array(hs_h5 *file, const char *name, size_t *bytes)
{
    hs_h5_type type;
    int rank;
    int64_t dims[HS_H5_MAX_RANK];
    ck_assert_ok(hs_h5_shape(file, name, &type, &rank, dims));
    *bytes = hs_h5_type_size(type);
    for (int i = 0; i < rank; i++)
        *bytes *= (size_t)dims[i];
    unsigned char *data = malloc(*bytes);
    ck_assert_ok(hs_h5_read(file, name, type, rank, dims, data));
    return data;
}

static void compare_arrays(hs_h5 *a, hs_h5 *b, const char *name)
{
    size_t a_bytes, b_bytes;
    unsigned char *x = read_array(a, name, &a_bytes), *y = read_array(b, name, &b_bytes);
    ck_assert_msg(a_bytes == b_bytes && memcmp(x, y, a_bytes) == 0, "%s differs", name);
    free(x);
    free(y);
}

/* Compares all arrays below a group that lie `depth` groups down. */
static int compare_groups(hs_h5 *a, hs_h5 *b, const char *group, int depth)
{
    hs_arena arena = {0};
    const char *const *names, *const *others;
    int n, m, arrays = 0;
    ck_assert_ok(hs_h5_list(a, group, &arena, &n, &names));
    ck_assert_ok(hs_h5_list(b, group, &arena, &m, &others));
    ck_assert_msg(n == m, "%s holds %d and %d", group, n, m);
    for (int i = 0; i < n; i++) {
        char name[512];
        ck_assert_uint_lt(strlen(group) + strlen(names[i]) + 1, sizeof name);
        snprintf(name, sizeof name, "%s/%s", group, names[i]);
        ck_assert_str_eq(names[i], others[i]);
        if (depth == 0 || strcmp(name, "/optimizer/step") == 0) {
            compare_arrays(a, b, name);
            arrays++;
        } else {
            arrays += compare_groups(a, b, name, depth - 1);
        }
    }
    hs_arena_free(&arena);
    return arrays;
}

void hs_tiny_assert_same(const char *a_path, const char *b_path)
{
    static const char *const integers[] = {"seed",  "step",       "epoch",
                                           "batch", "best_epoch", "best_step"};
    hs_h5 *a, *b;
    double x, y;
    ck_assert_ok(hs_h5_open(a_path, &a));
    ck_assert_ok(hs_h5_open(b_path, &b));
    ck_assert_int_ge(compare_groups(a, b, "/params", 1), 17);
    ck_assert_int_ge(compare_groups(a, b, "/optimizer", 2), 12);
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        int64_t m, n;
        ck_assert_ok(hs_h5_get_i64(a, "/train", integers[i], &m));
        ck_assert_ok(hs_h5_get_i64(b, "/train", integers[i], &n));
        ck_assert_msg(m == n, "%s: %lld and %lld", integers[i], (long long)m, (long long)n);
    }
    ck_assert_ok(hs_h5_get_f64(a, "/train", "best_miou", &x));
    ck_assert_ok(hs_h5_get_f64(b, "/train", "best_miou", &y));
    ck_assert_msg(x == y, "best_miou: %.17g and %.17g", x, y);
    hs_h5_close(a);
    hs_h5_close(b);
}

/* Takes columns 5 and 6, images_per_s and wait, out of a row. */
static void cut_times(char *row)
{
    char *from = row, *to;
    for (int column = 0; column < 5; column++)
        from = strchr(from, ',') + 1;
    to = from;
    for (int column = 0; column < 2; column++)
        to = strchr(to, ',') + 1;
    memmove(from, to, strlen(to) + 1);
}

void hs_tiny_assert_same_log(const char *a_path, const char *b_path)
{
    FILE *a = fopen(a_path, "r"), *b = fopen(b_path, "r");
    ck_assert(a != NULL && b != NULL);
    char x[1024], y[1024];
    for (int step = 0;; step++) {
        bool more = fgets(x, sizeof x, a) != NULL;
        ck_assert(more == (fgets(y, sizeof y, b) != NULL));
        if (!more)
            break;
        cut_times(x);
        cut_times(y);
        ck_assert_str_eq(x, y);
        if (step > 0) /* after the header */
            ck_assert_int_eq(strtol(x, NULL, 10), step);
    }
    fclose(a);
    fclose(b);
}

/* The memory that a forest's training says it takes at most, against what it takes: labels are
 * noise of many classes, so that trees become as large as they can, nearly a leaf for each pixel.
 */
#include "support/fault.h"
#include "support/files.h"
#include "support/suite.h"

#include "base/rng.h"
#include "handseg/dataset.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 96, WIDTH = 128, TRAIN = 20, VALIDATE = 2, CLASSES = 15 };

static const char text[] = "[input]\nheight = 96\nwidth = 128\n"
                           "[forest]\ntrees = 3\ndepth = 30\ncandidates = 4\nthresholds = 2\n"
                           "pixels = 10000\noffset = 40\nleast = 1\n"
                           "[augment]\nflip = no\ntranslate = 0\nscale = 0\n"
                           "[data]\nfile = %s\n"
                           "[train]\nout = %s\ncheckpoint_minutes = 10\n";

static void write_noise(const char *path)
{
    hs_dataset_spec spec = {.height = HEIGHT,
                            .width = WIDTH,
                            .classes = CLASSES,
                            .labels = {"background", "right", "left", "d", "e", "f", "g", "h", "i",
                                       "j", "k", "l", "m", "n", "o"},
                            .depth_unit = HS_SR300_DEPTH_UNIT,
                            .split_method = "lists"};
    hs_dataset_writer *writer;
    hs_rng rng = hs_rng_make(1, 0, 0, HS_PURPOSE_TEST);
    ck_assert_ok(hs_dataset_create(path, &spec, &writer));
    for (int i = 0; i < TRAIN + VALIDATE; i++) {
        static uint16_t depth[HEIGHT * WIDTH];
        static uint8_t mask[HEIGHT * WIDTH];
        hs_frame_info info = {.subject = 1,
                              .number = i,
                              .split = i < TRAIN ? HS_SPLIT_TRAIN : HS_SPLIT_VAL,
                              .source = "noise.png"};
        for (int p = 0; p < HEIGHT * WIDTH; p++) {
            depth[p] = (uint16_t)(4000 + hs_rng_below(&rng, 8000));
            mask[p] = (uint8_t)hs_rng_below(&rng, CLASSES);
        }
        ck_assert_ok(hs_dataset_append(writer, 1, &info, depth, mask));
    }
    ck_assert_ok(hs_dataset_finish(writer));
    hs_dataset_drop(writer);
}

static const char *config_path(void)
{
    char data[512], config[2048];
    const char *path = hs_test_path("forest.ini");
    snprintf(data, sizeof data, "%s", hs_test_path("noise.h5"));
    write_noise(data);
    int size = snprintf(config, sizeof config, text, data, hs_test_path("run"));
    hs_test_write(path, config, (size_t)size);
    return path;
}

static double number_after(const char *output, const char *what)
{
    const char *at = strstr(output, what);
    ck_assert_msg(at != NULL, "'%s' lacks '%s'", output, what);
    return strtod(at + strlen(what), NULL);
}

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

START_TEST(takes_no_more_than_it_says)
{
    char arguments[1024], output[8192];
    size_t size;
    const char *config = config_path();
    if (SANITIZED) {
        hs_skip("planned memory: the sanitizer's own memory would be counted");
        return;
    }
    snprintf(arguments, sizeof arguments, "train %s", config);
    ck_assert_int_eq(
        hs_test_wait(hs_test_start("export OMP_NUM_THREADS=2", arguments, hs_test_path("output"))),
        0);
    unsigned char *said = hs_test_read(hs_test_path("output"), &size);
    snprintf(output, sizeof output, "%.*s", (int)size, (const char *)said);
    free(said);
    double used = (double)hs_test_peak() / (1 << 20);
    double stated = number_after(output, "memory: at most ");
    double program = number_after(output, ", program ");
    ck_assert_msg(used < stated, "%.0f MiB used, at most %.0f stated", used, stated);
    ck_assert_msg(used - program > (stated - program) / 2,
                  "%.0f MiB used, %.0f stated: too little to measure", used, stated);
    snprintf(arguments, sizeof arguments, "info %s", config);
    ck_assert_int_eq(hs_test_run(arguments, output, sizeof output), 0);
    /* The program itself is not of the same size in both. */
    ck_assert_double_eq_tol(number_after(output, "memory      at most "), stated, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forest memory");
    TCase *tests = tcase_create("forest memory");
    if (hs_have_program())
        tcase_add_test(tests, takes_no_more_than_it_says);
    suite_add_tcase(suite, tests);
    return hs_run_suite(suite);
}
